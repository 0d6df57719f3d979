import { own } from '../../domain/dictionary.js';
import type { Division } from '../../domain/rollout.js';

/** What one arm did, over all servers of a store, since the rollout began. */
export interface ArmCounts {
	requests: number;
	/** Requests that ended with an error of the server's (500 and above). */
	failed: number;
	/** Rows with an answer, and rows with an error of their own. */
	rows: number;
	rowErrors: number;
	/** Requests by latency: as many as there are edges, and one more for those beyond. */
	buckets: readonly number[];
	/** Of the first score of each answer: its sum and that of its squares. */
	score: number;
	score2: number;
	/**
	 * Of a shadow: answers compared with the stable version's, those that are the same, and the sum of the absolute differences of scores.
	 */
	pairs: number;
	agreeing: number;
	difference: number;
	/** Answers that a shadow had no time for. */
	skipped: number;
}

/** By arm. `edges`: upper ends of the latency buckets in seconds, rising. */
export interface Counts {
	edges: readonly number[];
	arms: Readonly<Record<string, ArmCounts>>;
}

export const noCounts = (buckets: number): ArmCounts => ({
	requests: 0,
	failed: 0,
	rows: 0,
	rowErrors: 0,
	buckets: new Array<number>(buckets).fill(0),
	score: 0,
	score2: 0,
	pairs: 0,
	agreeing: 0,
	difference: 0,
	skipped: 0,
});

const combined = (a: ArmCounts, b: ArmCounts, sign: 1 | -1): ArmCounts => {
	const numbers = Object.fromEntries(
		(Object.keys(a) as Array<keyof ArmCounts>)
			.filter((key) => key !== 'buckets')
			.map((key) => [key, (a[key] as number) + sign * (b[key] as number)]),
	) as unknown as ArmCounts;
	return { ...numbers, buckets: a.buckets.map((n, i) => n + sign * (b.buckets[i] ?? 0)) };
};
export const plus = (a: ArmCounts, b: ArmCounts): ArmCounts => combined(a, b, 1);
export const minus = (a: ArmCounts, b: ArmCounts): ArmCounts => combined(a, b, -1);

export const STABLE = 'stable';
/** The arm under which a candidate's answers are counted and logged. */
export const armName = ({ kind }: Pick<Division, 'kind'>, version: number): string =>
	`${kind === 'shadow' ? 'shadow' : 'candidate'}-${version}`;

/** Rows that an arm was asked; of requests that failed as a whole nobody knows how many, so each counts as one. */
export const asked = ({ rows, rowErrors, failed }: ArmCounts): { hits: number; n: number } => ({
	hits: rowErrors + failed,
	n: rows + rowErrors + failed,
});

/** Answers that the candidates gave. */
export const candidateAnswers = (division: Pick<Division, 'kind' | 'candidates'>, { arms }: Counts): number =>
	division.candidates.reduce((sum, { version }) => sum + (own(arms, armName(division, version))?.rows ?? 0), 0);
