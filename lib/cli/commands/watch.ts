import { z } from 'zod/v4';
import { changeMonitor, listMonitors, makeMonitor, monitorChange, monitorRequest, type Monitor } from '../../app/monitors.js';
import { verdictsOf, type Verdict } from '../../app/verdicts.js';
import { watchModel } from '../../app/watchModel.js';
import { WATCHES } from '../../domain/watches.js';
import { defineCommand, type Answer } from '../contract.js';
import { moment, textTable } from '../textTable.js';

const { watch: what, ...others } = monitorRequest.shape;
const reason = z.string().optional().meta({ description: 'Why, for the audit log', placeholder: 'TEXT' });
const ofId = z.object({ id: z.string().meta({ description: 'Id of the monitor', placeholder: 'ID' }), reason });

const windowOf = ({ window }: Monitor['body']): string => (window.by === 'time' ? `${window.hours} h` : `${window.rows} rows`);
const answer = ({ body }: Monitor): Answer => ({
	json: body,
	text: `${body.id}: ${WATCHES[body.watch][0]} of ${body.model}, ${body.state}.`,
});

/** Watches a model: all that can be watched of it, or one thing as it is wished. */
export const watchOn = defineCommand({
	name: 'watch on',
	does: 'Watches a model while a model server runs: all that can be watched of it, or one thing.',
	args: ['model', 'watch'],
	options: z.object({ ...others, watch: what.optional().meta(what.meta()!), reason }),
	examples: ['mlops watch on churn', 'mlops watch on churn data --segments region --false-alarms 0.5'],
	async run({ watch, reason: why, ...options }, desk) {
		const { store, actor } = await desk.session();
		const acting = { actor, ...(why ? { reason: why } : {}) };
		if (watch) return answer(await makeMonitor(store, { ...options, watch }, acting));
		const { model, alias, segments } = options;
		const watching = await watchModel(store, { model, alias, segments, watch: [], ...acting });
		return { json: watching, text: [watching.text, ...watching.monitors.map(({ id }) => id)].join('\n') };
	},
});

export const watchList = defineCommand({
	name: 'watch list',
	does: 'Lists the monitors, with what each found last.',
	args: ['model'],
	options: z.object({
		model: z.string().optional().meta({ description: 'Name of a model', placeholder: 'NAME' }),
		ended: z.boolean().default(false).meta({ description: 'Also those that have ended' }),
	}),
	async run({ model, ended }, desk) {
		const { store } = await desk.session();
		const monitors = await listMonitors(store, { model, ended });
		const last = await Promise.all(monitors.map(async ({ name }) => (await verdictsOf(store, name, 10))[0] as Verdict | undefined));
		const rows = monitors.map(({ body }, i) => {
			const { until, verdict, summary } = last[i]?.body ?? {};
			return [body.id, WATCHES[body.watch][0], windowOf(body), body.state, until ? moment(until) : '', verdict ?? '', summary ?? ''];
		});
		return {
			json: monitors.map(({ body }, i) => ({ ...body, ...(last[i] ? { last: last[i].body } : {}) })),
			text: rows.length
				? textTable(['Monitor', 'Watches', 'Window', 'State', 'Looked until (UTC)', 'Verdict', ''], rows)
				: 'There are none. Begin with: mlops watch on MODEL',
		};
	},
});

export const watchShow = defineCommand({
	name: 'watch show',
	does: 'Shows what a monitor found, window by window, the latest first.',
	args: ['id'],
	options: ofId.omit({ reason: true }).extend({ limit: z.number().int().min(1).max(1_000).default(20).meta({ description: 'Windows' }) }),
	async run({ id, limit }, desk) {
		const { store } = await desk.session();
		const verdicts = (await verdictsOf(store, id)).slice(0, limit).map(({ body }) => body);
		const rows = verdicts.map((v) => [moment(v.from), moment(v.until), v.rows, v.verdict, v.incident ?? '', v.summary]);
		return {
			json: verdicts,
			text: rows.length ? textTable(['From (UTC)', 'Until', 'Answers', 'Verdict', 'Incident', ''], rows) : 'It has not looked at any yet.',
		};
	},
});

export const watchChange = defineCommand({
	name: 'watch change',
	does: 'Changes how a monitor looks.',
	args: ['id'],
	options: ofId.extend(monitorChange.omit({ state: true }).shape),
	async run({ id, reason: why, ...change }, desk) {
		const { store, actor } = await desk.session();
		return answer(await changeMonitor(store, id, change, { actor, ...(why ? { reason: why } : {}) }));
	},
});

const turning = (name: string, does: string, state: 'active' | 'paused' | 'ended') =>
	defineCommand({
		name: `watch ${name}`,
		does,
		args: ['id'],
		options: ofId,
		async run({ id, reason: why }, desk) {
			const { store, actor } = await desk.session();
			return answer(await changeMonitor(store, id, { state }, { actor, ...(why ? { reason: why } : {}) }));
		},
	});

export const watchPause = turning('pause', 'Pauses a monitor: what happens meanwhile is not looked at.', 'paused');
export const watchResume = turning('resume', 'Lets a paused monitor look again, from now on.', 'active');
export const watchEnd = turning('end', 'Ends a monitor for good.', 'ended');
