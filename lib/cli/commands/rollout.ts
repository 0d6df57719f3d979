import {
	abortARollout,
	listRollouts,
	lookAtRollout,
	promoteARollout,
	rolloutChangeRequest,
	rolloutPromoteRequest,
	rolloutReference,
	rolloutStartRequest,
	startARollout,
	stepARollout,
} from '../../app/calls/rolloutCall.js';
import type { ItemRollout } from '../../domain/item.js';
import { defineCommand, type Answer } from '../contract.js';
import { textTable } from '../textTable.js';

const answer = ({ fields }: { fields: { rollout: ItemRollout } }): Answer => {
	const { text, waits, findings = [] } = fields.rollout;
	return {
		json: fields,
		text: [text, ...findings.map((f) => `${f.broken ? 'broken' : 'holds'}: ${f.text}`), ...(waits ? [waits] : [])].join('\n'),
	};
};

/** Deploy's operations that let a version in carefully. */
export const rolloutStart = defineCommand({
	name: 'rollout start',
	does: 'Lets a new version in carefully: a canary, a shadow, or an A/B test beneath an alias; needs what deploy needs.',
	args: ['kind', 'model'],
	options: rolloutStartRequest,
	examples: ['mlops rollout start canary churn@8 --shares "[5,25,50]" --answers 1000 --minutes 60', 'mlops rollout start shadow churn@8'],
	run: async (options, desk) => answer(await startARollout(await desk.session(), options)),
});

export const rolloutStatus = defineCommand({
	name: 'rollout status',
	does: 'Says how a rollout stands: its step, what guards and truth say, what it waits for. Without a model, lists all.',
	args: ['model'],
	options: rolloutReference,
	async run(options, desk) {
		const session = await desk.session();
		if (options.model !== undefined || options.id !== undefined) return answer(await lookAtRollout(session, options));
		const all = await listRollouts(session);
		return {
			json: all,
			text: all.length
				? textTable(
						['Rollout', 'Kind', 'Stable', 'Candidates', 'State', 'Step'],
						all.map((r) => [
							r.id,
							r.kind,
							`${r.model}@${r.stable}`,
							r.candidates.map((c) => c.version).join(', '),
							r.state,
							`${r.step} of ${r.steps}`,
						]),
					)
				: 'There are none.',
		};
	},
});

export const rolloutStep = defineCommand({
	name: 'rollout step',
	does: 'Gives the new version of a canary its next share at once.',
	args: ['model'],
	options: rolloutChangeRequest,
	run: async (options, desk) => answer(await stepARollout(await desk.session(), options)),
});

export const rolloutPromote = defineCommand({
	name: 'rollout promote',
	does: 'Ends a rollout well: the alias points to its new version, if gate and approval allow it.',
	args: ['model'],
	options: rolloutPromoteRequest,
	examples: ['mlops rollout promote churn --reason "no guard was broken in a week"'],
	run: async (options, desk) => answer(await promoteARollout(await desk.session(), options)),
});

export const rolloutAbort = defineCommand({
	name: 'rollout abort',
	does: 'Ends a rollout: all callers get the stable version again, within two seconds.',
	args: ['model'],
	options: rolloutChangeRequest,
	run: async (options, desk) => answer(await abortARollout(await desk.session(), options)),
});
