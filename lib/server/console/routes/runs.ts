import { z } from 'zod/v4';
import { own } from '../../../domain/dictionary.js';
import { metricValues, runRecord } from '../../../domain/run.js';
import { consoleRoute } from '../contract.js';
import { heldOf, type RunRow } from '../held/held.js';
import { heldPage } from '../held/rows.js';
import { ORDERS, pageOf, pageQuery } from '../paging.js';
import { differenceOf } from './differences.js';
import { datasetRef, holds, maySee, moment, name, quality, refuseOthers, text } from './shared.js';
import { runDifferences } from './versions.js';

const runEntry = z.object({
	id: z.string(),
	/** The name that the model would have. */
	name: z.string(),
	version: z.number().int(),
	createdAt: z.string(),
	learner: z.string(),
	task: z.string(),
	target: z.string(),
	dataset: datasetRef.optional(),
	/** Of the validation rows. */
	metrics: metricValues,
	/** The metric that ranks. */
	primary: z.string(),
	seconds: z.number(),
	rows: z.object({ train: z.number(), validation: z.number(), test: z.number() }),
	backend: z.string(),
	/** How many things there are to know about it. */
	notes: z.number().int(),
	/** Versions of models that it became. */
	registered: z.array(z.object({ model: z.string(), version: z.number().int() })),
});

/** What runs may be sorted by: one of these, or a metric by its name. */
const COLUMNS = {
	created: undefined,
	name: (run: RunRow) => run.name,
	learner: (run: RunRow) => run.learner,
	seconds: (run: RunRow) => run.seconds,
	rows: (run: RunRow) => run.rows.train,
	quality: (run: RunRow) => own(run.metrics, run.primary),
} as const;

const sortOf = (sort: string): { key: string; value(run: RunRow): number | string | undefined } | undefined => {
	if (sort.startsWith('metric:')) {
		const metric = sort.slice('metric:'.length);
		return { key: sort, value: (run) => own(run.metrics, metric) };
	}
	const value = own(COLUMNS, sort);
	return value && { key: sort, value };
};

const runsQuery = pageQuery.extend({
	text,
	model: name.optional().meta({ description: "The model's name" }),
	learner: name.optional(),
	task: name.optional(),
	target: name.optional(),
	dataset: name.optional().meta({ description: "A dataset's name, or the id of one of its versions" }),
	metric: name.optional().meta({ description: 'Only runs that have this metric, with `min` and `max`' }),
	min: z.coerce.number().optional(),
	max: z.coerce.number().optional(),
	since: moment.optional(),
	until: moment.optional(),
	sort: z
		.union([z.enum(Object.keys(COLUMNS) as [keyof typeof COLUMNS]), z.string().regex(/^metric:.{1,100}$/)])
		.default('created')
		.meta({ description: '`created`, `name`, `learner`, `seconds`, `rows`, `quality` (by the metric that ranked it), or `metric:auc`' }),
	order: z.enum(ORDERS).default('desc'),
});

export const runs = consoleRoute({
	method: 'GET',
	path: '/runs',
	role: 'viewer',
	summary: 'Finished trainings, to sort and to filter.',
	query: runsQuery,
	answer: pageOf(runEntry),
	async does(state, { query, who }) {
		const held = heldOf(state);
		await held.datasets.read();
		const datasetOf = ({ datasetId }: RunRow) => held.datasets.get(datasetId);
		const { model, learner, task, target, dataset, metric, min, max, since, until } = query;
		const within = (value: number | undefined): boolean =>
			value !== undefined && (min === undefined || value >= min) && (max === undefined || value <= max);
		const page = await heldPage(held.runs, {
			list: 'runs',
			asked: query,
			order: query.order,
			sort: sortOf(query.sort),
			keep: (run) =>
				maySee(who, run.name) &&
				(model === undefined || run.name === model) &&
				(learner === undefined || run.learner === learner) &&
				(task === undefined || run.task === task) &&
				(target === undefined || run.target === target) &&
				(dataset === undefined || run.datasetId === dataset || datasetOf(run)?.name === dataset) &&
				(metric === undefined || within(own(run.metrics, metric))) &&
				(since === undefined || run.createdAt >= since) &&
				(until === undefined || run.createdAt < until) &&
				(query.text === undefined ||
					run.id === query.text ||
					[run.name, run.learner, run.target].some((where) => holds(where, query.text))),
		});
		const registered = registrations(await held.versions.read());
		return { ...page, entries: page.entries.map((run) => ({ ...run, dataset: datasetOf(run), registered: registered.get(run.id) ?? [] })) };
	},
});

/** Versions of models by the runs that they came from. */
function registrations(versions: ReadonlyArray<{ runId: string; name: string; version: number }>) {
	const found = new Map<string, Array<{ model: string; version: number }>>();
	for (const { runId, name: model, version } of versions) {
		const known = found.get(runId);
		if (known) known.push({ model, version });
		else found.set(runId, [{ model, version }]);
	}
	return found;
}

/** Names with the number of runs, the most frequent first. */
const facet = z.array(z.object({ name: z.string(), count: z.number().int() }));
const MOST_FACETS = 200;

export const runFacets = consoleRoute({
	method: 'GET',
	path: '/runs/facets',
	role: 'viewer',
	summary:
		'What finished trainings can be filtered by: the names of models, learners, tasks, targets, datasets and metrics, with their numbers.',
	answer: z.object({
		total: z.number().int(),
		models: facet,
		learners: facet,
		tasks: facet,
		targets: facet,
		datasets: facet,
		metrics: facet,
	}),
	async does(state, { who }) {
		const held = heldOf(state);
		await held.datasets.read();
		const all = await held.runs.read();
		const count = (names: (run: RunRow) => readonly string[]) => {
			const counts = new Map<string, number>();
			for (const run of all) if (maySee(who, run.name)) for (const found of names(run)) counts.set(found, (counts.get(found) ?? 0) + 1);
			// The most frequent ones are enough to choose from; a name can be typed as well.
			return [...counts]
				.map(([called, n]) => ({ name: called, count: n }))
				.sort((a, b) => b.count - a.count)
				.slice(0, MOST_FACETS);
		};
		return {
			total: all.filter((run) => maySee(who, run.name)).length,
			models: count((run) => [run.name]),
			learners: count((run) => [run.learner]),
			tasks: count((run) => [run.task]),
			targets: count((run) => [run.target]),
			datasets: count((run) => [held.datasets.get(run.datasetId)?.name ?? run.datasetId]),
			metrics: count((run) => Object.keys(run.metrics)),
		};
	},
});

const runParams = z.object({ run: name });

export const run = consoleRoute({
	method: 'GET',
	path: '/runs/:run',
	role: 'viewer',
	summary: 'A training: parameters, stages, learning curve, leaderboard, notes, what became of it.',
	params: runParams,
	answer: runRecord.extend({
		id: z.string(),
		name: z.string(),
		version: z.number().int(),
		createdAt: z.string(),
		dataset: datasetRef.optional(),
		registered: z.array(z.object({ model: z.string(), version: z.number().int() })),
		quality: quality.optional(),
		/** Reports about it, the newest first. */
		reports: z.array(z.string()),
	}),
	async does(state, { params, who }) {
		const { store } = state;
		const held = heldOf(state);
		const record = await store.get('run', params.run);
		refuseOthers(who, record.name);
		await held.datasets.read();
		const made = await store.lineage(record.id, 'down', MOST_MADE);
		return {
			...record.body,
			...{ id: record.id, name: record.name, version: record.version, createdAt: record.createdAt },
			dataset: held.datasets.get(record.body.datasetId),
			registered: registrations(await held.versions.read()).get(record.id) ?? [],
			quality: await held.evaluations.of(record.body.model),
			reports: made.flatMap(({ id, kind, links }) => (kind === 'report' && links.includes(record.id) ? [id] : [])).reverse(),
		};
	},
});

const MOST_MADE = 200;

export const runDifference = consoleRoute({
	method: 'GET',
	path: '/runs/:run/differences/:other',
	role: 'viewer',
	summary: 'Two trainings: metrics side by side, and what differs in settings, parameters, data and recipe.',
	params: runParams.extend({ other: name }),
	answer: differenceOf,
	async does({ store }, { params, who }) {
		const [a, b] = [await store.get('run', params.run), await store.get('run', params.other)];
		for (const record of [a, b]) refuseOthers(who, record.name);
		return await runDifferences(store, a, b);
	},
});
