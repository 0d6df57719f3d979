import { murmurMix } from '../../../domain/random.js';
import type { GrownTree } from './grown.js';
import { placeCodes, mostNodes, type ForestPlan, type Place } from './planForest.js';
import { PlainScan, uniform, type Node } from './plainScan.js';
import { Waiting } from './waiting.js';
import type { Column } from '../../contract.js';

/** Rows worked at between two looks at whether to go on. */
const CHUNK = 1 << 18;

/** Grows trees in plain TypeScript: what the kernel `../kernel/assembly/forest.ts` does, addition by addition. */
export class PlainGrower {
	private readonly index: Uint32Array;
	private readonly spare: Uint32Array;
	private readonly order: Uint32Array;
	private readonly sides: Uint8Array;
	private readonly spareWeights: Float64Array;
	private readonly spareTargets: Float64Array;
	private readonly scan: PlainScan;
	private readonly out: Omit<GrownTree, 'sets'>;
	private sets: number[] = [];
	private nodes = 0;
	private debt = 0;

	constructor(
		private readonly plan: ForestPlan,
		columns: readonly Column[],
	) {
		const { rows, features, stride, outputs, size } = plan;
		const together = new Uint8Array(stride * rows);
		const places = features.map(
			(f): Place =>
				f.slot >= 0
					? { codes: together, base: f.slot, step: stride }
					: {
							codes: f.codeBytes === 1 ? new Uint8Array(rows) : f.codeBytes === 2 ? new Uint16Array(rows) : new Uint32Array(rows),
							base: 0,
							step: 1,
						},
		);
		placeCodes(plan, columns, places);
		this.index = new Uint32Array(rows);
		this.spare = new Uint32Array(rows);
		this.spareWeights = new Float64Array(rows);
		this.spareTargets = new Float64Array(rows);
		this.order = new Uint32Array(features.length);
		this.sides = new Uint8Array(size);
		this.scan = new PlainScan(plan, places, this.index);
		const most = mostNodes(plan);
		this.out = {
			feature: new Int32Array(most),
			bin: new Uint32Array(most),
			left: new Uint32Array(most),
			rows: new Uint32Array(most),
			set: new Uint32Array(most),
			weight: new Float64Array(most),
			gain: new Float64Array(most),
			value: new Float64Array(most * outputs),
		};
	}

	/** Grows tree number `tree`; `stop` is asked every few milliseconds, and when it says so there is none. */
	grow(tree: number, stop: () => boolean): GrownTree | undefined {
		const { plan, out } = this;
		const seed = plan.seeds[tree];
		this.sets = [];
		this.order.forEach((_, i) => {
			this.order[i] = i;
		});
		const count = this.list(seed);
		this.nodes = 1;
		this.total(0, 0, count);
		const todo: Node[] = [{ begin: 0, end: count, node: 0, depth: 0, path: 1, known: 0 }];
		const waiting = new Waiting();
		let leaves = 1;
		for (;;) {
			let at = todo.pop();
			if (at) {
				const found = this.evaluate(at, seed, stop);
				if (found === 'stop') return undefined;
				if (!found) continue;
				if (plan.bestFirst) {
					waiting.offer(at);
					continue;
				}
			} else {
				at = leaves < plan.maxLeaves ? waiting.pop() : undefined;
				if (!at) break;
			}
			if (this.tired(at.end - at.begin) && stop()) return undefined;
			const middle = this.partition(at);
			const { begin, end, node, depth, path, split } = at;
			if (!split) throw new Error('A node without a split is not divided');
			const left = this.nodes;
			this.total(left, begin, middle);
			this.total(left + 1, middle, end);
			this.nodes += 2;
			leaves++;
			out.feature[node] = plan.features[split.feature].column;
			out.bin[node] = (split.bin << 1) | +split.missingLeft;
			out.left[node] = left;
			out.gain[node] = split.gain;
			const known = plan.bestFirst ? 0 : at.known;
			const children: [Node, Node] = [
				{ begin, end: middle, node: left, depth: depth + 1, path: murmurMix(path, 1), known },
				{ begin: middle, end, node: left + 1, depth: depth + 1, path: murmurMix(path, 2), known },
			];
			// The smaller one first: so the list stays short.
			todo.push(...(middle - begin <= end - middle ? children.reverse() : children));
		}
		return this.take();
	}

	/** Whether enough was done since the last look to look again. */
	private tired(work: number): boolean {
		this.debt += work + 8;
		if (this.debt < CHUNK) return false;
		this.debt = 0;
		return true;
	}

	/** The rows drawn, in order, with weight and weighted target. */
	private list(seed: number): number {
		const {
			index,
			spare,
			plan: { rows, bootstrap, weight, y, outputs },
			scan: { weights, targets },
		} = this;
		if (bootstrap) {
			spare.fill(0);
			for (let i = 0; i < rows; i++) spare[uniform(seed, i, rows)]++;
		}
		let count = 0;
		for (let i = 0; i < rows; i++) {
			let w = bootstrap ? spare[i] : 1;
			if (weight) w *= weight[i];
			if (!(w > 0)) continue;
			index[count] = i;
			weights[count] = w;
			targets[count] = outputs > 1 ? y[i] : w * y[i];
			count++;
		}
		return count;
	}

	/** A new node with the sums of its rows. */
	private total(node: number, begin: number, end: number): void {
		const {
			out,
			plan: { outputs },
			scan: { weights, targets },
		} = this;
		out.feature[node] = -1;
		out.bin[node] = 0;
		out.left[node] = 0;
		out.set[node] = 0;
		out.gain[node] = 0;
		out.rows[node] = end - begin;
		out.value.fill(0, node * outputs, (node + 1) * outputs);
		let weight = 0;
		if (outputs === 1) {
			let sum = 0;
			for (let i = begin; i < end; i++) {
				weight += weights[i];
				sum += targets[i];
			}
			out.value[node] = sum;
		} else {
			for (let i = begin; i < end; i++) {
				weight += weights[i];
				out.value[node * outputs + targets[i]] += weights[i];
			}
		}
		out.weight[node] = weight;
	}

	/** Puts the best split of a node into it; false if it stays a leaf. */
	private evaluate(at: Node, seed: number, stop: () => boolean): boolean | 'stop' {
		const { plan, order, scan, out } = this;
		const count = at.end - at.begin;
		if (count < plan.minSplit || count < 2 * plan.minLeaf || (plan.maxDepth > 0 && at.depth >= plan.maxDepth)) return false;
		const weight = out.weight[at.node];
		const sums = out.value.subarray(at.node * plan.outputs, (at.node + 1) * plan.outputs);
		let squares = 0;
		for (const sum of sums) {
			squares += sum * sum;
			if (plan.classes && (sum === weight || (plan.outputs === 1 && sum === 0))) return false;
		}
		const own = weight > 0 ? squares / weight : 0;
		scan.enter(at, weight, sums, own * (1 + 1e-12) + plan.speck);
		let low = at.known;
		let high = plan.features.length;
		const draws = murmurMix(seed, 0x9e3779b9 ^ at.path);
		for (let drawn = 0, tried = 0; tried < plan.tries && low < high; drawn++) {
			const pick = low + uniform(draws, drawn, high - low);
			const feature = order[pick];
			for (let from = at.begin; from < at.end; from += CHUNK) {
				const to = Math.min(at.end, from + CHUNK);
				scan.fill(feature, from, to);
				if (this.tired(to - from) && stop()) return 'stop';
			}
			const constant = scan.collect(feature) < 2;
			if (!constant) {
				tried++;
				scan.look(feature, draws, drawn ^ 0x55555555);
			}
			// Columns constant in this node stay out of all nodes below; those tried go to the other end, so that they are not drawn again.
			const there = constant ? low++ : --high;
			order[pick] = order[there];
			order[there] = feature;
			scan.clear();
		}
		at.known = low;
		if (!scan.split || scan.best - own < plan.minGain * out.weight[0]) return false;
		at.split = { ...scan.split, gain: scan.best - own };
		return true;
	}

	/** Stable: rows that go left come first. Answers where the others begin. */
	private partition({ begin, end, node, split }: Node): number {
		const { plan, scan, index, spare, sides, spareWeights, spareTargets } = this;
		const { weights, targets } = scan;
		if (!split) return begin;
		const { bins } = plan.features[split.feature];
		sides.fill(0, 0, bins.bins + 1);
		if (bins.kind === 'number') {
			sides[0] = +split.missingLeft;
			sides.fill(1, 1, split.bin + 1);
		} else {
			this.out.set[node] = this.sets.length;
			scan.fillFor(split.feature, begin, end, this.out.value.subarray(node * plan.outputs, (node + 1) * plan.outputs));
			for (let i = 0; i < split.bin; i++) {
				sides[scan.present[i]] = 1;
				this.sets.push(scan.present[i]);
			}
			scan.clear();
		}
		const { codes, base, step } = scan.places[split.feature];
		let left = begin;
		let right = 0;
		for (let i = begin; i < end; i++) {
			const r = index[i];
			if (sides[codes[base + r * step]]) {
				index[left] = r;
				weights[left] = weights[i];
				targets[left++] = targets[i];
			} else {
				spare[right] = r;
				spareWeights[right] = weights[i];
				spareTargets[right++] = targets[i];
			}
		}
		index.set(spare.subarray(0, right), left);
		weights.set(spareWeights.subarray(0, right), left);
		targets.set(spareTargets.subarray(0, right), left);
		return left;
	}

	private take(): GrownTree {
		const {
			nodes,
			out,
			plan: { outputs },
		} = this;
		for (let n = 0; n < nodes; n++)
			for (let k = n * outputs; k < (n + 1) * outputs; k++) out.value[k] = out.weight[n] > 0 ? out.value[k] / out.weight[n] : 0;
		return {
			feature: out.feature.slice(0, nodes),
			bin: out.bin.slice(0, nodes),
			left: out.left.slice(0, nodes),
			rows: out.rows.slice(0, nodes),
			set: out.set.slice(0, nodes),
			weight: out.weight.slice(0, nodes),
			gain: out.gain.slice(0, nodes),
			value: out.value.slice(0, nodes * outputs),
			sets: Uint32Array.from(this.sets),
		};
	}
}
