import type { Ensemble } from './model.js';

/**
 * How much each column matters to the trees themselves, in the model's order of columns: `gain` adds up what its splits gained, `split` counts them. Splits without a
 * gain count for nothing, as in LightGBM's `feature_importance`. Both favour columns of many values; the permutation importance (lib/evaluate) does not.
 */
export function treeImportance(model: Ensemble, kind: 'gain' | 'split'): Float64Array {
	const out = new Float64Array(model.columns.length);
	for (const { feature, gain } of model.trees) {
		for (let n = 0; n < feature.length; n++) if (feature[n] >= 0 && gain[n] > 0) out[feature[n]] += kind === 'gain' ? gain[n] : 1;
	}
	return out;
}
