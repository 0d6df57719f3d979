import { numbersOf, type Frame } from '../../lib/data/frame';
import { permutationImportance } from '../../lib/evaluate/importance';
import { murmurTwice } from '../../lib/domain/random';
import { frameOf } from '../data/frames';

const ROWS = 600;

/** Rows of `columns` numbers; the answer is a weighted sum of some of them. */
function wide(columns: number, weights: Record<number, number>) {
	const random = murmurTwice(7);
	const names = Array.from({ length: columns }, (_, j) => `x${j}`);
	const frame = frameOf(
		names.map((name) => ({ name, type: 'number', role: 'feature' })),
		Object.fromEntries(names.map((name) => [name, Array.from({ length: ROWS }, () => random())])),
	);
	let asked = 0;
	const scoreFrame = async (f: Frame) => {
		asked++;
		const out = new Float64Array(f.rows);
		for (const [j, weight] of Object.entries(weights))
			numbersOf(f, `x${j}`).forEach((v, i) => {
				out[i] += weight * v;
			});
		return out;
	};
	return { frame, names, scoreFrame, asked: () => asked };
}
async function importance(columns: number, weights: Record<number, number>) {
	const { frame, names, scoreFrame, asked } = wide(columns, weights);
	const notes: string[] = [];
	const labels = await scoreFrame(frame);
	const found = await permutationImportance({
		task: 'regression',
		classes: 0,
		labels,
		frame,
		threshold: 0.5,
		primary: 'rmse',
		features: names,
		scoreFrame,
		note: (_code, text) => notes.push(text),
	});
	return { found, notes, asked: asked() };
}

test('up to a hundred columns are all measured, without a note', async () => {
	const { found, notes, asked } = await importance(100, { 3: 1, 60: 2 });
	expect(found).toHaveLength(100);
	expect(found.slice(0, 2).map((f) => f.feature)).toEqual(['x60', 'x3']);
	expect(found[2].drop).toBe(0);
	expect(notes).toEqual([]);
	expect(asked).toBe(2 + 100 * 3);
});

test('of thousands the ones that a model uses are found with few predictions, and a note says so', async () => {
	const { found, notes, asked } = await importance(3_000, { 17: 1, 18: 0.5, 2_999: 3, 0: 0.01 });
	expect(found.map((f) => f.feature)).toEqual(['x2999', 'x17', 'x18', 'x0']);
	expect(notes).toEqual([
		"Of 3000 columns 4 move the model's answers, and their importance was measured; shuffling the other 2996 changes no answer " +
			'(looked at on 500 rows).',
	]);
	expect(asked).toBeLessThan(200);
});

test('when all matter the strongest are measured', async () => {
	const weights = Object.fromEntries(Array.from({ length: 400 }, (_, j) => [j, j % 4 === 0 ? 5 + j / 400 : 0.001]));
	const { found, notes } = await importance(400, weights);
	expect(notes).toEqual(["Of 400 columns the importance of the 100 that move the model's answers most was measured."]);
	expect(found).toHaveLength(100);
	expect(found.every((f) => Number(f.feature.slice(1)) % 4 === 0)).toBe(true);
}, 60_000);
