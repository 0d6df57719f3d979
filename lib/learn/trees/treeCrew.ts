import type { Column } from '../contract.js';
import type { Arena } from './arena.js';
import { binColumn } from './binning.js';
import type { Kernel } from './kernelContract.js';
import type { Loss } from './losses/loss.js';
import { FEATURE_BYTES, SCAN_IN_BYTES, SCAN_OUT, type Feature, type Layout } from './layout.js';

/** Rows of a leaf in one thread's shard: drawn training rows, other training rows, validation rows; as begin and count in the index. */
export interface Segment {
	begin: number;
	count: number;
}
export type Shard = readonly [drawn: Segment, others: Segment, valid: Segment];

export interface ShardRows {
	train: readonly [number, number];
	valid: readonly [number, number];
}

/** A loss that the kernel computes itself, or none. */
export type KernelLoss = NonNullable<Loss['kernel']>;

/** Those who do the work: one thread or several. All sums over rows are of integers, so their number never shows in the result. */
export interface Crew {
	readonly arena: Arena;
	readonly layout: Layout;
	readonly backend: string;
	/** Rows of each shard: [begin, end) of the training and of the validation rows. */
	readonly shards: readonly ShardRows[];
	/** Bins of a column's `rows` values for the rows from `from` on. @throws `learn.value_infinite`, `learn.code_out_of_range` */
	bin(feature: Feature, column: Column, from: number, rows: number): void;
	/** The bins row by row, from those column by column. */
	fillRows(): void;
	/** With a loss that the kernel has, the gradients of all outputs; then sums of one output's by block. */
	gradients(loss: KernelLoss | undefined, output: number): void;
	quantise(output: number, scaleG: number, scaleH: number, dither: number): void;
	/** index[i] = i for the validation rows and, with `train`, the training rows. */
	identity(train: boolean): void;
	/** Histogram of the drawn rows into a slot; `finish` completes it. */
	build(shards: readonly Shard[], slot: number): void;
	/**
	 * Partitions all rows of a leaf; answers the left counts by shard and kind, and how many original rows the drawn ones on `side` stand
	 * for. That child's histogram goes to `slot`, if there is one; `finish` completes it.
	 */
	split(shards: readonly Shard[], feature: number, side: 'left' | 'right', slot: number | undefined): { left: number[][]; rows: number };
	/**
	 * Completes the histogram in `small`, takes it off the one in `large`, and scans the numeric features of up to two slots with the inputs
	 * at `scanIn`.
	 */
	finish(small: number, large: number | undefined, scans: readonly [number | undefined, number | undefined]): void;
	addScores(output: number, leaves: ReadonlyArray<{ shards: readonly Shard[]; value: number }>): void;
	close(): void;
}

/** The bins of a feature, a number a row. */
export function codesOf({ u8, u16, u32 }: Arena, { total }: Layout, { codes, codeBytes }: Feature): Uint8Array | Uint16Array | Uint32Array {
	if (codeBytes === 1) return u8.subarray(codes, codes + total);
	return codeBytes === 2 ? u16.subarray(codes >>> 1, (codes >>> 1) + total) : u32.subarray(codes >>> 2, (codes >>> 2) + total);
}

/** Everything in the calling thread, with the plain kernel. */
// eslint-disable-next-line max-lines-per-function -- each method is one job of the kernel, over one memory
export function soloCrew(arena: Arena, layout: Layout, kernel: Kernel): Crew {
	const slotAt = (slot: number) => layout.hists + slot * layout.histBytes;
	const build = (begin: number, count: number, slot: number): void => {
		const cells = slotAt(slot);
		kernel.clear(cells, layout.histBytes);
		for (let k = 0; k * layout.perGroup < layout.narrow; k++) {
			kernel.histogram(
				cells + k * layout.perGroup * FEATURE_BYTES,
				layout.rowData + k * layout.groupBytes,
				layout.stride,
				Math.min(layout.perGroup, layout.narrow - k * layout.perGroup),
				layout.index,
				begin,
				begin + count,
			);
		}
		for (const f of layout.features) {
			if (f.wide && !f.sparse)
				kernel.histogramWide(cells + f.cells, f.codes, f.codeBytes, layout.rowData, layout.stride, layout.index, begin, begin + count);
		}
		if (layout.dense < layout.features.length) {
			kernel.histogramSparse(
				cells,
				layout.starts,
				layout.entries,
				layout.rowData,
				layout.stride,
				layout.index,
				begin,
				begin + count,
				cells + layout.sumCell,
			);
			const sum = (cells + layout.sumCell) >>> 2;
			for (const f of layout.features.slice(layout.dense))
				kernel.complete(cells + f.cells, f.size, f.common, arena.i32[sum + 1], arena.u32[sum]);
		}
	};
	return {
		arena,
		layout,
		backend: 'plain, 1 thread',
		shards: [{ train: [0, layout.rows], valid: [layout.rows, layout.total] }],
		bin: (feature, column, from, rows) => binColumn(column, feature.bins, codesOf(arena, layout, feature).subarray(from), rows),
		fillRows() {
			for (let k = 0; k * layout.perGroup < layout.narrow; k++) {
				kernel.fillRows(
					layout.features[k * layout.perGroup].codes,
					layout.apart,
					Math.min(layout.perGroup, layout.narrow - k * layout.perGroup),
					layout.rowData + k * layout.groupBytes,
					layout.stride,
					0,
					layout.rows,
				);
			}
		},
		gradients(loss, output) {
			const apart = output * layout.rows * 4;
			const gradient = layout.gradient + apart;
			const hessian = layout.hessian + apart;
			if (loss)
				kernel[loss](
					layout.score,
					layout.label,
					layout.weight,
					layout.gradient,
					layout.hessian,
					0,
					layout.rows,
					layout.outputs,
					layout.total * 8,
					layout.rows * 4,
				);
			kernel.blockStats(gradient, hessian, 0, layout.rows, layout.blocks);
		},
		quantise(output, scaleG, scaleH, dither) {
			const apart = output * layout.rows * 4;
			kernel.quantise(
				layout.rowData,
				layout.stride,
				layout.groups,
				layout.groupBytes,
				layout.gradient + apart,
				layout.hessian + apart,
				0,
				layout.rows,
				scaleG,
				scaleH,
				dither,
			);
		},
		identity(train) {
			if (train) kernel.identity(layout.index, 0, layout.rows);
			kernel.identity(layout.index, layout.rows, layout.total);
		},
		build: ([[{ begin, count }]], slot) => build(begin, count, slot),
		split([shard], feature, side, slot) {
			const f = layout.features[feature];
			const counts = shard.map(({ begin, count }) =>
				count ? kernel.partition(layout.index, layout.spare, begin, begin + count, f.codes, f.codeBytes, layout.lut) : 0,
			);
			const [{ begin, count }] = shard;
			const [from, to] = side === 'left' ? [begin, begin + counts[0]] : [begin + counts[0], begin + count];
			if (slot !== undefined) build(from, to - from, slot);
			return { left: [counts], rows: kernel.countRows(layout.counts, layout.index, from, to) };
		},
		finish(small, large, scans) {
			if (large !== undefined) kernel.subtract(slotAt(large), slotAt(small), 0, layout.histBytes);
			scans.forEach((slot, which) => {
				if (slot === undefined) return;
				layout.features.forEach((f, i) => {
					if (f.bins.kind !== 'number' || !arena.u8[layout.allowed + which * layout.features.length + i]) return;
					kernel.scanNumber(
						slotAt(slot) + f.cells,
						f.bins.bins,
						+f.bins.missing,
						f.monotone,
						layout.scanIn + which * SCAN_IN_BYTES,
						layout.scanOut + (which * layout.features.length + i) * SCAN_OUT * 8,
					);
				});
			});
		},
		addScores(output, leaves) {
			for (const {
				shards: [shard],
				value,
			} of leaves) {
				for (const { begin, count } of shard) {
					if (count) kernel.addScore(layout.score + output * layout.total * 8, layout.index, begin, begin + count, value);
				}
			}
		},
		close() {},
	};
}
