import type { EvaluationRecord } from '../../../domain/evaluation.js';
import type { Chart } from '../../charts/chart.js';
import { number } from '../../formatting.js';
import { definePanel } from '../panel.js';
import type { EvaluationInput } from './input.js';

interface Misses {
	target: string;
	residuals: NonNullable<EvaluationRecord['residuals']>;
}

/** Residual (true minus predicted) over the prediction. */
function residualsChart({ target, residuals: { predicted, residual } }: Misses): Chart {
	const mean = residual.reduce((a, b) => a + b, 0) / residual.length;
	const spread = Math.sqrt(residual.reduce((a, b) => a + (b - mean) ** 2, 0) / residual.length);
	const lean =
		Math.abs(mean) <= 0.15 * spread ? 'miss high and low alike' : mean > 0 ? 'are too low on average' : 'are too high on average';
	return {
		name: 'residuals',
		height: 340,
		title: `Predictions of “${target}” ${lean}`,
		subtitle: `Each dot is one row: above the line the truth was higher than predicted. Two thirds lie within about ±${number(spread, 2)}.`,
		x: { kind: 'number', title: `Predicted ${target}`, free: true },
		y: { kind: 'number', title: 'True minus predicted', free: true },
		marks: [
			{
				mark: 'dots',
				size: 6,
				faint: true,
				points: predicted.map((p, i) => [p, residual[i]]),
				tips: predicted.map((p, i) => `predicted ${number(p)}, true ${number(p + residual[i])}`),
			},
			{ mark: 'limit', y: 0 },
		],
	};
}

/** By how much numbers are missed, and where. */
export const residuals = definePanel<EvaluationInput, Misses>({
	id: 'residuals',
	data: ({ evaluation: e }) => (e.residuals?.predicted.length ? { target: e.target, residuals: e.residuals } : undefined),
	draw: (misses) => ({ title: 'Where it misses', charts: [residualsChart(misses)] }),
});
