import { classCodes, classColumn, classColumns, classCounts, classLabels, probabilityNames, type Decide } from '../classes.js';
import { defineTask } from '../contract.js';

/** The most probable class, the first of equals. */
const decide: Decide = (score) => {
	let best = 0;
	for (let k = 1; k < score.length; k++) if (score[k] > score[best]) best = k;
	return best;
};

/** Which of several classes a row is in, by the probability of each. */
export const multiclass = defineTask({
	id: 'multiclass',
	label: 'Classification With Several Classes',
	description: 'Which of several classes a row is in, with the probability of each',
	short: 'several classes',
	labels: 'required',
	output: 'probabilities',
	outputs: (classes) => classes,
	primary: 'logLoss',
	plain: ['accuracy', 'balanced_accuracy', 'auc_ovr'],
	panels: ['curves', 'confusion'],

	readLabels: (values) => ({ ...classLabels(values, values.present), positiveReason: '' }),
	strata: ({ y }) => y,
	baseline(labels, classes) {
		const answer = new Float64Array(classes);
		for (const y of labels) answer[y] += 1 / labels.length;
		return answer;
	},

	truth: classCodes,
	reordered(scores, from, threshold) {
		const width = from.length;
		return { scores: Float64Array.from(scores, (_, i) => scores[i - (i % width) + from[i % width]]), threshold };
	},

	answer(score, { classes }) {
		const best = decide(score, 0);
		return {
			prediction: classes[best],
			probability: score[best],
			probabilities: Object.fromEntries(classes.map((c, i) => [String(c), score[i]])),
		};
	},
	columns: (answers, model) => classColumns(answers, model, decide),
	truthColumn: classColumn,
	summary: (answers, model) => ({ counts: classCounts(answers, model, decide) }),
	outputNames: ({ target, classes }) => probabilityNames(target, classes),
	conclusion({ target, metrics, baseline }, { percent }) {
		if (metrics.accuracy === undefined) return undefined;
		const guess = baseline.accuracy === undefined ? '' : `; always giving the most frequent answer gets ${percent(baseline.accuracy)}`;
		return `This model names the right “${target}” in ${percent(metrics.accuracy)} of cases${guess}.`;
	},
});
