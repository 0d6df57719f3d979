import { lineText } from '../domain/text.js';

/** Rows as a table of plain text, numbers to the right; a line for each row. */
export function textTable(head: readonly string[], rows: ReadonlyArray<ReadonlyArray<string | number>>): string {
	const shown = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? cell.toLocaleString('en') : lineText(cell))));
	const widths = head.map((name, at) => Math.max(name.length, ...shown.map((row) => row[at].length)));
	const isNumber = head.map((_, at) => rows.length > 0 && rows.every((row) => typeof row[at] === 'number'));
	const line = (cells: readonly string[]): string =>
		cells
			.map((cell, at) => (isNumber[at] ? cell.padStart(widths[at]) : cell.padEnd(widths[at])))
			.join('  ')
			.trimEnd();
	return [line(head), ...shown.map(line)].join('\n');
}

/** `2026-03-01 12:00` in UTC. */
export const moment = (iso: string): string => iso.slice(0, 16).replace('T', ' ');

/** A number as people write it: four digits that matter. */
export const figure = (value: number | undefined): string =>
	value === undefined || !Number.isFinite(value) ? '' : Number(value.toPrecision(4)).toLocaleString('en', { maximumSignificantDigits: 4 });
