import { z } from 'zod/v4';
import { defineJob, type JobContext } from '../../compute/contract.js';
import { copiesText } from '../../data/copies.js';
import type { Frame } from '../../data/frame.js';
import { writeFrame } from '../../data/writeFrame.js';
import { throwIfCancelled } from '../../domain/cancel.js';
import { GATE_VERSION, gateRule, gateVersionOf, sidePeriod, type EvaluationRecord } from '../../domain/evaluation.js';
import { itemEvaluation } from '../../domain/item.js';
import { digestOf } from '../../domain/json.js';
import { PART } from '../../domain/split.js';
import { evaluateModel } from '../../evaluate/evaluateModel.js';
import { loadModel, type LoadedModel } from '../../learn/score.js';
import { memoryText } from '../../learn/training/memory.js';
import { KeptColumns } from '../../recipe/keptColumns.js';
import { evaluationReport } from '../../report/reports/evaluation.js';
import { requiredNames } from '../../serve/requireColumns.js';
import type { Store, StoredRecord } from '../../store/contract.js';
import { taskById } from '../../task/index.js';
import { codeDigest } from '../codeVersion.js';
import { withRoom, type ColumnRoom } from '../columnRoom.js';
import { evaluationItem } from '../evaluationItem.js';
import { learnedFrom, otherRows, rowsToJudge, testRows, type EvaluatedRows } from '../evaluatedRows.js';
import { readRows, storedRows } from '../frameForModel.js';
import { judgeWithoutLabels } from '../judgeWithoutLabels.js';
import { reportRecord } from '../../domain/report.js';
import { keepReport } from '../keepReport.js';
import { rowsInParts, splitRows, trainedOn } from '../splitRows.js';
import { storeRef } from '../../domain/storeRef.js';
import { mayKeep } from '../withStore.js';

const evaluateInput = z.object({
	store: storeRef,
	runId: z.string(),
	/** Registered name whose alias is compared; empty: nothing is compared. */
	modelName: z.string(),
	championAlias: z.string(),
	/** Empty metric: the run's main one. No rules: better than guessing and not worse than the champion. */
	rules: z.array(gateRule),
	costs: z.object({ falsePositive: z.number(), falseNegative: z.number() }).optional(),
	importance: z.boolean(),
	/** Another dataset in the place of the rows that Train kept apart. */
	datasetId: z.string().optional(),
	/** Column whose values (or the months of a time) stand side by side. */
	side: z.object({ column: z.string(), period: sidePeriod }).optional(),
	runAgain: z.boolean(),
});

/**
 * Asks a run's model about the rows that were kept apart, or about another dataset, compares it with the champion on the same rows, and
 * judges it by the gate.
 */
export const evaluateJob = defineJob({
	id: 'evaluate',
	input: evaluateInput,
	output: z.object({ evaluation: itemEvaluation, report: reportRecord }),
	run: async (input, context) =>
		await withRoom(input.store, context, { from: 0.05, to: 0.25 }, async (store, room) => {
			await mayKeep(store);
			const run = await store.get('run', input.runId);
			const champion = await championOf(store, input, run.body.model);
			const memo = digestOf({
				evaluate: run.body.model,
				runId: run.id,
				champion: champion?.id ?? null,
				against: [input.modelName, input.championAlias],
				rules: input.rules,
				costs: input.costs ?? null,
				importance: input.importance,
				dataset: input.datasetId ?? null,
				side: input.side ?? null,
				gate: GATE_VERSION,
				code: codeDigest(),
			});
			const known = input.runAgain ? undefined : await recalled(store, memo);
			const record = known ?? (await evaluate(store, room, run, champion, memo, input, context));
			const report = await keepReport(
				store,
				'evaluation',
				await evaluationReport(record.body, run.body, { name: input.modelName || run.name }),
			);
			return { evaluation: evaluationItem(record, known !== undefined), report };
		}),
});

/**
 * The stored answer, while it is the newest about this model: Deploy and approvals go by the newest, which must be the one that a person
 * sees. One that was judged by an earlier gate is never given back.
 */
async function recalled(store: Store, memo: string): Promise<StoredRecord<'evaluation'> | undefined> {
	const known = await store.recall('evaluation', memo);
	return known && gateVersionOf(known.body) === GATE_VERSION && (await store.evaluationOf(known.body.model))?.id === known.id
		? known
		: undefined;
}

type Champion = StoredRecord<'modelVersion'>;

async function championOf(store: Store, input: z.infer<typeof evaluateInput>, digest: string): Promise<Champion | undefined> {
	if (!input.modelName) return undefined;
	const version = await store.alias(input.modelName, input.championAlias);
	const record = version === null ? undefined : await store.find('modelVersion', input.modelName, version);
	return record?.body.digest === digest ? undefined : record;
}

async function evaluate(
	store: Store,
	room: ColumnRoom,
	run: StoredRecord<'run'>,
	champion: Champion | undefined,
	memo: string,
	input: z.infer<typeof evaluateInput>,
	context: JobContext,
): Promise<StoredRecord<'evaluation'>> {
	const started = performance.now();
	const { body } = run;
	const own = await store.get('dataset', body.datasetId);
	context.progress({ stage: 'Reading the test rows', share: 0.05 });
	const stored = await storedRows(store, own, room);
	const split = await splitRows(store, stored, body);
	const model = await loadModel(await store.artifacts.get(body.model));
	const rows =
		input.datasetId === undefined
			? await testRows(own, stored, split, body, model, room)
			: await otherRows(store, input.datasetId, run, model, room);
	const { dataset } = rows;
	// What an imported model learned from is not known: then guessing knows the shares of the judged rows.
	const training = body.imported ? rows : await rowsToJudge(rowsInParts(split, [PART.train, PART.validation]), model.manifest);
	const scores = await model.scoreFrame(rows.frame, scoring(rows.frame, model.predictor.outputs, context));
	const labelled = taskById(model.manifest.task).labels === 'required';
	const challenger = champion && labelled ? await championScores(store, room, champion, rows, context) : undefined;
	context.progress({ stage: 'Measuring', share: 0.5 });
	const common = {
		primary: body.primary,
		timeColumn: timeColumnOf(rows.frame),
		groupColumn: body.split.used === 'group' ? body.split.by : undefined,
		...(body.split.copies && input.datasetId === undefined ? { copied: true } : {}),
		rules: input.rules.map((r) => ({ ...r, metric: r.metric || body.primary })),
	};
	const result = labelled
		? await evaluateModel(
				{
					...common,
					scores,
					labels: rows.labels,
					frame: rows.frame,
					judged: rows.judged,
					...(input.side ? { side: input.side } : {}),
					trainingLabels: training.labels,
					manifest: model.manifest,
					scoreFrame: askingAgain(model, context),
					costs: input.costs,
					importance: input.importance,
					...(challenger ? { champion: challenger } : {}),
				},
				context,
			)
		: await judgeWithoutLabels(
				model,
				rows,
				scores,
				training.frame,
				{ ...common, asked: { champion: champion !== undefined, side: input.side !== undefined } },
				context,
			);
	result.notes.unshift(...rows.notes);
	if (body.split.copies && input.datasetId === undefined)
		result.notes.push({ code: 'copies', text: copiesText(body.split.copies, body.split.used) });
	const path = await store.artifacts.temporary('parquet');
	await writeFrame(predictionFrame(rows.frame, rows.labels, scores, model.manifest.classes.map(String)), path);
	const predictions = await store.artifacts.putFile(path);
	const against = input.modelName ? { champion: { model: input.modelName, alias: input.championAlias } } : {};
	const record: EvaluationRecord = {
		...result,
		...against,
		runId: run.id,
		model: body.model,
		datasetId: dataset.id,
		predictions: predictions.digest,
		seconds: (performance.now() - started) / 1000,
	};
	return await store.add('evaluation', input.modelName || run.name, record, {
		parents: [run.id, dataset.id, ...(champion ? [champion.id] : [])],
		memo,
	});
}

/** Bytes that an evaluation of so many rows has in use at most, however many columns they have: measured (lib/README.md). */
const memoryToEvaluate = (rows: number, outputs: number): number => 400 * 2 ** 20 + rows * (200 + 40 * outputs);

/** How rows are scored: part by part, between which the job can be stopped and says how far it is. */
const scoring = ({ rows }: Frame, outputs: number, context: JobContext) => ({
	threads: context.threads,
	each: (done: number) => {
		throwIfCancelled(context, 'The evaluation');
		const needed = memoryText(memoryToEvaluate(rows, outputs));
		context.progress({ stage: `Predicting ${rows.toLocaleString('en')} rows${needed}`, share: 0.3 + (0.12 * done) / Math.max(1, rows) });
	},
});

/** Scores for importance and dependence, which ask about the same rows again and again with few columns changed. */
function askingAgain(model: LoadedModel, { threads }: JobContext): (frame: Frame) => Promise<Float64Array> {
	const kept = new KeptColumns();
	return async (frame) => await model.scoreFrame(frame, { threads, kept });
}

const timeColumnOf = (frame: Frame): string | undefined => frame.schema.find((c) => c.role === 'time')?.name;

/** The champion's scores of the same rows; rows that it was trained on are marked, to be left out. */
async function championScores(
	store: Store,
	room: ColumnRoom,
	champion: Champion,
	{ dataset, frame, raw }: EvaluatedRows,
	context: JobContext,
) {
	room.readsIn({ from: 0.42, to: 0.5 });
	const model = await loadModel(await store.artifacts.get(champion.body.digest));
	const name = `${champion.name}@${champion.version}`;
	const lacks = requiredNames(model.manifest).filter((column) => !frame.schema.some((c) => c.name === column));
	if (lacks.length) return { name, manifest: model.manifest, scores: new Float64Array(), lacks };
	const run = await store.get('run', champion.body.runId);
	const theirs = await store.get('dataset', run.body.datasetId);
	const seen =
		theirs.name === dataset.name
			? await trainedOn(store, frame, raw, dataset.body.content, { run: run.body, dataset: theirs.body }, room)
			: (await learnedFrom(store, frame, raw, dataset, run, model.manifest, room)).seen;
	return {
		name,
		manifest: model.manifest,
		scores: await model.scoreFrame(readRows(frame, model.manifest, undefined, room).frame, { threads: context.threads }),
		...(seen ? { seen } : {}),
	};
}

/** `label` and `score` (or `score <class>` each), with the row ids. */
function predictionFrame(frame: Frame, labels: Float64Array, scores: Float64Array, classes: readonly string[]): Frame {
	const outputs = scores.length / Math.max(1, frame.rows);
	const column = (name: string, data: Float64Array) => ({
		schema: { name, type: 'number' as const, role: 'feature' as const },
		vector: { data },
	});
	const columns = [
		column('label', labels),
		...(outputs === 1
			? [column('score', scores)]
			: classes.map((c, k) =>
					column(
						`score ${c}`,
						Float64Array.from({ length: frame.rows }, (_, i) => scores[i * outputs + k]),
					),
				)),
	];
	return { rows: frame.rows, rowId: frame.rowId, schema: columns.map((c) => c.schema), vectors: columns.map((c) => c.vector) };
}
