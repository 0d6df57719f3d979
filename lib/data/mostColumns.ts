import { MlopsError } from '../domain/errors.js';

/** Beyond this a table takes many minutes and several gigabytes, whatever its rows are. */
export const MOST_COLUMNS = 50_000;

/**
 * Refuses a table that is too wide to be read in reasonable time and memory.
 * @param label what is read, for people
 * @throws `data.unreadable`
 */
export function assertColumns(columns: number, label: string): void {
	if (columns <= MOST_COLUMNS) return;
	throw new MlopsError('data.unreadable', `${label} has ${columns.toLocaleString('en')} columns, which is more than can be read.`, {
		expected: `at most ${MOST_COLUMNS.toLocaleString('en')} columns`,
		found: `${columns.toLocaleString('en')} columns`,
		remedy:
			'Each row should be one thing and each column one of its properties: if it is the other way round, turn the table. Else leave ' +
			'columns out before, or write it with one value a row.',
	});
}
