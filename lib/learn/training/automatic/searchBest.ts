import type { JobContext } from '../../../compute/contract.js';
import { MlopsError } from '../../../domain/errors.js';
import { byNeeds, firstCandidates, variation, type Candidate, type LeaderboardRow, type Scored } from './candidates.js';
import { mulberry32 } from '../../../domain/random.js';
import { Contest, type Search } from './contest.js';
import { foldBench, judgedOnFolds, sampleBench, type Bench } from './judgeTrials.js';

export interface Tried {
	/** All candidates, the best first. */
	candidates: Scored[];
	/** The rows that the last round was judged on. */
	bench: Pick<Bench, 'rows' | 'y'>;
	/** How many times as many rows as a trial learned from there are to learn from. */
	growth: number;
	/** Whether each judged row was answered by models of a fold; else by models of a sample of the training rows. */
	onFolds: boolean;
	leaderboard: LeaderboardRow[];
}

/** Rows of the first round of successive halving; each later round has this many times more and keeps one candidate in three. */
const FIRST_RUNG = 30_000;
const GROWTH = 6;
const KEEP = 3;
/** Most candidates of the first round. */
const CANDIDATES = 40;
/** Variations in a row that improve nothing before the first round ends early. */
const PATIENCE = 10;
/** Share of the time for trials that is kept for a longer look at those of the first that were cut short. */
const LONGER = 0.3;
/** The best so many are looked at longer, each so often at most, if they get so many times the seconds of before. */
const LOOKED_AT = 4;
const LOOKS = 2;
const MORE = 1.5;
/** Share of the budget that the later rounds of large data keep. */
const LATER = 0.4;

/**
 * Tries learners and parameters until time is left only to make what was found: the baseline, the portfolio, then variations of the
 * settings that did best. Few data: every trial on the same folds, answered out of fold. Many: successive halving (Jamieson and Talwalkar
 * 2016) on growing samples of the training rows, judged on the same validation rows. Test rows play no part.
 * With time to spare the answer depends on data and seed alone; a budget that runs out, on the machine's speed too.
 */
export async function searchBest(search: Search, context: JobContext): Promise<Tried> {
	const folds = judgedOnFolds(search) ? await foldBench(search) : undefined;
	const sizes = folds ? [search.train.length] : rungs(search.train.length);
	const contest = new Contest(search, folds ?? (await sampleBench(search, sizes[0])), context);
	const first = firstCandidates(search.learners);
	await tryFirst(contest, folds ? first : byNeeds(first));
	await tryLonger(contest);
	await tryVariations(contest, search.seed, sizes.length > 1 ? LATER * search.budget.seconds : 0);
	await tryOnMore(contest, sizes, search);
	const candidates = contest.table();
	if (candidates.every((s) => s.row.failed)) throw noneTrained(candidates);
	const { bench } = contest;
	const growth = (search.train.length + search.valid.length) / bench.learned;
	return { candidates, bench, growth, onFolds: folds !== undefined, leaderboard: candidates.map((s) => s.row) };
}

function noneTrained([first]: readonly Scored[]): MlopsError {
	const why = (first?.row.failed ?? 'there was no time').replace(/\.$/, '');
	// It learned and was judged, but not by the metric that ranks.
	const judged = first && Object.keys(first.row.metrics).length > 0;
	return new MlopsError('compute.task_failed', `No learner could be trained: ${why}.`, {
		remedy: judged
			? 'Choose another metric that ranks, such as Log loss: each part that models were judged on may have rows of one class alone.'
			: 'Look at the reason, or choose a learner by hand.',
	});
}

/** Each gets its share of the time and half as much again; until something has learned, half of all. */
async function tryFirst(contest: Contest, candidates: readonly Candidate[]): Promise<void> {
	const keep = LONGER * contest.left();
	for (const [n, candidate] of candidates.entries()) {
		const none = contest.learned().length === 0;
		// A learner that never ran cannot be judged, so there is time for one whatever it takes.
		if (!none && (contest.left() <= 0 || contest.enough())) return;
		if (await contest.idle(candidate)) continue;
		const seconds = contest.slot(none ? 0.5 : Math.min(1, 1.5 / (candidates.length - n)), none ? 0 : keep);
		await contest.attempt(candidate, 0.05 + (0.3 * n) / candidates.length, seconds);
	}
}

/**
 * Those of the best that their share of the time cut short, once more with half of what is left: slow learners show what they can do when
 * they are given the time that all others together would waste. Where none was cut short nothing is done.
 */
async function tryLonger(contest: Contest): Promise<void> {
	for (;;) {
		const seconds = contest.slot(0.5);
		const next = contest
			.learned()
			.filter(({ row }) => row.cutShort)
			.slice(0, LOOKED_AT)
			.find(({ row, look }) => look < LOOKS && seconds > MORE * row.seconds);
		if (!next || contest.enough()) return;
		await contest.attempt(next, 0.35, seconds, next.look + 1);
	}
}

/** Variations of the best so far. `later`: seconds that rounds on more rows keep. */
async function tryVariations(contest: Contest, seed: number, later: number): Promise<void> {
	const random = mulberry32(seed ^ 0x5eed);
	let [leader] = contest.table();
	let since = 0;
	while (contest.tried.size < CANDIDATES && since < PATIENCE && contest.left() > later && !contest.enough()) {
		const order = contest.tried.size;
		const candidate = variation(contest.learned(), random, (key) => contest.tried.has(key));
		if (!candidate) return;
		await contest.attempt({ ...candidate, order }, 0.35 + 0.25 * (order / CANDIDATES), contest.slot(1, later));
		const [best] = contest.table();
		since = best === leader ? since + 1 : 0;
		leader = best;
	}
}

/** The rounds of successive halving after the first. */
async function tryOnMore(contest: Contest, sizes: readonly number[], search: Search): Promise<void> {
	let survivors = contest.learned();
	for (let rung = 1; rung < sizes.length; rung++) {
		survivors = survivors.slice(0, Math.max(2, Math.ceil(survivors.length / KEEP)));
		const grew = sizes[rung] / sizes[rung - 1];
		const affordable = survivors.filter((s) => s.row.seconds * grew < contest.left());
		if (affordable.length < 2 || affordable[0] !== survivors[0] || contest.enough()) return;
		contest.rung = rung;
		contest.bench = await sampleBench(search, sizes[rung]);
		for (const s of byNeeds(affordable)) {
			if (contest.left() <= 0 || contest.enough()) break;
			await contest.attempt(s, 0.5 + (0.1 * rung) / sizes.length, contest.slot(1));
		}
		survivors = contest.learned().filter((s) => s.rung === rung);
	}
}

/** Rows of each round. The last one need not be all: ranking settles long before, and what is chosen learns from all of them afterwards. */
function rungs(rows: number): number[] {
	const sizes: number[] = [];
	for (let size = FIRST_RUNG; size < rows / 2 && sizes.length < 2; size *= GROWTH) sizes.push(size);
	return sizes.length ? sizes : [rows];
}
