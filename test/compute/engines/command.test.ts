import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { attend } from '../../../lib/compute/engines/attend.js';
import type { JobCall } from '../../../lib/compute/messages.js';
import { silentContext } from '../../../lib/domain/progress.js';
import type { Store } from '../../../lib/store/contract.js';
import { openStore } from '../../../lib/store/openStore.js';
import { freshFolder, removeFolders } from '../../store/records.js';
import { compile } from '../compile.js';

let entry: Awaited<ReturnType<typeof compile>>;
let store: Store;
beforeAll(async () => {
	entry = await compile(join(__dirname, '..', 'fixture.ts'));
	store = await openStore({ kind: 'folder', home: await freshFolder() });
});
afterAll(async () => {
	await store.close();
	await entry.remove();
	await removeFolders();
});

const call = (job: string, input: unknown): JobCall => ({ job, input, threads: 1, memoryBytes: 2 ** 30 });
const listener = silentContext();

describe('a job in the store', () => {
	it('whose process is heard of no more counts as dead, and what that process says later does not count', async () => {
		const id = await store.jobs.post(call('add', { a: 1, b: 2 }));
		await store.jobs.claim(id, 'a machine, process 7');
		const { outcome } = await attend(store.jobs, id, call('add', {}), { listener, leaseMs: 500 });
		expect(outcome).toMatchObject({
			ok: false,
			error: { code: 'compute.task_died', message: expect.stringContaining('a machine, process 7') },
		});
		expect(await store.jobs.end(id, { outcome: { ok: true, output: { sum: 3 } }, peakMemoryBytes: 0, seconds: 0 })).toBe(false);
	});

	it('ends when nobody waits for it any more', async () => {
		const id = await store.jobs.post(call('spin', { polite: false }));
		const child = spawn(process.execPath, [entry.path, 'job', 'run', id, '--store', JSON.stringify(store.ref), '--lease', '500'], {
			stdio: 'inherit',
		});
		await once(child, 'exit');
		expect(await store.jobs.look(id)).toMatchObject({
			state: 'ended',
			ending: { outcome: { ok: false, error: { code: 'compute.task_died' } } },
		});
	});
});
