import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { JobEngine } from '../../../lib/compute/engines/contract.js';
import { createHere } from '../../../lib/compute/engines/here/here.js';
import { runJob, runMeasured } from '../../../lib/compute/runJob.js';
import type { Context, Progress } from '../../../lib/domain/progress.js';
import { compile, lives } from '../compile.js';
import { add, allocate, build, chat, dig, echo, fail, leave, silent, spin, unknown, whereAmI } from '../jobs.js';

let entry: Awaited<ReturnType<typeof compile>>;
let engine: JobEngine;
beforeAll(async () => {
	entry = await compile(join(__dirname, '..', 'fixture.ts'));
});
afterAll(async () => {
	await entry.remove();
});
beforeEach(() => {
	engine = createHere({ entry: entry.path, maxWorkers: 1 });
});
afterEach(async () => {
	await engine.close();
});

/** A context that remembers, and tells when a note comes. */
function listening(): {
	context: Context;
	progress: Progress[];
	notes: Map<string, string>;
	noted(code: string): Promise<string>;
	cancel(): void;
} {
	const controller = new AbortController();
	const progress: Progress[] = [];
	const notes = new Map<string, string>();
	const waiting = new Map<string, (text: string) => void>();
	return {
		progress,
		notes,
		cancel: () => controller.abort(),
		noted: (code) =>
			new Promise((resolve) => {
				const said = notes.get(code);
				if (said === undefined) waiting.set(code, resolve);
				else resolve(said);
			}),
		context: {
			report: (p) => progress.push(p),
			signal: controller.signal,
			note(code, text) {
				notes.set(code, text);
				waiting.get(code)?.(text);
			},
		},
	};
}

const gone = async (pid: number): Promise<void> => {
	while (lives(pid)) await wait(20);
};

describe('a job', () => {
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

	it('runs outside our process, below it in priority, in the same child as the one before', async () => {
		const { context } = listening();
		const first = await runJob(engine, whereAmI, {}, { context });
		const second = await runJob(engine, whereAmI, {}, { context });
		expect(first.pid).not.toBe(process.pid);
		expect(second.pid).toBe(first.pid);
		expect(first.nice).toEqual([5, 5]);
	});

	it('waits for its turn', async () => {
		const { context } = listening();
		const sums = await Promise.all([1, 2, 3, 4].map((a) => runJob(engine, add, { a, b: 0 }, { context })));
		expect(sums.map((s) => s.sum)).toEqual([1, 2, 3, 4]);
	});
});

describe('cancelling', () => {
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

	it('happens to all when the engine closes', async () => {
		const { context, noted } = listening();
		const running = runJob(engine, spin, { polite: false }, { context });
		const waiting = runJob(engine, add, { a: 1, b: 1 }, { context });
		const both = Promise.allSettled([running, waiting]);
		const pid = Number(await noted('spin.pid'));
		await engine.close();
		expect((await both).map((r) => r.status === 'rejected' && (r.reason as { code: string }).code)).toEqual([
			'compute.cancelled',
			'compute.cancelled',
		]);
		expect(lives(pid)).toBe(false);
	});
});

describe('when a process dies', () => {
	it('the call says so and the engine goes on', async () => {
		const { context, noted } = listening();
		const running = runJob(engine, spin, { polite: false }, { context });
		process.kill(Number(await noted('spin.pid')), 'SIGKILL');
		await expect(running).rejects.toMatchObject({ code: 'compute.task_died', message: expect.stringContaining('SIGKILL') });
		expect(await runJob(engine, add, { a: 1, b: 1 }, { context })).toEqual({ sum: 2 });
	});

	it.each([
		['has just answered', 0],
		['is idle', 300],
	])('one that %s is replaced', async (_when, ms) => {
		const { context } = listening();
		const { pid } = await runJob(engine, whereAmI, {}, { context });
		await wait(ms);
		process.kill(pid, 'SIGKILL');
		await gone(pid);
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
		context.report = () => {
			throw new Error('no screen');
		};
		expect(await runJob(engine, chat, {}, { context, threads: 1, memoryBytes: 2 ** 30 })).toMatchObject({ threads: 1 });
	});

	it('an idle one ends by itself', async () => {
		const quick = createHere({ entry: entry.path, maxWorkers: 1, idleMs: 50 });
		const { pid } = await runJob(quick, whereAmI, {}, { context: listening().context });
		await gone(pid);
		await quick.close();
	});
});

describe('the process that owns the engine', () => {
	const owner = (body: string): string => `
		const { createHere, runJob } = require(${JSON.stringify(library.path)});
		const context = { report() {}, note(code, text) { if (code.endsWith('.pid')) console.log(text); }, signal: new AbortController().signal };
		const { z } = require('zod/v4');
		const engine = createHere({ entry: ${JSON.stringify(entry.path)} });
		const job = (id) => ({ id, input: z.object({}).loose(), output: z.object({}).loose(), run() {} });
		${body}`;
	let library: Awaited<ReturnType<typeof compile>>;
	beforeAll(async () => {
		library = await compile(join(__dirname, 'ownerFixture.ts'));
	});
	afterAll(async () => {
		await library.remove();
	});

	async function start(body: string): Promise<ReturnType<typeof spawn>> {
		const path = join(dirname(library.path), 'owner.cjs');
		await writeFile(path, owner(body));
		return spawn(process.execPath, [path], {
			stdio: ['ignore', 'pipe', 'inherit'],
			env: { ...process.env, NODE_PATH: join(__dirname, '..', '..', '..', 'node_modules') },
		});
	}

	it.each(['spin', 'dig'])('takes its children with it when it is killed (%s)', async (id) => {
		const parent = await start(`runJob(engine, job('${id}'), { polite: false }, { context });`);
		const [text] = (await once(parent.stdout!, 'data')) as [Buffer];
		const pid = Number(text.toString());
		expect(lives(pid)).toBe(true);
		parent.kill('SIGKILL');
		await gone(pid);
	});

	it('can end while a child idles', async () => {
		const parent = await start("runJob(engine, job('add'), { a: 1, b: 2 }, { context }).then((out) => console.log(JSON.stringify(out)));");
		const [[text], [code]] = (await Promise.all([once(parent.stdout!, 'data'), once(parent, 'exit')])) as [[Buffer], [number]];
		expect(JSON.parse(text.toString())).toEqual({ sum: 3 });
		expect(code).toBe(0);
	});
});
