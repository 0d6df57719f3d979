import { mulberry32 } from '../../domain/random.js';
import { shuffled } from '../../task/statistics/sampling.js';

/**
 * What Shapley values are asked of: the answer for one row in which some players have the row's own values, and the others those of row `b`
 * of the background.
 */
export interface Game {
	players: number;
	background: number;
	/** @param inside 1 where a player has the row's own values */
	value(inside: Uint8Array, b: number): number;
	/** Whether a player's own values are those of row `b`, so that nothing changes with them. */
	same(player: number, b: number): boolean;
}

export interface Shapley {
	/** For each player; with `base` they add up to the answer. */
	values: Float64Array;
	/** Standard error of each, of the drawing of orders alone; zeros where all coalitions were asked. */
	errors: Float64Array;
	/** Mean of the answers for the background. */
	base: number;
}

/** Pairs of orders a row of the background: two, so that their difference tells the error. */
const PAIRS = 2;

/** Times that the model is asked at most. */
export const evaluationsOf = ({ players, background }: Pick<Game, 'players' | 'background'>): number =>
	1 + background * (1 + 2 * PAIRS * Math.max(0, players - 1));

/**
 * Shapley values by asking every coalition (Shapley 1953): `2^players` questions a row of the background. Of few players it is as quick as
 * drawing orders, and exact.
 */
export function exactShapley({ players, background, value }: Game): Shapley {
	const all = 2 ** players;
	const answers = new Float64Array(all);
	const inside = new Uint8Array(players);
	for (let mask = 0; mask < all; mask++) {
		for (let p = 0; p < players; p++) inside[p] = (mask >> p) & 1;
		for (let b = 0; b < background; b++) answers[mask] += value(inside, b) / background;
	}
	// |S|! (n - |S| - 1)! / n!
	const weight = new Float64Array(players);
	if (players) weight[0] = 1 / players;
	for (let size = 1; size < players; size++) weight[size] = (weight[size - 1] * size) / (players - size);
	const values = new Float64Array(players);
	for (let mask = 0; mask < all; mask++) {
		const size = bits(mask);
		for (let p = 0; p < players; p++) if (!((mask >> p) & 1)) values[p] += weight[size] * (answers[mask | (1 << p)] - answers[mask]);
	}
	return { values, errors: new Float64Array(players), base: answers[0] };
}

function bits(mask: number): number {
	let count = 0;
	for (let rest = mask; rest; rest &= rest - 1) count++;
	return count;
}

/**
 * What a row of the background adds to the variance of a contribution, besides how far its own two pairs differ: this share of what they
 * differ by for its players on average. Of a thing that happens in few orders two pairs may show nothing, and would call their sum exact.
 */
const SHARED = 0.25;

/**
 * Shapley values by drawn orders of the players (Castro, Gómez and Tejada 2009), each order followed to its end and back again: what
 * `shap.PermutationExplainer` does (antithetic pairs: Mitchell, Cooper, Frank and Holmes 2022). Each row of the background has two pairs of
 * its own, so all rows count alike, the contributions add up exactly, and how far the pairs differ tells the standard error. Of a row of
 * the background from which few players differ all coalitions are asked instead, where that keeps the number of questions: it has no
 * error. The same seed gives the same values.
 *
 * @param most questions at most, never fewer than `evaluationsOf`
 */
export function drawnShapley(game: Game, seed: number, most = 0): Shapley {
	const { players, background, value, same } = game;
	const random = mulberry32(seed);
	const inside = new Uint8Array(players);
	const values = new Float64Array(players);
	const errors = new Float64Array(players);
	const pairs = Array.from({ length: PAIRS }, () => new Float64Array(players));
	const affordable = (Math.max(most, evaluationsOf(game)) - 1) / Math.max(1, background) - 1;
	let base = 0;
	const full = value(inside.fill(1), 0);
	for (let b = 0; b < background; b++) {
		const none = value(inside.fill(0), b);
		base += none / background;
		const others = Uint32Array.from({ length: players }, (_, p) => p).filter((p) => !same(p, b));
		if (others.length === 0) continue;
		// All of them and none of them are known.
		if (2 ** others.length - 2 <= affordable) asWhole(others, b, none);
		else byOrders(others, b, none);
	}
	return { values, errors: errors.map(Math.sqrt), base };

	function asWhole(others: Uint32Array, b: number, none: number): void {
		const all = 2 ** others.length - 1;
		const among = (chosen: Uint8Array): number => {
			const mask = chosen.reduce((bits, v, k) => bits | (v << k), 0);
			if (mask === 0 || mask === all) return mask === 0 ? none : full;
			inside.fill(0);
			for (const [k, p] of others.entries()) inside[p] = chosen[k];
			return value(inside, b);
		};
		const found = exactShapley({ players: others.length, background: 1, value: among, same: () => false });
		for (const [k, p] of others.entries()) values[p] += found.values[k] / background;
	}

	function byOrders(others: Uint32Array, b: number, none: number): void {
		for (const pair of pairs) {
			const order = Uint32Array.from(shuffled(others.length, random), (k) => others[k]);
			pair.fill(0);
			walk(pair, order, b, none);
			walk(pair, order.reverse(), b, none);
		}
		const [one, other] = pairs;
		const squares = Float64Array.from(others, (p) => ((one[p] - other[p]) / 2 / background) ** 2);
		const shared = (SHARED * squares.reduce((a, v) => a + v, 0)) / others.length;
		for (const [k, p] of others.entries()) {
			values[p] += (one[p] + other[p]) / 2 / background;
			errors[p] += squares[k] + shared;
		}
	}

	/** Adds half of what each player changes when it comes in, in this order. */
	function walk(into: Float64Array, order: Uint32Array, b: number, none: number): void {
		inside.fill(0);
		let before = none;
		for (const [k, p] of order.entries()) {
			inside[p] = 1;
			// With all of them in, the answer is that for the whole row: the others' values are the row's as well.
			const now = k === order.length - 1 ? full : value(inside, b);
			into[p] += (now - before) / 2;
			before = now;
		}
	}
}
