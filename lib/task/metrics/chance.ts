import { murmurTwice } from '../../domain/random.js';
import type { Chance, Metric } from './contract.js';
import { meanOf } from './numbers.js';
import type { Scored } from './scored.js';

/** Share of a row by which counts are moved to find how much it matters: small, since a metric of counts is smooth. */
const NUDGE = 1e-4;

/** What rows add that hit or miss. */
export const hitOrMiss = (hits: number, tries: number, rows: number, factor = 1): Chance[number] => {
	const rate = hits / tries;
	return { variance: factor ** 2 * rate * (1 - rate), share: tries / rows };
};

/** Standard error among so many rows. */
export const standardError = (chance: Chance, rows: number): number =>
	Math.sqrt(chance.reduce((sum, { variance, share }) => sum + variance / (rows * share), 0));

/**
 * How far chance moves a metric: as the metric says itself, else from its row terms, or from its confusion matrix by the delta method (the
 * infinitesimal jackknife). Undefined where none of these is there, or the rows do not define it.
 */
export function chanceOf(metric: Metric, known: Scored): Chance | undefined {
	const chance = metric.chance ? metric.chance(known) : bySpread(metric, known);
	return chance?.every(({ variance, share }) => Number.isFinite(variance) && share > 0) ? chance : undefined;
}

function bySpread({ replicates }: Metric, known: Scored): Chance | undefined {
	const { rows } = known;
	if (replicates.from === 'counts') {
		const { matrix, classes } = known;
		const value = replicates.of(matrix, classes);
		let variance = 0;
		for (let cell = 0, end = matrix.length; cell < end; cell++) {
			if (matrix[cell] === 0) continue;
			const nudge = NUDGE * matrix[cell];
			const moved = Float64Array.from(matrix, (n, k) => (k === cell ? n + nudge : n));
			const back = Float64Array.from(matrix, (n, k) => (k === cell ? n - nudge : n));
			const influence = (rows * (replicates.of(moved, classes) - replicates.of(back, classes))) / (2 * nudge);
			variance += (matrix[cell] / rows) * influence ** 2;
		}
		return Number.isFinite(value) ? [{ variance, share: 1 }] : undefined;
	}
	if (replicates.from !== 'sums') return undefined;
	const terms = replicates.terms(known);
	if (terms.length !== 1) return undefined;
	const mean = meanOf(rows, undefined, terms[0]);
	const slope = replicates.slope?.(mean) ?? 1;
	return [{ variance: slope ** 2 * meanOf(rows, undefined, (i) => (terms[0](i) - mean) ** 2), share: 1 }];
}

/**
 * Of the rows that are `positive` (or are not, where those are fewer), how the share of the others that they are ranked above varies: the
 * part of an AUC's variance that the rarer class has. Rows of equal score count half.
 */
export function rankChance(
	{ y, p, order }: { y: ArrayLike<number>; p: ArrayLike<number>; order: Uint32Array },
	positive: number,
): Chance[number] {
	const rows = order.length;
	let count = 0;
	for (let i = 0; i < rows; i++) if (y[i] === positive) count++;
	const rarer = count > rows / 2 ? rows - count : count;
	const own = (row: number): boolean => (y[row] === positive) === (rarer === count);
	// Falling scores: the others that come later are below; where the others are ranked by the same list, above and below vary alike.
	let passed = 0;
	let sum = 0;
	let squares = 0;
	for (let i = 0; i < rows; ) {
		const score = p[order[i]];
		let here = 0;
		let others = 0;
		for (; i < rows && p[order[i]] === score; i++)
			if (own(order[i])) here++;
			else others++;
		const above = (passed + others / 2) / (rows - rarer);
		sum += here * above;
		squares += here * above ** 2;
		passed += others;
	}
	return { variance: squares / rarer - (sum / rarer) ** 2, share: rarer / rows };
}

const DRAWS = 50;
const MOST_DRAWN = 50_000;

/** From so many draws of half of the rows (or of 50,000), with replacement; they repeat. */
export function drawnChance(known: Scored, value: (drawn: Scored) => number): Chance {
	const size = Math.min(Math.floor(known.rows / 2), MOST_DRAWN);
	const random = murmurTwice(7);
	const weight = new Float64Array(known.rows);
	const values: number[] = [];
	for (let draw = 0; draw < DRAWS; draw++) {
		weight.fill(0);
		for (let i = 0; i < size; i++) weight[Math.floor(random() * known.rows)]++;
		const drawn = value(known.weighted(weight));
		if (Number.isFinite(drawn)) values.push(drawn);
	}
	const mean = values.reduce((a, b) => a + b, 0) / values.length;
	return [{ variance: (size * values.reduce((sum, v) => sum + (v - mean) ** 2, 0)) / values.length, share: 1 }];
}
