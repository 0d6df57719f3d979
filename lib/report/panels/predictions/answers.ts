import type { Chart } from '../../charts/chart.js';
import { number, percent } from '../../formatting.js';
import { bar, table, type Content } from '../../safeHtml.js';
import { definePanel } from '../panel.js';
import { spreadChart } from '../spreadChart.js';

/** What the answers to many rows were. */
export interface Answers {
	target: string;
	/** What a model without a target finds. */
	finds?: string;
	rows: number;
	/** Rows without an answer. */
	failed: number;
	/** How often each class was the answer, the most frequent first; of numbers the histogram and its middle. */
	counts?: Array<{ value: string; count: number }>;
	numbers?: { edges: number[]; counts: number[]; min: number; median: number; max: number };
}

const classTable = ({ target, finds, rows, failed, counts = [] }: Answers): Content => {
	const answered = rows - failed;
	return table(
		[{ head: finds ? 'Answer' : target }, { head: 'Rows', number: true }, { head: 'Share', number: true }, { head: '' }],
		counts.slice(0, 20).map(({ value, count }) => {
			const share = answered ? count / answered : 0;
			return [value, number(count), percent(share, 1), bar(share)];
		}),
	);
};

const numberTable = ({ min, median, max }: NonNullable<Answers['numbers']>): Content =>
	table(
		[
			{ head: 'Smallest', number: true },
			{ head: 'Middle', number: true },
			{ head: 'Largest', number: true },
		],
		[[number(min, 4), number(median, 4), number(max, 4)]],
	);

const chartOf = ({ target, finds, counts, numbers }: Answers, column = finds ? 'Score' : target): Chart =>
	numbers ? spreadChart({ column, ...numbers }) : spreadChart({ column, top: counts ?? [] });

/** How the answers are spread. */
export const answers = definePanel<Answers, Answers>({
	id: 'answers',
	data: (input) => (input.counts || input.numbers ? input : undefined),
	draw: (found) => ({
		title: 'The answers',
		charts: [chartOf(found)],
		body: [...(found.counts ? [classTable(found)] : []), ...(found.numbers ? [numberTable(found.numbers)] : [])],
	}),
});
