import { own } from '../domain/dictionary.js';
import type { ColumnSchema } from '../domain/column.js';
import type { ColumnReading } from '../domain/drift.js';
import type { ModelManifest } from '../domain/model.js';
import { castRaw } from '../data/castRaw.js';
import { cellReader, shown } from '../data/reading/index.js';
import type { Frame, Row, Value } from '../data/frame.js';
import { frameFromRows } from '../data/frameFromRows.js';

/** The part of a prediction log's entry that drift looks at. */
export interface LoggedRow {
	input: Record<string, unknown>;
	prediction?: unknown;
	score?: readonly number[];
	error?: string;
}

/**
 * Logged requests as a frame with the columns of a schema; rows that failed are left out. Values are read as Predict reads them, in each
 * column's own notation; what Predict would refuse is missing. Columns that no request named are left out, so that they show as lost.
 */
export const frameFromLog = (entries: readonly LoggedRow[], schema: readonly ColumnSchema[], kept = namedIn(entries, schema)): Frame =>
	frameWith(entries, kept, readerOf);

/**
 * `frameFromLog` for a model: its requests as its version reads them, and what was found in them (version 2).
 * @param kept columns of the signature that the frame gets: those that a request named
 */
export function requestsOf(
	entries: readonly LoggedRow[],
	{ v, signature, seen }: Pick<ModelManifest, 'v' | 'signature' | 'seen'>,
	kept = namedIn(entries, signature),
): { frame: Frame; reading: ColumnReading[] } {
	if (v === 1) return { frame: frameFromLog(entries, signature, kept), reading: [] };
	const known = new Map((seen ?? []).map((s) => [s.name, s]));
	const reading = signature.map((c): ColumnReading => ({ column: c.name, unread: 0, unknown: 0, outside: 0, examples: [] }));
	const frame = frameWith(entries, kept, (column) => {
		const reader = cellReader(column, known.get(column.name));
		const tally = reading[signature.findIndex((c) => c.name === column.name)];
		return (input) => {
			if (!Object.hasOwn(input, column.name)) return null;
			const value = own(input, column.name);
			const read = reader.read(value);
			const finding = read === undefined ? 'unread' : reader.check(value, read);
			if (finding && finding !== 'case') {
				tally[finding]++;
				const example = shown(value);
				if (tally.examples.length < 5 && !tally.examples.includes(example)) tally.examples.push(example);
			}
			return read ?? null;
		};
	});
	return { frame, reading: reading.filter((r) => r.unread + r.unknown + r.outside > 0) };
}

const answeredIn = (entries: readonly LoggedRow[]): LoggedRow[] => entries.filter((e) => e.error === undefined);

function namedIn(entries: readonly LoggedRow[], schema: readonly ColumnSchema[]): readonly ColumnSchema[] {
	const answered = answeredIn(entries);
	return schema.filter((c) => answered.length === 0 || answered.some((e) => Object.hasOwn(e.input, c.name)));
}

function frameWith(
	entries: readonly LoggedRow[],
	kept: readonly ColumnSchema[],
	readerFor: (column: ColumnSchema) => (input: Record<string, unknown>) => Value,
): Frame {
	const readers = kept.map((c) => ({ name: c.name, read: readerFor(c) }));
	const rows = answeredIn(entries).map(({ input }) => {
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
