import { z } from 'zod/v4';
import { defineJob } from '../../compute/contract.js';
import { dictionaryOf } from '../../domain/dictionary.js';
import { itemExported } from '../../domain/item.js';
import { storeRef } from '../../domain/storeRef.js';
import type { ExportFile } from '../../export/contract.js';
import { exportById, writeExport } from '../../export/index.js';
import { zipped } from '../../export/zipped.js';
import { withStore } from '../withStore.js';

/** A file for whoever asked: its digest in the store, and how it goes along (see `ExportFile`). */
const attachment = z.object({
	key: z.string(),
	file: z.string(),
	bytes: z.number(),
	fileName: z.string(),
	type: z.string(),
	what: z.string(),
});

/** Writes a model in a format for other programs into the store, and says so in the audit log. */
export const exportModelJob = defineJob({
	id: 'exportModel',
	/** `model` is what the model is called. */
	input: z.object({ store: storeRef, digest: z.string(), model: z.string(), format: z.string(), actor: z.string() }),
	output: z.object({
		exported: itemExported,
		/** Further fields of the item, which workflows of before read. */
		former: dictionaryOf(z.unknown()),
		attachments: z.array(attachment),
	}),
	run: async ({ store: ref, digest, model, format: id, actor }) =>
		await withStore(ref, async (store) => {
			const format = exportById(id);
			const { files, facts } = await writeExport(format, { name: model, digest, bytes: await store.artifacts.get(digest) });
			const whole = { key: id, ending: `-${id}.zip`, type: 'application/zip', what: `The ${format.label} file` };
			const kept = files.some((f) => f.along) ? files : [{ name: `${id}.zip`, bytes: await zipped(files), along: whole }];
			const digests: string[] = [];
			for (const { bytes } of kept) digests.push(await store.artifacts.put(bytes));
			await store.add('file', model, { what: id, files: kept.map(({ name }, i) => ({ name, digest: digests[i] })) });
			await store.audit({ actor, action: 'model.exported', subject: model, details: { format: id, model: digest, file: digests[0] } });
			const exported = {
				format: id,
				label: format.label,
				model,
				bytes: kept[0].bytes.byteLength,
				file: digests[0],
				files: files.map(({ name, bytes }) => ({ name, bytes: bytes.byteLength })),
				...(facts ? { facts } : {}),
			};
			return {
				exported,
				former: format.formerFields?.(exported, digests) ?? {},
				attachments: kept.flatMap((file, i) => attachmentOf(file, digests[i], model)),
			};
		}),
});

function attachmentOf({ along, bytes }: ExportFile, file: string, model: string): Array<z.infer<typeof attachment>> {
	if (!along) return [];
	const { key, ending, type, what } = along;
	return [{ key, file, bytes: bytes.byteLength, fileName: `${model.replace(/[^\p{L}\p{N}._-]+/gu, '-')}${ending}`, type, what }];
}
