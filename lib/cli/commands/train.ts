import { z } from 'zod/v4';
import { train as trainModel, trainRequest } from '../../app/calls/trainCall.js';
import { purpose } from '../../report/reportWords.js';
import { defineCommand } from '../contract.js';
import { handOn, itemOption, readItem, withCarried } from '../item.js';
import { needed } from '../options.js';
import { figure } from '../textTable.js';

/** MLOps Clean, Feature Engineer and Train. */
export const train = defineCommand({
	name: 'train',
	does: 'Trains a model on a dataset and keeps it as a run. Rows for the test are kept apart.',
	options: z.object({ ...trainRequest.shape, dataset: trainRequest.shape.dataset.optional(), ...itemOption }),
	examples: [
		'mlops train --dataset customers --target churned',
		`mlops train --dataset customers --steps automatic --learner gradientBoosting --params '{"n_estimators":300}'`,
		'mlops ingest customers.csv --json | mlops train --item - --target churned --json',
	],
	async run({ item: from, ...options }, desk) {
		const item = readItem(from);
		const asked = withCarried(options, item, ['dataset', 'recipe']);
		const session = await desk.session();
		const outcome = await trainModel(session, { ...asked, dataset: needed(asked.dataset, 'The option --dataset', 'train') });
		const { run, dataset } = outcome.fields;
		const { name, version } = dataset;
		const { body } = await session.store.get('run', run.id);
		const { train: learned, validation, test } = run.rows;
		return {
			json: handOn(item, outcome, desk.context),
			text: [
				`Run ${run.id}${run.reused ? ' (trained before with the same data and parameters)' : ''}: ${run.learner} ` +
					`${purpose(body)} (${name}@${version}), ` +
					`${run.primary} ${figure(run.metrics[run.primary])} on validation rows.`,
				`${learned.toLocaleString('en')} rows to learn from, ${validation.toLocaleString('en')} to choose by, ` +
					`${test.toLocaleString('en')} kept for the test; ${figure(run.seconds)} seconds.`,
				'',
				`Next: mlops evaluate run:${run.id}`,
			].join('\n'),
		};
	},
});
