import type { Interval } from '../domain/evaluation.js';
import type { MetricValues } from '../domain/run.js';
import { draws, quantile, type Units } from './resampling.js';
import { expandedTail, type Bounds } from '../task/statistics/smallSamples.js';
import type { Tally } from './predictionTally.js';

export const REPLICATES = 300;
const SEED = 95;
/** With fewer rows of a class resampling them says little. */
const MANY = 50;

export interface IntervalOptions {
	/**
	 * Bounds that hold with few rows of a class: an interval is never narrower, and these alone where single rows of a class are fewer than
	 * 50.
	 */
	exactly?: ReadonlyMap<string, Bounds>;
	/** Independent things that the metrics hang on: units, or those with a row of the rarest class where these are fewer. */
	effective?: number;
	replicates?: number;
}

/**
 * 95 % percentile bootstrap intervals (Efron & Tibshirani 1993; expanded as Hesterberg 2015 where units are few), drawing whole units. The
 * exact metric is moved by what each replicate changes against the tally of all rows. The same seed draws the same units, so that two
 * models drawn side by side are paired.
 */
export function intervals(exact: MetricValues, tally: Tally, units: Units, options: IntervalOptions = {}): Record<string, Interval> {
	const { exactly, effective = units.count, replicates = REPLICATES } = options;
	const all = tally.metrics(new Float64Array(units.count).fill(1));
	const alone = units.by === 'rows' && effective < MANY;
	const names = Object.keys(exact).filter((name) => Number.isFinite(all[name]) && !(alone && exactly?.has(name)));
	const values = new Map(names.map((name) => [name, [] as number[]]));
	for (const weight of draws(units.count, replicates, SEED)) {
		const drawn = tally.metrics(weight);
		for (const name of names) if (Number.isFinite(drawn[name])) values.get(name)?.push(exact[name] + drawn[name] - all[name]);
	}
	return Object.fromEntries(
		Object.entries(exact).map(([name, value]) => [name, widest(spread(value, values.get(name) ?? [], effective), exactly?.get(name))]),
	);
}

/** The middle 95 % of the replicates (more of them where fewer than dozens of units were drawn), never leaving out the value itself. */
export function spread(value: number, replicates: number[], units: number): Interval {
	if (replicates.length < 2) return { value, low: value, high: value };
	const sorted = Float64Array.from(replicates).sort();
	const tail = expandedTail(units);
	return { value, low: Math.min(value, quantile(sorted, tail)), high: Math.max(value, quantile(sorted, 1 - tail)) };
}

const widest = ({ value, low, high }: Interval, other: Bounds | undefined): Interval =>
	other ? { value, low: Math.min(low, other.low), high: Math.max(high, other.high) } : { value, low, high };

/**
 * Differences of two models' metrics (ours minus theirs, as measured), replicate by replicate on the same units, those that are numbers.
 */
export function pairedDifferences(
	ours: Tally,
	theirs: Tally,
	units: Units,
	metrics: readonly string[],
	replicates = REPLICATES,
): Map<string, number[]> {
	const out = new Map(metrics.map((metric) => [metric, [] as number[]]));
	for (const weight of draws(units.count, replicates, SEED)) {
		const [a, b] = [ours.metrics(weight), theirs.metrics(weight)];
		for (const [metric, values] of out) if (Number.isFinite(a[metric] - b[metric])) values.push(a[metric] - b[metric]);
	}
	return out;
}
