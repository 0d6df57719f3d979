import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createHere } from '../../../lib/compute/engines/here/here.js';
import { createCrew } from '../../../lib/compute/engines/here/jobCrew.js';
import { runJob } from '../../../lib/compute/runJob.js';
import { compile, lives } from '../compile.js';
import { add, spin, whereAmI } from '../jobs.js';
import { listening } from './listening.js';

let entry: Awaited<ReturnType<typeof compile>>;
let engine: ReturnType<typeof createHere>;
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

const gone = async (pid: number): Promise<void> => {
	while (lives(pid)) await wait(20);
};

describe('a job', () => {
	it('runs outside our process, below it in priority, in the same child as the one before', async () => {
		const { context } = listening();
		const first = await runJob(engine, whereAmI, {}, { context });
		const second = await runJob(engine, whereAmI, {}, { context });
		expect(first.pid).not.toBe(process.pid);
		expect(second.pid).toBe(first.pid);
		expect(first.nice).toEqual([5, 5]);
	});
});

describe('a job that is expected', () => {
	it('finds its process, one for all that is expected, and nobody waits for it', async () => {
		engine.expect();
		engine.expect();
		const first = await runJob(engine, whereAmI, {}, { context: listening().context });
		engine.expect();
		const second = await runJob(engine, whereAmI, {}, { context: listening().context });
		expect(second.pid).toBe(first.pid);
	});

	it('gets another process where that one dies before it comes', async () => {
		const crew = createCrew(entry.path, 1, 60_000);
		crew.expect();
		const member = crew.take()!;
		await member.child.end();
		// Nothing was begun in it, so the job may begin in another.
		expect(member.used).toBe(true);
		await expect(member.child.run({ job: 'add', input: { a: 1, b: 1 }, threads: 1, memoryBytes: 1e9 }, () => {})).rejects.toThrow('ended');
		await crew.discard(member);
		await crew.close();
	});

	it('ends where it never comes', async () => {
		const quick = createHere({ entry: entry.path, maxWorkers: 1, idleMs: 50 });
		quick.expect();
		await wait(200);
		expect(await runJob(quick, add, { a: 1, b: 1 }, { context: listening().context })).toEqual({ sum: 2 });
		await quick.close();
	});
});

describe('cancelling', () => {
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

describe('closing', () => {
	it('waits for a process that was being ended before', async () => {
		const crew = createCrew(entry.path, 1, 1000);
		const member = crew.take()!;
		void crew.discard(member);
		await crew.close();
		expect(member.child.ending()).toMatchObject({ signalCode: 'SIGKILL' });
	});
});

describe('when a process dies', () => {
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
		const context = { progress() {}, note(code, text) { if (code.endsWith('.pid')) console.log(text); }, signal: new AbortController().signal };
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

	it('lives until the engine is closed, although it is yet to hear that the child rests', async () => {
		const parent = await start(`
			// While this process is busy the child's last word arrives, and is heard after the closing has begun.
			const busy = () => { for (const until = Date.now() + 500; Date.now() < until; ); };
			runJob(engine, job('add'), { a: 1, b: 2 }, { context })
				.then(() => { busy(); return engine.close(); })
				.then(() => console.log('closed'));`);
		const [text] = await Promise.all([parent.stdout!.toArray(), once(parent, 'exit')]);
		expect(Buffer.concat(text).toString().trim()).toBe('closed');
	});
});
