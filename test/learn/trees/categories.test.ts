import { gradientBoosting } from '../../../lib/learn/learners/gradientBoosting.js';
import type { Matrix } from '../../../lib/learn/contract.js';
import expected from './expected/categories.json';
import { context } from './helpers/data.js';

interface Case {
	levels: number;
	sizes: string;
	missing: number;
	params: Record<string, number>;
	answers: number[];
}

/** The rows of makeCategories.py: codes 2.. are levels, 0 is missing. */
function rowsOf({ levels, sizes, missing }: Case): { x: Matrix; y: Float64Array } {
	const size = (level: number): number => (sizes === 'even' ? 400 : level % 2 ? 60 : 700);
	const level = [
		...Array.from({ length: levels }, (_, l) => new Array<number>(size(l)).fill(l)).flat(),
		...new Array<number>(missing).fill(levels),
	];
	const y = Float64Array.from(level, (l, row) => ((l * 7) % 11) / 5 + ((row * 7919) % 1000) / 1000);
	const data = Uint8Array.from(level, (l) => (l === levels ? 0 : l + 2));
	return { x: { rows: level.length, columns: [{ name: 'c', kind: 'category', data, levels: levels + 2 }] }, y };
}

const said = (c: Case): string => `${c.levels} levels, ${c.sizes}, ${c.missing} missing, ${JSON.stringify(c.params)}`;

/** The answer for each level, that for missing at the end. */
async function answersOf(c: Case): Promise<number[]> {
	const { x, y } = rowsOf(c);
	const params = gradientBoosting.params.parse({ n_estimators: 1, num_leaves: 2, learning_rate: 1, cat_rare_share: 0, ...c.params });
	const { state } = await gradientBoosting.fit({ task: 'regression', train: x, labels: { y, classes: 0 } }, params, context());
	const predictor = await gradientBoosting.predictor(state, ['c']);
	const out = new Float64Array(1);
	return Array.from({ length: c.levels + 1 }, (_, l) => {
		predictor.row(Float64Array.of(l === c.levels ? 0 : l + 2), out);
		return out[0];
	});
}

function squaredError(c: Case, answers: readonly number[]): number {
	const { x, y } = rowsOf(c);
	const { data } = x.columns[0];
	return y.reduce((sum, v, i) => sum + (v - answers[data[i] === 0 ? c.levels : data[i] - 2]) ** 2, 0);
}

const all = (expected.cases as Case[]).map((c) => [said(c), c] as const);

it.each(all.filter(([, c]) => !c.missing))('categories are split as in LightGBM 4.7 (%s)', async (_, c) => {
	const ours = await answersOf(c);
	for (let l = 0; l < c.levels; l++) expect(ours[l]).toBeCloseTo(c.answers[l], 3);
});

// LightGBM sends missing values with the rest; here they are a value like any other, which may be set apart itself where that gains more.
it.each(all.filter(([, c]) => c.missing))('with missing values as in LightGBM, or better (%s)', async (_, c) => {
	const ours = await answersOf(c);
	const same = ours.every((v, l) => Math.abs(v - c.answers[l]) < 1e-3);
	if (!same) expect(squaredError(c, ours)).toBeLessThan(0.999 * squaredError(c, c.answers));
});
