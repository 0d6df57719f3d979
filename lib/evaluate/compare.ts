import type { TaskType } from '../domain/column.js';
import type { Comparison } from '../domain/evaluation.js';
import type { EvaluationRecord } from '../domain/evaluation.js';
import { metricInfo, metricsFor } from '../learn/metrics.js';
import { pairedDifferences, spread } from './intervals.js';
import { unitsAt, type Units } from './resampling.js';
import { delongTest } from './statistics/delong.js';
import { normalSf } from './statistics/distributions.js';
import { tally } from './tally.js';

/** The other model's scores of the same rows; `seen[row]` 1 where it was trained on the row. `threshold`: its own, if known. */
export interface Champion { name: string; scores: Float64Array; seen: Uint8Array; threshold?: number }

export interface CompareInput {
	task: TaskType; classes: number; scores: Float64Array; labels: Float64Array; threshold: number; units: Units;
	champion: Champion; metrics: readonly string[];
}

const LEAST_ROWS = 20;

/** Ours against the champion on rows that neither was trained on, one comparison a metric: paired bootstrap over the units, for AUC over rows DeLong's test. */
export function compareModels(input: CompareInput, notes: EvaluationRecord['notes']): Map<string, Comparison> {
	const { task, labels, champion } = input;
	const outputs = task === 'multiclass' ? input.classes : 1;
	const rows = Uint32Array.from({ length: labels.length }, (_, i) => i).filter((i) => champion.seen[i] === 0);
	const leftOut = labels.length - rows.length;
	if (champion.scores.length !== input.scores.length) {
		notes.push({ code: 'not_comparable', text: `${champion.name} answers another question (other classes), so the two were not compared.` });
		return new Map();
	}
	if (rows.length < LEAST_ROWS) {
		notes.push({ code: 'not_comparable', text: `Only ${rows.length} test rows are new to ${champion.name}, too few to compare on.` });
		return new Map();
	}
	const at = (all: Float64Array, width: number): Float64Array => {
		const out = new Float64Array(rows.length * width);
		for (let i = 0; i < rows.length; i++) for (let k = 0; k < width; k++) out[i * width + k] = all[rows[i] * width + k];
		return out;
	};
	const y = at(labels, 1);
	const ours = at(input.scores, outputs);
	const theirs = at(champion.scores, outputs);
	const units = unitsAt(input.units, rows);
	const theirThreshold = champion.threshold ?? input.threshold;
	const exactOurs = metricsFor(task, y, ours, input.classes, { threshold: input.threshold });
	const exactTheirs = metricsFor(task, y, theirs, input.classes, { threshold: theirThreshold });
	const common = { task, classes: input.classes, labels: y, units };
	const a = tally({ ...common, scores: ours, threshold: input.threshold });
	const b = tally({ ...common, scores: theirs, threshold: theirThreshold });
	const whole = new Float64Array(units.count).fill(1);
	const out = new Map<string, Comparison>();
	for (const metric of input.metrics) {
		const better = metricInfo(metric)?.higherIsBetter === false ? -1 : 1;
		const value = better * (exactOurs[metric] - exactTheirs[metric]);
		if (!Number.isFinite(value)) continue;
		const binned = a.metrics(whole)[metric] - b.metrics(whole)[metric];
		const delong = metric === 'auc' && units.by === 'rows' ? delongTest(y, ours, theirs) : undefined;
		const replicates = delong ? [] : pairedDifferences(a, b, units, metric).map((d) => value + better * (d - binned));
		const error = standardDeviation(replicates);
		const pValue = delong ? delong.pValue : error > 0 ? Math.min(1, 2 * normalSf(Math.abs(value) / error)) : value === 0 ? 1 : 0;
		const margin = delong && 1.959963984540054 * Math.sqrt(delong.variance);
		out.set(metric, {
			against: champion.name, metric, ours: exactOurs[metric], theirs: exactTheirs[metric],
			difference: margin === undefined ? spread(value, replicates) : { value, low: value - margin, high: value + margin },
			pValue, rows: rows.length, leftOut, test: delong ? 'DeLong' : `paired bootstrap of ${units.by === 'rows' ? 'rows' : `${units.by}s`}`,
		});
	}
	return out;
}

function standardDeviation(values: readonly number[]): number {
	if (values.length < 2) return 0;
	const mean = values.reduce((s, v) => s + v, 0) / values.length;
	return Math.sqrt(values.reduce((s, v) => s + (v - mean) ** 2, 0) / (values.length - 1));
}
