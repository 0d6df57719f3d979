import type { Arena } from './arena.js';
import { expSingle } from './exp.js';
import type { Kernel } from './kernelContract.js';
import { BLOCK } from './layout.js';
import { softmax } from './losses/softmax.js';

/** A gain below this share of what the leaf has anyway is rounding. */
const NIL = 2 ** -40;

const { fround } = Math;

/** The kernel in plain TypeScript: runs everywhere, and is what the WASM kernel is compared with. */
// eslint-disable-next-line max-lines-per-function -- the loops of the kernel over one memory
export function plainKernel({ u8, u16, i32, u32, f32, f64 }: Arena): Kernel {
	const codesOf = (codeBytes: number) => (codeBytes === 1 ? u8 : codeBytes === 2 ? u16 : u32);
	return {
		fillRows(columns, total, features, rowData, stride, begin, end) {
			for (let from = begin; from < end; from += 512) {
				const to = Math.min(end, from + 512);
				for (let f = 0; f < features; f++) {
					const column = columns + f * total;
					for (let i = from, at = rowData + from * stride + f; i < to; i++, at += stride) u8[at] = u8[column + i];
				}
			}
		},
		identity(index, begin, end) {
			const at = index >>> 2;
			for (let i = begin; i < end; i++) u32[at + i] = i;
		},
		blockStats(gradient, hessian, begin, end, out) {
			const gs = gradient >>> 2;
			const hs = hessian >>> 2;
			for (let from = begin; from < end; from += BLOCK) {
				const to = Math.min(end, from + BLOCK);
				const g = [0, 0];
				const h = [0, 0];
				let gMax = 0;
				let hMax = 0;
				for (let i = from; i < to; i++) {
					const a = Math.abs(f32[gs + i]);
					const b = f32[hs + i];
					g[i & 1] += a;
					h[i & 1] += b;
					if (a > gMax) gMax = a;
					if (b > hMax) hMax = b;
				}
				const at = (out >>> 3) + Math.floor(from / BLOCK) * 4;
				f64[at] = g[0] + g[1];
				f64[at + 1] = h[0] + h[1];
				f64[at + 2] = gMax;
				f64[at + 3] = hMax;
			}
		},
		quantise(rowData, stride, groups, groupBytes, gradient, hessian, begin, end, scaleG, scaleH, dither) {
			const gs = gradient >>> 2;
			const hs = hessian >>> 2;
			const sg = fround(scaleG);
			const sh = fround(scaleH);
			for (let i = begin; i < end; i++) {
				let upG = 0.5;
				let upH = 0.5;
				if (dither) {
					let x = Math.imul(i ^ dither, -1640531535);
					x = Math.imul(x ^ (x >>> 15), -2048144777);
					x ^= x >>> 13;
					upG = (x & 0xffff) / 65536;
					upH = (x >>> 16) / 65536;
				}
				const g = Math.floor(fround(fround(f32[gs + i] * sg) + upG));
				const hf = f32[hs + i];
				// The number of rows in a leaf is estimated from its hessian: a row that counts never rounds to none, unless by chance, which evens
				// out.
				const h = hf > 0 ? Math.max(dither ? 0 : 1, Math.floor(fround(fround(hf * sh) + upH))) : 0;
				const packed = (h << 16) | (g & 0xffff);
				for (let k = 0, at = rowData + i * stride + stride - 4; k < groups; k++, at += groupBytes) i32[at >>> 2] = packed;
			}
		},
		clear(at, bytes) {
			u8.fill(0, at, at + bytes);
		},
		histogram(cells, rowData, stride, features, index, begin, end) {
			const hist = cells >>> 2;
			const at = index >>> 2;
			for (let i = begin; i < end; i++) {
				const row = rowData + u32[at + i] * stride;
				const packed = i32[(row + stride - 4) >>> 2];
				const g = (packed << 16) >> 16;
				const h = packed >>> 16;
				for (let f = 0; f < features; f++) {
					const cell = hist + (f << 9) + (u8[row + f] << 1);
					i32[cell] += h;
					i32[cell + 1] += g;
				}
			}
		},
		histogramWide(cells, codes, codeBytes, rowData, stride, index, begin, end) {
			const hist = cells >>> 2;
			const at = index >>> 2;
			const bins = codesOf(codeBytes);
			const first = codes / codeBytes;
			for (let i = begin; i < end; i++) {
				const r = u32[at + i];
				const packed = i32[(rowData + r * stride + stride - 4) >>> 2];
				const cell = hist + (bins[first + r] << 1);
				i32[cell] += packed >>> 16;
				i32[cell + 1] += (packed << 16) >> 16;
			}
		},
		histogramSparse(cells, starts, entries, rowData, stride, index, begin, end, sum) {
			for (let i = (index >>> 2) + begin; i < (index >>> 2) + end; i++) {
				const r = u32[i];
				const packed = i32[(rowData + r * stride + stride - 4) >>> 2];
				const g = (packed << 16) >> 16;
				const h = packed >>> 16;
				i32[sum >>> 2] += h;
				i32[(sum >>> 2) + 1] += g;
				const last = (entries >>> 2) + u32[(starts >>> 2) + r + 1];
				for (let e = (entries >>> 2) + u32[(starts >>> 2) + r]; e < last; e++) {
					const cell = (cells + u32[e]) >>> 2;
					i32[cell] += h;
					i32[cell + 1] += g;
				}
			}
		},
		complete(cells, size, common, sumG, sumH) {
			const first = cells >>> 2;
			i32[first + 2 * common] = 0;
			i32[first + 2 * common + 1] = 0;
			for (let b = 0; b < size; b++) {
				if (b === common) continue;
				sumH -= u32[first + 2 * b];
				sumG -= i32[first + 2 * b + 1];
			}
			u32[first + 2 * common] = sumH;
			i32[first + 2 * common + 1] = sumG;
		},
		partition(index, spare, begin, end, codes, codeBytes, lut) {
			const at = index >>> 2;
			const other = spare >>> 2;
			const bins = codesOf(codeBytes);
			const first = codes / codeBytes;
			let left = at + begin;
			let right = other + begin;
			for (let i = at + begin; i < at + end; i++) {
				const r = u32[i];
				const goes = u8[lut + bins[first + r]];
				u32[left] = r;
				u32[right] = r;
				left += goes;
				right += 1 - goes;
			}
			u32.copyWithin(left, other + begin, right);
			return left - at - begin;
		},
		countRows(counts, index, begin, end) {
			if (!counts) return end - begin;
			let sum = 0;
			for (let i = (index >>> 2) + begin; i < (index >>> 2) + end; i++) sum += u16[(counts >>> 1) + u32[i]];
			return sum;
		},
		subtract(large, small, begin, end) {
			for (let at = begin >>> 2; at < end >>> 2; at++) i32[(large >>> 2) + at] -= i32[(small >>> 2) + at];
		},
		scanNumber(cells, bins, missing, monotone, input, out) {
			scanNumber(u32, i32, f64, cells >>> 2, bins, missing, monotone, input >>> 3, out >>> 3);
		},
		addScore(score, index, begin, end, value) {
			const scores = score >>> 3;
			const at = index >>> 2;
			for (let i = at + begin; i < at + end; i++) f64[scores + u32[i]] += value;
		},
		gradientsLogistic(score, label, weight, gradient, hessian, begin, end) {
			for (let i = begin; i < end; i++) {
				// p (1 - p) as e p p: 1 - p would have no digits left where p is near 1.
				const e = expSingle(-fround(f64[(score >>> 3) + i]));
				const p = fround(1 / fround(1 + e));
				const w = weight ? fround(f64[(weight >>> 3) + i]) : 1;
				f32[(gradient >>> 2) + i] = fround(p - fround(f64[(label >>> 3) + i])) * w;
				f32[(hessian >>> 2) + i] = fround(fround(e * p) * p) * w;
			}
		},
		gradientsSoftmax(score, label, weight, gradient, hessian, begin, end, outputs, scoresApart, gradientsApart) {
			const doubles = (at: number) => f64.subarray((at >>> 3) + begin, (at >>> 3) + end);
			const each = <T>(of: (output: number) => T) => Array.from({ length: outputs }, (_, k) => of(k));
			const floats = (at: number) =>
				each((k) => f32.subarray(((at + k * gradientsApart) >>> 2) + begin, ((at + k * gradientsApart) >>> 2) + end));
			const rows = {
				rows: end - begin,
				score: each((k) => doubles(score + k * scoresApart)),
				y: doubles(label),
				weight: weight ? doubles(weight) : undefined,
			};
			softmax.gradients(rows, floats(gradient), floats(hessian));
		},
		gradientsSquared(score, label, weight, gradient, hessian, begin, end) {
			for (let i = begin; i < end; i++) {
				const w = weight ? f64[(weight >>> 3) + i] : 1;
				f32[(gradient >>> 2) + i] = (f64[(score >>> 3) + i] - f64[(label >>> 3) + i]) * w;
				f32[(hessian >>> 2) + i] = w;
			}
		},
	};
}

function scanNumber(
	u32: Uint32Array,
	i32: Int32Array,
	f64: Float64Array,
	cells: number,
	bins: number,
	missing: number,
	monotone: number,
	input: number,
	out: number,
): void {
	const G = f64[input];
	const H = f64[input + 1];
	const unitG = f64[input + 2];
	const unitH = f64[input + 3];
	const l1 = f64[input + 4];
	const l2 = f64[input + 5];
	const leastLeft = f64[input + 6];
	const mostLeft = f64[input + 7];
	const low = f64[input + 9];
	const high = f64[input + 10];
	const bounded = monotone !== 0 || low > -Infinity || high < Infinity;
	// With T = L + R, g²/L + (G-g)²/R = (G² + (gT - GL)² / (LR)) / T. So in the common case a split is compared in whole units and without
	// a division: over > best * under. Only what passes is divided.
	const fast = !bounded && l1 === 0;
	const unit = (unitG * unitG) / unitH;
	const lambda = l2 / unitH;
	const T = H + 2 * lambda;
	const own = (G * G) / T;
	let best = fast ? Math.max((f64[input + 8] / unit - own) * T, G * G * NIL) : f64[input + 8];
	let bestBin = -1;
	let bestLeft = 0;
	let bestG = 0;
	let bestH = 0;
	for (let direction = 0; direction <= missing; direction++) {
		let g = direction ? i32[cells + 1] : 0;
		let h = direction ? u32[cells] : 0;
		// With missing values on the right, "all known values left" is a split too.
		const last = missing && !direction ? bins : bins - 1;
		for (let b = 1; b <= last; b++) {
			const cell = cells + (b << 1);
			g += i32[cell + 1];
			h += u32[cell];
			if (h < leastLeft) continue;
			if (h > mostLeft) break;
			let gain: number;
			if (fast) {
				const left = h + lambda;
				const apart = g * T - G * left;
				const over = apart * apart;
				const under = left * (T - left);
				if (!(over > best * under)) continue;
				gain = over / under;
			} else {
				const leftHessian = h * unitH;
				const rightHessian = (H - h) * unitH;
				const gl = shrink(g * unitG, l1);
				const gr = shrink((G - g) * unitG, l1);
				if (!bounded) gain = (gl * gl) / (leftHessian + l2) + (gr * gr) / (rightHessian + l2);
				else {
					const left = Math.min(high, Math.max(low, -gl / (leftHessian + l2)));
					const right = Math.min(high, Math.max(low, -gr / (rightHessian + l2)));
					if (monotone > 0 ? left > right : monotone < 0 && left < right) continue;
					gain = -(2 * gl * left + (leftHessian + l2) * left * left) - (2 * gr * right + (rightHessian + l2) * right * right);
				}
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
	f64[out] = fast ? unit * (own + best / T) : best;
	f64[out + 1] = bestBin;
	f64[out + 2] = bestLeft;
	f64[out + 3] = bestG;
	f64[out + 4] = bestH;
}

/** Soft threshold: the gradient sum after L1. */
export const shrink = (g: number, l1: number): number => (l1 === 0 ? g : g > l1 ? g - l1 : g < -l1 ? g + l1 : 0);
