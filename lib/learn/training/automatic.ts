import { newFlag, stopAsked, WISH, wish, wished } from '../../domain/cancel.js';
import { dictionary } from '../../domain/dictionary.js';
import type { JobContext } from '../../compute/contract.js';
import { MlopsError } from '../../domain/errors.js';
import type { MetricValues, RunRecord } from '../../domain/run.js';
import { folds } from '../../data/split.js';
import type { SplitParams } from '../../domain/split.js';
import type { Frame } from '../../data/frame.js';
import { taskById } from '../../task/index.js';
import { breathe } from '../check.js';
import type { FitContext, Learner } from '../contract.js';
import { Encodings, prepare, type Prepared, type Source } from './prepare.js';
import { mulberry32 } from '../../domain/random.js';
import { evenSample } from '../../task/statistics/sampling.js';
import { fitLearner, goodness, readParams, scoreOf } from './trial.js';

type LeaderboardRow = NonNullable<RunRecord['leaderboard']>[number];

export interface Search {
	source: Source;
	/** The frame with roles, for folds. */
	labelled: Frame;
	train: Uint32Array;
	valid: Uint32Array;
	method: SplitParams['method'];
	/** What the split keeps on one side. */
	units?: Uint32Array;
	learners: readonly Learner[];
	metric: string;
	budgetSeconds: number;
	seed: number;
}

export interface Found {
	learner: Learner;
	params: unknown;
	leaderboard: LeaderboardRow[];
}

interface Candidate {
	learner: Learner;
	params: unknown;
	order: number;
}
interface Scored extends Candidate {
	row: LeaderboardRow;
	rung: number;
}

/** With fewer rows a validation part ranks by luck, so candidates are compared on folds. */
const FOLDS_UP_TO = 5000;
const FOLDS = 5;
/** Rows of the first round of successive halving; each later round has this many times more and keeps one candidate in three. */
const FIRST_RUNG = 30_000;
const GROWTH = 6;
const KEEP = 3;
/** Most candidates of the first round. */
const CANDIDATES = 24;
/** Variations in a row that improve nothing before the first round ends early. */
const PATIENCE = 8;

/**
 * Tries learners and parameters within a time budget and returns the best with a leaderboard: the baseline, the default of each learner,
 * then variations of the ones that did best. Small data: 5-fold cross-validation of each candidate. Large data: successive halving
 * (Jamieson and Talwalkar 2016) on growing samples of the training rows, ranked on the validation rows. Test rows play no part.
 * With time to spare the answer depends on data and seed alone; a budget that runs out, on the machine's speed too.
 */
export async function searchBest(search: Search, context: JobContext): Promise<Found> {
	const {
		source: { target },
		learners,
		metric,
	} = search;
	const started = performance.now();
	const left = (): number => search.budgetSeconds - (performance.now() - started) / 1000;
	const small = search.train.length + search.valid.length <= FOLDS_UP_TO || search.valid.length === 0;
	const tried = new Map<string, Scored>();
	const sizes = small ? [search.train.length] : rungs(search.train.length);
	const keyOf = (c: Candidate): string => JSON.stringify([c.learner.id, c.params]);
	const enough = (): boolean => stopAsked(context, 'The training');

	const arena = small ? await foldArena(search) : undefined;
	let rung = 0;
	let bench = arena ?? (await sampleArena(search, sizes[0]));
	const attempt = async (candidate: Candidate, share: number, seconds = left()): Promise<void> => {
		const from = performance.now();
		const { learner, params } = candidate;
		const row: LeaderboardRow = { learner: learner.id, params: params as Record<string, unknown>, metrics: {}, seconds: 0 };
		const fit = within(context, search.seed, performance.now() + Math.max(1, seconds) * 1000);
		try {
			const results: MetricValues[] = [];
			for (const { prepared, encodings } of bench) {
				const trial = await fitLearner(learner, params, target.task, prepared, encodings, fit);
				results.push(scoreOf(target.task, prepared.valid!.labels.y, trial.scores, target.classes.length));
				await breathe();
			}
			row.metrics = average(results);
			if (results.length > 1) row.std = deviation(results.map((r) => r[metric]).filter((v) => v !== undefined));
			if (!(metric in row.metrics)) row.failed = `${metric} has no value on these rows`;
		} catch (thrown) {
			const error = MlopsError.from(thrown, 'compute.task_failed');
			if (error.code === 'compute.cancelled') throw error;
			row.failed = error.message;
		}
		row.seconds = (performance.now() - from) / 1000;
		tried.set(keyOf(candidate), { ...candidate, row, rung });
		const table = ranked(tried, metric);
		const [best] = table;
		context.progress({
			stage: `Trying learners: ${learner.label}`,
			share,
			...(best && !best.row.failed ? { metric: { name: metric, value: best.row.metrics[metric] } } : {}),
			leaderboard: table.map((s) => s.row),
		});
		await breathe();
	};

	// The baseline first: it costs nothing and is always in the table. Then every learner's defaults.
	const learned = learners.filter((l) => !l.baseline);
	const defaults = [...learners.filter((l) => l.baseline), ...learned].map(
		(learner, order): Candidate => ({ learner, params: tuned(learner, {}, !small), order }),
	);
	for (const candidate of byNeeds(defaults)) {
		if (tried.size > 1 && enough()) break;
		// Each gets its share of the time, and a second even when that is over: a learner that never ran cannot be judged.
		await attempt(candidate, 0.1 + 0.4 * (tried.size / CANDIDATES), left() / (defaults.length - tried.size));
	}
	// Then variations, the better learners' more often.
	const order = ranked(tried, metric)
		.filter((s) => !s.row.failed && !s.learner.baseline)
		.map((s) => s.learner);
	const variations = vary(order, search.seed, !small, defaults.length)
		.filter((c) => !tried.has(keyOf(c)))
		.slice(0, CANDIDATES - tried.size);
	const share = sizes.length > 1 ? 0.5 : 0.1; // of the budget that the later rounds keep
	let leader = ranked(tried, metric)[0];
	let since = 0;
	for (const candidate of variations) {
		if (left() <= share * search.budgetSeconds || since >= PATIENCE || enough()) break;
		await attempt(candidate, 0.1 + 0.4 * (tried.size / CANDIDATES));
		const best = ranked(tried, metric)[0];
		since = best === leader ? since + 1 : 0;
		leader = best;
	}
	let survivors = ranked(tried, metric).filter((s) => !s.row.failed && !s.learner.baseline);
	for (rung = 1; rung < sizes.length; rung++) {
		survivors = survivors.slice(0, Math.max(2, Math.ceil(survivors.length / KEEP)));
		const grew = sizes[rung] / sizes[rung - 1];
		const affordable = survivors.filter((s, i) => i === 0 || s.row.seconds * grew < left());
		if (affordable.length < 2 || left() <= 0 || enough()) break;
		bench = await sampleArena(search, sizes[rung]);
		for (const s of byNeeds(affordable)) if (left() > 0 && !enough()) await attempt(s, 0.5 + (0.3 * rung) / sizes.length);
		survivors = ranked(tried, metric).filter((s) => s.rung === rung && !s.row.failed);
	}
	const table = ranked(tried, metric);
	const winner = table.find((s) => !s.row.failed && !s.learner.baseline) ?? table.find((s) => !s.row.failed);
	if (!winner)
		throw new MlopsError('compute.task_failed', `No learner could be trained: ${table[0]?.row.failed ?? 'there was no time'}.`, {
			remedy: 'Look at the reason, or choose a learner by hand.',
		});
	return { learner: winner.learner, params: winner.params, leaderboard: table.map((s) => s.row) };
}

/** The furthest round first, then the metric, then the order of promise. */
function ranked(tried: ReadonlyMap<string, Scored>, metric: string): Scored[] {
	const value = (s: Scored): number => (s.row.failed ? -Infinity : goodness(metric, s.row.metrics));
	return [...tried.values()].sort(
		(a, b) =>
			Number(!!a.row.failed) - Number(!!b.row.failed) ||
			b.rung - a.rung ||
			(value(b) === value(a) ? 0 : value(b) - value(a)) ||
			a.order - b.order,
	);
}

/** Candidates of one encoding after another, so that each encoding is made once. */
function byNeeds<C extends Candidate>(candidates: readonly C[]): C[] {
	const key = (c: C): string => JSON.stringify(c.learner.needs(c.params));
	const keys = [...new Set(candidates.map(key))];
	return keys.flatMap((k) => candidates.filter((c) => key(c) === k));
}

type Arena = Array<{ prepared: Prepared; encodings: Encodings }>;

async function foldArena({ source, labelled, train, valid, method, seed, units }: Search): Promise<Arena> {
	const rows = Uint32Array.from([...train, ...valid]).sort();
	const arena: Arena = [];
	const quiet = { ...source, note: () => {} };
	for (const fold of folds(labelled, Math.min(FOLDS, Math.max(2, Math.floor(rows.length / 2))), {
		method,
		seed,
		rows,
		strata: taskById(source.target.task).strata?.(source.target),
		units,
	})) {
		const prepared = await prepare(quiet, fold.train, fold.validation);
		arena.push({ prepared, encodings: new Encodings(prepared, true) });
	}
	return arena;
}

async function sampleArena({ source, train, valid, seed }: Search, rows: number): Promise<Arena> {
	const prepared = await prepare(
		{ ...source, note: () => {} },
		evenSample(train, rows, seed),
		evenSample(valid, Math.max(50_000, Math.ceil(rows / 2)), seed),
	);
	return [{ prepared, encodings: new Encodings(prepared) }];
}

function rungs(rows: number): number[] {
	const sizes: number[] = [];
	for (let size = FIRST_RUNG; size < rows / 2; size *= GROWTH) sizes.push(size);
	// The last round need not be all rows: ranking settles long before, and the winner is trained on all of them afterwards.
	if (sizes.length > 2) sizes.length = 2;
	return sizes.length ? sizes : [rows];
}

/** A learner's parameters with early stopping where validation rows are at hand. */
function tuned(learner: Learner, params: Record<string, unknown>, validated: boolean): unknown {
	const parsed = readParams(learner, params) as Record<string, unknown>;
	if (!validated || parsed.early_stopping_rounds !== 0) return parsed;
	return readParams(learner, { ...parsed, early_stopping_rounds: 30 });
}

/** Seeded draws from the learners' search spaces, earlier values (and earlier learners) more often. */
function vary(learners: readonly Learner[], seed: number, validated: boolean, from: number): Candidate[] {
	const random = mulberry32(seed ^ 0x5eed);
	const seen = new Set<string>();
	const out: Candidate[] = [];
	for (let tries = 0; tries < 400 && out.length < 3 * CANDIDATES; tries++) {
		const learner = learners[Math.min(learners.length - 1, Math.floor(-Math.log2(1 - random() * 0.999)))];
		if (!learner) break;
		const params = dictionary<unknown>();
		for (const [name, values] of Object.entries(learner.searchSpace)) {
			if (!values?.length) continue;
			params[name] = values[Math.min(values.length - 1, Math.floor(-1.2 * Math.log2(1 - random() * 0.999)))];
		}
		const key = JSON.stringify([learner.id, params]);
		if (seen.has(key)) continue;
		seen.add(key);
		out.push({ learner, params: tuned(learner, params, validated), order: from + out.length });
	}
	return out;
}

/** A fit context that stops its learner when the time is over, and hands on what the person asks. */
function within(context: JobContext, seed: number, deadline: number): FitContext {
	const flag = newFlag();
	const look = (): void => {
		const asked = wished(context);
		if (asked !== WISH.goOn) wish(flag, asked);
		else if (performance.now() > deadline) wish(flag, WISH.keepBest);
	};
	look();
	return { seed, threads: context.threads, memoryBytes: context.memoryBytes, cancelled: flag, progress: look, note: () => {} };
}

function average(all: readonly MetricValues[]): MetricValues {
	const out: MetricValues = dictionary();
	for (const name of new Set(all.flatMap((m) => Object.keys(m)))) {
		const values = all.map((m) => m[name]).filter((v) => v !== undefined);
		out[name] = values.reduce((a, b) => a + b, 0) / values.length;
	}
	return out;
}

function deviation(values: readonly number[]): number {
	const mean = values.reduce((a, b) => a + b, 0) / values.length;
	return Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
}
