import { murmurMix } from '../../../domain/random.js';
import type { MetricValues } from '../../../domain/run.js';
import { taskById } from '../../../task/index.js';
import { metricsFor } from '../../../task/measure.js';
import { metricById } from '../../../task/metrics/index.js';
import type { Target } from '../../../task/contract.js';
import { calibrated, fitCalibrations, lossesOf, type Calibration } from '../../ensemble/answerCalibration.js';
import { greedyWeights, type Limits } from '../../ensemble/greedy.js';
import { goodness } from '../trial.js';
import type { Judged } from '../fitModel.js';
import type { Scored } from './candidates.js';

export interface Combined {
	members: Array<{ candidate: Scored; weight: number }>;
	calibration?: Calibration;
	/** Answers for the judged rows, by weights and a calibration that other rows gave. */
	scores: Float64Array;
	outputs: number;
	/** The metric that ranks, of these answers and of those of the best alone. */
	value: number;
	alone: number;
}

export interface Combining extends Limits {
	target: Target;
	metric: string;
	/** False where people asked for other probabilities than those that occur. */
	calibrate: boolean;
	/** Seconds that fitting the members once more may take together. */
	seconds: number;
	/** How many times as many rows the members will learn from as in their trials: their models grow with them. */
	growth: number;
	seed: number;
}

/** Candidates that may become members. */
const CANDIDATES = 10;
/** Judged rows that weights are found by, at most. */
const WEIGHED = 3000;
/** Parts of the judged rows: each is answered by what the others gave. */
const PARTS = 5;
/** With fewer judged rows, or rows of a class, probabilities are left as they are. */
const CALIBRATED_FROM = 200;
const OF_A_CLASS = 20;
/** With fewer rows steps would be learned by heart. */
const ISOTONIC_FROM = 2000;
/** Errors below this are as good as none. */
const LEAST = 1e-6;

/**
 * What Automatic makes of its candidates: greedy weights, and a calibration where it shows to help. Whether the mean of several is better
 * than the best alone is judged on answers by weights that other rows gave; where it is not, the best stays alone. The candidates come with
 * the best first.
 */
export function combine(candidates: readonly Scored[], y: Float64Array, options: Combining): Combined | undefined {
	const able = affordable(candidates, options.seconds);
	const [best] = able;
	if (!best) return undefined;
	const { outputs } = best.judgement!;
	const all = Uint32Array.from(y, (_, i) => i);
	const part = partsOf(y, options.seed);
	const value = (scores: Float64Array): number => valueOf(options, y, scores);
	const weights = weigh(able, y, all, options, worth);
	/** Each row answered by the weights that the other parts gave. */
	const crossedBy = (by: Combining, judge: Judge): Float64Array => {
		const crossed = new Float64Array(y.length * outputs);
		for (let p = 0; p < PARTS; p++) {
			const others = all.filter((i) => part[i] !== p);
			const mean = meanOf(able, weigh(able, y, others.length ? others : all, by, judge));
			for (const i of all) if (part[i] === p) crossed.set(mean.subarray(i * outputs, (i + 1) * outputs), i * outputs);
		}
		return crossed;
	};
	const crossed = crossedBy(options, worth);
	// The best of many looks better than it is on the rows that chose it, so the one alone is chosen by other rows as well.
	const one = { ...options, members: 1 };
	const alone = crossedBy(one, worth);
	const better = worth(options, y, crossed) > worth(options, y, alone);
	const final = better ? weights : weigh(able, y, all, one, worth);
	const found = better ? crossed : alone;
	const { calibration, scores } = calibrationOf(found, meanOf(able, final), outputs, y, part, options);
	return {
		members: able.map((candidate, m) => ({ candidate, weight: final[m] })).filter((m) => m.weight > 0),
		...(calibration ? { calibration } : {}),
		scores,
		outputs,
		// Parts that were calibrated each by itself are out of order among each other, which one calibration for all is not.
		value: value(looksAtOrder(options.metric) ? found : scores),
		alone: value(alone),
	};
}

/** The best candidates of the last round with their answers, as far as there is time to fit them: the best one whatever it takes. */
function affordable(candidates: readonly Scored[], seconds: number): Scored[] {
	const able = candidates.filter((s) => s.judgement && !s.row.failed && !s.learner.baseline);
	const last = able.filter((s) => s.rung === able[0].rung).slice(0, CANDIDATES);
	let spent = 0;
	return last.filter((s, n) => {
		if (n > 0 && spent + s.fitSeconds > seconds) return false;
		spent += s.fitSeconds;
		return true;
	});
}

function weigh(able: readonly Scored[], y: Float64Array, rows: Uint32Array, options: Combining, judge: Judge): Float64Array {
	const { outputs } = able[0].judgement!;
	const step = Math.ceil(rows.length / WEIGHED);
	const some = rows.filter((_, n) => n % step === 0);
	const truth = Float64Array.from(some, (i) => y[i]);
	const models = able.map(({ judgement }) => ({
		scores: Float64Array.from(
			{ length: some.length * outputs },
			(_, k) => judgement!.scores[some[Math.floor(k / outputs)] * outputs + (k % outputs)],
		),
		cost: judgement!.microseconds,
		bytes: judgement!.bytes * options.growth,
	}));
	return greedyWeights(models, (scores) => judge(options, truth, scores), options);
}

function meanOf(able: readonly Scored[], weights: Float64Array): Float64Array {
	const out = new Float64Array(able[0].judgement!.scores.length);
	for (const [m, { judgement }] of able.entries())
		if (weights[m] > 0) for (let i = 0, n = out.length; i < n; i++) out[i] += weights[m] * judgement!.scores[i];
	return out;
}

/** How good answers are, larger is better. */
type Judge = (options: Combining, y: Float64Array, scores: Float64Array) => number;

const signed: Judge = (options, y, scores) => goodness(options.metric, measured(options, y, scores));

const looksAtOrder = (metric: string): boolean => metricById(metric)?.replicates.from === 'ranks';

/**
 * What a mean is judged by, larger is better: the metric. Where it looks at the order of the rows alone, few rows of a class rank two
 * models by luck that differ plainly in their probabilities: the log loss counts as much there, both in shares of themselves.
 */
function worth(options: Combining, y: Float64Array, scores: Float64Array): number {
	const { metric } = options;
	if (!looksAtOrder(metric)) return signed(options, y, scores);
	const missed = 1 - valueOf(options, y, scores);
	const loss = lossesOf(y, scores, scores.length / y.length).reduce((a, b) => a + b, 0) / y.length;
	return -Math.log(Math.max(missed, LEAST)) - Math.log(Math.max(loss, LEAST));
}

const measured = ({ target, metric }: Combining, y: Float64Array, scores: Float64Array): MetricValues =>
	metricsFor(target.task, y, scores, target.classes.length, { only: [metric] });
const valueOf = (options: Combining, y: Float64Array, scores: Float64Array): number => measured(options, y, scores)[options.metric] ?? NaN;

/**
 * The kind of least log loss on rows that it was not fitted to. They come with more and more to learn from the rows, beginning with none:
 * each has to be better than the best before it by more than chance. Fitted to all rows then.
 */
function calibrationOf(
	crossed: Float64Array,
	mean: Float64Array,
	outputs: number,
	y: Float64Array,
	part: Uint32Array,
	{ target, calibrate }: Pick<Combining, 'target' | 'calibrate'>,
): { calibration?: Calibration; scores: Float64Array } {
	const counts = target.classes.map((_, c) => y.reduce((n, v) => n + Number(v === c), 0));
	const few = y.length < CALIBRATED_FROM || Math.min(...counts) < OF_A_CLASS;
	if (!calibrate || few || taskById(target.task).output === 'value') return { scores: crossed };
	const tried = new Map<string, Float64Array>();
	for (let p = 0; p < PARTS; p++) {
		const [own, theirs] = [rowsOf(crossed, y, outputs, (i) => part[i] === p), rowsOf(crossed, y, outputs, (i) => part[i] !== p)];
		for (const how of fitCalibrations(theirs.y, theirs.scores, outputs)) {
			const put = calibrated(own.scores, outputs, how);
			const into = tried.get(how.kind) ?? tried.set(how.kind, new Float64Array(crossed.length)).get(how.kind)!;
			for (const [n, i] of own.rows.entries()) into.set(put.subarray(n * outputs, (n + 1) * outputs), i * outputs);
		}
	}
	if (y.length < ISOTONIC_FROM) tried.delete('isotonic');
	let best = { kind: '', scores: crossed };
	for (const [kind, scores] of tried) if (better(scores, best.scores)) best = { kind, scores };
	if (!best.kind) return { scores: crossed };
	const calibration = fitCalibrations(y, mean, outputs).find(({ kind }) => kind === best.kind);
	return { calibration, scores: best.scores };

	function better(scores: Float64Array, than: Float64Array): boolean {
		const losses = lossesOf(y, scores, outputs);
		const gains = lossesOf(y, than, outputs).map((loss, i) => loss - losses[i]);
		const gain = gains.reduce((a, b) => a + b, 0) / gains.length;
		return gain > Math.sqrt(gains.reduce((a, g) => a + (g - gain) ** 2, 0)) / gains.length;
	}
}

/** The calibration that shows to help on rows that their model did not learn from, with the answers that each part gets by the others'. */
export function calibrationFor(
	target: Target,
	{ y, scores, outputs }: Pick<Judged, 'y' | 'scores' | 'outputs'>,
	seed: number,
): ReturnType<typeof calibrationOf> {
	return calibrationOf(scores, scores, outputs, y, partsOf(y, seed), { target, calibrate: true });
}

/** Which part each row is in. */
const partsOf = (y: Float64Array, seed: number): Uint32Array => Uint32Array.from(y, (_, i) => murmurMix(seed ^ 0x51ab, i) % PARTS);

function rowsOf(scores: Float64Array, y: Float64Array, outputs: number, wanted: (row: number) => boolean) {
	const rows = Array.from(y.keys()).filter(wanted);
	return {
		rows,
		y: Float64Array.from(rows, (i) => y[i]),
		scores: Float64Array.from(rows.flatMap((i) => [...scores.subarray(i * outputs, (i + 1) * outputs)])),
	};
}
