// Raw scores of blocks of rows, by all threads that come: each takes the next block that nobody has. Tree after tree, eight rows at a time, since
// one row alone waits for memory at every node, and without a branch on the answer, which no processor can guess.
// A block lies column after column. A node has 16 bytes: threshold (of a category split: bits and levels), byte offset of the column in the block
// with the kind in its low three bits, and the left child; the right one lies behind it. A leaf has no threshold that a value could be below, and
// its right child is itself, so eight rows walk on until none moves. Its value lies in a list of its own, half as far from its start.

@inline
function pick(node: usize, word: u32, v: f64): usize {
	return <usize>load<u32>(node, 12) + (<usize>(<u32>!(v <= load<f64>(node)) & ~(<u32>(v != v) & word)) << 4);
}

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

/** The next node of a row in a tree of thresholds only. */
@inline
function step(node: usize, row: usize): usize {
	const word = load<u32>(node, 8);
	return pick(node, word, load<f64>(row + <usize>(word & ~7)));
}

/** The same in a tree with other kinds of splits. */
@inline
function stepAny(node: usize, row: usize): usize {
	const word = load<u32>(node, 8);
	const v = load<f64>(row + <usize>(word & ~7));
	return word & 6 ? other(node, word, v) : pick(node, word, v);
}

@inline
function add(to: usize, leaf: usize, nodes: usize, values: usize): void {
	store<f64>(to, load<f64>(to) + load<f64>(values + ((leaf - nodes) >> 1)));
}

function block(roots: usize, trees: i32, outputs: i32, rows: i32, data: usize, nodes: usize, values: usize, out: usize): void {
	const outBytes = <usize>outputs << 3;
	memory.fill(out, 0, <usize>rows * outBytes);
	for (let t = 0, k = 0; t < trees; t++) {
		const root = <usize>load<u32>(roots + (<usize>t << 3));
		const any = load<u32>(roots + (<usize>t << 3), 4);
		let row = data;
		let to = out + (<usize>k << 3);
		let i = 0;
		if (!any) {
			for (; i + 8 <= rows; i += 8) {
				let a = root, b = root, c = root, d = root, e = root, f = root, g = root, h = root;
				for (;;) {
					const a1 = step(a, row);
					const b1 = step(b, row + 8);
					const c1 = step(c, row + 16);
					const d1 = step(d, row + 24);
					let moved = (a1 ^ a) | (b1 ^ b) | (c1 ^ c) | (d1 ^ d);
					a = a1;
					b = b1;
					c = c1;
					d = d1;
					const e1 = step(e, row + 32);
					const f1 = step(f, row + 40);
					const g1 = step(g, row + 48);
					const h1 = step(h, row + 56);
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
				row += 64;
				to += 8 * outBytes;
			}
		} else {
			for (; i + 4 <= rows; i += 4) {
				let a = root, b = root, c = root, d = root;
				for (;;) {
					const a1 = stepAny(a, row);
					const b1 = stepAny(b, row + 8);
					const c1 = stepAny(c, row + 16);
					const d1 = stepAny(d, row + 24);
					const moved = (a1 ^ a) | (b1 ^ b) | (c1 ^ c) | (d1 ^ d);
					a = a1;
					b = b1;
					c = c1;
					d = d1;
					if (!moved) break;
				}
				add(to, a, nodes, values);
				add(to + outBytes, b, nodes, values);
				add(to + 2 * outBytes, c, nodes, values);
				add(to + 3 * outBytes, d, nodes, values);
				row += 32;
				to += 4 * outBytes;
			}
		}
		for (; i < rows; i++, row += 8, to += outBytes) {
			let n = root;
			for (;;) {
				const next = stepAny(n, row);
				if (next == n) break;
				n = next;
			}
			add(to, n, nodes, values);
		}
		if (++k == outputs) k = 0;
	}
}

/**
 * `job`: number of blocks that nobody has taken, 64 bytes on the number of finished ones, 128 bytes on: roots, trees, outputs, rows a block, rows, blocks, data,
 * bytes a block, nodes, values, out.
 */
export function predict(job: usize): void {
	for (;;) {
		const left = atomic.sub<i32>(job, 1);
		if (left <= 0) return;
		const b = load<u32>(job, 148) - <u32>left;
		const most = load<u32>(job, 140);
		const from = b * most;
		const outputs = load<i32>(job, 136);
		block(<usize>load<u32>(job, 128), load<i32>(job, 132), outputs, <i32>min<u32>(most, load<u32>(job, 144) - from), <usize>load<u32>(job, 152) + <usize>b * <usize>load<u32>(job, 156),
			<usize>load<u32>(job, 160), <usize>load<u32>(job, 164), <usize>load<u32>(job, 168) + ((<usize>from * <usize>outputs) << 3));
		atomic.add<u32>(job + 64, 1);
		atomic.notify(job + 64, 1);
	}
}
