/** Figures as people read them. Numbers come in the reader's language; what is not known is a dash. */
export const UNKNOWN = '–';

const plain = (value: number, options: Intl.NumberFormatOptions): string => new Intl.NumberFormat(undefined, options).format(value);

/** A whole number: 1,234,567. */
export const count = (value: number | null | undefined): string => (value == null ? UNKNOWN : plain(value, { maximumFractionDigits: 0 }));

/** Four significant digits, and powers of ten where a number would be unreadable otherwise. */
export function number(value: number | null | undefined, digits = 4): string {
	if (value == null || Number.isNaN(value)) return UNKNOWN;
	if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
	const size = Math.abs(value);
	if (size !== 0 && (size >= 1e9 || size < 1e-4)) return value.toExponential(Math.max(digits - 1, 0)).replace('e+', 'e');
	if (Number.isInteger(value)) return plain(value, { maximumFractionDigits: 0 });
	return plain(value, { maximumSignificantDigits: Math.max(digits, Math.ceil(Math.log10(size || 1))) });
}

/** A share of 1: 0.1234 is 12.3 %. */
export const percent = (share: number | null | undefined, digits = 1): string =>
	share == null || !Number.isFinite(share) ? UNKNOWN : `${plain(share * 100, { maximumFractionDigits: digits })} %`;

export function bytes(value: number | null | undefined): string {
	if (value == null) return UNKNOWN;
	const units = ['B', 'kB', 'MB', 'GB', 'TB'];
	const at = Math.min(value > 0 ? Math.floor(Math.log10(value) / 3) : 0, units.length - 1);
	return `${plain(value / 1000 ** at, { maximumFractionDigits: at ? 1 : 0 })} ${units[at]}`;
}

const SPANS = [
	['day', 86_400],
	['hour', 3_600],
	['minute', 60],
	['second', 1],
] as const;

/** A time that something took: 340 ms, 12.3 s, 2 min 5 s, 3 h 12 min, 2 d 4 h. */
export function duration(ms: number | null | undefined): string {
	if (ms == null || !Number.isFinite(ms)) return UNKNOWN;
	if (ms < 1_000) return `${plain(ms, { maximumFractionDigits: ms < 10 ? 1 : 0 })} ms`;
	const seconds = ms / 1_000;
	if (seconds < 60) return `${plain(seconds, { maximumFractionDigits: 1 })} s`;
	const two = (whole: number, small: number, units: readonly [string, string]): string => {
		const [a, b] = [Math.floor(whole), Math.floor(small)];
		return b ? `${a} ${units[0]} ${b} ${units[1]}` : `${a} ${units[0]}`;
	};
	if (seconds < 3_600) return two(seconds / 60, seconds % 60, ['min', 's']);
	if (seconds < 86_400) return two(seconds / 3_600, (seconds % 3_600) / 60, ['h', 'min']);
	return two(seconds / 86_400, (seconds % 86_400) / 3_600, ['d', 'h']);
}

/** How long ago a moment was, or how soon it comes: "3 minutes ago", "in 2 hours"; within ten seconds "now". */
export function fromNow(moment: number, now = Date.now()): string {
	const seconds = (moment - now) / 1_000;
	if (Math.abs(seconds) < 10) return 'now';
	const [unit, size] = SPANS.find(([, span]) => Math.abs(seconds) >= span) ?? SPANS[3];
	return new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' }).format(Math.round(seconds / size), unit);
}

/** One thing or many: `many(1, 'row')` is "1 row", `many(3, 'row')` "3 rows", `many(2, 'entry', 'entries')` "2 entries". */
export const many = (value: number, one: string, more = `${one}s`): string => `${count(value)} ${value === 1 ? one : more}`;
