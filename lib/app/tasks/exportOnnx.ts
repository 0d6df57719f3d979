import { z } from 'zod/v4';
import { defineTask } from '../../compute/contract.js';
import { itemOnnx } from '../../domain/item.js';
import { onnxFile } from '../../serve/onnxFile.js';
import { withStore } from '../withStore.js';

/** Writes a model as ONNX into the store, with a description of its inputs and outputs, and says so in the audit log. */
export const exportOnnxTask = defineTask({
	id: 'exportOnnx',
	input: z.object({ home: z.string(), digest: z.string(), name: z.string(), version: z.number().optional(), actor: z.string() }),
	output: itemOnnx,
	run: async ({ home, digest, name, version, actor }) => await withStore(home, async (store) => {
		const { file, description, inputs, outputs } = onnxFile(await store.artifacts.get(digest));
		const onnx = { model: version ? `${name}@${version}` : name, inputs, outputs, bytes: file.byteLength, file: await store.artifacts.put(file), description: await store.artifacts.put(description) };
		await store.audit({ actor, action: 'model.exported', subject: onnx.model, details: { format: 'onnx', model: digest, file: onnx.file } });
		return onnx;
	}),
});
