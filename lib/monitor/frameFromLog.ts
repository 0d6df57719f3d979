import type { ColumnSchema } from '../domain/column.js';
import { castRaw } from '../data/castRaw.js';
import type { Frame, Row, Value } from '../data/frame.js';
import { frameFromRows } from '../data/frameFromRows.js';

/** The part of a prediction log's entry that drift looks at. */
export interface LoggedRow { input: Record<string, unknown>; prediction?: unknown; score?: readonly number[]; error?: string }

/**
 * Logged requests as a frame with the columns of a schema; rows that failed are left out. Values are read as Predict reads them, in each column's own
 * notation; what Predict would refuse is missing. Columns that no request named are left out, so that they show as lost.
 */
export function frameFromLog(entries: readonly LoggedRow[], schema: readonly ColumnSchema[]): Frame {
	const answered = entries.filter((e) => e.error === undefined);
	const kept = schema.filter((c) => answered.length === 0 || answered.some((e) => Object.hasOwn(e.input, c.name)));
	const readers = kept.map((c) => ({ name: c.name, read: readerOf(c) }));
	const rows = answered.map(({ input }) => {
		const row = Object.create(null) as Row; // no prototype: a column may be called "constructor"
		for (const { name, read } of readers) row[name] = read(input);
		return row;
	});
	return frameFromRows(rows, kept);
}

/** One column at a time, so that a bad value costs no other. */
function readerOf(column: ColumnSchema): (input: Record<string, unknown>) => Value {
	const cast = castRaw([column]);
	return (input) => {
		try {
			return cast(input)[column.name];
		} catch {
			return null;
		}
	};
}
