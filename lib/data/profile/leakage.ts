import { answersOf, type ColumnType, type TaskType } from '../../domain/column.js';
import type { ProfileWarning } from '../../domain/profile.js';
import { isNumberVector, type StringVector, type Vector } from '../frame.js';
import { isMissingWord } from '../grammar/missing.js';
import { countsOf, unifiedLabels } from '../spellings.js';
import { binsOf, teachersOf, type Bins } from './leakBins.js';

/** Scores above this from one column alone are rarely honest. */
const SUSPICIOUS = 0.98;
const MIN_ROWS = 40;
/** More different texts are no labels. */
export const MOST_LABELS = 1_000;

/** The target on the sampled rows: class codes from 0 or values; NaN where missing. */
export interface TargetSample {
	y: Float64Array;
	classes: number;
	/** Names of the classes, by code. */
	names: string[];
}

/** Spellings of one label count as one class here: `yes` and `Yes` are left for the same reason. */
export function targetSample(vector: Vector, task: TaskType, type?: ColumnType): TargetSample {
	if (!isNumberVector(vector)) {
		const used = usedLevels(vector);
		if (used > MOST_LABELS) return { y: numbered(vector, (_, k) => k), classes: used, names: [] };
		const { place, names } = oneSpelling(countsOf(vector));
		return { y: numbered(vector, (label) => place.get(label)), classes: names.length, names };
	}
	if (answersOf(task) === 'numbers') return { y: vector.data, classes: 0, names: [] };
	const values = [...new Set(vector.data)].filter((v) => !Number.isNaN(v)).sort((a, b) => a - b);
	const code = new Map(values.map((v, i) => [v, i]));
	const names = values.map((v) => (type === 'boolean' ? (v ? 'yes' : 'no') : String(v)));
	const y = new Float64Array(vector.data.length);
	for (let i = 0, n = y.length; i < n; i++) y[i] = code.get(vector.data[i]) ?? NaN;
	return { y, classes: values.length, names };
}

/** For each row the number that its text has, NaN where it has none. */
function numbered({ codes, dictionary }: StringVector, numberOf: (text: string, place: number) => number | undefined): Float64Array {
	const numbers = new Float64Array(dictionary.length + 1).fill(NaN);
	for (const [k, text] of dictionary.entries()) numbers[k + 1] = numberOf(text, k) ?? NaN;
	const all = new Float64Array(codes.length);
	for (let i = 0, n = codes.length; i < n; i++) all[i] = numbers[codes[i]];
	return all;
}

/** Different texts that occur. */
function usedLevels({ codes, dictionary }: StringVector): number {
	if (dictionary.length <= MOST_LABELS) return dictionary.length;
	const used = new Uint8Array(dictionary.length + 1);
	for (let i = 0, n = codes.length; i < n; i++) used[codes[i]] = 1;
	return used.subarray(1).reduce((sum, one) => sum + one, 0);
}

/** For each label the place of its class among the classes, spellings of one label having the same. */
export function oneSpelling(counts: ReadonlyMap<string, number>): { place: Map<string, number>; names: string[] } {
	const unified = counts.size > MOST_LABELS ? new Map([...counts.keys()].map((label) => [label, label])) : unifiedLabels(counts);
	const names = [...new Set(unified.values())];
	const at = new Map(names.map((name, i) => [name, i]));
	return { names, place: new Map([...unified].map(([label, to]) => [label, at.get(to)!])) };
}

/**
 * A column is filled for one class alone where at most this share of its values belongs to others, relative to the share that they have
 * of all rows.
 */
const OTHERS = 0.05;
/** Smallest number of values, and of gaps, that say anything. */
const FEWEST = 5;
/** Chance below which it is none that all values belong to one class. */
const CHANCE = 1e-6;

/**
 * Warns when a column has values for (nearly) one class of the target alone, or gaps for one alone: a date of cancellation, a reason for
 * leaving.
 * It is written down once the outcome is known, so the gap itself is the answer, and filling it heals nothing.
 */
export function filledForOneClass(name: string, vector: Vector, target: TargetSample, targetName: string): ProfileWarning | undefined {
	const { y, classes, names } = target;
	if (classes < 2 || classes > 100) return undefined;
	const counts = { value: new Float64Array(classes), gap: new Float64Array(classes) };
	const words = countGaps(vector, y, counts);
	const all = counts.value.map((n, k) => n + counts.gap[k]);
	for (const side of ['value', 'gap'] as const) {
		const k = ofOneClass(counts[side], all);
		if (k < 0) continue;
		const [here, other] = [counts[side], counts[side === 'value' ? 'gap' : 'value']];
		const total = sum(here);
		const rest = sum(all) - all[k];
		const has = (n: number): string => n.toLocaleString('en');
		return {
			code: 'leakage',
			column: name,
			certain: true,
			text:
				`"${name}" ${side === 'value' ? 'has a value' : 'has no value'} in ${has(total)} rows, and in ` +
				`${total === here[k] ? 'all' : has(here[k])} of them ` +
				`"${targetName}" is "${names[k]}"; of the ${has(rest)} rows with another outcome it ${side === 'value' ? 'has' : 'lacks'} one in ` +
				`${has(rest - sum(other) + other[k])}.${
					words.length
						? ` (${words
								.slice(0, 3)
								.map((w) => `"${w}"`)
								.join(', ')} counts as none.)`
						: ''
				}` +
				' So it is known only when the outcome is.',
			remedy: `Give it the role "ignore": a gap in it is the answer, so filling it, with or without an indicator, helps nobody.`,
		};
	}
	return undefined;
}

/**
 * Counts for each class its rows with a value and those without; words that stand for none (`n/a`, `none`) count as gaps, since such a
 * column is a gap in other words. Gives these words.
 */
function countGaps(vector: Vector, y: Float64Array, { value, gap }: { value: Float64Array; gap: Float64Array }): string[] {
	const { outcomes } = outcomesOfRows(y);
	// Those without an outcome are counted as well, in a place of their own before the others: no branch that nobody could foretell.
	const counts = new Uint32Array(2 * (value.length + 1));
	const words: string[] = [];
	if (isNumberVector(vector)) {
		const { data } = vector;
		for (let i = 0, n = outcomes.length; i < n; i++) counts[2 * outcomes[i] + Number(data[i] === data[i])]++;
	} else {
		const { codes, dictionary } = vector;
		const isFilled = new Uint8Array(dictionary.length + 1);
		for (const [k, text] of dictionary.entries()) {
			isFilled[k + 1] = Number(!isMissingWord(text.trim()));
			if (!isFilled[k + 1]) words.push(text);
		}
		for (let i = 0, n = outcomes.length; i < n; i++) counts[2 * outcomes[i] + isFilled[codes[i]]]++;
	}
	for (let k = 0; k < value.length; k++) [gap[k], value[k]] = [counts[2 * k + 2], counts[2 * k + 3]];
	return words;
}

/** What all columns ask of the outcomes. */
interface Outcomes {
	/** One more than the class of each row, 0 where it has none. */
	outcomes: Uint16Array;
	/** Rows with an outcome, in the half that teaches and in the half that is predicted. */
	taught: Uint32Array;
	asked: Uint32Array;
}

const known = new WeakMap<Float64Array, Outcomes>();

/** Of classes, at most 100 of them. */
function outcomesOfRows(y: Float64Array): Outcomes {
	const before = known.get(y);
	if (before) return before;
	const outcomes = new Uint16Array(y.length);
	const rows = [new Uint32Array(y.length), new Uint32Array(y.length)];
	const filled = [0, 0];
	for (let i = 0, n = y.length; i < n; i++) {
		if (y[i] !== y[i]) continue;
		outcomes[i] = y[i] + 1;
		const half = Number(learns(i));
		rows[half][filled[half]++] = i;
	}
	const found = { outcomes, taught: rows[1].subarray(0, filled[1]), asked: rows[0].subarray(0, filled[0]) };
	known.set(y, found);
	return found;
}

const sum = (counts: Float64Array): number => counts.reduce((a, b) => a + b, 0);

/** The class that (nearly) all of these rows have although it is only a part of all rows, or -1. */
function ofOneClass(here: Float64Array, all: Float64Array): number {
	const [n, total] = [sum(here), sum(all)];
	if (n < FEWEST || total - n < FEWEST) return -1;
	const k = here.indexOf(Math.max(...here));
	const [share, usual] = [here[k] / n, all[k] / total];
	if (1 - share > (1 - usual) * OTHERS) return -1;
	// Chernoff's bound on the chance that so many of n rows drawn from all have this class.
	const distance = share * Math.log(share / usual) + (share < 1 ? (1 - share) * Math.log((1 - share) / (1 - usual)) : 0);
	return Math.exp(-n * distance) < CHANCE ? k : -1;
}

/** Share of the rows in which a copy of the target may differ from it, and the same of the rows that the most frequent outcome leaves. */
const COPY_ERRORS = 0.02;
const COPY_MISSED = 0.1;

/**
 * Warns when a column of few values says the same as the target in (nearly) every row, in words or numbers of its own. Spellings of one
 * word count once, as they do in the target.
 */
export function repeatsTarget(name: string, vector: Vector, { y, classes }: TargetSample, targetName: string): ProfileWarning | undefined {
	if (classes < 2 || classes > 100) return undefined;
	const table = outcomesOf(valuesOf(vector), y, classes);
	if (!table) return undefined;
	const all = Float64Array.from({ length: classes }, (_, k) => table.reduce((n, counts) => n + counts[k], 0));
	const rows = sum(all);
	const best = table.map((counts) => counts.indexOf(Math.max(...counts)));
	const wrong = rows - table.reduce((n, counts) => n + Math.max(...counts), 0);
	// Each outcome has a value of its own; a stray value may stand beside them where not all rows agree.
	const meanings = new Set(best).size;
	if (rows < MIN_ROWS || meanings < 2 || (wrong === 0 && meanings < table.length)) return undefined;
	if (wrong > rows * COPY_ERRORS || wrong > (rows - Math.max(...all)) * COPY_MISSED) return undefined;
	const has = (n: number): string => n.toLocaleString('en');
	const where = wrong ? `${has(rows - wrong)} of ${has(rows)}` : `all ${has(rows)}`;
	return {
		code: 'leakage',
		column: name,
		...(wrong ? {} : { certain: true }),
		text:
			`"${name}" says the same as "${targetName}" in ${where} rows that have both: it is ${wrong ? 'nearly ' : ''}the answer ` +
			`in other words.`,
		remedy: wrong ? `Give it the role "ignore", unless it is known at the moment of prediction.` : 'Give it the role "ignore".',
	};
}

/** How often each outcome stands beside each of the values; nothing where these are too many to be the outcome in other words. */
function outcomesOf(values: Float64Array, y: Float64Array, classes: number): Float64Array[] | undefined {
	const most = Math.max(12, 2 * classes);
	const places = new Map<number, number>();
	const table: Float64Array[] = [];
	for (let i = 0, n = y.length; i < n; i++) {
		const value = values[i];
		if (y[i] !== y[i] || value !== value) continue;
		let place = places.get(value);
		if (place === undefined) {
			if (table.length === most) return undefined;
			places.set(value, (place = table.push(new Float64Array(classes)) - 1));
		}
		table[place][y[i]]++;
	}
	return table;
}

/** The value of each row as a number, NaN where it has none; spellings of one word have the same. */
function valuesOf(vector: Vector): Float64Array {
	if (isNumberVector(vector)) return vector.data;
	// So many are not told apart by spelling, and their texts need not be known.
	if (usedLevels(vector) > MOST_LABELS) return numbered(vector, (_, k) => k);
	const { place } = oneSpelling(countsOf(vector));
	return numbered(vector, (text) => place.get(text));
}

/**
 * Warns when one column predicts the target nearly alone. Half of the rows (by a hash of their place) say what each bin or category means,
 * the other half are predicted with it, so a column of names that never repeat is not taken for a leak.
 */
export function leaks(name: string, vector: Vector, target: TargetSample, targetName: string): ProfileWarning | undefined {
	const certain = filledForOneClass(name, vector, target, targetName) ?? repeatsTarget(name, vector, target, targetName);
	if (certain) return certain;
	const bins = binsOf(vector);
	const found = target.classes === 0 ? explained(bins, target.y) : accuracy(bins, target);
	if (found === undefined || found <= SUSPICIOUS) return undefined;
	const how =
		target.classes === 0
			? `explains ${percent(found)} of the variation of "${targetName}" by itself`
			: `tells "${targetName}" apart almost perfectly by itself (${percent(found)} of what is possible)`;
	return {
		code: 'leakage',
		column: name,
		text: `"${name}" ${how}. Perhaps it is only known after the fact.`,
		remedy: `Check that "${name}" is known at the moment of prediction; if not, give it the role "ignore".`,
	};
}

/** Which half a row is in, at random but always the same, so that no rhythm in the data can fall together with it. */
function learns(row: number): boolean {
	const h = Math.imul(row ^ (row >>> 7), 0x9e3779b1);
	return Math.imul(h ^ (h >>> 15), 0x85ebca6b) >>> 31 === 0;
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** Share of variance that bin means of one half explain on the other. */
function explained(bins: Bins, y: Float64Array): number | undefined {
	const { bin, count } = bins;
	const sums = new Float64Array(count);
	const counts = new Uint32Array(count);
	let total = 0;
	let n = 0;
	for (let i = 0, end = y.length; i < end; i++) {
		if (!learns(i) || !Number.isFinite(y[i])) continue;
		sums[bin[i]] += y[i];
		counts[bin[i]]++;
		total += y[i];
		n++;
	}
	if (n < MIN_ROWS) return undefined;
	const mean = total / n;
	const teachers = teachersOf(bins, (b) => counts[b] > 0);
	const guess = Float64Array.from(teachers, (b) => (counts[b] ? sums[b] / counts[b] : mean));
	let errors = 0;
	let spread = 0;
	for (let i = 0, end = y.length; i < end; i++) {
		if (learns(i) || !Number.isFinite(y[i])) continue;
		errors += (y[i] - guess[bin[i]]) ** 2;
		spread += (y[i] - mean) ** 2;
	}
	return spread > 0 ? 1 - errors / spread : undefined;
}

/** Share of the errors of always saying the most frequent class that bin majorities of one half avoid on the other. */
function accuracy(bins: Bins, { y, classes }: TargetSample): number | undefined {
	const { bin, count } = bins;
	if (classes < 2 || classes > 100 || count * classes > 5_000_000) return undefined;
	const { outcomes, taught: teaching, asked } = outcomesOfRows(y);
	if (teaching.length < MIN_ROWS) return undefined;
	const table = new Uint32Array(count * classes);
	const totals = new Uint32Array(classes);
	for (let r = 0, end = teaching.length; r < end; r++) {
		const i = teaching[r];
		table[bin[i] * classes + outcomes[i] - 1]++;
		totals[outcomes[i] - 1]++;
	}
	const most = (at: (c: number) => number): number => {
		let best = 0;
		for (let c = 1; c < classes; c++) if (at(c) > at(best)) best = c;
		return best;
	};
	const usual = most((c) => totals[c]);
	const bests = Uint32Array.from({ length: count }, (_, b) => most((c) => table[b * classes + c]));
	const taught = (b: number): boolean => table[b * classes + bests[b]] > 0;
	const guess = teachersOf(bins, taught).map((b) => (taught(b) ? bests[b] : usual));
	let wrong = 0;
	let plain = 0;
	for (let r = 0, end = asked.length; r < end; r++) {
		const i = asked[r];
		wrong += Number(guess[bin[i]] !== outcomes[i] - 1);
		plain += Number(usual !== outcomes[i] - 1);
	}
	return plain >= 5 ? 1 - wrong / plain : undefined;
}
