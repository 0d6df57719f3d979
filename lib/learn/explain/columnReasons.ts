import { dictionary } from '../../domain/dictionary.js';
import type { ModelManifest } from '../../domain/model.js';
import type { Row, Value } from '../../data/frame.js';
import { backgroundRows } from './background.js';
import { drawnShapley, evaluationsOf, exactShapley, type Game, type Shapley } from './shapley.js';

export interface ColumnReason {
	feature: string;
	value: Value;
	contribution: number;
	/** Standard error of the contribution; absent where it is exact. */
	error?: number;
	/** How many columns this is of, where it is of several. */
	columns?: number;
}

export interface ColumnReasons {
	/** One for each column, those that matter least together as one where there are many; they and `base` add up to the answer. */
	reasons: ColumnReason[];
	base: number;
}

/** Rows of the background: fewer where a row takes the model long. */
const MOST_ROWS = 64;
const LEAST_ROWS = 32;
/** Times that the model is asked for one row's reasons. */
const MOST_ASKED = 8_192;
const LEAST_ASKED = 1_024;
/** Microseconds that asking may take in all, about, and those a row that are not the learner's. */
const MICROSECONDS = 50_000;
const AROUND = 3;
/** All coalitions of more columns than this are never asked. */
const MOST_EXACT = 10;
const SEED = 1;
/** Rows of the background that columns which matter are looked for with, and groups of columns that are looked into. */
const LOOKED = 4;
const MOST_HALVED = 128;

/**
 * Shapley values over the columns that people know, for a model that can only be asked: through recipe and encoder, against rows drawn from
 * what the package keeps of the training (`backgroundRows`). In units of the answer (a probability, a value). The number of questions is
 * bounded, by what a row costs: 8,192 at most, for about 50 ms, yet up to 1,024 of a model that takes long (and as many to find the
 * strongest of many columns). Of more columns than that allows the strongest are told apart, and the others share one reason. The same row
 * gets the same reasons. Undefined for packages of before, which keep too little.
 *
 * @param microseconds what the learner takes for a row, about
 */
export function columnReasons(
	manifest: Pick<ModelManifest, 'signature' | 'seen'>,
	microseconds: () => number,
): ((row: Row, answer: (row: Row) => number) => ColumnReasons) | undefined {
	if (!backgroundRows(manifest, 1)) return undefined;
	const names = manifest.signature.map((c) => c.name);
	// Made when somebody asks: most packages are loaded for their answers alone.
	let plan: Plan | undefined;
	return (row, answer) => {
		const { background, players, exact, asked } = (plan ??= planOf(manifest, microseconds()));
		const groups = players === names.length ? names.map((name) => [name]) : strongestApart(row, names, background, answer, players);
		const game = gameOf(row, groups, background, answer);
		const found = exact ? exactShapley(game) : drawnShapley(game, SEED, asked);
		return { reasons: groups.map((group, p) => reasonOf(row, group, found, p, exact)), base: found.base };
	};
}

interface Plan {
	background: Row[];
	players: number;
	/** Whether all coalitions are asked. */
	exact: boolean;
	/** Questions at most. */
	asked: number;
}

function planOf(manifest: Pick<ModelManifest, 'signature' | 'seen'>, microseconds: number): Plan {
	const asked = Math.round(Math.min(MOST_ASKED, Math.max(LEAST_ASKED, MICROSECONDS / (microseconds + AROUND))));
	const fits = (players: number, background: number): boolean => evaluationsOf({ players, background }) <= asked;
	let players = manifest.signature.length;
	let rows = MOST_ROWS;
	while (rows > LEAST_ROWS && !fits(players, rows)) rows /= 2;
	while (players > 2 && !fits(players, rows)) players--;
	return { background: backgroundRows(manifest, rows)!, players, exact: players <= MOST_EXACT && 2 ** players * rows <= asked, asked };
}

function reasonOf(row: Row, group: readonly string[], { values, errors }: Shapley, p: number, exact: boolean): ColumnReason {
	const moved = { contribution: values[p], ...(exact ? {} : { error: errors[p] }) };
	if (group.length === 1) return { feature: group[0], value: row[group[0]] ?? null, ...moved };
	return { feature: `${group.length.toLocaleString('en')} other columns`, value: null, ...moved, columns: group.length };
}

/** Players are groups of columns. */
function gameOf(row: Row, groups: ReadonlyArray<readonly string[]>, background: readonly Row[], answer: (row: Row) => number): Game {
	const mixed: Row = dictionary(Object.entries(row));
	const same = background.map((other) => groups.map((group) => group.every((name) => other[name] === (row[name] ?? null))));
	return {
		players: groups.length,
		background: background.length,
		same: (player, b) => same[b][player],
		value(inside, b) {
			for (let p = 0; p < groups.length; p++) {
				const from = inside[p] ? row : background[b];
				for (const name of groups[p]) mixed[name] = from[name] ?? null;
			}
			return answer(mixed);
		},
	};
}

/**
 * The columns that move this answer most, found by halves (a group whose values change nothing together is left alone, the one that changes
 * most is looked into first), and all others as one group.
 */
function strongestApart(
	row: Row,
	names: readonly string[],
	background: readonly Row[],
	answer: (row: Row) => number,
	players: number,
): string[][] {
	const own = answer(row);
	const mixed: Row = dictionary(Object.entries(row));
	const effectOf = (from: number, to: number): number => {
		let sum = 0;
		for (const other of background.slice(0, LOOKED)) {
			for (let j = from; j < to; j++) mixed[names[j]] = other[names[j]];
			sum += Math.abs(answer(mixed) - own);
		}
		for (let j = from; j < to; j++) mixed[names[j]] = row[names[j]] ?? null;
		return sum;
	};
	const groups = [{ from: 0, to: names.length, effect: Infinity }];
	const found: number[] = [];
	for (let halved = 0; halved < MOST_HALVED && found.length < players - 1 && groups.length > 0; ) {
		const at = groups.reduce((best, g, i) => (g.effect > groups[best].effect ? i : best), 0);
		const [{ from, to }] = groups.splice(at, 1);
		if (to - from === 1) {
			found.push(from);
			continue;
		}
		halved++;
		const middle = (from + to) >> 1;
		for (const [a, b] of [
			[from, middle],
			[middle, to],
		]) {
			const effect = effectOf(a, b);
			if (effect > 0) groups.push({ from: a, to: b, effect });
		}
	}
	const apart = new Set(found);
	const rest = names.filter((_, j) => !apart.has(j));
	return [...names.flatMap((name, j) => (apart.has(j) ? [[name]] : [])), ...(rest.length ? [rest] : [])];
}
