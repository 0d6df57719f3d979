import { setImmediate } from 'node:timers/promises';
import { throwIfCancelled, type Cancellable } from '../domain/cancel.js';
import { MlopsError } from '../domain/errors.js';
import type { Context } from '../domain/progress.js';
import { columnIndex, isNumberVector, type Frame, type NumberVector } from '../data/frame.js';
import { columnData, likeReference, type ColumnData } from './columnData.js';
import { Crew, type NumbersSide, type Seat } from './judgeCrew.js';
import type { DriftParams } from './driftParams.js';
import { judge } from './judge.js';
import { isSketch, sketchedColumn, type ReferenceSketch } from './sketch.js';
import { finiteInto } from './table.js';
import type { Judged } from './verdict.js';

/** So many numbers are sorted here before a further thread pays. */
const NUMBERS_A_THREAD = 2_000_000;
/**
 * A thread holds three columns, two of them in places (`judgeCrew.ts`): with so many columns each, threads take half as much as the tables.
 */
const COLUMNS_A_THREAD = 6;

type Reference = Frame | ReferenceSketch;

/**
 * What each of these columns says by itself, in this order. Columns of numbers go to threads where they are long enough; what comes out
 * does not depend on it.
 * @throws `data.column_unknown`, `compute.cancelled`, and what `judge` throws of the first column that it throws of
 */
export async function judgeAll(
	names: readonly string[],
	reference: Reference,
	current: Frame,
	params: DriftParams,
	context: Pick<Context, 'progress'> & Cancellable & { threads?: number },
): Promise<Judged[]> {
	const crew = hired(names, reference, current, params, context.threads ?? 1);
	const judged: Array<Promise<PromiseSettledResult<Judged>>> = [];
	try {
		for (const [i, name] of names.entries()) {
			throwIfCancelled(context, 'The drift check');
			context.progress({ stage: 'Comparing columns', share: i / names.length });
			const here = () => judge(...readPair(name, reference, current), params);
			const seat = crew && areNumbers(name, reference, current) ? await crew.seat() : undefined;
			const answer = seat ? there(seat, name, reference, current).then((found) => found ?? here()) : async(here);
			// A column that fails is told of in its turn.
			judged.push(Promise.allSettled([answer]).then(([outcome]) => outcome));
			await setImmediate();
		}
		return (await Promise.all(judged)).map((outcome) => {
			if (outcome.status === 'rejected') throw outcome.reason;
			return outcome.value;
		});
	} finally {
		await crew?.close();
	}
}

const async = async <T>(work: () => T): Promise<T> => work();

/** Threads, where the numbers are many enough for more than this one. */
function hired(names: readonly string[], reference: Reference, current: Frame, params: DriftParams, most: number): Crew | undefined {
	const columns = names.filter((name) => areNumbers(name, reference, current)).length;
	const rows = { reference: isSketch(reference) ? 0 : reference.rows, current: current.rows };
	const threads = Math.min(
		most,
		Math.floor(columns / COLUMNS_A_THREAD),
		Math.floor((columns * (rows.reference + rows.current)) / NUMBERS_A_THREAD),
	);
	return threads > 1 ? new Crew(threads, rows, params) : undefined;
}

/** A column of numbers, if that is what it is; its values are not read yet. */
function numbersIn(frame: Frame, name: string): NumberVector | undefined {
	const vector = frame.vectors[frame.schema.findIndex((c) => c.name === name)];
	return vector && isNumberVector(vector) ? vector : undefined;
}

const areNumbers = (name: string, reference: Reference, current: Frame): boolean =>
	numbersIn(current, name) !== undefined &&
	(isSketch(reference)
		? reference.columns.some((c) => c.name === name && c.numbers !== undefined)
		: numbersIn(reference, name) !== undefined);

/** Judges a column of numbers in the thread of `seat`; nothing comes back where that is lost. */
async function there(seat: Seat, name: string, reference: Reference, current: Frame): Promise<Judged | undefined> {
	const now = numbersSide(current, name, seat.current);
	const before = isSketch(reference) ? sketchedSide(reference, name) : numbersSide(reference, name, seat.reference);
	return await seat.judge({ reference: before, current: now.missing === now.rows ? { ...now, type: before.type } : now });
}

function numbersSide(frame: Frame, name: string, into: Float64Array<SharedArrayBuffer>): NumbersSide {
	const { type } = frame.schema[columnIndex(frame.schema, name)];
	const n = finiteInto(into, numbersIn(frame, name)!.data);
	return { name, type, rows: frame.rows, missing: frame.rows - n, error: { distance: 0, rank: 0 }, numbers: { memory: into.buffer, n } };
}

function sketchedSide(reference: ReferenceSketch, name: string): NumbersSide {
	const { values, ...facts } = sketchedColumn(reference.columns.find((c) => c.name === name)!);
	if (values.kind === 'levels') throw new Error('a column of texts is no column of numbers');
	return { ...facts, numbers: values.numbers };
}

function readPair(name: string, reference: Reference, current: Frame): [ColumnData, ColumnData | undefined] {
	const there = current.schema.find((c) => c.name === name);
	let before: ColumnData;
	if (isSketch(reference)) {
		const sketched = reference.columns.find((c) => c.name === name);
		if (!sketched)
			throw new MlopsError('data.column_unknown', `The reference kept with the model has no column "${name}".`, {
				column: name,
				expected: `one of: ${reference.columns
					.slice(0, 20)
					.map((c) => c.name)
					.join(', ')}`,
			});
		before = sketchedColumn(sketched);
	} else before = columnData(reference, reference.schema[columnIndex(reference.schema, name)]);
	return [before, there && likeReference(before, columnData(current, there))];
}
