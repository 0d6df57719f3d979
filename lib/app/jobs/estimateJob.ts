import { z } from 'zod/v4';
import { defineJob } from '../../compute/contract.js';
import { verdictRecord } from '../../domain/monitor.js';
import { storeRef } from '../../domain/storeRef.js';
import { estimateParams } from '../../monitor/estimate/estimateParams.js';
import { estimateAnswers } from '../estimateAnswers.js';
import { withStore } from '../withStore.js';

const looked = verdictRecord
	.pick({ rows: true, versions: true, reference: true, notes: true, findings: true })
	.extend({ waiting: z.string().optional(), summary: z.string().optional() });

/** Estimates answers of windows, outside of whoever watches them. */
export const estimateJob = defineJob({
	id: 'estimate',
	input: z.object({
		store: storeRef,
		model: z.string(),
		alias: z.string().optional(),
		versions: z.array(z.number().int()).optional(),
		segments: z.array(z.string()),
		windows: z.array(z.object({ from: z.string(), until: z.string() })),
		params: estimateParams,
	}),
	output: z.array(looked),
	run: async ({ store: ref, windows, params, ...watched }, context) =>
		await withStore(ref, async (store) => await estimateAnswers(store, watched, windows, params, context)),
});
