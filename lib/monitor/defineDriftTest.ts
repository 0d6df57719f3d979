import type { CategoricalPair, NumericPair, Pair } from './table.js';

/** What a test says of two samples: `score` decides; a p-value test repeats it in `pValue`. */
export interface DriftScore {
	score: number;
	statistic?: number;
	pValue?: number;
}

interface Base {
	/** Short name in parameters and records; those that Evidently offers too have its name. */
	id: string;
	label: string;
	description: string;
	/** `pValue`: a small score is drift; `distance`: a large one. */
	decides: 'pValue' | 'distance';
	/** Score from which on a column drifted, unless a person sets another. */
	threshold: number;
	/** Whether a score equal to the threshold is drift. */
	equalDrifts: boolean;
}

export type DriftTest = Base &
	(
		| { kind: 'numeric'; run(pair: NumericPair): DriftScore }
		| { kind: 'categorical'; run(pair: CategoricalPair): DriftScore }
		| { kind: 'both'; run(pair: Pair): DriftScore }
	);

/** A drift test: one file under `tests/`, listed in its `index.ts`. Both samples hold at least one row and no missing values. */
export const defineDriftTest = (test: DriftTest): DriftTest => test;

/** The decision for a score. */
export function decides(test: Pick<DriftTest, 'decides' | 'equalDrifts'>, score: number, threshold: number): boolean {
	if (score === threshold) return test.equalDrifts;
	return test.decides === 'pValue' ? score < threshold : score > threshold;
}
