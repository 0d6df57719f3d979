// Raw scores of a block of rows: tree after tree, four rows at a time, since one row alone waits for memory at every node.
// A node has 32 bytes: threshold (in a leaf its value), byte offset of the feature in a row, kind, left, right, bits, levels.
// A leaf leads to itself whatever the row holds, so four rows walk on until none moves.

@inline
function step(node: usize, row: usize): usize {
	const v = load<f64>(row + <usize>load<u32>(node, 8));
	const kind = load<u32>(node, 12);
	if (kind < 2) return <usize>(<u32>(v <= load<f64>(node)) | (<u32>(v != v) & kind) ? load<u32>(node, 16) : load<u32>(node, 20));
	if (kind == 8) return node;
	return other(node, v, kind);
}

function other(node: usize, v: f64, kind: u32): usize {
	let left: bool;
	if (kind & 2) {
		if (v >= 0 && v < <f64>load<u32>(node, 28)) {
			const code = <u32>v;
			left = ((load<u32>(<usize>load<u32>(node, 24) + ((<usize>code >>> 5) << 2)) >>> (code & 31)) & 1) != 0;
		} else left = (kind < 4 || v != v) && (kind & 1) != 0;
	} else if (kind & 4) left = v != v || abs<f64>(v) <= 1e-35 ? (kind & 1) != 0 : v <= load<f64>(node);
	else left = v <= load<f64>(node) || v != v;
	return <usize>(left ? load<u32>(node, 16) : load<u32>(node, 20));
}

export function predict(roots: usize, trees: i32, outputs: i32, rows: i32, data: usize, rowBytes: usize, out: usize): void {
	const outBytes = <usize>outputs << 3;
	for (let t = 0, k = 0; t < trees; t++) {
		const root = <usize>load<u32>(roots + (<usize>t << 2));
		let row = data;
		let to = out + (<usize>k << 3);
		let i = 0;
		for (; i + 4 <= rows; i += 4) {
			let a = root;
			let b = root;
			let c = root;
			let d = root;
			for (;;) {
				const a1 = step(a, row);
				const b1 = step(b, row + rowBytes);
				const c1 = step(c, row + 2 * rowBytes);
				const d1 = step(d, row + 3 * rowBytes);
				if (a1 == a && b1 == b && c1 == c && d1 == d) break;
				a = a1;
				b = b1;
				c = c1;
				d = d1;
			}
			store<f64>(to, load<f64>(to) + load<f64>(a));
			store<f64>(to + outBytes, load<f64>(to + outBytes) + load<f64>(b));
			store<f64>(to + 2 * outBytes, load<f64>(to + 2 * outBytes) + load<f64>(c));
			store<f64>(to + 3 * outBytes, load<f64>(to + 3 * outBytes) + load<f64>(d));
			row += 4 * rowBytes;
			to += 4 * outBytes;
		}
		for (; i < rows; i++, row += rowBytes, to += outBytes) {
			let n = root;
			for (;;) {
				const next = step(n, row);
				if (next == n) break;
				n = next;
			}
			store<f64>(to, load<f64>(to) + load<f64>(n));
		}
		if (++k == outputs) k = 0;
	}
}
