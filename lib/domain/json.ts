import { createHash } from 'node:crypto';
import { own } from './dictionary.js';

/**
 * JSON with sorted keys and no spaces: equal values give equal text, so its digest is an identity. Refuses what JSON would drop silently.
 */
export function canonicalJson(value: unknown): string {
	if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
	if (typeof value === 'number') {
		if (!Number.isFinite(value)) throw new TypeError(`canonicalJson: ${value} has no JSON form`);
		return JSON.stringify(value);
	}
	if (Array.isArray(value)) return `[${value.map((v) => canonicalJson(v === undefined ? null : v)).join(',')}]`;
	if (typeof value === 'object') {
		const entries = Object.entries(value as Record<string, unknown>)
			.filter(([, v]) => v !== undefined)
			.sort(([a], [b]) => (a < b ? -1 : 1));
		return `{${entries.map(([k, v]) => `${JSON.stringify(k)}:${canonicalJson(v)}`).join(',')}}`;
	}
	throw new TypeError(`canonicalJson: a ${typeof value} has no JSON form`);
}

/** Whether a text may hold a whole number with more digits than numbers are sure to keep; quick, and never wrong where it says no. */
const MAY_BE_LONG = /(?:^|[^.\d])\d{16}/;
/** Texts as they are, and numbers. */
const TEXT_OR_NUMBER = /"[^"\\]*(?:\\[^][^"\\]*)*"|-?\d[\d.eE+-]*/g;
const LONG_DIGITS = /^-?\d{16,}$/;

/** Digits of a whole number that a number would not keep all of. */
export const isLongWhole = (text: string): boolean => LONG_DIGITS.test(text) && !Number.isSafeInteger(Number(text));

/**
 * `JSON.parse` that rounds no whole number: one that has more digits than numbers keep (beyond 2^53) is the text of its digits, since it is
 * somebody's number and not a quantity, and 9007199254740993 is not the customer 9007199254740992. Columns of numbers read such texts as
 * numbers.
 * @throws SyntaxError
 */
export function parseJson(text: string): unknown {
	const value: unknown = JSON.parse(text);
	if (!MAY_BE_LONG.test(text)) return value;
	// What is JSON stays JSON: that it is has just been seen.
	return JSON.parse(text.replace(TEXT_OR_NUMBER, (token) => (isLongWhole(token) ? `"${token}"` : token)));
}

/** As deep as values of people are kept; what is nested deeper was not made by people, and readers would fail on it. */
const DEEPEST = 500;

/**
 * JSON of any value, or undefined where JSON cannot hold it: circular, nested too deep, or refusing to be read. A BigInt becomes a number,
 * a long one text.
 */
export function valueJson(value: unknown): string | undefined {
	let text: string | undefined;
	try {
		text = JSON.stringify(value);
	} catch {
		try {
			text = JSON.stringify(value, (_, inner: unknown) =>
				typeof inner === 'bigint' ? (Number.isSafeInteger(Number(inner)) ? Number(inner) : String(inner)) : inner,
			);
		} catch {
			return undefined;
		}
	}
	return text !== undefined && typeof value === 'object' && depthOf(text) > DEEPEST ? undefined : text;
}

function depthOf(json: string): number {
	let depth = 0;
	let deepest = 0;
	let quoted = false;
	for (let i = 0; i < json.length; i++) {
		const c = json.charCodeAt(i);
		if (quoted) {
			if (c === 0x5c) i++;
			else if (c === 0x22) quoted = false;
		} else if (c === 0x22) quoted = true;
		else if (c === 0x5b || c === 0x7b) deepest = Math.max(deepest, ++depth);
		else if (c === 0x5d || c === 0x7d) depth--;
	}
	return deepest;
}

/** A row as JSON, whatever its values are: one that JSON cannot hold becomes null, and its name is in `left`. */
export function rowJson(row: Record<string, unknown>): { text: string; left: string[] } {
	const whole = valueJson(row);
	if (whole !== undefined) return { text: whole, left: [] };
	const left: string[] = [];
	const cells: string[] = [];
	for (const name of Object.keys(row)) {
		let cell: string | undefined;
		try {
			const value = own(row, name);
			cell = valueJson(value);
			if (cell === undefined && (typeof value === 'undefined' || typeof value === 'function' || typeof value === 'symbol')) continue;
		} catch {
			// A getter that throws: as unreadable as a circle.
		}
		if (cell === undefined) left.push(name);
		cells.push(`${JSON.stringify(name)}:${cell ?? 'null'}`);
	}
	return { text: `{${cells.join(',')}}`, left };
}

/** SHA-256 in lower-case hex. */
export const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** Identity of a JSON value. */
export const digestOf = (value: unknown): string => sha256(canonicalJson(value));

/** The first entries of a list whose JSON together takes at most so many bytes. */
export function withinBytes<T>(list: readonly T[], bytes: number): T[] {
	let used = 0;
	const end = list.findIndex((entry) => (used += Buffer.byteLength(JSON.stringify(entry)) + 1) > bytes);
	return list.slice(0, end < 0 ? list.length : end);
}
