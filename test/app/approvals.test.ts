import { rmSync } from 'node:fs';
import { askForApproval, decideApproval, openApprovalPage } from '../../lib/app/approval.js';
import { deploy, deployParams } from '../../lib/app/deploy.js';
import type { EvaluationRecord } from '../../lib/domain/evaluation.js';
import type { Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { unpackStore } from '../fixtures/v1/open.js';

let home: string;
let store: Store;
let digest: string;
let runId: string;
beforeEach(async () => {
	home = unpackStore();
	store = await openStore({ kind: 'folder', home });
	const registered = new Set((await store.list('modelVersion')).map((r) => r.body.digest));
	const run = (await store.list('run')).find((r) => !registered.has(r.body.model))!;
	digest = run.body.model;
	runId = run.id;
});
afterEach(async () => {
	await store.close();
	rmSync(home, { recursive: true });
});

const params = (more: object = {}) => deployParams.parse({ gate: 'not_required', reason: 'try', ...more });
const ask = async (modelName: string | undefined, decision?: 'approved' | 'rejected') => {
	const { approval, tokens } = await askForApproval(store, {
		title: 'May it?',
		approvers: ['ann@example.com'],
		expiresMinutes: 5,
		...(modelName === undefined ? {} : { modelName }),
		model: digest,
		items: [],
	});
	if (decision) await decideApproval(store, tokens[0].token, decision, 'because');
	return { approval, token: tokens[0].token };
};
const put = async (modelName: string, more: { ownName?: string; params?: object } = {}) =>
	await deploy({
		store,
		actor: 'ann@example.com',
		modelName,
		digest,
		runId,
		preview: false,
		...(more.ownName ? { ownName: more.ownName } : {}),
		params: params(more.params),
	});

describe('two models with the same bytes', () => {
	it("a rejection of one is not the other's, and an approval is not either", async () => {
		await ask('north', 'rejected');
		await expect(put('north')).rejects.toMatchObject({ code: 'deploy.approval_rejected' });
		expect(await put('south')).toMatchObject({ moved: true });
		await ask('east', 'approved');
		await expect(put('west', { params: { approval: 'required' } })).rejects.toMatchObject({ code: 'deploy.approval_missing' });
	});

	it('an open request about one does not hold the other up', async () => {
		await ask('north');
		await expect(put('north')).rejects.toMatchObject({ code: 'deploy.approval_pending' });
		expect(await put('south')).toMatchObject({ moved: true });
	});

	it("what was said counts under the model's own name, whatever the registry calls it", async () => {
		await ask('north', 'rejected');
		await expect(put('north-live', { ownName: 'north' })).rejects.toMatchObject({ code: 'deploy.approval_rejected' });
		expect(await put('north-live', { ownName: 'south' })).toMatchObject({ moved: true });
	});

	it('a request that names no model is about the bytes, so it counts for all', async () => {
		await ask(undefined, 'rejected');
		for (const name of ['north', 'south']) await expect(put(name)).rejects.toMatchObject({ code: 'deploy.approval_rejected' });
	});

	it('the newest word about this model counts, not a newer one about another', async () => {
		await ask('north', 'approved');
		await ask('south', 'rejected');
		expect(await put('north')).toMatchObject({ moved: true });
		await ask('north', 'rejected');
		await expect(put('north')).rejects.toMatchObject({ code: 'deploy.approval_rejected' });
	});
});

describe('the page compares', () => {
	/** The models that the page names. */
	const page = async (champion?: EvaluationRecord['champion']): Promise<string[]> => {
		const { id: _, body } = (await store.list('evaluation'))[0];
		const { comparison: __, comparisons: ___, champion: ____, ...rest } = body;
		const evaluation = await store.add('evaluation', 'orders', { ...rest, model: digest, ...(champion ? { champion } : {}) });
		const { tokens } = await askForApproval(store, {
			title: 'May it?',
			approvers: ['ann@example.com'],
			expiresMinutes: 5,
			modelName: 'orders',
			model: digest,
			evaluation: evaluation.id,
			items: [],
		});
		const { html } = await openApprovalPage(store, tokens[0].token);
		return [...new Set([...html.matchAll(/\w+@\d+(?!\w|\.)/g)].map(([name]) => name))];
	};

	it('with the alias that Evaluate compared with, of the model that it compared with', async () => {
		const { champion, shadow } = await store.aliases('orders');
		expect(shadow).not.toBe(champion);
		expect(await page()).toEqual([`orders@${champion}`]);
		expect(await page({ model: 'orders', alias: 'shadow' })).toEqual([`orders@${shadow}`]);
		expect(await page({ model: 'guarded', alias: 'champion' })).toEqual(['guarded@1']);
		expect(await page({ model: 'another', alias: 'champion' })).toEqual([]);
	});

	it('with nothing where the alias points to this very model', async () => {
		const { version } = await store.add('modelVersion', 'orders', { name: 'orders', version: 0, runId, digest, tags: {} });
		await store.moveAlias('orders', 'canary', version, { actor: 'ann@example.com' });
		expect(await page({ model: 'orders', alias: 'canary' })).toEqual([]);
	});
});
