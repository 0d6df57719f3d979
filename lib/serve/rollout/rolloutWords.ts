import type { Metric } from '../../task/metrics/contract.js';
import type { Interval } from './sequences.js';

interface About {
	version: number;
	stable: number;
	interval: Interval;
	broken: boolean;
}

const share = (value: number): string => `${trimmed(value * 100)} %`;
const trimmed = (value: number): string => {
	const rounded = Number(value.toPrecision(2));
	return String(Math.abs(value) >= 100 ? Math.round(value) : Object.is(rounded, -0) ? 0 : rounded);
};
/** In the words of a difference: at least so many digits as tell it from nothing. */
const signed = (value: number): string => `${value > 0 ? '+' : ''}${figure(value)}`;
const figure = (value: number): string =>
	Math.abs(value) >= 100 ? String(Math.round(value)) : value.toFixed(Math.abs(value) >= 10 ? 1 : 3);
const seconds = (s: number): string => (s < 1 ? `${trimmed(s * 1000)} ms` : `${trimmed(s)} s`);

export function errorsText({
	version,
	stable,
	a,
	b,
	limit,
	interval,
	broken,
}: About & { a: { hits: number; n: number }; b: { hits: number; n: number }; limit: number }): string {
	const of = ({ hits, n }: { hits: number; n: number }): string => (n ? share(hits / n) : 'none');
	const seen = `Version ${version} failed in ${of(a)} of ${a.n.toLocaleString('en')} rows, version ${stable} in ${of(b)}`;
	return broken
		? `${seen}: at least ${share(interval.low)} more than it, and ${share(limit)} more are allowed.`
		: `${seen}; ${share(limit)} more are allowed.`;
}

export const latencyText = ({
	version,
	stable,
	usual,
	edge,
	share: slow,
	broken,
}: About & { usual: number; edge: number; share: number }): string =>
	`${share(slow)} of version ${version}'s requests took longer than ${seconds(edge)}` +
	`${broken ? ', where 1 % may' : ''}; 99 % of version ${stable}'s take at most ${seconds(usual)}.`;

export const answersText = ({ version, stable, moved, limit, interval, broken }: About & { moved: number; limit: number }): string =>
	`The answers of version ${version} lie ${signed(moved)} standard deviations from version ${stable}'s ` +
	`(${signed(interval.low)} to ${signed(interval.high)}${broken ? `, and ${trimmed(limit)} are allowed` : ''}).`;

export const agreementText = ({
	version,
	stable,
	share: same,
	limit,
	interval,
	broken,
}: About & { share: number; limit: number }): string =>
	`${share(same)} of version ${version}'s answers are version ${stable}'s` +
	`${broken ? `: at most ${share(interval.high)} in the long run, and ${share(limit)} must be` : ''}.`;

/** "Version 8 is better: AUC +0.012 (95 % confidence sequence 0.004 to 0.020) after 41,200 answers." */
export function qualityText(
	version: number,
	{ difference, interval, n }: { difference: number; interval: Interval; n: number },
	{ label, better }: Pick<Metric, 'label' | 'better'>,
	alpha: number,
): string {
	const verdict = interval.low > 0 ? 'is better' : interval.high < 0 ? 'is worse' : 'is neither better nor worse, as far as can be told';
	// Differences are kept so that above 0 is better; people read the metric's own sign.
	const sign = better === 'higher' ? 1 : -1;
	const [low, high] = sign > 0 ? [interval.low, interval.high] : [-interval.high, -interval.low];
	return (
		`Version ${version} ${verdict}: ${label} ${signed(sign * difference)} (${Number(((1 - alpha) * 100).toPrecision(3))} ` +
		`% confidence sequence ${figure(low)} to ${figure(high)}) after ${n.toLocaleString('en')} answers`
	);
}
