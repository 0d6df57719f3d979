import { MlopsError } from '../domain/errors.js';
import { PART, SPLIT_RULE, type SplitCopies, type SplitParams } from '../domain/split.js';
import { findCopies } from './copies.js';
import { columnIndex, isNumberVector, numbersOf, valueAt, vectorOf, type Frame } from './frame.js';
import { dateParser } from './dates.js';
import { shareClasses, shareGroups } from './splitShares.js';

export type SplitMethod = 'time' | 'group' | 'random';

export interface SplitResult {
	/** One of `PART` for each row of the frame. */
	parts: Uint8Array;
	used: SplitMethod;
	/** Column that decided, if any. */
	by?: string;
	/** First and last moment of the test rows (ISO) when split by time. */
	testStart?: string;
	testEnd?: string;
	rows: { train: number; validation: number; test: number; none: number };
	/** `SPLIT_RULE`. */
	rule: number;
	/** Rows that are the same but for ids, where there are more than chance would make. */
	copies?: SplitCopies;
	/** What stays on one side, by row, where copies are kept together; `folds` wants it. */
	units?: Uint32Array;
}

export interface Strata {
	/** A number a row (NaN: none), the class for example: rows of each are divided alike where chance decides. */
	strata?: Float64Array;
}

/**
 * Divides the rows, by rule 2 (`SPLIT_RULE`). A random or group split looks at the row's own key (a column with the role `id`, else the row
 * id) or group alone, so a test row stays a test row when data are added or other rows dropped. At random, rows that are the same but for
 * ids stay on one side where there are more of them than chance would make (by the key of the first of
 * them), and a rare class gets its share of each part: where it has too few, the rows whose keys come next. By time or group such copies
 * are counted only. Of two groups or more at least one is for the test and one for training.
 * @throws `learn.too_few_rows`, `learn.parameter_invalid`, `data.column_unknown`
 */
export function makeSplit(frame: Frame, params: SplitParams, { strata }: Strata = {}): SplitResult {
	const { used, by } = splitMethod(frame, params.method);
	const parts = new Uint8Array(frame.rows);
	const found = findCopies(frame);
	const copies = found?.beyondChance ? found : undefined;
	const units = copies && used === 'random' ? copies.first : undefined;
	let period: { testStart?: string; testEnd?: string } = {};
	if (used === 'time') period = byTime(numbersOf(frame, by!), params, parts);
	else {
		const own = used === 'group' ? groupKeys(frame, by!, params.seed) : rowKeys(frame, by, params.seed);
		const key = units ? unitKeys(frame, own, units, by) : own;
		const validation = params.testShare + (1 - params.testShare) * params.validationShare;
		for (let i = 0, n = parts.length; i < n; i++)
			parts[i] = key[i] < params.testShare ? PART.test : key[i] < validation ? PART.validation : PART.train;
		if (used === 'random' && strata) shareClasses(parts, key, units, strata, params);
		if (used === 'group') shareGroups(parts, key, params.testShare > 0 && frame.rows > FEW);
	}
	const rows = { train: 0, validation: 0, test: 0, none: 0 };
	for (const p of parts) rows[NAMES[p]]++;
	checkParts(rows, frame.rows, params, used, by);
	return {
		parts,
		used,
		...(by === undefined ? {} : { by }),
		...period,
		rows,
		rule: SPLIT_RULE,
		...(copies
			? { copies: { rows: copies.rows, distinct: copies.distinct, expected: copies.expected, across: acrossSides(copies.first, parts) } }
			: {}),
		...(units ? { units } : {}),
	};
}

const NAMES = ['train', 'validation', 'test', 'none'] as const;
/** So few rows may do without a test. */
const FEW = 20;

/** @throws `learn.too_few_rows` where a part that has to have rows has none */
function checkParts(
	rows: SplitResult['rows'],
	all: number,
	{ testShare, testFrom, testUntil }: SplitParams,
	used: SplitMethod,
	by?: string,
): void {
	// What stays together is a group or a moment: one alone is divided by no share and no further rows like it.
	const alone = {
		why: `: all rows have the same value in "${by}", by which they are divided`,
		remedy: `Give "${by}" another role in Ingest (Column Settings), or divide the rows at random (Train, Split, Method).`,
	};
	if (rows.train === 0) {
		const { why, remedy } = used === 'group' ? alone : { why: '', remedy: 'Make the test part smaller, or bring in more rows.' };
		throw new MlopsError(
			'learn.too_few_rows',
			`No row is left for training (${rows.test} for the test, ${rows.validation} for validation)${why}.`,
			{ column: by, remedy },
		);
	}
	if (rows.test > 0 || testShare <= 0 || (testFrom === undefined && all <= FEW)) return;
	if (testFrom !== undefined)
		throw new MlopsError(
			'learn.too_few_rows',
			`No row lies in the test period from ${testFrom}${testUntil ? ` until ${testUntil}` : ''}.`,
			{
				column: by,
				remedy: 'Choose a period that the data cover.',
			},
		);
	const { why, remedy } = used === 'random' ? { why: '', remedy: 'Choose another way to split, or bring in more rows.' } : alone;
	throw new MlopsError('learn.too_few_rows', `No row is left for the test${why}.`, { column: by, remedy });
}

/** What `auto` comes to for these columns, and the column that decides. */
export function splitMethod(frame: Pick<Frame, 'schema'>, method: SplitParams['method']): { used: SplitMethod; by?: string } {
	const named = (role: string) => frame.schema.find((c) => c.role === role)?.name;
	const time = named('time');
	const group = named('group');
	const used = method === 'auto' ? (time ? 'time' : group ? 'group' : 'random') : method;
	if (used === 'random') return { used, by: named('id') };
	const by = used === 'time' ? time : group;
	if (!by) {
		throw new MlopsError('learn.parameter_invalid', `To split by ${used}, one column needs the role "${used}", and none has it.`, {
			expected: `a column with the role "${used}"`,
			remedy: 'Give a column that role in Ingest, or split at random.',
		});
	}
	return { used, by };
}

function byTime(times: Float64Array, params: SplitParams, parts: Uint8Array): { testStart?: string; testEnd?: string } {
	const from = params.testFrom === undefined ? undefined : moment(params.testFrom, 'testFrom');
	const until = params.testUntil === undefined ? Infinity : moment(params.testUntil, 'testUntil');
	const known = times.filter((t) => t < until).sort();
	const cut = from ?? boundary(known, params.testShare);
	const before = from === undefined && cut === Infinity ? known : known.subarray(0, lowerBound(known, cut));
	const validation = boundary(before, params.validationShare);
	let first = Infinity;
	let last = -Infinity;
	for (let i = 0, n = parts.length; i < n; i++) {
		const t = times[i];
		// A row without a time is neither before nor after anything.
		if (Number.isNaN(t) || t >= until) parts[i] = PART.none;
		else if (t >= cut) {
			parts[i] = PART.test;
			if (t < first) first = t;
			if (t > last) last = t;
		} else parts[i] = t >= validation ? PART.validation : PART.train;
	}
	return first === Infinity ? {} : { testStart: new Date(first).toISOString(), testEnd: new Date(last).toISOString() };
}

/** The moment from which about `share` of the sorted times lie; equal times stay together, and something stays before it. */
function boundary(sorted: Float64Array, share: number): number {
	if (share <= 0 || sorted.length === 0) return Infinity;
	const cut = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * (1 - share)))];
	if (cut > sorted[0]) return cut;
	const next = sorted.findIndex((t) => t > cut);
	return next < 0 ? Infinity : sorted[next];
}

function lowerBound(sorted: Float64Array, value: number): number {
	let low = 0;
	let high = sorted.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if (sorted[middle] < value) low = middle + 1;
		else high = middle;
	}
	return low;
}

function moment(text: string, parameter: string): number {
	const time = dateParser('iso')(text.trim());
	if (Number.isNaN(time))
		throw new MlopsError('learn.parameter_invalid', `"${text}" is no date.`, {
			found: text,
			expected: 'a date such as 2001-06-01',
			remedy: `Correct "${parameter}".`,
		});
	return time;
}

/** For each row the key of the first of its copies: that with the least id, else with the least row id. */
function unitKeys(frame: Frame, own: Float64Array, units: Uint32Array, by: string | undefined): Float64Array {
	const ids = by === undefined ? undefined : frame.vectors[columnIndex(frame.schema, by)];
	const order = (i: number): number | string => (ids ? (valueAt(ids, i) ?? '') : frame.rowId[i]);
	const least = Uint32Array.from(units, (_, i) => i);
	for (let i = 0, n = units.length; i < n; i++) if (order(i) < order(least[units[i]])) least[units[i]] = i;
	return Float64Array.from(units, (unit) => own[least[unit]]);
}

/** Test rows with a copy among the rows that are learned from. */
function acrossSides(first: Uint32Array, parts: Uint8Array): number {
	const learned = new Set<number>();
	for (let i = 0, n = parts.length; i < n; i++) if (parts[i] === PART.train || parts[i] === PART.validation) learned.add(first[i]);
	let across = 0;
	for (let i = 0, n = parts.length; i < n; i++) if (parts[i] === PART.test && learned.has(first[i])) across++;
	return across;
}

/** A number in [0, 1) for each row from its key and the seed. */
function rowKeys(frame: Frame, by: string | undefined, seed: number): Float64Array {
	return by === undefined ? Float64Array.from(frame.rowId, (id) => uniform(id, seed)) : groupKeys(frame, by, seed);
}

/** A number in [0, 1) for each row from one column's value; rows without a value go by their row id. */
function groupKeys(frame: Frame, by: string, seed: number): Float64Array {
	const vector = frame.vectors[columnIndex(frame.schema, by)];
	if (isNumberVector(vector))
		return Float64Array.from(vector.data, (v, i) => (Number.isNaN(v) ? uniform(frame.rowId[i], seed) : uniform(v, seed ^ 0x51ed270b)));
	const keys = vector.dictionary.map((text) => uniformText(text, seed));
	return Float64Array.from(vector.codes, (code, i) => (code === 0 ? uniform(frame.rowId[i], seed) : keys[code - 1]));
}

const scratch = new Float64Array(1);
const words = new Uint32Array(scratch.buffer);

function uniform(value: number, seed: number): number {
	scratch[0] = value + 0;
	return fraction(words[0], words[1], seed);
}

function uniformText(text: string, seed: number): number {
	let low = 0x811c9dc5;
	let high = 0x1b873593;
	for (let i = 0; i < text.length; i++) {
		low = Math.imul(low ^ text.charCodeAt(i), 0x01000193);
		high = Math.imul(high ^ (high >>> 15) ^ text.charCodeAt(i), 0x2c1b3c6d);
	}
	return fraction(low, high, seed);
}

/** Two words and a seed to 53 well mixed bits. */
function fraction(low: number, high: number, seed: number): number {
	const a = avalanche(low ^ avalanche(high ^ avalanche(seed | 0)));
	const b = avalanche(a ^ high ^ 0x9e3779b9);
	return ((a >>> 5) * 67108864 + (b >>> 6)) / 9007199254740992;
}

function avalanche(h: number): number {
	h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
	h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
	return (h ^ (h >>> 16)) | 0;
}

export interface Fold {
	train: Uint32Array;
	validation: Uint32Array;
}

export interface FoldOptions extends Strata {
	/** As for the split; `auto` by default. */
	method?: SplitParams['method'];
	seed: number;
	/** Rows that take part (indices into the frame, ascending), all if absent; test rows never should. */
	rows?: Uint32Array;
	/** What stays on one side when rows are dealt out at random, as the split found it. */
	units?: Uint32Array;
}

/**
 * Folds for cross-validation, as row indices, by the rules of the split: by time each fold trains on what came before it (k validation
 * blocks after a first one), by group a group is never on both sides, at random each class is dealt out evenly.
 * @throws `learn.too_few_rows`
 */
export function folds(frame: Frame, k: number, { method = 'auto', seed, rows, strata, units }: FoldOptions): Fold[] {
	const index = rows ?? Uint32Array.from({ length: frame.rows }, (_, i) => i);
	const { used, by } = splitMethod(frame, method);
	const fold =
		used === 'time'
			? timeBlocks(numbersOf(frame, by!), index, k)
			: used === 'group'
				? groupFolds(frame, by!, index, k, seed)
				: dealtFolds(rowKeys(frame, by, seed), index, k, strata, units);
	const result: Fold[] = [];
	for (let f = 0; f < k; f++) {
		const validation = index.filter((_, i) => fold[i] === (used === 'time' ? f + 1 : f));
		const train = index.filter((_, i) => (used === 'time' ? fold[i] >= 0 && fold[i] <= f : fold[i] !== f));
		if (train.length === 0 || validation.length === 0) {
			throw new MlopsError(
				'learn.too_few_rows',
				`There are too few ${used === 'group' ? 'groups' : used === 'time' ? 'different moments' : 'rows'} for ${k} folds.`,
				{ column: by, remedy: 'Use fewer folds, or bring in more rows.' },
			);
		}
		result.push({ train, validation });
	}
	return result;
}

/** Block 0..k of each row in time order, about equally many rows each; equal times stay together; -1 without a time. */
function timeBlocks(times: Float64Array, index: Uint32Array, k: number): Int32Array {
	const sorted = Float64Array.from(index, (i) => times[i])
		.filter((t) => !Number.isNaN(t))
		.sort();
	const cuts = Array.from({ length: k }, (_, b) => sorted[Math.floor((sorted.length * (b + 1)) / (k + 1))]);
	return Int32Array.from(index, (i) => {
		const t = times[i];
		if (Number.isNaN(t)) return -1;
		let block = 0;
		while (block < k && t >= cuts[block]) block++;
		return block;
	});
}

/** Groups from the largest to the smallest, each to the fold with the fewest rows so far. */
function groupFolds(frame: Frame, by: string, index: Uint32Array, k: number, seed: number): Int32Array {
	const vector = vectorOf(frame, by);
	const key = groupKeys(frame, by, seed);
	const groups = new Map<string | number, { rows: number; key: number; fold: number }>();
	const names = Array.from(index, (i) => valueAt(vector, i) ?? `row ${frame.rowId[i]}`);
	names.forEach((name, n) => {
		const group = groups.get(name);
		if (group) group.rows++;
		else groups.set(name, { rows: 1, key: key[index[n]], fold: 0 });
	});
	const sizes = new Float64Array(k);
	for (const group of [...groups.values()].sort((a, b) => b.rows - a.rows || a.key - b.key)) {
		group.fold = sizes.indexOf(Math.min(...sizes));
		sizes[group.fold] += group.rows;
	}
	return Int32Array.from(names, (name) => groups.get(name)!.fold);
}

/** Rows in the order of their keys, dealt to the folds in turn, class by class; rows of one unit go where the first of them goes. */
function dealtFolds(
	key: Float64Array,
	index: Uint32Array,
	k: number,
	target: Float64Array | undefined,
	units: Uint32Array | undefined,
): Int32Array {
	const label = (n: number): number => (target ? target[index[n]] : 0);
	const rank = (n: number): number => (Number.isNaN(label(n)) ? Infinity : label(n));
	const lead = new Map<number, number>();
	const leader = Uint32Array.from(index, (row, n) => {
		if (!units) return n;
		const known = lead.get(units[row]);
		if (known === undefined) lead.set(units[row], n);
		return known ?? n;
	});
	const order = Array.from(index, (_, n) => n).filter((n) => leader[n] === n);
	const sorted = order.sort((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)) || key[index[a]] - key[index[b]] || a - b);
	const fold = new Int32Array(index.length);
	sorted.forEach((n, place) => {
		fold[n] = place % k;
	});
	return units ? fold.map((_, n) => fold[leader[n]]) : fold;
}
