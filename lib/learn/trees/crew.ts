import type { Arena } from './arena.js';
import type { Kernel } from './kernelContract.js';
import type { Layout } from './layout.js';

/** Rows of a leaf in one thread's shard: drawn training rows, other training rows, validation rows; as begin and count in the index. */
export interface Segment { begin: number; count: number }
export type Shard = [drawn: Segment, others: Segment, valid: Segment];

/** Those who do the work: one thread or several. All sums are of integers, so their number never shows in the result. */
export interface Crew {
	readonly arena: Arena;
	readonly threads: number;
	readonly backend: string;
	readonly kernel: Kernel;
	/** Rows of each shard: [begin, end) of the training and of the validation rows. */
	readonly shards: ReadonlyArray<{ train: [number, number]; valid: [number, number] }>;
	fillRows(): void;
	quantise(output: number, scaleG: number, scaleH: number): void;
	blockStats(output: number): void;
	/** Histogram of the drawn rows into a slot. */
	build(shards: readonly Shard[], slot: number): void;
	/** Partitions all rows of a leaf; answers the left counts by shard and kind. With `build` the named side's histogram goes to `slot`. */
	split(shards: readonly Shard[], feature: number, build: 'left' | 'right' | undefined, slot: number): number[][];
	/** parent -= small. */
	subtract(parentSlot: number, smallSlot: number): void;
	addScore(output: number, shards: readonly Shard[], value: number): void;
	close(): void;
}

/** Everything in the calling thread. */
export function soloCrew(arena: Arena, layout: Layout, kernel: Kernel, backend: string): Crew {
	const build = (segment: Segment, slot: number): void => {
		const cells = layout.hists + slot * layout.histBytes;
		const { begin, count } = segment;
		for (let k = 0; k * layout.perGroup < layout.narrow; k++) {
			kernel.histogram(cells + k * layout.perGroup * 2048, layout.rowData + k * layout.groupBytes, layout.stride,
				Math.min(layout.perGroup, layout.narrow - k * layout.perGroup), layout.index, begin, begin + count);
		}
		for (const f of layout.features) {
			if (f.wide) kernel.histogramWide(cells + f.cells, f.size * 8, f.codes, f.codeBytes, layout.rowData, layout.stride, layout.index, begin, begin + count);
		}
	};
	return {
		arena, threads: 1, backend, kernel,
		shards: [{ train: [0, layout.rows], valid: [layout.rows, layout.total] }],
		fillRows() {
			const apart = layout.narrow > 1 ? layout.features[1].codes - layout.features[0].codes : 0;
			for (let k = 0; k * layout.perGroup < layout.narrow; k++) {
				kernel.fillRows(layout.features[k * layout.perGroup].codes, apart, Math.min(layout.perGroup, layout.narrow - k * layout.perGroup),
					layout.rowData + k * layout.groupBytes, layout.stride, 0, layout.rows);
			}
		},
		quantise(output, scaleG, scaleH) {
			const apart = output * layout.rows * 4;
			kernel.quantise(layout.rowData, layout.stride, layout.groups, layout.groupBytes, layout.gradient + apart, layout.hessian + apart, 0, layout.rows, scaleG, scaleH);
		},
		blockStats(output) {
			const apart = output * layout.rows * 4;
			kernel.blockStats(layout.gradient + apart, layout.hessian + apart, 0, layout.rows, layout.blocks);
		},
		build: (shards, slot) => build(shards[0][0], slot),
		split(shards, feature, side, slot) {
			const f = layout.features[feature];
			const counts = shards[0].map(({ begin, count }) => (count
				? kernel.partition(layout.index, layout.spare, begin, begin + count, f.codes, f.codeBytes, layout.lut) : 0));
			const [{ begin, count }] = shards[0];
			if (side === 'left') build({ begin, count: counts[0] }, slot);
			if (side === 'right') build({ begin: begin + counts[0], count: count - counts[0] }, slot);
			return [counts];
		},
		subtract(parentSlot, smallSlot) {
			kernel.subtract(layout.hists + parentSlot * layout.histBytes, layout.hists + smallSlot * layout.histBytes, 0, layout.histBytes);
		},
		addScore(output, shards, value) {
			for (const { begin, count } of shards[0]) {
				if (count) kernel.addScore(layout.score + output * layout.total * 8, layout.index, begin, begin + count, value);
			}
		},
		close() {},
	};
}
