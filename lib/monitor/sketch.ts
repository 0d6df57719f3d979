import { z } from 'zod/v4';
import { columnType } from '../domain/column.js';
import { apart } from '../data/derived.js';
import { columnIndex, vectorOf, type Frame } from '../data/frame.js';
import { columnData, type ColumnData } from './columnData.js';
import type { Table } from './storedTable.js';
import { meanOf, populationStd, type Weighted } from './table.js';

/** Different values kept exactly; beyond that neighbours are joined. */
const KEPT_NUMBERS = 2000;
const KEPT_LEVELS = 5000;

const columnSketch = z.object({
	name: z.string(),
	type: columnType,
	rows: z.number().int(),
	missing: z.number().int(),
	/** Numbers: values in rising order, or means of joined neighbours, and their rows. */
	numbers: z.object({ values: z.array(z.number()), counts: z.array(z.number()) }).optional(),
	/** Text: the most frequent values in rising order, and rows in all others. */
	levels: z.object({ keys: z.array(z.string()), counts: z.array(z.number()), otherRows: z.number().int() }).optional(),
	mean: z.number().optional(),
	/** Divisor n. */
	std: z.number().optional(),
	/**
	 * `distance`: mean distance by which joining moved a value, in the column's unit; `rank`: greatest error of a cumulative share. Both 0:
	 * nothing was lost.
	 */
	error: z.object({ distance: z.number(), rank: z.number() }),
});

/** What is kept of a model's training rows to compare later rows with: plain JSON, a few kilobytes a column. */
export const referenceSketch = z.object({
	kind: z.literal('mlops.reference'),
	v: z.literal(1),
	rows: z.number().int(),
	columns: z.array(columnSketch),
});
export type ReferenceSketch = z.infer<typeof referenceSketch>;

export const isSketch = (reference: Table | ReferenceSketch): reference is ReferenceSketch => 'kind' in reference;

/** Sketches columns (all if none are named). Columns with at most 2,000 numbers or 5,000 text values lose nothing. */
export function buildReference(frame: Frame, columns: readonly string[] = []): ReferenceSketch {
	const names = columns.length ? columns : frame.schema.map((c) => c.name);
	return {
		kind: 'mlops.reference',
		v: 1,
		rows: frame.rows,
		columns: names.map((name) => {
			const schema = frame.schema[columnIndex(frame.schema, name)];
			return sketchOf(columnData({ ...frame, schema: [schema], vectors: [apart(vectorOf(frame, name))] }, schema));
		}),
	};
}

function sketchOf({ name, type, rows, missing, values }: ColumnData): ReferenceSketch['columns'][number] {
	if (values.kind === 'levels') {
		const { keys, counts } = values.levels;
		const order = keys.map((_, i) => i).sort((a, b) => counts[b] - counts[a] || a - b);
		const kept = order.slice(0, KEPT_LEVELS).sort((a, b) => a - b);
		const otherRows = order.slice(KEPT_LEVELS).reduce((sum, i) => sum + counts[i], 0);
		const rank = rows > missing ? otherRows / (rows - missing) : 0;
		return {
			name,
			type,
			rows,
			missing,
			levels: { keys: kept.map((i) => keys[i]), counts: kept.map((i) => counts[i]), otherRows },
			error: { distance: 0, rank },
		};
	}
	const { joined, error } = joinNeighbours(values.numbers);
	const some = values.numbers.n > 0 ? { mean: meanOf(values.numbers), std: populationStd(values.numbers) } : {};
	return { name, type, rows, missing, numbers: { values: [...joined.values], counts: [...joined.counts] }, ...some, error };
}

/** Joins neighbouring values into groups of about equal rows, each kept as its mean; a value with as many rows stays by itself. */
function joinNeighbours(sample: Weighted): { joined: Weighted; error: { distance: number; rank: number } } {
	const { values, counts, n } = sample;
	if (values.length <= KEPT_NUMBERS) return { joined: sample, error: { distance: 0, rank: 0 } };
	const least = (2 * n) / KEPT_NUMBERS;
	const outValues: number[] = [];
	const outCounts: number[] = [];
	let moved = 0;
	let rank = 0;
	for (let from = 0, end = values.length; from < end; ) {
		let to = from + 1;
		let rows = counts[from];
		while (to < values.length && rows + counts[to] <= least) rows += counts[to++];
		let sum = 0;
		for (let i = from; i < to; i++) sum += (values[i] - values[from]) * counts[i];
		const middle = to === from + 1 ? values[from] : values[from] + sum / rows;
		for (let i = from; i < to; i++) moved += Math.abs(values[i] - middle) * counts[i];
		if (to > from + 1) rank = Math.max(rank, rows / n);
		outValues.push(middle);
		outCounts.push(rows);
		from = to;
	}
	return {
		joined: { values: Float64Array.from(outValues), counts: Float64Array.from(outCounts), n },
		error: { distance: moved / n, rank },
	};
}

/** A sketched column as tests see it. */
export function sketchedColumn(column: ReferenceSketch['columns'][number]): ColumnData {
	const { name, type, rows, missing, error } = column;
	const numbers = column.numbers;
	const values: ColumnData['values'] = numbers
		? {
				kind: 'numbers',
				numbers: { values: Float64Array.from(numbers.values), counts: Float64Array.from(numbers.counts), n: rows - missing },
			}
		: {
				kind: 'levels',
				levels: {
					keys: column.levels?.keys ?? [],
					counts: Float64Array.from(column.levels?.counts ?? []),
					otherRows: column.levels?.otherRows ?? 0,
				},
			};
	return { name, type, rows, missing, values, error };
}
