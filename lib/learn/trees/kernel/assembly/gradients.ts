// Gradients, their sums by block, and their rounding; see ../../plainKernel.ts for the same in plain TypeScript.
/** Rows summed at a time, see ../../layout.ts. */
export const BLOCK: u32 = 16384;
/** Of `exp` in ../../exp.ts: bounds, log2(e), the number that rounds, ln(2) in two parts, the coefficients from the tenth power down. */
const EXP: usize = memory.data<f64>([
	700, -700, 1.4426950408889634, 6755399441055744, 0.693147180369123816490, 1.90821492927058770002e-10,
	1.0 / 3628800.0, 1.0 / 362880.0, 1.0 / 40320.0, 1.0 / 5040.0, 1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1,
]);
/** Of `mix` in ../../random.ts; the numbers of four neighbours; 2^-16. */
const HASH: usize = memory.data<i32>([
	-1640531535, -1640531535, -1640531535, -1640531535, -2048144777, -2048144777, -2048144777, -2048144777, 0, 1, 2, 3, 0x37800000,
], 16);

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

/**
 * Of `expSingle` in ../../exp.ts: log2(e), the number that rounds, ln(2) in two parts, the coefficients from the seventh power down, the
 * bounds.
 */
const SINGLE: usize = memory.data<f32>([
	1.4426950408889634, 12582912, 0.693359375, -2.12194440e-4, 1.0 / 5040.0, 1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1, 80, -80,
]);

@inline
function exp4x(x: v128): v128 {
	const c = f32x4.pmax(f32x4.pmin(x, v128.load32_splat(SINGLE, 44)), v128.load32_splat(SINGLE, 48));
	const t = f32x4.add(f32x4.mul(c, v128.load32_splat(SINGLE)), v128.load32_splat(SINGLE, 4));
	const k = f32x4.sub(t, v128.load32_splat(SINGLE, 4));
	const r = f32x4.sub(f32x4.sub(c, f32x4.mul(k, v128.load32_splat(SINGLE, 8))), f32x4.mul(k, v128.load32_splat(SINGLE, 12)));
	let p = f32x4.add(f32x4.mul(v128.load32_splat(SINGLE, 16), r), v128.load32_splat(SINGLE, 20));
	p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(SINGLE, 24));
	p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(SINGLE, 28));
	p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(SINGLE, 32));
	p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(SINGLE, 36));
	p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(SINGLE, 40));
	p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(SINGLE, 40));
	return f32x4.mul(p, i32x4.shl(i32x4.add(t, i32x4.splat(127)), 23));
}

/** Four doubles as floats. */
@inline
function four(at: usize): v128 {
	return v128.shuffle<i64>(f32x4.demote_f64x2_zero(v128.load(at)), f32x4.demote_f64x2_zero(v128.load(at, 16)), 0, 2);
}

export function gradientsLogistic(score: usize, label: usize, weight: usize, gradient: usize, hessian: usize, begin: u32, end: u32): void {
	const one = v128.load32_splat(SINGLE, 40);
	for (let i = begin; i < end; i += 4) {
		// The last rows are computed with what lies behind them, which belongs to nobody's result.
		const at = <usize>i << 3;
		const e = exp4x(f32x4.neg(four(score + at)));
		const p = f32x4.div(one, f32x4.add(one, e));
		let g = f32x4.sub(p, four(label + at));
		let h = f32x4.mul(f32x4.mul(e, p), p);
		if (weight) {
			const w = four(weight + at);
			g = f32x4.mul(g, w);
			h = f32x4.mul(h, w);
		}
		const to = <usize>i << 2;
		if (i + 3 < end) {
			v128.store(gradient + to, g);
			v128.store(hessian + to, h);
		} else {
			for (let k = i; k < end; k++) {
				store<f32>(gradient + (<usize>k << 2), f32x4.extract_lane(g, 0));
				store<f32>(hessian + (<usize>k << 2), f32x4.extract_lane(h, 0));
				g = v128.shuffle<i32>(g, g, 1, 2, 3, 0);
				h = v128.shuffle<i32>(h, h, 1, 2, 3, 0);
			}
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
	score: usize, label: usize, weight: usize, gradient: usize, hessian: usize, begin: u32, end: u32, outputs: i32,
	scoresApart: usize, gradientsApart: usize, spare: usize,
): void {
	const one = v128.load64_splat(EXP, 120);
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
			const h = f32x4.demote_f64x2_zero(f64x2.mul(f64x2.mul(q, f64x2.sub(one, q)), w));
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

export function quantise(
	rowData: usize, stride: usize, groups: i32, groupBytes: usize, gradient: usize, hessian: usize, begin: u32, end: u32, scaleG: f64,
	scaleH: f64, dither: i32,
): void {
	const sg = f32x4.splat(<f32>scaleG);
	const sh = f32x4.splat(<f32>scaleH);
	const whole = v128.load32_splat(SINGLE, 4);
	const seed = i32x4.splat(dither);
	const lower = i32x4.splat(0xffff);
	let upG = f32x4.splat(0.5);
	let upH = upG;
	const least = f32x4.splat(dither ? 0 : 1);
	let at = rowData + <usize>begin * stride + stride - 4;
	for (let i = begin; i < end; i += 4, at += 4 * stride) {
		const g = v128.load(gradient + ((<usize>i) << 2));
		const h = v128.load(hessian + ((<usize>i) << 2));
		if (dither) {
			let x = i32x4.mul(v128.xor(i32x4.add(i32x4.splat(<i32>i), v128.load(HASH, 32)), seed), v128.load(HASH));
			x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 15)), v128.load(HASH, 16));
			x = v128.xor(x, i32x4.shr_u(x, 13));
			// 16 bits are whole numbers below 2^16, which a float holds.
			upG = f32x4.mul(f32x4.convert_i32x4_s(v128.and(x, lower)), v128.load32_splat(HASH, 48));
			upH = f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_u(x, 16)), v128.load32_splat(HASH, 48));
		}
		// With `whole` added a number's last bits are its integer.
		const gi = f32x4.add(f32x4.floor(f32x4.add(f32x4.mul(g, sg), upG)), whole);
		const hr = f32x4.pmax(f32x4.floor(f32x4.add(f32x4.mul(h, sh), upH)), least);
		const hi = v128.and(f32x4.add(hr, whole), f32x4.gt(h, f32x4.splat(0)));
		const packed = v128.or(i32x4.shl(hi, 16), v128.and(gi, lower));
		const rows = min<u32>(4, end - i);
		let to = at;
		for (let k = 0; k < groups; k++, to += groupBytes) {
			if (rows == 4) {
				v128.store32_lane(to, packed, 0);
				v128.store32_lane(to + stride, packed, 1);
				v128.store32_lane(to + 2 * stride, packed, 2);
				v128.store32_lane(to + 3 * stride, packed, 3);
			} else {
				let rest = packed;
				for (let row: u32 = 0; row < rows; row++) {
					v128.store32_lane(to + <usize>row * stride, rest, 0);
					rest = v128.shuffle<i32>(rest, rest, 1, 2, 3, 0);
				}
			}
		}
	}
}
