import { z } from 'zod/v4';
import type { NumberVector } from '../data/frame.js';
import { moments, quantiles } from './stats.js';

/** Parameters of the two steps that treat outliers. */
export const outlierParams = {
	method: z
		.enum(['iqr', 'zscore'])
		.default('iqr')
		.meta({
			title: 'What counts as an outlier',
			description: 'How far from the rest a value must lie.',
			labels: { iqr: 'Far from the middle half (IQR)', zscore: 'Many standard deviations from the mean' },
		}),
	factor: z
		.number()
		.min(0)
		.default(1.5)
		.meta({
			title: 'IQR factor',
			description: 'Widths of the middle half that a value may lie beyond it; 1.5 is usual, 3 only catches extremes.',
			when: { method: ['iqr'] },
		}),
	threshold: z
		.number()
		.min(0)
		.default(3)
		.meta({
			title: 'Standard deviations',
			description: 'How many standard deviations from the mean are allowed.',
			when: { method: ['zscore'] },
		}),
};
export interface OutlierParams {
	method: 'iqr' | 'zscore';
	factor: number;
	threshold: number;
}

export interface Bounds {
	low: number;
	high: number;
}

/** Limits of what counts as usual: Tukey's fences, or mean plus and minus standard deviations (population). Undefined without values. */
export function boundsOf(data: NumberVector, p: OutlierParams): Bounds | undefined {
	if (p.method === 'zscore') {
		const { count, mean, deviation } = moments(data);
		if (!count) return undefined;
		const width = p.threshold * deviation;
		return finite({ low: mean - width, high: mean + width });
	}
	const [q1, q3] = quantiles(data, [0.25, 0.75]);
	return finite({ low: q1 - p.factor * (q3 - q1), high: q3 + p.factor * (q3 - q1) });
}

const finite = (b: Bounds): Bounds | undefined =>
	Number.isFinite(b.low) && Number.isFinite(b.high) ? { low: b.low + 0, high: b.high + 0 } : undefined;
