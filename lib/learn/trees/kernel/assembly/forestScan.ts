// Histogram and best split of one column in one node of a forest's tree; see ./forest.ts.
import { Feature, Grower, Plan } from './forestState';

/** The same mix of two integers as ../../random.ts. */
export function mix(a: u32, b: u32): u32 {
	let h = ((a ^ (b >>> 16) ^ 0x9e3779b9) * 0x85ebca6b) ^ (b * 0xc2b2ae35);
	h = (h ^ (h >>> 16)) * 0x85ebca6b;
	h = (h ^ (h >>> 13)) * 0xc2b2ae35;
	return h ^ (h >>> 16);
}

/** An integer below n, in the same doubles as the plain path. */
@inline
export function uniform(seed: u32, counter: u32, n: u32): u32 {
	return <u32>floor<f64>((<f64>mix(seed, counter) / 4294967296.0) * <f64>n);
}

/** Adds rows from..to of the node to the cells of a column. A cell: weight, then the weighted target or the weight of each class. */
export function fillCells(plan: Plan, g: Grower, f: Feature, from: u32, to: u32): void {
	const base = f.base;
	const step = f.step;
	const cells = g.cells;
	const flags = g.flags;
	let l = g.index + (<usize>from << 2);
	const stop = g.index + (<usize>to << 2);
	let v = g.values + (<usize>from << 4);
	if (f.codeBytes == 1 && plan.outputs == 1 && !plan.counted) {
		for (; l < stop; l += 4, v += 16) {
			const code = <usize>load<u8>(base + <usize>load<u32>(l) * step);
			const at = cells + (code << 4);
			store<u8>(flags + code, 255);
			v128.store(at, f64x2.add(v128.load(at), v128.load(v)));
		}
		return;
	}
	const several = plan.outputs > 1;
	const width = <usize>(plan.outputs + 1) << 3;
	let touched = g.touched;
	for (; l < stop; l += 4, v += 16) {
		const r = <usize>load<u32>(l);
		const from = base + r * step;
		const code = f.codeBytes == 1 ? <usize>load<u8>(from) : f.codeBytes == 2 ? <usize>load<u16>(from) : <usize>load<u32>(from);
		const at = cells + code * width;
		if (f.codeBytes == 1) store<u8>(flags + code, 255);
		else if (load<f64>(at) == 0) store<u32>(g.present + (<usize>(touched++) << 2), <u32>code);
		const w = load<f64>(v);
		const y = load<f64>(v, 8);
		store<f64>(at, load<f64>(at) + w);
		const sum = several ? at + 8 + (<usize>y << 3) : at + 8;
		store<f64>(sum, load<f64>(sum) + (several ? w : y));
		if (plan.counted) store<u32>(g.tally + (code << 2), load<u32>(g.tally + (code << 2)) + 1);
	}
	g.touched = touched;
}

/** Lists the bins that hold rows: ascending, for columns of up to 256 bins. */
export function collect(g: Grower, f: Feature): void {
	if (f.codeBytes > 1) return;
	const flags = g.flags;
	let to = g.present;
	for (let b: u32 = 0; b <= f.bins; b += 16) {
		let mask = i8x16.bitmask(v128.load(flags + b));
		if (!mask) continue;
		v128.store(flags + b, i64x2.splat(0));
		do {
			store<u32>(to, b + <u32>ctz(mask));
			to += 4;
			mask &= mask - 1;
		} while (mask);
	}
	g.touched = <u32>((to - g.present) >> 2);
}

export function clearCells(plan: Plan, g: Grower): void {
	const width = <usize>(plan.outputs + 1) << 3;
	for (let i: u32 = 0; i < g.touched; i++) {
		const code = <usize>load<u32>(g.present + (<usize>i << 2));
		if (width == 16) v128.store(g.cells + (code << 4), i64x2.splat(0));
		else memory.fill(g.cells + code * width, 0, width);
		if (plan.counted) store<u32>(g.tally + (code << 2), 0);
	}
}

/** Keeps the best split of the column if it beats the node's best so far. */
export function scan(plan: Plan, g: Grower, f: Feature, seed: u32, counter: u32): void {
	if (f.category) {
		sortCategories(plan, g);
		const only: u32 = plan.random ? uniform(seed, counter, g.touched - 1) : 0xffffffff;
		walk(plan, g, 0, false, 0, only);
		return;
	}
	const first = load<u32>(g.present);
	const missing = first == 0;
	const low = missing ? load<u32>(g.present, 4) : first;
	const high = load<u32>(g.present + (<usize>(g.touched - 1) << 2));
	const only: u32 = plan.random && low < high ? between(f.borders, low, high, seed, counter) : 0xffffffff;
	walk(plan, g, missing ? 1 : 0, false, f.bins, only);
	if (missing && low < high) walk(plan, g, 1, true, f.bins, only);
}

/** The last bin below a value drawn between the bins `low` and `high`, as extra trees draw it. */
function between(borders: usize, low: u32, high: u32, seed: u32, counter: u32): u32 {
	const share = <f64>mix(seed, counter) / 4294967296.0;
	const at = load<f64>(borders + (<usize>(low - 1) << 3)) * (1 - share) + load<f64>(borders + (<usize>(high - 2) << 3)) * share;
	let a = low;
	let b = high - 1;
	while (a < b) {
		const middle = (a + b) >> 1;
		if (load<f64>(borders + (<usize>(middle - 1) << 3)) < at) a = middle + 1;
		else b = middle;
	}
	return a;
}

/**
 * Walks over the bins listed, from number `start` on, and looks at the split behind each. `missingLeft`: bin 0 is on the left from the
 * start. With `only` one place counts: the threshold (numbers) or the number of the category. `bins`: known bins of a number, 0 for
 * categories.
 */
function walk(plan: Plan, g: Grower, start: u32, missingLeft: bool, bins: u32, only: u32): void {
	const outputs = plan.outputs;
	const node = g.node;
	const weight = load<f64>(g.nodeWeight + (<usize>node << 3));
	const sums = g.nodeValue + ((<usize>node * outputs) << 3);
	const width = <usize>(outputs + 1) << 3;
	const cells = g.cells;
	const present = g.present;
	const left = g.partial;
	const count = g.touched;
	const bounded = plan.counted != 0;
	const rows = g.end - g.begin;
	const minLeaf = plan.minLeaf;
	const whole = f64x2.replace_lane(f64x2.splat(weight), 1, load<f64>(sums));
	let best = g.best;
	let acc = f64x2.splat(0);
	let tally: u32 = 0;
	if (missingLeft) {
		acc = v128.load(cells);
		if (bounded) tally = load<u32>(g.tally);
	}
	if (outputs > 1) memory.copy(left, missingLeft ? cells : left + width, width);
	// Behind the last bin there is a split only if missing values are then alone on the right.
	const end = start == 1 && !missingLeft ? count : count - 1;
	for (let i = start; i < end; i++) {
		const code = load<u32>(present + (<usize>i << 2));
		const last = i + 1 == count;
		let rest: f64;
		let w: f64;
		let gain: f64;
		if (outputs == 1) acc = f64x2.add(acc, v128.load(cells + (<usize>code << 4)));
		else {
			const cell = cells + <usize>code * width;
			for (let k: usize = 0; k < width; k += 8) store<f64>(left + k, load<f64>(left + k) + load<f64>(cell + k));
		}
		if (bounded) tally += load<u32>(g.tally + (<usize>code << 2));
		let bin = i + 1;
		if (bins) {
			if (last) {
				if (only != 0xffffffff) break;
				bin = bins;
			} else {
				const after = load<u32>(present + (<usize>(i + 1) << 2));
				if (only != 0xffffffff) {
					if (only < code || only >= after) continue;
					bin = only;
				} else bin = (code + after - 1) >> 1;
			}
		} else if (only != 0xffffffff && i != only) continue;
		if (bounded) {
			if (tally < minLeaf) continue;
			if (rows - tally < minLeaf) break;
		}
		if (outputs == 1) {
			const right = f64x2.sub(whole, acc);
			w = f64x2.extract_lane(acc, 0);
			rest = f64x2.extract_lane(right, 0);
			if (!(rest > 0)) continue;
			const s = v128.shuffle<i64>(acc, right, 1, 3);
			const parts = f64x2.div(f64x2.mul(s, s), v128.shuffle<i64>(acc, right, 0, 2));
			gain = f64x2.extract_lane(parts, 0) + f64x2.extract_lane(parts, 1);
		} else {
			w = load<f64>(left);
			rest = weight - w;
			if (!(rest > 0)) continue;
			let a: f64 = 0;
			let b: f64 = 0;
			for (let k: usize = 8; k < width; k += 8) {
				const l = load<f64>(left + k);
				const r = load<f64>(sums + k - 8) - l;
				a += l * l;
				b += r * r;
			}
			gain = a / w + b / rest;
		}
		if (gain > best) {
			best = gain;
			g.feature = <i32>g.current;
			g.bin = bin;
			g.missingLeft = <u32>missingLeft;
		}
	}
	g.best = best;
}

/**
 * Sorts the categories listed by the mean of the target (of several classes: the share of the one most present), equal ones by bin. Heap
 * sort.
 */
export function sortCategories(plan: Plan, g: Grower): void {
	const width = <usize>(plan.outputs + 1) << 3;
	const sums = g.nodeValue + ((<usize>g.node * plan.outputs) << 3);
	let lead: usize = 0;
	for (let k: usize = 1; k < <usize>plan.outputs; k++) if (load<f64>(sums + (k << 3)) > load<f64>(sums + (lead << 3))) lead = k;
	const n = g.touched;
	for (let i: u32 = 0; i < n; i++) {
		const cell = g.cells + <usize>load<u32>(g.present + (<usize>i << 2)) * width;
		store<f64>(g.keys + (<usize>i << 3), load<f64>(cell + 8 + (lead << 3)) / load<f64>(cell));
	}
	for (let i = n >> 1; i > 0; i--) sift(g, i - 1, n);
	for (let end = n; end > 1; end--) {
		swap(g, 0, end - 1);
		sift(g, 0, end - 1);
	}
}

@inline
function less(g: Grower, a: u32, b: u32): bool {
	const x = load<f64>(g.keys + (<usize>a << 3));
	const y = load<f64>(g.keys + (<usize>b << 3));
	return x < y || (x == y && load<u32>(g.present + (<usize>a << 2)) < load<u32>(g.present + (<usize>b << 2)));
}

@inline
function swap(g: Grower, a: u32, b: u32): void {
	const x = load<f64>(g.keys + (<usize>a << 3));
	store<f64>(g.keys + (<usize>a << 3), load<f64>(g.keys + (<usize>b << 3)));
	store<f64>(g.keys + (<usize>b << 3), x);
	const c = load<u32>(g.present + (<usize>a << 2));
	store<u32>(g.present + (<usize>a << 2), load<u32>(g.present + (<usize>b << 2)));
	store<u32>(g.present + (<usize>b << 2), c);
}

function sift(g: Grower, from: u32, end: u32): void {
	let i = from;
	for (;;) {
		let child: u32 = 2 * i + 1;
		if (child >= end) return;
		if (child + 1 < end && less(g, child, child + 1)) child++;
		if (!less(g, i, child)) return;
		swap(g, i, child);
		i = child;
	}
}
