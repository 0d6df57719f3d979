import type { Arena } from './arena.js';
import type { Layout } from './layout.js';

/**
 * Columns that are zero (or missing) in most rows, as one list a row of the histogram cells that the row's other values fall into. A
 * histogram then costs as much as there are such values; the common bin gets what the others leave of the sum of all rows. LightGBM bundles
 * columns that exclude each other into one (Ke et al. 2017) to the same end; a list needs no such columns, and the sums are whole numbers,
 * so the trees are those of dense columns.
 */
export function fillSparse({ u8, u32 }: Arena, layout: Layout): void {
	const { rows } = layout;
	const features = layout.features.slice(layout.dense);
	if (!features.length) return;
	const starts = u32.subarray(layout.starts >>> 2, (layout.starts >>> 2) + rows + 1).fill(0);
	for (const f of features) {
		const bins = u8.subarray(f.codes, f.codes + rows);
		for (let i = 0; i < rows; i++) if (bins[i] !== f.common) starts[i]++;
	}
	// Ends of the lists; filled from behind, they become beginnings.
	for (let i = 1; i < rows; i++) starts[i] += starts[i - 1];
	starts[rows] = starts[rows - 1];
	const first = layout.entries >>> 2;
	for (let k = features.length - 1; k >= 0; k--) {
		const f = features[k];
		const bins = u8.subarray(f.codes, f.codes + rows);
		for (let i = 0; i < rows; i++) if (bins[i] !== f.common) u32[first + --starts[i]] = f.cells + bins[i] * 8;
	}
}
