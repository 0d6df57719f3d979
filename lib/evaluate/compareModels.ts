import type { TaskType } from '../domain/column.js';
import type { Comparison, EvaluationRecord } from '../domain/evaluation.js';
import type { ModelManifest } from '../domain/model.js';
import { taskById } from '../task/index.js';
import { metricsFor } from '../task/measure.js';
import { metricById } from '../task/metrics/index.js';
import { tooFewToJudge } from './enough.js';
import { pairedDifferences, spread } from './intervals.js';
import { unitsAt, type Units } from './resampling.js';
import { studentP } from '../task/statistics/distributions.js';
import { studentQuantile } from '../task/statistics/smallSamples.js';
import { tally } from './predictionTally.js';

/** What the paired bootstrap draws. */
const DRAWN: Record<Units['by'], string> = { rows: 'rows', day: 'days', group: 'groups', copies: 'rows with their copies' };

/** What a model answers, and from which score on it says yes. */
type Question = Pick<ModelManifest, 'task' | 'target' | 'classes' | 'threshold'>;

/** The other model's scores of the same rows, in the order of its own classes. */
export interface Champion {
	name: string;
	scores: Float64Array;
	manifest: Question;
	/** 1 where it was trained on the row; absent where nobody can tell. */
	seen?: Uint8Array;
	/** Columns that it needs and these data do not have: then there are no scores. */
	lacks?: readonly string[];
}

export interface CompareInput {
	/** Of the model that is evaluated. */
	manifest: Question;
	scores: Float64Array;
	labels: Float64Array;
	units: Units;
	champion: Champion;
	/** Our classes as people wrote them; as they are where absent. */
	words?: readonly string[];
}

const LEAST_ROWS = 20;

/**
 * Ours against the champion on rows that neither was trained on, one comparison for each metric that both have: paired bootstrap over the
 * units, for AUC over rows DeLong's test, both with Student's t where rows of a class are few. Each model decides by its own threshold.
 * Empty, with a note, where the two cannot be compared.
 */
export function compareModels(input: CompareInput, notes: EvaluationRecord['notes']): Map<string, Comparison> {
	const {
		labels,
		champion,
		manifest: { task, threshold },
	} = input;
	const classes = input.manifest.classes.length;
	const outputs = taskById(task).outputs(classes);
	const aligned = alignedTo(input.manifest, champion);
	if (typeof aligned === 'string') {
		notes.push({ code: 'not_comparable', text: `${champion.name} ${aligned}, so the two were not compared.` });
		return new Map();
	}
	const rows = Uint32Array.from({ length: labels.length }, (_, i) => i).filter((i) => champion.seen?.[i] !== 1);
	const leftOut = labels.length - rows.length;
	if (rows.length < LEAST_ROWS) {
		notes.push({ code: 'not_comparable', text: `Only ${rows.length} test rows are new to ${champion.name}, too few to compare on.` });
		return new Map();
	}
	if (!champion.seen)
		notes.push({
			code: 'champion_rows',
			text:
				`It is not known which of these rows ${champion.name} was trained on, so none is left out of the comparison, and it ` +
				`may look better than it is.`,
		});
	const y = rowsOf(labels, 1, rows);
	const tooFew = tooFewToJudge(input.words ?? input.manifest.classes.map(String), y, []);
	if (tooFew) {
		notes.push({ code: 'not_comparable', text: `The rows that are new to ${champion.name} are too few to compare on. ${tooFew}` });
		return new Map();
	}
	return comparisons({
		task,
		classes,
		y,
		ours: { scores: rowsOf(input.scores, outputs, rows), threshold },
		theirs: { scores: rowsOf(aligned.scores, outputs, rows), threshold: aligned.threshold },
		units: unitsAt(input.units, rows),
		said: { against: champion.name, rows: rows.length, leftOut, ...(champion.seen ? {} : { seenUnknown: true }) },
	});
}

/** Values of some rows, `width` a row. */
function rowsOf(all: Float64Array, width: number, rows: Uint32Array): Float64Array {
	const out = new Float64Array(rows.length * width);
	for (let i = 0, n = rows.length; i < n; i++) for (let k = 0; k < width; k++) out[i * width + k] = all[rows[i] * width + k];
	return out;
}

/** Both models' answers on the same rows. */
interface Pair {
	task: TaskType;
	/** Number of classes, 0 where the answers are numbers. */
	classes: number;
	y: Float64Array;
	ours: { scores: Float64Array; threshold: number };
	theirs: { scores: Float64Array; threshold: number };
	units: Units;
	/** What all comparisons say. */
	said: Pick<Comparison, 'against' | 'rows' | 'leftOut' | 'seenUnknown'>;
}

function comparisons({ task, classes, y, ours, theirs, units, said }: Pair): Map<string, Comparison> {
	// What a difference can hang on: with few rows of a class, their luck; so Student's t takes the place of the normal.
	const effective = effectiveUnits(y, classes, units);
	const df = effective - 1;
	const exactOurs = metricsFor(task, y, ours.scores, classes, { threshold: ours.threshold });
	const exactTheirs = metricsFor(task, y, theirs.scores, classes, { threshold: theirs.threshold });
	const common = { task, classes, labels: y, units };
	const a = tally({ ...common, ...ours });
	const b = tally({ ...common, ...theirs });
	const whole = new Float64Array(units.count).fill(1);
	const [wholeOurs, wholeTheirs] = [a.metrics(whole), b.metrics(whole)];
	const pairedTest = (metric: string) => (units.by === 'rows' ? metricById(metric)?.paired : undefined);
	const metrics = Object.keys(exactOurs).filter((metric) => Number.isFinite(exactOurs[metric] - exactTheirs[metric]));
	const differences = pairedDifferences(
		a,
		b,
		units,
		metrics.filter((metric) => !pairedTest(metric)),
	);
	const out = new Map<string, Comparison>();
	for (const metric of metrics) {
		const better = metricById(metric)?.better === 'lower' ? -1 : 1;
		const value = better * (exactOurs[metric] - exactTheirs[metric]);
		const binned = wholeOurs[metric] - wholeTheirs[metric];
		const own = pairedTest(metric);
		const paired = own?.test(y, ours.scores, theirs.scores);
		const replicates = (differences.get(metric) ?? []).map((d) => value + better * (d - binned));
		const margin = paired && studentQuantile(0.975, df) * Math.sqrt(paired.variance);
		out.set(metric, {
			metric,
			ours: exactOurs[metric],
			theirs: exactTheirs[metric],
			difference: margin === undefined ? spread(value, replicates, effective) : { value, low: value - margin, high: value + margin },
			pValue: paired ? testedP(paired, df) : resampledP(value, standardDeviation(replicates), df),
			test: own?.name ?? `paired bootstrap of ${DRAWN[units.by]}`,
			...said,
		});
	}
	return out;
}

const testedP = ({ difference, variance, pValue }: { difference: number; variance: number; pValue: number }, df: number): number =>
	variance > 0 ? studentP(difference / Math.sqrt(variance), df) : pValue;

/** @param error standard deviation of the difference over resamples */
const resampledP = (value: number, error: number, df: number): number => (error > 0 ? studentP(value / error, df) : value === 0 ? 1 : 0);

/** Independent things that a metric of these rows hangs on: units, or those with a row of the rarest class where these are fewer. */
export function effectiveUnits(labels: Float64Array, classes: number, { unit, count }: Units): number {
	if (!classes) return count;
	const having = Array.from({ length: classes }, () => new Set<number>());
	labels.forEach((y, i) => having[y].add(unit[i]));
	return Math.min(count, ...having.map((units) => units.size).filter((n) => n > 0));
}

/** The champion's scores and threshold in the order of our classes, or why there is no such order. */
function alignedTo(
	ours: Question,
	{ scores, manifest: theirs, lacks = [] }: Champion,
): { scores: Float64Array; threshold: number } | string {
	if (lacks.length)
		return `needs the column${lacks.length === 1 ? '' : 's'} ${lacks
			.slice(0, 5)
			.map((name) => `"${name}"`)
			.join(', ')}${lacks.length > 5 ? ` and ${lacks.length - 5} more` : ''}, which these data do not have`;
	if (theirs.target !== ours.target) return `answers another question ("${theirs.target}" instead of "${ours.target}")`;
	const [mine, other] = [ours.classes.map(String), theirs.classes.map(String)];
	const from = mine.map((c) => other.indexOf(c));
	if (theirs.task !== ours.task || mine.length !== other.length || from.includes(-1))
		return `answers another question (${other.join(', ') || 'a number'} instead of ${mine.join(', ') || 'a number'})`;
	if (from.every((k, i) => k === i)) return { scores, threshold: theirs.threshold };
	return taskById(ours.task).reordered!(scores, from, theirs.threshold);
}

function standardDeviation(values: readonly number[]): number {
	if (values.length < 2) return 0;
	const mean = values.reduce((s, v) => s + v, 0) / values.length;
	return Math.sqrt(values.reduce((s, v) => s + (v - mean) ** 2, 0) / (values.length - 1));
}
