import { z } from 'zod/v4';
import { FALSE_ALARMS_A_YEAR, listMonitors, usualHours } from '../../../app/monitors.js';
import { notWatched } from '../../../app/watchModel.js';
import { ALL_WATCHES } from '../../../app/watches/index.js';
import { own } from '../../../domain/dictionary.js';
import { watchId } from '../../../domain/monitor.js';
import { fieldMeta, unwrap } from '../../../domain/ui.js';
import { WATCHES } from '../../../domain/watches.js';
import { consoleRoute } from '../contract.js';
import { heldOf } from '../held/held.js';
import { name, refuseOthers, unknown } from './routeParts.js';

const field = z.object({
	/** Of the parameter. */
	name: z.string(),
	title: z.string(),
	description: z.string(),
	kind: z.enum(['text', 'number', 'choice']),
	/** What counts where nobody says; none: nothing does. */
	fallback: z.union([z.string(), z.number()]).optional(),
	choices: z.array(z.object({ id: z.string(), label: z.string() })).optional(),
	placeholder: z.string().optional(),
	/** Most people need not look at it. */
	rarely: z.boolean(),
	/** It is asked for only where another one has one of these values. */
	when: z.object({ name: z.string(), values: z.array(z.string()) }).optional(),
});

/** What a form asks for a parameter, from its schema. */
function fieldOf([key, schema]: [string, z.ZodType]): z.input<typeof field> {
	const { inner, fallback } = unwrap(schema);
	const { title = key, description = '', labels = {}, placeholder, advanced: rarely = false, when } = fieldMeta(schema);
	const [condition] = Object.entries(when ?? {});
	return {
		...{ name: key, title, description, rarely },
		kind: inner instanceof z.ZodEnum ? 'choice' : inner instanceof z.ZodNumber ? 'number' : 'text',
		...(typeof fallback === 'string' || typeof fallback === 'number' ? { fallback } : {}),
		...(inner instanceof z.ZodEnum
			? { choices: inner.options.map((id) => ({ id: String(id), label: own(labels, String(id)) ?? String(id) })) }
			: {}),
		...(placeholder ? { placeholder } : {}),
		...(condition ? { when: { name: condition[0], values: condition[1].map(String) } } : {}),
	};
}

/** All that a form for monitors of a model offers. */
export const watches = consoleRoute({
	method: 'GET',
	path: '/models/:model/watches',
	role: 'viewer',
	summary: 'What can be watched of a model: what each watch asks and what counts where nobody says, and which monitors there are already.',
	params: z.object({ model: name }),
	answer: z.object({
		aliases: z.array(z.string()),
		/** The newest first. */
		versions: z.array(z.number().int()),
		/** Columns by whose values answers can be looked at separately. */
		columns: z.array(z.string()),
		falseAlarms: z.number(),
		watches: z.array(
			z.object({
				id: watchId,
				label: z.string(),
				asks: z.string(),
				hours: z.number(),
				fields: z.array(field),
				/** Why it makes no sense for this model. */
				not: z.string().optional(),
				/** Monitors of the alias `champion` that watch it already. */
				monitors: z.array(z.string()),
			}),
		),
	}),
	async does(state, { params: { model }, who }) {
		refuseOthers(who, model);
		const { store } = state;
		const newest = await store.find('modelVersion', model);
		if (!newest) throw unknown(`The model "${model}"`);
		const run = await store.get('run', newest.body.runId).catch(() => undefined);
		const dataset = run && (await store.get('dataset', run.body.datasetId).catch(() => undefined));
		const aliases = [...((await heldOf(state).aliases.read()).get(model)?.keys() ?? [])];
		const monitors = (await listMonitors(store, { model })).filter(({ body }) => body.alias === 'champion');
		const not = run ? notWatched(run.body.task) : {};
		return {
			aliases: aliases.sort((a, b) => Number(b === 'champion') - Number(a === 'champion') || (a < b ? -1 : 1)),
			versions: Array.from({ length: newest.version }, (_, i) => newest.version - i),
			columns: (dataset?.body.columns ?? [])
				.filter(({ name: of, role }) => of !== run?.body.target && role === 'feature')
				.map((c) => c.name),
			falseAlarms: FALSE_ALARMS_A_YEAR,
			watches: ALL_WATCHES.map(({ id, params }) => ({
				...{ id, label: WATCHES[id][0], asks: WATCHES[id][1], hours: usualHours(id) },
				fields: Object.entries(params.shape as Record<string, z.ZodType>).map(fieldOf),
				...(not[id] ? { not: not[id] } : {}),
				monitors: monitors.filter(({ body }) => body.watch === id).map(({ name: monitor }) => monitor),
			})),
		};
	},
});
