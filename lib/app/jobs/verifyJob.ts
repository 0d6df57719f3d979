import { z } from 'zod/v4';
import { defineJob } from '../../compute/contract.js';
import { storeRef } from '../../domain/storeRef.js';
import { withStore } from '../withStore.js';

/** What was found whole (`store.verify`). */
export const verified = z.object({
	events: z.number().int(),
	records: z.number().int(),
	reports: z.number().int().optional(),
	exceptions: z.array(z.object({ about: z.string(), text: z.string() })).optional(),
});

/** Walks the whole store: the audit chain, all records, and every file, outside of the process that asks. */
export const verifyJob = defineJob({
	id: 'verify',
	input: z.object({ store: storeRef }),
	output: verified,
	run: async ({ store: ref }, context) =>
		await withStore(ref, async (store) => await store.verify((stage, share) => context.progress({ stage, share }))),
});
