import type { Comparison } from '../../../domain/evaluation.js';
import type { Chart } from '../../charts/chart.js';
import { count, number, score } from '../../formatting.js';
import { pairs, say, type Content } from '../../safeHtml.js';
import { metricValue, metricWords } from '../../reportWords.js';
import { definePanel } from '../panel.js';
import type { EvaluationInput } from './input.js';

/** Significant at the 5 % level and in the right direction. */
export const comparisonVerdict = (c: Comparison): 'better' | 'worse' | 'same' =>
	c.difference.low > 0 ? 'better' : c.difference.high < 0 ? 'worse' : 'same';

const SAID = {
	better: { tone: 'good', word: 'Better.', title: 'The new model is better than the one in use' },
	worse: { tone: 'bad', word: 'Worse.', title: 'The new model is worse than the one in use' },
	same: { tone: 'plain', word: 'No clear difference.', title: 'The new model is about as good as the one in use' },
} as const;

interface Against {
	comparison: Comparison;
	/** What guessing gives. */
	baseline?: number;
}

/** The new model against the one in use, and what guessing gives, on the same rows. */
function comparisonChart({ comparison: c, baseline }: Against): Chart {
	const words = metricWords(c.metric);
	const value = (v: number) => metricValue(c.metric, v);
	const guess = baseline === undefined ? [] : [baseline];
	const names = ['New model', `In use: ${c.against}`, ...guess.map(() => 'Guessing')];
	const values = [c.ours, c.theirs, ...guess];
	return {
		name: 'comparison',
		height: names.length * 46,
		right: 84,
		title: SAID[comparisonVerdict(c)].title,
		subtitle:
			`${words.label} on the same ${number(c.rows)} rows; ${words.better} is better. Difference ${value(c.difference.value)} ` +
			`(95 % interval ${value(c.difference.low)} to ` +
			`${value(c.difference.high)}).${c.leftOut ? ` ${number(c.leftOut)} rows left out, since one of the two was trained on them.` : ''}`,
		x: { kind: 'number', title: words.label, from: 0, unit: words.share ? 'share' : undefined },
		y: { kind: 'names', names, letters: 26, row: 46 },
		marks: [
			{
				mark: 'bars',
				strong: true,
				series: [{ values, color: (['accent', 'accentSoft', 'line'] as const).slice(0, values.length) }],
				labels: values.map(value),
				tips: names.map((name, i) => `${name}: ${value(values[i])}`),
			},
		],
	};
}

function comparisonText(c: Comparison): Content {
	const said = SAID[comparisonVerdict(c)];
	return [
		say(
			said.tone,
			`${metricWords(c.metric).label} ${metricValue(c.metric, c.ours)} against ${metricValue(c.metric, c.theirs)} of ${c.against}, ` +
				`on the same ${number(c.rows)} rows.`,
			said.word,
		),
		pairs([
			[
				'Difference',
				`${score(c.difference.value, 4)} (95 % interval ${score(c.difference.low, 4)} to ${score(c.difference.high, 4)}; positive is ` +
					'better)',
			],
			['Could it be chance?', `p = ${number(c.pValue, 2)}, ${c.test}`],
			...(c.leftOut ? [['Left out', `${count(c.leftOut, 'row')} that one of the two was trained on`] as [string, Content]] : []),
			...(c.seenUnknown
				? [
						['Take care', `${c.against} may have been trained on some of these rows, and then looks better here than it is`] as [
							string,
							Content,
						],
					]
				: []),
		]),
	];
}

/** Against the model in use, pair by pair. */
export const champion = definePanel<EvaluationInput, Against>({
	id: 'champion',
	data: ({ evaluation: { comparison, baseline } }) => comparison && { comparison, baseline: baseline[comparison.metric] },
	draw: (against) => ({
		title: 'Against the model in use',
		charts: [comparisonChart(against)],
		body: comparisonText(against.comparison),
	}),
});
