import type { Interval } from '../domain/evaluation.js';
import type { MetricValues } from '../domain/run.js';
import { draws, quantile, type Units } from './resampling.js';
import type { Tally } from './tally.js';

export const REPLICATES = 300;
const SEED = 95;

/**
 * 95 % percentile bootstrap intervals (Efron & Tibshirani 1993), drawing whole units. The exact metric is moved by what each replicate changes against the tally of all rows.
 * The same seed draws the same units, so that two models drawn side by side are paired.
 */
export function intervals(exact: MetricValues, tally: Tally, units: Units, replicates = REPLICATES): Record<string, Interval> {
	const all = tally.metrics(new Float64Array(units.count).fill(1));
	const names = Object.keys(exact).filter((name) => Number.isFinite(all[name]));
	const values = new Map(names.map((name) => [name, [] as number[]]));
	for (const weight of draws(units.count, replicates, SEED)) {
		const drawn = tally.metrics(weight);
		for (const name of names) if (Number.isFinite(drawn[name])) values.get(name)?.push(exact[name] + drawn[name] - all[name]);
	}
	return Object.fromEntries(Object.entries(exact).map(([name, value]) => [name, spread(value, values.get(name) ?? [])]));
}

/** The middle 95 % of the replicates, never leaving out the value itself. */
export function spread(value: number, replicates: number[]): Interval {
	if (replicates.length < 2) return { value, low: value, high: value };
	const sorted = Float64Array.from(replicates).sort();
	return { value, low: Math.min(value, quantile(sorted, 0.025)), high: Math.max(value, quantile(sorted, 0.975)) };
}

/** Differences of two models' metrics (ours minus theirs, as measured), replicate by replicate on the same units, those that are numbers. */
export function pairedDifferences(ours: Tally, theirs: Tally, units: Units, metrics: readonly string[], replicates = REPLICATES): Map<string, number[]> {
	const out = new Map(metrics.map((metric) => [metric, [] as number[]]));
	for (const weight of draws(units.count, replicates, SEED)) {
		const [a, b] = [ours.metrics(weight), theirs.metrics(weight)];
		for (const [metric, values] of out) if (Number.isFinite(a[metric] - b[metric])) values.push(a[metric] - b[metric]);
	}
	return out;
}
