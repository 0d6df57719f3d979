import { z } from 'zod/v4';
import { own } from '../../../domain/dictionary.js';
import { metricValues, runRecord } from '../../../domain/run.js';
import { chosenRows } from '../../../learn/ensemble/chosenRows.js';
import { consoleRoute, type Who } from '../contract.js';
import { heldOf, type Held, type RunRow } from '../held/held.js';
import { heldPage } from '../held/heldRows.js';
import { ORDERS, pageOf, pageQuery } from '../paging.js';
import { differenceOf } from './differenceSchemas.js';
import { datasetRef, holding, maySee, moment, name, quality, refuseOthers, text } from './routeParts.js';
import { runDifferences } from './versionRoutes.js';

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

const valueOf = (sort: string): ((run: RunRow) => number | string | undefined) | undefined => {
	if (!sort.startsWith('metric:')) return own(COLUMNS, sort);
	const metric = sort.slice('metric:'.length);
	return (run) => own(run.metrics, metric);
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
		const datasets = await held.datasets.read();
		const datasetOf = ({ datasetId }: RunRow) => held.datasets.get(datasetId);
		const page = await heldPage(held.runs, {
			list: 'runs',
			asked: query,
			also: who.models?.join('\n'),
			order: query.order,
			value: valueOf(query.sort),
			keep: keeps(query, who, (called) => datasets.flatMap((row) => (row.name === called ? [row.id] : []))),
		});
		const registered = registrations(await held.versions.read());
		return { ...page, entries: page.entries.map((run) => ({ ...run, dataset: datasetOf(run), registered: registered.get(run.id) ?? [] })) };
	},
});

/** Whether a run is meant; undefined where all are. Only what was asked for is looked at. */
function keeps(
	{ text: part, model, learner, task, target, dataset, metric, min, max, since, until }: z.output<typeof runsQuery>,
	who: Who,
	datasetIds: (name: string) => string[],
): ((run: RunRow) => boolean) | undefined {
	const tests: Array<(run: RunRow) => boolean> = [];
	if (model !== undefined) tests.push((run) => run.name === model);
	if (learner !== undefined) tests.push((run) => run.learner === learner);
	if (task !== undefined) tests.push((run) => run.task === task);
	if (target !== undefined) tests.push((run) => run.target === target);
	if (dataset !== undefined) {
		const ids = new Set([dataset, ...datasetIds(dataset)]);
		tests.push((run) => ids.has(run.datasetId));
	}
	if (since !== undefined) tests.push((run) => run.createdAt >= since);
	if (until !== undefined) tests.push((run) => run.createdAt < until);
	if (metric !== undefined)
		tests.push((run) => {
			const value = own(run.metrics, metric);
			return value !== undefined && (min === undefined || value >= min) && (max === undefined || value <= max);
		});
	if (part !== undefined) {
		const found = holding(part);
		tests.push((run) => run.id === part || found(run.name) || found(run.learner) || found(run.target));
	}
	if (who.models) tests.push((run) => maySee(who, run.name));
	if (tests.length === 0) return undefined;
	return (run) => {
		for (const test of tests) if (!test(run)) return false;
		return true;
	};
}

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
		if (who.models)
			return shownFacets(
				countInto(
					noFacets(),
					all.filter((run) => maySee(who, run.name)),
					held.datasets,
				),
			);
		// Runs never change: those that were counted stay so.
		const known = facets.get(held) ?? noFacets();
		facets.set(held, known);
		return shownFacets(countInto(known, all.slice(known.total), held.datasets));
	},
});

const FACETS = ['models', 'learners', 'tasks', 'targets', 'datasets', 'metrics'] as const;
type Facets = { total: number } & Record<(typeof FACETS)[number], Map<string, number>>;
const facets = new WeakMap<Held, Facets>();

const noFacets = (): Facets => ({
	total: 0,
	...(Object.fromEntries(FACETS.map((name) => [name, new Map<string, number>()])) as Omit<Facets, 'total'>),
});

function countInto(counts: Facets, runs: readonly RunRow[], datasets: Held['datasets']): Facets {
	const add = (counted: Map<string, number>, called: string): void => void counted.set(called, (counted.get(called) ?? 0) + 1);
	for (const run of runs) {
		counts.total++;
		add(counts.models, run.name);
		add(counts.learners, run.learner);
		add(counts.tasks, run.task);
		add(counts.targets, run.target);
		add(counts.datasets, datasets.get(run.datasetId)?.name ?? run.datasetId);
		for (const metric of Object.keys(run.metrics)) add(counts.metrics, metric);
	}
	return counts;
}

/** The most frequent ones are enough to choose from; a name can be typed as well. */
function shownFacets({ total, ...counted }: Facets) {
	const most = (name: (typeof FACETS)[number]) =>
		[...counted[name]]
			.map(([called, count]) => ({ name: called, count }))
			.sort((a, b) => b.count - a.count)
			.slice(0, MOST_FACETS);
	return {
		total,
		models: most('models'),
		learners: most('learners'),
		tasks: most('tasks'),
		targets: most('targets'),
		datasets: most('datasets'),
		metrics: most('metrics'),
	};
}

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
		/** Places in the leaderboard of those that the model was made of. */
		chosen: z.array(z.number().int()),
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
		await held.evaluations.refresh();
		const made = await store.lineage(record.id, 'down', MOST_MADE);
		return {
			...record.body,
			...{ id: record.id, name: record.name, version: record.version, createdAt: record.createdAt },
			dataset: held.datasets.get(record.body.datasetId),
			registered: registrations(await held.versions.read()).get(record.id) ?? [],
			chosen: chosenRows(record.body),
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
