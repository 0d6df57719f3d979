import { setImmediate as breathe } from 'node:timers/promises';
import { dictionary } from '../../domain/dictionary.js';
import { MlopsError } from '../../domain/errors.js';
import { rowJson, valueJson } from '../../domain/json.js';
import { columnText } from '../../domain/text.js';
import type { PredictionLogEntry } from '../contract.js';
import { LONGEST_LINE } from './columns.js';
import type { SegmentLog } from './contract.js';

/** Rows made ready between two moments in which the calling thread may do other things. */
const PIECE = 1000;
/** A line of more UTF-16 units than this may be too long in UTF-8. */
export const LONG = LONGEST_LINE / 4;
/** Of such a line, values whose JSON is longer than this are left out. */
const LONG_VALUE = 10_000;

const LABEL = /^(.+)@([1-9]\d{0,8})$/s;
/** Half a character as JSON writes it; what stands before it are whole backslashes. */
const HALF = /(?<!\\)((?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g;

/** One spelling of a moment, so that text compares as time. */
export function instant(at: string): string {
	const date = new Date(at);
	if (Number.isNaN(date.getTime()))
		throw new MlopsError('input.invalid', `"${at}" is no moment.`, { expected: 'a date and time such as 2026-01-31T14:03:00Z' });
	return date.toISOString();
}

const field = (name: string, value: string | undefined): string =>
	value === undefined ? '' : `,"${name}":${JSON.stringify(columnText(value))}`;

/**
 * An answer as a line of an open segment, with its line feed. What a caller sent is kept as far as JSON can hold it: a circle in one value
 * costs that value alone; of a row of many megabytes the long values are left out, each saying so.
 */
export function answerText(entry: PredictionLogEntry): string {
	const text = textWith(entry, rowJson(entry.input).text);
	return text.length <= LONG ? text : textWith(entry, shortened(entry.input));
}

function textWith(entry: PredictionLogEntry, input: string): string {
	const [, model = entry.model, version] = LABEL.exec(entry.model) ?? [];
	const unlogged = (entry.prediction as { unlogged?: unknown } | null | undefined)?.unlogged;
	const text =
		`{"at":"${instant(entry.at)}"${field('id', entry.requestId)}${field('model', model)}` +
		`${version === undefined ? '' : `,"version":${version}`}${field('digest', entry.digest)}${field('alias', entry.alias)}` +
		`${field('rollout', entry.rollout)}${field('arm', entry.arm)}${field('door', entry.door)}${field('key', entry.key)}` +
		`${field('request', entry.request)}` +
		`${entry.ms === undefined ? '' : `,"ms":${JSON.stringify(entry.ms)}`},"input":${input},` +
		`"prediction":${valueJson(entry.prediction ?? null) ?? 'null'},"score":${JSON.stringify(entry.score)}` +
		`${entry.warnings?.length ? `,"warnings":${valueJson(entry.warnings) ?? 'null'}` : ''}${field('error', entry.error)}` +
		`${entry.error !== undefined && typeof unlogged === 'number' ? `,"unlogged":${unlogged}` : ''}}\n`;
	return wholeCharacters(text);
}

/** Half characters, which no reader takes, become U+FFFD. */
export const wholeCharacters = (lines: string): string => (lines.includes('\\ud') ? lines.replace(HALF, '$1\uFFFD') : lines);

function shortened(input: Record<string, unknown>): string {
	const kept = dictionary<unknown>();
	let size = 0;
	for (const [name, value] of Object.entries(JSON.parse(rowJson(input).text) as Record<string, unknown>)) {
		const length = JSON.stringify(value).length;
		if (length <= LONG_VALUE && size + name.length + length <= LONG / 2) {
			kept[name] = value;
			size += name.length + length;
		} else if (name.length <= LONG_VALUE && size + name.length + 100 <= LONG) {
			kept[name] = `(not kept in the log: ${length.toLocaleString('en')} characters)`;
			size += name.length + 100;
		}
	}
	return rowJson(kept).text;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const moment = (at: string): string => `CAST(${quoted(at)} AS TIMESTAMP)`;

/** What of the log is asked for. `model`: `name@version`, or a name for all its versions. */
export interface EntryRange {
	model?: string;
	/** As `instant` spells them. */
	since?: string;
	until?: string;
	limit: number;
}

const COLUMNS = ['at', 'model', 'digest', 'requestId', 'input', 'prediction', 'score', 'alias', 'error', 'warnings'] as const;
const MORE = ['rollout', 'arm', 'door', 'key', 'request', 'ms'] as const;

/** Answers of all segments, oldest first, and in the order of logging where they are of the same moment. */
export async function readEntries(log: SegmentLog, range: EntryRange): Promise<PredictionLogEntry[]> {
	const { model, since, until, limit } = range;
	if (!(await log.any('answers'))) return [];
	const label = `CASE WHEN version IS NULL THEN model ELSE model || '@' || version END`;
	const wanted = columnText(model ?? '');
	const conditions = [
		...(model === undefined ? [] : [`(label = ${quoted(wanted)} OR starts_with(label, ${quoted(`${wanted}@`)}))`]),
		...(since === undefined ? [] : [`"at" >= ${moment(since)}`]),
		...(until === undefined ? [] : [`"at" < ${moment(until)}`]),
	];
	const rows = await log.query(
		(relation) =>
			`SELECT strftime("at", '%Y-%m-%dT%H:%M:%S.%gZ'), label, digest, id, input, prediction, score, alias, error, warnings, ` +
			`${MORE.map((name) => `"${name}"`).join(', ')} FROM (SELECT *, row_number() OVER () AS n FROM (SELECT *, ${label} AS label ` +
			`FROM ${relation})${conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : ''}) ORDER BY "at", n` +
			(Number.isFinite(limit) ? ` LIMIT ${Math.max(0, Math.floor(limit))}` : ''),
		'answers',
		{ since, until },
	);
	const entries: PredictionLogEntry[] = [];
	for (const row of rows) {
		entries.push(entryOf(row));
		if (entries.length % PIECE === 0) await breathe();
	}
	return entries;
}

const JSON_COLUMNS: ReadonlySet<string> = new Set(['input', 'prediction', 'score', 'warnings']);
/** Those that an entry always has. */
const ALWAYS: ReadonlySet<string> = new Set(['at', 'model', 'digest', 'requestId', 'input', 'prediction', 'score']);

function entryOf(row: unknown[]): PredictionLogEntry {
	const entry = dictionary<unknown>();
	for (const [i, name] of [...COLUMNS, ...MORE].entries()) {
		const value = row[i];
		if (value !== null) entry[name] = JSON_COLUMNS.has(name) ? (JSON.parse(String(value)) as unknown) : value;
		else if (ALWAYS.has(name)) entry[name] = null;
	}
	return entry as unknown as PredictionLogEntry;
}
