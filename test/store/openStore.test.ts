import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openStore, type Store } from '../../lib/store/index.js';
import { datasetBody, freshFolder, removeFolders, runBody, versionBody } from './records.js';

let store: Store;
beforeEach(async () => {
	store = await openStore({ kind: 'folder', home: await freshFolder() });
});
afterEach(async () => {
	await store.close();
});
afterAll(removeFolders);

describe('records', () => {
	it('come back as they were written, by id, by name and by version', async () => {
		const body = await datasetBody(store, 'one');
		const added = await store.add('dataset', 'people', body);
		expect(added).toMatchObject({ kind: 'dataset', name: 'people', version: 1, body });
		expect(await store.get('dataset', added.id)).toEqual(added);
		expect(await store.find('dataset', 'people')).toEqual(added);
		expect(await store.find('dataset', 'people', 2)).toBeUndefined();
		const second = await store.add('dataset', 'people', await datasetBody(store, 'two'));
		expect(second.version).toBe(2);
		expect(await store.find('dataset', 'people', 1)).toEqual(added);
		expect((await store.list('dataset', { name: 'people' })).map((r) => r.version)).toEqual([2, 1]);
		expect(await store.list('dataset', { limit: 1 })).toHaveLength(1);
		expect(await store.names('dataset')).toEqual(['people']);
	});

	it('are not written again when the newest version is the same', async () => {
		const body = await datasetBody(store, 'one');
		const first = await store.add('dataset', 'people', body);
		expect((await store.add('dataset', 'people', { ...body })).id).toBe(first.id);
		await store.add('dataset', 'people', await datasetBody(store, 'two'));
		expect((await store.add('dataset', 'people', body)).version).toBe(3);
		expect((await store.add('dataset', 'others', body)).version).toBe(1);
	});

	it('are refused when a file that they name is not in the store', async () => {
		const body = { ...(await datasetBody(store, 'one')), data: 'f'.repeat(64) };
		await expect(store.add('dataset', 'people', body)).rejects.toMatchObject({ code: 'store.not_found' });
		expect(await store.list('dataset')).toEqual([]);
	});

	it('are refused when a value does not fit, and the message names it', async () => {
		const body = { ...(await datasetBody(store, 'one')), rows: Number.NaN };
		await expect(store.add('dataset', 'people', body)).rejects.toMatchObject({
			code: 'input.invalid',
			message: expect.stringContaining('rows'),
		});
	});

	it('are found again by what they were computed from', async () => {
		const first = await store.add('dataset', 'people', await datasetBody(store, 'one'), { memo: 'key' });
		expect(await store.recall('dataset', 'key')).toEqual(first);
		expect(await store.recall('run', 'key')).toBeUndefined();
		const second = await store.add('dataset', 'people', await datasetBody(store, 'two'), { memo: 'key' });
		expect(await store.recall('dataset', 'key')).toEqual(second);
		expect(await store.recall('dataset', 'other')).toBeUndefined();
	});

	it('know what they were made from and what was made from them', async () => {
		const data = await store.add('dataset', 'people', await datasetBody(store, 'one'));
		const run = await store.add('run', 'people', await runBody(store, data.id), { parents: [data.id] });
		const version = await store.add('modelVersion', 'm', { ...(await versionBody(store, 'm', 'a')), runId: run.id }, { parents: [run.id] });
		expect((await store.lineage(version.id, 'up')).map((r) => r.kind)).toEqual(['run', 'dataset']);
		expect((await store.lineage(data.id, 'down')).map((r) => r.id)).toEqual([run.id, version.id]);
		await expect(store.add('run', 'x', await runBody(store, data.id, 'b'), { parents: ['nobody'] })).rejects.toMatchObject({
			code: 'store.not_found',
		});
		expect(await store.find('run', 'x')).toBeUndefined();
	});

	it('say what is missing when an id is unknown or of another kind', async () => {
		const data = await store.add('dataset', 'people', await datasetBody(store, 'one'));
		await expect(store.get('run', data.id)).rejects.toMatchObject({ code: 'store.not_found' });
		await expect(store.get('dataset', 'ds_none')).rejects.toMatchObject({ code: 'store.not_found' });
	});
});

describe('registered models', () => {
	beforeEach(async () => {
		for (const mark of ['a', 'b', 'c']) await store.add('modelVersion', 'churn', await versionBody(store, 'churn', mark));
	});

	it('are numbered by the store', async () => {
		expect((await store.list('modelVersion', { name: 'churn' })).map((r) => r.body.version)).toEqual([3, 2, 1]);
		const again = await store.add('modelVersion', 'churn', await versionBody(store, 'churn', 'c'));
		expect(again.version).toBe(3);
	});

	it('have aliases that move, and every move is remembered', async () => {
		expect(await store.alias('churn', 'champion')).toBeNull();
		expect(await store.moveAlias('churn', 'champion', 1, { actor: 'ann@example.com', expect: null })).toMatchObject({ from: null, to: 1 });
		const between = (await store.auditLog({ limit: 1 }))[0]!.at;
		await new Promise((resolve) => {
			setTimeout(resolve, 5);
		});
		expect(await store.moveAlias('churn', 'champion', 2, { actor: 'ann@example.com', reason: 'better' })).toMatchObject({
			from: 1,
			to: 2,
			reason: 'better',
		});
		await store.moveAlias('churn', 'challenger', 3, { actor: 'bob@example.com' });
		expect(await store.aliases('churn')).toEqual({ challenger: 3, champion: 2 });
		expect((await store.aliasHistory('churn', 'champion')).map((m) => m.to)).toEqual([2, 1]);
		expect(await store.aliasHistory('churn')).toHaveLength(3);
		expect(await store.aliasAt('churn', 'champion', between)).toBe(1);
		expect(await store.aliasAt('churn', 'champion', '2001-01-01')).toBeNull();
		await store.moveAlias('churn', 'challenger', null, { actor: 'bob@example.com' });
		expect(await store.aliases('churn')).toEqual({ champion: 2 });
		expect(await store.aliasHistory('churn', 'challenger')).toHaveLength(2);
	});

	it('refuse a move that was decided on an older state, to a version that is not there, or to an archived one', async () => {
		await store.moveAlias('churn', 'champion', 1, { actor: 'a' });
		await expect(store.moveAlias('churn', 'champion', 2, { actor: 'a', expect: null })).rejects.toMatchObject({ code: 'store.conflict' });
		await expect(store.moveAlias('churn', 'champion', 9, { actor: 'a' })).rejects.toMatchObject({ code: 'store.not_found' });
		await store.archive('churn', 2, 'a', 'old');
		await expect(store.moveAlias('churn', 'champion', 2, { actor: 'a' })).rejects.toMatchObject({ code: 'store.conflict' });
		await expect(store.archive('churn', 1, 'a')).rejects.toMatchObject({ code: 'store.conflict' });
		expect(await store.archived('churn')).toEqual([2]);
		expect(await store.alias('churn', 'champion')).toBe(1);
	});

	it('have a policy', async () => {
		expect(await store.policy('churn')).toEqual({ approvalRequired: false, gateRequired: true });
		await store.setPolicy('churn', { approvalRequired: true, gateRequired: true }, 'ann@example.com');
		expect(await store.policy('churn')).toEqual({ approvalRequired: true, gateRequired: true });
	});
});

describe('approvals', () => {
	const request = async (expiresAt = new Date(Date.now() + 60_000).toISOString()) => ({
		subject: { title: 'Deploy churn', modelName: 'churn', model: 'digest', evaluation: 'ev' },
		approvers: ['ann@example.com', 'bob@example.com'],
		expiresAt,
		items: await store.artifacts.put('[]'),
	});

	it('are decided once: the first wins and the second learns who that was', async () => {
		const { id } = await store.createApproval(await request());
		expect(await store.approval(id)).toMatchObject({ status: 'pending' });
		const answers = await Promise.all([
			store.decideApproval(id, 'approved', 'ann@example.com', 'fine'),
			store.decideApproval(id, 'rejected', 'bob@example.com'),
		]);
		expect(answers.map((a) => a.won)).toEqual([true, false]);
		expect(answers[1]!.approval).toMatchObject({ status: 'approved', decidedBy: 'ann@example.com', comment: 'fine' });
		expect(await store.approvalsFor('digest')).toEqual([answers[0]!.approval]);
		expect((await store.auditLog({ subject: 'churn' })).filter((e) => e.action === 'approval.decided')).toHaveLength(1);
		await store.verify();
	});

	it('expire', async () => {
		const { id } = await store.createApproval(await request('2001-01-01T00:00:00Z'));
		expect(await store.decideApproval(id, 'approved', 'ann@example.com')).toMatchObject({ won: false, approval: { status: 'expired' } });
		await store.verify();
	});

	it('are unknown when nobody asked', async () => {
		expect(await store.approval('ap_none')).toBeUndefined();
		await expect(store.decideApproval('ap_none', 'approved', 'ann@example.com')).rejects.toMatchObject({ code: 'store.not_found' });
	});
});

describe('the store', () => {
	it('verifies after everything that it can do', async () => {
		const data = await store.add('dataset', 'people', await datasetBody(store, 'one'));
		const run = await store.add('run', 'people', await runBody(store, data.id), { parents: [data.id] });
		await store.add('modelVersion', 'm', await versionBody(store, 'm', 'a'), { parents: [run.id] });
		await store.add('modelVersion', 'm', await versionBody(store, 'm', 'b'));
		await store.moveAlias('m', 'champion', 2, { actor: 'a' });
		await store.setPolicy('m', { approvalRequired: true, gateRequired: false }, 'a');
		await store.setPolicy('m', { approvalRequired: false, gateRequired: false }, 'a');
		await store.archive('m', 1, 'a', 'old');
		await store.audit({ actor: 'a', action: 'deploy.overridden', subject: 'm', details: { reason: 'urgent', nothing: undefined } });
		expect(await store.verify()).toEqual({ events: 9, records: 4 });
		expect((await store.auditLog({ subject: 'm', limit: 2 })).map((e) => e.action)).toEqual(['deploy.overridden', 'model.archived']);
		await expect(store.audit({ actor: 'a', action: 'alias.moved', subject: 'm' })).rejects.toMatchObject({ code: 'internal' });
	});

	it('is one for all who open it in a process, and closes with the last', async () => {
		const other = await openStore({ kind: 'folder', home: store.home });
		expect(other.id).toBe(store.id);
		await other.close();
		await other.close();
		await store.add('dataset', 'people', await datasetBody(store, 'one'));
		await store.close();
		const again = await openStore({ kind: 'folder', home: store.home });
		expect(again.id).toBe(store.id);
		expect(await again.names('dataset')).toEqual(['people']);
		await again.close();
	});

	it('keeps progress', async () => {
		expect(await store.progress('train')).toBeUndefined();
		await store.setProgress('train', { stage: 'Trees', share: 0.5 });
		await store.setProgress('train', { stage: 'Trees', share: 0.6 });
		expect(await store.progress('train')).toEqual({ stage: 'Trees', share: 0.6 });
	});

	it('keeps its keys to itself', () => {
		expect(existsSync(join(store.home, 'keys', 'audit.key'))).toBe(true);
	});
});
