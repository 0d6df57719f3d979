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
 * Shapley values by drawn orders of the players (Castro, Gómez and Tejada 2009), each order followed to its end and back again: what
 * `shap.PermutationExplainer` does (antithetic pairs: Mitchell, Cooper, Frank and Holmes 2022). Each row of the background has two pairs of
 * its own, so all rows count alike, the contributions add up exactly, and how far the pairs differ tells the standard error. The same seed
 * gives the same values.
 */
export function drawnShapley({ players, background, value, same }: Game, seed: number): Shapley {
	const random = mulberry32(seed);
	const inside = new Uint8Array(players);
	const values = new Float64Array(players);
	const errors = new Float64Array(players);
	const pairs = Array.from({ length: PAIRS }, () => new Float64Array(players));
	let base = 0;
	const full = value(inside.fill(1), 0);
	for (let b = 0; b < background; b++) {
		const none = value(inside.fill(0), b);
		base += none / background;
		for (const pair of pairs) {
			const order = shuffled(players, random);
			pair.fill(0);
			walk(pair, order, b, none);
			walk(pair, order.reverse(), b, none);
		}
		const [one, other] = pairs;
		for (let p = 0; p < players; p++) {
			values[p] += (one[p] + other[p]) / 2 / background;
			errors[p] += ((one[p] - other[p]) / 2 / background) ** 2;
		}
	}
	return { values, errors: errors.map(Math.sqrt), base };

	/** Adds half of what each player changes when it comes in, in this order. */
	function walk(into: Float64Array, order: Uint32Array, b: number, none: number): void {
		inside.fill(0);
		let before = none;
		// Players whose values are the row's change nothing: after the last of the others the answer is that for the whole row.
		let last = players - 1;
		while (last >= 0 && same(order[last], b)) last--;
		for (let k = 0; k <= last; k++) {
			const p = order[k];
			inside[p] = 1;
			if (same(p, b)) continue;
			const now = k === last ? full : value(inside, b);
			into[p] += (now - before) / 2;
			before = now;
		}
	}
}
