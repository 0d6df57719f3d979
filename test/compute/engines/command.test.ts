import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { attend } from '../../../lib/compute/engines/attend.js';
import type { JobCall } from '../../../lib/compute/messages.js';
import { silentContext } from '../../../lib/domain/progress.js';
import { openStore, type Store } from '../../../lib/store/index.js';
import { freshFolder, removeFolders } from '../../store/records.js';
import { compile } from '../compile.js';

let entry: Awaited<ReturnType<typeof compile>>;
let home: string;
let store: Store;
beforeAll(async () => {
	entry = await compile(join(__dirname, '..', 'fixture.ts'));
	home = await freshFolder();
	store = await openStore({ kind: 'folder', home });
});
afterAll(async () => {
	await store.close();
	await entry.remove();
	await removeFolders();
});

const call = (job: string, input: unknown): JobCall => ({ job, input, threads: 1, memoryBytes: 2 ** 30 });
const listener = silentContext();

describe('a job in the store', () => {
	it('is claimed once, and what it was asked is sealed until it ended, then gone', async () => {
		const id = await store.jobs.post(call('add', { password: 'open sesame' }));
		expect(await store.jobs.claim(id, 'here')).toMatchObject({ job: 'add', input: { password: 'open sesame' } });
		expect(await store.jobs.claim(id, 'there')).toBeUndefined();
		const answer = { outcome: { ok: true as const, output: { word: 'treasure' } }, peakMemoryBytes: 1, seconds: 2 };
		expect(await store.jobs.end(id, answer)).toBe(true);
		expect(await store.jobs.end(id, { ...answer, seconds: 3 })).toBe(false);
		expect(await store.jobs.look(id)).toMatchObject({ state: 'ended', where: 'here', ending: answer });
		const written = Buffer.concat(
			await Promise.all(['log.db', 'log.db-wal'].map(async (name) => await readFile(join(home, name)).catch(() => Buffer.of()))),
		);
		expect(written.includes(id)).toBe(true);
		expect(written.includes('sesame')).toBe(false);
		expect(written.includes('treasure')).toBe(false);
	});

	it('that is cancelled before anybody claimed it is never run', async () => {
		const id = await store.jobs.post(call('add', { a: 1, b: 2 }));
		await store.jobs.cancel(id);
		expect(await store.jobs.claim(id, 'here')).toBeUndefined();
		await expect(attend(store.jobs, id, call('add', {}), { listener })).resolves.toMatchObject({
			outcome: { ok: false, error: { code: 'compute.cancelled' } },
		});
	});

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
