import { isNumberVector } from '../../data/frame.js';
import { numberColumn, outputColumn } from '../answerColumn.js';
import { defineTask } from '../contract.js';
import { spreadOf } from '../spread.js';
import { invalidTarget } from '../targetValues.js';

/** A number, in the unit of the target. */
export const regression = defineTask({
	id: 'regression',
	label: 'Number (Regression)',
	description: 'A number in the unit of the target',
	short: 'number',
	labels: 'required',
	output: 'value',
	outputs: () => 1,
	primary: 'rmse',
	plain: [],
	panels: ['residuals'],

	readLabels({ column, numbers, values, present }) {
		if (!numbers)
			throw invalidTarget(
				column,
				'a column of numbers',
				`text such as "${String(values[present[0]])}"`,
				'Choose classification, or pick a column of numbers.',
			);
		return { classes: [], y: numbers, positiveReason: '' };
	},
	baseline(labels) {
		let mean = 0;
		for (const y of labels) mean += y / labels.length;
		return Float64Array.of(mean);
	},

	truth: (column) => (isNumberVector(column) ? column.data : undefined),
	answer: (score) => ({ prediction: score[0] }),
	columns: (answers) => [outputColumn('prediction', answers, 0)],
	truthColumn: (truth) => numberColumn('label', truth),
	summary: spreadOf,
	outputNames: ({ target }) => [`${target}: the value`],
	conclusion({ target, primary, metrics, baseline }, { number }) {
		const known = metrics.mae !== undefined;
		const miss = metrics.mae ?? (primary === 'rmse' ? metrics.rmse : undefined);
		if (miss === undefined) return undefined;
		const guess = known ? baseline.mae : baseline.rmse;
		return (
			`Its predictions of “${target}” are off by ${number(miss)} ${known ? 'on average' : 'as a rule'}` +
			`${guess === undefined ? '' : `; a constant guess would be off by ${number(guess)}`}.`
		);
	},
});
