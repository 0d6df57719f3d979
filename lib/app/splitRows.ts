import { numbersOf, takeRows, type Frame } from '../data/frame.js';
import type { RunRecord } from '../domain/run.js';
import { PART } from '../domain/split.js';
import { datasetPass } from '../recipe/fit.js';
import type { Store } from '../store/contract.js';

/** The rows of a run's dataset that its recipe keeps, with one mark (`PART`) each; both in the dataset's order. */
export async function splitRows(store: Store, raw: Frame, run: Pick<RunRecord, 'recipe' | 'split'>): Promise<{ frame: Frame; marks: Uint8Array }> {
	const { frame } = await datasetPass(raw, run.recipe);
	return { frame, marks: await store.artifacts.get(run.split.artifact) };
}

/** Rows in the given parts of the split. */
export const rowsInParts = ({ frame, marks }: { frame: Frame; marks: Uint8Array }, parts: readonly number[]): Frame => takeRows(frame, indicesWhere(marks, (mark) => parts.includes(mark)));

/** Positions at which `test` holds, ascending. */
export function indicesWhere<T extends Uint8Array | Float64Array>(values: T, test: (value: number) => boolean): Uint32Array {
	let count = 0;
	for (let i = 0; i < values.length; i++) if (test(values[i])) count++;
	const out = new Uint32Array(count);
	for (let i = 0, at = 0; i < values.length; i++) if (test(values[i])) out[at++] = i;
	return out;
}

/**
 * Marks the rows of `frame` that another run's model was trained on: by row id where both runs saw the same data, by the clock where
 * that run was split by time. Undefined when neither can tell.
 */
export async function trainedOn(store: Store, frame: Frame, raw: Frame, other: { run: RunRecord; sameData: boolean }): Promise<Uint8Array | undefined> {
	const seen = new Uint8Array(frame.rows);
	if (other.sameData) {
		const rows = await splitRows(store, raw, other.run);
		const ids = new Set(rowsInParts(rows, [PART.train, PART.validation]).rowId);
		for (let i = 0; i < frame.rows; i++) seen[i] = ids.has(frame.rowId[i]) ? 1 : 0;
		return seen;
	}
	const { used, by, testStart } = other.run.split;
	if (used !== 'time' || !by || !testStart || !frame.schema.some((c) => c.name === by)) return undefined;
	const times = numbersOf(frame, by);
	const start = Date.parse(testStart);
	for (let i = 0; i < frame.rows; i++) seen[i] = times[i] < start ? 1 : 0;
	return seen;
}
