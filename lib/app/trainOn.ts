import type { z } from 'zod/v4';
import { taskType } from '../domain/column.js';
import type { DatasetHandle } from '../domain/dataset.js';
import { MlopsError } from '../domain/errors.js';
import type { ItemRecipe, ItemRun } from '../domain/item.js';
import type { ModelHandle } from '../domain/model.js';
import { parseParams } from '../domain/params.js';
import type { ReportRecord } from '../domain/report.js';
import { splitParams } from '../domain/split.js';
import { learnerById, taskWithoutLabels } from '../learn/learners/index.js';
import { taskById } from '../task/index.js';
import { carriedRecipe } from './carriedRecipe.js';
import { trainJob } from './jobs/trainJob.js';
import type { Session } from './session.js';
import { AUTOMATIC, type trainOptions } from './trainOptions.js';

export interface TrainRequest {
	dataset: DatasetHandle;
	recipe: ItemRecipe;
	/** The column to predict; the dataset's own target if absent. */
	target?: string;
	/** The kind of question; the dataset's own for its target, else decided by the target's values, if absent. */
	task?: string;
	/** Id of a learner, or `automatic`. */
	learner: string;
	/** Its parameters as they were entered, and those of the split. */
	params: unknown;
	split: unknown;
	/** The dataset's name if absent. */
	modelName?: string;
	options: z.infer<typeof trainOptions>;
}

export interface Trained {
	/** What an item carries of it. */
	fields: { dataset: DatasetHandle; recipe: ItemRecipe; run: ItemRun; model: ModelHandle };
	notes: ItemRun['notes'];
	report: ReportRecord;
}

/**
 * Trains a model on a dataset, outside this process; the same question again gives the stored run. @throws `learn.*`, `input.invalid`,
 * `compute.*`
 */
export async function trainOn({ store, run }: Session, request: TrainRequest): Promise<Trained> {
	const { dataset, recipe, learner, modelName = dataset.name } = request;
	const { runAgain, ...options } = request.options;
	const target = request.target ?? dataset.target ?? '';
	const known = target === dataset.target ? dataset.task : undefined;
	const asked = request.task === undefined ? taskWithoutLabels(learner) : parseParams(taskType, request.task, 'Train');
	const task = asked ?? known;
	if (!target && (!task || taskById(task).labels !== 'none')) {
		throw new MlopsError('learn.target_missing', 'No target is chosen: the model does not know what to predict.', {
			expected: `one of: ${dataset.columns
				.slice(0, 20)
				.map((c) => c.name)
				.join(', ')}`,
			remedy: 'Pick the column to predict under "Target Column".',
		});
	}
	const result = await run(trainJob, {
		store: store.ref,
		datasetId: dataset.id,
		recipe: { steps: recipe.steps },
		runAgain,
		modelName,
		spec: {
			...options,
			target,
			task,
			learner,
			params: paramsOf(learner, request.params),
			split: parseParams(splitParams, request.split, 'Split'),
			metric: options.metric || undefined,
			positiveClass: options.positiveClass || undefined,
			falsePositiveCost: options.falsePositiveCost || undefined,
			falseNegativeCost: options.falseNegativeCost || undefined,
		},
	});
	return {
		fields: {
			dataset: { ...dataset, ...(target ? { target } : {}), ...(task ? { task } : {}) },
			recipe: await carriedRecipe(store, recipe),
			run: result.run,
			model: result.model,
		},
		notes: result.run.notes,
		report: result.report,
	};
}

function paramsOf(id: string, params: unknown): Record<string, unknown> {
	if (id === AUTOMATIC) return {};
	const learner = learnerById(id);
	return parseParams(learner.params, params, learner.label) as Record<string, unknown>;
}
