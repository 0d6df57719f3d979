import type { Matrix } from '../../../lib/learn/contract.js';
import { fromLightgbm } from '../../../lib/learn/trees/import/lightgbm.js';
import { fromXgboost } from '../../../lib/learn/trees/import/xgboost.js';
import { fromState, toState, type Ensemble } from '../../../lib/learn/trees/ensemble.js';
import { treePredictor } from '../../../lib/learn/trees/treePredictor.js';
import { addNode, emptyTree } from '../../../lib/learn/trees/tree.js';
import expected from './expected/shap.json';

type Rows = Array<Array<number | null>>;
interface PlainTree {
	feature: number[];
	threshold: number[];
	left: number[];
	right: number[];
	count: number[];
	value: number[];
	output: number;
}
interface Model {
	kind: string;
	name: string;
	file?: string;
	trees?: PlainTree[];
	single?: boolean;
	expected: number[];
	path: number[][][];
	pairs?: number[][][][];
	background?: number[][][];
	backgroundExpected?: number[];
}

/** A forest of scikit-learn's in our own state. Its nodes are in depth-first order already. */
function forest(trees: readonly PlainTree[]): Ensemble {
	const outputs = Math.max(...trees.map((t) => t.output)) + 1;
	const each = trees.length / outputs;
	const model: Ensemble = {
		loss: 'raw',
		outputs,
		initial: new Array<number>(outputs).fill(0),
		average: true,
		trees: [],
		columns: Array.from({ length: 5 }, (_, j) => ({ name: `f${j}`, kind: 'number' })),
	};
	for (let i = 0; i < each; i++) {
		for (let k = 0; k < outputs; k++) {
			const from = trees.filter((t) => t.output === k)[i];
			const tree = emptyTree();
			from.value.forEach((v, n) => addNode(tree, v, from.count[n], from.count[n]));
			from.feature.forEach((f, n) => {
				if (f < 0) return;
				tree.feature[n] = f;
				tree.threshold[n] = from.threshold[n];
				tree.left[n] = from.left[n];
				tree.right[n] = from.right[n];
			});
			model.trees.push(tree);
		}
	}
	return fromState(toState(model));
}

const read = (m: Model): Ensemble =>
	m.kind === 'lightgbm' ? fromLightgbm(m.file!).model : m.kind === 'xgboost' ? fromXgboost(Buffer.from(m.file!)).model : forest(m.trees!);
const matrix = (model: Ensemble, rows: Rows): Matrix =>
	({
		rows: rows.length,
		columns: model.columns.map((c, j) => ({ name: c.name, kind: 'number', data: Float64Array.from(rows, (r) => r[j] ?? NaN) })),
	}) as Matrix;

describe.each((expected.models as unknown as Model[]).map((m) => [m.kind, m.name, m] as const))('%s: %s', (kind, _name, m) => {
	const model = read(m);
	const predictor = treePredictor(
		model,
		model.columns.map((c) => c.name),
	);
	const x = matrix(model, kind === 'scikit-learn' ? expected.full : expected.x);
	const background = matrix(model, kind === 'scikit-learn' ? expected.fullBackground : expected.background);
	const { outputs } = predictor;
	const wide = model.columns.length + 1;
	/** XGBoost's own values are in single precision. */
	const near = (found: number, wanted: number) => expect(Math.abs(found - wanted)).toBeLessThan(m.single ? 3e-6 : 1e-6);

	it('explains rows as the shap package does, many at once and one alone', () => {
		const all = predictor.explain!(x);
		for (let i = 0; i < x.rows; i++) {
			for (let k = 0; k < outputs; k++) {
				const at = (i * outputs + k) * wide;
				m.path[i][k].forEach((v, j) => near(all[at + j], v));
				near(all[at + wide - 1], m.expected[k]);
				predictor.contributions!(
					Float64Array.from(x.columns, (c) => c.data[i]),
					k,
				).forEach((v, j) => near(v, [...m.path[i][k], m.expected[k]][j]));
			}
		}
	});

	if (m.pairs) {
		it('divides the values among pairs of columns as the shap package does', () => {
			const all = predictor.explain!(x, { interactions: true });
			for (let i = 0; i < x.rows; i++) {
				for (let k = 0; k < outputs; k++) {
					const at = (i * outputs + k) * wide * wide;
					m.pairs![i][k].forEach((line, f) => line.forEach((v, g) => near(all[at + f * wide + g], v)));
					near(all[at + wide * wide - 1], m.expected[k]);
				}
			}
		});
	}

	if (m.background) {
		it('compares with background rows as the shap package does', () => {
			const all = predictor.explain!(x, { background });
			for (let i = 0; i < x.rows; i++) {
				for (let k = 0; k < outputs; k++) {
					const at = (i * outputs + k) * wide;
					m.background![i][k].forEach((v, j) => near(all[at + j], v));
					near(all[at + wide - 1], m.backgroundExpected![k]);
				}
			}
		});
	}
});
