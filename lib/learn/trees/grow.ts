import { codesIn } from './binning.js';
import { murmurMix } from '../../domain/random.js';
import type { Crew, Segment, Shard } from './treeCrew.js';
import { ScanIn } from './kernelContract.js';
import { SCAN_IN_BYTES, SCAN_OUT } from './layout.js';
import type { TreeParams } from './treeParams.js';
import { shrink } from './plainKernel.js';
import { scanAtRandom } from './scanAtRandom.js';
import { scanCategory, type Split } from './scanCategory.js';
import { addNode, emptyTree, type Tree } from './tree.js';

interface Leaf {
	node: number;
	depth: number;
	shards: Shard[];
	slot: number;
	/** Integer sums over the drawn rows, and their number. */
	g: number;
	h: number;
	rows: number;
	low: number;
	high: number;
	lambda2: number;
	best?: Split;
	/**
	 * Features that could split the parent at all. One that could not is left out below it, as in LightGBM: it saves scans, and
	 * keeps regularised categories from creeping back in small leaves.
	 */
	open: Uint8Array;
	/** Columns on the path, for interaction constraints. */
	path: readonly number[];
}

export interface GrowInput {
	crew: Crew;
	params: TreeParams;
	/** Size of one unit of the integer gradients and hessians. */
	unitG: number;
	unitH: number;
	/** A byte a feature of the layout: whether this tree may use it. */
	allowed: Uint8Array;
	/** Rows at the root, by shard, and how many original ones the drawn ones stand for. */
	root: Shard[];
	rows: number;
	output: number;
	/** Chance of this tree, for borders at random. */
	draw: number;
	/** Output of a leaf from the indices of its drawn rows, before the learning rate; for losses that renew leaves. */
	renew?(rows: Uint32Array[]): number;
	/** Called between two splits; throws to stop. */
	poll(): void;
}

/** Grows one tree on the quantised gradients and adds its leaves to the scores. */
// eslint-disable-next-line max-lines-per-function -- the hot loop of boosting: its steps share the arrays of one tree
export function growTree(input: GrowInput): Tree {
	const { crew, params, unitG, unitH } = input;
	const { layout } = crew;
	const { u8, i32, u32, f64 } = crew.arena;
	const tree: Tree = { ...emptyTree(), unit: unitH };
	const leaves: Leaf[] = [];
	const limit = params.numLeaves;
	const free = Array.from({ length: layout.histSlots }, (_, i) => layout.histSlots - 1 - i);

	const { rows } = input;
	const slot = free.pop() ?? 0;
	crew.build(input.root, slot);
	crew.finish(slot, undefined, [undefined, undefined]);
	const sums = sumsOf(slot);
	const root: Leaf = {
		node: addNode(tree, 0, sums.h * unitH, rows),
		depth: 0,
		shards: input.root,
		slot,
		...sums,
		rows,
		low: -Infinity,
		high: Infinity,
		lambda2: params.lambdaL2,
		path: [],
		open: input.allowed,
	};
	tree.value[0] = valueOf(root) * params.learningRate;
	leaves.push(root);
	if (limit > 1 && prepare(root, 0)) {
		crew.finish(slot, undefined, [scanned(slot), undefined]);
		collect(root, 0);
	}

	while (leaves.length < limit) {
		input.poll();
		const leaf = next();
		if (!leaf) break;
		split(leaf);
	}
	if (input.renew) {
		const at = layout.index >>> 2;
		for (const leaf of leaves) {
			// Rows drawn by their gradients say nothing of the others': then all rows of the leaf are asked.
			const kinds = params.sampling === 'goss' ? [0, 1] : [0];
			const value = input.renew(
				leaf.shards.flatMap((shard) => kinds.map((k) => u32.subarray(at + shard[k].begin, at + shard[k].begin + shard[k].count))),
			);
			tree.value[leaf.node] = Math.min(leaf.high, Math.max(leaf.low, value)) * params.learningRate;
		}
	}
	crew.addScores(
		input.output,
		leaves.map(({ shards, node }) => ({ shards, value: tree.value[node] })),
	);
	return tree;

	function next(): Leaf | undefined {
		let found: Leaf | undefined;
		for (const leaf of leaves) {
			if (!leaf.best) continue;
			if (!found?.best) found = leaf;
			else if (params.growth === 'depth' && leaf.depth !== found.depth) found = leaf.depth < found.depth ? leaf : found;
			else if (leaf.best.gain > found.best.gain) found = leaf;
		}
		return found;
	}

	/** Sums of a histogram: those of any one feature. */
	function sumsOf(of: number): { g: number; h: number } {
		let g = 0;
		let h = 0;
		const f = layout.features[0];
		const first = (layout.hists + of * layout.histBytes + f.cells) >>> 2;
		for (let b = 0; b < f.size; b++) {
			h += u32[first + 2 * b];
			g += i32[first + 2 * b + 1];
		}
		return { g, h };
	}

	/** The histogram that the kernel is to look for splits in: borders at random are tried here. */
	function scanned(of: number): number | undefined {
		return params.extraTrees ? undefined : of;
	}

	function valueOf(leaf: { g: number; h: number; lambda2: number; low: number; high: number }): number {
		const h = leaf.h * unitH + leaf.lambda2;
		if (!(h > 0)) return 0;
		const value = -shrink(leaf.g * unitG, params.lambdaL1) / h;
		return Math.min(leaf.high, Math.max(leaf.low, value));
	}

	/** Writes what the scan needs to know of a leaf; false when the leaf cannot be split. */
	function prepare(leaf: Leaf, which: 0 | 1): boolean {
		leaf.best = undefined;
		if (leaf.rows < 2 * params.minDataInLeaf || leaf.rows < 2 || leaf.h * unitH < 2 * params.minSumHessianInLeaf) return false;
		if (params.maxDepth > 0 && leaf.depth >= params.maxDepth) return false;
		const mayUse = interactionRule(params.interactions, leaf.path);
		const width = layout.features.length;
		for (let f = 0; f < width; f++)
			u8[layout.allowed + which * width + f] = leaf.open[f] && (!mayUse || mayUse(layout.features[f].column)) ? 1 : 0;
		const at = (layout.scanIn + which * SCAN_IN_BYTES) >>> 3;
		f64[at + ScanIn.g] = leaf.g;
		f64[at + ScanIn.h] = leaf.h;
		f64[at + ScanIn.unitG] = unitG;
		f64[at + ScanIn.unitH] = unitH;
		f64[at + ScanIn.lambda1] = params.lambdaL1;
		f64[at + ScanIn.lambda2] = params.lambdaL2;
		const [least, most] = leftRange(leaf);
		f64[at + ScanIn.leastLeft] = least;
		f64[at + ScanIn.mostLeft] = most;
		f64[at + ScanIn.minGain] = shiftOf(leaf);
		f64[at + ScanIn.low] = leaf.low;
		f64[at + ScanIn.high] = leaf.high;
		return true;
	}

	/**
	 * Integer hessian sums of a left side that leave enough rows and hessian on both sides. Both conditions only ever turn with a growing
	 * sum, so halving finds where.
	 */
	function leftRange(leaf: Leaf): [least: number, most: number] {
		const perHessian = leaf.rows / leaf.h;
		const minRows = Math.max(1, params.minDataInLeaf);
		const rowsOf = (h: number) => Math.floor(h * perHessian + 0.5);
		const least = firstWith(leaf.h, (h) => rowsOf(h) >= minRows && h * unitH >= params.minSumHessianInLeaf);
		const over = firstWith(
			leaf.h,
			(h) => h === leaf.h || leaf.rows - rowsOf(h) < minRows || (leaf.h - h) * unitH < params.minSumHessianInLeaf,
		);
		return [least, over - 1];
	}

	/** What a split must exceed: the score of the leaf as it is, and the smallest gain asked for. */
	function shiftOf(leaf: Leaf): number {
		const own = shrink(leaf.g * unitG, params.lambdaL1);
		return (own * own) / (leaf.h * unitH + params.lambdaL2) + params.minGainToSplit;
	}

	/** The best of what the scan found for the numeric features and of the categorical ones; the first feature wins a tie. */
	function collect(leaf: Leaf, which: 0 | 1): void {
		const shift = shiftOf(leaf);
		const width = layout.features.length;
		const open = leaf.open.slice();
		const cells = layout.hists + leaf.slot * layout.histBytes;
		const scanIn = (layout.scanIn + which * SCAN_IN_BYTES) >>> 3;
		const chance = params.extraTrees ? murmurMix(input.draw, leaf.node) : undefined;
		let best: Split | undefined;
		layout.order.forEach((index) => {
			const f = layout.features[index];
			if (!u8[layout.allowed + which * width + index]) return;
			const draw = chance === undefined ? undefined : murmurMix(chance, index);
			if (f.bins.kind === 'category') {
				const found = scanCategory(u32, i32, cells + f.cells, f.bins, leaf, unitG, unitH, shift, params, index, draw);
				if (!found) open[index] = 0;
				else if (!best || found.gain > best.gain) best = found;
				return;
			}
			const o = (layout.scanOut >>> 3) + (which * width + index) * SCAN_OUT;
			if (draw !== undefined)
				scanAtRandom(crew.arena, (cells + f.cells) >>> 2, f.bins.bins, params.monotone?.[f.column] ?? 0, scanIn, o, draw);
			if (f64[o + 1] < 0) open[index] = 0;
			else if (!best || f64[o] > best.gain) {
				best = {
					gain: f64[o],
					feature: index,
					bin: f64[o + 1],
					missingLeft: f64[o + 2] === 1,
					g: f64[o + 3],
					h: f64[o + 4],
					lambda2: params.lambdaL2,
				};
			}
		});
		leaf.open = open;
		if (best) leaf.best = { ...best, gain: best.gain - shift + params.minGainToSplit };
	}

	// eslint-disable-next-line max-lines-per-function -- the hot loop of boosting
	function split(leaf: Leaf): void {
		const best = leaf.best as Split;
		const feature = layout.features[best.feature];
		const { bins } = feature;
		const h = leaf.h - best.h;
		const leftSmaller = best.h <= h;
		// The last split needs no histograms any more.
		const more = leaves.length + 1 < limit && !(params.maxDepth > 0 && leaf.depth + 1 >= params.maxDepth);
		const small = more ? free.pop() : undefined;
		const rowsLeft = Math.floor((best.h * leaf.rows) / leaf.h + 0.5);
		const heavyLeft = rowsLeft * 2 >= leaf.rows;
		let defaultLeft = heavyLeft;
		let codes: Uint32Array | undefined;
		if (bins.kind === 'number') {
			if (bins.missing) defaultLeft = best.missingLeft;
			u8[layout.lut] = +defaultLeft;
			for (let b = 1; b < feature.size; b++) u8[layout.lut + b] = +(b <= best.bin);
		} else {
			u8.fill(0, layout.lut, layout.lut + feature.size);
			const chosen = best.bins ?? [];
			for (const b of chosen) u8[layout.lut + b] = 1;
			u8[layout.lut + bins.bins] = +heavyLeft;
			codes = codesIn(bins, chosen);
		}
		const { left: counts, rows: smaller } = crew.split(leaf.shards, best.feature, leftSmaller ? 'left' : 'right', small);
		const leftShards = leaf.shards.map((shard, t) => ofKinds((k) => ({ begin: shard[k].begin, count: counts[t][k] })));
		const rightShards = leaf.shards.map((shard, t) =>
			ofKinds((k) => ({ begin: shard[k].begin + counts[t][k], count: shard[k].count - counts[t][k] })),
		);

		const shared = {
			depth: leaf.depth + 1,
			open: leaf.open,
			lambda2: best.lambda2,
			path: leaf.path.includes(feature.column) ? leaf.path : [...leaf.path, feature.column],
		};
		const left: Leaf = {
			...shared,
			node: 0,
			shards: leftShards,
			slot: -1,
			g: best.g,
			h: best.h,
			rows: leftSmaller ? smaller : leaf.rows - smaller,
			low: leaf.low,
			high: leaf.high,
		};
		const right: Leaf = {
			...shared,
			node: 0,
			shards: rightShards,
			slot: -1,
			g: leaf.g - best.g,
			h,
			rows: leftSmaller ? leaf.rows - smaller : smaller,
			low: leaf.low,
			high: leaf.high,
		};
		const leftValue = valueOf(left);
		const rightValue = valueOf(right);
		const direction = params.monotone?.[feature.column] ?? 0;
		if (direction !== 0) {
			const middle = (leftValue + rightValue) / 2;
			if (direction > 0) {
				left.high = middle;
				right.low = middle;
			} else {
				left.low = middle;
				right.high = middle;
			}
		}
		left.node = addNode(tree, leftValue * params.learningRate, left.h * unitH, left.rows);
		right.node = addNode(tree, rightValue * params.learningRate, right.h * unitH, right.rows);
		tree.feature[leaf.node] = feature.column;
		tree.threshold[leaf.node] =
			bins.kind === 'number' ? (best.bin <= bins.bounds.length ? bins.bounds[best.bin - 1] : Number.MAX_VALUE) : 0;
		tree.left[leaf.node] = left.node;
		tree.right[leaf.node] = right.node;
		tree.defaultLeft[leaf.node] = +defaultLeft;
		tree.codes[leaf.node] = codes;
		tree.gain[leaf.node] = best.gain;
		leaves[leaves.indexOf(leaf)] = left;
		leaves.push(right);

		if (small === undefined) {
			left.best = undefined;
			right.best = undefined;
			return;
		}
		left.slot = leftSmaller ? small : leaf.slot;
		right.slot = leftSmaller ? leaf.slot : small;
		const goLeft = prepare(left, 0);
		const goRight = prepare(right, 1);
		crew.finish(small, leaf.slot, [goLeft ? scanned(left.slot) : undefined, goRight ? scanned(right.slot) : undefined]);
		if (goLeft) collect(left, 0);
		if (goRight) collect(right, 1);
	}
}

/** Which columns may follow on a path: those that share a set with all columns already on it. Columns in no set stand alone. */
function interactionRule(sets: TreeParams['interactions'], path: readonly number[]): ((column: number) => boolean) | undefined {
	if (!sets?.length || path.length === 0) return undefined;
	const open = sets.filter((set) => path.every((c) => set.includes(c)));
	return (column) => path.includes(column) || open.some((set) => set.includes(column));
}

/** The smallest whole number up to `most` that passes a test which all larger ones pass too; one more than `most` where none does. */
function firstWith(most: number, test: (value: number) => boolean): number {
	let low = 0;
	let high = most + 1;
	while (low < high) {
		const middle = Math.floor((low + high) / 2);
		if (test(middle)) high = middle;
		else low = middle + 1;
	}
	return low;
}

const ofKinds = (of: (kind: number) => Segment): Shard => [of(0), of(1), of(2)];
