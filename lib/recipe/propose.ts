import { isNumeric, type ColumnSchema } from '../domain/column.js';
import type { ColumnProfile, Profile } from '../domain/profile.js';
import { QUANTILES } from '../domain/profile.js';
import type { RecipeStep } from '../domain/recipe.js';
import { isMark } from '../data/roles.js';
import { spellingList, spellingsOf, yesNoIn, type Spelled } from '../data/spellings.js';
import { readNumber } from './parse/readNumber.js';
import { dateReader, readBoolean } from './parse/values.js';
import { stepById } from './steps/index.js';
import { MISSING_WORDS } from './steps/trim_text.js';

export interface ProposeOptions {
	/** Share of missing values from which a column is dropped instead of filled. */
	dropMissingShare?: number;
	/** Whether to pull extreme values back. */
	outliers?: boolean;
	/** Whether to fill gaps. Trees cope with gaps by themselves, so some people prefer to leave them. */
	impute?: boolean;
	duplicates?: boolean;
	/** How often each label of the target occurs, where its spellings are to be looked at. */
	labels?: ReadonlyMap<string, number>;
}

const DEFAULTS: Required<Omit<ProposeOptions, 'labels'>> = { dropMissingShare: 0.6, outliers: true, impute: true, duplicates: true };

/** Share of the most frequent values that must read as another type before a conversion is proposed. */
const CONVERT_SHARE = 0.95;
/** A fence this many widths of the middle half away catches only what is extreme. */
const EXTREME_FACTOR = 3;
/** Beyond this share of distinct values, text is an identifier or free text and no category. */
const ID_SHARE = 0.95;
const MAX_NAMED = 8;

const names = (list: readonly string[]): string => {
	const shown = list.slice(0, MAX_NAMED).map((n) => `"${n}"`);
	return list.length > MAX_NAMED
		? `${shown.join(', ')} and ${list.length - MAX_NAMED} more`
		: shown.length > 1
			? `${shown.slice(0, -1).join(', ')} and ${shown[shown.length - 1]}`
			: shown.join('');
};
const percent = (share: number): string => (share > 0 && share < 0.001 ? 'less than 0.1 %' : `${Number((share * 100).toFixed(1))} %`);
const rows = (n: number): string => `${n} ${n === 1 ? 'row' : 'rows'}`;
const holds = (list: readonly string[]): string => (list.length === 1 ? 'holds' : 'hold');

type Add = (id: string, params: Record<string, unknown>, reason: string) => void;

/** A column and what the profile says of it. */
interface Seen {
	column: ColumnSchema;
	stats: ColumnProfile;
}

/** What proposals are made from: the feature columns that stay, and what is wanted. */
interface Proposing {
	profile: Profile;
	wanted: Required<Omit<ProposeOptions, 'labels'>> & Pick<ProposeOptions, 'labels'>;
	add: Add;
}

/**
 * The cleaning that the profile suggests, each step with its reason in plain words. Only which steps are proposed comes from the profile;
 * what they use (medians, limits) is learned later from training rows alone.
 */
export function proposeCleaning(profile: Profile, columns: readonly ColumnSchema[], options: ProposeOptions = {}): RecipeStep[] {
	const wanted = { ...DEFAULTS, ...options };
	const of = new Map(profile.columns.map((c) => [c.name, c]));
	const features = columns.filter((c) => c.role === 'feature' && of.has(c.name));
	const seen = features.map((column) => ({ column, stats: of.get(column.name)! }));
	const steps: RecipeStep[] = [];
	const add: Add = (id, params, reason) => {
		const step = stepById(id);
		steps.push({ step: id, version: step.version, params: step.params.parse(params) as Record<string, unknown>, reason });
	};
	const proposing = { profile, wanted, add };

	if (wanted.duplicates && profile.duplicates > 0 && safeToDrop(profile, columns)) {
		add(
			'drop_duplicates',
			{},
			`${rows(profile.duplicates)} (${percent(profile.duplicates / profile.rows)}) ` +
				`${profile.duplicates === 1 ? 'repeats' : 'repeat'} another row in every column; the first of each stays.`,
		);
	}
	const target = columns.find((c) => c.role === 'target');
	if (target) proposeForTarget(target, of.get(target.name)?.missing ?? 0, proposing);
	const useless = uselessColumns(seen, profile, wanted.dropMissingShare);
	if (useless.length) add('drop_columns', { columns: useless.map((u) => u.name) }, useless.map((u) => u.reason).join(' '));
	const dropped = new Set(useless.map((u) => u.name));
	const kept = seen.filter(({ column }) => !dropped.has(column.name));
	const untidy = proposeTidyText(kept, add);
	const converted = proposeConversions(kept, add);
	if (wanted.outliers) proposeLimits(kept, add);
	// Reading text as another type may leave gaps that the profile could not see.
	const mayGap = kept.filter(({ column, stats }) => stats.missing === 0 && (converted.has(column.name) || untidy.includes(column.name)));
	if (wanted.impute) proposeFilling(kept, mayGap, proposing);
	return steps;
}

/** Rows without a label go, and spellings of one label become one. */
function proposeForTarget(target: ColumnSchema, gaps: number, { wanted, add }: Proposing): void {
	if (gaps > 0)
		add(
			'drop_missing',
			{ columns: [target.name] },
			`${rows(gaps)} have no value in the target "${target.name}", so nothing can be learned from them.`,
		);
	const spelled = wanted.labels ? spellingsOf(wanted.labels) : [];
	if (spelled.length) {
		add(
			'unify_spelling',
			{ columns: [target.name], spellings: spelled.map(({ to }) => to), yes_no: yesNoIn(wanted.labels!.keys()) },
			spellingReason(target.name, spelled),
		);
	}
}

/** @returns names of the columns with stray spaces or words that mean missing */
function proposeTidyText(kept: readonly Seen[], add: Add): string[] {
	const untidy = kept.filter(({ column, stats }) => !isNumeric(column.type) && isUntidy(stats)).map(({ column }) => column.name);
	if (untidy.length)
		add(
			'trim_text',
			{ columns: untidy },
			`${names(untidy)} ${holds(untidy)} values with stray spaces, or words such as "N/A" that mean missing.`,
		);
	const cases = kept.filter(({ column, stats }) => !isNumeric(column.type) && differsByCase(stats)).map(({ column }) => column.name);
	if (cases.length)
		add('trim_text', { columns: cases, case: 'lower' }, `${names(cases)} ${holds(cases)} the same value in upper and lower case.`);
	return untidy;
}

/** @returns names of the columns that are read as another type */
function proposeConversions(kept: readonly Seen[], add: Add): ReadonlySet<string> {
	const converted = new Set<string>();
	for (const { to, params, what } of CONVERSIONS) {
		const fitting = kept
			.filter(({ column, stats }) => !isNumeric(column.type) && !converted.has(column.name) && readsAs(stats, params))
			.map(({ column }) => column.name);
		for (const name of fitting) converted.add(name);
		if (fitting.length)
			add('convert_type', { columns: fitting, to, ...params }, `${names(fitting)} ${holds(fitting)} ${what} written as text.`);
	}
	return converted;
}

function proposeLimits(kept: readonly Seen[], add: Add): void {
	const extreme = kept.filter(({ column, stats }) => (column.type === 'number' || column.type === 'integer') && isExtreme(stats));
	if (extreme.length === 0) return;
	const list = extreme.map(({ column }) => column.name);
	const [{ column, stats }] = extreme;
	const reach =
		stats.max === undefined || stats.min === undefined
			? ''
			: ` ("${column.name}" runs from ${show(stats.min)} to ${show(stats.max)}, ` +
				`its middle half from ${show(at(stats, 0.25))} to ${show(at(stats, 0.75))})`;
	add(
		'clip_outliers',
		{ columns: list, method: 'iqr', factor: EXTREME_FACTOR },
		`${names(list)} ${holds(list)} values far from all others${reach}; they are pulled back to a limit.`,
	);
}

/** @param mayGap columns without gaps so far, which may have some once their text is read */
function proposeFilling(kept: readonly Seen[], mayGap: readonly Seen[], { profile, add }: Proposing): void {
	// A gap of a mark says that it is not there: filled with the one value, the column would say nothing.
	const gaps = kept.filter(({ stats }) => stats.missing > 0 && !isMark({ ...stats, rows: profile.rows }));
	if (gaps.length + mayGap.length === 0) return;
	const list = [...gaps, ...mayGap].map(({ column }) => column.name);
	const worst = gaps.reduce<ColumnProfile | undefined>((a, { stats }) => (!a || stats.missing > a.missing ? stats : a), undefined);
	add(
		'impute',
		{ columns: list, strategy: 'auto' },
		worst
			? `${names(gaps.map(({ column }) => column.name))} ${gaps.length === 1 ? 'has' : 'have'} gaps ` +
					`(${gaps.length === 1 ? '' : `most in "${worst.name}": `}${percent(worst.missing / profile.rows)}); numbers get the ` +
					`median, the rest the most frequent value of the training rows.`
			: `Values of ${names(list)} that cannot be read become gaps, which are filled.`,
	);
}

/** What becomes of which labels, with their counts. */
function spellingReason(target: string, spelled: readonly Spelled[]): string {
	const shown = spelled.slice(0, MAX_NAMED).map((s) => `${spellingList(s)} become "${s.to}"`);
	const more = spelled.length > MAX_NAMED ? `; and ${spelled.length - MAX_NAMED} more` : '';
	return `Labels of the target "${target}" differ in spelling only, and each would be a class of its own: ${shown.join('; ')}${more}.`;
}

/** Without anything that tells rows apart, equal rows of a narrow table are rather equal cases than copies. */
function safeToDrop(profile: Profile, columns: readonly ColumnSchema[]): boolean {
	if (columns.some((c) => c.role === 'id' || c.role === 'time')) return true;
	return columns.length >= 4 && profile.duplicates <= profile.rows * 0.2;
}

function uselessColumns(
	seen: readonly Seen[],
	{ rows: total, warnings }: Profile,
	dropShare: number,
): Array<{ name: string; reason: string }> {
	if (!total) return [];
	const leaks = new Map(
		warnings.flatMap((w) => (w.code === 'leakage' && w.certain && w.column !== undefined ? [[w.column, w.text] as const] : [])),
	);
	return seen.flatMap(({ column: { name, type }, stats }) => {
		const leak = leaks.get(name);
		if (leak !== undefined) return [{ name, reason: leak }];
		const present = total - stats.missing;
		if (present === 0) return [{ name, reason: `"${name}" holds no value at all.` }];
		if (isMark({ ...stats, rows: total })) return [];
		if (stats.missing / total > dropShare)
			return [{ name, reason: `"${name}" is missing in ${percent(stats.missing / total)} of the rows.` }];
		if (stats.distinct <= 1 && stats.missing === 0) return [{ name, reason: `"${name}" holds the same value in every row.` }];
		// A sorted list of whole numbers may well be a measure, so only text counts as an identifier.
		if (!isNumeric(type) && type !== 'text' && present >= 50 && stats.distinct > present * ID_SHARE)
			return [{ name, reason: `"${name}" has a different value in almost every row, as an identifier does.` }];
		return [];
	});
}

const texts = (stats: ColumnProfile): string[] => (stats.top ?? []).flatMap((t) => (typeof t.value === 'string' ? [t.value] : []));

function isUntidy(stats: ColumnProfile): boolean {
	const words = new Set(MISSING_WORDS);
	return texts(stats).some((t) => t !== t.trim() || /\s{2,}/.test(t) || words.has(t.trim().toLowerCase()));
}

/** The same word in upper and lower case; where codes would become one with it (`A1` and `a1`), the column is left alone. */
function differsByCase(stats: ColumnProfile): boolean {
	const list = [...new Set(texts(stats).map((t) => t.replace(/\s+/g, ' ').trim()))];
	const merged = (some: readonly string[]): boolean => new Set(some.map((t) => t.toLowerCase())).size < some.length;
	const isCode = (t: string): boolean => /\d/.test(t) || t.length === 1;
	return merged(list.filter((t) => !isCode(t))) && !merged(list.filter(isCode));
}

const CONVERSIONS: ReadonlyArray<{
	to: 'number' | 'datetime' | 'boolean';
	params: { decimal?: '.' | ','; day_first?: boolean };
	what: string;
}> = [
	{ to: 'boolean', params: {}, what: 'yes and no' },
	{ to: 'number', params: { decimal: '.' }, what: 'numbers' },
	{ to: 'number', params: { decimal: ',' }, what: 'numbers with a decimal comma' },
	{ to: 'datetime', params: { day_first: false }, what: 'dates' },
	{ to: 'datetime', params: { day_first: true }, what: 'dates with the day first' },
];

/** Whether nearly all of the most frequent values read this way, and no other reading of the same kind takes more of them. */
function readsAs(stats: ColumnProfile, params: { decimal?: '.' | ','; day_first?: boolean }): boolean {
	const words = new Set(MISSING_WORDS);
	const list = (stats.top ?? []).flatMap((t) =>
		typeof t.value === 'string' && !words.has(t.value.trim().toLowerCase()) && t.value.trim() ? [{ text: t.value, count: t.count }] : [],
	);
	const total = list.reduce((n, t) => n + t.count, 0);
	if (!total) return false;
	const share = (read: (text: string) => number): number =>
		list.reduce((n, t) => n + (Number.isNaN(read(t.text)) ? 0 : t.count), 0) / total;
	if (params.decimal) {
		// Ingest reads plain numbers as such: whole ones that it kept as text are codes, which would lose a leading zero or run together.
		if (list.every((t) => /^\s*\d+\s*$/.test(t.text)) || list.some((t) => /^\s*[+-]?0\d/.test(t.text))) return false;
		const other = params.decimal === '.' ? ',' : '.';
		const own = share((t) => readNumber(t, params.decimal));
		return own >= CONVERT_SHARE && own >= share((t) => readNumber(t, other));
	}
	if (params.day_first !== undefined) {
		const read = dateReader(params.day_first);
		// A date with the day first is one whose first part cannot be a month.
		const dayFirst = list.some((t) => Number(/^(\d{1,2})[/-]\d{1,2}[/-]\d{4}/.exec(t.text.trim())?.[1] ?? 0) > 12);
		return share(read) >= CONVERT_SHARE && dayFirst === params.day_first;
	}
	return stats.distinct >= 2 && share(readBoolean) >= CONVERT_SHARE && list.some((t) => /[a-z]/i.test(t.text));
}

const at = (stats: ColumnProfile, share: (typeof QUANTILES)[number]): number => stats.quantiles?.[QUANTILES.indexOf(share)] ?? NaN;
const show = (x: number): string => String(Number(x.toPrecision(4)));

function isExtreme(stats: ColumnProfile): boolean {
	const [q1, q3] = [at(stats, 0.25), at(stats, 0.75)];
	const width = q3 - q1;
	if (!(width > 0) || stats.distinct < 10 || stats.min === undefined || stats.max === undefined) return false;
	// Twice as far as the limit itself: a long but smooth tail is left alone.
	return stats.max > q3 + 2 * EXTREME_FACTOR * width || stats.min < q1 - 2 * EXTREME_FACTOR * width;
}
