import { own } from '../domain/dictionary.js';
const NBSP = '\u00a0';
const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '`': '&#96;' };

/**
 * Text made safe for HTML content and quoted attributes. Control characters and those that turn the reading direction
 * (which could make a column name look like another) are shown as a replacement mark.
 */
export const escapeHtml = (value: unknown): string => visible(String(value ?? '')).replace(/[&<>"'`]/g, (c) => own(ESCAPES, c)!);

/** Text with its control and direction characters replaced; lone halves of surrogate pairs too. */
export const visible = (text: string): string =>
	text
		.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/g, '\ufffd')
		.toWellFormed();

/** A number as a person would write it: `3,000,000`, `0.702`, `1.2e-9`. At most `digits` significant digits after grouping. */
export function number(value: number | null | undefined, digits = 3): string {
	if (value === null || value === undefined || Number.isNaN(value)) return '–';
	if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
	const size = Math.abs(value);
	if (size !== 0 && (size >= 1e15 || size < 1e-4)) return minus(value.toExponential(Math.max(0, digits - 2)).replace('e+', 'e'));
	if (Number.isInteger(value) || size >= 10 ** digits) return minus(Math.round(value).toLocaleString('en-US'));
	return minus(value.toLocaleString('en-US', { maximumSignificantDigits: digits }));
}

/** A score with a fixed number of decimals, so that a column of them lines up. */
export const score = (value: number | null | undefined, decimals = 3): string =>
	value === null || value === undefined || !Number.isFinite(value)
		? number(value)
		: Math.abs(value) >= 1000
			? number(value, 4)
			: minus(value.toFixed(decimals));

/** `0.7021` as `70 %`; more decimals near the ends, so that 99.95 % is not called 100 %. */
export function percent(share: number | null | undefined, decimals?: number): string {
	if (share === null || share === undefined || !Number.isFinite(share)) return number(share);
	const p = share * 100;
	const edge = Math.min(Math.abs(p), Math.abs(100 - p));
	const d = decimals ?? (edge === 0 || edge >= 2 ? 0 : edge >= 0.2 ? 1 : edge >= 0.02 ? 2 : 3);
	const text = p.toFixed(d);
	if (Number(text) === 0 && p > 0) return `< 0.001${NBSP}%`;
	return `${minus(text)}${NBSP}%`;
}

/** A whole number with its noun: `1 row`, `3,000,000 rows`. */
export const count = (n: number, singular: string, plural = `${singular}s`): string => `${number(n)}${NBSP}${n === 1 ? singular : plural}`;

/** `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
	if (!Number.isFinite(seconds)) return '–';
	if (seconds < 0.95) return `${Math.max(0, Math.round(seconds * 1000))}${NBSP}ms`;
	if (seconds < 10) return `${seconds.toFixed(1)}${NBSP}s`;
	const whole = Math.round(seconds);
	if (whole < 60) return `${whole}${NBSP}s`;
	if (whole < 3600) return `${Math.floor(whole / 60)}${NBSP}min${whole % 60 ? ` ${whole % 60}${NBSP}s` : ''}`;
	return `${Math.floor(whole / 3600)}${NBSP}h${Math.floor((whole % 3600) / 60) ? ` ${Math.floor((whole % 3600) / 60)}${NBSP}min` : ''}`;
}

/** `512 B`, `3.4 MB`. */
export function bytes(size: number): string {
	const units = ['B', 'kB', 'MB', 'GB', 'TB'];
	let value = size;
	let unit = 0;
	while (value >= 1000 && unit < units.length - 1) {
		value /= 1000;
		unit++;
	}
	return `${number(value, unit === 0 ? 4 : 2)}${NBSP}${units[unit]}`;
}

/** UTC milliseconds or an ISO time as `14 Jun 2001` (with `14:03 UTC` when `clock`). Anything else comes back unchanged. */
export function date(value: number | string | Date, clock = false): string {
	const at = new Date(value);
	if (Number.isNaN(at.getTime())) return String(value);
	const day = at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
	return clock ? `${day}, ${at.toISOString().slice(11, 16)}${NBSP}UTC` : day;
}

/** An id in words: `gradientBoosting` as `Gradient boosting`. A text with spaces is left as it is. */
export const humanize = (id: string): string => {
	if (/\s/.test(id)) return id;
	const words = id.replace(/[_-]+/g, ' ').replace(/([a-z0-9])([A-Z])(?=[a-z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);
	return words.charAt(0).toUpperCase() + words.slice(1);
};

/** Long text with its middle left out, so that names that differ at the end stay apart. */
export function shorten(text: string, length: number): string {
	const chars = [...visible(text)];
	if (chars.length <= length) return chars.join('');
	const head = Math.ceil((length - 1) * 0.6);
	return `${chars.slice(0, head).join('')}…${chars.slice(chars.length - (length - 1 - head)).join('')}`;
}

/** Breaks a text into lines of at most `width` characters, at spaces. */
export function wrap(text: string, width: number): string[] {
	const lines: string[] = [];
	for (const word of visible(text).split(/ +/)) {
		const last = lines[lines.length - 1];
		if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
		else lines.push(shorten(word, width));
	}
	return lines;
}

/** `a`, `a and b`, `a, b and 3 more`. */
export function list(names: readonly string[], most = 4): string {
	const shown = names.length <= most ? names : names.slice(0, most - 1);
	const rest = names.length - shown.length;
	const parts = rest > 0 ? [...shown, `${number(rest)} more`] : shown;
	return parts.length <= 1 ? (parts[0] ?? '') : `${parts.slice(0, -1).join(', ')} and ${parts[parts.length - 1]}`;
}

/** Any value in a short readable form, for tables of parameters and preview rows. */
export function plain(value: unknown, length = 80): string {
	if (value === null || value === undefined || value === '') return '–';
	if (typeof value === 'number') return number(value, 5);
	if (typeof value === 'boolean') return value ? 'yes' : 'no';
	if (value instanceof Date) return date(value, true);
	if (typeof value === 'string') return shorten(value, length);
	if (Array.isArray(value) && value.every((v) => typeof v !== 'object')) return shorten(value.map((v) => plain(v)).join(', '), length);
	return shorten(JSON.stringify(value) ?? '–', length);
}

/** Parameters in one line, without those left empty. */
export const paramText = (params: Record<string, unknown>): string =>
	Object.entries(params)
		.filter(([, v]) => v !== undefined && v !== null && v !== '' && !(Array.isArray(v) && v.length === 0))
		.map(([k, v]) => `${k}: ${plain(v, 60)}`)
		.join(' · ');

/** A real minus sign, and none before a zero. */
const minus = (text: string): string => (/^-[0.]+$/.test(text) ? text.slice(1) : text.replace(/^-/, '−'));
