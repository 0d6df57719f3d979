// The kernel's loops over memory that the host lays out; see ../../kernelContract.ts for what each does and ../../plainKernel.ts for the same in plain TypeScript.
// No allocation, no global state: several threads run this code on one shared memory.
import { histogram } from './histograms';
export { histogram };
export { run, waitFor } from './jobs';
export { predict } from './predict';
export { forestBegin, forestGrow } from './forest';

const BLOCK: u32 = 16384;

export function fillRows(columns: usize, total: usize, features: i32, rowData: usize, stride: usize, begin: u32, end: u32): void {
	for (let from = begin; from < end; from += 256) {
		const to = min<u32>(end, from + 256);
		for (let f = 0; f < features; f++) {
			const column = columns + <usize>f * total;
			let at = rowData + <usize>from * stride + f;
			for (let i = from; i < to; i++, at += stride) store<u8>(at, load<u8>(column + i));
		}
	}
}

export function identity(index: usize, begin: u32, end: u32): void {
	for (let i = begin; i < end; i++) store<u32>(index + ((<usize>i) << 2), i);
}

export function clear(at: usize, bytes: usize): void {
	memory.fill(at, 0, bytes);
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
			gMax = f64x2.max(gMax, g);
			hMax = f64x2.max(hMax, h);
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
	let upG = f64x2.splat(0.5);
	let upH = upG;
	const unit = f64x2.splat(1.0 / 65536.0);
	const one = f64x2.splat(1);
	const zero = f64x2.splat(0);
	let at = rowData + <usize>begin * stride + stride - 4;
	let i = begin;
	for (; i + 1 < end; i += 2, at += 2 * stride) {
		const g = f64x2.promote_low_f32x4(v128.load64_zero(gradient + ((<usize>i) << 2)));
		const h = f64x2.promote_low_f32x4(v128.load64_zero(hessian + ((<usize>i) << 2)));
		if (dither) {
			const id = i32x4.replace_lane(i32x4.splat(<i32>i), 1, <i32>i + 1);
			let x = i32x4.mul(v128.xor(id, i32x4.splat(dither)), i32x4.splat(-1640531535));
			x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 15)), i32x4.splat(-2048144777));
			x = v128.xor(x, i32x4.shr_u(x, 13));
			upG = f64x2.mul(f64x2.convert_low_i32x4_u(v128.and(x, i32x4.splat(0xffff))), unit);
			upH = f64x2.mul(f64x2.convert_low_i32x4_u(i32x4.shr_u(x, 16)), unit);
		}
		const gi = i32x4.trunc_sat_f64x2_s_zero(f64x2.floor(f64x2.add(f64x2.mul(g, sg), upG)));
		const hr = f64x2.max(one, f64x2.floor(f64x2.add(f64x2.mul(h, sh), upH)));
		const hi = i32x4.trunc_sat_f64x2_s_zero(v128.and(hr, f64x2.gt(h, zero)));
		const packed = v128.or(i32x4.shl(hi, 16), v128.and(gi, i32x4.splat(0xffff)));
		const a = i32x4.extract_lane(packed, 0);
		const b = i32x4.extract_lane(packed, 1);
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

export function histogramWide(cells: usize, codes: usize, codeBytes: i32, rowData: usize, stride: usize, index: usize, begin: u32, end: u32): void {
	const gh = rowData + stride - 4;
	for (let l = index + ((<usize>begin) << 2), stop = index + ((<usize>end) << 2); l < stop; l += 4) {
		const r = <usize>load<u32>(l);
		const packed = load<i32>(gh + r * stride);
		const code = codeBytes == 2 ? <usize>load<u16>(codes + (r << 1)) : codeBytes == 4 ? <usize>load<u32>(codes + (r << 2)) : <usize>load<u8>(codes + r);
		const at = cells + (code << 3);
		store<i64>(at, load<i64>(at) + (<i64>((packed << 16) >> 16) << 32) + <i64>(<u32>packed >>> 16));
	}
}

export function histogramSparse(cells: usize, starts: usize, entries: usize, rowData: usize, stride: usize, index: usize, begin: u32, end: u32, sum: usize): void {
	const gh = rowData + stride - 4;
	let all: i64 = 0;
	for (let l = index + ((<usize>begin) << 2), stop = index + ((<usize>end) << 2); l < stop; l += 4) {
		const r = <usize>load<u32>(l);
		const packed = load<i32>(gh + r * stride);
		const add = (<i64>((packed << 16) >> 16) << 32) + <i64>(<u32>packed >>> 16);
		all += add;
		const list = starts + (r << 2);
		for (let e = entries + (<usize>load<u32>(list) << 2), last = entries + (<usize>load<u32>(list, 4) << 2); e < last; e += 4) {
			const at = cells + <usize>load<u32>(e);
			store<i64>(at, load<i64>(at) + add);
		}
	}
	store<i64>(sum, load<i64>(sum) + all);
}

/** Gives the bin that no list names what is left of `sum`. */
export function complete(cells: usize, size: i32, common: i32, sum: i64): void {
	store<i64>(cells + (<usize>common << 3), 0);
	for (let at = cells, stop = cells + (<usize>size << 3); at < stop; at += 8) sum -= load<i64>(at);
	store<i64>(cells + (<usize>common << 3), sum);
}

export function partition(index: usize, spare: usize, begin: u32, end: u32, codes: usize, codeBytes: i32, lut: usize): u32 {
	const start = index + ((<usize>begin) << 2);
	const stop = index + ((<usize>end) << 2);
	let left = start;
	const keep = spare + ((<usize>begin) << 2);
	let right = keep;
	if (codeBytes == 1) {
		for (let l = start; l < stop; l += 4) {
			const r = load<u32>(l);
			const goes = <usize>load<u8>(lut + <usize>load<u8>(codes + r));
			store<u32>(left, r);
			store<u32>(right, r);
			left += goes << 2;
			right += 4 - (goes << 2);
		}
	} else {
		for (let l = start; l < stop; l += 4) {
			const r = load<u32>(l);
			const code = codeBytes == 2 ? <usize>load<u16>(codes + ((<usize>r) << 1)) : <usize>load<u32>(codes + ((<usize>r) << 2));
			const goes = <usize>load<u8>(lut + code);
			store<u32>(left, r);
			store<u32>(right, r);
			left += goes << 2;
			right += 4 - (goes << 2);
		}
	}
	memory.copy(left, keep, right - keep);
	return <u32>((left - start) >> 2);
}

export function merge(to: usize, from: usize, apart: usize, count: i32, begin: usize, end: usize): void {
	for (let k = 0; k < count; k++, from += apart) {
		for (let at = begin; at < end; at += 16) v128.store(to + at, i64x2.add(v128.load(to + at), v128.load(from + at)));
	}
}

export function subtract(large: usize, small: usize, begin: usize, end: usize): void {
	for (let at = begin; at < end; at += 16) v128.store(large + at, i64x2.sub(v128.load(large + at), v128.load(small + at)));
}

@inline
function shrink(g: f64, l1: f64): f64 {
	return l1 == 0 ? g : g > l1 ? g - l1 : g < -l1 ? g + l1 : 0;
}

export function scanNumber(cells: usize, bins: i32, missing: i32, monotone: i32, input: usize, out: usize): void {
	const G = load<f64>(input);
	const H = load<f64>(input, 8);
	const unitG = load<f64>(input, 16);
	const unitH = load<f64>(input, 24);
	const l1 = load<f64>(input, 32);
	const l2 = load<f64>(input, 40);
	const leastLeft = load<f64>(input, 48);
	const mostLeft = load<f64>(input, 56);
	const low = load<f64>(input, 72);
	const high = load<f64>(input, 80);
	const bounded = monotone != 0 || low > -Infinity || high < Infinity;
	let best = load<f64>(input, 64);
	let bestBin = -1;
	let bestLeft = 0;
	let bestG: f64 = 0;
	let bestH: f64 = 0;
	for (let direction = 0; direction <= missing; direction++) {
		// A running cell: the sum of gradients above the sum of hessians, as in the histogram.
		let sum: i64 = direction ? load<i64>(cells) : 0;
		const last = missing && !direction ? bins : bins - 1;
		let cell = cells;
		let b = 1;
		if (!bounded && l1 == 0) {
			// Two bins at a time, with the operations of the loop below.
			const G2 = f64x2.splat(G);
			const H2 = f64x2.splat(H);
			const unitG2 = f64x2.splat(unitG);
			const unitH2 = f64x2.splat(unitH);
			const l22 = f64x2.splat(l2);
			const least2 = f64x2.splat(leastLeft);
			const most2 = f64x2.splat(mostLeft);
			let best2 = f64x2.splat(best);
			for (; b < last; b += 2) {
				const pair = v128.load(cell, 8);
				cell += 16;
				// Empty bins move no row to the left, so they make no split that was not seen before.
				if (b > 1 && !v128.any_true(pair)) continue;
				const sums = i64x2.add(i64x2.add(pair, i64x2.splat(sum)), v128.shuffle<i64>(i64x2.splat(0), pair, 0, 2));
				sum = i64x2.extract_lane(sums, 1);
				const h2 = f64x2.convert_low_i32x4_u(v128.shuffle<i32>(sums, sums, 0, 2, 0, 2));
				const fits = v128.and(f64x2.ge(h2, least2), f64x2.le(h2, most2));
				if (!v128.any_true(fits)) {
					if (f64x2.extract_lane(h2, 0) > mostLeft) break;
					continue;
				}
				const g2 = f64x2.convert_low_i32x4_s(v128.shuffle<i32>(sums, sums, 1, 3, 1, 3));
				const gl = f64x2.mul(g2, unitG2);
				const gr = f64x2.mul(f64x2.sub(G2, g2), unitG2);
				const gain2 = f64x2.add(
					f64x2.div(f64x2.mul(gl, gl), f64x2.add(f64x2.mul(h2, unitH2), l22)),
					f64x2.div(f64x2.mul(gr, gr), f64x2.add(f64x2.mul(f64x2.sub(H2, h2), unitH2), l22)));
				const better = i64x2.bitmask(v128.and(fits, f64x2.gt(gain2, best2)));
				if (!better) continue;
				const gain0 = f64x2.extract_lane(gain2, 0);
				const gain1 = f64x2.extract_lane(gain2, 1);
				const second = (better & 2) != 0 && (!(better & 1) || gain1 > gain0);
				best = second ? gain1 : gain0;
				bestG = second ? f64x2.extract_lane(g2, 1) : f64x2.extract_lane(g2, 0);
				bestH = second ? f64x2.extract_lane(h2, 1) : f64x2.extract_lane(h2, 0);
				bestBin = second ? b + 1 : b;
				bestLeft = direction;
				best2 = f64x2.splat(best);
			}
		}
		let h = <f64><u32>sum;
		let g = <f64><i32>(sum >> 32);
		for (; b <= last; b++) {
			cell += 8;
			g += <f64>load<i32>(cell, 4);
			h += <f64>load<u32>(cell);
			if (h < leastLeft) continue;
			if (h > mostLeft) break;
			const leftHessian = h * unitH;
			const rightHessian = (H - h) * unitH;
			const gl = shrink(g * unitG, l1);
			const gr = shrink((G - g) * unitG, l1);
			let gain: f64;
			if (!bounded) gain = (gl * gl) / (leftHessian + l2) + (gr * gr) / (rightHessian + l2);
			else {
				const left = min<f64>(high, max<f64>(low, -gl / (leftHessian + l2)));
				const right = min<f64>(high, max<f64>(low, -gr / (rightHessian + l2)));
				if (monotone > 0 ? left > right : monotone < 0 && left < right) continue;
				gain = -(2 * gl * left + (leftHessian + l2) * left * left) - (2 * gr * right + (rightHessian + l2) * right * right);
			}
			if (gain > best) {
				best = gain;
				bestBin = b;
				bestLeft = direction;
				bestG = g;
				bestH = h;
			}
		}
	}
	store<f64>(out, best);
	store<f64>(out, <f64>bestBin, 8);
	store<f64>(out, <f64>bestLeft, 16);
	store<f64>(out, bestG, 24);
	store<f64>(out, bestH, 32);
}

export function addScore(score: usize, index: usize, begin: u32, end: u32, value: f64): void {
	for (let l = index + ((<usize>begin) << 2), stop = index + ((<usize>end) << 2); l < stop; l += 4) {
		const at = score + ((<usize>load<u32>(l)) << 3);
		store<f64>(at, load<f64>(at) + value);
	}
}

const LOG2E: f64 = 1.4426950408889634;
const LN2_HIGH: f64 = 0.693147180369123816490;
const LN2_LOW: f64 = 1.90821492927058770002e-10;

@inline
function exp2x(x: v128): v128 {
	const top = f64x2.splat(700);
	const low = f64x2.splat(-700);
	const c = f64x2.max(low, f64x2.min(top, x));
	const k = f64x2.floor(f64x2.add(f64x2.mul(c, f64x2.splat(LOG2E)), f64x2.splat(0.5)));
	const r = f64x2.sub(f64x2.sub(c, f64x2.mul(k, f64x2.splat(LN2_HIGH))), f64x2.mul(k, f64x2.splat(LN2_LOW)));
	let p = f64x2.splat(1.0 / 3628800.0);
	p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 362880.0));
	p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 40320.0));
	p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 5040.0));
	p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 720.0));
	p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 120.0));
	p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 24.0));
	p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 6.0));
	p = f64x2.add(f64x2.mul(p, r), f64x2.splat(0.5));
	p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1));
	p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1));
	const power = i64x2.shl(i64x2.add(i64x2.extend_low_i32x4_s(i32x4.trunc_sat_f64x2_s_zero(k)), i64x2.splat(1023)), 52);
	return f64x2.mul(p, power);
}

export function gradientsLogistic(score: usize, label: usize, weight: usize, gradient: usize, hessian: usize, begin: u32, end: u32): void {
	const one = f64x2.splat(1);
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
