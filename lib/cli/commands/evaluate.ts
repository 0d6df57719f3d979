import { z } from 'zod/v4';
import { evaluate as evaluateModel, evaluateRequest } from '../../app/calls/evaluateCall.js';
import { defineCommand, EXIT } from '../contract.js';
import { handOn, itemOption, readItem, withCarried } from '../item.js';
import { needed } from '../options.js';
import { figure, textTable } from '../textTable.js';

/** MLOps Evaluate. */
export const evaluate = defineCommand({
	name: 'evaluate',
	does: 'Tests a model on rows it never saw, compares it with the one in use, and judges it by the gate (3: not passed).',
	args: ['model'],
	options: z.object({ ...evaluateRequest.shape, model: evaluateRequest.shape.model.optional(), ...itemOption }),
	examples: [
		'mlops evaluate run:rn_1a2b3c',
		`mlops evaluate churn@champion --dataset march --rules '[{"metric":"auc","kind":"min","value":0.7}]'`,
	],
	async run({ item: from, ...options }, desk) {
		const item = readItem(from);
		const asked = withCarried(options, item, ['model']);
		const outcome = await evaluateModel(await desk.session(), { ...asked, model: needed(asked.model, 'MODEL', 'evaluate') });
		const { model, evaluation } = outcome.fields;
		const { gate } = evaluation;
		const metrics = Object.keys(evaluation.metrics);
		return {
			json: handOn(item, outcome, desk.context),
			exit: gate.passed ? EXIT.done : EXIT.no,
			text: [
				`The gate is ${gate.passed ? 'passed' : 'not passed'}, judged by ${evaluation.rows.toLocaleString('en')} rows.`,
				...gate.reasons.map(({ passed, text }) => `${passed ? '  yes  ' : '  no   '}${text}`),
				'',
				textTable(
					['Metric', 'Model', 'Guessing'],
					metrics.map((name) => [name, figure(evaluation.metrics[name]), figure(evaluation.baseline[name])]),
				),
				...(gate.passed ? ['', `Next: mlops deploy run:${model.runId}`] : []),
			].join('\n'),
		};
	},
});
