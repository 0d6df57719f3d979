import { canonicalJson } from '../../domain/json.js';
import type { RunRecord } from '../../domain/run.js';
import { membersOf, soleMember } from './ensembleLearner.js';

type Made = Pick<RunRecord, 'leaderboard' | 'learner' | 'params'>;

/**
 * The candidates that a run's model was made of, by their places in its leaderboard: one, or the members of an ensemble. The first need not
 * be among them, since of candidates that rank alike others may go better together. Empty for a run that compared none.
 */
export function chosenRows({ leaderboard = [], learner, params }: Made): number[] {
	const sole = soleMember(params);
	const made = sole ? [sole] : (membersOf(params) ?? [{ learner, params }]);
	const keys = new Set(made.map(keyOf));
	return leaderboard.flatMap((row, i) => (!row.failed && keys.has(keyOf(row)) ? [i] : []));
}

const keyOf = ({ learner, params }: Pick<RunRecord, 'learner' | 'params'>): string => canonicalJson([learner, params]);
