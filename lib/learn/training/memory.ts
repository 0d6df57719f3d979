import type { Frame } from '../../data/frame.js';
import { isNumeric } from '../../domain/column.js';
import type { Chosen } from './choose.js';

/** Below this nobody asks. */
const WORTH_SAYING = 0.5 * 2 ** 30;

/**
 * Bytes that a training will have in use at most: the table as it is loaded (8 bytes a number, 4 a text, 8 a row's id), what the learner
 * needs for the rows that it learns from, and for learners that want all columns at once those as well.
 */
export function memoryNeeded({ rows, schema }: Frame, learned: number, { learner, params }: Chosen, threads: number): number {
	const table = rows * schema.reduce((sum, c) => sum + (isNumeric(c.type) ? 8 : 4), 8);
	const features = schema.filter((c) => c.role === 'feature' && c.type !== 'text').length;
	const matrix = learner.needs(params).byColumn ? 8 * learned : 8 * learned * features;
	return table + matrix + learner.estimate(learned, features, params, threads).bytes;
}

/** What is shown before a training that needs much begins: ` (about 2.4 GB of memory)`. */
export const memoryText = (bytes: number): string => (bytes < WORTH_SAYING ? '' : ` (about ${(bytes / 2 ** 30).toFixed(1)} GB of memory)`);
