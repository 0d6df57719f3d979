import { z } from 'zod/v4';
import { withoutColumns, type Frame } from '../../data/frame.js';
import { MlopsError } from '../../domain/errors.js';
import type { ModelManifest } from '../../domain/model.js';
import { buildReference, referenceSketch, requestsOf } from '../../monitor/index.js';
import type { Store, StoredRecord } from '../../store/contract.js';
import { datasetByName } from '../datasetByName.js';
import { readRows, storedRows } from '../frameForModel.js';
import { trainingRows } from '../trainingRows.js';
import { watchedColumns } from '../watchedColumns.js';
import { defineWatch } from './contract.js';
import { cannotDivide, driftOver, driftWatchParams, segmentSketches, type DriftReference, type Subject } from './driftWatch.js';

const params = driftWatchParams.extend({
	reference: z.string().default('').meta({
		title: 'Compared With',
		description: 'Dataset whose rows are as they should be, NAME or NAME@VERSION. Empty: what the version learned from.',
		placeholder: 'churn@3',
		advanced: true,
	}),
});

/** What a model is asked about, column by column, beside what it learned from (the sketch of its run) or rows that somebody chose. */
const asked = (chosen: string): Subject => ({
	async reference(store, { record, manifest }, { segments }, params): Promise<DriftReference> {
		const needed = watchedColumns(manifest);
		const evaluation = await store.evaluationOf(record.body.digest);
		const importance = evaluation?.body.importance.length
			? new Map(evaluation.body.importance.map(({ feature, drop }) => [feature, Math.max(0, drop)]))
			: undefined;
		const { rows, ...from } = chosen
			? await chosenRows(store, chosen, manifest)
			: await learned(store, record, needed, segments.length > 0);
		const nothing = { segments: new Map(), segmenters: new Map(), notes: segments.length ? [cannotDivide(segments)] : [] };
		return {
			...from,
			needed,
			...(importance ? { importance } : {}),
			...(rows ? segmentSketches(rows, rows, manifest, segments, params) : nothing),
		};
	},
	rows: (entries, manifest) => requestsOf(entries, manifest).frame,
});

type Compared = Pick<DriftReference, 'id' | 'description' | 'sketch'> & { rows?: Frame };

/**
 * Rows of a dataset, read as the model reads. @throws `store.not_found`, `monitor.no_reference` where it has none of the model's columns
 */
async function chosenRows(store: Store, chosen: string, manifest: ModelManifest): Promise<Compared> {
	const { id, name, version } = await datasetByName(store, chosen);
	const { frame } = readRows(await storedRows(store, await store.get('dataset', id)), manifest);
	const watched = new Set(watchedColumns(manifest));
	const rows = withoutColumns(
		frame,
		frame.schema.map((column) => column.name).filter((column) => !watched.has(column)),
	);
	if (rows.schema.length === 0)
		throw new MlopsError('monitor.no_reference', `The dataset "${name}" has none of the columns that the model is asked about.`, {
			expected: [...watched].slice(0, 10).join(', '),
			remedy: 'Choose another under "Compared With", or leave it empty.',
		});
	return { id, description: `${name}@${version}`, sketch: buildReference(rows), rows };
}

async function learned(store: Store, record: StoredRecord<'modelVersion'>, needed: string[], segments: boolean): Promise<Compared> {
	const run = await store.get('run', record.body.runId);
	const kept = run.body.reference;
	const rows = segments || !kept ? await rowsOf(store, run) : undefined;
	if (!rows && !kept)
		throw new MlopsError('monitor.no_reference', `Nothing is left of what ${record.name} version ${record.version} learned from.`, {
			remedy: 'Train the model again; its run then keeps a summary of the training rows.',
		});
	return {
		id: run.id,
		description: `${run.body.imported ? 'the example table' : 'the training rows'} of ${record.name}@${record.version}`,
		sketch: kept ? referenceSketch.parse(JSON.parse((await store.artifacts.get(kept)).toString('utf8'))) : buildReference(rows!, needed),
		...(rows ? { rows } : {}),
	};
}

/** The training rows, if they are still there: old data may have been cleared away. */
async function rowsOf(store: Store, run: StoredRecord<'run'>): Promise<Frame | undefined> {
	try {
		return await trainingRows(store, run, await storedRows(store, await store.get('dataset', run.body.datasetId)));
	} catch (thrown) {
		if (MlopsError.from(thrown).code === 'store.not_found') return undefined;
		throw thrown;
	}
}

/** Whether what a model is asked about is still what it learned from: it explains, and can wait. */
export const data = defineWatch({
	id: 'data',
	params,
	look: async (store, { from, until, ...watched }, params, context) =>
		(await driftOver(asked(params.reference), store, watched, [{ from, until }], params, context))[0],
	lookOver: async (store, watched, windows, params, context) =>
		await driftOver(asked(params.reference), store, watched, windows, params, context),
});
