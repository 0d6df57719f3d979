// Whole jobs, so that a thread is told once what to do with its share of the rows or of the features. `../../team.ts` writes the tables.
import { BLOCK, blockStats, gradientsLogistic, gradientsSoftmax, gradientsSquared, quantise } from './gradients';
import { histogram } from './histograms';
import {
	addScore, binNumbers, clear, complete, countRows, fillRows, histogramSparse, histogramWide, identity, merge, partition, subtract,
} from './index';
import { scanNumber } from './scan';

/**
 * Waits until the number at `at` is no longer `old`: first by looking again and again, then asleep. Between two looks it takes a root,
 * which the next look waits for: some 25 cycles in which it leaves the core to a thread that may share it, and by which `spins` is a time
 * (WASM has no instruction to pause).
 */
export function waitFor(at: usize, old: i32, spins: i32): i32 {
	let pause: f64 = 2;
	for (let i = 0; i < spins; i++) {
		const now = atomic.load<i32>(at + (<usize>(pause < 0) << 2));
		if (now != old) return now;
		pause = sqrt<f64>(pause) + 1;
	}
	for (;;) {
		atomic.add<i32>(at + 8, 1);
		atomic.wait<i32>(at, old, 1000000000);
		atomic.sub<i32>(at + 8, 1);
		const now = atomic.load<i32>(at);
		if (now != old) return now;
	}
	return 0;
}

@inline
function word(at: usize, index: i32): i32 { return load<i32>(at + (<usize>index << 2)); }
@inline
function pointer(at: usize, index: i32): usize { return <usize>load<u32>(at + (<usize>index << 2)); }

function build(table: usize, thread: i32, mine: usize, begin: u32, end: u32): void {
	const cells = pointer(mine, 6);
	if (word(mine, 7)) clear(cells, pointer(table, 9));
	if (begin == end) return;
	const narrow = word(table, 0);
	const perGroup = word(table, 2);
	const stride = pointer(table, 3);
	const rowData = pointer(table, 4);
	const index = pointer(table, 6);
	const buffer = pointer(table, 12) + (<usize>thread << 12);
	for (let k = 0; k * perGroup < narrow; k++) {
		histogram(
			cells + <usize>(k * perGroup) * 2048, rowData + <usize>k * pointer(table, 5), <i32>stride, min(perGroup, narrow - k * perGroup),
			index, begin, end, buffer,
		);
	}
	const dense = word(table, 21);
	for (let f = narrow; f < dense; f++) {
		const d = table + 128 + (<usize>f << 5);
		histogramWide(cells + pointer(d, 2), pointer(d, 0), word(d, 1), rowData, stride, index, begin, end);
	}
	if (dense < word(table, 13))
		histogramSparse(cells, pointer(table, 19), pointer(table, 20), rowData, stride, index, begin, end, cells + pointer(table, 22));
}

/** `mine`: what the host wrote for this thread; `ask`: what it wrote for all. */
export function run(op: i32, thread: i32, threads: i32, table: usize, ask: usize, mine: usize): void {
	const index = pointer(table, 6);
	if (op == 1) {
		// Gradients and their block sums for this thread's training rows, block by block, since a block stays in the cache.
		const stop = <u32>word(mine, 9);
		const kind = word(ask, 0);
		for (let begin = <u32>word(mine, 8); begin < stop; begin += BLOCK) {
			const end = min<u32>(stop, begin + BLOCK);
			if (kind == 1) gradientsLogistic(pointer(ask, 1), pointer(ask, 2), pointer(ask, 3), pointer(ask, 4), pointer(ask, 5), begin, end);
			if (kind == 2) gradientsSquared(pointer(ask, 1), pointer(ask, 2), pointer(ask, 3), pointer(ask, 4), pointer(ask, 5), begin, end);
			if (kind == 3) {
				gradientsSoftmax(
					pointer(ask, 1), pointer(ask, 2), pointer(ask, 3), pointer(ask, 4), pointer(ask, 5), begin, end, word(ask, 7),
					pointer(ask, 8), pointer(ask, 9), pointer(table, 12) + (<usize>thread << 12),
				);
			}
			blockStats(pointer(ask, 4), pointer(ask, 5), begin, end, pointer(ask, 6));
		}
	} else if (op == 2) {
		quantise(
			pointer(table, 4), pointer(table, 3), word(table, 1), pointer(table, 5), pointer(ask, 4), pointer(ask, 5),
			<u32>word(mine, 8), <u32>word(mine, 9), load<f64>(ask, 32), load<f64>(ask, 40), word(ask, 12),
		);
	} else if (op == 3) {
		build(table, thread, mine, <u32>word(mine, 0), <u32>(word(mine, 0) + word(mine, 1)));
	} else if (op == 4) {
		for (let kind = 0; kind < 3; kind++) {
			const begin = <u32>word(mine, kind * 2);
			const count = <u32>word(mine, kind * 2 + 1);
			const left = count ? partition(index, pointer(table, 7), begin, begin + count, pointer(ask, 0), word(ask, 1), pointer(ask, 2)) : 0;
			store<i32>(mine + (<usize>(12 + kind) << 2), left);
		}
		const first = <u32>word(mine, 0);
		const middle = first + <u32>word(mine, 12);
		const begin = word(ask, 3) ? middle : first;
		const end = word(ask, 3) ? first + <u32>word(mine, 1) : middle;
		store<i32>(mine + 60, countRows(pointer(table, 23), index, begin, end));
		if (word(ask, 4)) build(table, thread, mine, begin, end);
	} else if (op == 5) {
		// Merge, subtract and scan this thread's features.
		const small = pointer(ask, 0);
		const large = pointer(ask, 1);
		const parts = word(ask, 2);
		const count = word(table, 13);
		const out = pointer(table, 15);
		const input = pointer(table, 16);
		const allowed = pointer(table, 17);
		// Sum of all rows of a histogram just built, parts of other threads included; nobody writes it here.
		let sum: i64 = 0;
		const fresh = word(ask, 5);
		if (fresh && word(table, 21) < count) {
			sum = load<i64>(small + pointer(table, 22));
			for (let k = 0; k < parts; k++) sum += load<i64>(pointer(table, 10) + <usize>k * pointer(table, 9) + pointer(table, 22));
		}
		let best0: f64 = 0;
		let best1: f64 = 0;
		for (let f = thread; f < count; f += threads) {
			const d = table + 128 + (<usize>f << 5);
			const from = pointer(d, 2);
			const to = from + (((<usize>word(d, 3) << 3) + 63) & ~63);
			if (parts) merge(small, pointer(table, 10), pointer(table, 9), parts, from, to);
			if (fresh && f >= word(table, 21)) complete(small + from, word(d, 3), word(d, 7) >>> 1, sum);
			if (large) subtract(large, small, from, to);
			if (word(d, 7) & 1) continue;
			const cells0 = pointer(ask, 3);
			const cells1 = pointer(ask, 4);
			if (cells0 && load<u8>(allowed + f))
				best0 = scanNumber(cells0 + from, word(d, 4), word(d, 5), word(d, 6), input, out + (<usize>f << 6), best0);
			if (cells1 && load<u8>(allowed + count + f))
				best1 = scanNumber(cells1 + from, word(d, 4), word(d, 5), word(d, 6), input + 128, out + (<usize>(count + f) << 6), best1);
		}
	} else if (op == 6) {
		// Adds the value of each leaf to the scores of its rows.
		const leaves = word(ask, 0);
		const score = pointer(ask, 1);
		const apart = 8 + 24 * threads;
		let at = pointer(ask, 2);
		for (let l = 0; l < leaves; l++, at += apart) {
			const value = load<f64>(at);
			const own = at + 8 + 24 * thread;
			for (let kind = 0; kind < 3; kind++) {
				const begin = <u32>word(own, kind * 2);
				addScore(score, index, begin, begin + <u32>word(own, kind * 2 + 1), value);
			}
		}
	} else if (op == 7) {
		const narrow = word(table, 0);
		const perGroup = word(table, 2);
		for (let k = 0; k * perGroup < narrow; k++) {
			fillRows(pointer(table + 128 + (<usize>(k * perGroup) << 5), 0), pointer(ask, 0), min(perGroup, narrow - k * perGroup),
				pointer(table, 4) + <usize>k * pointer(table, 5), pointer(table, 3), <u32>word(mine, 8), <u32>word(mine, 9));
		}
	} else if (op == 8) {
		if (word(ask, 0)) identity(index, <u32>word(mine, 8), <u32>word(mine, 9));
		identity(index, <u32>word(mine, 10), <u32>word(mine, 11));
	} else if (op == 9) {
		const rows = <u64>word(ask, 4);
		store<i32>(
			mine + 60,
			binNumbers(
				pointer(ask, 0), word(ask, 1), pointer(ask, 2), pointer(ask, 3),
				<u32>(rows * thread / threads), <u32>(rows * (thread + 1) / threads),
			),
		);
	}
}
