import { z } from 'zod/v4';
import { throwIfCancelled } from '../../domain/cancel.js';
import { dictionaryOf } from '../../domain/dictionary.js';
import { defineJob, type JobContext } from '../../compute/contract.js';
import type { Frame } from '../../data/frame.js';
import { loadFrame } from '../../data/loadFrame.js';
import { loadParts } from '../../data/loadParts.js';
import { taskType } from '../../domain/column.js';
import { digestOf } from '../../domain/json.js';
import { modelHandle, type ModelManifest } from '../../domain/model.js';
import { itemRun, type ItemRun } from '../../domain/item.js';
import { recipe } from '../../domain/recipe.js';
import type { RunRecord } from '../../domain/run.js';
import { PART, splitParams, type LeftOut } from '../../domain/split.js';
import { codeDigest, codeVersion, packageVersion } from '../codeVersion.js';
import { trainModel } from '../../learn/trainModel.js';
import { firstTree } from '../../learn/treeOf.js';
import { buildReference, type ReferenceSketch } from '../../monitor/index.js';
import { recipeThreads } from '../../recipe/recipeCrew.js';
import { datasetPass } from '../../recipe/fit.js';
import { stepById } from '../../recipe/steps/index.js';
import { runReport } from '../../report/reports/run.js';
import type { Store, StoredRecord } from '../../store/contract.js';
import { recipeDigest } from '../../recipe/recipeDigest.js';
import { reportRecord } from '../../domain/report.js';
import { dataFiles } from '../dataFiles.js';
import { keepReport } from '../keepReport.js';
import { drawSample, notLearned, sampleSize, withRareClasses, type Sample } from '../rowsToLearn.js';
import { marksOf, marksOfAll, rowsInParts } from '../splitRows.js';
import { trainOptions } from '../trainOptions.js';
import { watchedColumns } from '../watchedColumns.js';
import { storeRef } from '../../domain/storeRef.js';
import { withKept } from '../withStore.js';

/**
 * What a person chose, where an empty text or a cost of 0 stands for none; the digest of all of it with data and code is what makes a run
 * reusable.
 */
const trainSpec = trainOptions.omit({ runAgain: true }).extend({
	target: z.string(),
	task: taskType.optional(),
	learner: z.string(),
	params: dictionaryOf(z.unknown()),
	split: splitParams,
	oneModelOnly: z.boolean().optional(),
	mostRows: z.number().optional(),
	mostMembers: z.number().optional(),
	rowMicroseconds: z.number().optional(),
	metric: z.string().optional(),
	positiveClass: z.string().optional(),
	falsePositiveCost: z.number().optional(),
	falseNegativeCost: z.number().optional(),
});

/**
 * Fits recipe and learner on the training rows of a dataset version and keeps run and model; the same question again gives the stored run.
 */
const trainInput = z.object({
	store: storeRef,
	datasetId: z.string(),
	recipe,
	spec: trainSpec,
	modelName: z.string(),
	runAgain: z.boolean(),
});

/** Rows that are looked at together where not all are to lie in memory. */
const PART_ROWS = 65_536;

/** Questions, one after the other, that a picture of a tree has room for. */
const TREE_DEPTH = 3;

export const trainJob = defineJob({
	id: 'train',
	input: trainInput,
	output: z.object({ run: itemRun, model: modelHandle, report: reportRecord }),
	run: async (input, context) =>
		await withKept(input.store, async (store) => {
			const dataset = await store.get('dataset', input.datasetId);
			// Values alone do not make a model: what each column is for, and how it is read, decides features, weights and split.
			const columns = dataset.body.columns.map(({ name, type, role, format }) => ({ name, type, role, format }));
			const sample = sampleSize(dataset.body, { ...input.spec, steps: input.recipe.steps.length > 0 }, context);
			const memo = digestOf({
				train: dataset.body.content,
				columns,
				recipe: recipeDigest(input.recipe),
				spec: input.spec,
				code: codeDigest(),
				dataset: dataset.name,
				...(sample === undefined ? {} : { sample }),
			});
			const known = input.runAgain ? undefined : await store.recall('run', memo);
			const { record, bytes } = known
				? { record: known, bytes: await store.artifacts.get(known.body.model) }
				: await fit(store, dataset, { memo, sample }, input, context);
			const size = bytes.byteLength;
			const report = await keepReport(
				store,
				'run',
				await runReport({ ...record.body, name: record.name, tree: firstTree(bytes, TREE_DEPTH) }),
			);
			return {
				run: runSummary(record, known !== undefined),
				model: {
					kind: 'mlops.model' as const,
					v: 1 as const,
					storeId: store.id,
					id: record.id,
					name: input.modelName,
					digest: record.body.model,
					runId: record.id,
					size,
				},
				report,
			};
		}),
});

async function fit(
	store: Store,
	dataset: StoredRecord<'dataset'>,
	{ memo, sample: size }: { memo: string; sample?: number },
	input: z.infer<typeof trainInput>,
	context: JobContext,
): Promise<{ record: StoredRecord<'run'>; bytes: Uint8Array }> {
	const started = performance.now();
	const stages: RunRecord['stages'] = [];
	const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
		const from = performance.now();
		const result = await work();
		stages.push({ name, seconds: (performance.now() - from) / 1000 });
		return result;
	};
	context.progress({ stage: 'Reading the data', share: 0.02 });
	const { rows: all } = dataset.body;
	const sample = size === undefined ? undefined : await sampleOf(store, dataset, size, input.spec, context);
	const raw = await timed(
		'read',
		async () =>
			await loadFrame(await dataFiles(store, dataset.body), {
				schema: dataset.body.columns,
				keep: sample?.keep,
				shared: recipeThreads({ rows: size ?? all, schema: dataset.body.columns }, context.threads) > 1,
			}),
	);
	const { frame, dropped } = await timed('dataset steps', async () => await datasetPass(raw, input.recipe));
	const result = await trainModel(
		frame,
		{
			...input.spec,
			recipe: input.recipe,
			codeVersion: packageVersion(),
			leftOut: [...(sample ? [sample.leftOut] : []), ...droppedBy(dropped)],
			secondsBefore: (performance.now() - started) / 1000,
			question: memo,
		},
		context,
	);
	const { package: bytes, manifest, parts, keptBest, run: trained } = result;
	const model = await store.artifacts.put(bytes);
	const artifact = await store.artifacts.put(marksOfAll(sample?.keep, marksOf(raw, frame, parts)));
	const reference = await store.artifacts.put(JSON.stringify(referenceOf(frame, parts, manifest)));
	const body: RunRecord = {
		...trained,
		datasetId: dataset.id,
		recipe: input.recipe,
		stages: [...stages, ...trained.stages],
		split: { ...trained.split, artifact },
		model,
		reference,
		codeVersion: codeVersion(),
		seconds: (performance.now() - started) / 1000,
	};
	// What was stopped early answers no other training: the same question is then trained in full.
	const options = { parents: [dataset.id], ...(keptBest ? {} : { memo }) };
	return { record: await store.add('run', input.modelName, body, options), bytes };
}

/** The rows that a training is given where it is not given all; rare classes among them. */
async function sampleOf(
	store: Store,
	{ body }: StoredRecord<'dataset'>,
	size: number,
	{ target, seed, mostRows }: z.infer<typeof trainSpec>,
	context: JobContext,
): Promise<Sample> {
	const sample = drawSample(body.rows, size, seed, notLearned(size, mostRows, context));
	if (!body.columns.some(({ name }) => name === target)) return sample;
	const files = await dataFiles(store, body);
	return await withRareClasses(sample, async function* () {
		for await (const { vectors } of loadParts(files, { columns: body.columns }, { rows: PART_ROWS, columns: (name) => name === target })) {
			throwIfCancelled(context, 'The training');
			yield vectors[0];
		}
	});
}

/** What the training rows looked like, column by column, as callers send them: drift is measured against it later. */
function referenceOf(frame: Frame, parts: Uint8Array, manifest: ModelManifest): ReferenceSketch {
	const watched = watchedColumns(manifest);
	return buildReference(rowsInParts({ frame, marks: parts }, [PART.train, PART.validation]), watched);
}

/** Rows that steps left out before the split, step by step. */
const droppedBy = (dropped: ReadonlyArray<{ step: string; rows: number }>): LeftOut[] =>
	dropped.filter((d) => d.rows > 0).map(({ step, rows }) => ({ rows, reason: `dropped by the step "${stepById(step).label}"` }));

export function runSummary(record: StoredRecord<'run'>, reused: boolean): ItemRun {
	const { body } = record;
	const { train, validation, test } = body.split.rows;
	const { leftOut = [] } = body.split;
	return {
		id: record.id,
		learner: body.learner,
		params: body.params,
		metrics: body.metrics,
		primary: body.primary,
		seconds: body.seconds,
		backend: body.backend,
		reused,
		rows: { train, validation, test, leftOut: leftOut.reduce((sum, { rows }) => sum + rows, 0) },
		...(leftOut.length ? { leftOut } : {}),
		notes: body.notes.slice(0, 20),
	};
}
