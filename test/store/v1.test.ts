import { rmSync } from 'node:fs';
import { decideApproval, openApprovalPage } from '../../lib/app/approval.js';
import { rollBack } from '../../lib/app/deploy.js';
import { gateVersionOf } from '../../lib/domain/evaluation.js';
import type { Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { unpackStore, v1 } from '../fixtures/v1/open.js';

/** The store that people have: it opens, everything in it is where it was, and `verify` finds it whole. */
const { store: was } = v1();
let home: string;
let store: Store;
beforeEach(async () => {
	home = unpackStore();
	store = await openStore({ kind: 'folder', home });
});
afterEach(async () => {
	await store.close();
	rmSync(home, { recursive: true });
});

it('opens and verifies, again after it was closed, and after something was added', async () => {
	expect(store.id).toBe(was.id);
	expect(await store.verify()).toMatchObject({ records: was.verified.records });
	await store.close();
	store = await openStore({ kind: 'folder', home });
	await store.moveAlias('orders', 'canary', 4, { actor: 'ann@example.com', reason: 'new' });
	expect(await store.verify()).toMatchObject({ records: was.verified.records });
});

it('aliases point where they did, now and at each moment before', async () => {
	for (const [model, aliases] of Object.entries(was.aliases)) expect(await store.aliases(model)).toEqual(aliases);
	expect(await store.aliasHistory('orders')).toMatchObject(was.history);
	for (const { alias, at, to } of was.history) expect([at, await store.aliasAt('orders', alias, at)]).toEqual([at, to]);
});

it('datasets, runs, evaluations, approvals, policies, drift and predictions are there', async () => {
	expect(
		(await store.list('dataset')).map(({ name, version, body }) => ({
			name,
			version,
			rows: body.rows,
			quarantined: body.quarantined,
			content: body.content,
		})),
	).toEqual(was.datasets);
	expect([
		(await store.list('run')).length,
		(await store.list('drift')).length,
		(await store.predictions({ model: 'orders' })).length,
	]).toEqual([was.runs, was.drift, was.predictions]);
	expect((await store.auditLog()).length).toBeGreaterThanOrEqual(was.audit);
	for (const [model, policy] of Object.entries(was.policies)) expect(await store.policy(model)).toEqual(policy);
	expect(await store.archived('orders')).toEqual(was.archived);
	for (const [version, { passed, reasons, digest }] of Object.entries(was.evaluations)) {
		expect((await store.find('modelVersion', 'orders', Number(version)))!.body.digest).toBe(digest);
		const evaluation = (await store.evaluationOf(digest))!.body;
		expect([evaluation.gate, gateVersionOf(evaluation)]).toEqual([{ passed, reasons }, 1]);
		expect((await store.approvalsFor(digest)).map((a) => a.status)).toEqual(was.approvals[version]);
	}
});

it('a link that was sent then still decides, once', async () => {
	expect((await openApprovalPage(store, was.pending)).status).toBe(200);
	expect(await decideApproval(store, was.pending, 'approved', 'good')).toMatchObject({
		status: 200,
		won: { status: 'approved', decidedBy: 'ann@example.com' },
	});
	expect((await decideApproval(store, was.pending, 'rejected', 'late')).status).toBe(409);
	await store.verify();
});

it('an alias goes back over the moves that were made then', async () => {
	const back = { modelName: 'orders', actor: 'ann@example.com', preview: false };
	// 1, 2, 1, 3 and back: what is left before is version 2, which is archived.
	await expect(rollBack(store, { ...back, alias: 'shadow' })).rejects.toMatchObject({ code: 'deploy.nothing_to_roll_back' });
	await store.moveAlias('orders', 'shadow', 4, { actor: 'ann@example.com' });
	expect(await rollBack(store, { ...back, alias: 'shadow' })).toMatchObject({ version: 1, previousVersion: 4, moved: true });
	// 1, 2, 3, back to 2, then 4, deployed for a reason that begins with "roll back": it is no roll back, so the next one leads to 2, which is
	// archived, and to 1.
	expect(await rollBack(store, { ...back, alias: 'champion' })).toMatchObject({ version: 1, previousVersion: 4, moved: true });
	await store.verify();
});
