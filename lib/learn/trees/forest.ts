import { MlopsError } from '../../domain/errors.js';
import type { FitContext, Labels, Matrix } from '../contract.js';
import { binColumn, planBins, type ColumnBins } from './binning.js';
import { checkLabels } from './check.js';
import { weightedMean } from './losses/loss.js';
import type { Ensemble } from './model.js';
import { mix } from './random.js';
import { addNode, emptyTree, type Tree } from './tree.js';

export interface ForestParams {
	numTrees: number;
	/** -1: no limit. */
	maxDepth: number;
	minDataInLeaf: number;
	minDataToSplit: number;
	maxLeaves: number;
	/** Columns tried at each split. */
	tries: number;
	bootstrap: boolean;
	/** One random threshold a column tried (extra trees), not the best one. */
	randomThresholds: boolean;
	maxBin: number;
	seed: number;
}

export interface ForestInput {
	train: Matrix;
	labels: Labels;
	params: ForestParams;
	context: Pick<FitContext, 'cancelled' | 'report'>;
}

/**
 * A random forest (Breiman 2001) on binned columns: each tree on a bootstrap sample, each split the best of a few random columns.
 * The split maximises the fall of the squared error of the class indicators (Gini impurity) or of the value (variance).
 * Every tree depends on the seed and its own number only.
 */
export async function growForest({ train, labels, params, context }: ForestInput): Promise<{ model: Ensemble; stopped: 'done' | 'cancelled' }> {
	checkLabels(train, labels);
	const bins = planBins(train, params.maxBin, params.seed);
	const codes = train.columns.map((column, j) => {
		const b = bins[j];
		const size = b.bins + 1;
		const out = size <= 256 ? new Uint8Array(train.rows) : size <= 65536 ? new Uint16Array(train.rows) : new Uint32Array(train.rows);
		binColumn(column, b, out, train.rows);
		return out;
	});
	const outputs = labels.classes > 2 ? labels.classes : 1;
	// Numbers far from zero would lose their differences in the squares of their sums: trees learn the distance from the mean.
	const mean = labels.classes > 0 ? 0 : weightedMean(labels.y, labels.weight, train.rows);
	const target: Labels = mean === 0 ? labels : { ...labels, y: labels.y.map((v) => v - mean) };
	const grower = new ForestGrower(bins, codes, target, train.rows, outputs, params);
	const trees: Tree[] = [];
	let stopped: 'done' | 'cancelled' = 'done';
	let said = 0;
	for (let t = 0; t < params.numTrees; t++) {
		if (context.cancelled[0] === 2 && t > 0) { stopped = 'cancelled'; break; }
		trees.push(...grower.grow(t, () => {
			if (context.cancelled[0] === 1) throw new MlopsError('compute.cancelled', 'Training was cancelled.');
		}));
		const now = Date.now();
		if (now - said > 200 || t + 1 === params.numTrees) {
			said = now;
			context.report({ stage: 'Training trees', share: (t + 1) / params.numTrees });
		}
	}
	const model: Ensemble = {
		loss: 'forest', outputs, initial: new Array<number>(outputs).fill(mean), average: true, trees,
		columns: bins.map((b, i) => (b.kind === 'number' ? { name: train.columns[i].name, kind: 'number' } : { name: train.columns[i].name, kind: 'category', levels: b.binOf.length, seen: b.codes })),
	};
	return { model, stopped };
}

/** A stretch of the row index still to be divided. */
interface Pending { begin: number; end: number; node: number; depth: number; path: number }

/** Nodes of up to so many rows sort their rows instead of filling a histogram: most nodes of a deep tree are that small. */
const SMALL = 48;

class ForestGrower {
	private readonly index: Uint32Array;
	private readonly spare: Uint32Array;
	private readonly times: Float64Array;
	private readonly usable: number[];
	private readonly sums: Float64Array;
	private readonly leftSums: Float64Array;
	private readonly hist: Float64Array;
	private readonly width: number;
	/** One small node's rows, sorted by their bin. */
	private readonly keys = new Uint32Array(SMALL);
	private readonly weights = new Float64Array(SMALL);
	private readonly counts = new Float64Array(SMALL);
	private readonly targets = new Float64Array(SMALL);

	constructor(
		private readonly bins: ColumnBins[], private readonly codes: Array<Uint8Array | Uint16Array | Uint32Array>, private readonly labels: Labels,
		private readonly rows: number, private readonly outputs: number, private readonly params: ForestParams,
	) {
		this.index = new Uint32Array(rows);
		this.spare = new Uint32Array(rows);
		this.times = new Float64Array(rows);
		this.usable = bins.map((_, j) => j).filter((j) => bins[j].bins > 1 || (bins[j].kind === 'number' && (bins[j] as { missing: boolean }).missing));
		// A cell: weight, rows, then the weighted sum of each output.
		this.width = 2 + outputs;
		this.sums = new Float64Array(this.width);
		this.leftSums = new Float64Array(this.width);
		this.hist = new Float64Array(this.width * (1 + bins.reduce((n, b) => Math.max(n, b.bins + 1), 1)));
	}

	/** One tree of the forest, as one tree an output with the same shape. */
	grow(number: number, poll: () => void): Tree[] {
		const { index, times, rows, params, outputs } = this;
		const seed = mix(params.seed ^ 0x165667b1, number);
		times.fill(0);
		if (params.bootstrap) for (let i = 0; i < rows; i++) times[Math.floor((mix(seed, i) / 4294967296) * rows)]++;
		else times.fill(1);
		let count = 0;
		for (let i = 0; i < rows; i++) if (times[i] > 0 && (!this.labels.weight || this.labels.weight[i] > 0)) index[count++] = i;
		const trees = Array.from({ length: outputs }, emptyTree);
		const add = (): number => {
			const [w, n] = this.sums;
			let node = 0;
			trees.forEach((tree, k) => { node = addNode(tree, w > 0 ? this.sums[2 + k] / w : 0, w, n); });
			return node;
		};
		this.total(0, count);
		const stack: Pending[] = [{ begin: 0, end: count, node: add(), depth: 0, path: 1 }];
		let leaves = 1;
		while (stack.length && leaves < params.maxLeaves) {
			const at = stack.pop() as Pending;
			if ((leaves & 63) === 0) poll();
			const best = this.findSplit(at, mix(seed, 0x9e3779b9 ^ at.path));
			if (!best) continue;
			const middle = this.partition(at, best);
			if (middle === at.begin || middle === at.end) continue;
			leaves++;
			this.total(at.begin, middle);
			const leftRows = this.sums[1];
			const left = add();
			this.total(middle, at.end);
			const heavyLeft = leftRows >= this.sums[1];
			const right = add();
			const b = this.bins[best.column];
			const codes = b.kind === 'category' ? Uint32Array.from(best.left as number[], (k) => b.codes[k]).sort() : undefined;
			for (const tree of trees) {
				tree.feature[at.node] = best.column;
				tree.left[at.node] = left;
				tree.right[at.node] = right;
				tree.gain[at.node] = best.gain;
				if (b.kind === 'number') {
					tree.threshold[at.node] = best.bin <= b.bounds.length ? b.bounds[best.bin - 1] : Number.MAX_VALUE;
					tree.defaultLeft[at.node] = +(b.missing ? best.missingLeft : heavyLeft);
				} else {
					tree.codes[at.node] = codes;
					tree.defaultLeft[at.node] = +heavyLeft;
				}
			}
			// The path number makes the columns tried at a node depend on where it is, not on when it is reached.
			stack.push({ begin: middle, end: at.end, node: right, depth: at.depth + 1, path: mix(at.path, 2) });
			stack.push({ begin: at.begin, end: middle, node: left, depth: at.depth + 1, path: mix(at.path, 1) });
		}
		return trees;
	}

	private total(begin: number, end: number): void {
		const { sums, index, times, labels: { y, weight }, outputs } = this;
		sums.fill(0);
		for (let i = begin; i < end; i++) {
			const r = index[i];
			const w = weight ? times[r] * weight[r] : times[r];
			sums[0] += w;
			sums[1] += times[r];
			if (outputs === 1) sums[2] += w * y[r];
			else sums[2 + y[r]] += w;
		}
	}

	private score(sums: Float64Array, at: number): number {
		let squares = 0;
		for (let k = 0; k < this.outputs; k++) squares += sums[at + 2 + k] * sums[at + 2 + k];
		return sums[at] > 0 ? squares / sums[at] : 0;
	}

	private findSplit(at: Pending, seed: number) {
		const { params, usable, width, hist, leftSums, index, times, outputs, labels: { y, weight } } = this;
		this.total(at.begin, at.end);
		const { sums } = this;
		if (sums[1] < params.minDataToSplit || sums[1] < 2 * params.minDataInLeaf || (params.maxDepth > 0 && at.depth >= params.maxDepth)) return undefined;
		const own = this.score(sums, 0);
		// A pure node has nothing to gain; rounding may leave a speck.
		let floor = own * (1 + 1e-12) + 1e-12;
		let best: { column: number; bin: number; missingLeft: boolean; left?: number[]; gain: number } | undefined;
		const order = usable.slice();
		const rest = new Float64Array(width);
		for (let tried = 0, drawn = 0; drawn < order.length && tried < params.tries; drawn++) {
			const pick = drawn + Math.floor((mix(seed, drawn) / 4294967296) * (order.length - drawn));
			const column = order[pick];
			order[pick] = order[drawn];
			const b = this.bins[column];
			const codes = this.codes[column];
			if (outputs === 1 && b.kind === 'number' && !params.randomThresholds && at.end - at.begin <= SMALL) {
				const found = this.scanSmall(at, codes, floor);
				if (!found) continue;
				tried++;
				if (found.gain > floor) {
					floor = found.gain;
					best = { column, bin: found.bin, missingLeft: found.missingLeft, gain: found.gain - own };
				}
				continue;
			}
			const cells = (b.bins + 1) * width;
			hist.fill(0, 0, cells);
			let low = b.bins;
			let high = 0;
			for (let i = at.begin; i < at.end; i++) {
				const r = index[i];
				const code = codes[r];
				if (code < low) low = code;
				if (code > high) high = code;
				const cell = code * width;
				const w = weight ? times[r] * weight[r] : times[r];
				hist[cell] += w;
				hist[cell + 1] += times[r];
				if (outputs === 1) hist[cell + 2] += w * y[r];
				else hist[cell + 2 + y[r]] += w;
			}
			// Constant in this node: try another column instead, as scikit-learn does.
			if (low >= high) continue;
			tried++;
			const consider = (bin: number, missingLeft: boolean, left?: number[]): void => {
				if (leftSums[1] < params.minDataInLeaf || sums[1] - leftSums[1] < params.minDataInLeaf) return;
				for (let k = 0; k < width; k++) rest[k] = sums[k] - leftSums[k];
				const gain = this.score(leftSums, 0) + this.score(rest, 0);
				if (gain > floor) {
					floor = gain;
					best = { column, bin, missingLeft, left, gain: gain - own };
				}
			};
			const addCell = (bin: number): void => { for (let k = 0; k < width; k++) leftSums[k] += hist[bin * width + k]; };
			if (b.kind === 'category') {
				// Codes sorted by the mean of the first output (for several classes: of the class most present): a prefix of that order goes left.
				let lead = 2;
				for (let k = 2; k < width; k++) if (sums[k] > sums[lead]) lead = k;
				const present: number[] = [];
				for (let k = low; k <= high; k++) if (hist[k * width + 1] > 0) present.push(k);
				present.sort((p, q) => hist[p * width + lead] / hist[p * width] - hist[q * width + lead] / hist[q * width] || p - q);
				leftSums.fill(0);
				const only = params.randomThresholds ? Math.floor((mix(seed, drawn ^ 0x55555555) / 4294967296) * (present.length - 1)) : -1;
				let found = -1;
				for (let i = 0; i + 1 < present.length; i++) {
					addCell(present[i]);
					const before = floor;
					if (only < 0 || i === only) consider(-1, false);
					if (floor > before) found = i;
				}
				if (found >= 0 && best) best.left = present.slice(0, found + 1);
				continue;
			}
			const hasMissing = hist[1] > 0;
			if (outputs === 1 && !params.randomThresholds) {
				for (let direction = 0; direction <= +hasMissing; direction++) {
					let w = direction ? hist[0] : 0;
					let t = direction ? hist[1] : 0;
					let s = direction ? hist[2] : 0;
					const last = hasMissing && !direction ? high : high - 1;
					for (let bin = Math.max(1, low), cell = bin * 3; bin <= last; bin++, cell += 3) {
						const n = hist[cell + 1];
						if (n === 0) continue;
						w += hist[cell];
						t += n;
						s += hist[cell + 2];
						if (t < params.minDataInLeaf || sums[1] - t < params.minDataInLeaf) continue;
						const rest = sums[0] - w;
						if (!(rest > 0)) continue;
						const gain = (s * s) / w + ((sums[2] - s) * (sums[2] - s)) / rest;
						if (gain > floor) {
							floor = gain;
							best = { column, bin, missingLeft: direction === 1, gain: gain - own };
						}
					}
				}
				continue;
			}
			const first = Math.max(1, low);
			const only = params.randomThresholds ? first + Math.floor((mix(seed, drawn ^ 0x55555555) / 4294967296) * Math.max(1, high - first)) : -1;
			for (let direction = 0; direction <= +hasMissing; direction++) {
				leftSums.fill(0);
				if (direction) addCell(0);
				for (let bin = first; bin < high + +(hasMissing && !direction); bin++) {
					if (hist[bin * width + 1] === 0 && bin !== only) continue;
					addCell(bin);
					if (only < 0 || bin === only) consider(bin, direction === 1);
				}
			}
		}
		return best;
	}

	/** Best split of a numeric column in a small node with one output; undefined if all rows are in one bin. */
	private scanSmall(at: Pending, codes: Uint8Array | Uint16Array | Uint32Array, floor: number): { gain: number; bin: number; missingLeft: boolean } | undefined {
		const { keys, weights, counts, targets, index, times, sums, params: { minDataInLeaf }, labels: { y, weight } } = this;
		let n = 0;
		for (let i = at.begin; i < at.end; i++) {
			const r = index[i];
			const code = codes[r];
			const t = times[r];
			const w = weight ? t * weight[r] : t;
			let k = n++;
			for (; k > 0 && keys[k - 1] > code; k--) {
				keys[k] = keys[k - 1];
				weights[k] = weights[k - 1];
				counts[k] = counts[k - 1];
				targets[k] = targets[k - 1];
			}
			keys[k] = code;
			weights[k] = w;
			counts[k] = t;
			targets[k] = w * y[r];
		}
		if (keys[0] === keys[n - 1]) return undefined;
		let missing = 0;
		while (missing < n && keys[missing] === 0) missing++;
		const found = { gain: floor, bin: -1, missingLeft: false };
		for (let direction = 0; direction <= +(missing > 0); direction++) {
			let w = 0;
			let t = 0;
			let s = 0;
			for (let k = direction ? 0 : missing; k < n; k++) {
				w += weights[k];
				t += counts[k];
				s += targets[k];
				const end = k + 1 === n;
				if (k < missing || (end ? direction === 1 || missing === 0 : keys[k + 1] === keys[k])) continue;
				if (t < minDataInLeaf || sums[1] - t < minDataInLeaf) continue;
				const rest = sums[0] - w;
				if (!(w > 0) || !(rest > 0)) continue;
				const gain = (s * s) / w + ((sums[2] - s) * (sums[2] - s)) / rest;
				if (gain > found.gain) {
					found.gain = gain;
					found.bin = keys[k];
					found.missingLeft = direction === 1;
				}
			}
		}
		return found;
	}

	private partition(at: Pending, best: { column: number; bin: number; missingLeft: boolean; left?: number[] }): number {
		const { index, spare } = this;
		const codes = this.codes[best.column];
		const b = this.bins[best.column];
		const goes = new Uint8Array(b.bins + 1);
		if (b.kind === 'number') {
			goes[0] = +best.missingLeft;
			goes.fill(1, 1, best.bin + 1);
		} else for (const k of best.left ?? []) goes[k] = 1;
		let left = at.begin;
		let right = 0;
		for (let i = at.begin; i < at.end; i++) {
			const r = index[i];
			if (goes[codes[r]]) index[left++] = r;
			else spare[right++] = r;
		}
		index.set(spare.subarray(0, right), left);
		return left;
	}
}
