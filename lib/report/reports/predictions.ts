import { number, percent } from '../formatting.js';
import { notesPanel } from '../panels/notes.js';
import type { Panel } from '../panels/panel.js';
import { answers, type Answers } from '../panels/predictions/answers.js';
import { makeReport, type Report } from '../makeReport.js';
import { facts, say } from '../safeHtml.js';

export interface PredictionsInput extends Answers {
	model: string;
	/** Probability from which on the answer is the positive class; for two classes. */
	threshold?: { value: number; positive: string };
	notes: ReadonlyArray<{ code: string; text: string }>;
}

export const PREDICTION_PANELS: ReadonlyArray<Panel<PredictionsInput>> = [
	notesPanel((input) => input.notes.map((n) => n.text), { title: 'What to know', note: (text) => say('warn', text) }),
	answers,
];

/** What the answers to a whole dataset look like together. */
export function predictionsReport(input: PredictionsInput): Promise<Report> {
	const { model, target, finds, rows, failed, counts, numbers, threshold } = input;
	const answered = rows - failed;
	const most = counts?.[0];
	return makeReport(
		{
			title: `Predictions of ${model}`,
			eyebrow: `Predictions · ${finds ?? target}`,
			sentence:
				answered === 0
					? 'No row got an answer.'
					: most
						? `${number(answered)} rows got an answer: for ${percent(most.count / answered, 1)} of them ` +
							`${finds ? 'it' : `“${target}”`} is “${most.value}”.`
						: `${number(answered)} rows got an answer: half of them lie below ${number(numbers?.median ?? 0, 4)}.`,
			facts: facts([
				{ label: 'rows', value: number(rows) },
				{ label: 'without an answer', value: number(failed) },
				{ label: 'model', value: model },
				threshold && { label: `called “${threshold.positive}” from`, value: percent(threshold.value, 1) },
			]),
		},
		PREDICTION_PANELS,
		input,
	);
}
