import type { RunRecord } from '../../../domain/run.js';
import type { Chart, Point } from '../../charts/chart.js';
import { metricValue, metricWords } from '../../reportWords.js';
import { definePanel } from '../panel.js';

type Step = RunRecord['curve'][number];

interface Curve {
	curve: readonly Step[];
	metric: string;
}

/**
 * What a run's learning curve shows. Runs of before do not say: then it is what their learner stopped by, the loss unless a person chose a
 * metric.
 */
export function curveMetricOf(run: Pick<RunRecord, 'curveMetric' | 'params'>): string {
	const { early_stopping_metric: chosen } = run.params;
	return run.curveMetric ?? (typeof chosen === 'string' ? chosen : 'loss');
}

/** The metric while training went on, on training and on validation rows. */
function curveChart({ curve, metric }: Curve): Chart {
	const words = metricWords(metric);
	const points = (part: 'train' | 'validation') => curve.flatMap((p): Point[] => (p[part] === undefined ? [] : [[p.step, p[part]]]));
	const train = points('train');
	const valid = points('validation');
	const values = valid.map(([, v]) => v);
	const best = valid.find(([, v]) => v === (words.better === 'higher' ? Math.max : Math.min)(...values));
	const late = best !== undefined && best[0] > 0.95 * valid[valid.length - 1][0];
	const place = words.better === 'higher' ? ('below' as const) : ('above' as const);
	return {
		name: 'learning_curve',
		height: 300,
		title: !best
			? 'How training went on'
			: late
				? 'The model was still learning at the end'
				: `The model stopped getting better after step ${best[0]}`,
		subtitle: `${words.label}: ${words.better} is better. ${valid.length ? 'Validation rows were not trained on.' : ''}`,
		x: { kind: 'number', title: 'Training step', free: true, lines: false },
		y: { kind: 'number', title: words.label, free: true },
		marks: [
			...(train.length ? [{ mark: 'line' as const, name: 'training rows', points: train, color: 'neutral' as const, width: 2 }] : []),
			...(valid.length
				? [
						{
							mark: 'line' as const,
							name: 'validation rows',
							points: valid,
							color: 'accent' as const,
							tips: valid.map(([step, v]) => `step ${step}: ${metricValue(metric, v)} on validation rows`),
							note: best && { at: best, text: `best ${metricValue(metric, best[1])}`, place, end: late },
						},
					]
				: []),
		],
	};
}

/** While it learned. */
export const learningCurve = definePanel<RunRecord, Curve>({
	id: 'learning_curve',
	data: (run) => (run.curve.length > 1 ? { curve: run.curve, metric: curveMetricOf(run) } : undefined),
	draw: (curve) => ({ title: 'While it learned', charts: [curveChart(curve)] }),
});
