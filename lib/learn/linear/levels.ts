import { z } from 'zod/v4';
import type { Column, Matrix } from '../contract.js';

/** The parameter of the learners that says where grouping begins; far off by default, so that models stay what they were. */
export const maxCategories = z.number().int().min(2).max(10_000_000).default(1_000_000).meta({
	title: 'Most values of a category',
	description:
		'Values of a category with a coefficient of their own. Where there are more, the rarest ones share one, and the run says how many.',
	advanced: true,
});

/** Code of values that no training row had: rare ones are learned as such. */
const UNSEEN = 1;
const FIRST_LEVEL = 2;

export interface Grouped {
	x: Matrix;
	/** For columns with grouped levels: the code that each code became. */
	codes: Array<Uint32Array | undefined>;
}

/**
 * Leaves the `most - 1` most frequent levels of each category (the first ones among equals); the others share one coefficient, that of
 * values which were never seen. The columns given stay as they are.
 */
export function groupLevels(x: Matrix, most: number, said: (text: string) => void): Grouped {
	const codes: Grouped['codes'] = [];
	const columns = x.columns.map((column, j): Column => {
		if (column.kind === 'number' || column.levels - FIRST_LEVEL <= most) return column;
		const counts = countsOf(column.data, x.rows, column.levels);
		const seen = Array.from({ length: column.levels - FIRST_LEVEL }, (_, k) => k + FIRST_LEVEL).filter((code) => counts[code] > 0);
		if (seen.length <= most) return column;
		const byFrequency = seen.sort((a, b) => counts[b] - counts[a] || a - b);
		const kept = byFrequency.slice(0, most - 1).sort((a, b) => a - b);
		const rare = byFrequency.slice(most - 1);
		const map = new Uint32Array(column.levels).fill(UNSEEN);
		map[0] = 0;
		kept.forEach((code, k) => {
			map[code] = k + FIRST_LEVEL;
		});
		codes[j] = map;
		const rows = rare.reduce((sum, code) => sum + counts[code], 0);
		said(
			`"${column.name}" has ${count(seen.length)} values: the ${count(rare.length)} rarest ones (${count(counts[rare[0]])} rows at most, ` +
				`${count(rows)} together) count as one, like values that were never seen.`,
		);
		return { name: column.name, kind: 'category', levels: kept.length + FIRST_LEVEL, data: mapped(column.data, x.rows, map) };
	});
	return { x: { ...x, columns }, codes };
}

const count = (n: number): string => n.toLocaleString('en');

function countsOf(data: ArrayLike<number>, rows: number, levels: number): Uint32Array {
	const counts = new Uint32Array(levels);
	for (let i = 0; i < rows; i++) counts[data[i]]++;
	return counts;
}

function mapped(data: ArrayLike<number>, rows: number, map: Uint32Array): Uint32Array {
	const out = new Uint32Array(rows);
	for (let i = 0; i < rows; i++) out[i] = map[data[i]];
	return out;
}
