import type { Frame } from '../../data/frame.js';
import { MlopsError } from '../../domain/errors.js';
import { buildReference, referenceSketch, requestsOf } from '../../monitor/index.js';
import type { Store, StoredRecord } from '../../store/contract.js';
import { storedRows } from '../frameForModel.js';
import { trainingRows } from '../trainingRows.js';
import { watchedColumns } from '../watchedColumns.js';
import { defineWatch } from './contract.js';
import { cannotDivide, driftOver, driftWatchParams, segmentSketches, type DriftReference, type Subject } from './driftWatch.js';

/** What the model is asked about, column by column, beside what it learned from: the sketch of its run; for segments the rows themselves. */
const asked: Subject = {
	async reference(store, { record, manifest }, { segments }, params): Promise<DriftReference> {
		const run = await store.get('run', record.body.runId);
		const needed = watchedColumns(manifest);
		const kept = run.body.reference;
		const rows = segments.length > 0 || !kept ? await rowsOf(store, run) : undefined;
		const evaluation = await store.evaluationOf(record.body.digest);
		const importance = evaluation?.body.importance.length
			? new Map(evaluation.body.importance.map(({ feature, drop }) => [feature, Math.max(0, drop)]))
			: undefined;
		if (!rows && !kept)
			throw new MlopsError('monitor.no_reference', `Nothing is left of what ${record.name} version ${record.version} learned from.`, {
				remedy: 'Train the model again; its run then keeps a summary of the training rows.',
			});
		const sketch = kept
			? referenceSketch.parse(JSON.parse((await store.artifacts.get(kept)).toString('utf8')))
			: buildReference(rows!, needed);
		const nothing = { segments: new Map(), segmenters: new Map(), notes: segments.length ? [cannotDivide(segments)] : [] };
		return {
			id: run.id,
			description: `${run.body.imported ? 'the example table' : 'the training rows'} of ${record.name}@${record.version}`,
			sketch,
			needed,
			...(importance ? { importance } : {}),
			...(rows ? segmentSketches(rows, rows, manifest, segments, params) : nothing),
		};
	},
	rows: (entries, manifest) => requestsOf(entries, manifest).frame,
};

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
	params: driftWatchParams,
	look: async (store, { from, until, ...watched }, params, context) =>
		(await driftOver(asked, store, watched, [{ from, until }], params, context))[0],
	lookOver: async (store, watched, windows, params, context) => await driftOver(asked, store, watched, windows, params, context),
});
