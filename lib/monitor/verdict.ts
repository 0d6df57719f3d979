import type { Pair } from './table.js';

/** What a mode says of one column's distribution. */
export interface Verdict {
	kind: 'numeric' | 'categorical';
	pair: Pair;
	test: string;
	score: number;
	threshold: number;
	drifted: boolean;
	pValue?: number;
	/** Sampling floor taken off the distance. */
	floor?: number;
	/** What the reference's error bound leaves open, if it could change the verdict. */
	unsure?: boolean;
	/** Values absent from the reference, most frequent first, and their share of the current rows with a value. */
	newLevels?: { names: string[]; share: number /** Whether they are enough to count. */; many?: boolean };
}
