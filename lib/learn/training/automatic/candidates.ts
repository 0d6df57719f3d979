import { dictionary } from '../../../domain/dictionary.js';
import type { RunRecord } from '../../../domain/run.js';
import type { Learner } from '../../contract.js';
import { goodness, readParams } from '../trial.js';
import type { Judgement, Made } from './judgeTrials.js';
import { PORTFOLIO } from './portfolio.js';

export type LeaderboardRow = NonNullable<RunRecord['leaderboard']>[number];

export interface Candidate {
	learner: Learner;
	params: unknown;
	/** Of equally good ones the first comes first. */
	order: number;
}

export interface Scored extends Candidate {
	row: LeaderboardRow;
	/** Absent where it failed, or where too many were better to keep its answers. */
	judgement?: Judgement;
	/** Its model, of the best alone; absent too where another process had tried it. */
	made?: Made;
	/** Round of successive halving. */
	rung: number;
	/** How often it was tried before, with less time. */
	look: number;
	/** Seconds that one fit on all rows to learn from is going to take. */
	fitSeconds: number;
}

/** Trees without improvement before a setting that names none stops early. */
const PATIENCE = 30;

export const keyOf = ({ learner, params }: Omit<Candidate, 'order'>): string => JSON.stringify([learner.id, params]);

/** The baseline, the portfolio, then the defaults of learners that have no place in it. */
export function firstCandidates(learners: readonly Learner[]): Candidate[] {
	const settings = PORTFOLIO.flatMap((s) => learners.filter((l) => l.id === s.learner).map((learner) => ({ learner, params: s.params })));
	const rest = learners.filter((l) => !l.baseline && !settings.some((s) => s.learner === l)).map((learner) => ({ learner, params: {} }));
	const baseline = learners.filter((l) => l.baseline).map((learner) => ({ learner, params: {} }));
	return [...baseline, ...settings, ...rest].map(({ learner, params }, order) => ({ learner, params: tuned(learner, params), order }));
}

/** A learner's parameters, with early stopping. */
function tuned(learner: Learner, params: Readonly<Record<string, unknown>>): unknown {
	const parsed = readParams(learner, params) as Record<string, unknown>;
	return parsed.early_stopping_rounds === 0 ? readParams(learner, { ...parsed, early_stopping_rounds: PATIENCE }) : parsed;
}

/** Chance that a variation draws a parameter anew. */
const CHANGED = 0.35;

/**
 * One of the best settings so far (the best itself most often) with some parameters drawn anew from its learner's search space, earlier
 * values more often. Nothing where so many draws in a row were known or the best have nothing to vary.
 */
export function variation(
	best: readonly Candidate[],
	random: () => number,
	known: (key: string) => boolean,
): Omit<Candidate, 'order'> | undefined {
	const draw = <T>(from: readonly T[], steepness: number): T =>
		from[Math.min(from.length - 1, Math.floor(-steepness * Math.log2(1 - random() * 0.999)))];
	for (let tries = 0; best.length > 0 && tries < 50; tries++) {
		const { learner, params: base } = draw(best, 1);
		const params = Object.assign(dictionary<unknown>(), base);
		for (const [name, values] of Object.entries(learner.searchSpace))
			if (values?.length && random() < CHANGED) params[name] = draw(values, 1.2);
		const candidate = { learner, params: tuned(learner, params) };
		if (!known(keyOf(candidate))) return candidate;
	}
	return undefined;
}

/** The furthest round first, then the metric, then the order of promise. */
export function ranked(tried: Iterable<Scored>, metric: string): Scored[] {
	const value = (s: Scored): number => (s.row.failed ? -Infinity : goodness(metric, s.row.metrics));
	return [...tried].sort(
		(a, b) =>
			Number(!!a.row.failed) - Number(!!b.row.failed) ||
			b.rung - a.rung ||
			(value(b) === value(a) ? 0 : value(b) - value(a)) ||
			a.order - b.order,
	);
}

/** Candidates of one encoding after another, so that each encoding is made once. */
export function byNeeds<C extends Candidate>(candidates: readonly C[]): C[] {
	const key = (c: C): string => JSON.stringify(c.learner.needs(c.params));
	const keys = [...new Set(candidates.map(key))];
	return keys.flatMap((k) => candidates.filter((c) => key(c) === k));
}
