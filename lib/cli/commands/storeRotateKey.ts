import { z } from 'zod/v4';
import { defineCommand } from '../contract.js';

/** A fresh key for the audit log's signature, or for approval links. */
export const storeRotateKey = defineCommand({
	name: 'store rotate-key',
	does: 'Makes a fresh key, which signs from now on; what the older keys signed stays valid. The audit log says so.',
	args: ['key'],
	options: z.object({
		key: z.enum(['audit', 'link']).meta({ description: "audit signs the audit log's end, link the approval links" }),
		reason: z.string().default('').meta({ description: 'Why, for the audit log' }),
	}),
	examples: ['mlops store rotate-key audit --reason "a colleague left"'],
	async run({ key, reason }, desk) {
		const { store, actor } = await desk.session();
		const event = await store.rotateKey(key, actor, reason || undefined);
		return { json: event, text: `Key ${String(event.details['key'])} signs from now on (event ${event.seq} of the audit log).` };
	},
});
