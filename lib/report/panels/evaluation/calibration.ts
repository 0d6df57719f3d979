import type { EvaluationRecord } from '../../../domain/evaluation.js';
import type { Chart } from '../../charts/chart.js';
import { number, percent } from '../../formatting.js';
import { bar, table } from '../../safeHtml.js';
import { COLOR } from '../../theme.js';
import { definePanel } from '../panel.js';
import type { EvaluationInput } from './input.js';

type Calibration = NonNullable<EvaluationRecord['calibration']>;

/** Reliability diagram: promised probability against what happened; the size of a dot shows how many rows it stands for. */
function calibrationChart({ predicted, observed, count }: Calibration): Chart {
	const total = count.reduce((a, b) => a + b, 0) || 1;
	const gap = predicted.reduce((sum, p, i) => sum + Math.abs(p - observed[i]) * count[i], 0) / total;
	const most = Math.max(1, ...count);
	return {
		name: 'calibration',
		height: 380,
		title:
			gap <= 0.02
				? 'The probabilities can be taken at their word'
				: gap <= 0.06
					? 'The probabilities are roughly what happens'
					: 'The probabilities are not what happens: use them to rank, not to count',
		subtitle:
			`On average a promised probability is ${number(gap * 100, 2)} percentage points away from what happened. On the dashed ` +
			`line both agree; bigger dots stand for more rows.`,
		x: { kind: 'number', title: 'Promised by the model', unit: 'share', from: 0, to: 1 },
		y: { kind: 'number', title: 'Happened', unit: 'share', from: 0, to: 1 },
		marks: [
			{ mark: 'guide', from: [0, 0], to: [1, 1] },
			{
				mark: 'line',
				points: predicted.map((p, i) => [p, observed[i]]),
				color: 'accentMid',
				width: 2,
				dots: count.map((n) => n / most),
				tips: predicted.map((p, i) => `promised ${percent(p)}, happened ${percent(observed[i])} (${number(count[i])} rows)`),
			},
		],
	};
}

/** Whether what the model calls 70 % happens in 70 % of the cases. */
export const calibration = definePanel<EvaluationInput, Calibration>({
	id: 'calibration',
	data: ({ evaluation }) => (evaluation.calibration?.predicted.length ? evaluation.calibration : undefined),
	draw: (found) => ({
		title: 'Can the probabilities be trusted?',
		charts: [calibrationChart(found)],
		body: table(
			[{ head: 'Promised' }, { head: 'Happened' }, { head: '' }, { head: 'Rows', number: true }],
			found.predicted
				.slice(0, 20)
				.map((p, i) => [percent(p), percent(found.observed[i]), bar(found.observed[i], COLOR.accentMid), number(found.count[i])]),
		),
	}),
});
