// Gradients, their sums by block, and their rounding; see ../../plainKernel.ts for the same in plain TypeScript.
/** Rows summed at a time, see ../../layout.ts. */
export const BLOCK: u32 = 16384;
/** Of `exp` in ../../exp.ts: bounds, log2(e), the number that rounds, ln(2) in two parts, the coefficients from the tenth power down. */
const EXP: usize = memory.data<f64>([
	700, -700, 1.4426950408889634, 6755399441055744, 0.693147180369123816490, 1.90821492927058770002e-10,
	1.0 / 3628800.0, 1.0 / 362880.0, 1.0 / 40320.0, 1.0 / 5040.0, 1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1,
]);
/** Of `mix` in ../../random.ts, and the numbers of two neighbours, each in the lower half of 64 bits. */
const HASH: usize = memory.data<i32>([-1640531535, -1640531535, -1640531535, -1640531535, -2048144777, -2048144777, -2048144777, -2048144777, 0, 0, 1, 0], 16);
/** 2^52, 2^-16, and 16 bits of each half of 32. */
const QUANTISE: usize = memory.data<f64>([4503599627370496, 1.0 / 65536.0, reinterpret<f64>(0xffff)], 8);

@inline
function exp2x(x: v128): v128 {
	const c = f64x2.pmax(f64x2.pmin(x, v128.load64_splat(EXP)), v128.load64_splat(EXP, 8));
	// The sum has the whole number in its last bits.
	const t = f64x2.add(f64x2.mul(c, v128.load64_splat(EXP, 16)), v128.load64_splat(EXP, 24));
	const k = f64x2.sub(t, v128.load64_splat(EXP, 24));
	const r = f64x2.sub(f64x2.sub(c, f64x2.mul(k, v128.load64_splat(EXP, 32))), f64x2.mul(k, v128.load64_splat(EXP, 40)));
	let p = v128.load64_splat(EXP, 48);
	p = f64x2.add(f64x2.mul(p, r), v128.load64_splat(EXP, 56));
	p = f64x2.add(f64x2.mul(p, r), v128.load64_splat(EXP, 64));
	p = f64x2.add(f64x2.mul(p, r), v128.load64_splat(EXP, 72));
	p = f64x2.add(f64x2.mul(p, r), v128.load64_splat(EXP, 80));
	p = f64x2.add(f64x2.mul(p, r), v128.load64_splat(EXP, 88));
	p = f64x2.add(f64x2.mul(p, r), v128.load64_splat(EXP, 96));
	p = f64x2.add(f64x2.mul(p, r), v128.load64_splat(EXP, 104));
	p = f64x2.add(f64x2.mul(p, r), v128.load64_splat(EXP, 112));
	p = f64x2.add(f64x2.mul(p, r), v128.load64_splat(EXP, 120));
	p = f64x2.add(f64x2.mul(p, r), v128.load64_splat(EXP, 120));
	return f64x2.mul(p, i64x2.shl(i64x2.add(t, i64x2.splat(1023)), 52));
}

export function gradientsLogistic(score: usize, label: usize, weight: usize, gradient: usize, hessian: usize, begin: u32, end: u32): void {
	const one = v128.load64_splat(EXP, 120);
	for (let i = begin; i < end; i += 2) {
		const at = <usize>i << 3;
		// An odd last row is computed with the double behind it, which belongs to nobody's result.
		const p = f64x2.div(one, f64x2.add(one, exp2x(f64x2.neg(v128.load(score + at)))));
		let g = f64x2.sub(p, v128.load(label + at));
		let h = f64x2.mul(p, f64x2.sub(one, p));
		if (weight) {
			const w = v128.load(weight + at);
			g = f64x2.mul(g, w);
			h = f64x2.mul(h, w);
		}
		const g4 = f32x4.demote_f64x2_zero(g);
		const h4 = f32x4.demote_f64x2_zero(h);
		if (i + 1 < end) {
			v128.store64_lane(gradient + (<usize>i << 2), g4, 0);
			v128.store64_lane(hessian + (<usize>i << 2), h4, 0);
		} else {
			store<f32>(gradient + (<usize>i << 2), f32x4.extract_lane(g4, 0));
			store<f32>(hessian + (<usize>i << 2), f32x4.extract_lane(h4, 0));
		}
	}
}

export function gradientsSquared(score: usize, label: usize, weight: usize, gradient: usize, hessian: usize, begin: u32, end: u32): void {
	for (let i = begin; i < end; i++) {
		const at = <usize>i << 3;
		const w: f64 = weight ? load<f64>(weight + at) : 1;
		store<f32>(gradient + (<usize>i << 2), <f32>((load<f64>(score + at) - load<f64>(label + at)) * w));
		store<f32>(hessian + (<usize>i << 2), <f32>w);
	}
}

/** `spare` holds two doubles an output. */
export function gradientsSoftmax(
	score: usize, label: usize, weight: usize, gradient: usize, hessian: usize, begin: u32, end: u32, outputs: i32, scoresApart: usize, gradientsApart: usize, spare: usize,
): void {
	const one = v128.load64_splat(EXP, 120);
	const factor = f64x2.splat(<f64>outputs / <f64>(outputs - 1));
	for (let i = begin; i < end; i += 2) {
		const at = <usize>i << 3;
		let top = v128.load(score + at);
		for (let k = 1, from = score + scoresApart; k < outputs; k++, from += scoresApart) top = f64x2.pmax(top, v128.load(from + at));
		let sum = f64x2.splat(0);
		for (let k = 0, from = score; k < outputs; k++, from += scoresApart) {
			const p = exp2x(f64x2.sub(v128.load(from + at), top));
			v128.store(spare + (<usize>k << 4), p);
			sum = f64x2.add(sum, p);
		}
		const y = v128.load(label + at);
		const w = weight ? v128.load(weight + at) : one;
		const both = i + 1 < end;
		let own = f64x2.splat(0);
		let to = <usize>i << 2;
		for (let k = 0; k < outputs; k++, to += gradientsApart, own = f64x2.add(own, one)) {
			const q = f64x2.div(v128.load(spare + (<usize>k << 4)), sum);
			const g = f32x4.demote_f64x2_zero(f64x2.mul(f64x2.sub(q, v128.and(f64x2.eq(y, own), one)), w));
			const h = f32x4.demote_f64x2_zero(f64x2.mul(f64x2.mul(f64x2.mul(factor, q), f64x2.sub(one, q)), w));
			if (both) {
				v128.store64_lane(gradient + to, g, 0);
				v128.store64_lane(hessian + to, h, 0);
			} else {
				store<f32>(gradient + to, f32x4.extract_lane(g, 0));
				store<f32>(hessian + to, f32x4.extract_lane(h, 0));
			}
		}
	}
}

export function blockStats(gradient: usize, hessian: usize, begin: u32, end: u32, out: usize): void {
	for (let from = begin; from < end; from += BLOCK) {
		const to = min<u32>(end, from + BLOCK);
		let gSum = f64x2.splat(0);
		let hSum = f64x2.splat(0);
		let gMax = f64x2.splat(0);
		let hMax = f64x2.splat(0);
		let i = from;
		for (; i + 1 < to; i += 2) {
			const g = f64x2.abs(f64x2.promote_low_f32x4(v128.load64_zero(gradient + ((<usize>i) << 2))));
			const h = f64x2.promote_low_f32x4(v128.load64_zero(hessian + ((<usize>i) << 2)));
			gSum = f64x2.add(gSum, g);
			hSum = f64x2.add(hSum, h);
			gMax = f64x2.pmax(gMax, g);
			hMax = f64x2.pmax(hMax, h);
		}
		let g0 = f64x2.extract_lane(gSum, 0);
		let h0 = f64x2.extract_lane(hSum, 0);
		let gm = max<f64>(f64x2.extract_lane(gMax, 0), f64x2.extract_lane(gMax, 1));
		let hm = max<f64>(f64x2.extract_lane(hMax, 0), f64x2.extract_lane(hMax, 1));
		if (i < to) {
			const g = abs<f64>(<f64>load<f32>(gradient + ((<usize>i) << 2)));
			const h = <f64>load<f32>(hessian + ((<usize>i) << 2));
			g0 += g;
			h0 += h;
			gm = max<f64>(gm, g);
			hm = max<f64>(hm, h);
		}
		const at = out + <usize>(from / BLOCK) * 32;
		store<f64>(at, g0 + f64x2.extract_lane(gSum, 1));
		store<f64>(at, h0 + f64x2.extract_lane(hSum, 1), 8);
		store<f64>(at, gm, 16);
		store<f64>(at, hm, 24);
	}
}

export function quantise(rowData: usize, stride: usize, groups: i32, groupBytes: usize, gradient: usize, hessian: usize, begin: u32, end: u32, scaleG: f64, scaleH: f64, dither: i32): void {
	const sg = f64x2.splat(scaleG);
	const sh = f64x2.splat(scaleH);
	const whole = v128.load64_splat(EXP, 24);
	const seed = i32x4.splat(dither);
	let upG = f64x2.splat(0.5);
	let upH = upG;
	let at = rowData + <usize>begin * stride + stride - 4;
	let i = begin;
	for (; i + 1 < end; i += 2, at += 2 * stride) {
		const g = f64x2.promote_low_f32x4(v128.load64_zero(gradient + ((<usize>i) << 2)));
		const h = f64x2.promote_low_f32x4(v128.load64_zero(hessian + ((<usize>i) << 2)));
		if (dither) {
			const id = i32x4.add(i32x4.splat(<i32>i), v128.load(HASH, 32));
			let x = i32x4.mul(v128.xor(id, seed), v128.load(HASH));
			x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 15)), v128.load(HASH, 16));
			x = v128.xor(x, i32x4.shr_u(x, 13));
			// 16 bits each in the lower half of a lane of 64, below the exponent of 2^52, less 2^52.
			const two52 = v128.load64_splat(QUANTISE);
			upG = f64x2.mul(f64x2.sub(v128.or(v128.and(x, v128.load64_splat(QUANTISE, 16)), two52), two52), v128.load64_splat(QUANTISE, 8));
			upH = f64x2.mul(f64x2.sub(v128.or(i64x2.shr_u(i64x2.shl(x, 32), 48), two52), two52), v128.load64_splat(QUANTISE, 8));
		}
		// With `whole` added a number's last bits are its integer.
		const gi = f64x2.add(f64x2.floor(f64x2.add(f64x2.mul(g, sg), upG)), whole);
		const hr = f64x2.pmax(f64x2.floor(f64x2.add(f64x2.mul(h, sh), upH)), v128.load64_splat(EXP, 120));
		const hi = v128.and(f64x2.add(hr, whole), f64x2.gt(h, f64x2.splat(0)));
		const packed = v128.or(i32x4.shl(hi, 16), v128.and(gi, v128.load64_splat(QUANTISE, 16)));
		const a = i32x4.extract_lane(packed, 0);
		const b = i32x4.extract_lane(packed, 2);
		let to = at;
		for (let k = 0; k < groups; k++, to += groupBytes) {
			store<i32>(to, a);
			store<i32>(to + stride, b);
		}
	}
	if (i < end) {
		let x = (<i32>i ^ dither) * -1640531535;
		x = (x ^ <i32>(<u32>x >>> 15)) * -2048144777;
		x ^= <i32>(<u32>x >>> 13);
		const moreG: f64 = dither ? <f64>(x & 0xffff) / 65536 : 0.5;
		const moreH: f64 = dither ? <f64>(<u32>x >>> 16) / 65536 : 0.5;
		const h = <f64>load<f32>(hessian + ((<usize>i) << 2));
		const gi = <i32>floor<f64>(<f64>load<f32>(gradient + ((<usize>i) << 2)) * scaleG + moreG);
		const hi = h > 0 ? <i32>max<f64>(1, floor<f64>(h * scaleH + moreH)) : 0;
		for (let k = 0; k < groups; k++, at += groupBytes) store<i32>(at, (hi << 16) | (gi & 0xffff));
	}
}
