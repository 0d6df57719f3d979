import { binOfNumber, type ColumnBins } from './binning.js';
import { Planner } from './arena.js';

/** Bytes of one feature's histogram with up to 256 bins: a cell is a 32-bit hessian sum below a 32-bit gradient sum. */
export const FEATURE_BYTES = 2048;
/** Rows summed at a time where floating-point sums are made: blocks merge in a fixed order, so threads do not change the sum. */
export const BLOCK = 16384;
/** Doubles that one scanned feature answers with. */
export const SCAN_OUT = 8;
/** Bytes of one scan's input, see `ScanIn`. */
export const SCAN_IN_BYTES = 128;
/** A numeric column of which at least this share of the rows is zero (or missing) is kept as lists, where there are a few of the kind. */
const SPARSE = 0.85;
const FEW = 8;
/** Bytes of a thread's buffer of gathered rows, or of two doubles an output. */
const BUFFER = 4096;
export const MOST_OUTPUTS = BUFFER / 16;

/** A feature: a column that can split. `wide` ones have more than 256 bins and a column of 16 or 32 bits of their own. */
export interface Feature {
	column: number;
	bins: ColumnBins;
	/** Kept as lists (sparseRows.ts); `common` is the bin of all rows that no list names. */
	sparse: boolean;
	common: number;
	/** Bins in the histogram, those for missing and unseen included. */
	size: number;
	wide: boolean;
	codeBytes: 1 | 2 | 4;
	/** Where its bins lie, column-major, training rows then validation rows. */
	codes: number;
	/** Offset of its cells in a histogram. */
	cells: number;
	/** -1, 0 or 1. */
	monotone: number;
}

/**
 * Where everything lies in the arena. Narrow features lie twice: column-major for partitioning, and row-major in groups of up to 28
 * whose last four bytes hold the row's gradient and hessian, so that one cache line has all that a histogram needs of a row.
 */
export interface Layout {
	rows: number;
	validRows: number;
	total: number;
	outputs: number;
	features: Feature[];
	narrow: number;
	/** Features in the order in which ties are decided and columns are drawn: the same whether some are sparse. */
	order: Uint32Array;
	/** Dense features, narrow and wide; the sparse ones come after them. */
	dense: number;
	/**
	 * Of sparse features: where each row's list begins (rows + 1 numbers), the cells that the lists name, as byte offsets in a histogram, and
	 * the cell that takes the sum of all rows.
	 */
	starts: number;
	entries: number;
	sumCell: number;
	/** Bytes between the columns of two narrow features. */
	apart: number;
	groups: number;
	stride: number;
	perGroup: number;
	rowData: number;
	groupBytes: number;
	index: number;
	spare: number;
	score: number;
	gradient: number;
	hessian: number;
	label: number;
	weight: number;
	/** How many of the original rows each row stands for, 16 bits a row; 0 where each stands for itself. */
	counts: number;
	blocks: number;
	histBytes: number;
	hists: number;
	histSlots: number;
	threadHists: number;
	lut: number;
	scanOut: number;
	scanIn: number;
	/** 256 doubles: the borders of a column that gets its bins. */
	borders: number;
	/** For each of two scanned leaves a byte a feature: whether it may split. */
	allowed: number;
	/** For a team of threads (team.ts): what lies where, what is asked, and what each one gets. */
	table: number;
	commands: number;
	buffers: number;
	leafTable: number;
	bytes: number;
}

export interface LayoutAsk {
	rows: number;
	validRows: number;
	outputs: number;
	bins: ColumnBins[];
	histSlots: number;
	threads: number;
	weighted: boolean;
	joined?: boolean;
	start: number;
	leaves: number /** No column as lists: for comparisons. */;
	dense?: boolean;
	monotone?: readonly number[];
}

// eslint-disable-next-line max-lines-per-function -- lays all arrays out in one memory, each behind the one before
export function planLayout(ask: LayoutAsk): Layout {
	const { rows, validRows, outputs } = ask;
	const total = rows + validRows;
	const plan = new Planner(ask.start);
	const features: Feature[] = [];
	const commonRows = (bins: ColumnBins) => (bins.kind === 'number' ? Math.max(bins.zeros, bins.gaps) : 0);
	const mostly = ask.dense ? [] : [...ask.bins.keys()].filter((c) => commonRows(ask.bins[c]) >= SPARSE * rows);
	const sparse = new Set(mostly.length >= FEW ? mostly : []);
	ask.bins.forEach((bins, column) => {
		const splits = bins.kind === 'number' ? bins.bins > 1 || (bins.missing && bins.bins > 0) : bins.bins > 1;
		if (!splits) return;
		const size = bins.bins + 1;
		const wide = size > 256;
		features.push({
			column,
			bins,
			size,
			wide,
			sparse: sparse.has(column),
			common: bins.kind === 'number' && bins.zeros >= bins.gaps ? binOfNumber(bins.bounds, 0) : 0,
			codeBytes: !wide ? 1 : size <= 65536 ? 2 : 4,
			codes: 0,
			cells: 0,
			monotone: ask.monotone?.[column] ?? 0,
		});
	});
	// Narrow first: their cells lie at a fixed distance, which the kernel relies on. Sparse last.
	features.sort((a, b) => +a.sparse - +b.sparse || +a.wide - +b.wide || a.column - b.column);
	const dense = features.filter((f) => !f.sparse).length;
	const narrow = features.filter((f) => !f.wide && !f.sparse).length;
	let histBytes = 0;
	for (const f of features) {
		f.cells = histBytes;
		histBytes += f.wide || f.sparse ? Math.ceil(f.size / 8) * 64 : FEATURE_BYTES;
		f.codes = plan.take(total * f.codeBytes + 16);
	}
	const named = features.reduce((sum, f) => sum + (f.sparse ? rows - commonRows(f.bins) : 0), 0);
	const sumCell = histBytes;
	if (dense < features.length) histBytes += 64;
	const stride = narrow <= 4 ? 8 : narrow <= 12 ? 16 : 32;
	const perGroup = stride - 4;
	const groups = Math.max(1, Math.ceil(narrow / perGroup));
	const groupBytes = Math.ceil((rows * stride) / 64) * 64;
	const lutSize = Math.max(256, ...features.map((f) => f.size));
	return {
		rows,
		validRows,
		total,
		outputs,
		features,
		narrow,
		dense,
		order: Uint32Array.from(features.keys()).sort(
			(a, b) => +features[a].wide - +features[b].wide || features[a].column - features[b].column,
		),
		sumCell,
		starts: dense < features.length ? plan.take((rows + 1) * 4) : 0,
		entries: plan.take(named * 4),
		groups,
		apart: narrow > 1 ? features[1].codes - features[0].codes : 0,
		stride,
		perGroup,
		rowData: plan.take(groups * groupBytes + 64),
		groupBytes,
		index: plan.take(total * 4),
		spare: plan.take(total * 4),
		score: plan.take(total * 8 * outputs),
		gradient: plan.take(rows * 4 * outputs),
		hessian: plan.take(rows * 4 * outputs),
		label: plan.take(total * 8),
		weight: ask.weighted ? plan.take(total * 8) : 0,
		counts: ask.joined ? plan.take(rows * 2) : 0,
		blocks: plan.take(Math.ceil(rows / BLOCK) * 32),
		histBytes,
		histSlots: ask.histSlots,
		hists: plan.take(histBytes * ask.histSlots),
		threadHists: ask.threads > 1 ? plan.take(histBytes * (ask.threads - 1)) : 0,
		lut: plan.take(lutSize),
		scanOut: plan.take(2 * SCAN_OUT * 8 * (features.length + 1)),
		scanIn: plan.take(2 * SCAN_IN_BYTES),
		allowed: plan.take(2 * features.length + 1),
		borders: plan.take(2048),
		table: plan.take(128 + features.length * 32),
		commands: plan.take(1024 + ask.threads * 64),
		buffers: plan.take(ask.threads * BUFFER),
		leafTable: plan.take(ask.leaves * (8 + 24 * ask.threads)),
		bytes: plan.total,
	};
}
