// What the host and the forest kernel share: fields lie one after another as in ../../forest/kernelGrower.ts.

@unmanaged
export class Plan {
	rows: u32; features: u32; outputs: u32; tries: u32; maxDepth: u32; minLeaf: u32; minSplit: u32; maxLeaves: u32;
	bootstrap: u32; random: u32; bestFirst: u32; classes: u32; counted: u32; setRoom: u32;
	label: usize; weight: usize; table: usize;
	unused: u32;
	/** Gain that is rounding alone, and the least gain for each unit of weight at the root. */
	speck: f64; minGain: f64;
}

@unmanaged
export class Feature {
	/** The bin of row r lies at `base + r * step`. */
	base: usize; step: usize; codeBytes: u32;
	/** Known bins; 0 is for missing values (of a number), and one more for what training never saw. */
	bins: u32;
	category: u32; column: i32;
	/** The values between the bins of a number, ascending; with random thresholds only. */
	borders: usize;
	unused: u32;
}

/** A node whose rows may still be divided; the second half is its best split, where that is known. */
@unmanaged
export class Entry {
	begin: u32; end: u32; node: u32; depth: u32; path: u32; known: u32;
	feature: i32; bin: u32; missingLeft: u32;
	unused: u32;
	gain: f64; own: f64; best: f64;
}

@unmanaged
export class Grower {
	// Where the thread's arrays lie.
	index: usize; spare: usize; values: usize; spareValues: usize; cells: usize; flags: usize; tally: usize;
	present: usize; keys: usize; order: usize;
	stack: usize; waiting: usize; moved: usize; partial: usize; sides: usize; sets: usize;
	nodeFeature: usize; nodeBin: usize; nodeLeft: usize; nodeRows: usize; nodeSet: usize; nodeWeight: usize;
	nodeGain: usize; nodeValue: usize;
	// What the host reads.
	nodes: u32; setCount: u32; setBase: u32;
	// The tree.
	seed: u32; stage: i32; count: u32; leaves: u32; todo: u32; heap: u32; at: u32;
	// The node in hand.
	begin: u32; end: u32; node: u32; depth: u32; path: u32; known: u32; draws: u32; drawn: u32; tried: u32;
	low: u32; high: u32; pick: u32; current: u32; touched: u32;
	// Its best split.
	feature: i32; bin: u32; missingLeft: u32;
	// Its division.
	left: u32; right: u32; middle: u32;
	own: f64; best: f64;
}
