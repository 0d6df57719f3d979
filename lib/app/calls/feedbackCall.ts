import { copyFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { z } from 'zod/v4';
import { dictionaryOf } from '../../domain/dictionary.js';
import { MlopsError } from '../../domain/errors.js';
import type { ItemFeedback } from '../../domain/item.js';
import type { Session } from '../session.js';
import { tellFrom } from '../tellFrom.js';
import { tellTruth } from '../truth.js';
import { feedbackOf } from '../truthItem.js';
import { checkedRequest } from './checkedRequest.js';
import type { Outcome } from './outcome.js';
import { datasetFor, datasetReference } from './references.js';

const column = (description: string) => z.string().optional().meta({ description, placeholder: 'COLUMN' });

/** What MLOps Feedback asks, for scripts and the command line. */
export const feedbackRequest = z.object({
	file: z.string().optional().meta({ description: 'JSON lines, or a CSV, Parquet or Excel file, one truth a row', placeholder: 'FILE' }),
	dataset: datasetReference.optional(),
	truths: z.array(dictionaryOf(z.unknown())).optional().meta({ description: 'The rows themselves', placeholder: 'JSON' }),
	id: column('Column with the ids of the answers; id where neither this nor --key is given'),
	key: column('Column with what the caller calls what it asked about'),
	time: column(
		'Column with the time of what was asked about: the last answer about the key at or before it is meant ' +
			'(of a date, on that day or before); time if not given',
	),
	truth: column('Column with what turned out to be true; truth if not given'),
	model: z
		.string()
		.optional()
		.meta({ description: 'The model that the rows are about, where no column model says it', placeholder: 'NAME' }),
	empty: z
		.enum(['leave', 'takeBack'])
		.default('leave')
		.meta({ description: 'What a row without a truth means: not known yet, or take back what was said' }),
	batch: z.string().max(200).optional().meta({ description: 'An id of this telling; else one is made', placeholder: 'ID' }),
});
export type FeedbackRequest = z.input<typeof feedbackRequest>;

/**
 * Tells what turned out to be true of answers, by their ids or by key and time. A bad row is refused with its reason and stops none of the
 * others; telling the same again changes nothing.
 * @throws `data.*`, `store.*`, `input.invalid`, `compute.*`
 */
export async function feedback(session: Session, asked: FeedbackRequest): Promise<Outcome<{ feedback: ItemFeedback }>> {
	const { file, dataset, truths, id, key, time, truth, model, empty, batch } = checkedRequest(feedbackRequest, asked, 'feedback');
	const telling = {
		fields: { id, key, time, truth },
		by: session.actor,
		gaps: empty === 'leave',
		...(model === undefined ? {} : { model }),
		...(batch === undefined ? {} : { batch }),
	};
	const ways = [file, dataset, truths].filter((given) => given !== undefined);
	if (ways.length !== 1)
		throw new MlopsError('input.invalid', 'Exactly one of file, dataset and truths is needed.', { remedy: 'Name where the truths are.' });
	if (truths) return outcome(feedbackOf(await tellTruth(session, { ...telling, truths })));
	if (dataset !== undefined)
		return outcome((await tellFrom(session, { datasetId: (await datasetFor(session.store, dataset)).id }, telling)).feedback);
	const { artifacts } = session.store;
	const path = await artifacts.temporary('truths');
	await copyFile(resolve(file!), path).catch((cause: unknown) => {
		throw new MlopsError('data.source_unreachable', `The file "${basename(file!)}" cannot be read.`, { cause, remedy: 'Check its path.' });
	});
	return outcome((await tellFrom(session, { handedOver: await artifacts.handOver(path), fileName: basename(file!) }, telling)).feedback);
}

const outcome = (told: ItemFeedback): Outcome<{ feedback: ItemFeedback }> => ({ fields: { feedback: told }, notes: told.notes ?? [] });
