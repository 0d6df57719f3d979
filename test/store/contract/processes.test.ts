import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { childEnvironment } from '../../../lib/compute/childEnvironment.js';
import { openStore } from '../../../lib/store/openStore.js';
import { compile } from '../../compute/compile.js';
import { datasetBody, runBody, versionBody } from '../records.js';
import { describeStores, type Place } from './places.js';

let writer: Awaited<ReturnType<typeof compile>>;
beforeAll(async () => {
	writer = await compile(join(__dirname, 'writer.ts'));
});
afterAll(async () => {
	await writer.remove();
});

interface Writing {
	child: ChildProcess;
	lines: string[];
	ended: Promise<number | null>;
}

/**
 * Another process on the store of a place, which gets no more than its reference and what a process that runs jobs is told in confidence.
 */
function write({ ref }: Place, mode: string, name: string): Writing {
	const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', writer.path, JSON.stringify(ref), mode, name], {
		stdio: ['pipe', 'pipe', 'inherit'],
		env: childEnvironment(),
	});
	const writing: Writing = { child, lines: [], ended: once(child, 'close').then(([code]) => code as number | null) };
	let rest = '';
	child.stdout!.on('data', (chunk: Buffer) => {
		const lines = (rest + chunk.toString()).split('\n');
		rest = lines.pop()!;
		writing.lines.push(...lines);
	});
	return writing;
}

describeStores('processes', (stage, fresh) => {
	it('one that is killed while it writes leaves a store that opens, verifies and serves the last champion, time after time', async () => {
		let confirmed = 0;
		const rounds = stage.place.kind === 'sqlite' ? 50 : 16;
		for (let round = 0; round < rounds; round++) {
			// Every other time a new store, so that its making is interrupted too.
			const growing = round % 2 === 0;
			const place = growing ? stage.place : await fresh();
			const { child, lines, ended } = write(place, 'promote', `round ${round}`);
			while (growing && lines.length === 0) await wait(5);
			await wait(randomInt(0, growing ? 100 : 400));
			child.kill('SIGKILL');
			await ended;

			const said = Number(lines.at(-1) ?? 0);
			if (growing) confirmed = Math.max(confirmed, said);
			const store = await openStore(place.ref);
			await store.verify();
			const champion = (await store.alias('churn', 'champion')) ?? 0;
			expect(champion).toBeGreaterThanOrEqual(growing ? confirmed : said);
			if (champion > 0) {
				const model = (await store.find('modelVersion', 'churn', champion))!;
				expect((await store.artifacts.get(model.body.digest)).toString()).toBe(`package ${model.body.tags['mark']}`);
			}
			await store.predictions({ limit: 1 });
			await store.close();
		}
		expect(confirmed).toBeGreaterThan(0);
	}, 180_000);

	it('eight that write at once lose nothing, number versions without a gap, and leave one chain', async () => {
		const writers = Array.from({ length: 8 }, (_, i) => write(stage.place, 'register', `writer ${i}`));
		expect(await Promise.all(writers.map((w) => w.ended))).toEqual(writers.map(() => 0));

		const { store } = stage;
		const versions = await store.list('modelVersion', { name: 'churn' });
		expect(versions.map((v) => v.version)).toEqual(Array.from({ length: 80 }, (_, i) => 80 - i));
		expect(versions.map((v) => v.body.version)).toEqual(versions.map((v) => v.version));
		expect(new Set(writers.flatMap((w) => w.lines))).toEqual(new Set(versions.map((v) => String(v.version))));
		expect(await store.predictions({})).toHaveLength(80);
		for (let i = 0; i < 8; i++) expect(await store.recall('modelVersion', `writer ${i} 2`)).toBeDefined();
		expect(await store.verify()).toEqual({ events: 80, records: 80 });
	}, 120_000);

	it('eight that make a new store at the same moment make one', async () => {
		const place = await fresh();
		const writers = Array.from({ length: 8 }, (_, i) => write(place, 'register', `writer ${i}`));
		expect(await Promise.all(writers.map((w) => w.ended))).toEqual(writers.map(() => 0));
		const store = await openStore(place.ref);
		expect(await store.verify()).toEqual({ events: 80, records: 80 });
		await store.close();
	}, 120_000);

	it('of two that move an alias from where they saw it one succeeds; what one transaction read stays true until it has written', async () => {
		const { store } = stage;
		await store.add('modelVersion', 'churn', await versionBody(store, 'churn', 'a'));
		const moves = await Promise.allSettled(
			['ann', 'bob'].map(async (actor) => await store.moveAlias('churn', 'champion', 1, { actor, expect: null })),
		);
		expect(moves.map((m) => m.status).sort()).toEqual(['fulfilled', 'rejected']);
		// Each counts what is there and writes the next: one after the other, whoever asked.
		const count = async (): Promise<number> =>
			await store.transact(async (part) => {
				const seen = (await part.auditLog({ subject: 'count' })).length;
				await wait(20);
				await part.audit({ actor: 'a', action: `seen ${seen}`, subject: 'count' });
				return seen;
			});
		expect((await Promise.all(Array.from({ length: 8 }, count))).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
		await expect(
			store.transact(async (part) => {
				await part.setPolicy('churn', { approvalRequired: true, gateRequired: true }, 'ann');
				expect(await part.policy('churn')).toMatchObject({ approvalRequired: true });
				throw new Error('changed my mind');
			}),
		).rejects.toThrow('changed my mind');
		expect(await store.policy('churn')).toMatchObject({ approvalRequired: false });
		await store.verify();
	});

	it('six that deploy the same new model at the same moment register one version and move the alias once', async () => {
		const { store } = stage;
		const data = await store.add('dataset', 'people', await datasetBody(store, 'one'));
		const run = await store.add('run', 'people', await runBody(store, data.id), { parents: [data.id] });
		const all = Array.from({ length: 6 }, (_, i) => write(stage.place, `deploy ${run.id}`, `deployer ${i}`));
		while (!all.every((w) => w.lines.includes('ready'))) await wait(10);
		for (const w of all) w.child.stdin!.end();
		await Promise.all(all.map((w) => w.ended));
		expect(all.map((w) => w.lines.at(-1)).sort()).toEqual(['1 moved', ...Array<string>(5).fill('1 was there')]);
		expect(await store.list('modelVersion', { name: 'shop' })).toHaveLength(1);
		expect(await store.aliasHistory('shop')).toHaveLength(1);
		await store.verify();
	}, 60_000);

	it('two that decide the same approval at the same moment give one winner', async () => {
		const { store } = stage;
		const { id } = await store.createApproval({
			subject: { title: 'Deploy' },
			approvers: ['ann', 'bob'],
			expiresAt: new Date(Date.now() + 600_000).toISOString(),
			items: await store.artifacts.put('[]'),
		});
		const both = ['ann', 'bob'].map((name) => write(stage.place, id, name));
		while (!both.every((w) => w.lines.includes('ready'))) await wait(10);
		for (const w of both) w.child.stdin!.end();
		await Promise.all(both.map((w) => w.ended));
		expect(both.map((w) => w.lines.at(-1)).sort()).toEqual(['lost', 'won']);
		const winner = both[0]!.lines.at(-1) === 'won' ? 'ann' : 'bob';
		expect(await store.approval(id)).toMatchObject({ status: 'approved', decidedBy: winner });
		expect((await store.auditLog()).filter((e) => e.action === 'approval.decided')).toHaveLength(1);
		await store.verify();
	}, 60_000);
});
