import type { JobContext } from '../compute/contract.js';
import { isNumberVector, type Frame, type FrameSource, type Vector } from '../data/frame.js';
import { joined } from '../data/joined.js';
import { loadParts } from '../data/loadParts.js';
import { OtherNotation, type ColumnFindings } from '../data/reading/index.js';
import { throwIfCancelled } from '../domain/cancel.js';
import type { ColumnSchema } from '../domain/column.js';
import { MlopsError } from '../domain/errors.js';
import type { ModelManifest } from '../domain/model.js';
import { PART } from '../domain/split.js';
import { ROWS_SCORED_TOGETHER, type LoadedModel } from '../learn/score.js';
import type { Store } from '../store/contract.js';
import type { Answers } from '../task/contract.js';
import { taskById } from '../task/index.js';
import { answerColumns, answersTo } from './answersTo.js';
import { FindingsOfParts, readRows, storedRows } from './frameForModel.js';
import { labelsIn, targetIn } from './labelsIn.js';
import { dataFiles } from './dataFiles.js';
import type { DatasetLog } from './logDataset.js';
import { reasonColumns } from './reasonColumns.js';
import { rowsInParts, splitRows } from './splitRows.js';
import { warningColumn } from './warningColumn.js';
import { writeCsvParts } from './writeCsv.js';

/** Rows of a stored dataset that are to be answered, in parts; they can be gone through again. */
export interface RowsToAnswer {
	rows: number;
	schema: ColumnSchema[];
	fromText: FrameSource['fromText'];
	/** Whether all of them come as one part. */
	whole: boolean;
	parts(columns?: (name: string) => boolean): AsyncIterable<Frame>;
}

/**
 * All rows of a dataset, or those that Train kept apart for tests. @throws `evaluate.not_comparable` when the model was trained on another
 * dataset
 */
export async function rowsToAnswer(
	store: Store,
	{ datasetId, runId, rows }: { datasetId: string; runId: string; rows: 'all' | 'test' },
	model: Pick<LoadedModel, 'wholeTables'>,
	together = ROWS_SCORED_TOGETHER,
): Promise<RowsToAnswer> {
	const dataset = await store.get('dataset', datasetId);
	const { body } = dataset;
	const path = await dataFiles(store, body);
	const source = { schema: body.columns, fromText: new Set(body.fromText) };
	const inParts = (count: number, keep?: Uint8Array): RowsToAnswer => ({
		...source,
		rows: count,
		whole: model.wholeTables || count <= together,
		parts: (columns) => loadParts(path, body, { ...(model.wholeTables ? {} : { rows: together }), keep, columns }),
	});
	if (rows === 'all') return inParts(body.rows);
	const run = await store.get('run', runId);
	if (run.body.imported || run.body.datasetId !== datasetId) {
		throw new MlopsError(
			'evaluate.not_comparable',
			run.body.imported
				? 'The model was imported, so no rows were kept apart for it.'
				: 'The model was trained on another version of this dataset, so it is not known which rows were kept apart.',
			{ remedy: 'Choose "All" rows, or the dataset version that the model was trained on.' },
		);
	}
	const marks = await store.artifacts.get(run.body.split.artifact);
	if (marks.length === body.rows) {
		const keep = Uint8Array.from(marks, (mark) => Number(mark === PART.test));
		return inParts(
			keep.reduce((n, k) => n + k, 0),
			keep,
		);
	}
	// The marks of earlier versions are only told apart by all rows.
	const frame = rowsInParts(await splitRows(store, await storedRows(store, dataset), run.body), [PART.test]);
	const once = async function* (): AsyncGenerator<Frame> {
		yield await Promise.resolve(frame);
	};
	return { ...source, rows: frame.rows, whole: true, parts: once };
}

export interface AnswerOptions {
	/** How many reasons a row. */
	reasons: number;
	forSpreadsheets: boolean;
	/** Keeps the answers in memory, 8 bytes an output of each row, for a report. */
	keepAnswers: boolean;
	/** Begins a sample for the prediction log, where one is wanted. */
	logged?: () => DatasetLog;
}

export interface WrittenAnswers {
	/** Rows for which the model gave no number. */
	failed: number;
	findings: Array<Pick<ColumnFindings, 'column' | 'found'>>;
	/** Whether the model can tell reasons; undefined where none were asked for. */
	explained?: boolean;
	answers?: Answers;
	log?: DatasetLog;
}

/** Columns that not all files of answers have: each only where some row has something in it. */
interface Layout {
	reasons: number;
	warnings: boolean;
}

/**
 * Answers rows part by part and writes a CSV file: row id, true label where it is known, what the task says, reasons, warnings. The file is
 * the same, to the byte, however the rows are divided into parts. Where a later part needs a column that the first did not, it is begun
 * again.
 */
export async function writeAnswers(
	source: RowsToAnswer,
	model: LoadedModel,
	path: string,
	options: AnswerOptions,
	context: JobContext,
): Promise<WrittenAnswers> {
	const { manifest } = model;
	const notation = source.whole ? undefined : await notationOf(source, manifest);
	const truth = source.whole ? undefined : await truthOfAll(source, manifest, notation);
	let layout: Layout | undefined;
	for (;;) {
		const written = await writeWith(layout, { source, model, path, options, context, notation, truth });
		if (!('more' in written)) return written;
		layout = written.more;
	}
}

interface Writing {
	source: RowsToAnswer;
	model: LoadedModel;
	path: string;
	options: AnswerOptions;
	context: JobContext;
	notation: ReadonlySet<string> | undefined;
	truth: Float64Array | undefined;
}

const figure = (n: number): string => n.toLocaleString('en');

/** Writes the file with these columns, or those that the first part has; says which there must be more. */
async function writeWith(given: Layout | undefined, writing: Writing): Promise<WrittenAnswers | { more: Layout }> {
	const { source, model, path, options, context, notation, truth } = writing;
	const { manifest } = model;
	const { outputs } = model.predictor;
	const found = new FindingsOfParts();
	const log = options.logged?.();
	const kept = options.keepAnswers ? new Float64Array(source.rows * outputs) : undefined;
	let layout = given;
	let more: Layout | undefined;
	let explained: boolean | undefined;
	let failed = 0;
	let done = 0;
	await writeCsvParts(path, { forSpreadsheets: options.forSpreadsheets }, async (add) => {
		for await (const part of source.parts()) {
			const say = (stage: string, share: number): void => {
				throwIfCancelled(context, 'The prediction');
				const all = (done + share * part.rows) / Math.max(1, source.rows);
				context.progress({ stage, share: 0.05 + 0.8 * all });
			};
			say(`Predicting ${figure(source.rows)} rows`, 0);
			const { frame, findings } = readRows(part, manifest, notation);
			const scores = await model.scoreFrame(frame, { threads: context.threads });
			const labels = truth ? truth.subarray(done, done + frame.rows) : await labelsIn(frame, manifest);
			const { columns, failed: own } = answerColumns(answersTo(frame.rows, scores), manifest, labels);
			const told =
				options.reasons > 0
					? await reasonColumns(frame, model, options.reasons, (share) => say('Finding the reasons', share), done)
					: undefined;
			if (options.reasons > 0) explained = told !== undefined;
			const needed: Layout = {
				reasons: Math.max(layout?.reasons ?? 0, told?.most ?? 0),
				warnings: findings.length > 0 || layout?.warnings === true,
			};
			if (layout && (needed.reasons > layout.reasons || needed.warnings !== layout.warnings)) {
				more = needed;
				return;
			}
			layout = needed;
			const all = [
				...columns,
				...(told?.reasons.slice(0, layout.reasons).flat() ?? []),
				...(layout.warnings ? [warningColumn(frame.rows, findings)] : []),
			];
			await add({ rows: frame.rows, rowId: frame.rowId, schema: all.map((c) => c.schema), vectors: all.map((c) => c.vector) });
			found.add(findings);
			log?.add(frame, scores, findings);
			kept?.set(scores, done * outputs);
			failed += own;
			done += frame.rows;
		}
	});
	if (more) return { more };
	const answers = kept && answersTo(source.rows, kept);
	return { failed, findings: found.all(source.schema), explained, answers, log };
}

/** Columns to be read in the model's notation: all rows have a say in that. */
async function notationOf(source: RowsToAnswer, manifest: ModelManifest): Promise<ReadonlySet<string>> {
	const other = new OtherNotation(source.schema, source, manifest);
	if (other.matters) for await (const part of source.parts((name) => source.fromText.has(name))) other.look(part);
	return other.columns();
}

/** The truth of all rows at once, for tasks that learn without answers: these find out from all values of a column what they mean. */
async function truthOfAll(
	source: RowsToAnswer,
	manifest: ModelManifest,
	notation: ReadonlySet<string> | undefined,
): Promise<Float64Array | undefined> {
	const task = taskById(manifest.task);
	if (task.labels !== 'none') return undefined;
	const parts: Vector[] = [];
	for await (const part of source.parts()) {
		const target = await targetIn(readRows(part, manifest, notation).frame, manifest);
		if (!target) return undefined;
		parts.push(isNumberVector(target) ? { data: target.data.slice() } : target);
	}
	return task.truth(joined(parts, source.rows), manifest.classes);
}
