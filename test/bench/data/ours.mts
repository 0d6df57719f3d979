// What our programs of all cases share.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import type { Answer, Task } from './contract.mts';

const require = createRequire(import.meta.url);
const dist = path.resolve(import.meta.dirname, '../../../dist/lib');

/** A module of the built package. */
export const from = <M,>(file: string): M => require(path.join(dist, file)) as M;

export const task = (): Task => JSON.parse(process.argv.at(-1)!) as Task;

export const answer = (said: Answer): void => void process.stdout.write(`${JSON.stringify(said)}\n`);

/** Keeps a CSV file as Ingest does: a Parquet file with types beside it, and what its record says of the columns. */
export async function keepAsIngested(csv: string, folder: string): Promise<void> {
	const { openStore } = from<typeof import('../../../lib/store/openStore.js')>('store/openStore.js');
	const { ingestData } = from<typeof import('../../../lib/app/ingestData.js')>('app/ingestData.js');
	const { sessionOn } = from<typeof import('../../../lib/app/session.js')>('app/session.js');
	const { closeEngines } = from<typeof import('../../../lib/app/jobEngine.js')>('app/jobEngine.js');
	const store = await openStore({ kind: 'folder', home: folder });
	const { fields } = await ingestData(sessionOn(store, { actor: 'benchmark' }), { source: 'file', params: { path: csv } });
	const { body } = await store.get('dataset', fields.dataset.id);
	fs.copyFileSync(await store.artifacts.materialise(body.data), `${csv}.parquet`);
	fs.writeFileSync(`${csv}.json`, JSON.stringify(body.columns));
	await closeEngines();
	await store.close();
}
