import { z } from 'zod/v4';
import { listRollouts, startAsked } from '../../app/calls/rolloutCall.js';
import { abortRollout, findRollout, promoteRollout, stepRollout } from '../../app/rollouts.js';
import { rolloutStatus } from '../../app/rolloutStatus.js';
import { truthReaderOf } from '../../app/truthReader.js';
import { MlopsError } from '../../domain/errors.js';
import type { MainState } from '../start.js';
import { cutText } from '../../domain/text.js';

const body = z.record(z.string(), z.unknown());
const change = z.object({
	reason: z.string().max(2_000).optional(),
	version: z.number().int().optional(),
	override_reason: z.string().max(2_000).optional(),
});

const read = <T>(schema: z.ZodType<T>, given: unknown): T => {
	const parsed = schema.safeParse(given);
	if (parsed.success) return parsed.data;
	const [issue] = parsed.error.issues;
	throw new MlopsError('input.invalid', `The body cannot be read: ${issue.path.join('.') || 'it'}: ${issue.message}.`, {
		remedy: 'Send a JSON object with the fields that the documentation names.',
	});
};

/** What listeners may ask about rollouts. */
export const ROLLOUT_CALLS = {
	async rolloutList({ store }: MainState, params: unknown) {
		return { rollouts: await listRollouts({ store }, z.object({ model: z.string() }).parse(params).model) };
	},
	async rolloutStatus({ store }: MainState, params: unknown) {
		const record = (await findRollout(store, z.object({ model: z.string(), id: z.string() }).parse(params))).body;
		return (await rolloutStatus(store, record, await truthReaderOf(store, record))).rollout;
	},
	async rolloutStart({ store }: MainState, params: unknown) {
		const { model, actor, body: given } = z.object({ model: z.string(), actor: z.string(), body: z.unknown() }).parse(params);
		const { version, ...asked } = read(body, given);
		const which = read(z.union([z.number().int(), z.string()]), version);
		return await startAsked({ store, actor }, { ...asked, name: model, model: `${model}@${which}` });
	},
	async rolloutChange({ store }: MainState, params: unknown) {
		const at = z.object({ model: z.string(), id: z.string(), what: z.string(), actor: z.string(), body: z.unknown() }).parse(params);
		const { reason, version, override_reason = '' } = read(change, at.body);
		const request = { id: at.id, model: at.model, actor: at.actor, ...(reason ? { reason } : {}) };
		if (at.what === 'step') return await stepRollout(store, request);
		if (at.what === 'abort') return await abortRollout(store, request);
		if (at.what === 'promote') return await promoteRollout(store, { ...request, version, params: { override_reason } });
		throw new MlopsError('serve.request_invalid', `A rollout has no "${cutText(at.what, 50)}".`, { expected: 'step, promote or abort' });
	},
};
