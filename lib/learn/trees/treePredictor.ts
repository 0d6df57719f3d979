import type { Predictor } from '../contract.js';
import { compile } from './compileTrees.js';
import { Explainer } from './explain.js';
import { linkOf } from './losses/index.js';
import { placesIn } from './matchColumns.js';
import type { Ensemble } from './ensemble.js';
import { rawBatch, rawRow } from './rawScore.js';

/** The learner contract's predictor of an ensemble. `columns` are the names of the columns that rows will have. */
export function treePredictor(model: Ensemble, columns: readonly string[]): Predictor {
	const order = placesIn(model, columns);
	const straight = order.every((at, i) => at === i);
	const c = compile(model);
	const apply = linkOf(model.loss);
	const link = (out: Float64Array, at: number) => apply?.(out, at, model.outputs);
	const values = new Float64Array(order.length);
	const arrange = (row: Float64Array): Float64Array => {
		if (straight) return row;
		for (let j = 0; j < order.length; j++) values[j] = row[order[j]];
		return values;
	};
	let explainer: Explainer | undefined;
	const explain = () => (explainer ??= new Explainer(c, order, columns.length));
	return {
		outputs: model.outputs,
		batch(x, out, threads) {
			rawBatch(c, x, out, { threads });
			for (let i = 0; i < x.rows; i++) link(out, i * model.outputs);
		},
		row(row, out) {
			rawRow(c, arrange(row), 0, out, 0);
			link(out, 0);
		},
		contributions: (row, output) => explain().row(arrange(row), output),
		explain: (x, options) => explain().rows(x, options),
	};
}
