import { Worker } from 'node:worker_threads';
import { arenaOn } from './arena.js';
import { binColumn, infinite, paddedBounds } from './binning.js';
import { codesOf, type Crew, type KernelLoss, type Shard, type ShardRows } from './treeCrew.js';
import { BLOCK, SCAN_IN_BYTES, type Layout } from './layout.js';
import { wasm, type WasmMemory, type WasmModule } from './wasm.js';

/** What the kernel's module exports for a team. */
interface Exports {
	run(op: number, thread: number, threads: number, table: number, ask: number, mine: number): void;
	waitFor(at: number, old: number, spins: number): number;
}

/** Jobs of `kernel/assembly/jobs.ts`. */
const Op = { stop: 0, gradients: 1, quantise: 2, build: 3, split: 4, finish: 5, addScores: 6, fillRows: 7, identity: 8, bin: 9 } as const;

/** Where things lie from `layout.commands` on, in bytes. */
const At = { sequence: 0, done: 64, ready: 128, failed: 192, op: 256, ask: 320, mine: 1024 } as const;
const MINE = 64;

/** In the order of the job's codes. */
const LOSSES: readonly KernelLoss[] = ['gradientsLogistic', 'gradientsSquared', 'gradientsSoftmax'];

/** Looks at a flag before sleeping: some hundred microseconds, more than the pause between two jobs. Waking a sleeper takes fifty. */
const SPINS = 15_000;
/** A leaf with fewer rows is not worth waking the others for. */
const ALONE_BELOW = 4096;

/**
 * What a worker runs. It is given as text, so that it needs no file of its own to be found, and all it does is in the WASM kernel:
 * wait for a job, do its share, say so.
 */
const WORKER = `
const { workerData: { module, memory, thread, threads, table, commands, at, spins } } = require('node:worker_threads');
const { run, waitFor } = new WebAssembly.Instance(module, { env: { memory } }).exports;
const words = new Int32Array(memory.buffer);
const word = (byte) => (commands + byte) >>> 2;
let seen = 0;
Atomics.add(words, word(at.ready), 1);
Atomics.notify(words, word(at.ready));
for (;;) {
	seen = waitFor(commands + at.sequence, seen, spins);
	const op = Atomics.load(words, word(at.op));
	if (op === 0) break;
	try {
		run(op, thread, threads, table, commands + at.ask, commands + at.mine + thread * ${MINE});
	} catch {
		Atomics.store(words, word(at.failed), 1);
	}
	Atomics.add(words, word(at.done), 1);
	if (Atomics.load(words, word(at.done + 8)) > 0) Atomics.notify(words, word(at.done));
}
`;

/** Equal stretches of rows for each thread, cut between two blocks. */
export function shardsOf(layout: Layout, threads: number): ShardRows[] {
	const blocks = Math.ceil(layout.rows / BLOCK);
	const cut = (t: number) => Math.min(layout.rows, Math.floor((blocks * t) / threads) * BLOCK);
	const validCut = (t: number) => layout.rows + Math.floor((layout.validRows * t) / threads);
	return Array.from({ length: threads }, (_, t) => ({
		train: [cut(t), t + 1 === threads ? layout.rows : cut(t + 1)],
		valid: [validCut(t), t + 1 === threads ? layout.total : validCut(t + 1)],
	}));
}

/** The WASM kernel, in the calling thread and `threads - 1` workers over shared memory. */
// eslint-disable-next-line max-lines-per-function -- each method writes what one job of the kernel reads, into one memory
export function teamCrew(module: WasmModule, memory: WasmMemory, layout: Layout, threads: number): Crew {
	const arena = arenaOn(memory.buffer);
	const { i32, f64 } = arena;
	const exports = new wasm.Instance(module, { env: { memory } }).exports as Exports;
	const shards = shardsOf(layout, threads);
	const { commands, table } = layout;
	const ask = commands + At.ask;
	const askWord = ask >>> 2;
	const mine = (t: number) => (commands + At.mine + t * MINE) >>> 2;
	const flag = (byte: number) => (commands + byte) >>> 2;
	const slotAt = (slot: number) => layout.hists + slot * layout.histBytes;
	const leafBytes = 8 + 24 * threads;
	/** Scanning pays for company only where there is much to scan. */
	const shareScan = layout.histBytes >= 16_384;
	/** Histograms of other threads that wait to be merged. */
	let parts = 0;
	/** Whether the next histogram to finish was built since the last. */
	let fresh = false;
	let sequence = 0;

	writeTable(layout, i32);
	shards.forEach(({ train, valid }, t) => i32.set([...train, ...valid], mine(t) + 8));
	const workers: Worker[] = [];
	for (let thread = 1; thread < threads; thread++) {
		const worker = new Worker(WORKER, {
			eval: true,
			name: 'trees',
			workerData: { module, memory, thread, threads, table, commands, at: At, spins: SPINS },
		});
		// A worker that cannot start is found out by `ready`: its share is then done here.
		worker.on('error', () => {});
		worker.unref();
		workers.push(worker);
	}
	let helpers: boolean | undefined = threads > 1 ? undefined : false;

	function here(op: number): void {
		for (let t = 0; t < threads; t++) exports.run(op, t, threads, table, ask, commands + At.mine + t * MINE);
	}

	/** Has all threads do a job, each its share. */
	function together(op: number): void {
		if (!available()) {
			here(op);
			return;
		}
		Atomics.store(i32, flag(At.done), 0);
		Atomics.store(i32, flag(At.op), op);
		Atomics.store(i32, flag(At.sequence), ++sequence);
		if (Atomics.load(i32, flag(At.sequence + 8)) > 0) Atomics.notify(i32, flag(At.sequence));
		exports.run(op, 0, threads, table, ask, commands + At.mine);
		for (let done = Atomics.load(i32, flag(At.done)); done < threads - 1; ) done = exports.waitFor(commands + At.done, done, SPINS);
		if (Atomics.load(i32, flag(At.failed))) throw new Error('A thread of the tree kernel failed');
	}

	function started(): boolean {
		return helpers ?? Atomics.load(i32, flag(At.ready)) === threads - 1;
	}

	function available(): boolean {
		if (helpers !== undefined) return helpers;
		const until = Date.now() + 10_000;
		for (;;) {
			const ready = Atomics.load(i32, flag(At.ready));
			if (ready === threads - 1) return (helpers = true);
			const left = until - Date.now();
			if (left <= 0) return (helpers = false);
			Atomics.wait(i32, flag(At.ready), ready, left);
		}
	}

	/** Tells each thread its segments and where its histogram goes; answers whether to work alone. */
	function hand(of: readonly Shard[], slot: number): boolean {
		let rows = 0;
		for (const shard of of) for (const { count } of shard) rows += count;
		const alone = threads === 1 || rows < ALONE_BELOW || !available();
		for (let t = 0; t < threads; t++) {
			const at = mine(t);
			for (let kind = 0; kind < 3; kind++) {
				i32[at + kind * 2] = of[t][kind].begin;
				i32[at + kind * 2 + 1] = of[t][kind].count;
			}
			i32[at + 6] = alone || t === 0 ? slotAt(slot) : layout.threadHists + (t - 1) * layout.histBytes;
			i32[at + 7] = +(!alone || t === 0);
		}
		return alone;
	}

	return {
		arena,
		layout,
		shards,
		backend: `wasm, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
		bin(feature, column, from, rows) {
			const { bins } = feature;
			if (column.kind !== 'number' || bins.kind !== 'number') {
				binColumn(column, bins, codesOf(arena, layout, feature).subarray(from), rows);
				return;
			}
			// The scores are not there yet, so their place can hold the column.
			const { data } = column;
			const bytes = data.BYTES_PER_ELEMENT;
			const source = layout.score;
			(bytes === 4 ? arena.f32 : f64).set(data.subarray(0, rows), source / bytes);
			f64.set(paddedBounds(bins.bounds), layout.borders >>> 3);
			i32.set([source, bytes, layout.borders, feature.codes + from, rows], askWord);
			// Workers need a moment to start, in which a few columns are done alone.
			if (started()) together(Op.bin);
			else here(Op.bin);
			for (let t = 0; t < threads; t++) {
				const row = i32[mine(t) + 15];
				if (row >= 0) throw infinite(column.name, row);
			}
		},
		fillRows() {
			i32[askWord] = layout.apart;
			together(Op.fillRows);
		},
		gradients(loss, output) {
			const apart = output * layout.rows * 4;
			i32.set(
				[
					lossCode(loss),
					layout.score,
					layout.label,
					layout.weight,
					layout.gradient + apart,
					layout.hessian + apart,
					layout.blocks,
					layout.outputs,
					layout.total * 8,
					layout.rows * 4,
				],
				askWord,
			);
			together(Op.gradients);
		},
		quantise(output, scaleG, scaleH, dither) {
			const apart = output * layout.rows * 4;
			i32[askWord + 4] = layout.gradient + apart;
			i32[askWord + 5] = layout.hessian + apart;
			f64[(ask + 32) >>> 3] = scaleG;
			f64[(ask + 40) >>> 3] = scaleH;
			i32[askWord + 12] = dither;
			together(Op.quantise);
		},
		identity(train) {
			i32[askWord] = +train;
			together(Op.identity);
		},
		build(of, slot) {
			const alone = hand(of, slot);
			parts = alone ? 0 : threads - 1;
			fresh = true;
			if (alone) here(Op.build);
			else together(Op.build);
		},
		split(of, feature, side, slot) {
			const builds = slot !== undefined;
			const alone = hand(of, slot ?? 0);
			const f = layout.features[feature];
			i32.set([f.codes, f.codeBytes, layout.lut, +(side === 'right'), +builds], askWord);
			parts = alone || !builds ? 0 : threads - 1;
			fresh = builds;
			if (alone) here(Op.split);
			else together(Op.split);
			let rows = 0;
			for (let t = 0; t < threads; t++) rows += i32[mine(t) + 15];
			return { left: shards.map((_, t) => [i32[mine(t) + 12], i32[mine(t) + 13], i32[mine(t) + 14]]), rows };
		},
		finish(small, large, [first, second]) {
			i32.set(
				[
					slotAt(small),
					large === undefined ? 0 : slotAt(large),
					parts,
					first === undefined ? 0 : slotAt(first),
					second === undefined ? 0 : slotAt(second),
					+fresh,
				],
				askWord,
			);
			if (shareScan) together(Op.finish);
			else here(Op.finish);
			parts = 0;
			fresh = false;
		},
		addScores(output, leaves) {
			let at = layout.leafTable;
			for (const { shards: of, value } of leaves) {
				f64[at >>> 3] = value;
				of.forEach((shard, t) => {
					const own = (at + 8 + 24 * t) >>> 2;
					for (let kind = 0; kind < 3; kind++) {
						i32[own + kind * 2] = shard[kind].begin;
						i32[own + kind * 2 + 1] = shard[kind].count;
					}
				});
				at += leafBytes;
			}
			i32.set([leaves.length, layout.score + output * layout.total * 8, layout.leafTable], askWord);
			together(Op.addScores);
		},
		close() {
			Atomics.store(i32, flag(At.op), Op.stop);
			Atomics.store(i32, flag(At.sequence), ++sequence);
			Atomics.notify(i32, flag(At.sequence));
		},
	};
}

/** What the kernel knows of the layout and of each feature, in the order that assembly/jobs.ts reads it. */
function writeTable(layout: Layout, i32: Int32Array): void {
	const { table } = layout;
	i32.set(
		[
			layout.narrow,
			layout.groups,
			layout.perGroup,
			layout.stride,
			layout.rowData,
			layout.groupBytes,
			layout.index,
			layout.spare,
			layout.hists,
			layout.histBytes,
			layout.threadHists,
			0,
			layout.buffers,
			layout.features.length,
			layout.rows,
			layout.scanOut,
			layout.scanIn,
			layout.allowed,
			SCAN_IN_BYTES,
			layout.starts,
			layout.entries,
			layout.dense,
			layout.sumCell,
			layout.counts,
		],
		table >>> 2,
	);
	layout.features.forEach((f, i) => {
		const number = f.bins.kind === 'number';
		i32.set(
			[
				f.codes,
				f.codeBytes,
				f.cells,
				f.size,
				f.bins.bins,
				number && f.bins.kind === 'number' && f.bins.missing ? 1 : 0,
				f.monotone,
				(f.common << 1) | +!number,
			],
			(table + 128 + i * 32) >>> 2,
		);
	});
}

/** 0: sums alone. */
const lossCode = (loss: KernelLoss | undefined): number => (loss ? LOSSES.indexOf(loss) + 1 : 0);
