import { z } from 'zod/v4';
import type { DatasetHandle } from '../domain/dataset.js';
import { gateRule } from '../domain/evaluation.js';
import type { ItemEvaluation } from '../domain/item.js';
import type { ModelHandle } from '../domain/model.js';
import { parseParams } from '../domain/params.js';
import type { ReportRecord } from '../domain/report.js';
import type { evaluateOptions } from './evaluateOptions.js';
import { evaluateJob } from './jobs/evaluateJob.js';
import type { Session } from './session.js';

export interface EvaluateRequest {
	model: ModelHandle;
	/** Registered name whose alias is compared on the same rows; the model's own if absent, and none where it has none. */
	modelName?: string;
	/** Gate rules as they were entered. None: better than guessing, and not worse than the champion. */
	rules: unknown;
	/** Rows with answers that the model never saw; those that Train kept apart if absent. */
	dataset?: DatasetHandle;
	/** Column whose values stand side by side. */
	sideBySide?: string;
	options: z.infer<typeof evaluateOptions>;
}

export interface Evaluated {
	/** What an item carries of it. */
	fields: { model: ModelHandle; evaluation: ItemEvaluation };
	report: ReportRecord;
}

/**
 * Tests a model on rows it never saw and judges it by the gate, outside this process. @throws `evaluate.*`, `input.invalid`, `compute.*`
 */
export async function evaluateRun({ store, run }: Session, request: EvaluateRequest): Promise<Evaluated> {
	const { model, dataset, sideBySide: column } = request;
	const { falsePositiveCost: falsePositive, falseNegativeCost: falseNegative, sideBySidePeriod: period, ...options } = request.options;
	const { evaluation, report } = await run(evaluateJob, {
		store: store.ref,
		runId: model.runId,
		modelName: request.modelName ?? model.name ?? '',
		rules: parseParams(z.array(gateRule.extend({ metric: z.string() })), request.rules, 'Gate rules'),
		...(falsePositive || falseNegative ? { costs: { falsePositive, falseNegative } } : {}),
		...(dataset ? { datasetId: dataset.id } : {}),
		...(column ? { side: { column, period } } : {}),
		...options,
	});
	return { fields: { model: { ...model }, evaluation }, report };
}
