import { ScanIn } from './kernelContract.js';
import { shrink } from './plainKernel.js';

/**
 * What a kernel's `scanNumber` does (same arguments, `cells`, `input` and `out` as places in their arrays), but of all borders between the
 * lowest and the highest value of the leaf one alone, drawn at random, is tried (Geurts, Ernst and Wehenkel 2006); missing values on both
 * of its sides.
 * @param draw 32 bits of chance
 */
export function scanAtRandom(
	{ u32, i32, f64 }: { u32: Uint32Array; i32: Int32Array; f64: Float64Array },
	cells: number,
	bins: number,
	monotone: number,
	input: number,
	out: number,
	draw: number,
): void {
	f64[out + 1] = -1;
	const filled = (b: number): boolean => u32[cells + 2 * b] > 0;
	let low = 1;
	let high = bins;
	while (low < bins && !filled(low)) low++;
	while (high > low && !filled(high)) high--;
	// Of a column without missing values this bin is empty. With them on the right, "all known values left" is a split too.
	const gaps = filled(0);
	const borders = high - low + Number(gaps);
	if (borders < 1 || !filled(low)) return;
	const bin = low + Math.floor((draw / 2 ** 32) * borders);
	let g = 0;
	let h = 0;
	for (let b = low; b <= bin; b++) {
		g += i32[cells + 2 * b + 1];
		h += u32[cells + 2 * b];
	}
	let best = f64[input + ScanIn.minGain];
	for (let direction = 0; direction <= Number(gaps && bin < high); direction++) {
		if (direction) {
			g += i32[cells + 1];
			h += u32[cells];
		}
		if (h < f64[input + ScanIn.leastLeft] || h > f64[input + ScanIn.mostLeft]) continue;
		const gain = gainOf(f64, g, h, monotone, input);
		if (!(gain > best)) continue;
		best = gain;
		f64.set([gain, bin, direction, g, h], out);
	}
}

/** Gain of a split whose left side has these integer sums. */
function gainOf(f64: Float64Array, g: number, h: number, monotone: number, input: number): number {
	const unitG = f64[input + ScanIn.unitG];
	const unitH = f64[input + ScanIn.unitH];
	const l1 = f64[input + ScanIn.lambda1];
	const l2 = f64[input + ScanIn.lambda2];
	const gl = shrink(g * unitG, l1);
	const gr = shrink((f64[input + ScanIn.g] - g) * unitG, l1);
	const hl = h * unitH + l2;
	const hr = (f64[input + ScanIn.h] - h) * unitH + l2;
	const lowest = f64[input + ScanIn.low];
	const highest = f64[input + ScanIn.high];
	if (monotone === 0 && lowest === -Infinity && highest === Infinity) return (gl * gl) / hl + (gr * gr) / hr;
	const left = Math.min(highest, Math.max(lowest, -gl / hl));
	const right = Math.min(highest, Math.max(lowest, -gr / hr));
	if (monotone > 0 ? left > right : monotone < 0 && left < right) return -Infinity;
	return -(2 * gl * left + hl * left * left) - (2 * gr * right + hr * right * right);
}
