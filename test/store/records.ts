import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordBodies, Store } from '../../lib/store/contract.js';

const folders: string[] = [];

/** A fresh folder that `removeFolders` takes away. */
export async function freshFolder(): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'mlops-store-'));
	folders.push(folder);
	return folder;
}

export async function removeFolders(): Promise<void> {
	for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
}

/** A dataset with its artifact, `mark` telling it from others. */
export async function datasetBody(store: Store, mark: string): Promise<RecordBodies['dataset']> {
	const data = await store.artifacts.put(`rows of ${mark}`);
	return {
		name: 'people',
		rows: 1,
		columns: [{ name: 'age', type: 'number', role: 'feature' }],
		content: mark,
		data,
		quarantined: 0,
		source: { type: 'items', description: 'rows typed in a test' },
	};
}

export async function runBody(store: Store, datasetId: string, mark = 'a'): Promise<RecordBodies['run']> {
	return {
		datasetId,
		recipe: { steps: [] },
		split: {
			method: 'random',
			testShare: 0.2,
			validationShare: 0.1,
			seed: 0,
			used: 'random',
			rows: { train: 7, validation: 1, test: 2, none: 0 },
			artifact: await store.artifacts.put(new Uint8Array([0, 1, 2])),
		},
		task: 'binary',
		target: 'y',
		learner: 'dummy',
		params: {},
		seed: 0,
		metrics: { auc: 0.5 },
		primary: 'auc',
		curve: [],
		seconds: 1.5,
		stages: [],
		backend: 'typescript',
		codeVersion: '1',
		notes: [],
		model: await store.artifacts.put(`model ${mark}`),
	};
}

export async function versionBody(store: Store, name: string, mark: string): Promise<RecordBodies['modelVersion']> {
	return { name, version: 0, runId: 'run', digest: await store.artifacts.put(`package ${mark}`), tags: {} };
}
