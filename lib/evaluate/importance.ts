import type { TaskType } from '../domain/column.js';
import type { EvaluationRecord } from '../domain/evaluation.js';
import { isNumberVector, type Frame, type Vector } from '../data/frame.js';
import { inMemory, takeRows } from '../data/takeRows.js';
import { metricsFor } from '../task/measure.js';
import { metricById } from '../task/metrics/index.js';
import { murmurTwice } from '../domain/random.js';
import { sample, shuffled } from '../task/statistics/sampling.js';

export interface ImportanceInput {
	task: TaskType;
	classes: number;
	labels: Float64Array;
	frame: Frame;
	threshold: number;
	primary: string;
	/** Raw columns to shuffle. */
	features: readonly string[];
	/** Scores of a frame, as the model gives them. */
	scoreFrame(frame: Frame): Promise<Float64Array>;
	rows?: number;
	repeats?: number;
	seed?: number;
	/** Called before each feature; throws to stop. */
	progress?(share: number): void;
	/** Something a person should know of how it was measured. */
	note?(code: string, text: string): void;
}

/** Of more columns than this only the strongest are measured: each costs several predictions of the whole sample. */
const MOST_FEATURES = 100;
/** Rows of the sample on which many columns are searched for the strongest. */
const SEARCHED_ROWS = 500;
/** Values that all predictions together may go through; of wide data fewer rows are measured, yet never fewer than this. */
const MOST_VALUES = 3e9;
const LEAST_ROWS = 2_000;

/**
 * Permutation importance (Breiman 2001; as scikit-learn's `permutation_importance`): how much worse the primary metric gets when a column's
 * values are shuffled among the rows, mean and standard deviation (divisor n) over the repeats, greatest first. Positive is worse. Measured
 * on a seeded sample of the rows; of more than 100 columns for those that move the answers most, which a note says.
 */
export async function permutationImportance(input: ImportanceInput): Promise<EvaluationRecord['importance']> {
	const { task, classes, threshold, primary, repeats = 3, seed = 0 } = input;
	const there = input.features.filter((name) => input.frame.schema.some((c) => c.name === name));
	const many = there.length > MOST_FEATURES;
	const features = many ? await strongestFeatures(input, there, MOST_FEATURES, seed) : there;
	if (many) input.note?.('importance_searched', searchedText(there.length, features.length, Math.min(input.frame.rows, SEARCHED_ROWS)));
	const rows = Math.min(
		input.rows ?? 20_000,
		Math.max(LEAST_ROWS, Math.floor(MOST_VALUES / (Math.max(1, features.length * repeats) * input.frame.schema.length))),
	);
	const picked = input.frame.rows > rows ? sample(input.frame.rows, rows, murmurTwice(seed)) : undefined;
	const frame = inMemory(picked ? takeRows(input.frame, picked) : input.frame);
	const labels = picked ? Float64Array.from(picked, (i) => input.labels[i]) : input.labels;
	const sign = metricById(primary)?.better === 'lower' ? -1 : 1;
	const measure = async (f: Frame): Promise<number> =>
		sign * (metricsFor(task, labels, await input.scoreFrame(f), classes, { threshold, only: [primary] })[primary] ?? NaN);
	const whole = await measure(frame);
	const out: EvaluationRecord['importance'] = [];
	const searched = many ? 0.4 : 0;
	for (const [f, feature] of features.entries()) {
		const at = frame.schema.findIndex((c) => c.name === feature);
		input.progress?.(searched + ((1 - searched) * f) / features.length);
		const drops: number[] = [];
		for (let r = 0; r < repeats; r++) {
			const order = shuffled(frame.rows, murmurTwice(seed + 1 + f * repeats + r));
			const vectors = frame.vectors.map((v, i) => (i === at ? reordered(v, order) : v));
			drops.push(whole - (await measure({ ...frame, vectors })));
		}
		const drop = drops.reduce((s, d) => s + d, 0) / repeats;
		if (Number.isFinite(drop)) out.push({ feature, drop, std: Math.sqrt(drops.reduce((s, d) => s + (d - drop) ** 2, 0) / repeats) });
	}
	return out.sort((a, b) => b.drop - a.drop || (a.feature < b.feature ? -1 : 1));
}

/** Which columns were measured, and what is known of the others: fewer than the most are all that move an answer. */
const searchedText = (all: number, measured: number, rows: number): string =>
	measured < MOST_FEATURES
		? `Of ${all} columns ${measured} move the model's answers, and their importance was measured; shuffling the other ${all - measured} ` +
			`changes no answer (looked at on ${rows} rows).`
		: `Of ${all} columns the importance of the ${measured} that move the model's answers most was measured.`;

/**
 * The columns whose values move the answers most, found by halves: a group of columns shuffled together that changes nothing holds none,
 * and the group that changes most is divided first. So a model that uses few of thousands of columns costs few predictions. In the order of
 * `names`.
 */
async function strongestFeatures(
	{ frame: all, scoreFrame, progress }: ImportanceInput,
	names: readonly string[],
	count: number,
	seed: number,
): Promise<string[]> {
	const frame = inMemory(all.rows > SEARCHED_ROWS ? takeRows(all, sample(all.rows, SEARCHED_ROWS, murmurTwice(seed))) : all);
	const whole = await scoreFrame(frame);
	const index = new Map(frame.schema.map((c, i) => [c.name, i]));
	const effectOf = async (from: number, to: number): Promise<number> => {
		const vectors = [...frame.vectors];
		// Each column in an order of its own, so that columns that say the same do not hide one another.
		for (let f = from; f < to; f++)
			vectors[index.get(names[f])!] = reordered(frame.vectors[index.get(names[f])!], shuffled(frame.rows, murmurTwice(seed + 1 + f)));
		const scores = await scoreFrame({ ...frame, vectors });
		let sum = 0;
		for (let i = 0, n = scores.length; i < n; i++) sum += Math.abs(scores[i] - whole[i]);
		return sum / scores.length;
	};
	const groups = [{ from: 0, to: names.length, effect: Infinity }];
	const found: number[] = [];
	while (found.length < count && groups.length) {
		progress?.((0.4 * found.length) / count);
		const at = groups.reduce((best, g, i) => (g.effect > groups[best].effect ? i : best), 0);
		const [{ from, to }] = groups.splice(at, 1);
		if (to - from === 1) {
			found.push(from);
			continue;
		}
		const middle = (from + to) >> 1;
		for (const [a, b] of [
			[from, middle],
			[middle, to],
		]) {
			const effect = await effectOf(a, b);
			if (effect > 0) groups.push({ from: a, to: b, effect });
		}
	}
	return found.sort((a, b) => a - b).map((f) => names[f]);
}

function reordered(v: Vector, order: Uint32Array): Vector {
	if (isNumberVector(v)) return { data: Float64Array.from(order, (i) => v.data[i]) };
	return { codes: Uint32Array.from(order, (i) => v.codes[i]), dictionary: v.dictionary };
}
