import type { EvaluationRecord } from '../../../domain/evaluation.js';
import type { Chart } from '../../charts/chart.js';
import { number, plain, score } from '../../formatting.js';
import { bar, table } from '../../safeHtml.js';
import { metricWords } from '../../reportWords.js';
import { definePanel } from '../panel.js';
import type { EvaluationInput } from './input.js';

interface Drops {
	/** The largest loss first. */
	drops: EvaluationRecord['importance'];
	/** What is lost, in words. */
	label: string;
}

const MOST = 15;

/** The strongest columns; the spread as a line, the figure beyond it, so that the two do not touch. */
function importanceChart({ drops, label }: Drops): Chart {
	const rows = drops.slice(0, MOST);
	return {
		name: 'importance',
		right: 64,
		title: rows[0].drop > 0 ? `What the answers depend on most: “${rows[0].feature}”` : 'No single column matters by itself',
		subtitle:
			`How much worse “${label}” gets when a column is ` +
			`shuffled.${drops.length > rows.length ? ` The strongest ${rows.length} of ${number(drops.length)} columns.` : ''}`,
		x: {
			kind: 'number',
			title: `Loss of ${label} without the column`,
			from: Math.min(0, ...rows.map((r) => r.drop)),
			// Wide enough for the longest spread.
			to: Math.max(0, ...rows.map((r) => r.drop + r.std)) || 1,
		},
		y: { kind: 'names', names: rows.map((r) => r.feature) },
		marks: [
			{
				mark: 'bars',
				series: [
					{ values: rows.map((r) => r.drop), color: rows.map((r, i) => (r.drop <= 0 ? 'neutral' : i === 0 ? 'accent' : 'accentMid')) },
				],
				tips: rows.map((r) => `${r.feature}: ${score(r.drop, 4)} worse (± ${score(r.std, 4)})`),
			},
			{
				mark: 'intervals',
				rows: rows.map(({ drop, std }) => {
					const high = Math.max(0, drop + std);
					return { low: std > 0 ? Math.max(Math.min(0, drop), drop - std) : high, high, label: score(drop, 3) };
				}),
			},
		],
	};
}

/** Permutation importance: how much worse the model gets when one column is shuffled. */
export const importance = definePanel<EvaluationInput, Drops>({
	id: 'importance',
	data: ({ evaluation: e }) =>
		e.importance.length ? { drops: [...e.importance].sort((a, b) => b.drop - a.drop), label: metricWords(e.primary).label } : undefined,
	draw: (found) => ({
		title: 'What the answers depend on',
		hint: `Loss of ${found.label} when a column is shuffled.`,
		charts: [importanceChart(found)],
		body: table(
			[{ head: 'Column' }, { head: '' }, { head: 'Loss', number: true }],
			found.drops
				.slice(0, MOST)
				.map((d) => [plain(d.feature, 60), bar(d.drop / (found.drops[0].drop || 1)), `${score(d.drop, 4)} ± ${score(d.std, 4)}`]),
		),
	}),
});
