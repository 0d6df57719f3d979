import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod/v4';
import { defineJob } from '../../compute/contract.js';
import type { MlopsErrorJson } from '../../domain/errors.js';
import { itemFeedback } from '../../domain/item.js';
import { storeRef } from '../../domain/storeRef.js';
import { tellTruth, TRUTH_OUTCOMES, type TruthOutcome } from '../truth.js';
import { truthsOfDataset, truthsOfFile } from '../truthFile.js';
import { feedbackOf } from '../truthItem.js';
import { columnsOf } from '../truthRows.js';
import { withStore } from '../withStore.js';

const text = z.string().optional();

/** Takes what turned out to be true from a dataset, or from a file that was handed over: rows never travel to this job. */
export const truthJob = defineJob({
	id: 'truth',
	input: z.object({
		store: storeRef,
		from: z.union([z.object({ datasetId: z.string() }), z.object({ handedOver: z.string(), fileName: z.string() })]),
		/** Name of a folder for temporary files, which whoever asks discards. */
		folder: z.string(),
		fields: z.object({ id: text, key: text, time: text, model: text, truth: text }),
		model: text,
		by: z.string(),
		batch: text,
		gaps: z.boolean(),
		/** Whether to say what became of each row. */
		each: z.boolean().default(false),
	}),
	output: z.object({
		feedback: itemFeedback,
		outcomes: z.array(z.enum(TRUTH_OUTCOMES)).optional(),
		refusals: z.array(z.object({ row: z.number(), error: z.custom<MlopsErrorJson>() })),
	}),
	run: async ({ store: ref, from, folder, fields, each, ...telling }, context) =>
		await withStore(ref, async (store) => {
			const temporaries = await store.artifacts.handedOver(folder);
			await mkdir(temporaries, { mode: 0o700, recursive: true });
			let files = 0;
			const session = { ...context, signal: new AbortController().signal };
			const truths =
				'datasetId' in from
					? truthsOfDataset(store, from.datasetId, Object.values(columnsOf(fields)))
					: truthsOfFile(await store.artifacts.handedOver(from.handedOver), from.fileName, {
							temporary: async (extension) => join(temporaries, `${files++}.${extension}`),
							context: session,
						});
			const outcomes: TruthOutcome[] = [];
			const told = await tellTruth(
				{ store, context: session },
				{ ...telling, truths, fields, ...(each ? { each: (row, outcome) => void (outcomes[row - 1] = outcome) } : {}) },
			);
			return { feedback: feedbackOf(told), refusals: told.refusals, ...(each ? { outcomes } : {}) };
		}),
});
