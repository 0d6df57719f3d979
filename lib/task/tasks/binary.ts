import type { ColumnSchema } from '../../domain/column.js';
import { MlopsError } from '../../domain/errors.js';
import { formatOf } from '../../data/format.js';
import { booleanReader } from '../../data/grammar/boolean.js';
import {
	caseName,
	classCodes,
	classColumn,
	classColumns,
	classCounts,
	classLabels,
	classWords,
	probabilityNames,
	type Decide,
} from '../classes.js';
import { defineTask, type ClassLabel } from '../contract.js';
import { invalidTarget, type TargetValues } from '../targetValues.js';
import { chooseThreshold, thresholdWords } from '../threshold.js';

/** Words that mean the class one asks about, in the order in which they are looked for. */
const POSITIVE_WORDS = ['true', 'yes', 'y', '1', 'positive', 'ja', 'oui', 'si', 'churn', 'churned', 'fraud', 'late', 'default'];

/** Fewer validation rows of a class than this tell little. */
const ENOUGH = 5;

const decide: Decide = (score, threshold) => (score[0] >= threshold ? 1 : 0);

/** Which of two classes a row is in, by the probability of the positive one. */
export const binary = defineTask({
	id: 'binary',
	label: 'Yes or No (Binary Classification)',
	description: 'Which of two classes a row is in, with the probability of the positive one',
	short: 'yes or no',
	labels: 'required',
	output: 'probability',
	outputs: () => 1,
	primary: 'auc',
	plain: ['auc', 'accuracy'],
	panels: ['curves', 'confusion', 'calibration'],

	readLabels(values, { positiveClass }) {
		const two = twoOf(values);
		const { index, reason } = positiveOf(
			two.map((k) => values.values[k]),
			two.map((k) => values.counts[k]),
			positiveClass,
			values.column,
		);
		return { ...classLabels(values, index === 0 ? [two[1], two[0]] : two), positiveReason: reason };
	},
	strata: ({ y }) => y,
	scarce({ classes, words = classes.map(String) }, y) {
		const counts = [0, 1].map((c) => y.reduce((n, v) => n + Number(v === c), 0));
		const rare = counts[1] <= counts[0] ? 1 : 0;
		return counts[rare] < ENOUGH ? `${counts[rare]} of "${words[rare]}" ${counts[rare] === 1 ? 'is' : 'are'}` : undefined;
	},
	threshold: {
		choose: ({ y, scores, costs }) =>
			y.length ? chooseThreshold(y, scores, costs) : { value: 0.5, reason: 'there are no validation rows to choose by' },
		note: ({ classes, words = classes.map(String), positiveReason }, { value, reason }) =>
			`A row is called "${words[1]}" (the positive class, since ${positiveReason}) from a probability of ` +
			`${Number(value.toPrecision(3))} on: ${reason}.`,
		meaning: ({ classes }) => `At this probability and above the answer is ${String(classes[1])}.`,
		words: thresholdWords,
	},
	baseline(labels) {
		let share = 0;
		for (const y of labels) share += y / labels.length;
		return Float64Array.of(share);
	},

	truth: classCodes,
	reordered: (scores, [first], threshold) =>
		// Its yes is our no: it says our yes below its threshold, which is strictly above the complement.
		first === 0 ? { scores, threshold } : { scores: scores.map((s) => 1 - s), threshold: 1 - threshold + Number.EPSILON },

	answer(score, { classes, threshold }) {
		const p = [1 - score[0], score[0]];
		const best = decide(score, threshold);
		return { prediction: classes[best], probability: p[best], probabilities: byClass(classes, p) };
	},
	columns: (answers, model) => classColumns(answers, model, decide),
	truthColumn: classColumn,
	summary: (answers, model) => ({
		counts: classCounts(answers, model, decide),
		threshold: { value: model.threshold, positive: String(model.classes[1]) },
	}),
	outputNames: ({ target, classes }) => probabilityNames(target, classes.slice(1)),
	conclusion({ target, classes, primary, metrics, baseline }, { percent }) {
		if (primary !== 'auc') return undefined;
		const [negative, positive] =
			classes.length < 2
				? [`a negative one`, `a positive “${target}” row`]
				: [`a “${caseName(target, classes[0])}” one`, `a “${caseName(target, classes[1])}” case`];
		return (
			`This model ranks ${positive} above ${negative} ${percent(metrics.auc)} of the time; guessing gives ` +
			`${percent(baseline.auc ?? 0.5)}.`
		);
	},
});

const byClass = (classes: readonly ClassLabel[], p: readonly number[]): Record<string, number> =>
	Object.fromEntries(classes.map((c, i) => [String(c), p[i]]));

/** @throws `learn.target_invalid` unless there are two */
function twoOf({ column, values, present }: TargetValues): number[] {
	if (present.length === 2) return present;
	const some = classWords(
		present.slice(0, 5).map((k) => values[k]),
		column,
	).join(', ');
	throw invalidTarget(
		column,
		'two classes',
		`${present.length}: ${some}${present.length > 5 ? ', ...' : ''}`,
		'Choose the task for several classes, or derive a yes-or-no target.',
	);
}

/**
 * The positive class (whose probability is predicted) is the one chosen; else the one called true, yes or 1 (or another word that plainly
 * means it); else the rarer one; else the later in sorted order. It comes second.
 */
function positiveOf(
	labels: readonly ClassLabel[],
	counts: readonly number[],
	chosen: string | undefined,
	column: ColumnSchema,
): { index: number; reason: string } {
	if (chosen) {
		const asked = chosen.trim().toLowerCase();
		// A column of "Yes" and "No" holds true and false, whatever people read in their table.
		const meant = booleanReader(formatOf(column))(asked);
		const named = labels.findIndex((l) => String(l).toLowerCase() === asked);
		const index = named < 0 ? labels.findIndex((l) => typeof l === 'boolean' && Number(l) === meant) : named;
		if (index < 0)
			throw new MlopsError('learn.parameter_invalid', `The target "${column.name}" has no class "${chosen}".`, {
				column: column.name,
				expected: `one of: ${classWords(labels, column).join(', ')}`,
				found: chosen,
				remedy: 'Correct "Positive class", or leave it empty.',
			});
		return { index, reason: 'it was chosen' };
	}
	for (const word of POSITIVE_WORDS) {
		const index = labels.findIndex((l) => String(l).trim().toLowerCase() === word);
		if (index >= 0) return { index, reason: `it is called "${classWords(labels, column)[index]}"` };
	}
	if (counts[0] !== counts[1]) return { index: counts[0] < counts[1] ? 0 : 1, reason: 'it is the rarer one' };
	return { index: 1, reason: 'it comes later in the alphabet' };
}
