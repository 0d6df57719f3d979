import { copyFile, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod/v4';
import { exportModel, exportRequest } from '../../app/calls/exportCall.js';
import { defineCommand } from '../contract.js';
import { handOn, itemOption, readItem, withCarried } from '../item.js';
import { needed } from '../options.js';

/** MLOps Deploy, operation Export. */
export const exporting = defineCommand({
	name: 'export',
	does: 'Writes a model as files that other programs can run.',
	args: ['model'],
	options: z.object({
		...exportRequest.shape,
		model: exportRequest.shape.model.optional(),
		output: z.string().default('.').meta({ description: 'Folder to write the files to', placeholder: 'DIR' }),
		...itemOption,
	}),
	examples: ['mlops export churn@champion --output ./onnx', 'mlops export churn --format mlflow'],
	async run({ item: from, output, ...options }, desk) {
		const item = readItem(from);
		const asked = withCarried(options, item, ['model']);
		const outcome = await exportModel(await desk.session(), { ...asked, model: needed(asked.model, 'MODEL', 'export') });
		const folder = resolve(output);
		await mkdir(folder, { recursive: true });
		for (const { name, path } of outcome.files) await copyFile(path, join(folder, name));
		return {
			json: handOn(item, outcome, desk.context),
			text: outcome.files.map(({ name }) => join(folder, name)).join('\n'),
		};
	},
});
