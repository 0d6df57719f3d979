import { z } from 'zod/v4';
import { defineJob } from '../../compute/contract.js';
import { verdictRecord } from '../../domain/monitor.js';
import { storeRef } from '../../domain/storeRef.js';
import { lookOver } from '../lookOver.js';
import { withStore } from '../withStore.js';

/** Looks at the windows of a monitor that are due; what was found is kept by whoever asked. */
export const lookOverJob = defineJob({
	id: 'lookOver',
	input: z.object({
		store: storeRef,
		monitor: z.string(),
		now: z.string(),
		previous: z.string().optional(),
		giveUp: z.boolean().optional(),
	}),
	output: z.object({ expect: z.number().int(), verdicts: z.array(verdictRecord), more: z.boolean(), position: z.string() }),
	run: async ({ store: ref, ...request }, context) =>
		await withStore(ref, async (store) => await lookOver(store, request, { ...context, signal: new AbortController().signal })),
});
