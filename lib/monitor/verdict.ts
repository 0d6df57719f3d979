import type { ColumnDrift } from '../domain/drift.js';
import type { ColumnFacts } from './columnData.js';
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

/** A verdict before the false discovery rate over columns has its say: it drifted if `candidate` and the p-value survives. */
export interface Candidate extends Verdict {
	candidate: boolean;
	p: number;
	chosen: boolean;
}

/** A verdict without the samples, which are as long as the tables. */
export type Told<V extends Verdict = Verdict> = Omit<V, 'pair'> & { histogram: ColumnDrift['histogram']; change: string };

/** What one column's two sides say by themselves; small, and plain enough to cross threads. Columns decide together only after that. */
export interface Judged {
	reference: ColumnFacts;
	/** Absent: the column is gone. */
	current?: ColumnFacts;
	/** Both sides hold values of one kind. */
	comparable: boolean;
	dead?: 'empty' | 'stuck';
	/** Chance of the change of missing values. */
	missingP: number;
	/** Why mode `evidently` passes the column over. */
	leftOut?: string;
	/** Absent where there is nothing to test. */
	verdict?: Told;
	candidate?: Told<Candidate>;
}
