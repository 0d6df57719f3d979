import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openFolder } from '../../lib/store/openFolder.js';
import type { Store } from '../../lib/store/contract.js';
import { ForgetfulDisk, leave, record } from './disk.js';
import { datasetBody, freshFolder, removeFolders, versionBody } from './records.js';

afterAll(removeFolders);

/** What a person would see of a store, as one text. */
async function stateOf(store: Store): Promise<string> {
	const approvals = await store.approvalsFor('digest');
	return JSON.stringify({
		datasets: (await store.list('dataset')).length,
		versions: (await store.list('modelVersion')).length,
		aliases: await store.aliases('churn'),
		policy: await store.policy('churn'),
		archived: await store.archived('churn'),
		approvals: approvals.map((a) => a.status),
		events: (await store.auditLog()).length,
	});
}

/** Everything that is written, one commit a step. */
const SCRIPT: Array<(store: Store) => Promise<unknown>> = [
	async (store) => store.add('dataset', 'people', await datasetBody(store, 'one'), { memo: 'm' }),
	async (store) => store.add('modelVersion', 'churn', await versionBody(store, 'churn', 'a')),
	(store) => store.moveAlias('churn', 'champion', 1, { actor: 'ann' }),
	async (store) => store.add('modelVersion', 'churn', await versionBody(store, 'churn', 'b')),
	(store) => store.setPolicy('churn', { approvalRequired: true, gateRequired: true }, 'ann'),
	async (store) =>
		store.createApproval({
			subject: { title: 'Deploy', modelName: 'churn', model: 'digest' },
			approvers: ['ann'],
			expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
			items: await store.artifacts.put('[]'),
		}),
	async (store) => store.decideApproval((await store.approvalsFor('digest'))[0]!.id, 'approved', 'ann'),
	(store) => store.moveAlias('churn', 'champion', 2, { actor: 'ann' }),
	(store) => store.archive('churn', 1, 'ann'),
];

const WAL_HEADER = 32;
const FRAME = 24 + 4096;

describe('every prefix of what is written', () => {
	it('opens, verifies, and shows one of the states that were committed, none older than what was confirmed', async () => {
		const home = await freshFolder();
		const recording = record(home);
		const store = await openFolder(home, recording.files);
		const database = readFileSync(join(home, 'store.db'));
		recording.sample();

		const states = [await stateOf(store)];
		/** For each number of acts, the state that was confirmed by then. */
		const confirmed: Array<{ acts: number; state: number }> = [{ acts: recording.acts.length, state: 0 }];
		for (const step of SCRIPT) {
			await step(store);
			recording.sample();
			states.push(await stateOf(store));
			confirmed.push({ acts: recording.acts.length, state: states.length - 1 });
		}
		expect(new Set(states).size).toBe(SCRIPT.length + 1);
		const wal = readFileSync(join(home, 'store.db-wal'));
		// The log alone grew: its prefixes are all that the database can be after a crash.
		expect(readFileSync(join(home, 'store.db')).equals(database)).toBe(true);
		await store.close();

		const disk = new ForgetfulDisk();
		const scene = join(await freshFolder(), 'home');
		let length = 0;
		let opened = 0;
		const check = async (acts: number, bytes: number, what: 'all' | 'synced'): Promise<number> => {
			await leave(scene, disk, what, database, wal.subarray(0, bytes));
			const found = await openFolder(scene);
			try {
				await found.verify();
				const state = states.indexOf(await stateOf(found));
				expect(state).toBeGreaterThanOrEqual(confirmed.findLast((c) => c.acts <= acts)?.state ?? 0);
				// Now and then: life goes on from there.
				if (opened++ % 10 === 0) {
					await found.add('dataset', 'after', await datasetBody(found, 'after the crash'));
					await found.verify();
				}
				return state;
			} finally {
				await found.close();
			}
		};

		let newest = 0;
		for (const [index, act] of recording.acts.entries()) {
			if (act.do === 'wal') {
				// Bytes that reached the disk before the commit was whole, cut at each frame and inside it.
				const cuts = new Set([length + 1, act.size - 1]);
				for (let frame = WAL_HEADER; frame <= act.size; frame += FRAME)
					for (const cut of [frame, frame + 2000]) if (cut > length && cut < act.size) cuts.add(cut);
				for (const cut of [...cuts].sort((a, b) => a - b)) {
					const state = await check(index, cut, 'synced');
					expect(state).toBeGreaterThanOrEqual(newest);
					newest = state;
				}
				length = act.size;
			} else {
				disk.apply(act);
			}
			for (const what of ['all', 'synced'] as const) newest = Math.max(newest, await check(index + 1, length, what));
		}
		expect(newest).toBe(SCRIPT.length);
		expect(opened).toBeGreaterThan(200);
	}, 300_000);
});
