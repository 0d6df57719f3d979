import { z } from 'zod/v4';
import { defineJob } from '../../compute/contract.js';
import { itemOnnx } from '../../domain/item.js';
import { onnxFile } from '../../serve/onnxFile.js';
import { storeRef } from '../../domain/storeRef.js';
import { withStore } from '../withStore.js';

/** Writes a model as ONNX into the store, with a description of its inputs and outputs, and says so in the audit log. */
export const exportOnnxJob = defineJob({
	id: 'exportOnnx',
	/** `model` is what the model is called. */
	input: z.object({ store: storeRef, digest: z.string(), model: z.string(), actor: z.string() }),
	output: itemOnnx,
	run: async ({ store: ref, digest, model, actor }) =>
		await withStore(ref, async (store) => {
			const { file, description, inputs, outputs } = onnxFile(await store.artifacts.get(digest));
			const onnx = {
				model,
				inputs,
				outputs,
				bytes: file.byteLength,
				file: await store.artifacts.put(file),
				description: await store.artifacts.put(description),
			};
			await store.add('file', model, {
				what: 'onnx',
				files: [
					{ name: 'model.onnx', digest: onnx.file },
					{ name: 'description.json', digest: onnx.description },
				],
			});
			await store.audit({ actor, action: 'model.exported', subject: model, details: { format: 'onnx', model: digest, file: onnx.file } });
			return onnx;
		}),
});
