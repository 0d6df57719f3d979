import { murmurMix } from '../../../domain/random.js';
import type { ForestPlan, Place } from './planForest.js';

/** An integer below n. */
export const uniform = (seed: number, counter: number, n: number): number => Math.floor((murmurMix(seed, counter) / 4294967296) * n);

export interface Split {
	feature: number;
	bin: number;
	missingLeft: boolean;
}

/** A node whose rows may still be divided. `known`: so many columns of the order are constant in it. */
export interface Node {
	begin: number;
	end: number;
	node: number;
	depth: number;
	path: number;
	known: number;
	split?: Split & { gain: number };
}

/** The last bin below a value drawn between the bins `low` and `high`, as extra trees draw it. */
function between(borders: Float64Array, low: number, high: number, share: number): number {
	const at = borders[low - 1] * (1 - share) + borders[high - 2] * share;
	let a = low;
	let b = high - 1;
	while (a < b) {
		const middle = (a + b) >> 1;
		if (borders[middle - 1] < at) a = middle + 1;
		else b = middle;
	}
	return a;
}

/** Bins of so few rows are sorted; of more they are looked up. */
const FEW = 24;

/** Histogram and best split of one column in one node; the plain form of `../kernel/assembly/forestScan.ts`. */
export class PlainScan {
	/** Weight and weighted target (for several classes: the class) of each row, in the order of the index. */
	readonly weights: Float64Array;
	readonly targets: Float64Array;
	/** The bins that hold rows: ascending, and sorted by their mean for categories that were looked at. */
	readonly present: Uint32Array;
	best = 0;
	split: Split | undefined;
	private readonly cells: Float64Array;
	private readonly tally: Uint32Array;
	private readonly keys: Float64Array;
	private readonly partial: Float64Array;
	private touched = 0;
	private rows = 0;
	private weight = 0;
	private sums: Float64Array = new Float64Array(0);

	constructor(
		private readonly plan: ForestPlan,
		readonly places: readonly Place[],
		private readonly index: Uint32Array,
	) {
		this.weights = new Float64Array(plan.rows);
		this.targets = new Float64Array(plan.rows);
		this.present = new Uint32Array(plan.size);
		this.keys = new Float64Array(plan.size);
		this.tally = new Uint32Array(plan.size);
		this.cells = new Float64Array(plan.size * (1 + plan.outputs));
		this.partial = new Float64Array(1 + plan.outputs);
	}

	/** Takes up a node; `floor` is what a split must be better than. */
	enter(node: Node, weight: number, sums: Float64Array, floor: number): void {
		this.rows = node.end - node.begin;
		this.weight = weight;
		this.sums = sums;
		this.best = floor;
		this.split = undefined;
	}

	/** Adds rows from..to to the cells. A cell: weight, then the weighted target or the weight of each class. */
	fill(feature: number, from: number, to: number): void {
		const {
			weights,
			targets,
			cells,
			tally,
			present,
			index,
			plan: { outputs },
		} = this;
		const { codes, base, step } = this.places[feature];
		const width = 1 + outputs;
		let { touched } = this;
		for (let i = from; i < to; i++) {
			const code = codes[base + index[i] * step];
			const at = code * width;
			if (cells[at] === 0) present[touched++] = code;
			cells[at] += weights[i];
			if (outputs === 1) cells[at + 1] += targets[i];
			else cells[at + 1 + targets[i]] += weights[i];
			tally[code]++;
		}
		this.touched = touched;
	}

	/** Puts the bins that hold rows in order and answers how many there are. */
	collect(feature: number): number {
		const { present, touched, cells, plan } = this;
		const { bins, codeBytes } = plan.features[feature];
		if (codeBytes > 1) return touched;
		if (touched > FEW) {
			for (let b = 0, n = 0; b <= bins.bins; b++) if (cells[b * (1 + plan.outputs)] !== 0) present[n++] = b;
			return touched;
		}
		for (let i = 1; i < touched; i++) {
			const code = present[i];
			let k = i;
			for (; k > 0 && present[k - 1] > code; k--) present[k] = present[k - 1];
			present[k] = code;
		}
		return touched;
	}

	clear(): void {
		const width = 1 + this.plan.outputs;
		for (let i = 0; i < this.touched; i++) {
			const code = this.present[i];
			this.cells.fill(0, code * width, (code + 1) * width);
			this.tally[code] = 0;
		}
		this.touched = 0;
	}

	/** Keeps the best split of the column if it beats the node's best so far. */
	look(feature: number, seed: number, counter: number): void {
		const {
			plan: { random, features },
			present,
			touched,
		} = this;
		const { bins } = features[feature];
		if (bins.kind === 'category') {
			this.sort();
			this.walk(feature, 0, false, 0, random ? uniform(seed, counter, touched - 1) : -1);
			return;
		}
		const missing = present[0] === 0;
		const low = missing ? present[1] : present[0];
		const high = present[touched - 1];
		const only = random && low < high ? between(bins.bounds, low, high, murmurMix(seed, counter) / 4294967296) : -1;
		this.walk(feature, +missing, false, bins.bins, only);
		if (missing && low < high) this.walk(feature, 1, true, bins.bins, only);
	}

	/** The categories of a node once more, sorted as they were when it was looked at. */
	fillFor(feature: number, begin: number, end: number, sums: Float64Array): void {
		this.sums = sums;
		this.fill(feature, begin, end);
		this.collect(feature);
		this.sort();
	}

	/**
	 * Looks at the split behind each bin listed, from number `start` on; `bins` is 0 for categories, and with `only` (not -1) one place
	 * counts.
	 */
	private walk(feature: number, start: number, missingLeft: boolean, bins: number, only: number): void {
		const {
			plan: { outputs, minLeaf },
			cells,
			tally,
			present,
			partial,
			touched,
			rows,
			weight,
			sums,
		} = this;
		const width = 1 + outputs;
		for (let k = 0; k < width; k++) partial[k] = missingLeft ? cells[k] : 0;
		let count = missingLeft ? tally[0] : 0;
		// Behind the last bin there is a split only if missing values are then alone on the right.
		const end = start === 1 && !missingLeft ? touched : touched - 1;
		for (let i = start; i < end; i++) {
			const code = present[i];
			for (let k = 0, at = code * width; k < width; k++, at++) partial[k] += cells[at];
			count += tally[code];
			let bin = i + 1;
			if (bins > 0) {
				if (i + 1 === touched) {
					if (only >= 0) break;
					bin = bins;
				} else {
					const after = present[i + 1];
					if (only >= 0) {
						if (only < code || only >= after) continue;
						bin = only;
					} else bin = (code + after - 1) >> 1;
				}
			} else if (only >= 0 && i !== only) continue;
			if (count < minLeaf) continue;
			if (rows - count < minLeaf) break;
			const rest = weight - partial[0];
			if (!(rest > 0)) continue;
			let a = 0;
			let b = 0;
			for (let k = 1; k < width; k++) {
				const l = partial[k];
				const r = sums[k - 1] - l;
				a += l * l;
				b += r * r;
			}
			const gain = a / partial[0] + b / rest;
			if (gain > this.best) {
				this.best = gain;
				this.split = { feature, bin, missingLeft };
			}
		}
	}

	/** Heap sort of the categories by the mean of the target (of several classes: the share of the one most present), equal ones by bin. */
	private sort(): void {
		const { present, keys, cells, sums, touched: n } = this;
		const width = sums.length + 1;
		let lead = 0;
		for (let k = 1, size = sums.length; k < size; k++) if (sums[k] > sums[lead]) lead = k;
		for (let i = 0; i < n; i++) keys[i] = cells[present[i] * width + 1 + lead] / cells[present[i] * width];
		const less = (a: number, b: number): boolean => keys[a] < keys[b] || (keys[a] === keys[b] && present[a] < present[b]);
		const swap = (a: number, b: number): void => {
			[keys[a], keys[b]] = [keys[b], keys[a]];
			[present[a], present[b]] = [present[b], present[a]];
		};
		const sift = (from: number, to: number): void => {
			let i = from;
			for (let child = 2 * i + 1; child < to; child = 2 * i + 1) {
				if (child + 1 < to && less(child, child + 1)) child++;
				if (!less(i, child)) return;
				swap(i, child);
				i = child;
			}
		};
		for (let i = n >> 1; i > 0; i--) sift(i - 1, n);
		for (let end = n; end > 1; end--) {
			swap(0, end - 1);
			sift(0, end - 1);
		}
	}
}
