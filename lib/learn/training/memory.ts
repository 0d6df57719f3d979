import { isNumeric, type ColumnSchema } from '../../domain/column.js';
import { LEARNERS } from '../learners/index.js';
import type { Chosen } from './choose.js';

/** Below this nobody asks. */
const WORTH_SAYING = 0.5 * 2 ** 30;

/** A table as far as memory goes. */
export interface Table {
	rows: number;
	schema: readonly ColumnSchema[];
}

/**
 * Bytes that a training will have in use at most: the table as it is loaded (8 bytes a number, 4 a text, 8 a row's id), what the learner
 * needs for the rows that it learns from, and for learners that want all columns at once those as well.
 */
export function memoryNeeded({ rows, schema }: Table, learned: number, { learner, params }: Chosen, threads: number): number {
	const table = rows * schema.reduce((sum, c) => sum + (isNumeric(c.type) ? 8 : 4), 8);
	const features = schema.filter((c) => c.role === 'feature' && c.type !== 'text').length;
	const matrix = learner.needs(params).byColumn ? 8 * learned : 8 * learned * features;
	return table + matrix + learner.estimate(learned, features, params, threads).bytes;
}

/** A process before it holds a table. */
const EMPTY = 0.35 * 2 ** 30;
/** What the split and a second fit may add, and steps or a search besides. */
const BESIDE = { plain: 1.4, more: 1.8 };

/** How many rows of a table a training can learn from within so much memory. @param more whether there are steps, or a search */
export function rowsThatFit(table: Table, chosen: Chosen, threads: number, memoryBytes: number, more = false): number {
	const beside = more ? BESIDE.more : BESIDE.plain;
	const fits = (rows: number): boolean => EMPTY + beside * memoryNeeded({ ...table, rows }, rows, chosen, threads) <= memoryBytes;
	let [low, high] = [0, table.rows];
	if (fits(high)) return high;
	while (high - low > 1) {
		const middle = Math.floor((low + high) / 2);
		if (fits(middle)) low = middle;
		else high = middle;
	}
	return low;
}

/** `about 2.4 GB of memory`; nothing where it is little. */
export const memoryWords = (bytes: number): string => (bytes < WORTH_SAYING ? '' : `about ${(bytes / 2 ** 30).toFixed(1)} GB of memory`);

/** What is shown when a training that needs much begins: ` (about 2.4 GB of memory)`. */
export const memoryText = (bytes: number): string => (bytes < WORTH_SAYING ? '' : ` (${memoryWords(bytes)})`);

/**
 * What each learner with its default parameters would need for all rows of a table, as it is before any steps: what people are shown before
 * they start a training.
 */
export const memoryByLearner = (table: Table, threads = 2): Array<{ id: string; label: string; bytes: number }> =>
	LEARNERS.map((learner) => ({
		id: learner.id,
		label: learner.label,
		bytes: memoryNeeded(table, table.rows, { learner, params: learner.params.parse({}) }, threads),
	}));
