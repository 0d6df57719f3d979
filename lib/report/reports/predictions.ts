import { histogramChart } from '../charts/histogram.js';
import { number, percent } from '../format.js';
import { makeReport, type Report } from '../report.js';
import { facts, html, say, table, bar } from '../safeHtml.js';

export interface PredictionsInput {
	/** What was asked, and what it predicts. */
	model: string;
	target: string;
	rows: number;
	/** Rows without an answer. */
	failed: number;
	/** How often each class was the answer, the most frequent first; of numbers the histogram and its middle. */
	counts?: Array<{ value: string; count: number }>;
	numbers?: { edges: number[]; counts: number[]; min: number; median: number; max: number };
	/** Probability from which on the answer is the positive class; for two classes. */
	threshold?: { value: number; positive: string };
	notes: ReadonlyArray<{ code: string; text: string }>;
}

/** What the answers to a whole dataset look like together. */
export function predictionsReport(input: PredictionsInput): Promise<Report> {
	const { model, target, rows, failed, counts, numbers, threshold, notes } = input;
	const answered = rows - failed;
	const share = (count: number): string => percent(answered ? count / answered : 0, 1);
	const most = counts?.[0];
	const sentence =
		answered === 0
			? 'No row got an answer.'
			: most
				? `${number(answered)} rows got an answer: for ${share(most.count)} of them “${target}” is “${most.value}”.`
				: `${number(answered)} rows got an answer: half of them lie below ${number(numbers?.median ?? 0, 4)}.`;
	return makeReport({
		title: `Predictions of ${model}`,
		eyebrow: `Predictions · ${target}`,
		sentence,
		facts: facts([
			{ label: 'rows', value: number(rows) },
			{ label: 'without an answer', value: number(failed) },
			{ label: 'model', value: model },
			threshold && { label: `called “${threshold.positive}” from`, value: percent(threshold.value, 1) },
		]),
		sections: [
			...(notes.length ? [{ title: 'What to know', body: html`${notes.map(({ text }) => say('warn', text))}` }] : []),
			...(counts
				? [
						{
							title: 'The answers',
							charts: [histogramChart({ column: target, top: counts })],
							body: table(
								[{ head: target }, { head: 'Rows', number: true }, { head: 'Share', number: true }, { head: '' }],
								counts.slice(0, 20).map(({ value, count }) => [value, number(count), share(count), bar(answered ? count / answered : 0)]),
							),
						},
					]
				: []),
			...(numbers
				? [
						{
							title: 'The answers',
							charts: [histogramChart({ column: target, histogram: numbers })],
							body: table(
								[
									{ head: 'Smallest', number: true },
									{ head: 'Middle', number: true },
									{ head: 'Largest', number: true },
								],
								[[number(numbers.min, 4), number(numbers.median, 4), number(numbers.max, 4)]],
							),
						},
					]
				: []),
		],
	});
}
