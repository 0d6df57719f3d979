// The table as Ingest keeps it: a Parquet file with types beside the CSV, and what its record says of the columns.
import fs from 'node:fs';
import process from 'node:process';
import { answer, from, task } from '../ours.mts';

const { openStore } = from<typeof import('../../../../lib/store/openStore.js')>('store/openStore.js');
const { ingestData } = from<typeof import('../../../../lib/app/ingestData.js')>('app/ingestData.js');
const { sessionOn } = from<typeof import('../../../../lib/app/session.js')>('app/session.js');
const { closeEngines } = from<typeof import('../../../../lib/app/jobEngine.js')>('app/jobEngine.js');

const { csv, folder } = task();
const store = await openStore({ kind: 'folder', home: folder });
const { fields } = await ingestData(sessionOn(store, { actor: 'benchmark' }), { source: 'file', params: { path: csv } });
const { body } = await store.get('dataset', fields.dataset.id);
fs.copyFileSync(await store.artifacts.materialise(body.data), `${csv}.parquet`);
fs.writeFileSync(`${csv}.json`, JSON.stringify(body.columns));
await closeEngines();
await store.close();
answer({ found: {} });
process.exit(0);
