import { valueAt, vectorOf, type Frame } from '../../data/frame.js';
import { answersOf, type ColumnSchema } from '../../domain/column.js';
import type { EvaluationRecord } from '../../domain/evaluation.js';
import type { ModelManifest } from '../../domain/model.js';
import { measureKnown, type Measured } from '../../monitor/quality/measureKnown.js';
import { segmenterOf, segmentsOf, type Segmenter } from '../../monitor/quality/segmenter.js';
import type { Store } from '../../store/contract.js';
import { classWords } from '../../task/classes.js';
import { taskById } from '../../task/index.js';
import { referenceRows, type ReferenceRows } from '../referenceRows.js';

/** What a version's answers are compared with. */
export interface TestReference {
	/** Record that says it: an evaluation, or the run whose test rows were asked about. */
	id: string;
	measured?: Measured;
	segments: ReadonlyMap<string, Measured>;
	/** How rows are told apart by the columns that were asked for; those that cannot be are not in it. */
	segmenters: ReadonlyMap<string, Segmenter>;
}

/** Fewer test rows of a segment say nothing. */
const LEAST = 20;
const MOST_SEGMENTS = 500;
/** Days or groups that an evaluation's intervals hang on where it does not say how many: Student's t is then near the normal. */
const SOME_UNITS = 30;

/** Classes that metrics count by, as people wrote them in the target's column: normal and odd where a model has none of its own. */
export const classesOf = ({ task, classes }: Pick<ModelManifest, 'task' | 'classes'>, target?: ColumnSchema): string[] =>
	answersOf(task) === 'nothing' ? ['normal', 'anomaly'] : classWords(classes, target);

/**
 * How a version does on its test rows: by its newest evaluation, else by the rows that its training kept apart. Segments are measured on
 * the same rows. An imported model that nobody evaluated has no reference.
 */
export async function testReferenceOf(
	store: Store,
	{ digest, runId }: { digest: string; runId: string },
	manifest: ModelManifest,
	columns: readonly string[],
): Promise<TestReference> {
	const evaluation = await store.evaluationOf(digest);
	const body = evaluation?.body;
	const rows = columns.length > 0 || !body ? await referenceRows(store, { digest, runId }, manifest, true) : undefined;
	const segmenters = new Map<string, Segmenter>();
	const segments = new Map<string, Measured>();
	for (const name of columns) {
		const column = manifest.signature.find((c) => c.name === name);
		const values = column && rows && valuesOf(rows.frame, column);
		const segmenter = column && segmenterOf(column, numbersIn(values));
		if (!segmenter) continue;
		segmenters.set(name, segmenter);
		if (!rows || !values) continue;
		const names = values.map(segmenter);
		for (const [segment, at] of segmentsOf(names, { least: LEAST, most: MOST_SEGMENTS }).segments)
			segments.set(segment, measured(rows, at, manifest));
	}
	const whole = body ? ofRecord(body) : rows && measured(rows, undefined, manifest);
	return { id: evaluation?.id ?? runId, ...(whole ? { measured: whole } : {}), segments, segmenters };
}

function measured({ labels, scores }: ReferenceRows, at: readonly number[] | undefined, manifest: ModelManifest): Measured {
	const { task, threshold } = manifest;
	const classes = classesOf(manifest).length;
	if (!at) return measureKnown({ task, classes, threshold, labels, scores });
	const outputs = taskById(task).outputs(manifest.classes.length);
	const picked = new Float64Array(at.length * outputs);
	at.forEach((row, i) => picked.set(scores.subarray(row * outputs, (row + 1) * outputs), i * outputs));
	return measureKnown({ task, classes, threshold, labels: Float64Array.from(at, (row) => labels[row]), scores: picked });
}

function ofRecord({ metrics, rows, resampled, confusion }: EvaluationRecord): Measured {
	const rarest = confusion && Math.min(...confusion.counts.map((row) => row.reduce((a, b) => a + b, 0)).filter((n) => n > 0));
	return { rows, effective: resampled === 'rows' ? (rarest ?? rows) : SOME_UNITS, metrics };
}

export function valuesOf(frame: Frame, { name }: ColumnSchema) {
	if (!frame.schema.some((c) => c.name === name)) return undefined;
	const vector = vectorOf(frame, name);
	return Array.from({ length: frame.rows }, (_, i) => valueAt(vector, i));
}

export const numbersIn = (values: ReturnType<typeof valuesOf>): Float64Array =>
	Float64Array.from((values ?? []).filter((value): value is number => typeof value === 'number'));
