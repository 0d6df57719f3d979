import { z } from 'zod/v4';
import { defineJob } from '../../compute/contract.js';
import { itemImported } from '../../domain/item.js';
import { digestOf } from '../../domain/json.js';
import { modelHandle } from '../../domain/model.js';
import type { RunRecord } from '../../domain/run.js';
import { PART, splitParams } from '../../domain/split.js';
import { storeRef } from '../../domain/storeRef.js';
import { importModel } from '../../learn/importModel.js';
import { buildReference } from '../../monitor/index.js';
import type { Store, StoredRecord } from '../../store/contract.js';
import { codeDigest, codeVersion, packageVersion } from '../codeVersion.js';
import { register } from '../deploy.js';
import { readRows, storedRows } from '../frameForModel.js';
import { handleOfVersion } from '../modelReference.js';
import { watchedColumns } from '../watchedColumns.js';
import { withKept } from '../withStore.js';

const importInput = z.object({
	store: storeRef,
	/** Digest of the other program's file in the store, and what it was called. */
	file: z.string(),
	fileName: z.string(),
	/** The example table. */
	datasetId: z.string(),
	target: z.string(),
	/** Class labels in the model's order; none: the target's values. */
	classes: z.array(z.string()),
	modelName: z.string(),
	actor: z.string(),
});

/**
 * Makes a model of another program one of the store's: a package, a run record that says where it came from, and a version that no alias
 * points to.
 */
export const importModelJob = defineJob({
	id: 'importModel',
	input: importInput,
	output: z.object({ model: modelHandle, imported: itemImported }),
	run: async (input) =>
		await withKept(input.store, async (store) => {
			const dataset = await store.get('dataset', input.datasetId);
			const { file, fileName, target, classes, modelName, actor } = input;
			const columns = dataset.body.columns.map(({ name, type, role, format }) => ({ name, type, role, format }));
			const memo = digestOf({ import: file, example: dataset.body.content, columns, target, classes, name: modelName, code: codeDigest() });
			const run = (await store.recall('run', memo)) ?? (await keep(store, dataset, memo, input));
			const { body } = run;
			const version = await store.transact(async (within) => await register(within, modelName, { digest: body.model, runId: run.id }));
			const from = body.imported!;
			const subject = `${modelName}@${version.version}`;
			await store.audit({
				actor,
				action: 'model.imported',
				subject,
				details: { program: from.program, file, fileName, model: body.model },
			});
			return {
				model: await handleOfVersion(store, version),
				imported: {
					program: from.program,
					objective: from.objective,
					fileName,
					trees: from.trees,
					task: body.task,
					target: body.target,
					notes: body.notes,
				},
			};
		}),
});

async function keep(
	store: Store,
	dataset: StoredRecord<'dataset'>,
	memo: string,
	{ file, fileName, target, classes, modelName }: z.infer<typeof importInput>,
): Promise<StoredRecord<'run'>> {
	const started = performance.now();
	const rows = await storedRows(store, dataset);
	const made = importModel(await store.artifacts.get(file), rows, { target, classes, codeVersion: packageVersion() });
	const { manifest, program, objective, trees } = made;
	const { frame, notes } = readRows(rows, manifest);
	const unknown = {
		code: 'import.unknown',
		text:
			`The rows that ${program} learned from are not known: there is no split and there are no figures until MLOps Evaluate ` +
			`asks the model about a ` +
			`dataset with answers. Drift is measured against the example table, and numbers have no known range.`,
	};
	const marks = new Uint8Array(rows.rows).fill(PART.none);
	const body: RunRecord = {
		datasetId: dataset.id,
		recipe: { steps: [] },
		split: {
			...splitParams.parse({}),
			used: 'none',
			rows: { train: 0, validation: 0, test: 0, none: rows.rows },
			artifact: await store.artifacts.put(marks),
		},
		imported: { program, objective, trees, file, fileName },
		task: manifest.task,
		target: manifest.target,
		learner: manifest.learner.id,
		params: {},
		seed: 0,
		metrics: {},
		primary: made.task.primary,
		curve: [],
		seconds: (performance.now() - started) / 1000,
		stages: [],
		backend: 'js',
		codeVersion: codeVersion(),
		notes: [...made.notes, ...notes, unknown],
		model: await store.artifacts.put(made.package),
		reference: await store.artifacts.put(JSON.stringify(buildReference(frame, watchedColumns(manifest)))),
	};
	return await store.add('run', modelName, body, { parents: [dataset.id], memo });
}
