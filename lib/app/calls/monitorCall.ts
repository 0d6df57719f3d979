import { z } from 'zod/v4';
import { MlopsError } from '../../domain/errors.js';
import type { ItemDrift } from '../../domain/item.js';
import { driftParams } from '../../monitor/driftParams.js';
import { datasetByName } from '../datasetByName.js';
import { modelLabel } from '../modelReference.js';
import { monitorOn } from '../monitorOn.js';
import type { Session } from '../session.js';
import { checkedRequest } from './checkedRequest.js';
import type { Outcome } from './outcome.js';
import { datasetFor, datasetReference, modelFor, modelReference } from './references.js';

const moment = (what: string) =>
	z
		.string()
		.optional()
		.meta({ description: `${what}, such as 2026-03-01`, placeholder: 'TIME' });

/** What MLOps Monitor Drift asks, for scripts and the command line. */
export const monitorRequest = z.object({
	model: modelReference.optional().meta({
		description: 'Compare with what this model learned from; without a dataset, its prediction log is what is compared',
		placeholder: 'MODEL',
	}),
	dataset: datasetReference.optional().meta({ description: 'The rows that may have changed', placeholder: 'NAME' }),
	from: moment('First moment of these rows'),
	until: moment('End of these rows, itself not included'),
	reference: z
		.string()
		.optional()
		.meta({ description: 'Compare with this dataset instead of the training data of a model', placeholder: 'NAME' }),
	referenceFrom: moment('First moment of the reference'),
	referenceUntil: moment('End of the reference, itself not included'),
	beside: z.boolean().default(false).meta({ description: 'Also say what the other way of deciding finds' }),
	...driftParams.shape,
});
export type MonitorRequest = z.input<typeof monitorRequest>;

/** Compares rows with those of before, column by column. @throws `monitor.*`, `store.not_found`, `input.invalid`, `compute.*` */
export async function monitor(session: Session, asked: MonitorRequest): Promise<Outcome<{ drift: ItemDrift }>> {
	const { store } = session;
	const request = checkedRequest(monitorRequest, asked, 'monitor');
	const { model: named, dataset, from, until, reference: before, referenceFrom, referenceUntil, beside, ...params } = request;
	const model = named === undefined ? undefined : (await modelFor(store, named)).model;
	const watched = model && { ...model, label: modelLabel(model) };
	if (!watched && before === undefined) throw nothingGiven('what to compare with', 'a model, or a dataset as the reference');
	if (!watched && dataset === undefined) throw nothingGiven('what may have changed', 'a dataset, or a model whose prediction log is read');
	const { drift, report } = await monitorOn(session, {
		reference:
			before === undefined ? watched! : { datasetId: (await datasetByName(store, before)).id, from: referenceFrom, until: referenceUntil },
		current: dataset === undefined ? { logOf: watched!, from, until } : { datasetId: (await datasetFor(store, dataset)).id, from, until },
		params,
		beside,
		modelName: model?.name,
	});
	return { fields: { drift }, notes: [], report };
}

export const nothingGiven = (what: string, expected: string): MlopsError =>
	new MlopsError('input.invalid', `It is not said ${what}.`, { expected, remedy: 'Name it.' });
