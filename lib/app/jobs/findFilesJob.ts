import { z } from 'zod/v4';
import { defineJob } from '../../compute/contract.js';
import { expand } from '../../data/files/expand.js';
import { throwIfCancelled } from '../../domain/cancel.js';

/** Looks up which files patterns stand for, bounded, outside n8n's process. Reads none of them. */
export const findFilesJob = defineJob({
	id: 'findFiles',
	input: z.object({ searches: z.array(z.object({ base: z.string(), parts: z.array(z.string()), roots: z.array(z.string()).optional() })) }),
	output: z.object({ files: z.array(z.string()) }),
	run: async ({ searches }, context) => ({ files: await expand(searches, () => throwIfCancelled(context, 'Looking for files')) }),
});
