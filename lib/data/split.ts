import { MlopsError } from '../domain/errors.js';
import { PART, SPLIT_RULE, type SplitCopies, type SplitParams } from '../domain/split.js';
import { findCopies } from './copies.js';
import { columnIndex, isNumberVector, numbersOf, valueAt, vectorOf, type Frame } from './frame.js';
import { dateParser } from './dates.js';

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
 * are counted only.
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
	}
	const rows = { train: 0, validation: 0, test: 0, none: 0 };
	for (const p of parts) rows[NAMES[p]]++;
	if (rows.train === 0) {
		throw new MlopsError(
			'learn.too_few_rows',
			`No row is left for training (${rows.test} for the test, ${rows.validation} for validation).`,
			{ column: by, remedy: 'Make the test part smaller, or bring in more rows.' },
		);
	}
	if (rows.test === 0 && params.testShare > 0 && (params.testFrom !== undefined || frame.rows > 20)) {
		throw new MlopsError(
			'learn.too_few_rows',
			params.testFrom
				? `No row lies in the test period from ${params.testFrom}${params.testUntil ? ` until ${params.testUntil}` : ''}.`
				: 'No row is left for the test.',
			{
				column: by,
				remedy: params.testFrom ? 'Choose a period that the data cover.' : 'Choose another way to split, or bring in more rows.',
			},
		);
	}
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

/** Classes whose share of a part is more rows than this get it by the law of large numbers. */
const RARE = 20;

/**
 * Gives each rare class its share of test and validation rows, at least one of each: the rows whose keys come next move over, with all that
 * stays on one side with them. Keys do not change when rows are added, so that hardly any row moves then. A class that has no training row
 * left gets back those with the greatest keys.
 */
function shareClasses(
	parts: Uint8Array,
	key: Float64Array,
	units: Uint32Array | undefined,
	target: Float64Array,
	{ testShare, validationShare }: SplitParams,
): void {
	const members = membersOf(units);
	const classes = new Map<number, number[]>();
	for (let i = 0, end = parts.length; i < end; i++) {
		if (Number.isNaN(target[i])) continue;
		const rows = classes.get(target[i]);
		if (rows) rows.push(i);
		else classes.set(target[i], [i]);
	}
	for (const [, rows] of [...classes].sort((a, b) => a[0] - b[0])) {
		const n = rows.length;
		const count = (part: number): number => rows.reduce((sum, i) => sum + Number(parts[i] === part), 0);
		const test = testShare > 0 && n >= 2 && testShare * n <= RARE ? Math.ceil(testShare * n - 1e-9) : 0;
		const rest = (1 - testShare) * validationShare * n;
		const validation = validationShare > 0 && n >= 3 && rest <= RARE ? Math.ceil(rest - 1e-9) : 0;
		if (!test && !validation && count(PART.train) > 0) continue;
		rows.sort((a, b) => key[a] - key[b] || a - b);
		/** Moves rows until a part has what it wants; another part keeps at least so many. */
		const move = (to: number, wanted: number, from: number, keep: number, order: readonly number[] = rows): void => {
			for (const i of order) {
				if (count(to) >= wanted) return;
				if (parts[i] !== from) continue;
				const together = members(i).filter((m) => target[m] === target[i]).length;
				if (count(from) - together >= keep) for (const m of members(i)) parts[m] = to;
			}
		};
		const back = [...rows].reverse();
		move(PART.test, test, PART.validation, 0);
		move(PART.test, test, PART.train, 1);
		move(PART.validation, validation, PART.train, 1);
		move(PART.validation, Math.min(1, validation), PART.test, test, back);
		if (n >= 2 && count(PART.train) === 0) {
			move(PART.train, 1, PART.validation, n > 2 ? Math.min(1, validation) : 0, back);
			move(PART.train, 1, PART.test, Math.min(1, test), back);
			move(PART.train, 1, PART.validation, 0, back);
		}
	}
}

/** The rows that stay on one side with a row. */
function membersOf(units: Uint32Array | undefined): (row: number) => readonly number[] {
	if (!units) return (row) => [row];
	const groups = new Map<number, number[]>();
	for (let i = 0, n = units.length; i < n; i++)
		if (units[i] !== i) (groups.get(units[i]) ?? groups.set(units[i], [units[i]]).get(units[i])!).push(i);
	return (row) => groups.get(units[row]) ?? [row];
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
