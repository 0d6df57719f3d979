// The tabular network's forward pass, see ../../../tensors/tabular/plainAnswer.ts for the same in plain TypeScript: every number is made by
// the same operations on 32 bits in the same order, so one row and many, and both kernels, have the same bits.
// Many rows: eight lie side by side (a panel), unit after unit; a block of panels goes through layer after layer, so that four units'
// weights stay near the processor for all of its rows. One row: units lie side by side.
/** Of the cosine of so many half turns: the number that rounds, the coefficients from the eighth power down. */
const COS: usize = memory.data<f32>([12582912, 0.22008064046945858, -1.3320938598441883, 4.058451340855111, -4.934795518109734, 1]);
/** Of e^x: the least argument, log2 e, the number that rounds and leaves an exponent in the last bits, ln 2. */
const EXP: usize = memory.data<f32>([-80, 1.4426950408889634, 12583039, 0.6931471805599453]);
/** Coefficients of e^x from the fifth power down, for Mish; of lambda alpha e^x and lambda, for SELU. */
const MISH: usize = memory.data<f32>([0.008312520396071325, 0.04189015759754312, 0.16667114650307133, 0.49999231489999996, 1, 1, 20, 2]);
const SELU: usize = memory.data<f32>([
	0.014614236629113372, 0.0736470584602333, 0.29302443280532625, 0.8790361592544439, 1.7580993408473766, 1.7580993408473766,
	1.0507009873554805,
]);
/** Of scaling: a third, 1, where the edge is, the edge, the sign. */
const SCALE: usize = memory.data<f32>([0.3333333333333333, 1, 1e9, 3, -0.0]);

const FREQUENCIES: i32 = 16;
const EMBEDDED: i32 = 3;
/** Bytes of a column's frequencies, phases, weights (four a frequency) and their bias. */
const PERIODIC: usize = 400;
const BY_SELU: i32 = 0;
const LAYER: usize = 24;

/** The cosine of so many half turns. */
@inline
function cos4x(x: v128): v128 {
	// The last bit of the sum says whether the whole number is odd.
	const t = f32x4.add(x, v128.load32_splat(COS));
	const r = f32x4.sub(x, f32x4.sub(t, v128.load32_splat(COS)));
	// In pairs, so that no product waits long for another.
	const r2 = f32x4.mul(r, r);
	const r4 = f32x4.mul(r2, r2);
	const mid = f32x4.add(f32x4.mul(v128.load32_splat(COS, 8), r2), v128.load32_splat(COS, 12));
	const low = f32x4.add(f32x4.mul(v128.load32_splat(COS, 16), r2), v128.load32_splat(COS, 20));
	const high = f32x4.add(f32x4.mul(v128.load32_splat(COS, 4), r4), mid);
	return v128.xor(f32x4.add(f32x4.mul(high, r4), low), i32x4.shl(t, 31));
}

/** e^x, of an x up to 20, with coefficients `by`. */
@inline
function expHeld4x(given: v128, by: usize): v128 {
	const x = f32x4.pmax(given, v128.load32_splat(EXP));
	const t = f32x4.add(f32x4.mul(x, v128.load32_splat(EXP, 4)), v128.load32_splat(EXP, 8));
	const r = f32x4.sub(x, f32x4.mul(f32x4.sub(t, v128.load32_splat(EXP, 8)), v128.load32_splat(EXP, 12)));
	const r2 = f32x4.mul(r, r);
	const high = f32x4.add(f32x4.mul(v128.load32_splat(by), r), v128.load32_splat(by, 4));
	const mid = f32x4.add(f32x4.mul(v128.load32_splat(by, 8), r), v128.load32_splat(by, 12));
	const low = f32x4.add(f32x4.mul(v128.load32_splat(by, 16), r), v128.load32_splat(by, 20));
	const p = f32x4.add(f32x4.mul(f32x4.add(f32x4.mul(high, r2), mid), r2), low);
	return f32x4.mul(p, i32x4.shl(t, 23));
}

/** `z + a (f(z) - z)` with SELU: what is above 0 and what is below, one of which is nothing. */
@inline
function selu(z: v128, a: v128): v128 {
	const zero = f32x4.splat(0);
	const above = f32x4.sub(f32x4.mul(v128.load32_splat(SELU, 24), f32x4.pmax(z, zero)), z);
	const below = f32x4.sub(expHeld4x(f32x4.pmin(z, zero), SELU), v128.load32_splat(SELU, 20));
	return f32x4.add(f32x4.add(z, f32x4.mul(a, above)), f32x4.mul(a, below));
}

/** The same with Mish. */
@inline
function mish(z: v128, a: v128): v128 {
	const two = v128.load32_splat(MISH, 28);
	const e = expHeld4x(f32x4.pmin(z, v128.load32_splat(MISH, 24)), MISH);
	const n = f32x4.mul(e, f32x4.add(e, two));
	const f = f32x4.div(f32x4.mul(z, n), f32x4.add(n, two));
	return f32x4.add(z, f32x4.mul(a, f32x4.sub(f, z)));
}

/** Numbers as the network takes them, once they are centered: smoothly kept within the edge. */
@inline
function kept4x(x: v128): v128 {
	const q = f32x4.mul(x, v128.load32_splat(SCALE));
	const y = f32x4.div(x, f32x4.sqrt(f32x4.add(v128.load32_splat(SCALE, 4), f32x4.mul(q, q))));
	const edge = v128.or(v128.and(x, v128.load32_splat(SCALE, 16)), v128.load32_splat(SCALE, 12));
	return v128.bitselect(edge, y, f32x4.gt(f32x4.abs(x), v128.load32_splat(SCALE, 8)));
}

/** Four doubles, centered and multiplied, as floats. */
@inline
function scaled4x(at: usize, center: v128, factor: v128): v128 {
	const low = f32x4.demote_f64x2_zero(f64x2.mul(f64x2.sub(v128.load(at), center), factor));
	const high = f32x4.demote_f64x2_zero(f64x2.mul(f64x2.sub(v128.load(at, 16), center), factor));
	return kept4x(v128.shuffle<i64>(low, high, 0, 2));
}

/** Numbers of one panel, and what their waves make of them. */
function panelNumbers(numbers: i32, affine: usize, periodic: usize, data: usize, apart: usize, h: usize): void {
	let lin = h + (<usize>numbers << 5);
	for (let c = 0; c < numbers; c++, data += apart, affine += 16, h += 32) {
		const center = v128.load64_splat(affine);
		const factor = v128.load64_splat(affine, 8);
		const x0 = scaled4x(data, center, factor);
		const x1 = scaled4x(data + 32, center, factor);
		v128.store(h, x0);
		v128.store(h, x1, 16);
		if (!periodic) continue;
		let a0 = v128.load32_splat(periodic, 384), a1 = a0;
		let b0 = v128.load32_splat(periodic, 388), b1 = b0;
		let c0 = v128.load32_splat(periodic, 392), c1 = c0;
		for (let k = periodic, w = periodic + 128, end = periodic + 64; k < end; k += 4, w += 16) {
			const pw = v128.load32_splat(k);
			const pb = v128.load32_splat(k, 64);
			const s0 = cos4x(f32x4.add(f32x4.mul(x0, pw), pb));
			const s1 = cos4x(f32x4.add(f32x4.mul(x1, pw), pb));
			a0 = f32x4.add(a0, f32x4.mul(s0, v128.load32_splat(w)));
			a1 = f32x4.add(a1, f32x4.mul(s1, v128.load32_splat(w)));
			b0 = f32x4.add(b0, f32x4.mul(s0, v128.load32_splat(w, 4)));
			b1 = f32x4.add(b1, f32x4.mul(s1, v128.load32_splat(w, 4)));
			c0 = f32x4.add(c0, f32x4.mul(s0, v128.load32_splat(w, 8)));
			c1 = f32x4.add(c1, f32x4.mul(s1, v128.load32_splat(w, 8)));
		}
		v128.store(lin, a0);
		v128.store(lin, a1, 16);
		v128.store(lin, b0, 32);
		v128.store(lin, b1, 48);
		v128.store(lin, c0, 64);
		v128.store(lin, c1, 80);
		lin += EMBEDDED << 5;
		periodic += PERIODIC;
	}
}

/** Four units of one panel: weights side by side, `into` times. They begin with `bias`, or with what is in `z` where that is 0. */
function tile(h: usize, w: usize, into: i32, bias: usize, z: usize): void {
	let a0: v128, a1: v128, b0: v128, b1: v128, c0: v128, c1: v128, d0: v128, d1: v128;
	if (bias) {
		a0 = a1 = v128.load32_splat(bias);
		b0 = b1 = v128.load32_splat(bias, 4);
		c0 = c1 = v128.load32_splat(bias, 8);
		d0 = d1 = v128.load32_splat(bias, 12);
	} else {
		a0 = v128.load(z);
		a1 = v128.load(z, 16);
		b0 = v128.load(z, 32);
		b1 = v128.load(z, 48);
		c0 = v128.load(z, 64);
		c1 = v128.load(z, 80);
		d0 = v128.load(z, 96);
		d1 = v128.load(z, 112);
	}
	for (const end = w + (<usize>into << 4); w < end; w += 16, h += 32) {
		const h0 = v128.load(h);
		const h1 = v128.load(h, 16);
		const wa = v128.load32_splat(w);
		a0 = f32x4.add(a0, f32x4.mul(h0, wa));
		a1 = f32x4.add(a1, f32x4.mul(h1, wa));
		const wb = v128.load32_splat(w, 4);
		b0 = f32x4.add(b0, f32x4.mul(h0, wb));
		b1 = f32x4.add(b1, f32x4.mul(h1, wb));
		const wc = v128.load32_splat(w, 8);
		c0 = f32x4.add(c0, f32x4.mul(h0, wc));
		c1 = f32x4.add(c1, f32x4.mul(h1, wc));
		const wd = v128.load32_splat(w, 12);
		d0 = f32x4.add(d0, f32x4.mul(h0, wd));
		d1 = f32x4.add(d1, f32x4.mul(h1, wd));
	}
	v128.store(z, a0);
	v128.store(z, a1, 16);
	v128.store(z, b0, 32);
	v128.store(z, b1, 48);
	v128.store(z, c0, 64);
	v128.store(z, c1, 80);
	v128.store(z, d0, 96);
	v128.store(z, d1, 112);
}

/** Units of a panel; `a` one number for each. */
function panelUnits(kind: i32, z: usize, a: usize, width: i32): void {
	for (const end = z + (<usize>width << 5); z < end; z += 32, a += 4) {
		const share = v128.load32_splat(a);
		if (kind == BY_SELU) {
			v128.store(z, selu(v128.load(z), share));
			v128.store(z, selu(v128.load(z, 16), share), 16);
		} else {
			v128.store(z, mish(v128.load(z), share));
			v128.store(z, mish(v128.load(z, 16), share), 16);
		}
	}
}

/** Where what a category adds to the first layer lies; every slot has its row. */
@inline
function addedBy(list: usize, t: usize, slot: usize, bytes: usize): usize {
	return <usize>load<u32>(list + (t << 2)) + <usize>load<u32>(slot) * bytes;
}

/** What the units of the first layer begin with in one row: bias, then category after category. A model's words are told at `network`. */
function begin(model: usize, bias: usize, slots: usize, apart: usize, fours: i32, to: usize): void {
	const list = <usize>load<u32>(model, 28);
	const tables = <usize>load<u32>(model, 16);
	const bytes = <usize>fours << 4;
	let at: usize = 0;
	for (; at + 128 <= bytes; at += 128) {
		let s0 = v128.load(bias + at);
		let s1 = v128.load(bias + at, 16);
		let s2 = v128.load(bias + at, 32);
		let s3 = v128.load(bias + at, 48);
		let s4 = v128.load(bias + at, 64);
		let s5 = v128.load(bias + at, 80);
		let s6 = v128.load(bias + at, 96);
		let s7 = v128.load(bias + at, 112);
		for (let t: usize = 0, slot = slots; t < tables; t++, slot += apart) {
			const from = addedBy(list, t, slot, bytes) + at;
			s0 = f32x4.add(s0, v128.load(from));
			s1 = f32x4.add(s1, v128.load(from, 16));
			s2 = f32x4.add(s2, v128.load(from, 32));
			s3 = f32x4.add(s3, v128.load(from, 48));
			s4 = f32x4.add(s4, v128.load(from, 64));
			s5 = f32x4.add(s5, v128.load(from, 80));
			s6 = f32x4.add(s6, v128.load(from, 96));
			s7 = f32x4.add(s7, v128.load(from, 112));
		}
		v128.store(to + at, s0);
		v128.store(to + at, s1, 16);
		v128.store(to + at, s2, 32);
		v128.store(to + at, s3, 48);
		v128.store(to + at, s4, 64);
		v128.store(to + at, s5, 80);
		v128.store(to + at, s6, 96);
		v128.store(to + at, s7, 112);
	}
	for (; at < bytes; at += 16) {
		let s = v128.load(bias + at);
		for (let t: usize = 0, slot = slots; t < tables; t++, slot += apart) s = f32x4.add(s, v128.load(addedBy(list, t, slot, bytes) + at));
		v128.store(to + at, s);
	}
}

/** Four units of four rows, `bytes` apart, as four rows of four units, 32 bytes apart. */
@inline
function turn(from: usize, bytes: usize, to: usize): void {
	const r0 = v128.load(from);
	const r1 = v128.load(from + bytes);
	const r2 = v128.load(from + 2 * bytes);
	const r3 = v128.load(from + 3 * bytes);
	const low01 = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5);
	const low23 = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5);
	const high01 = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7);
	const high23 = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7);
	v128.store(to, v128.shuffle<i64>(low01, low23, 0, 2));
	v128.store(to, v128.shuffle<i64>(low01, low23, 1, 3), 32);
	v128.store(to, v128.shuffle<i64>(high01, high23, 0, 2), 64);
	v128.store(to, v128.shuffle<i64>(high01, high23, 1, 3), 96);
}

/** The same for a panel; `room` for its rows one after the other. */
function panelBegins(model: usize, bias: usize, slots: usize, apart: usize, fours: i32, room: usize, z: usize): void {
	const bytes = <usize>fours << 4;
	for (let r: usize = 0; r < 8; r++) begin(model, bias, slots + (r << 2), apart, fours, room + r * bytes);
	for (const end = room + bytes; room < end; room += 16, z += 128) {
		turn(room, bytes, z);
		turn(room + 4 * bytes, bytes, z + 16);
	}
}

/**
 * Up to a block of rows: `data` columns of doubles `apart` bytes apart, `slots` those of categories; `h` and `z` are room for two layers,
 * and for one panel more.
 */
function block(model: usize, rows: i32, data: usize, apart: usize, slots: usize, slotsApart: usize, h: usize, z: usize, out: usize): void {
	const panels = (rows + 7) >> 3;
	let layer = <usize>load<u32>(model, 24);
	let stride = <usize>load<i32>(layer) << 5;
	for (let p = 0; p < panels; p++)
		panelNumbers(
			load<i32>(model), <usize>load<u32>(model, 4), <usize>load<u32>(model, 8), data + (<usize>p << 6), apart, h + <usize>p * stride,
		);
	let width = 0;
	for (let l = 0, layers = load<i32>(model, 20); l < layers; l++, layer += LAYER) {
		const into = load<i32>(layer);
		const fours = load<i32>(layer, 4);
		width = load<i32>(layer, 20);
		const units = <usize>fours << 7;
		let w = <usize>load<u32>(layer, 8);
		const bias = <usize>load<u32>(layer, 12);
		const begun = l == 0 && load<u32>(model, 16) > 0;
		if (begun)
			for (let p: usize = 0; p < <usize>panels; p++)
				panelBegins(model, bias, slots + (p << 5), slotsApart, fours, z + <usize>panels * units, z + p * units);
		for (let o = 0; o < fours; o++, w += <usize>into << 4) {
			const from = begun ? 0 : bias + (<usize>o << 4);
			for (let p = 0; p < panels; p++) tile(h + <usize>p * stride, w, into, from, z + <usize>p * units + (<usize>o << 7));
		}
		const a = <usize>load<u32>(layer, 16);
		if (a) for (let p = 0; p < panels; p++) panelUnits(load<i32>(model, 12), z + <usize>p * units, a, width);
		const other = h;
		h = z;
		z = other;
		stride = units;
	}
	for (let r = 0; r < rows; r++) {
		const from = h + <usize>(r >> 3) * stride + (<usize>(r & 7) << 2);
		for (let k = 0; k < width; k++, out += 4) store<f32>(out, load<f32>(from + (<usize>k << 5)));
	}
}

/** Numbers of one row, side by side. */
function rowNumbers(numbers: i32, affine: usize, periodic: usize, data: usize, h: usize): void {
	let lin = h + (<usize>numbers << 2);
	for (let c = 0; c < numbers; c++, data += 8, affine += 16, h += 4) {
		const one = f32x4.extract_lane(kept4x(f32x4.splat(<f32>((load<f64>(data) - load<f64>(affine)) * load<f64>(affine, 8)))), 0);
		store<f32>(h, one);
		if (!periodic) continue;
		const x = f32x4.splat(one);
		let sum = v128.load(periodic, 384);
		for (let k = periodic, w = periodic + 128, end = periodic + 64; k < end; k += 16, w += 64) {
			const s = cos4x(f32x4.add(f32x4.mul(x, v128.load(k)), v128.load(k, 64)));
			sum = f32x4.add(sum, f32x4.mul(f32x4.splat(f32x4.extract_lane(s, 0)), v128.load(w)));
			sum = f32x4.add(sum, f32x4.mul(f32x4.splat(f32x4.extract_lane(s, 1)), v128.load(w, 16)));
			sum = f32x4.add(sum, f32x4.mul(f32x4.splat(f32x4.extract_lane(s, 2)), v128.load(w, 32)));
			sum = f32x4.add(sum, f32x4.mul(f32x4.splat(f32x4.extract_lane(s, 3)), v128.load(w, 48)));
		}
		// The fourth number is written over by the next column, or lies behind the last.
		v128.store(lin, sum);
		lin += EMBEDDED << 2;
		periodic += PERIODIC;
	}
}

/** Thirty-two units of one row; `apart` bytes lie between the weights of one four and the next. */
function thirtyTwo(h: usize, w: usize, into: i32, apart: usize, bias: usize, z: usize): void {
	let s0 = v128.load(bias);
	let s1 = v128.load(bias, 16);
	let s2 = v128.load(bias, 32);
	let s3 = v128.load(bias, 48);
	let s4 = v128.load(bias, 64);
	let s5 = v128.load(bias, 80);
	let s6 = v128.load(bias, 96);
	let s7 = v128.load(bias, 112);
	let u = w + 4 * apart;
	for (const end = h + (<usize>into << 2); h < end; h += 4, w += 16, u += 16) {
		const v = v128.load32_splat(h);
		s0 = f32x4.add(s0, f32x4.mul(v, v128.load(w)));
		s1 = f32x4.add(s1, f32x4.mul(v, v128.load(w + apart)));
		s2 = f32x4.add(s2, f32x4.mul(v, v128.load(w + 2 * apart)));
		s3 = f32x4.add(s3, f32x4.mul(v, v128.load(w + 3 * apart)));
		s4 = f32x4.add(s4, f32x4.mul(v, v128.load(u)));
		s5 = f32x4.add(s5, f32x4.mul(v, v128.load(u + apart)));
		s6 = f32x4.add(s6, f32x4.mul(v, v128.load(u + 2 * apart)));
		s7 = f32x4.add(s7, f32x4.mul(v, v128.load(u + 3 * apart)));
	}
	v128.store(z, s0);
	v128.store(z, s1, 16);
	v128.store(z, s2, 32);
	v128.store(z, s3, 48);
	v128.store(z, s4, 64);
	v128.store(z, s5, 80);
	v128.store(z, s6, 96);
	v128.store(z, s7, 112);
}

/** Four units of one row. */
function four(h: usize, w: usize, into: i32, bias: usize, z: usize): void {
	let s = v128.load(bias);
	for (const end = h + (<usize>into << 2); h < end; h += 4, w += 16) s = f32x4.add(s, f32x4.mul(v128.load32_splat(h), v128.load(w)));
	v128.store(z, s);
}

/** Units of one row, in fours: those behind the last are nobody's. */
function rowUnits(kind: i32, z: usize, a: usize, fours: i32): void {
	for (const end = z + (<usize>fours << 4); z < end; z += 16, a += 16) {
		const share = v128.load(a);
		v128.store(z, kind == BY_SELU ? selu(v128.load(z), share) : mish(v128.load(z), share));
	}
}

/** One row: `data` its numbers, `slots` those of its categories. */
export function networkRow(model: usize, data: usize, slots: usize, h: usize, z: usize, out: usize): void {
	rowNumbers(load<i32>(model), <usize>load<u32>(model, 4), <usize>load<u32>(model, 8), data, h);
	let layer = <usize>load<u32>(model, 24);
	for (let l = 0, layers = load<i32>(model, 20); l < layers; l++, layer += LAYER) {
		const into = load<i32>(layer);
		const fours = load<i32>(layer, 4);
		const apart = <usize>into << 4;
		let w = <usize>load<u32>(layer, 8);
		let bias = <usize>load<u32>(layer, 12);
		const to = l == layers - 1 ? out : z;
		if (l == 0 && load<u32>(model, 16) > 0) {
			begin(model, bias, slots, 4, fours, to);
			bias = to;
		}
		let at = to;
		let o = 0;
		for (; o + 8 <= fours; o += 8, w += 8 * apart, bias += 128, at += 128) thirtyTwo(h, w, into, apart, bias, at);
		for (; o < fours; o++, w += apart, bias += 16, at += 16) four(h, w, into, bias, at);
		const a = <usize>load<u32>(layer, 16);
		if (a) rowUnits(load<i32>(model, 12), to, a, fours);
		const other = h;
		h = z;
		z = other;
	}
}

/**
 * Blocks of rows, by all threads that come: each takes the next block that nobody has, and room of its own to compute in.
 * `job`: number of blocks that nobody has taken, 64 bytes on the number of finished ones, 96 bytes on a bit for each room that is taken,
 * 128 bytes on: model, rows, blocks, rows a block, data, bytes between its columns, slots, bytes between those, rooms, bytes of half a room,
 * their number, out.
 * `model`, in words: numbers, their centers and factors, their waves (0: none), kind of units, categories, layers, their place, the list of
 * what categories add. A layer in words: what goes in, units in fours, weights, bias, shares of the units (0: none), units.
 */
export function network(job: usize): void {
	let room: u32 = 0;
	const rooms = load<u32>(job, 168);
	for (let taken = atomic.load<u32>(job + 96);;) {
		room = <u32>ctz(~taken);
		if (room >= rooms) return;
		const seen = atomic.cmpxchg<u32>(job + 96, taken, taken | (1 << room));
		if (seen == taken) break;
		taken = seen;
	}
	for (;;) {
		const left = atomic.sub<i32>(job, 1);
		if (left <= 0) break;
		const from = (load<u32>(job, 136) - <u32>left) * load<u32>(job, 140);
		const model = <usize>load<u32>(job, 128);
		const half = <usize>load<u32>(job, 164);
		const h = <usize>load<u32>(job, 160) + 2 * half * <usize>room;
		const last = <usize>load<u32>(model, 24) + LAYER * <usize>(load<u32>(model, 20) - 1);
		block(
			model, <i32>min<u32>(load<u32>(job, 140), load<u32>(job, 132) - from),
			<usize>load<u32>(job, 144) + (<usize>from << 3), <usize>load<u32>(job, 148),
			<usize>load<u32>(job, 152) + (<usize>from << 2), <usize>load<u32>(job, 156), h, h + half,
			<usize>load<u32>(job, 172) + ((<usize>from * <usize>load<u32>(last, 20)) << 2),
		);
		atomic.add<u32>(job + 64, 1);
		atomic.notify(job + 64, 1);
	}
	atomic.and<u32>(job + 96, ~(1 << room));
}
