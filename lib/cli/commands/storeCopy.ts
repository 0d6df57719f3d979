import { resolve } from 'node:path';
import { z } from 'zod/v4';
import { copyStore } from '../../store/copyStore.js';
import { defineCommand } from '../contract.js';

/** Moves a store from a folder to a database, or to another folder. */
export const storeCopy = defineCommand({
	name: 'store copy',
	does: 'Copies a store in a folder to where the settings (or --home) say, with its audit log, keys and files, and verifies the copy.',
	args: ['from'],
	options: z.object({
		from: z.string().min(1).meta({ description: "The original's folder; nobody should work on it meanwhile", placeholder: 'DIR' }),
	}),
	examples: ['mlops store copy ~/.n8n/mlops', 'mlops store copy ~/.n8n/mlops --home /data/mlops'],
	async run({ from }, desk) {
		const copied = await copyStore({ kind: 'folder', home: resolve(from) }, desk.ref());
		const { verified, artifacts, predictions } = copied;
		return {
			json: copied,
			text:
				`Copied and verified: ${verified.events} events, ${verified.records} records, ${artifacts} files and ${predictions} ` +
				`logged predictions.`,
		};
	},
});
