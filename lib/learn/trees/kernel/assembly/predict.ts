// Raw scores of blocks of rows, by all threads that come: each takes the next block that nobody has. Tree after tree, eight rows at a time,
// since one row alone waits for memory at every node, and without a branch on the answer, which no processor can guess.
// Values lie column after column, as doubles or all as floats. A node has 16 bytes: threshold (of a category split: bits and levels), byte
// offset of the column with the kind in its low three bits, and the left child; the right one lies behind it. A leaf has no threshold that
// a value could be below, and its right child is itself, so eight rows walk on until none moves. Its value lies in a list of its own, half
// as far from its start.

/** How a tree's splits are answered: by comparisons alone, by comparisons and categories, or with the special cases of imported models. */
const COMPARES = 0;
const CATEGORIES = 1;

/** 1 where a value is above a threshold, or missing and not told left. */
@inline
function above(threshold: f64, word: u32, v: f64): u32 {
	return <u32>!(v <= threshold) & ~(<u32>(v != v) & word);
}

@inline
function other(node: usize, word: u32, v: f64): usize {
	let left: bool;
	if (word & 2) {
		if (v >= 0 && v < <f64>load<u32>(node, 4)) {
			const code = <u32>v;
			left = ((load<u32>(<usize>load<u32>(node) + ((<usize>code >>> 5) << 2)) >>> (code & 31)) & 1) != 0;
		} else left = ((word & 4) == 0 || v != v) && (word & 1) != 0;
	} else left = v != v || abs<f64>(v) <= 1e-35 ? (word & 1) != 0 : v <= load<f64>(node);
	return <usize>load<u32>(node, 12) + (left ? 0 : 16);
}

/** The next node of a row; `T` is how values lie. */
@inline
function step<T>(node: usize, row: usize, kind: i32): usize {
	const word = load<u32>(node, 8);
	const from = row + <usize>(word & ~7);
	const v = <f64>load<T>(from);
	if (kind == COMPARES) return <usize>load<u32>(node, 12) + (<usize>above(load<f64>(node), word, v) << 4);
	if (kind == CATEGORIES) {
		// A category is its code above 2^52: the last bits are the code. Both kinds of split are answered, and one answer is taken.
		const category = -((word >>> 1) & 1);
		const code = load<u32>(from) & category;
		const bits = load<u32>(<usize>(load<u32>(node) & category) + ((<usize>code >>> 5) << 2)) >>> (code & 31);
		const right = (above(load<f64>(node), word, v) & ~category) | (~bits & 1 & category);
		return <usize>load<u32>(node, 12) + (<usize>right << 4);
	}
	return word & 6 ? other(node, word, v) : <usize>load<u32>(node, 12) + (<usize>above(load<f64>(node), word, v) << 4);
}

@inline
function add(to: usize, leaf: usize, nodes: usize, values: usize): void {
	store<f64>(to, load<f64>(to) + load<f64>(values + ((leaf - nodes) >> 1)));
}

/** One tree for all rows of a block. */
@inline
function walk<T>(root: usize, kind: i32, rows: i32, data: usize, outBytes: usize, nodes: usize, values: usize, out: usize): void {
	const size = sizeof<T>();
	let row = data;
	let to = out;
	let i = 0;
	for (; i + 8 <= rows; i += 8) {
		let a = root, b = root, c = root, d = root, e = root, f = root, g = root, h = root;
		for (;;) {
			const a1 = step<T>(a, row, kind);
			const b1 = step<T>(b, row + size, kind);
			const c1 = step<T>(c, row + 2 * size, kind);
			const d1 = step<T>(d, row + 3 * size, kind);
			let moved = (a1 ^ a) | (b1 ^ b) | (c1 ^ c) | (d1 ^ d);
			a = a1;
			b = b1;
			c = c1;
			d = d1;
			const e1 = step<T>(e, row + 4 * size, kind);
			const f1 = step<T>(f, row + 5 * size, kind);
			const g1 = step<T>(g, row + 6 * size, kind);
			const h1 = step<T>(h, row + 7 * size, kind);
			moved |= (e1 ^ e) | (f1 ^ f) | (g1 ^ g) | (h1 ^ h);
			e = e1;
			f = f1;
			g = g1;
			h = h1;
			if (!moved) break;
		}
		add(to, a, nodes, values);
		add(to + outBytes, b, nodes, values);
		add(to + 2 * outBytes, c, nodes, values);
		add(to + 3 * outBytes, d, nodes, values);
		add(to + 4 * outBytes, e, nodes, values);
		add(to + 5 * outBytes, f, nodes, values);
		add(to + 6 * outBytes, g, nodes, values);
		add(to + 7 * outBytes, h, nodes, values);
		row += 8 * size;
		to += 8 * outBytes;
	}
	for (; i < rows; i++, row += size, to += outBytes) {
		let n = root;
		for (;;) {
			const next = step<T>(n, row, kind);
			if (next == n) break;
			n = next;
		}
		add(to, n, nodes, values);
	}
}

/** A function each, so that the kind is settled outside the loops. */
function compares<T>(root: usize, rows: i32, data: usize, outBytes: usize, nodes: usize, values: usize, out: usize): void {
	walk<T>(root, COMPARES, rows, data, outBytes, nodes, values, out);
}

function categories(root: usize, rows: i32, data: usize, outBytes: usize, nodes: usize, values: usize, out: usize): void {
	walk<f64>(root, CATEGORIES, rows, data, outBytes, nodes, values, out);
}

function special<T>(root: usize, rows: i32, data: usize, outBytes: usize, nodes: usize, values: usize, out: usize): void {
	walk<T>(root, CATEGORIES + 1, rows, data, outBytes, nodes, values, out);
}

function block(roots: usize, trees: i32, outputs: i32, rows: i32, data: usize, nodes: usize, values: usize, out: usize, floats: i32): void {
	const outBytes = <usize>outputs << 3;
	memory.fill(out, 0, <usize>rows * outBytes);
	for (let t = 0, k = 0; t < trees; t++) {
		const root = <usize>load<u32>(roots + (<usize>t << 3));
		const kind = load<i32>(roots + (<usize>t << 3), 4);
		const to = out + (<usize>k << 3);
		if (kind == COMPARES) {
			if (floats) compares<f32>(root, rows, data, outBytes, nodes, values, to);
			else compares<f64>(root, rows, data, outBytes, nodes, values, to);
		} else if (kind == CATEGORIES) categories(root, rows, data, outBytes, nodes, values, to);
		else if (floats) special<f32>(root, rows, data, outBytes, nodes, values, to);
		else special<f64>(root, rows, data, outBytes, nodes, values, to);
		if (++k == outputs) k = 0;
	}
}

/**
 * `job`: number of blocks that nobody has taken, 64 bytes on the number of finished ones, 128 bytes on: roots, trees, outputs, rows a
 * block, rows, blocks, data, bytes a block, nodes, values, out, whether values are floats.
 */
export function predict(job: usize): void {
	for (;;) {
		const left = atomic.sub<i32>(job, 1);
		if (left <= 0) return;
		const b = load<u32>(job, 148) - <u32>left;
		const most = load<u32>(job, 140);
		const from = b * most;
		const outputs = load<i32>(job, 136);
		block(
			<usize>load<u32>(job, 128), load<i32>(job, 132), outputs, <i32>min<u32>(most, load<u32>(job, 144) - from),
			<usize>load<u32>(job, 152) + <usize>b * <usize>load<u32>(job, 156), <usize>load<u32>(job, 160), <usize>load<u32>(job, 164),
			<usize>load<u32>(job, 168) + ((<usize>from * <usize>outputs) << 3), load<i32>(job, 172),
		);
		atomic.add<u32>(job + 64, 1);
		atomic.notify(job + 64, 1);
	}
}
