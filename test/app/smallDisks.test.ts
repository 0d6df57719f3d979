import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ingestJob } from '../../lib/app/jobs/ingestJob.js';
import { predictJob } from '../../lib/app/jobs/predictJob.js';
import { prepareJob } from '../../lib/app/jobs/prepareJob.js';
import { trainJob } from '../../lib/app/jobs/trainJob.js';
import { closeEngines, jobEngine } from '../../lib/app/jobEngine.js';
import { withKept, withStore } from '../../lib/app/withStore.js';
import type { Job } from '../../lib/compute/contract.js';
import { runJob } from '../../lib/compute/runJob.js';
import { withDuck } from '../../lib/data/duck.js';
import { newFlag } from '../../lib/domain/cancel.js';
import { silentContext } from '../../lib/domain/progress.js';
import type { Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { datasetBody } from '../store/records.js';
import { noSmallDisk, smallDisk, type SmallDisk } from '../store/smallDisk.js';
import { temporariesIn } from '../temporaries.js';

const reason = noSmallDisk();
const onSmallDisk = reason ? describe.skip : describe;

const elsewhere = mkdtempSync(join(tmpdir(), 'mlops-elsewhere-'));
afterAll(async () => {
	await closeEngines();
	rmSync(elsewhere, { recursive: true });
});

/** Orders by a fixed rule; of another number, other ones. */
function orders(number: number): string {
	const path = join(elsewhere, 'orders.csv');
	const line = (i: number): string => {
		const amount = (i * 37) % 1000;
		return `somebody ${(i * 7919) % 99_991} of ${i + number},${amount},${['FR', 'DE', 'IT'][i % 3]},${amount > 500 + (i % 100) ? 'yes' : 'no'}`;
	};
	writeFileSync(path, `customer,amount,country,bought\n${Array.from({ length: 40_000 }, (_, i) => line(i)).join('\n')}\n`);
	return path;
}

/** 79 MB of texts that hardly shrink: as Parquet 77 MB. */
const NOISE = 800_000;
async function noise(): Promise<string> {
	const path = join(elsewhere, 'noise.csv');
	const texts = ['a', 'b', 'c'].map((name) => `md5(i || '${name}') AS ${name}`).join(', ');
	await withDuck({}, async (duck) => await duck.run(`COPY (SELECT ${texts} FROM range(${NOISE}) t(i)) TO '${path}'`));
	return path;
}

let disk: SmallDisk;
let store: Store;
const begin = async (megabytes: number): Promise<void> => {
	disk = smallDisk(megabytes);
	store = await openStore({ kind: 'folder', home: disk.path });
};
const end = async (): Promise<void> => {
	disk.free();
	await store.close();
	disk.remove();
};

/** By the processes that n8n uses. */
const run = async <I, O>(job: Job<I, O>, input: I): Promise<O> => await runJob(jobEngine(store), job, input, { context: silentContext() });
const ingested = async (path: string, name: string) =>
	await run(ingestJob, { source: 'file', params: { path }, name, target: 'bought', store: store.ref, rowLimit: 0 });
const trained = async (datasetId: string, seed = 7) =>
	await run(trainJob, {
		store: store.ref,
		datasetId,
		recipe: { steps: [] },
		spec: {
			target: 'bought',
			split: { method: 'auto', testShare: 0.2, validationShare: 0.2, seed: 7 },
			learner: 'gradientBoosting',
			params: { n_estimators: 5 },
			seed,
			crossValidation: 0,
			classWeight: 'none',
			timeBudgetSeconds: 60,
			refit: false,
		},
		modelName: 'orders',
		runAgain: true,
	});

/** What is told of a full disk: where it is, what is free of it, what to do. */
const FULL = {
	code: 'store.full',
	message: 'The disk that holds the MLOps store is full.',
	details: {
		found: expect.stringMatching(/^[\d.]+\s\w+ of [\d.]+\sMB free at .*mlops-small-\w+, now that what was half written is gone$/),
		remedy: expect.stringMatching(/^Free some space there, or move the store .* and run again; what was in the store is whole\.$/),
	},
};

/** All that is there is named by a record and as it was written; nothing temporary is left. */
async function expectWhole(): Promise<void> {
	expect(temporariesIn(disk.path)).toEqual([]);
	expect((await store.verify()).exceptions ?? []).toEqual([]);
}

const newFiles = (): string[] =>
	(readdirSync(join(disk.path, 'artifacts'), { recursive: true }) as string[]).filter((name) => /[0-9a-f]{64}$/.test(name));

onSmallDisk(`a disk that gets full while a job runs${reason ? ` (${reason})` : ''}`, () => {
	afterEach(end);

	it('stops an Ingest that spills, which leaves nothing; with more room it goes through', async () => {
		await begin(200);
		const path = await noise();
		const read = async () =>
			await store.artifacts.withFolder(
				async (folder) =>
					await ingestJob.run(
						{ source: 'file', params: { path }, name: 'noise', store: store.ref, rowLimit: 0, folder },
						{ progress() {}, note() {}, cancelled: newFlag(), threads: 1, memoryBytes: 200 << 20 },
					),
			);
		// Of 20 MB what is spilled takes more, of 95 the file that is made from it together with that: by itself it would fit.
		for (const leave of [20e6, 95e6]) {
			disk.free();
			disk.fill(leave);
			await expect(read()).rejects.toMatchObject(FULL);
			await expectWhole();
		}
		disk.free();
		expect(await read()).toMatchObject({ dataset: { name: 'noise', version: 1, rows: NOISE } });
		const [largest] = newFiles()
			.map((name) => statSync(join(disk.path, 'artifacts', name)).size)
			.sort((a, b) => b - a);
		expect(largest).toBeLessThan(90e6);
		await expectWhole();
	}, 180_000);

	it('stops Ingest, Clean, Train and Predict at whatever moment with what to do; what is there stays whole, and then all of them work', async () => {
		await begin(64);
		const { dataset } = await ingested(orders(0), 'orders');
		const { model } = await trained(dataset.id);
		const steps = [{ step: 'drop_columns', version: 1, params: { columns: ['country'] } }];
		const predict = {
			datasetId: dataset.id,
			model: { ...model, name: 'orders' },
			rows: 'all' as const,
			reasons: 0,
			log: false,
			report: true,
			forSpreadsheets: true,
		};
		const clean = { dataset, recipe: { id: 'none', steps: [] }, steps, automatic: false };
		const works: Array<{ what: string; work(n: number): Promise<unknown>; leave: number[] }> = [
			{ what: 'ingest', work: async (n) => await ingested(orders(n + 1), 'orders'), leave: [0, 500_000, 1_100_000] },
			{ what: 'train', work: async (n) => await trained(dataset.id, n), leave: [0, 60_000, 100_000] },
			{ what: 'clean', work: async () => await run(prepareJob, { store: store.ref, ...clean }), leave: [0, 60_000] },
			{ what: 'predict', work: async () => await run(predictJob, { store: store.ref, ...predict }), leave: [0, 1_300_000, 1_500_000] },
		];
		for (const { what, work, leave } of works) {
			for (const [n, bytes] of leave.entries()) {
				disk.fill(bytes);
				const thrown = await work(n).then(
					() => undefined,
					(error: unknown) => error,
				);
				// With no room at all nothing works; how much each takes is not what is looked at here.
				if (bytes === 0 || thrown !== undefined) expect({ what, bytes, thrown }).toMatchObject({ what, bytes, thrown: FULL });
				await expectWhole();
				disk.free();
			}
			await work(99);
		}
		expect(await store.get('dataset', dataset.id)).toMatchObject({ version: 1, body: { rows: 40_000 } });
		await expectWhole();
	}, 180_000);

	it('when the database is what finds no room, the files that were put before it go again', async () => {
		await begin(24);
		const body = await datasetBody(store, 'before');
		let put: string | undefined;
		const failing = withKept(store.ref, async (own) => {
			put = await own.artifacts.put(Buffer.alloc(1_000_000, 7));
			disk.fill();
			await own.add('dataset', 'people', { ...body, data: put, source: { type: 'items', description: 'x'.repeat(300_000) } });
		});
		await expect(failing).rejects.toMatchObject(FULL);
		expect(await store.artifacts.has(put!)).toBe(false);
		expect(await store.artifacts.has(body.data)).toBe(true);
	});

	it("what finds no room to spill in the system's folder for temporary files is told which folder that is, and what is free of it", async () => {
		await begin(24);
		const spilling = withStore(store.ref, async () => {
			await withDuck({ memoryBytes: 64 << 20 }, async (duck) => {
				// As on a disk of which so much was free.
				await duck.run(`SET max_temp_directory_size = '1MiB'`);
				await duck.run('CREATE TEMP TABLE t AS SELECT range AS i, md5(range::VARCHAR) AS x FROM range(1_500_000)');
			});
		});
		await expect(spilling).rejects.toMatchObject({
			code: 'store.full',
			message: `The disk for temporary files (${tmpdir()}) is full.`,
			details: { found: expect.stringContaining(`free at ${tmpdir()}`), remedy: expect.stringContaining('TMPDIR') },
		});
	}, 60_000);

	it("the system's folder for temporary files being full stops nothing that has not to spill there", async () => {
		await begin(64);
		const full = smallDisk(8);
		const { TMPDIR } = process.env;
		await closeEngines();
		try {
			// For the processes that do the work: they are started from now on.
			process.env.TMPDIR = full.path;
			full.fill();
			const { dataset } = await ingested(orders(0), 'orders');
			expect(await trained(dataset.id)).toMatchObject({ model: { name: 'orders' } });
			await expectWhole();
		} finally {
			await closeEngines();
			if (TMPDIR === undefined) delete process.env.TMPDIR;
			else process.env.TMPDIR = TMPDIR;
			full.remove();
		}
	}, 60_000);
});

/** Processes that this one started and that do jobs. */
const children = (): number[] =>
	readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8')
		.trim()
		.split(/\s+/)
		.map(Number)
		.filter((pid) => pid > 0 && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('/app/worker.js'));

const onLinux = existsSync('/proc/self/task') ? it : it.skip;

onLinux(
	'a process that is killed between putting its files and naming them leaves none once the store is used again',
	async () => {
		const home = mkdtempSync(join(elsewhere, 'home-'));
		store = await openStore({ kind: 'folder', home });
		const artifacts = (): string[] =>
			(readdirSync(join(home, 'artifacts'), { recursive: true }) as string[]).filter((n) => /[0-9a-f]{64}$/.test(n));
		await ingested(orders(0), 'orders');
		const before = artifacts().sort();
		let outcome: Promise<unknown> = Promise.resolve();
		// While this goes on, nobody else adds a record.
		await store.transact(async () => {
			outcome = ingested(orders(1), 'orders').then(
				() => 'done',
				(error: unknown) => error,
			);
			const isLarge = (name: string): boolean => !before.includes(name) && statSync(join(home, 'artifacts', name)).size > 200_000;
			for (let i = 0; !artifacts().some(isLarge); i++) {
				if (i > 600) throw new Error('The rows were not put.');
				await sleep(50);
			}
			for (const pid of children()) process.kill(pid, 'SIGKILL');
		});
		expect(await outcome).toMatchObject({ code: 'compute.task_died' });
		expect(artifacts().length).toBeGreaterThan(before.length);
		expect((await store.verify()).exceptions).toMatchObject([{ about: 'artifacts' }]);
		// Another process opens the store for it; what was there already is the same version.
		await expect(ingested(orders(0), 'orders')).resolves.toMatchObject({ reused: true });
		expect((await store.verify()).exceptions ?? []).toEqual([]);
		for (const name of before) expect(artifacts()).toContain(name);
		expect(temporariesIn(home)).toEqual([]);
		await expect(ingested(orders(1), 'orders')).resolves.toMatchObject({ dataset: { version: 2, rows: 40_000 } });
		await store.close();
	},
	120_000,
);
