import type { JobContext } from '../../../compute/contract.js';
import { stopAsked } from '../../../domain/cancel.js';
import { MlopsError } from '../../../domain/errors.js';
import type { MetricValues } from '../../../domain/run.js';
import { pairsIn } from '../../../recipe/encode.js';
import { breathe } from '../../check.js';
import type { FitContext, Learner } from '../../contract.js';
import type { Budget } from './budget.js';
import { keyOf, ranked, type Candidate, type LeaderboardRow, type Scored } from './candidates.js';
import { judge, type Bench, type Judgement, type Rows } from './judgeTrials.js';
import { goodness } from '../trial.js';
import type { TrialMemory } from './trialMemory.js';

export interface Search extends Rows {
	learners: readonly Learner[];
	metric: string;
	budget: Budget;
	/** Trials of a training of the same that was killed, and where those of this one are kept. */
	trials?: TrialMemory;
}

/** Share of the budget that finishing gets at least: an ensemble has several models to fit once more. */
const FINISHING = 0.25;
/** A fit on all rows may take so much longer than trials foretell. */
const CAUTION = 1.25;
/** A candidate that its time cut short and that is further behind than this share of the best one's lead over the baseline is given up. */
const FAR = 0.1;
/** Numbers that the answers of candidates may hold together. */
const MOST_ANSWERS = 2e7;

/** All that was tried so far, and the time that is left to try more. */
export class Contest {
	readonly tried = new Map<string, Scored>();
	/** Round of successive halving. */
	rung = 0;

	constructor(
		private readonly search: Search,
		public bench: Bench,
		private readonly context: JobContext,
	) {}

	/** The best first. */
	table(): Scored[] {
		return ranked(this.tried.values(), this.search.metric);
	}

	/** Those that learned something, the best first. */
	learned(): Scored[] {
		return this.table().filter((s) => !s.row.failed && !s.learner.baseline);
	}

	/** Seconds for trials, once the best so far can be made of all rows. */
	left(): number {
		const { budget } = this.search;
		const [best] = this.learned();
		return budget.before(Math.max(FINISHING * budget.seconds, best ? CAUTION * best.fitSeconds : 0));
	}

	/** Seconds for one trial: a share of those that are left, and never so many that no time would be left to make what it shows. */
	slot(share: number, keep = 0): number {
		const { train, valid } = this.search;
		const perTrial = (CAUTION * (train.length + valid.length)) / (this.bench.learned * this.bench.folds.length);
		const left = Math.max(0, this.left() - keep);
		return Math.min(share * left, left / (1 + perTrial));
	}

	/**
	 * Whether a candidate does nothing that another does not: it asks for pairs of categories, and the rows show none. Looked for in the
	 * first fold, by the encoding that its trial begins with.
	 */
	async idle({ learner, params }: Omit<Candidate, 'order'>): Promise<boolean> {
		const needs = learner.needs(params);
		return needs.pairs !== undefined && pairsIn((await this.bench.folds[0].encodings.get(needs)).encoder).length === 0;
	}

	/** @throws `compute.cancelled` */
	enough(): boolean {
		return stopAsked(this.context, 'The training');
	}

	/** Tries a candidate for so many seconds at most, and tells. `look`: how often it was tried before. @throws `compute.cancelled` */
	async attempt(candidate: Candidate, share: number, seconds: number, look = 0): Promise<void> {
		const { metric } = this.search;
		const { learner, params } = candidate;
		const row: LeaderboardRow = { learner: learner.id, params: params as Record<string, unknown>, metrics: {}, seconds: 0 };
		const scored: Scored = { learner, params, order: candidate.order, row, rung: this.rung, look, fitSeconds: 0 };
		await this.run(scored, seconds);
		// What a wish ends amid its rounds is no whole trial, and comes before one that is only where it does better on the same rows.
		if (this.spared() && (scored.row.failed || scored.row.cutShort) && !this.leads(scored)) return;
		const learnable = this.search.train.length + this.search.valid.length;
		scored.fitSeconds = ((scored.row.seconds / this.bench.folds.length) * learnable) / this.bench.learned;
		this.tried.set(keyOf(candidate), scored);
		this.forget();
		const table = this.table();
		const [best] = table;
		this.context.progress({
			stage: `Trying learners: ${learner.label}`,
			share,
			...(best && !best.row.failed ? { metric: { name: metric, value: best.row.metrics[metric] } } : {}),
			leaderboard: table.map((s) => s.row),
		});
		await breathe();
	}

	/** Fits and judges it, unless a training that was killed had done so. @throws `compute.cancelled` */
	private async run(scored: Scored, seconds: number): Promise<void> {
		const { budget, source, seed, trials } = this.search;
		const { row } = scored;
		const key = JSON.stringify([this.rung, this.bench.rows.length, keyOf(scored), scored.look]);
		const known = trials?.recall(key);
		if (known) {
			Object.assign(scored, known);
			return;
		}
		const from = budget.left();
		const left = (): number => budget.left() - from + seconds;
		try {
			const hopeless = (found: MetricValues, fold: number): boolean => this.spared() || (fold === 0 && this.isFarBehind(found));
			const judged = await judge(this.bench, scored, source, fitContextOf(this.context, seed), left, hopeless);
			if (judged) {
				this.take(scored, judged.judgement);
				scored.made = judged.made;
			} else row.failed = 'Its time was over when it was far behind the best.';
		} catch (thrown) {
			const error = MlopsError.from(thrown, 'compute.task_failed');
			if (error.code === 'compute.cancelled') throw error;
			row.failed = error.message;
		}
		row.seconds = from - budget.left();
		// One that ends since a person wants the best is no whole trial.
		if (scored.judgement && !row.failed && !this.enough()) trials?.keep(key, { row, judgement: scored.judgement });
	}

	/** Whether somebody waits for the best so far, and there is one. */
	private spared(): boolean {
		return this.enough() && this.learned().length > 0;
	}

	private leads({ row, rung }: Scored): boolean {
		const { metric } = this.search;
		const [best] = this.learned();
		return !row.failed && rung === best.rung && goodness(metric, row.metrics) > goodness(metric, best.row.metrics);
	}

	private take(scored: Scored, judgement: Judgement): void {
		const { metric } = this.search;
		const { row } = scored;
		scored.judgement = judgement;
		row.metrics = judgement.metrics;
		const values = judgement.byFold[metric] ?? [];
		if (values.length > 1) row.std = deviation(values);
		if (judgement.cutShort) row.cutShort = judgement.cutShort;
		if (!(metric in row.metrics)) row.failed = `${metric} has no value on these rows`;
	}

	/** Whether metrics of the first fold are further from the best there than a share of what the best has over the baseline. */
	private isFarBehind(first: MetricValues): boolean {
		const { metric } = this.search;
		const of = (s: Scored | undefined): number | undefined => s?.judgement?.byFold[metric]?.[0];
		const [best, least] = [of(this.learned()[0]), of(this.table().find((s) => s.learner.baseline && !s.row.failed))];
		if (best === undefined || least === undefined || !(metric in first)) return false;
		return Math.abs(best - first[metric]) > FAR * Math.abs(best - least) && goodness(metric, first) < goodness(metric, { [metric]: best });
	}

	/** Keeps the answers of the best alone, and the model of the very best. */
	private forget(): void {
		const { rows } = this.bench;
		const all = this.table();
		for (const s of this.learned().slice(1)) s.made = undefined;
		const outputs = all.find((s) => s.judgement)?.judgement?.outputs ?? 1;
		for (const s of all.slice(Math.max(5, Math.floor(MOST_ANSWERS / (rows.length * outputs))))) s.judgement = undefined;
	}
}

const fitContextOf = (context: JobContext, seed: number): FitContext => ({
	seed,
	threads: context.threads,
	memoryBytes: context.memoryBytes,
	cancelled: context.cancelled,
	progress: () => {},
	note: () => {},
});

function deviation(values: readonly number[]): number {
	const mean = values.reduce((a, b) => a + b, 0) / values.length;
	return Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
}
