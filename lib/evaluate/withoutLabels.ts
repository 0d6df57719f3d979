import { GATE_VERSION, type GateRule, type Interval } from '../domain/evaluation.js';
import { MlopsError } from '../domain/errors.js';
import type { TaskType } from '../domain/column.js';
import type { ModelManifest } from '../domain/model.js';
import type { MetricValues } from '../domain/run.js';
import { valueAt, type Frame } from '../data/frame.js';
import { flaggedFrom, isFlagged } from '../task/flag.js';
import { checkMetric, metricsFor, metricsOf, scoredRows } from '../task/measure.js';
import type { Metric } from '../task/metrics/contract.js';
import { metricById } from '../task/metrics/index.js';
import { orderByScore } from '../task/metrics/ranks.js';
import type { Scored } from '../task/metrics/scored.js';
import { LEAST_OF_A_CLASS, LEAST_ROWS } from './enough.js';
import { noNumber, type Evaluated, type EvaluateContext } from './evaluateModel.js';
import { countedRows, exactIntervals } from './exactIntervals.js';
import { gate } from './gate.js';
import { intervals, REPLICATES, spread } from './intervals.js';
import { draws, unitsOf, type Units } from './resampling.js';
import { tally } from './predictionTally.js';

export interface UnlabelledInput {
	/** A score a row. */
	scores: Float64Array;
	/** 1 where a row is known to be an anomaly, 0 where it is known to be none, NaN where nobody knows. */
	truth: Float64Array;
	/** Raw columns of the same rows. */
	frame: Frame;
	/** Scores of the rows that were learned from. */
	learned: Float64Array;
	/** Scores of the same rows by two halves of the model that learned apart from each other. */
	halves?: readonly [Float64Array, Float64Array];
	manifest: Pick<ModelManifest, 'task' | 'target' | 'threshold'>;
	/** What made a row odd, the strongest first; absent where the model cannot tell. */
	reasons?(row: number): ReadonlyArray<{ feature: string; text: string }>;
	primary: string;
	timeColumn?: string;
	groupColumn?: string;
	copied?: boolean;
	/** None: hardly more anomalies than among the rows learned from, halves that agree, and with the truth better than guessing. */
	rules?: readonly GateRule[];
	judged?: string;
	/** Whether a model in use was to be compared with, or parts of the rows to stand side by side. */
	asked?: { champion?: boolean; side?: boolean };
}

/** What the panel `anomalies` of a report draws. */
export interface AnomalyFigures {
	threshold: number;
	/** Rows a bin of scores, of those judged and of those learned from. */
	edges: number[];
	judged: number[];
	learned: number[];
	/** Shares of rows that score above the threshold. */
	shares: { judged: number; learned: number };
	oddest: Array<{ row: number; id?: string; score: number; anomaly: boolean; truth?: boolean; reasons: string[] }>;
	/** Of the anomalies that score highest, how many each column is the first reason of. */
	columns: Array<{ feature: string; rows: number }>;
}

const BINS = 30;
const SHOWN = 20;
/** Most rows whose first reasons are counted. */
const COUNTED = 200;
const REASONS = 3;
const SEED = 95;
/** Halves of a model that agree less than this have learned little but chance. */
const LEAST_AGREEMENT = 0.5;

/**
 * Judges a model that learned from no labels: how many rows it calls anomalies, beside the rows it learned from; how alike two halves of it
 * order the rows; which rows are the oddest, and why. Where the truth of rows is known, AUC and average precision of these. Deterministic.
 * @throws `evaluate.no_rows`, `evaluate.not_comparable`, `learn.parameter_invalid`
 */
export function evaluateWithoutLabels(input: UnlabelledInput, context: EvaluateContext): Evaluated {
	const { scores, truth, frame, manifest } = input;
	const { threshold } = manifest;
	check(input);
	for (const { metric } of input.rules ?? []) checkMetric(metric, manifest.task);
	const notes: Evaluated['notes'] = [];
	const units = unitsOf(frame, input, notes);
	const figures = figuresOf(input);
	const known = Uint32Array.from(truth.keys()).filter((i) => !Number.isNaN(truth[i]));
	const metrics = measured(input, known, units);
	const anomalies = known.reduce((n, i) => n + truth[i], 0);
	const judgedByTruth = anomalies >= LEAST_OF_A_CLASS && known.length - anomalies >= LEAST_OF_A_CLASS;
	notes.push(...notesOn(input, known.length, anomalies, judgedByTruth));
	const baseline = guessed(
		manifest.task,
		Float64Array.from(known, (i) => truth[i]),
	);
	const gateRules = input.rules?.length
		? [...input.rules]
		: rulesFor(metrics, figures.shares.learned, judgedByTruth ? Object.keys(baseline)[0] : undefined);
	for (const note of notes) context.note(note.code, note.text);
	return {
		task: manifest.task,
		target: manifest.target,
		classes: [],
		rows: scores.length,
		resampled: units.by,
		metrics,
		baseline,
		primary: input.primary,
		threshold,
		importance: [],
		slices: [],
		gate: gate(gateRules, {
			metrics,
			baseline,
			...(input.asked?.champion ? { comparisons: new Map() } : {}),
			...(input.judged === undefined ? {} : { judged: input.judged }),
			tooFew: (names) => tooFew(scores.length, names, known.length - anomalies, anomalies),
		}),
		gateRules,
		gateVersion: GATE_VERSION,
		panels: { anomalies: figures },
		notes,
	};
}

function check({ scores, frame }: UnlabelledInput): void {
	if (scores.length === 0)
		throw new MlopsError('evaluate.no_rows', 'There are no test rows.', { remedy: 'Train with a larger test share.' });
	if (frame.rows !== scores.length)
		throw new MlopsError('evaluate.not_comparable', `There are ${scores.length} scores for ${frame.rows} rows.`, {
			expected: `${frame.rows} scores`,
		});
	const bad = scores.findIndex((s) => !Number.isFinite(s));
	if (bad >= 0) throw noNumber(frame, bad);
}

/** All metrics of the task: those that need no truth on all rows, the others on those whose truth is known. */
function measured({ scores, truth, halves, manifest: { task, threshold } }: UnlabelledInput, known: Uint32Array, units: Units) {
	const options = { threshold: flaggedFrom(threshold) };
	const all = scoredRows(task, [], scores, 0, { ...options, halves });
	const bare = Object.fromEntries(
		metricsOf(task, false).flatMap((metric) => {
			const interval = resampled(metric, all, units);
			return interval ? [[metric.id, interval]] : [];
		}),
	);
	const y = Float64Array.from(known, (i) => truth[i]);
	const positives = y.reduce((n, v) => n + v, 0);
	if (positives === 0 || positives === y.length) return bare;
	const own = { ...units, unit: Uint32Array.from(known, (i) => units.unit[i]) };
	const p = Float64Array.from(known, (i) => scores[i]);
	const common = { task, classes: 2, scores: p, labels: y, ...options, units: own };
	const needTruth = metricsOf(task).filter((m) => !m.withoutTruth);
	const exact = metricsFor(task, y, p, 2, { ...options, only: needTruth.map((m) => m.id) });
	return {
		...bare,
		...intervals(exact, tally(common), own, {
			exactly: exactIntervals(exact, common),
			effective: Math.min(own.count, positives, y.length - positives),
		}),
	};
}

/**
 * Of metrics that look at the order of the rows alone, what guessing gives: scores that are all alike. None where there is one kind of
 * rows.
 */
function guessed(task: TaskType, y: Float64Array): MetricValues {
	const only = metricsOf(task)
		.filter((m) => !m.withoutTruth && m.replicates.from === 'ranks')
		.map((m) => m.id);
	return new Set(y).size === 2 ? metricsFor(task, y, new Float64Array(y.length).fill(0.5), 2, { only }) : {};
}

/** The value on all rows, with its spread over drawn units, never narrower than the exact bounds. */
function resampled(metric: Metric, scored: Scored, units: Units): Interval | undefined {
	const value = metric.value(scored);
	if (!Number.isFinite(value)) return undefined;
	const weights = new Float64Array(units.unit.length);
	const values: number[] = [];
	for (const weight of draws(units.count, REPLICATES, SEED)) {
		for (let i = 0, n = weights.length; i < n; i++) weights[i] = weight[units.unit[i]];
		const drawn = metric.value(scored.weighted(weights));
		if (Number.isFinite(drawn)) values.push(drawn);
	}
	const { low, high } = spread(value, values, units.count);
	const exact = metric.exact?.({ ...countedRows(scored), value, total: units.count });
	return { value, low: Math.min(low, exact?.low ?? low), high: Math.max(high, exact?.high ?? high) };
}

const share = (scores: Float64Array, threshold: number): number =>
	scores.reduce((n, s) => n + Number(isFlagged(s, threshold)), 0) / Math.max(1, scores.length);

/**
 * At most twice as many anomalies as among the rows learned from, or 5 of 100 rows more; halves that agree; with the truth, better than
 * guessing by the first metric of their order.
 */
function rulesFor(metrics: Record<string, Interval>, learned: number, byTruth: string | undefined): GateRule[] {
	return [
		{ metric: 'flagged', kind: 'max', value: Number(Math.min(1, Math.max(2 * learned, learned + 0.05)).toFixed(4)) },
		...(metrics.agreement ? [{ metric: 'agreement', kind: 'min' as const, value: LEAST_AGREEMENT }] : []),
		...(byTruth ? [{ metric: byTruth, kind: 'baseline' as const, value: 0.01 }] : []),
	];
}

function tooFew(rows: number, metrics: readonly string[], ordinary: number, anomalies: number): string | undefined {
	if (rows < LEAST_ROWS)
		return (
			`There are only ${rows} test rows: with fewer than ${LEAST_ROWS} any share may be luck, so the gate does not judge. ` +
			`Bring in more rows, or give the test a larger share in Train.`
		);
	if (metrics.every((m) => metricById(m)?.withoutTruth) || Math.min(ordinary, anomalies) >= LEAST_OF_A_CLASS) return undefined;
	return (
		`Of the test rows ${anomalies} are known to be anomalies and ${ordinary} to be none: with fewer than ` +
		`${LEAST_OF_A_CLASS} of either any score may be luck, so the gate does not judge. Bring in more rows whose truth is ` +
		`known, or rules that need none.`
	);
}

function* notesFor({ manifest, asked = {}, reasons }: UnlabelledInput, known: number, anomalies: number, enough: boolean) {
	if (asked.champion)
		yield {
			code: 'champion_not_compared',
			text: 'Without answers nobody can tell which of two models is better: the model in use was not compared.',
		};
	if (asked.side)
		yield {
			code: 'side_without_answers',
			text: 'Parts of the rows do not stand side by side: there are no answers to be right or wrong about.',
		};
	if (!reasons)
		yield { code: 'no_reasons', text: 'This model cannot tell what makes a row odd: a step of its recipe works on whole tables only.' };
	if (manifest.target && known === 0)
		yield {
			code: 'no_truth',
			text: `Column "${manifest.target}" does not say yes or no, or not in these rows, so the anomalies were not compared with it.`,
		};
	if (known && !enough)
		yield {
			code: 'little_truth',
			text: `Of the test rows ${anomalies} are known to be anomalies and ${known - anomalies} to be none, too few to judge by.`,
		};
}
const notesOn = (...given: Parameters<typeof notesFor>): Evaluated['notes'] => [...notesFor(...given)];

function figuresOf({ scores, learned, truth, frame, manifest: { threshold }, reasons }: UnlabelledInput): AnomalyFigures {
	const order = orderByScore(scores);
	const id = frame.schema.findIndex((c) => c.role === 'id');
	const why = new Map(Array.from(order.subarray(0, COUNTED), (row) => [row, reasons?.(row) ?? []]));
	const first = new Map<string, number>();
	for (const [row, [strongest]] of why)
		if (strongest && isFlagged(scores[row], threshold)) first.set(strongest.feature, (first.get(strongest.feature) ?? 0) + 1);
	const edges = edgesOver(scores, learned, [threshold]);
	return {
		threshold,
		edges,
		judged: binned(scores, edges),
		learned: binned(learned, edges),
		shares: { judged: share(scores, threshold), learned: share(learned, threshold) },
		oddest: Array.from(order.subarray(0, SHOWN), (row) => ({
			row: frame.rowId[row] + 1,
			...(id >= 0 ? { id: idText(frame, id, row) } : {}),
			score: scores[row],
			anomaly: isFlagged(scores[row], threshold),
			...(Number.isNaN(truth[row]) ? {} : { truth: truth[row] === 1 }),
			reasons: why
				.get(row)!
				.slice(0, REASONS)
				.map(({ text }) => text),
		})),
		columns: [...first].map(([feature, rows]) => ({ feature, rows })).sort((a, b) => b.rows - a.rows),
	};
}

const idText = (frame: Frame, column: number, row: number): string => String(valueAt(frame.vectors[column], row) ?? '');

function edgesOver(...all: ReadonlyArray<Iterable<number>>): number[] {
	let [low, high] = [Infinity, -Infinity];
	for (const scores of all)
		for (const s of scores) {
			low = Math.min(low, s);
			high = Math.max(high, s);
		}
	const width = Math.max(high - low, 0.01) / BINS;
	return Array.from({ length: BINS + 1 }, (_, i) => low + i * width);
}

function binned(scores: Float64Array, edges: readonly number[]): number[] {
	const counts = Array.from({ length: BINS }, () => 0);
	for (const s of scores) counts[Math.max(0, Math.min(BINS - 1, Math.floor((s - edges[0]) / (edges[1] - edges[0]))))]++;
	return counts;
}
