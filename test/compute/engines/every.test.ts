import { join } from 'node:path';
import type { JobEngine } from '../../../lib/compute/engines/contract.js';
import { createCommand } from '../../../lib/compute/engines/command.js';
import { createHere } from '../../../lib/compute/engines/here/here.js';
import { runJob, runMeasured } from '../../../lib/compute/runJob.js';
import type { Store } from '../../../lib/store/contract.js';
import { openStore } from '../../../lib/store/openStore.js';
import { freshFolder, removeFolders } from '../../store/records.js';
import { compile, lives } from '../compile.js';
import { add, allocate, build, chat, dig, echo, fail, leave, silent, spin, unknown } from '../jobs.js';
import { listening } from './listening.js';

// What every engine promises.
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

describe.each(['here', 'command'])('the engine "%s"', (id) => {
	let engine: JobEngine;
	let close: () => Promise<void>;
	beforeAll(() => {
		if (id === 'here') {
			const made = createHere({ entry: entry.path, maxWorkers: 1 });
			[engine, close] = [made, made.close];
		} else {
			const made = createCommand({ program: entry.path, maxWorkers: 1 });
			[engine, close] = [made.on(store), made.close];
		}
	});
	afterAll(async () => {
		await close();
	});

	it('gives its result and says what it took', async () => {
		const { context } = listening();
		expect(await runJob(engine, add, { a: 1, b: 2 }, { context })).toEqual({ sum: 3 });
		const measured = await runMeasured(engine, allocate, { megabytes: 200 }, { context });
		expect(measured.output).toEqual({ bytes: 200 * 2 ** 20 });
		expect(measured.peakMemoryBytes).toBeGreaterThan(200 * 2 ** 20);
		expect(measured.seconds).toBeGreaterThan(0);
	});

	it('streams progress, the last of it always, and notes', async () => {
		const { context, progress, notes } = listening();
		expect(await runJob(engine, chat, {}, { context, threads: 3, memoryBytes: 2 ** 30 })).toEqual({ threads: 3, memoryBytes: 2 ** 30 });
		expect(progress.at(-1)).toEqual({ stage: 'Counting', share: 1 });
		expect(progress.length).toBeLessThan(1000);
		expect(notes.get('chat.done')).toBe('Counted to a thousand.');
	});

	it('fails with its own code, words and remedy', async () => {
		const { context } = listening();
		await expect(runJob(engine, fail, { typed: true }, { context })).rejects.toMatchObject({
			code: 'learn.target_unknown',
			message: 'No column "y".',
			details: { column: 'y', remedy: 'Pick another.' },
		});
		await expect(runJob(engine, fail, { typed: false }, { context })).rejects.toMatchObject({
			code: 'compute.task_failed',
			message: 'a surprise',
		});
		await expect(runJob(engine, leave, {}, { context })).rejects.toMatchObject({ code: 'compute.task_failed' });
		expect(await runJob(engine, add, { a: 2, b: 2 }, { context })).toEqual({ sum: 4 });
	});

	it('is refused when its input does not fit, when its output does not, and when nobody knows it', async () => {
		const { context } = listening();
		await expect(runJob(engine, echo, { text: 1 as unknown as string }, { context })).rejects.toMatchObject({
			code: 'input.invalid',
			message: expect.stringContaining('text'),
		});
		await expect(runJob(engine, silent, {}, { context })).rejects.toMatchObject({
			code: 'internal',
			message: expect.stringContaining('right'),
		});
		await expect(runJob(engine, unknown, {}, { context })).rejects.toMatchObject({ code: 'internal' });
	});

	it('waits for its turn', async () => {
		const { context } = listening();
		const sums = await Promise.all([1, 2, 3, 4].map((a) => runJob(engine, add, { a, b: 0 }, { context })));
		expect(sums.map((s) => s.sum)).toEqual([1, 2, 3, 4]);
	});

	it.each([
		['a job that looks at the flag', spin, { polite: true }, 'spin.pid'],
		['a loop that looks at nothing', spin, { polite: false }, 'spin.pid'],
		['a call that does not come back', dig, {}, 'dig.pid'],
	] as const)('ends %s and its process', async (_, job, input, code) => {
		const { context, noted, cancel } = listening();
		const running = runJob(engine, job as typeof spin, input as { polite: boolean }, { context });
		const pid = Number(await noted(code));
		cancel();
		await expect(running).rejects.toMatchObject({ code: 'compute.cancelled' });
		expect(lives(pid)).toBe(false);
		expect(await runJob(engine, add, { a: 1, b: 1 }, { context: listening().context })).toEqual({ sum: 2 });
	});

	it('takes a waiting job out of the queue, and refuses one that is cancelled already', async () => {
		const first = listening();
		const second = listening();
		const running = runJob(engine, spin, { polite: true }, { context: first.context });
		const waiting = runJob(engine, add, { a: 1, b: 1 }, { context: second.context });
		await first.noted('spin.pid');
		second.cancel();
		await expect(waiting).rejects.toMatchObject({ code: 'compute.cancelled' });
		await expect(runJob(engine, add, { a: 1, b: 1 }, { context: second.context })).rejects.toMatchObject({ code: 'compute.cancelled' });
		first.cancel();
		await expect(running).rejects.toMatchObject({ code: 'compute.cancelled' });
	});

	it('works while the child is still starting', async () => {
		const { context, cancel } = listening();
		const running = runJob(engine, spin, { polite: false }, { context });
		setTimeout(cancel, 1);
		await expect(running).rejects.toMatchObject({ code: 'compute.cancelled' });
	});

	it('the call says so and the engine goes on', async () => {
		const { context, noted } = listening();
		const running = runJob(engine, spin, { polite: false }, { context });
		process.kill(Number(await noted('spin.pid')), 'SIGKILL');
		await expect(running).rejects.toMatchObject({ code: 'compute.task_died', message: expect.stringContaining('SIGKILL') });
		expect(await runJob(engine, add, { a: 1, b: 1 }, { context })).toEqual({ sum: 2 });
	});

	it('for want of memory, outside the heap or inside, the call says what to do', async () => {
		const { context } = listening();
		await expect(runJob(engine, allocate, { megabytes: 2000 }, { context, memoryBytes: 300 * 2 ** 20 })).rejects.toMatchObject({
			code: 'compute.out_of_memory',
			details: { remedy: expect.stringContaining('fewer rows') },
		});
		await expect(runJob(engine, build, {}, { context, memoryBytes: 200 * 2 ** 20 })).rejects.toMatchObject({
			code: 'compute.out_of_memory',
		});
		expect(await runJob(engine, add, { a: 1, b: 1 }, { context })).toEqual({ sum: 2 });
	});

	it('a listener that fails does no harm', async () => {
		const { context } = listening();
		context.progress = () => {
			throw new Error('no screen');
		};
		expect(await runJob(engine, chat, {}, { context, threads: 1, memoryBytes: 2 ** 30 })).toMatchObject({ threads: 1 });
	});
});
