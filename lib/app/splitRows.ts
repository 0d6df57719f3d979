import { isNumberVector, numbersOf, valueAt, vectorOf, type Frame } from '../data/frame.js';
import { takeRows } from '../data/takeRows.js';
import type { DatasetRecord } from '../domain/dataset.js';
import type { RunRecord } from '../domain/run.js';
import { PART } from '../domain/split.js';
import { datasetPass } from '../recipe/fit.js';
import type { Store } from '../store/contract.js';
import type { ColumnRoom } from './columnRoom.js';
import { storedRows } from './frameForModel.js';

/**
 * One mark (`PART`) a row of the dataset: `parts` are those of the rows of `kept`, which are some of it in its order; the others are in no
 * part.
 */
export function marksOf(raw: Frame, kept: Frame, parts: Uint8Array): Uint8Array {
	if (kept.rows === raw.rows) return parts;
	const marks = new Uint8Array(raw.rows).fill(PART.none);
	for (let i = 0, at = 0; at < kept.rows; i++) if (raw.rowId[i] === kept.rowId[at]) marks[i] = parts[at++];
	return marks;
}

/** The same for a sample of the dataset's rows: `keep` has 1 where a row is in it. */
export function marksOfAll(keep: Uint8Array | undefined, marks: Uint8Array): Uint8Array {
	if (!keep) return marks;
	let at = 0;
	return keep.map((kept) => (kept ? marks[at++] : PART.none));
}

/**
 * The rows of a run's dataset with one mark (`PART`) each; both in the dataset's order. Earlier versions marked only the rows that the
 * recipe's steps kept, so their marks are fewer than the rows where one was dropped, and the steps run again to tell which.
 */
export async function splitRows(
	store: Store,
	raw: Frame,
	run: Pick<RunRecord, 'recipe' | 'split'>,
): Promise<{ frame: Frame; marks: Uint8Array }> {
	const marks = await store.artifacts.get(run.split.artifact);
	return { frame: marks.length === raw.rows ? raw : (await datasetPass(raw, run.recipe)).frame, marks };
}

/** Rows in the given parts of the split. */
export const rowsInParts = ({ frame, marks }: { frame: Frame; marks: Uint8Array }, parts: readonly number[]): Frame =>
	takeRows(
		frame,
		indicesWhere(marks, (mark) => parts.includes(mark)),
	);

/** The parts whose rows say what a model knows: those it learned from, or all of the example table that an imported one came with. */
export const knownParts = ({ imported }: Pick<RunRecord, 'imported'>): number[] => (imported ? [PART.none] : [PART.train, PART.validation]);

/** Positions at which `test` holds, ascending. */
export function indicesWhere<T extends Uint8Array | Float64Array>(values: T, test: (value: number) => boolean): Uint32Array {
	let count = 0;
	for (let i = 0; i < values.length; i++) if (test(values[i])) count++;
	const out = new Uint32Array(count);
	for (let i = 0, at = 0; i < values.length; i++) if (test(values[i])) out[at++] = i;
	return out;
}

/** Another training: its run, and the record of the data it saw. */
export interface OtherTraining {
	run: RunRecord;
	dataset: DatasetRecord;
}

/**
 * Marks the rows of `frame` that another run's model was trained on (1). `raw` is all of the data that `frame` is part of, `content` its
 * digest. Where both runs saw the same data, row ids tell; where that run was split by time, the clock; else the values of the column that
 * the split went by (a group, an id), and without such a column the row ids again, if the data have only grown since. Undefined when none
 * of these can tell.
 */
export async function trainedOn(
	store: Store,
	frame: Frame,
	raw: Frame,
	content: string,
	{ run, dataset }: OtherTraining,
	room?: ColumnRoom,
): Promise<Uint8Array | undefined> {
	// Nobody knows what an imported model has learned from.
	if (run.imported) return undefined;
	if (dataset.content === content) return marked(frame, await learnedRows(store, raw, run));
	const { used, by, testStart } = run.split;
	if (used === 'time') {
		if (!by || !testStart || !frame.schema.some((c) => c.name === by)) return undefined;
		const start = Date.parse(testStart);
		return Uint8Array.from(numbersOf(frame, by), (t) => (t < start ? 1 : 0));
	}
	const theirs = await storedRows(store, { body: dataset }, room);
	const learned = await learnedRows(store, theirs, run);
	return by === undefined ? (hasGrown(theirs, raw) ? marked(frame, learned) : undefined) : sharing(frame, learned, by);
}

const learnedRows = async (store: Store, raw: Frame, run: RunRecord): Promise<Frame> =>
	rowsInParts(await splitRows(store, raw, run), [PART.train, PART.validation]);

function marked(frame: Frame, learned: Frame): Uint8Array {
	// A mark an id: ids count the rows of the table that both are part of.
	const known = new Uint8Array(learned.rowId.reduce((most, id) => Math.max(most, id), 0) + 1);
	for (const id of learned.rowId) known[id] = 1;
	return Uint8Array.from(frame.rowId, (id) => known[id] ?? 0);
}

/** Rows of a group (or with an id) that was learned from; those without a value may have been, so they count as such. */
function sharing(frame: Frame, learned: Frame, by: string): Uint8Array | undefined {
	if (![frame, learned].every((f) => f.schema.some((c) => c.name === by))) return undefined;
	const [ours, theirs] = [vectorOf(frame, by), vectorOf(learned, by)];
	if (isNumberVector(ours) !== isNumberVector(theirs)) return undefined;
	const known = new Set<unknown>();
	for (let i = 0; i < learned.rows; i++) known.add(valueAt(theirs, i));
	return Uint8Array.from({ length: frame.rows }, (_, i) => {
		const value = valueAt(ours, i);
		return value === undefined || value === null || known.has(value) ? 1 : 0;
	});
}

/** Whether the first rows of `now` are those of `before`, value by value: then a row id means the same row in both. */
function hasGrown(before: Frame, now: Frame): boolean {
	if (now.rows < before.rows) return false;
	return before.schema.every(({ name }, c) => {
		const at = now.schema.findIndex((other) => other.name === name);
		if (at < 0) return false;
		const [a, b] = [before.vectors[c], now.vectors[at]];
		for (let i = 0; i < before.rows; i++) if (!Object.is(valueAt(a, i), valueAt(b, i))) return false;
		return true;
	});
}
