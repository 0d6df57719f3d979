import type { ColumnSchema } from '../domain/column.js';
import { isNumeric } from '../domain/column.js';
import { frameOf, type Frame } from '../data/frame.js';

/** The part of a prediction log's entry that drift looks at. */
export interface LoggedRow { input: Record<string, unknown>; prediction?: unknown; score?: readonly number[]; error?: string }

/**
 * Logged requests as a frame with the columns of a schema; rows that failed are left out. A value that does not fit its column's type is missing.
 * Dates may be logged as ISO text or milliseconds, yes/no as booleans, text or 0/1. Columns that no request named are left out, so that they show as lost.
 */
export function frameFromLog(entries: readonly LoggedRow[], schema: readonly ColumnSchema[]): Frame {
	const answered = entries.filter((e) => e.error === undefined);
	const kept = schema.filter((c) => answered.length === 0 || answered.some((e) => c.name in e.input));
	return frameOf([...kept], Object.fromEntries(kept.map((c) => [c.name, answered.map((e) => plainValue(c, e.input[c.name]))])));
}

function plainValue(column: ColumnSchema, value: unknown): number | string | null {
	if (value === null || value === undefined || value === '') return null;
	if (!isNumeric(column.type)) return typeof value === 'object' ? JSON.stringify(value) : String(value);
	if (typeof value === 'number') return value;
	if (typeof value === 'boolean') return value ? 1 : 0;
	if (typeof value !== 'string') return null;
	const number = column.type === 'datetime' ? Date.parse(value) : column.type === 'boolean' ? YES_NO.get(value.trim().toLowerCase()) ?? NaN : Number(value);
	return Number.isNaN(number) ? null : number;
}

const YES_NO = new Map<string, number>([['true', 1], ['yes', 1], ['y', 1], ['1', 1], ['false', 0], ['no', 0], ['n', 0], ['0', 0]]);
