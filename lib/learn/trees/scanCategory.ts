import type { ColumnBins } from './binning.js';
import type { TreeParams } from './treeParams.js';
import { shrink } from './plainKernel.js';

/** A split of one feature; `g` and `h` are the integer sums of the left side. */
export interface Split {
	gain: number;
	feature: number;
	bin: number;
	missingLeft: boolean;
	g: number;
	h: number;
	/** Bins that go left, for a category. */
	bins?: number[];
	/** L2 that the leaves of this split use. */
	lambda2: number;
}

type CategoryBins = ColumnBins & { kind: 'category' };

export interface LeafSums {
	g: number;
	h: number;
	rows: number;
}

/**
 * Best split of a categorical feature, as LightGBM finds it (Fisher 1958: sorted by gradient over hessian, a prefix of the order is the
 * best subset): with few categories one against the rest, else a prefix from either end, regularised by `catSmooth`, `catL2` and
 * `minDataPerGroup`. LightGBM gives every such column a bin for missing values, and counts it, so `maxCatToOnehot` of 4 are 3 levels. With
 * `draw` (32 bits of chance) one of the categories, or one length of the prefix at each end, is tried alone.
 */
// eslint-disable-next-line max-lines-per-function -- a hot loop
export function scanCategory(
	u32: Uint32Array,
	i32: Int32Array,
	cells: number,
	column: CategoryBins,
	leaf: LeafSums,
	unitG: number,
	unitH: number,
	minGain: number,
	p: TreeParams,
	feature: number,
	draw?: number,
): Split | undefined {
	const { bins } = column;
	const perHessian = leaf.rows / leaf.h;
	const first = cells >>> 2;
	let best: Split | undefined;
	let bestGain = minGain;
	const G = leaf.g;
	const H = leaf.h;
	if (withMissing(column) <= p.maxCatToOnehot) {
		const only = draw === undefined ? undefined : draw % bins;
		for (let b = 0; b < bins; b++) {
			if (only !== undefined && b !== only) continue;
			const h = u32[first + 2 * b];
			const g = i32[first + 2 * b + 1];
			const rows = Math.floor(h * perHessian + 0.5);
			if (rows < p.minDataInLeaf || leaf.rows - rows < p.minDataInLeaf || h === 0 || h === H) continue;
			if (h * unitH < p.minSumHessianInLeaf || (H - h) * unitH < p.minSumHessianInLeaf) continue;
			const gain = part(g, h, p.lambdaL2) + part(G - g, H - h, p.lambdaL2);
			if (gain > bestGain) {
				bestGain = gain;
				best = { gain, feature, bin: b, missingLeft: false, g, h, bins: [b], lambda2: p.lambdaL2 };
			}
		}
		return best;
	}
	const counts = (b: number): boolean => {
		const h = u32[first + 2 * b];
		return h > 0 && Math.floor(h * perHessian + 0.5) >= p.catSmooth;
	};
	let usable = 0;
	for (let b = 0; b < bins; b++) if (counts(b)) usable++;
	const most = Math.min(p.maxCatThreshold, (usable + 1) >> 1);
	if (most === 0) return undefined;
	// Only the two ends of the order are ever looked at, so only they are sorted: lowest first, and highest first.
	const low = new Ends(most);
	const high = new Ends(most);
	for (let b = 0; b < bins; b++) {
		if (!counts(b)) continue;
		const key = (i32[first + 2 * b + 1] * unitG) / (u32[first + 2 * b] * unitH + p.catSmooth);
		low.offer(key, b, false);
		high.offer(-key, b, true);
	}
	const lambda2 = p.lambdaL2 + p.catL2;
	const only = draw === undefined ? undefined : draw % most;
	let bestEnd = -1;
	let bestDirection = 0;
	let bestG = 0;
	let bestH = 0;
	for (let direction = 0; direction < 2; direction++) {
		let g = 0;
		let h = 0;
		let group = 0;
		let leftRows = 0;
		for (let i = 0; i < most; i++) {
			const b = (direction ? high : low).bins[i];
			const bh = u32[first + 2 * b];
			const rows = Math.floor(bh * perHessian + 0.5);
			g += i32[first + 2 * b + 1];
			h += bh;
			leftRows += rows;
			group += rows;
			if (leftRows < p.minDataInLeaf || h === 0 || h * unitH < p.minSumHessianInLeaf) continue;
			const rightRows = leaf.rows - leftRows;
			if (rightRows < p.minDataInLeaf || rightRows < p.minDataPerGroup || (H - h) * unitH < p.minSumHessianInLeaf || h === H) break;
			if (group < p.minDataPerGroup) continue;
			group = 0;
			if (only !== undefined && i !== only) continue;
			const gain = part(g, h, lambda2) + part(G - g, H - h, lambda2);
			if (gain > bestGain) {
				bestGain = gain;
				bestEnd = i;
				bestDirection = direction;
				bestG = g;
				bestH = h;
			}
		}
	}
	if (bestEnd < 0) return undefined;
	const chosen = Array.from((bestDirection ? high : low).bins.subarray(0, bestEnd + 1));
	return { gain: bestGain, feature, bin: -1, missingLeft: false, g: bestG, h: bestH, bins: chosen, lambda2 };

	function part(g: number, h: number, l2: number): number {
		const s = shrink(g * unitG, p.lambdaL1);
		return (s * s) / (h * unitH + l2);
	}
}

/** Bins with one for missing values (code 0), where there are any or not. */
const withMissing = ({ bins, codes }: CategoryBins): number => bins + Number(codes[0] !== 0);

/** The `most` smallest keys so far, ascending; of equal keys the earlier offered comes first, or with `laterFirst` the later one. */
class Ends {
	readonly bins: Uint32Array;
	private readonly keys: Float64Array;
	private length = 0;
	constructor(private readonly most: number) {
		this.bins = new Uint32Array(most);
		this.keys = new Float64Array(most);
	}
	offer(key: number, bin: number, laterFirst: boolean): void {
		const { keys, bins, most } = this;
		if (this.length === most) {
			if (laterFirst ? key > keys[most - 1] : key >= keys[most - 1]) return;
		} else this.length++;
		let at = this.length - 1;
		for (; at > 0 && (laterFirst ? keys[at - 1] >= key : keys[at - 1] > key); at--) {
			keys[at] = keys[at - 1];
			bins[at] = bins[at - 1];
		}
		keys[at] = key;
		bins[at] = bin;
	}
}
