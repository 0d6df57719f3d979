import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { deploy, deployParams, rollBack } from '../../lib/app/deploy.js';
import type { Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { freshFolder, removeFolders } from '../store/records.js';

const ACTOR = 'ann@example.com';
let store: Store;
beforeEach(async () => {
	store = await openStore({ kind: 'folder', home: await freshFolder() });
});
afterEach(async () => {
	await store.close();
});
afterAll(removeFolders);

/** Deploys the model of this mark (a new one is the next version), with a person's reason. */
async function put(mark: string, reason = ''): Promise<void> {
	const run = await store.artifacts.put(`package ${mark}`);
	await deploy({
		store,
		actor: ACTOR,
		modelName: 'churn',
		digest: run,
		runId: 'run',
		preview: false,
		params: deployParams.parse({ gate: 'not_required', reason: reason || 'try' }),
	}).catch(async (thrown: { code?: string }) => {
		// The run of such a model is not in the store: registered here, deployed then.
		if (thrown.code !== 'store.not_found') throw thrown;
		await store.add('modelVersion', 'churn', { name: 'churn', version: 0, runId: 'run', digest: run, tags: {} });
		await put(mark, reason);
	});
}
const back = async (reason?: string): Promise<number> =>
	(await rollBack(store, { modelName: 'churn', alias: 'champion', actor: ACTOR, preview: false, ...(reason ? { reason } : {}) })).version;

/** Takes the kinds away, as stores of before have them. */
function forgetKinds(): void {
	const database = new DatabaseSync(join(store.home, 'store.db'), { timeout: 5000 });
	database.exec('UPDATE alias_move SET kind = NULL');
	database.close();
}

/** Words that a person may give as the reason of a deployment. */
const WORDS = [
	'roll back the drifted one',
	'Roll back',
	'ROLL BACK: now',
	'roll back:x',
	'roll back',
	'roll back: to the one of May',
	'roll back ',
	'roll backwards',
	' roll back',
	'rollback',
	'roll\u00a0back',
	'override: no',
	'roll back\nof last week',
];

describe('a roll back', () => {
	it.each(WORDS)('is known by its kind, not by a reason such as %j', async (words) => {
		await put('a');
		await put('b');
		await put('c', words);
		expect((await store.aliasHistory('churn'))[0]).toMatchObject({ to: 3, kind: 'deploy', reason: words });
		expect(await back()).toBe(2);
		expect(await back(words)).toBe(1);
		await expect(back()).rejects.toMatchObject({ code: 'deploy.nothing_to_roll_back' });
		await put('c', words);
		expect(await back()).toBe(1);
		expect((await store.aliasHistory('churn')).map((m) => m.kind)).toEqual([
			'roll_back',
			'deploy',
			'roll_back',
			'roll_back',
			'deploy',
			'deploy',
			'deploy',
		]);
		await store.verify();
	});

	it('in spite of a refusal has a kind of its own, and what it stands for is in the chain', async () => {
		const digest = await store.artifacts.put('package x');
		await store.add('modelVersion', 'churn', { name: 'churn', version: 0, runId: 'run', digest, tags: {} });
		await deploy({
			store,
			actor: ACTOR,
			modelName: 'churn',
			digest,
			runId: 'run',
			preview: false,
			params: deployParams.parse({ override_reason: 'roll back the drifted one' }),
		});
		expect((await store.aliasHistory('churn'))[0]).toMatchObject({ kind: 'override' });
		const database = new DatabaseSync(join(store.home, 'store.db'), { timeout: 5000 });
		database.exec("UPDATE alias_move SET kind = 'roll_back'");
		database.close();
		await expect(store.verify()).rejects.toMatchObject({ code: 'store.audit_broken' });
	});

	it.each(['roll back the drifted one', 'Roll back', 'roll back:x', 'roll backwards', 'roll back '])(
		'of before kinds is not seen in %j',
		async (words) => {
			await put('a');
			await put('b');
			await put('c', words);
			forgetKinds();
			expect(await back()).toBe(2);
			expect(await back()).toBe(1);
		},
	);

	it('of before kinds is seen in its own words, with and without a reason', async () => {
		for (const mark of ['a', 'b', 'c', 'd']) await put(mark);
		await back();
		await back('complaints');
		forgetKinds();
		expect(await back()).toBe(1);
	});

	it('of before kinds never goes to a version that never was in use: words that look like one are a deployment then', async () => {
		await put('a');
		await put('b', 'roll back');
		forgetKinds();
		expect(await back()).toBe(1);
	});
});
