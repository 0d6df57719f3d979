import type { Result } from './contract.mts';
import { OURS } from './contenders.mts';
import { ERRORS } from './errors.mts';
import { SETS } from './sets.mts';

/** By set and contender, one result a seed. */
export type Seen = Map<string, Map<string, Result[]>>;

/** `ratio` is ours by the peer's; of several seeds the means. */
export interface Row {
	case: string;
	peer: string;
	peerVersion: string;
	value: number;
	peerValue: number;
	ratio: number;
	unit: string;
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
/** Infinite where one of them failed: nobody wins by that. */
const errorOf = (results: readonly Result[], metric: string): number => mean(results.map((r) => r.errors?.[metric] ?? Infinity));
const versionOf = (results: readonly Result[]): string => results.find((r) => r.version)?.version ?? 'failed';
/** Errors that are equal but for rounding. */
const SAME = 1e-9;

/** One row a set and peer, and one `overall` a peer: the share of sets that ours wins, a draw for half, beside the geometric mean of ratios. */
export function reportOf(seen: Seen, peers: readonly string[]): Row[] {
	const rows = [...seen].flatMap(([id, of]) => peers.map((peer) => rowOf(id, peer, of)));
	return [...rows, ...peers.map((peer) => overallOf(peer, rows))];
}

function rowOf(id: string, peer: string, of: ReadonlyMap<string, Result[]>): Row {
	const [unit] = ERRORS[SETS[id].task];
	const [value, peerValue] = [errorOf(of.get(OURS)!, unit), errorOf(of.get(peer)!, unit)];
	const draw = Math.abs(value - peerValue) <= SAME * Math.max(value, peerValue) || value === peerValue;
	return { case: id, peer, peerVersion: versionOf(of.get(peer)!), value, peerValue, ratio: draw ? 1 : value / peerValue, unit };
}

function overallOf(peer: string, all: readonly Row[]): Row {
	const rows = all.filter((row) => row.peer === peer);
	const wins = rows.reduce((sum, { ratio }) => sum + (ratio < 1 ? 1 : ratio === 1 ? 0.5 : 0), 0) / rows.length;
	// A failure of either side has no ratio; it stands in the share.
	const logs = rows.map(({ ratio }) => Math.log(ratio)).filter(Number.isFinite);
	const { peerVersion } = rows.find((row) => row.peerVersion !== 'failed') ?? rows[0];
	return { case: 'overall', peer, peerVersion, value: wins, peerValue: 1 - wins, ratio: Math.exp(mean(logs)), unit: 'share of wins' };
}

/** For people: what each contender got, and what it took. */
export function tableOf(id: string, of: ReadonlyMap<string, Result[]>): string {
	const metrics = ERRORS[SETS[id].task];
	const lines = [...of].map(([contender, results]) => {
		const took = (pick: (r: Result) => number | undefined) => mean(results.map((r) => pick(r) ?? NaN));
		return [
			contender.padEnd(11),
			...metrics.map((m) => `${m} ${errorOf(results, m).toPrecision(4)}`.padEnd(m.length + 12)),
			`${took((r) => r.seconds).toFixed(1)} s (${took((r) => r.cpu).toFixed(1)} s of processors)`.padEnd(34),
			`${(took((r) => r.peak) / 1e6).toFixed(0)} MB`,
			...(results[0].members ? [`  ${results[0].members}`] : []),
		].join(' ');
	});
	return `${id}\n${lines.map((line) => `  ${line}`).join('\n')}`;
}
