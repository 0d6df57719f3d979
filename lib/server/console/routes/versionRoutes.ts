import { z } from 'zod/v4';
import { recipeDifferences, settingsOf, valueDifferences, metricDifferences, columnDifferences } from '../../../app/differences.js';
import { dictionaryOf, own } from '../../../domain/dictionary.js';
import { comparison, gateResult, interval } from '../../../domain/evaluation.js';
import { recipeStep } from '../../../domain/recipe.js';
import { metricValues } from '../../../domain/run.js';
import type { Store, StoredRecord } from '../../../store/contract.js';
import type { MainState } from '../../start.js';
import { consoleRoute } from '../contract.js';
import { heldOf, type VersionRow } from '../held/held.js';
import { heldPage } from '../held/heldRows.js';
import { ORDERS, pageOf, pageQuery } from '../paging.js';
import { datasetRef, name, quality, refuseOthers, unknown, versionNumber } from './routeParts.js';
import { differenceOf } from './differenceSchemas.js';

const versionEntry = z.object({
	id: z.string(),
	version: z.number().int(),
	createdAt: z.string(),
	/** SHA-256 of its package. */
	digest: z.string(),
	runId: z.string(),
	description: z.string().optional(),
	archived: z.boolean(),
	/** Aliases that point to it now. */
	aliases: z.array(z.string()),
	learner: z.string().optional(),
	quality: quality.optional(),
});

async function entryOf(
	state: MainState,
	row: Pick<VersionRow, 'id' | 'version' | 'createdAt' | 'digest' | 'runId' | 'description'>,
	now: { aliases: Readonly<Record<string, number>>; archived: readonly number[] },
): Promise<z.input<typeof versionEntry>> {
	const held = heldOf(state);
	const { id, version, createdAt, digest, runId, description } = row;
	return {
		...{ id, version, createdAt, digest, runId, description },
		archived: now.archived.includes(version),
		aliases: Object.entries(now.aliases).flatMap(([alias, at]) => (at === version ? [alias] : [])),
		learner: (await held.runs.find(runId))?.learner,
		quality: await held.evaluations.of(digest),
	};
}

const nowOf = async (store: Store, model: string) => ({ aliases: await store.aliases(model), archived: await store.archived(model) });

export const versions = consoleRoute({
	method: 'GET',
	path: '/models/:model/versions',
	role: 'viewer',
	summary: 'The versions of a model.',
	params: z.object({ model: name }),
	query: pageQuery.extend({ order: z.enum(ORDERS).default('desc') }),
	answer: pageOf(versionEntry),
	async does(state, { params, query, who }) {
		refuseOthers(who, params.model);
		const { model } = params;
		const held = heldOf(state);
		await held.evaluations.refresh();
		const page = await heldPage(held.versions, {
			list: 'versions',
			asked: { ...query, model },
			order: query.order,
			keep: (row) => row.name === model,
		});
		const now = await nowOf(state.store, model);
		const entries = [];
		for (const row of page.entries) entries.push(await entryOf(state, row, now));
		return { ...page, entries };
	},
});

async function versionOf(store: Store, model: string, version: number): Promise<StoredRecord<'modelVersion'>> {
	const record = await store.find('modelVersion', model, version);
	if (!record) throw unknown(`Version ${version} of the model "${model}"`);
	return record;
}

/** The run that a version came from; models that were registered from elsewhere may have none here. */
const runOf = async (store: Store, { body }: StoredRecord<'modelVersion'>): Promise<StoredRecord<'run'> | undefined> =>
	await store.get('run', body.runId).catch(() => undefined);

export const version = consoleRoute({
	method: 'GET',
	path: '/models/:model/versions/:version',
	role: 'viewer',
	summary: 'A version of a model: what it was made of, how good it was in its newest evaluation, and what its gate says.',
	params: z.object({ model: name, version: versionNumber }),
	answer: versionEntry.extend({
		tags: dictionaryOf(z.string()),
		run: z
			.object({
				learner: z.string(),
				params: dictionaryOf(z.unknown()),
				task: z.string(),
				target: z.string(),
				metrics: metricValues,
				primary: z.string(),
				seconds: z.number(),
				dataset: datasetRef.optional(),
				recipe: z.array(recipeStep),
			})
			.optional(),
		evaluation: z
			.object({
				id: z.string(),
				at: z.string(),
				rows: z.number(),
				primary: z.string(),
				metrics: dictionaryOf(interval),
				baseline: metricValues,
				gate: gateResult,
				threshold: z.number().optional(),
				comparisons: z.array(comparison),
			})
			.optional(),
	}),
	async does(state, { params, who }) {
		refuseOthers(who, params.model);
		const { store } = state;
		const record = await versionOf(store, params.model, params.version);
		await heldOf(state).evaluations.refresh();
		await heldOf(state).datasets.read();
		const run = await runOf(store, record);
		const dataset = run && heldOf(state).datasets.get(run.body.datasetId);
		const evaluation = await store.evaluationOf(record.body.digest);
		const { id, createdAt, version: number, body } = record;
		return {
			...(await entryOf(state, { ...body, id, version: number, createdAt }, await nowOf(store, params.model))),
			tags: body.tags,
			...(run ? { run: { ...run.body, recipe: run.body.recipe.steps, dataset } } : {}),
			...(evaluation
				? {
						evaluation: {
							...evaluation.body,
							id: evaluation.id,
							at: evaluation.createdAt,
							comparisons: evaluation.body.comparisons ?? (evaluation.body.comparison ? [evaluation.body.comparison] : []),
						},
					}
				: {}),
		};
	},
});

export const versionDifferences = consoleRoute({
	method: 'GET',
	path: '/models/:model/versions/:version/differences/:other',
	role: 'viewer',
	summary: 'Two versions of a model: their metrics with 95 % intervals, and what differs in parameters, data and recipe.',
	params: z.object({ model: name, version: versionNumber, other: versionNumber }),
	answer: differenceOf.extend({
		/** Metrics of the newest evaluations. */
		evaluated: z.array(
			z.object({
				metric: z.string(),
				a: interval.optional(),
				b: interval.optional(),
				difference: z.number().optional(),
				better: z.enum(['a', 'b', 'same']).optional(),
			}),
		),
		/** Whether both were judged by the same rows; else their figures are not of the same question. */
		sameRows: z.boolean(),
		/** What an evaluation of one against the other on the same rows found, where there was one. */
		comparisons: z.array(comparison),
	}),
	async does({ store }, { params, who }) {
		refuseOthers(who, params.model);
		const [a, b] = [await versionOf(store, params.model, params.version), await versionOf(store, params.model, params.other)];
		const [ours, theirs] = [await store.evaluationOf(a.body.digest), await store.evaluationOf(b.body.digest)];
		const values = (metrics: Readonly<Record<string, { value: number }>> = {}) =>
			Object.fromEntries(Object.entries(metrics).map(([metric, { value }]) => [metric, value]));
		const called = (v: number): string => `${params.model}@${v}`;
		return {
			...(await runDifferences(store, await runOf(store, a), await runOf(store, b))),
			evaluated: metricDifferences(values(ours?.body.metrics), values(theirs?.body.metrics)).map((found) => ({
				...found,
				a: own(ours?.body.metrics, found.metric),
				b: own(theirs?.body.metrics, found.metric),
			})),
			sameRows:
				ours !== undefined && theirs !== undefined && ours.body.datasetId === theirs.body.datasetId && ours.body.rows === theirs.body.rows,
			comparisons: [
				...(ours?.body.comparisons ?? []).filter(({ against }) => against.includes(called(params.other))),
				...(theirs?.body.comparisons ?? []).filter(({ against }) => against.includes(called(params.version))),
			],
		};
	},
});

/** What two runs, where they are known, have in common and what not. */
export async function runDifferences(
	store: Store,
	a: StoredRecord<'run'> | undefined,
	b: StoredRecord<'run'> | undefined,
): Promise<z.input<typeof differenceOf>> {
	const [ours, theirs] = [a && (await store.get('dataset', a.body.datasetId)), b && (await store.get('dataset', b.body.datasetId))];
	return {
		metrics: metricDifferences(a?.body.metrics ?? {}, b?.body.metrics ?? {}),
		settings: valueDifferences(a ? settingsOf(a.body) : {}, b ? settingsOf(b.body) : {}),
		params: valueDifferences(a?.body.params ?? {}, b?.body.params ?? {}),
		recipe: recipeDifferences(a?.body.recipe.steps ?? [], b?.body.recipe.steps ?? []),
		datasets: {
			...(ours ? { a: { id: ours.id, name: ours.name, version: ours.version, rows: ours.body.rows } } : {}),
			...(theirs ? { b: { id: theirs.id, name: theirs.name, version: theirs.version, rows: theirs.body.rows } } : {}),
			columns: ours && theirs ? columnDifferences(ours.body.columns, theirs.body.columns) : [],
		},
	};
}
