// Ingest as the node does it: the job in a process of its own, in a new store.
import process from 'node:process';
import { answer, from, task } from '../ours.mts';

const { openStore } = from<typeof import('../../../../lib/store/openStore.js')>('store/openStore.js');
const { ingestData } = from<typeof import('../../../../lib/app/ingestData.js')>('app/ingestData.js');
const { sessionOn } = from<typeof import('../../../../lib/app/session.js')>('app/session.js');
const { closeEngines } = from<typeof import('../../../../lib/app/jobEngine.js')>('app/jobEngine.js');

const { csv, folder } = task();
const store = await openStore({ kind: 'folder', home: folder });
const session = sessionOn(store, { actor: 'benchmark' });
const { fields } = await ingestData(session, { source: 'file', params: { path: csv } });
const record = await store.get('dataset', fields.dataset.id);
const profile = JSON.parse(String(await store.artifacts.get(record.body.profile!))) as import('../../../../lib/domain/profile.js').Profile;
const found: Record<string, number> = { rows: fields.dataset.rows };
for (const { name, missing, distinct, mean, quantiles } of profile.columns) {
	found[`${name} missing`] = missing;
	found[`${name} distinct`] = distinct;
	if (mean !== undefined && name !== 'churned') found[`${name} mean`] = mean;
	if (quantiles && name !== 'churned') found[`${name} median`] = quantiles[Math.floor(quantiles.length / 2)];
}
await closeEngines();
await store.close();
answer({ found });
process.exit(0);
