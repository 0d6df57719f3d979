// The kernel's loops over memory that the host lays out; see ../../kernelContract.ts for what each does and ../../plainKernel.ts for the
// same in plain TypeScript. No allocation, no global state: several threads run this code on one shared memory.
export { histogram } from './histograms';
export { blockStats, gradientsLogistic, gradientsSoftmax, gradientsSquared, quantise } from './gradients';
export { scanNumber } from './scan';
export { run, waitFor } from './jobs';
export { predict } from './predict';
export { network, networkRow } from './network';
export { forestBegin, forestGrow } from './forest';

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

/**
 * Bins of the numbers `source[begin..end]` (doubles or, with 4 `bytes`, floats) by 256 ascending borders, those to spare infinite: eight
 * halvings without a branch. 0 for NaN. Answers the first row with an infinite number, or -1.
 */
export function binNumbers(source: usize, bytes: i32, borders: usize, out: usize, begin: u32, end: u32): i32 {
	let infinite = -1;
	for (let i = begin; i < end; i++) {
		const v = bytes == 4 ? <f64>load<f32>(source + (<usize>i << 2)) : load<f64>(source + (<usize>i << 3));
		if (abs(v) == Infinity && infinite < 0) infinite = i;
		let at = borders;
		at += <usize>(load<f64>(at, 1016) < v) << 10;
		at += <usize>(load<f64>(at, 504) < v) << 9;
		at += <usize>(load<f64>(at, 248) < v) << 8;
		at += <usize>(load<f64>(at, 120) < v) << 7;
		at += <usize>(load<f64>(at, 56) < v) << 6;
		at += <usize>(load<f64>(at, 24) < v) << 5;
		at += <usize>(load<f64>(at, 8) < v) << 4;
		at += <usize>(load<f64>(at) < v) << 3;
		store<u8>(out + i, v == v ? ((at - borders) >> 3) + 1 : 0);
	}
	return infinite;
}

export function identity(index: usize, begin: u32, end: u32): void {
	for (let i = begin; i < end; i++) store<u32>(index + ((<usize>i) << 2), i);
}

export function clear(at: usize, bytes: usize): void {
	memory.fill(at, 0, bytes);
}

export function histogramWide(
	cells: usize, codes: usize, codeBytes: i32, rowData: usize, stride: usize, index: usize, begin: u32, end: u32,
): void {
	const gh = rowData + stride - 4;
	for (let l = index + ((<usize>begin) << 2), stop = index + ((<usize>end) << 2); l < stop; l += 4) {
		const r = <usize>load<u32>(l);
		const packed = load<i32>(gh + r * stride);
		const code = codeBytes == 2 ? <usize>load<u16>(codes + (r << 1))
			: codeBytes == 4 ? <usize>load<u32>(codes + (r << 2))
			: <usize>load<u8>(codes + r);
		const at = cells + (code << 3);
		store<i64>(at, load<i64>(at) + (<i64>((packed << 16) >> 16) << 32) + <i64>(<u32>packed >>> 16));
	}
}

export function histogramSparse(
	cells: usize, starts: usize, entries: usize, rowData: usize, stride: usize, index: usize, begin: u32, end: u32, sum: usize,
): void {
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

export function countRows(counts: usize, index: usize, begin: u32, end: u32): u32 {
	if (!counts) return end - begin;
	let sum: u32 = 0;
	for (let l = index + ((<usize>begin) << 2), stop = index + ((<usize>end) << 2); l < stop; l += 4)
		sum += <u32>load<u16>(counts + ((<usize>load<u32>(l)) << 1));
	return sum;
}

export function merge(to: usize, from: usize, apart: usize, count: i32, begin: usize, end: usize): void {
	for (let k = 0; k < count; k++, from += apart) {
		for (let at = begin; at < end; at += 16) v128.store(to + at, i64x2.add(v128.load(to + at), v128.load(from + at)));
	}
}

export function subtract(large: usize, small: usize, begin: usize, end: usize): void {
	for (let at = begin; at < end; at += 16) v128.store(large + at, i64x2.sub(v128.load(large + at), v128.load(small + at)));
}

export function addScore(score: usize, index: usize, begin: u32, end: u32, value: f64): void {
	for (let l = index + ((<usize>begin) << 2), stop = index + ((<usize>end) << 2); l < stop; l += 4) {
		const at = score + ((<usize>load<u32>(l)) << 3);
		store<f64>(at, load<f64>(at) + value);
	}
}
