import type { Column, Labels } from '../../contract.js';
import { binColumn, type ColumnBins } from '../binning.js';
import { murmurMix } from '../../../domain/random.js';

/** What a forest is asked for; names in camel case, meanings scikit-learn's. */
export interface ForestParams {
	numTrees: number;
	/** -1: no limit. */
	maxDepth: number;
	/** Rows are counted once each, however often a tree drew them. */
	minDataInLeaf: number;
	minDataToSplit: number;
	/** With a limit that can be reached, the split with the largest gain comes next, as in scikit-learn. */
	maxLeaves: number;
	/** A split must lower the impurity, times the node's share of the weight, by at least this much. */
	minImpurityDecrease: number;
	/** Columns tried at each split; columns constant in a node do not count. */
	tries: number;
	bootstrap: boolean;
	/** One random threshold a column tried (extra trees), not the best one. */
	randomThresholds: boolean;
	maxBin: number;
	seed: number;
}

export type Codes = Uint8Array | Uint16Array | Uint32Array;

/** A column that can split. */
export interface ForestFeature {
	column: number;
	bins: ColumnBins;
	codeBytes: 1 | 2 | 4;
	/** Its place within a row, where rows lie together; -1: a column of its own. */
	slot: number;
}

/** Everything that the trees of a forest have in common: the same for both kernels. */
export interface ForestPlan {
	rows: number;
	features: ForestFeature[];
	/** Bytes of a row of narrow columns that lie together; 0: every column lies alone. */
	stride: number;
	/** Largest number of bins of a column, missing and unseen included. */
	size: number;
	outputs: number;
	classes: number;
	tries: number;
	/** 0: no limit. */
	maxDepth: number;
	minLeaf: number;
	minSplit: number;
	maxLeaves: number;
	bootstrap: boolean;
	random: boolean;
	bestFirst: boolean;
	/** Gain that is rounding alone. */
	speck: number;
	/** Least gain for each unit of weight at the root. */
	minGain: number;
	y: Float64Array;
	weight?: Float64Array;
	/** A seed for each tree: it depends on nothing else. */
	seeds: Uint32Array;
}

/** Up to so many narrow columns a row's bins lie together, so that one or two cache lines bring all that a node asks of it. */
const TOGETHER = 128;

/** Plans a forest on binned columns; `y` are the labels that the trees learn (centred numbers, or class codes). */
export function planForest(rows: number, bins: readonly ColumnBins[], labels: Labels, y: Float64Array, params: ForestParams): ForestPlan {
	const features = bins.flatMap((b, column): ForestFeature[] => {
		const splits = b.bins > 1 || (b.kind === 'number' && b.missing && b.bins > 0);
		const size = b.bins + 1;
		return splits ? [{ column, bins: b, codeBytes: size <= 256 ? 1 : size <= 65_536 ? 2 : 4, slot: -1 }] : [];
	});
	const narrow = features.filter((f) => f.codeBytes === 1);
	const stride = narrow.length <= TOGETHER ? narrow.length : 0;
	if (stride)
		narrow.forEach((f, slot) => {
			f.slot = slot;
		});
	const outputs = labels.classes > 2 ? labels.classes : 1;
	const squares = labels.classes > 0 ? 1 : y.reduce((sum, v) => sum + v * v, 0) / rows;
	return {
		rows,
		features,
		stride,
		outputs,
		y,
		classes: labels.classes,
		weight: labels.weight,
		size: features.reduce((most, f) => Math.max(most, f.bins.bins + 1), 1),
		tries: params.tries,
		maxDepth: Math.max(0, params.maxDepth),
		minLeaf: Math.max(1, params.minDataInLeaf),
		minSplit: Math.max(2, params.minDataToSplit),
		maxLeaves: Math.max(1, Math.min(params.maxLeaves, rows)),
		bestFirst: params.maxLeaves < rows,
		bootstrap: params.bootstrap,
		random: params.randomThresholds,
		speck: 1e-12 * squares,
		// With two classes the gain is that of one of them, and the other gains as much.
		minGain: params.minImpurityDecrease / (labels.classes === 2 ? 2 : 1),
		seeds: Uint32Array.from({ length: params.numTrees }, (_, t) => murmurMix(params.seed ^ 0x165667b1, t)),
	};
}

/** Where the bins of a feature lie: of row r at `base + r * step`, counted in codes. */
export interface Place {
	codes: Codes;
	base: number;
	step: number;
}

/** Bins all features into their places. */
export function placeCodes(plan: ForestPlan, columns: readonly Column[], places: readonly Place[]): void {
	const { rows, features } = plan;
	let column: Uint8Array | undefined;
	features.forEach((f, i) => {
		const { codes, base, step } = places[i];
		if (step === 1) {
			binColumn(columns[f.column], f.bins, codes.subarray(base, base + rows), rows);
			return;
		}
		column ??= new Uint8Array(rows);
		binColumn(columns[f.column], f.bins, column, rows);
		for (let r = 0, at = base; r < rows; r++, at += step) codes[at] = column[r];
	});
}

/** Whether the matrix is worth more than one thread, as the number of times that a row is looked at for a column. */
export const visitsOf = ({ rows, seeds, tries, features }: ForestPlan): number =>
	seeds.length * rows * Math.min(tries, features.length) * Math.log2(rows + 2);

/** Most nodes a tree can have. */
export const mostNodes = ({ rows, minLeaf, maxLeaves }: ForestPlan): number =>
	2 * Math.max(1, Math.min(maxLeaves, Math.floor(rows / minLeaf))) - 1;

/**
 * Bytes at the peak of a training: bins and labels once, a thread's rows twice, the trees as they were grown and as the model keeps them.
 */
export function forestBytes({
	rows,
	columns,
	trees,
	threads,
	leaves,
}: {
	rows: number;
	columns: number;
	trees: number;
	threads: number;
	leaves: number;
}): number {
	const nodes = 2 * Math.min(leaves, rows);
	return rows * (columns + 24) + threads * (rows * 40 + nodes * 44) + trees * nodes * (GROWN_BYTES + KEPT_BYTES) + 64e6;
}

/** Bytes of a node in `toTrees`, and while it is written and laid out for answers; what is stored is less. */
const GROWN_BYTES = 50;
const KEPT_BYTES = 61;
