import * as fc from 'fast-check';
import { mulberry32 } from '../../../lib/domain/random.js';
import { drawnShapley, evaluationsOf, exactShapley, type Game, type Shapley } from '../../../lib/learn/explain/shapley.js';
import { learnerById } from '../../../lib/learn/learners/index.js';
import { networkPredictor } from '../../../lib/learn/tensors/network.js';
import type { Matrix, Predictor } from '../../../lib/learn/contract.js';
import { context } from '../trees/helpers/data.js';
import expected from './shapley.json';

/** A row among rows, each column a player. */
const gameOf = (row: ArrayLike<number>, background: ReadonlyArray<ArrayLike<number>>, answer: (row: Float64Array) => number): Game => ({
	players: row.length,
	background: background.length,
	value: (inside, b) => answer(Float64Array.from({ length: row.length }, (_, j) => (inside[j] ? row[j] : background[b][j]))),
	same: (j, b) => Object.is(row[j], background[b][j]),
});

const total = ({ values, base }: Shapley): number => values.reduce((a, b) => a + b, base);

describe.each(expected.cases)('as shap 0.51.0 on a network: $name', ({ hidden, outputs, weights, biases, background, rows, ...wanted }) => {
	const columns = background[0].map((_, j) => `x${j}`);
	const arrays = Object.fromEntries([
		...weights.map((w, l) => [`w${l}`, Float32Array.from(w)]),
		...biases.map((b, l) => [`b${l}`, Float32Array.from(b)]),
	]) as Record<string, Float32Array>;
	const shape = { levels: columns.map(() => 0), embedding: columns.map(() => 0), hidden, outputs, activation: 'tanh' };
	const meta = { columns, shape, output: outputs === 1 ? 'probability' : 'probabilities', center: 0, scale: 1 };
	const predictor = networkPredictor({ format: 'neuralNetwork', version: 1, meta, arrays }, columns);
	const answer = (row: Float64Array): number => {
		const out = new Float64Array(outputs);
		predictor.row(row, out);
		return out[outputs - 1];
	};

	test.each(rows.map((row, r) => [r, row] as const))('row %i', (r, row) => {
		const game = gameOf(row, background, answer);
		const exact = exactShapley(game);
		expect(exact.base).toBeCloseTo(wanted.base, 9);
		wanted.exact[r].forEach((v, j) => expect(exact.values[j]).toBeCloseTo(v, 9));
		expect(total(exact)).toBeCloseTo(wanted.answers[r], 12);
		const drawn = drawnShapley(game, 5);
		expect(total(drawn)).toBeCloseTo(wanted.answers[r], 12);
		drawn.values.forEach((v, j) => expect(Math.abs(v - wanted.exact[r][j])).toBeLessThan(4 * drawn.errors[j] + 1e-9));
		// shap's own drawing, of 10 orders and their reverses a row of the background.
		drawn.values.forEach((v, j) => expect(Math.abs(v - wanted.drawn[r][j])).toBeLessThan(4 * drawn.errors[j] + 5e-3));
	});
});

describe('against the exact form', () => {
	const random = mulberry32(8);
	const NAMES = Array.from({ length: 9 }, (_, j) => `x${j}`);
	const ROWS = 400;
	const x: Matrix = {
		rows: ROWS,
		columns: NAMES.map((name) => ({
			name,
			kind: 'number',
			data: Float64Array.from({ length: ROWS }, () => Math.round(random() * 64) / 16),
		})),
	};
	const value = (j: number, i: number): number => x.columns[j].data[i];
	const truth = Float64Array.from(
		{ length: ROWS },
		(_, i) => value(0, i) * value(1, i) + Math.sin(value(2, i)) + value(3, i) - value(4, i),
	);
	const rowsOf = (from: number, count: number): Float64Array[] =>
		Array.from({ length: count }, (_, i) => Float64Array.from(NAMES, (_name, j) => value(j, from + i)));
	const fitted = async (id: string, params: object, task: 'binary' | 'regression'): Promise<Predictor> => {
		const learner = learnerById(id);
		const y = task === 'binary' ? truth.map((v) => Number(v > 5)) : truth;
		const input = { task, train: x, labels: { y, classes: task === 'binary' ? 2 : 0 } };
		const { state } = await learner.fit(input, learner.params.parse(params), context());
		return await learner.predictor(state, NAMES);
	};
	const scoreOf = (predictor: Predictor, logistic: boolean) => (row: Float64Array) => {
		const out = new Float64Array(1);
		predictor.row(row, out);
		return logistic ? Math.log(out[0] / (1 - out[0])) : out[0];
	};
	const part = (from: number, count: number): Matrix => ({
		rows: count,
		columns: x.columns.map((c) => ({ ...c, data: c.data.slice(from, from + count) }) as Matrix['columns'][number]),
	});

	test('of boosted trees (interventional values, the same background): within three standard errors', async () => {
		const predictor = await fitted('gradientBoosting', { n_estimators: 15, num_leaves: 12 }, 'binary');
		const background = rowsOf(100, 32);
		const exact = predictor.explain!(part(0, 20), { background: part(100, 32) });
		const score = scoreOf(predictor, true);
		let [within, of] = [0, 0];
		for (const [i, row] of rowsOf(0, 20).entries()) {
			const game = gameOf(row, background, score);
			const drawn = drawnShapley(game, i);
			const all = i === 0 ? exactShapley(game) : undefined;
			expect(total(drawn)).toBeCloseTo(score(row), 8);
			for (let j = 0; j < 9; j++) {
				const wanted = exact[i * 10 + j];
				if (all) expect(all.values[j]).toBeCloseTo(wanted, 6);
				const off = Math.abs(drawn.values[j] - wanted);
				// What happens in very few orders may be met by no drawn one.
				expect(off).toBeLessThan(6 * drawn.errors[j] + 0.01);
				if (Math.abs(wanted) < 0.05) continue;
				of++;
				if (off <= 3 * drawn.errors[j] + 1e-7) within++;
			}
		}
		expect(of).toBeGreaterThan(70);
		// What few orders show makes an error as uncertain as itself: less than the 99.7 % of a bell curve.
		expect(within / of).toBeGreaterThan(0.92);
	});

	test('of a linear model: exactly, with no error', async () => {
		const predictor = await fitted('linearRegression', {}, 'regression');
		const background = rowsOf(0, ROWS);
		for (const row of rowsOf(0, 3)) {
			const wanted = predictor.contributions!(row, 0);
			const { values, errors, base } = drawnShapley(gameOf(row, background, scoreOf(predictor, false)), 1);
			expect(base).toBeCloseTo(wanted[9], 8);
			for (let j = 0; j < 9; j++) {
				expect(values[j]).toBeCloseTo(wanted[j], 8);
				expect(errors[j]).toBeLessThan(1e-12);
			}
		}
	});
});

/** Games of which a good part happens in few orders: what one drawing shows, another does not. */
describe.each([
	['five that must all be there, of many values', (v: ArrayLike<number>) => Number([0, 1, 2, 3, 4].every((j) => v[j] > 0.4)), false],
	['five that must all be there, yes or no', (v: ArrayLike<number>) => Number([0, 1, 2, 3, 4].every((j) => v[j] > 0.4)), true],
	[
		'an odd number of three rare ones',
		(v: ArrayLike<number>) => (Number(v[0] > 0.85) + Number(v[1] > 0.85) + Number(v[2] > 0.85)) % 2,
		true,
	],
	['products', (v: ArrayLike<number>) => 3 * v[0] * v[1] + 2 * v[2] * v[3] * v[4] - v[5] + v[6] * v[7], false],
])('the standard error of a game: %s', (_, answer, flags) => {
	test('1.96 of it hold the exact contribution 95 times of 100, and it is 0 for hardly any that is not exact', () => {
		const random = mulberry32(77);
		const draw = (): Float64Array => Float64Array.from({ length: 8 }, () => (flags ? Number(random() < 0.6) * 0.9 : random()));
		let [held, surely, of] = [0, 0, 0];
		for (let i = 0; i < 100; i++) {
			const game = gameOf(
				draw(),
				Array.from({ length: 32 }, () => draw()),
				answer,
			);
			const [exact, drawn] = [exactShapley(game), drawnShapley(game, 1, 4_096)];
			exact.values.forEach((wanted, j) => {
				const off = Math.abs(drawn.values[j] - wanted);
				of++;
				if (off <= 1.96 * drawn.errors[j] + 1e-12) held++;
				else if (drawn.errors[j] < 1e-12) surely++;
			});
		}
		expect(held / of).toBeGreaterThan(0.94);
		expect(surely / of).toBeLessThan(0.05);
	});
});

test('of rows of the background from which few columns differ all coalitions are asked, within the same number of questions', () => {
	const answer = (v: ArrayLike<number>): number => v[0] * v[1] * v[2] * 8 + v[3] * v[4] + v[9];
	const row = Float64Array.from({ length: 10 }, () => 1);
	const background = Array.from({ length: 32 }, (_, b) => row.map((v, j) => (j < 1 + (b % 5) ? 0 : v)));
	const game = gameOf(row, background, answer);
	let asked = 0;
	const counted: Game = {
		...game,
		value: (inside, b) => {
			asked++;
			return game.value(inside, b);
		},
	};
	const drawn = drawnShapley(counted, 1);
	expect(asked).toBeLessThanOrEqual(evaluationsOf(game));
	const exact = exactShapley(game);
	exact.values.forEach((v, j) => expect(drawn.values[j]).toBeCloseTo(v, 12));
	expect(Array.from(drawn.errors)).toEqual(new Array(10).fill(0));
});

test('any game: contributions add up, equal players get equal shares, who changes nothing gets nothing, the seed repeats', () => {
	fc.assert(
		fc.property(fc.integer(), fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 6 }), (seed, players, rows) => {
			const random = mulberry32(seed);
			const worth = Float64Array.from({ length: rows << players }, () => random());
			// The last player changes nothing.
			const at = (inside: Uint8Array, b: number): number => {
				let mask = 0;
				for (let p = 0; p < players - 1; p++) mask |= inside[p] << p;
				return worth[(b << players) | mask];
			};
			// With every column the row's own, the background does not matter.
			const full = (inside: Uint8Array): boolean => inside.subarray(0, players - 1).every((v) => v === 1);
			let asked = 0;
			const game: Game = {
				players,
				background: rows,
				same: (p) => p === players - 1,
				value: (inside, b) => {
					asked++;
					return full(inside) ? 0.5 : at(inside, b);
				},
			};
			const exact = exactShapley(game);
			asked = 0;
			const drawn = drawnShapley(game, 7);
			expect(asked).toBeLessThanOrEqual(evaluationsOf(game));
			for (const found of [exact, drawn]) {
				expect(total(found)).toBeCloseTo(0.5, 10);
				expect(found.values[players - 1]).toBe(0);
			}
			expect(drawnShapley(game, 7)).toEqual(drawn);
		}),
		{ numRuns: 100, seed: 3 },
	);
	const both: Game = { players: 3, background: 1, same: () => false, value: (inside) => Number(inside[0] && inside[1]) };
	expect(Array.from(exactShapley(both).values)).toEqual([0.5, 0.5, 0]);
});
