import { z } from 'zod/v4';
import { gateRule } from '../../domain/evaluation.js';
import type { ItemEvaluation } from '../../domain/item.js';
import type { ModelHandle } from '../../domain/model.js';
import { evaluateOptions } from '../evaluateOptions.js';
import { evaluateRun } from '../evaluateRun.js';
import type { Session } from '../session.js';
import { checkedRequest } from './checkedRequest.js';
import type { Outcome } from './outcome.js';
import { datasetFor, datasetReference, modelFor, modelReference } from './references.js';

/** What MLOps Evaluate asks, for scripts and the command line. */
export const evaluateRequest = z.object({
	model: modelReference,
	rules: z
		.array(gateRule.extend({ metric: z.string().default('') }))
		.default([])
		.meta({
			description:
				'What a model must fulfil, [{"metric":"auc","kind":"min","value":0.7}]; without rules: better than guessing and not ' +
				'worse than the champion',
		}),
	dataset: datasetReference
		.optional()
		.meta({ description: 'Test on this dataset instead of the rows that Train kept apart', placeholder: 'NAME' }),
	sideBySide: z.string().optional().meta({ description: 'Column whose values stand side by side in the results', placeholder: 'COLUMN' }),
	modelName: z
		.string()
		.optional()
		.meta({ description: "Registered name whose champion is compared; else the model's own", placeholder: 'NAME' }),
	...evaluateOptions.shape,
});
export type EvaluateRequest = z.input<typeof evaluateRequest>;

/** Tests a model on rows it never saw, and judges it by the gate. @throws `evaluate.*`, `store.not_found`, `input.invalid`, `compute.*` */
export async function evaluate(
	session: Session,
	asked: EvaluateRequest,
): Promise<Outcome<{ model: ModelHandle; evaluation: ItemEvaluation }>> {
	const { store } = session;
	const { model: reference, rules, dataset, sideBySide, modelName, ...options } = checkedRequest(evaluateRequest, asked, 'evaluate');
	const { model } = await modelFor(store, reference);
	const done = await evaluateRun(session, {
		model,
		rules,
		modelName: modelName || undefined,
		...(dataset === undefined ? {} : { dataset: await datasetFor(store, dataset) }),
		...(sideBySide ? { sideBySide } : {}),
		options,
	});
	return { ...done, notes: [] };
}
