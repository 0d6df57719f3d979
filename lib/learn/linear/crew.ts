import fs from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { WISH } from '../../domain/cancel.js';
import type { Design } from './design.js';
import { BLOCK, FIND, scratchOf, sumStrip, type Sums } from './passes.js';

/** Words of the shared `control`; `next` is the strip to take next, `left` how many are not done. */
export const WORD = { sequence: 0, next: 1, left: 2, find: 3, failed: 4 } as const;
const WORDS = 5;
/** What `find` says at the end. */
export const END = -1;

/** A strip has so many rows at least, so that few rows are one and their sums are plain sums. */
const LEAST_ROWS = 65_536;
const MOST_STRIPS = 16;
/** Strips keep their sums apart until they are merged: together they take so many bytes at most, but where two alone take more. */
const MOST_BYTES = 256 * 2 ** 20;
/** Values in the table for each thread: starting one takes as long as a few passes over so many. */
const CELLS_PER_THREAD = 1_000_000;

/** What a thread is given: all of it lies in shared memory. */
export interface ThreadData {
	design: Design;
	/** First row of each strip, then the number of rows. */
	strips: Uint32Array;
	control: Int32Array;
	cancelled: Int32Array;
	coef: Float64Array;
	/** One for each strip: the loss, the gradient, the second derivatives. */
	slots: Float64Array[];
}

/**
 * Where rows are cut. It depends on the data alone, never on the threads, and strips are merged in their order: so the bits of all sums
 * are the same for any number of threads. `sums`: numbers that each strip keeps.
 */
export function stripsOf(rows: number, sums: number): Uint32Array {
	const fit = Math.max(2, Math.floor(MOST_BYTES / (8 * sums)));
	const count = Math.max(1, Math.min(MOST_STRIPS, fit, Math.floor(rows / LEAST_ROWS)));
	const blocks = Math.ceil(rows / BLOCK);
	return Uint32Array.from({ length: count + 1 }, (_, s) => Math.min(rows, Math.floor((blocks * s) / count) * BLOCK));
}

/** How many threads are worth their start. */
export const threadsFor = (rows: number, columns: number, most: number): number =>
	threadFile() === undefined
		? 1
		: Math.max(1, Math.min(most, Math.floor(rows / LEAST_ROWS), Math.floor((rows * columns) / CELLS_PER_THREAD), MOST_STRIPS));

/**
 * `<root>/dist/lib/learn/linear/thread.js`, whether this file runs from `lib/` (tests) or from `dist/lib/`; nothing where it was not built.
 */
function threadFile(): string | undefined {
	const places = [path.join(__dirname, 'thread.js'), path.join(__dirname, '..', '..', '..', 'dist', 'lib', 'learn', 'linear', 'thread.js')];
	return places.find((file) => fs.existsSync(file));
}

/** Takes strips until none is left; the calling thread and the others do the same. */
export function takeStrips({ design, strips, control, cancelled, coef, slots }: ThreadData, work: (slot: number) => Sums): void {
	const scratch = scratchOf(design);
	const goOn = (): boolean => Atomics.load(cancelled, 0) !== WISH.stop;
	for (;;) {
		const strip = Atomics.add(control, WORD.next, 1);
		if (strip >= slots.length) return;
		// Read after the strip was taken: whoever comes late from the pass before takes part in this one.
		const find = Atomics.load(control, WORD.find);
		const sums = work(strip);
		sumStrip(design, strips[strip], strips[strip + 1], find, coef, sums, scratch, goOn);
		slots[strip][0] = sums.value;
		if (Atomics.sub(control, WORD.left, 1) === 1) Atomics.notify(control, WORD.left);
	}
}

/** A slot's parts. `size`: numbers of a gradient. */
export const sumsIn = (slots: readonly Float64Array[], size: number): Sums[] =>
	slots.map((slot) => ({ value: 0, gradient: slot.subarray(1, 1 + size), second: slot.subarray(1 + size) }));

/** Those who sum over the rows: the calling thread and, for large tables, workers. The sums do not depend on their number. */
export class Crew {
	readonly threads: number;
	private readonly data: ThreadData;
	private readonly sums: Sums[];
	private readonly workers: Worker[] = [];
	private sequence = 0;

	/** @param second numbers that second derivatives take at most */
	constructor(design: Design, second: number, threads: number, cancelled: Int32Array) {
		this.threads = threads;
		const size = design.outputs * design.width;
		const strips = stripsOf(design.rows, 1 + size + second);
		const numbers = (n: number): Float64Array => new Float64Array(threads > 1 ? new SharedArrayBuffer(8 * n) : new ArrayBuffer(8 * n));
		this.data = {
			design,
			strips,
			control: new Int32Array(new SharedArrayBuffer(4 * WORDS)),
			cancelled,
			coef: numbers(size),
			slots: Array.from({ length: strips.length - 1 }, () => numbers(1 + size + second)),
		};
		Atomics.store(this.data.control, WORD.next, strips.length);
		this.sums = sumsIn(this.data.slots, size);
		for (let t = 1; t < threads; t++) {
			const worker = new Worker(threadFile()!, { workerData: this.data, name: 'linear' });
			// One that cannot start takes no strip: the others do its share.
			worker.on('error', () => {});
			worker.unref();
			this.workers.push(worker);
		}
	}

	/** Sums over all rows into the arrays given, which decide what is found: `second` is the diagonal, or the Gram matrix with `gram`. */
	sum(coef: Float64Array, gradient: Float64Array | undefined, second: Float64Array | undefined, gram: boolean): number {
		const { control, slots } = this.data;
		this.data.coef.set(coef);
		Atomics.store(control, WORD.find, second ? (gram ? FIND.gram : FIND.diagonal) : gradient ? FIND.gradient : FIND.value);
		Atomics.store(control, WORD.left, slots.length);
		Atomics.store(control, WORD.next, 0);
		if (this.workers.length) {
			Atomics.store(control, WORD.sequence, ++this.sequence);
			Atomics.notify(control, WORD.sequence);
		}
		takeStrips(this.data, (strip) => this.sums[strip]);
		for (let left = Atomics.load(control, WORD.left); left > 0; left = Atomics.load(control, WORD.left)) {
			if (Atomics.load(control, WORD.failed)) throw new Error('A thread of the linear models failed');
			Atomics.wait(control, WORD.left, left, 100);
		}
		let value = 0;
		gradient?.fill(0);
		second?.fill(0);
		this.sums.forEach((part, strip) => {
			value += slots[strip][0];
			if (gradient) add(gradient, part.gradient);
			if (second) add(second, part.second);
		});
		return value;
	}

	/** Ends the workers. */
	close(): void {
		if (!this.workers.length) return;
		Atomics.store(this.data.control, WORD.find, END);
		Atomics.store(this.data.control, WORD.sequence, ++this.sequence);
		Atomics.notify(this.data.control, WORD.sequence);
	}
}

function add(to: Float64Array, from: Float64Array): void {
	for (let i = 0, n = to.length; i < n; i++) to[i] += from[i];
}
