import type { TaskType } from '../domain/column.js';
import type { EvaluationRecord } from '../domain/evaluation.js';
import { isNumberVector, takeRows, type Frame, type Vector } from '../data/frame.js';
import { metricInfo, metricsFor } from '../learn/metrics.js';
import { sample, seeded, shuffled } from './statistics/random.js';

export interface ImportanceInput {
	task: TaskType; classes: number; labels: Float64Array; frame: Frame; threshold: number; primary: string;
	/** Raw columns to shuffle. */
	features: readonly string[];
	/** Scores of a frame, as the model gives them. */
	scoreFrame(frame: Frame): Promise<Float64Array>;
	rows?: number;
	repeats?: number;
	seed?: number;
	/** Called before each feature; throws to stop. */
	progress?(share: number): void;
}

/**
 * Permutation importance (Breiman 2001; as scikit-learn's `permutation_importance`): how much worse the primary metric gets when a column's values are shuffled among the rows,
 * mean and standard deviation (divisor n) over the repeats, greatest first. Positive is worse. Measured on a seeded sample of the rows.
 */
export async function permutationImportance(input: ImportanceInput): Promise<EvaluationRecord['importance']> {
	const { task, classes, threshold, primary, rows = 20_000, repeats = 3, seed = 0 } = input;
	const picked = input.frame.rows > rows ? sample(input.frame.rows, rows, seeded(seed)) : undefined;
	const frame = picked ? takeRows(input.frame, picked) : input.frame;
	const labels = picked ? Float64Array.from(picked, (i) => input.labels[i]) : input.labels;
	const sign = metricInfo(primary)?.higherIsBetter === false ? -1 : 1;
	const measure = async (f: Frame): Promise<number> => sign * (metricsFor(task, labels, await input.scoreFrame(f), classes, { threshold, only: [primary] })[primary] ?? NaN);
	const whole = await measure(frame);
	const out: EvaluationRecord['importance'] = [];
	for (const [f, feature] of input.features.entries()) {
		const at = frame.schema.findIndex((c) => c.name === feature);
		if (at < 0) continue;
		input.progress?.(f / input.features.length);
		const drops: number[] = [];
		for (let r = 0; r < repeats; r++) {
			const order = shuffled(frame.rows, seeded(seed + 1 + f * repeats + r));
			const vectors = frame.vectors.map((v, i) => (i === at ? reordered(v, order) : v));
			drops.push(whole - await measure({ ...frame, vectors }));
		}
		const drop = drops.reduce((s, d) => s + d, 0) / repeats;
		if (Number.isFinite(drop)) out.push({ feature, drop, std: Math.sqrt(drops.reduce((s, d) => s + (d - drop) ** 2, 0) / repeats) });
	}
	return out.sort((a, b) => b.drop - a.drop || (a.feature < b.feature ? -1 : 1));
}

function reordered(v: Vector, order: Uint32Array): Vector {
	if (isNumberVector(v)) return { data: Float64Array.from(order, (i) => v.data[i]) };
	return { codes: Uint32Array.from(order, (i) => v.codes[i]), dictionary: v.dictionary };
}
