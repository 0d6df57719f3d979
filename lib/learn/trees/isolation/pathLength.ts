const EULER_GAMMA = 0.5772156649015329;

/**
 * c(n) of Liu, Ting & Zhou 2008, "Isolation forest", equation 1: the mean length of the paths on which a search tree of `n` random keys
 * looks for a key that it does not hold; with 2 keys exactly 1, as scikit-learn has it. A leaf of n rows counts as if it had been divided
 * on.
 */
export function averagePathLength(n: number): number {
	if (n <= 1) return 0;
	return n === 2 ? 1 : 2 * (Math.log(n - 1) + EULER_GAMMA) - (2 * (n - 1)) / n;
}

/**
 * What a leaf adds to the raw score: its path length, with c(rows) for the divisions that were not made, negative and in units of c(rows of
 * the whole tree). So the anomaly score of the paper is 2 to the power of the trees' mean. Of a tree that holds one row nothing can be
 * told: -1, a score of 0.5.
 */
export function isolationValue(depth: number, rows: number, treeRows: number): number {
	const unit = averagePathLength(treeRows);
	return unit > 0 ? -(depth + averagePathLength(rows)) / unit : -1;
}
