import { childOf, type Compiled } from './compile.js';

/** What path-dependent SHAP needs of a model besides its trees: shares of rows that take each branch, and expected values. */
export interface ShapTables {
	/** Rows at a node over rows at its parent, by the cover (hessian sums, as LightGBM counts rows: here the number of rows). */
	share: Float64Array;
	/** Mean raw score of each output over the training rows. */
	expected: Float64Array;
	depth: number;
}

export function shapTables(c: Compiled): ShapTables {
	const { model } = c;
	const share = new Float64Array(c.feature.length).fill(1);
	const expected = Float64Array.from(model.initial);
	let depth = 0;
	let at = 0;
	model.trees.forEach((tree, t) => {
		const mean = new Float64Array(tree.feature.length);
		const below = new Int32Array(tree.feature.length);
		for (let n = tree.feature.length - 1; n >= 0; n--) {
			if (tree.feature[n] < 0) { mean[n] = tree.value[n]; continue; }
			const l = tree.left[n];
			const r = tree.right[n];
			const total = tree.count[l] + tree.count[r];
			share[at + l] = total > 0 ? tree.count[l] / total : 0.5;
			share[at + r] = total > 0 ? tree.count[r] / total : 0.5;
			mean[n] = share[at + l] * mean[l] + share[at + r] * mean[r];
			below[n] = 1 + Math.max(below[l], below[r]);
		}
		depth = Math.max(depth, below[0]);
		expected[t % model.outputs] += mean[0] * c.scale;
		at += tree.feature.length;
	});
	return { share, expected, depth };
}

/**
 * Exact path-dependent SHAP values of one row for one output, expected value last (Lundberg et al. 2020, "From local explanations to global
 * understanding", algorithm 2). They add up to the raw score.
 */
export function shapRow(c: Compiled, tables: ShapTables, values: Float64Array, output: number): Float64Array {
	const { feature, left, right, value, roots, outputs } = c;
	const width = c.model.columns.length;
	const phi = new Float64Array(width + 1);
	const size = tables.depth + 2;
	// A path of d entries is kept at depth d of a triangle: each level copies its parent's and extends it.
	const room = (size * (size + 1)) / 2 + size;
	const pathFeature = new Int32Array(room);
	const zero = new Float64Array(room);
	const one = new Float64Array(room);
	const weight = new Float64Array(room);

	for (let t = output; t < roots.length; t += outputs) walk(roots[t], 0, 0, 1, 1, -1);
	for (let j = 0; j < width; j++) phi[j] *= c.scale;
	phi[width] = tables.expected[output];
	return phi;

	function walk(node: number, length: number, start: number, pz: number, po: number, by: number): void {
		// A branch that no training row and not this row takes adds nothing.
		if (pz === 0 && po === 0) return;
		const at = start + length;
		for (let i = 0; i < length; i++) {
			pathFeature[at + i] = pathFeature[start + i];
			zero[at + i] = zero[start + i];
			one[at + i] = one[start + i];
			weight[at + i] = weight[start + i];
		}
		extend(at, length, pz, po, by);
		const f = feature[node];
		if (f < 0) {
			for (let i = 1; i <= length; i++) phi[pathFeature[at + i]] += unwoundSum(at, length, i) * (one[at + i] - zero[at + i]) * value[node];
			return;
		}
		const hot = childOf(c, node, values[f]);
		const cold = hot === left[node] ? right[node] : left[node];
		let inZero = 1;
		let inOne = 1;
		let used = length;
		for (let i = 1; i <= length; i++) {
			if (pathFeature[at + i] !== f) continue;
			inZero = zero[at + i];
			inOne = one[at + i];
			unwind(at, length, i);
			used--;
			break;
		}
		walk(hot, used + 1, at, tables.share[hot] * inZero, inOne, f);
		walk(cold, used + 1, at, tables.share[cold] * inZero, 0, f);
	}

	function extend(at: number, length: number, pz: number, po: number, by: number): void {
		pathFeature[at + length] = by;
		zero[at + length] = pz;
		one[at + length] = po;
		weight[at + length] = length === 0 ? 1 : 0;
		for (let i = length - 1; i >= 0; i--) {
			weight[at + i + 1] += (po * weight[at + i] * (i + 1)) / (length + 1);
			weight[at + i] = (pz * weight[at + i] * (length - i)) / (length + 1);
		}
	}

	function unwind(at: number, length: number, index: number): void {
		const o = one[at + index];
		const z = zero[at + index];
		let next = weight[at + length];
		for (let i = length - 1; i >= 0; i--) {
			if (o !== 0) {
				const kept = weight[at + i];
				weight[at + i] = (next * (length + 1)) / ((i + 1) * o);
				next = kept - (weight[at + i] * z * (length - i)) / (length + 1);
			} else weight[at + i] = (weight[at + i] * (length + 1)) / (z * (length - i));
		}
		for (let i = index; i < length; i++) {
			pathFeature[at + i] = pathFeature[at + i + 1];
			zero[at + i] = zero[at + i + 1];
			one[at + i] = one[at + i + 1];
		}
	}

	function unwoundSum(at: number, length: number, index: number): number {
		const o = one[at + index];
		const z = zero[at + index];
		let next = weight[at + length];
		let total = 0;
		for (let i = length - 1; i >= 0; i--) {
			if (o !== 0) {
				const part = (next * (length + 1)) / ((i + 1) * o);
				total += part;
				next = weight[at + i] - part * z * ((length - i) / (length + 1));
			} else if (z !== 0) total += weight[at + i] / z / ((length - i) / (length + 1));
		}
		return total;
	}
}
