/**
 * The inner loops. Pointers are byte offsets into the arena, counts are rows. The plain and the WASM kernel implement them with the
 * same operations in the same order, and all sums over rows are of integers: the trees are the same, byte for byte.
 */
export interface Kernel {
	/** Rows begin..end of one group: `features` columns of bytes, `total` apart, become rows of `stride` bytes. */
	fillRows(columns: number, total: number, features: number, rowData: number, stride: number, begin: number, end: number): void;
	/** `index[i] = i` for begin..end. */
	identity(index: number, begin: number, end: number): void;
	/** For each block of rows: sum of |g|, sum of h, largest |g|, largest h, as doubles. */
	blockStats(gradient: number, hessian: number, begin: number, end: number, out: number): void;
	/**
	 * Writes g * scaleG and h * scaleH as integers into the rows of every group: rounded, or with `dither` (a seed) up or down by chance, so
	 * that sums keep no bias.
	 */
	quantise(
		rowData: number,
		stride: number,
		groups: number,
		groupBytes: number,
		gradient: number,
		hessian: number,
		begin: number,
		end: number,
		scaleG: number,
		scaleH: number,
		dither: number,
	): void;
	clear(at: number, bytes: number): void;
	/** Adds to the cells of `features` narrow features from index[begin..end]. */
	histogram(cells: number, rowData: number, stride: number, features: number, index: number, begin: number, end: number): void;
	/** The same for one wide feature. */
	histogramWide(
		cells: number,
		codes: number,
		codeBytes: number,
		rowData: number,
		stride: number,
		index: number,
		begin: number,
		end: number,
	): void;
	/** The same for all sparse features at once: cells that the lists of the rows name, and in the cell at `sum` all rows. */
	histogramSparse(
		cells: number,
		starts: number,
		entries: number,
		rowData: number,
		stride: number,
		index: number,
		begin: number,
		end: number,
		sum: number,
	): void;
	/** Gives the bin that no list names what is left of `sum` when `size` cells have theirs. */
	complete(cells: number, size: number, common: number, sumG: number, sumH: number): void;
	/** Stable: rows whose bin has `lut[bin] = 1` come first. Answers how many. */
	partition(index: number, spare: number, begin: number, end: number, codes: number, codeBytes: number, lut: number): number;
	/** How many original rows index[begin..end] stand for: the sum of their 16 bits at `counts`, or without it their number. */
	countRows(counts: number, index: number, begin: number, end: number): number;
	/** large -= small, cell by cell. */
	subtract(large: number, small: number, begin: number, end: number): void;
	/**
	 * Best split of a numeric feature; `input` as `ScanIn`, eight doubles out: gain, bin (-1: none), missing left, sum g, sum h left. The
	 * WASM kernel may answer any split of a feature that another one of the leaf beats.
	 */
	scanNumber(cells: number, bins: number, missing: number, monotone: number, input: number, out: number): void;
	addScore(score: number, index: number, begin: number, end: number, value: number): void;
	gradientsLogistic(score: number, label: number, weight: number, gradient: number, hessian: number, begin: number, end: number): void;
	gradientsSquared(score: number, label: number, weight: number, gradient: number, hessian: number, begin: number, end: number): void;
	/** Of all `outputs` at once, their scores and gradients so many bytes apart. */
	gradientsSoftmax(
		score: number,
		label: number,
		weight: number,
		gradient: number,
		hessian: number,
		begin: number,
		end: number,
		outputs: number,
		scoresApart: number,
		gradientsApart: number,
	): void;
}

/**
 * Doubles at `input` of a scan. `leastLeft` and `mostLeft` bound the integer hessian sum of the left side: what rows and hessian in a leaf
 * ask for.
 */
export const ScanIn = {
	g: 0,
	h: 1,
	unitG: 2,
	unitH: 3,
	lambda1: 4,
	lambda2: 5,
	leastLeft: 6,
	mostLeft: 7,
	minGain: 8,
	low: 9,
	high: 10,
} as const;
