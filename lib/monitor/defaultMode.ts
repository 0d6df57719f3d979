import { own } from '../domain/dictionary.js';
import { fisherExact, normalSf } from '../task/statistics/distributions.js';
import { levelsPair, numericPair, present, type ColumnData } from './columnData.js';
import { decides } from './defineDriftTest.js';
import type { DriftParams } from './driftParams.js';
import { kolmogorovTwoSample, gcd } from './kolmogorov.js';
import { poolRare } from './pool.js';
import {
	asCategories,
	distinctTogether,
	merge,
	populationStd,
	sum,
	type CategoricalPair,
	type NumericPair,
	type Pair,
	type Weighted,
} from './table.js';
import { chiSquaredOf, contingency } from './tests/contingency.js';
import { driftTest } from './tests/index.js';
import { jensenShannonDistance } from './tests/jensenshannon.js';
import type { Candidate } from './verdict.js';

/** Numbers with at most this many different values are compared as categories. */
const FEW_INTEGERS = 20;
const FEW_NUMBERS = 10;
/**
 * The limit on the KS distance, against the one on the Wasserstein distance: it finds changes that a few huge values hide from the other.
 */
const KS_FACTOR = 1.5;

/**
 * One column by our own rule: a significance test says whether the change can be chance, a distance less what sampling alone makes says
 * whether it matters.
 */
export function defaultVerdict(reference: ColumnData, current: ColumnData, params: DriftParams): Candidate {
	const pair = pairOf(reference, current);
	const chosen = own(params.tests, reference.name);
	if (chosen) return byChosenTest(chosen, pair, own(params.thresholds, reference.name));
	const limit = own(params.thresholds, reference.name) ?? params.minDistance;
	return pair.kind === 'numeric'
		? numericVerdict(pair, reference, current, limit)
		: categoricalVerdict(pair, reference, limit, params.minNew);
}

export const comparable = (a: ColumnData, b: ColumnData): boolean => a.values.kind === b.values.kind;

function pairOf(reference: ColumnData, current: ColumnData): Pair {
	const numbers = numericPair(reference, current);
	if (numbers) {
		if (reference.type === 'boolean') return yesNo(asCategories(numbers));
		const few = reference.type === 'integer' ? FEW_INTEGERS : FEW_NUMBERS;
		return distinctTogether(numbers.reference, numbers.current, few) <= few ? asCategories(numbers) : numbers;
	}
	if (reference.values.kind !== 'levels' || current.values.kind !== 'levels') throw new Error('columns of different kinds are no pair');
	return levelsPair(reference.values.levels, current.values.levels);
}

const yesNo = (pair: CategoricalPair): CategoricalPair => ({ ...pair, keys: pair.keys.map((k) => (k === '1' ? 'yes' : 'no')) });

function byChosenTest(id: string, pair: Pair, limit: number | undefined): Candidate {
	const test = driftTest(id);
	const fitting = test.kind === 'categorical' && pair.kind === 'numeric' ? asCategories(pair) : pair;
	const numeric = test.kind === 'numeric' && fitting.kind === 'categorical';
	// A numeric test on a column of few values: the keys are numbers again.
	const samples = numeric ? numbersAgain(fitting) : fitting;
	const threshold = limit ?? test.threshold;
	const run = test.run as (p: Pair) => ReturnType<typeof test.run>;
	const { score, pValue } = run(samples);
	return {
		kind: samples.kind,
		pair: samples,
		test: id,
		score,
		threshold,
		pValue,
		drifted: decides(test, score, threshold),
		candidate: false,
		chosen: true,
		p: pValue ?? 1,
	};
}

function numbersAgain(pair: CategoricalPair): NumericPair {
	const side = (counts: Float64Array): Weighted => {
		const at = pair.keys
			.map((_, i) => i)
			.filter((i) => counts[i] > 0 && Number.isFinite(Number(pair.keys[i])))
			.sort((a, b) => Number(pair.keys[a]) - Number(pair.keys[b]));
		return {
			values: Float64Array.from(at, (i) => Number(pair.keys[i])),
			counts: Float64Array.from(at, (i) => counts[i]),
			n: at.reduce((n, i) => n + counts[i], 0),
		};
	};
	return { kind: 'numeric', reference: side(pair.reference), current: side(pair.current), integers: false };
}

function numericVerdict(pair: NumericPair, reference: ColumnData, current: ColumnData, limit: number): Candidate {
	const { reference: a, current: b } = pair;
	const { distance: d, area, pooledSpread } = compare(a, b);
	const noise = Math.sqrt(1 / a.n + 1 / b.n);
	const std = populationStd(a) || pooledStd(a, b) || 1;
	const moved = area / std;
	// Expected |F - G| of two samples of one distribution is sqrt(2/pi) of its standard deviation, at every value.
	const movedFloor = (Math.sqrt(2 / Math.PI) * noise * pooledSpread) / std;
	const ksFloor = 0.8687 * noise; // mean of Kolmogorov's distribution, sqrt(pi/2) ln 2
	const byMove = {
		test: 'wasserstein',
		score: less(moved, movedFloor),
		floor: movedFloor,
		threshold: limit,
		slack: (reference.error.distance + current.error.distance) / std,
	};
	const byRank = {
		test: 'ks_distance',
		score: less(d, ksFloor),
		floor: ksFloor,
		threshold: limit * KS_FACTOR,
		slack: reference.error.rank + current.error.rank,
	};
	const best = byRank.score * byMove.threshold > byMove.score * byRank.threshold && byRank.score >= byRank.threshold ? byRank : byMove;
	const certain = Math.max(0, d - byRank.slack);
	const lcm = (a.n / gcd(a.n, b.n)) * b.n;
	const pValue = kolmogorovTwoSample(a.n, b.n, Math.floor(certain * lcm + 1e-6));
	const { slack, ...rest } = best;
	return {
		kind: 'numeric',
		pair,
		...rest,
		pValue,
		p: pValue,
		drifted: false,
		chosen: false,
		candidate: best.score >= best.threshold,
		unsure: slack > 0 && Math.abs(best.score - best.threshold) <= slack,
	};
}

/** A distance without what sampling alone is expected to make of it; squares add where a change is small. */
const less = (distance: number, floor: number): number => Math.sqrt(Math.max(0, distance * distance - floor * floor));

/**
 * In one walk: the KS distance, the area between the two cumulative distributions (as `earthMovers` adds it up), and the pooled sample's
 * integral of sqrt(F(1-F)).
 */
function compare(a: Weighted, b: Weighted): { distance: number; area: number; pooledSpread: number } {
	const { values: x, counts: inX } = a;
	const { values: y, counts: inY } = b;
	let seenA = 0;
	let seenB = 0;
	let last = NaN;
	let apart = 0;
	let distance = 0;
	let area = 0;
	let pooledSpread = 0;
	for (let i = 0, j = 0; i < x.length || j < y.length; ) {
		const value = j >= y.length || (i < x.length && x[i] < y[j]) ? x[i] : y[j];
		if (i + j > 0) {
			const share = (seenA + seenB) / (a.n + b.n);
			area += apart * (value - last);
			pooledSpread += Math.sqrt(share * (1 - share)) * (value - last);
		}
		if (i < x.length && x[i] === value) seenA += inX[i++];
		if (j < y.length && y[j] === value) seenB += inY[j++];
		apart = Math.abs(seenA / a.n - seenB / b.n);
		if (apart > distance) distance = apart;
		last = value;
	}
	return { distance, area, pooledSpread };
}

/** Standard deviation of both samples together. */
function pooledStd(a: Weighted, b: Weighted): number {
	let seen = 0;
	let mean = 0;
	let squares = 0;
	merge(a, b, (value, inA, inB) => {
		const gap = value - mean;
		seen += inA + inB;
		mean += (gap * (inA + inB)) / seen;
		squares += gap * (value - mean) * (inA + inB);
	});
	return Math.sqrt(squares / (a.n + b.n));
}

function categoricalVerdict(pair: CategoricalPair, reference: ColumnData, limit: number, minNew: number): Candidate {
	const n = sum(pair.reference);
	const m = sum(pair.current);
	const groups = poolRare(pair);
	const test = contingency as Extract<typeof contingency, { kind: 'categorical' }>;
	const { pValue = 1 } = groups.reference.length > 1 ? chiSquaredOf(groups.reference, groups.current) : test.run(pair);
	// Divergence of two samples of one distribution: (levels - 1) / 8 for each side's 1 / rows.
	const compared = groups.reference.length > 1 ? groups : pair;
	const floor = Math.sqrt(((compared.reference.length - 1) / 8) * (1 / n + 1 / m));
	const score = less(
		jensenShannonDistance(
			compared.reference.map((c) => c / n),
			compared.current.map((c) => c / m),
		),
		floor,
	);
	const fresh = newLevels(pair, n, m, reference.error.rank > 0);
	const base = {
		kind: 'categorical' as const,
		pair,
		drifted: false,
		chosen: false,
		newLevels: fresh && { names: fresh.names, share: fresh.share, many: fresh.excess >= minNew },
	};
	// Two looks at one column, so each p-value counts double.
	const p = Math.min(1, 2 * Math.min(pValue, fresh?.pValue ?? 1));
	if (fresh && score < limit && fresh.excess >= minNew) {
		return {
			...base,
			test: 'new_values',
			score: fresh.excess,
			threshold: minNew,
			floor: fresh.expected,
			pValue: fresh.pValue,
			p,
			candidate: true,
		};
	}
	const slack = reference.error.rank;
	return {
		...base,
		test: 'jensenshannon',
		score,
		threshold: limit,
		floor,
		pValue,
		p,
		candidate: score >= limit,
		unsure: slack > 0 && Math.abs(score - limit) <= Math.sqrt(slack / 2),
	};
}

/**
 * Values that the reference lacks. With many rare values some are always new, so their rows are compared with what chance brings: given how
 * often a value occurs in both samples together, it misses the reference with probability (current rows / all rows) to that power.
 */
function newLevels(
	{ keys, reference, current }: CategoricalPair,
	n: number,
	m: number,
	lossy: boolean,
): { names: string[]; share: number; expected: number; excess: number; pValue: number } | undefined {
	const names: Array<{ key: string; rows: number }> = [];
	let rows = 0;
	let expected = 0;
	let variance = 0;
	for (let i = 0; i < keys.length; i++) {
		if (lossy && i === keys.length - 1) break; // the values a sketch did not keep
		const both = reference[i] + current[i];
		const chance = (m / (n + m)) ** both;
		expected += both * chance;
		variance += both * both * chance * (1 - chance);
		if (reference[i] === 0) {
			names.push({ key: keys[i], rows: current[i] });
			rows += current[i];
		}
	}
	if (!names.length) return undefined;
	names.sort((a, b) => b.rows - a.rows || (a.key < b.key ? -1 : 1));
	// Half a row for continuity, and never less spread than a single row has.
	const pValue = normalSf((rows - expected - 0.5) / Math.sqrt(Math.max(variance, 1)));
	return { names: names.map((l) => l.key), share: rows / m, expected: expected / m, excess: Math.max(0, rows - expected) / m, pValue };
}

/**
 * Whether the share of missing values changed: chi-squared of the two-by-two table, Fisher's exact test where that expects fewer than five
 * rows in a cell.
 */
export function missingP(reference: ColumnData, current: ColumnData): number {
	const a = reference.missing;
	const b = current.missing;
	if (a + b === 0 || a + b === reference.rows + current.rows) return 1;
	const least =
		(Math.min(a + b, reference.rows + current.rows - a - b) * Math.min(reference.rows, current.rows)) / (reference.rows + current.rows);
	if (least < 5) return fisherExact(a, present(reference), b, present(current));
	return chiSquaredOf(Float64Array.of(a, present(reference)), Float64Array.of(b, present(current))).pValue;
}

/** Benjamini & Hochberg (1995): the greatest p-value that is still a discovery at rate `alpha`; -1 if none is. */
export function discoveryLimit(pValues: readonly number[], alpha: number): number {
	const sorted = [...pValues].sort((a, b) => a - b);
	for (let i = sorted.length - 1; i >= 0; i--) if (sorted[i] <= ((i + 1) * alpha) / sorted.length) return sorted[i];
	return -1;
}
