import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '../../../lib/store/openStore.js';
import { datasetBody, runBody, versionBody } from '../records.js';
import { describeStores } from './places.js';

describeStores('a store', (stage) => {
	describe('records', () => {
		it('come back as they were written, by id, by name and by version', async () => {
			const body = await datasetBody(stage.store, 'one');
			const added = await stage.store.add('dataset', 'people', body);
			expect(added).toMatchObject({ kind: 'dataset', name: 'people', version: 1, body });
			expect(await stage.store.get('dataset', added.id)).toEqual(added);
			expect(await stage.store.find('dataset', 'people')).toEqual(added);
			expect(await stage.store.find('dataset', 'people', 2)).toBeUndefined();
			const second = await stage.store.add('dataset', 'people', await datasetBody(stage.store, 'two'));
			expect(second.version).toBe(2);
			expect(await stage.store.find('dataset', 'people', 1)).toEqual(added);
			expect((await stage.store.list('dataset', { name: 'people' })).map((r) => r.version)).toEqual([2, 1]);
			expect(await stage.store.list('dataset', { limit: 1 })).toHaveLength(1);
			expect(await stage.store.names('dataset')).toEqual(['people']);
		});

		it('are counted by kind, up to a place, and by what they were made of', async () => {
			const made = await stage.store.add('dataset', 'people', await datasetBody(stage.store, 'one'));
			const other = await stage.store.add('dataset', 'people', await datasetBody(stage.store, 'two'));
			for (const [i, parent] of [made, made, other].entries())
				await stage.store.add('run', `run ${i}`, await runBody(stage.store, parent.id, `m${i}`), { parents: [parent.id] });
			const [, second] = await stage.store.page('run', { after: 0, limit: 2 });
			expect(
				await Promise.all([
					stage.store.count('run'),
					stage.store.count('run', { until: second.seq }),
					stage.store.count('run', { parent: made.id }),
					stage.store.count('evaluation'),
				]),
			).toEqual([3, 2, 2, 0]);
		});

		it('of a monitor are found by its windows, the newest verdict of each, also in a store of before that was so', async () => {
			const day = (n: number) => `2026-01-${String(n).padStart(2, '0')}T00:00:00.000Z`;
			await stage.store.transact(async (part) => {
				const shown = { versions: [1], rows: 9, findings: [], notes: [], verdict: 'ok' as const };
				const about = { ...shown, model: 'm', watch: 'data' as const };
				const verdict = async (monitor: string, n: number, summary: string) =>
					await part.add('verdict', monitor, { ...about, monitor, from: day(n), until: day(n + 1), summary });
				for (let n = 1; n <= 60; n++) await verdict('one', 1 + (n % 20), `look ${n}`);
				await verdict('two', 3, 'another');
			});
			const windows = async () => [
				await stage.store.windows('one', 3),
				await stage.store.windows('two', 9),
				await stage.store.windows('no', 9),
			];
			const right = [
				[
					{ from: day(20), version: 59 },
					{ from: day(19), version: 58 },
					{ from: day(18), version: 57 },
				],
				[{ from: day(3), version: 1 }],
				[],
			];
			expect(await windows()).toEqual(right);
			const shown = await stage.store.list('verdict', { name: 'one', versions: [57, 59, 2_000] });
			expect(shown.map(({ version, body }) => [version, body.summary])).toEqual([
				[59, 'look 59'],
				[57, 'look 57'],
			]);
			await stage.reopen(
				async () =>
					await stage.place.edit(
						"DELETE FROM migration WHERE version = 7; DROP INDEX record_window; UPDATE record SET about = NULL WHERE kind = 'verdict'",
					),
			);
			expect(await windows()).toEqual(right);
			expect(await stage.store.verify()).toMatchObject({ records: 61 });
		});

		it('are not written again when the newest version is the same', async () => {
			const body = await datasetBody(stage.store, 'one');
			const first = await stage.store.add('dataset', 'people', body);
			expect((await stage.store.add('dataset', 'people', { ...body })).id).toBe(first.id);
			await stage.store.add('dataset', 'people', await datasetBody(stage.store, 'two'));
			expect((await stage.store.add('dataset', 'people', body)).version).toBe(3);
			expect((await stage.store.add('dataset', 'others', body)).version).toBe(1);
		});

		it('are refused when a file that they name is not in the store', async () => {
			const body = { ...(await datasetBody(stage.store, 'one')), data: 'f'.repeat(64) };
			await expect(stage.store.add('dataset', 'people', body)).rejects.toMatchObject({ code: 'store.not_found' });
			expect(await stage.store.list('dataset')).toEqual([]);
		});

		it('are refused when a value does not fit, and the message names it', async () => {
			const body = { ...(await datasetBody(stage.store, 'one')), rows: Number.NaN };
			await expect(stage.store.add('dataset', 'people', body)).rejects.toMatchObject({
				code: 'input.invalid',
				message: expect.stringContaining('rows'),
			});
		});

		it('are found again by what they were computed from', async () => {
			const first = await stage.store.add('dataset', 'people', await datasetBody(stage.store, 'one'), { memo: 'key' });
			expect(await stage.store.recall('dataset', 'key')).toEqual(first);
			expect(await stage.store.recall('run', 'key')).toBeUndefined();
			const second = await stage.store.add('dataset', 'people', await datasetBody(stage.store, 'two'), { memo: 'key' });
			expect(await stage.store.recall('dataset', 'key')).toEqual(second);
			expect(await stage.store.recall('dataset', 'other')).toBeUndefined();
		});

		it('know what they were made from and what was made from them', async () => {
			const data = await stage.store.add('dataset', 'people', await datasetBody(stage.store, 'one'));
			const run = await stage.store.add('run', 'people', await runBody(stage.store, data.id), { parents: [data.id] });
			const version = await stage.store.add(
				'modelVersion',
				'm',
				{ ...(await versionBody(stage.store, 'm', 'a')), runId: run.id },
				{ parents: [run.id] },
			);
			expect((await stage.store.lineage(version.id, 'up')).map((r) => r.kind)).toEqual(['run', 'dataset']);
			expect((await stage.store.lineage(data.id, 'down')).map((r) => r.id)).toEqual([run.id, version.id]);
			await expect(stage.store.add('run', 'x', await runBody(stage.store, data.id, 'b'), { parents: ['nobody'] })).rejects.toMatchObject({
				code: 'store.not_found',
			});
			expect(await stage.store.find('run', 'x')).toBeUndefined();
		});

		it('say what is missing when an id is unknown or of another kind', async () => {
			const data = await stage.store.add('dataset', 'people', await datasetBody(stage.store, 'one'));
			await expect(stage.store.get('run', data.id)).rejects.toMatchObject({ code: 'store.not_found' });
			await expect(stage.store.get('dataset', 'ds_none')).rejects.toMatchObject({ code: 'store.not_found' });
		});
	});

	describe('registered models', () => {
		beforeEach(async () => {
			for (const mark of ['a', 'b', 'c']) await stage.store.add('modelVersion', 'churn', await versionBody(stage.store, 'churn', mark));
		});

		it('are numbered by the store', async () => {
			expect((await stage.store.list('modelVersion', { name: 'churn' })).map((r) => r.body.version)).toEqual([3, 2, 1]);
			const again = await stage.store.add('modelVersion', 'churn', await versionBody(stage.store, 'churn', 'c'));
			expect(again.version).toBe(3);
		});

		it('have aliases that move, and every move is remembered', async () => {
			expect(await stage.store.alias('churn', 'champion')).toBeNull();
			expect(await stage.store.moveAlias('churn', 'champion', 1, { actor: 'ann@example.com', expect: null })).toMatchObject({
				from: null,
				to: 1,
			});
			const between = (await stage.store.auditLog({ limit: 1 }))[0]!.at;
			await new Promise((resolve) => {
				setTimeout(resolve, 5);
			});
			expect(await stage.store.moveAlias('churn', 'champion', 2, { actor: 'ann@example.com', reason: 'better' })).toMatchObject({
				from: 1,
				to: 2,
				reason: 'better',
			});
			await stage.store.moveAlias('churn', 'challenger', 3, { actor: 'bob@example.com' });
			expect(await stage.store.aliases('churn')).toEqual({ challenger: 3, champion: 2 });
			expect((await stage.store.aliasHistory('churn', 'champion')).map((m) => m.to)).toEqual([2, 1]);
			const all = await stage.store.aliasHistory('churn');
			expect(all).toHaveLength(3);
			expect(await stage.store.aliasHistory('churn', undefined, { limit: 1 })).toEqual(all.slice(0, 1));
			expect(await stage.store.aliasHistory('churn', undefined, { before: all[0].seq })).toEqual(all.slice(1));
			expect(await stage.store.aliasHistory('churn', 'champion', { until: between, limit: 1 })).toMatchObject([{ to: 1 }]);
			expect(await stage.store.aliasHistory('churn', undefined, { after: all[2].seq, limit: 1, oldest: true })).toEqual([all[1]]);
			expect(await stage.store.aliasAt('churn', 'champion', between)).toBe(1);
			expect(await stage.store.aliasAt('churn', 'champion', '2001-01-01')).toBeNull();
			await stage.store.moveAlias('churn', 'challenger', null, { actor: 'bob@example.com' });
			expect(await stage.store.aliases('churn')).toEqual({ champion: 2 });
			expect(await stage.store.aliasHistory('churn', 'challenger')).toHaveLength(2);
		});

		it('refuse a move that was decided on an older state, to a version that is not there, or to an archived one', async () => {
			await stage.store.moveAlias('churn', 'champion', 1, { actor: 'a' });
			await expect(stage.store.moveAlias('churn', 'champion', 2, { actor: 'a', expect: null })).rejects.toMatchObject({
				code: 'store.conflict',
			});
			await expect(stage.store.moveAlias('churn', 'champion', 9, { actor: 'a' })).rejects.toMatchObject({ code: 'store.not_found' });
			await stage.store.archive('churn', 2, 'a', 'old');
			await expect(stage.store.moveAlias('churn', 'champion', 2, { actor: 'a' })).rejects.toMatchObject({ code: 'store.conflict' });
			await expect(stage.store.archive('churn', 1, 'a')).rejects.toMatchObject({ code: 'store.conflict' });
			expect(await stage.store.archived('churn')).toEqual([2]);
			expect(await stage.store.alias('churn', 'champion')).toBe(1);
		});

		it('have a policy', async () => {
			expect(await stage.store.policy('churn')).toEqual({ approvalRequired: false, gateRequired: true });
			await stage.store.setPolicy('churn', { approvalRequired: true, gateRequired: true }, 'ann@example.com');
			expect(await stage.store.policy('churn')).toEqual({ approvalRequired: true, gateRequired: true });
		});
	});

	describe('approvals', () => {
		const request = async (expiresAt = new Date(Date.now() + 60_000).toISOString()) => ({
			subject: { title: 'Deploy churn', modelName: 'churn', model: 'digest', evaluation: 'ev' },
			approvers: ['ann@example.com', 'bob@example.com'],
			expiresAt,
			items: await stage.store.artifacts.put('[]'),
		});

		it('are decided once: the first wins and the second learns who that was', async () => {
			const { id } = await stage.store.createApproval(await request());
			expect(await stage.store.approval(id)).toMatchObject({ status: 'pending' });
			const answers = await Promise.all([
				stage.store.decideApproval(id, 'approved', 'ann@example.com', 'fine'),
				stage.store.decideApproval(id, 'rejected', 'bob@example.com'),
			]);
			expect(answers.map((a) => a.won)).toEqual([true, false]);
			expect(answers[1]!.approval).toMatchObject({ status: 'approved', decidedBy: 'ann@example.com', comment: 'fine' });
			expect(await stage.store.approvalsFor('digest')).toEqual([answers[0]!.approval]);
			expect((await stage.store.auditLog({ subject: 'churn' })).filter((e) => e.action === 'approval.decided')).toHaveLength(1);
			await stage.store.verify();
		});

		it('expire', async () => {
			const { id } = await stage.store.createApproval(await request('2001-01-01T00:00:00Z'));
			expect(await stage.store.decideApproval(id, 'approved', 'ann@example.com')).toMatchObject({
				won: false,
				approval: { status: 'expired' },
			});
			await stage.store.verify();
		});

		it('are unknown when nobody asked', async () => {
			expect(await stage.store.approval('ap_none')).toBeUndefined();
			await expect(stage.store.decideApproval('ap_none', 'approved', 'ann@example.com')).rejects.toMatchObject({ code: 'store.not_found' });
		});
	});

	describe('the store', () => {
		it('verifies after everything that it can do', async () => {
			const data = await stage.store.add('dataset', 'people', await datasetBody(stage.store, 'one'));
			const run = await stage.store.add('run', 'people', await runBody(stage.store, data.id), { parents: [data.id] });
			await stage.store.add('modelVersion', 'm', await versionBody(stage.store, 'm', 'a'), { parents: [run.id] });
			await stage.store.add('modelVersion', 'm', await versionBody(stage.store, 'm', 'b'));
			await stage.store.moveAlias('m', 'champion', 2, { actor: 'a' });
			await stage.store.setPolicy('m', { approvalRequired: true, gateRequired: false }, 'a');
			await stage.store.setPolicy('m', { approvalRequired: false, gateRequired: false }, 'a');
			await stage.store.archive('m', 1, 'a', 'old');
			await stage.store.audit({ actor: 'a', action: 'deploy.overridden', subject: 'm', details: { reason: 'urgent', nothing: undefined } });
			expect(await stage.store.verify()).toEqual({ events: 9, records: 4 });
			expect((await stage.store.auditLog({ subject: 'm', limit: 2 })).map((e) => e.action)).toEqual([
				'deploy.overridden',
				'model.archived',
			]);
			await expect(stage.store.audit({ actor: 'a', action: 'alias.moved', subject: 'm' })).rejects.toMatchObject({ code: 'internal' });
		});

		it('gives its events by their number, so that a reader who comes again misses none and meets none twice', async () => {
			const say = async (subject: string) => await stage.store.audit({ actor: 'a', action: 'said', subject });
			const end = (await say('before')).seq;
			expect(await stage.store.auditLog({ since: end })).toEqual([]);
			await Promise.all(['a', 'b', 'c', 'd', 'e'].map(say));
			const met: number[] = [];
			for (let since = end; ; since = met.at(-1)!) {
				const next = await stage.store.auditLog({ since, limit: 2 });
				if (next.length === 0) break;
				met.push(...next.map((event) => event.seq));
			}
			expect(met).toEqual([1, 2, 3, 4, 5].map((n) => end + n));
			const { subject, seq } = (await stage.store.auditLog({ since: end + 2, limit: 1 }))[0]!;
			expect(await stage.store.auditLog({ since: end, subject })).toMatchObject([{ seq }]);
		});

		it('pages records from both ends: none is missed and none met twice while others are added', async () => {
			const { store } = stage;
			const add = async (name: string, mark: string) => await store.add('dataset', name, { ...(await datasetBody(store, mark)), name });
			for (const n of [1, 2, 3, 4, 5]) await add(n % 2 ? 'odd' : 'even', String(n));
			const marks = (page: Array<{ body: { content: string } }>) => page.map(({ body }) => body.content);
			const newest = await store.page('dataset', { limit: 2 });
			expect(marks(newest)).toEqual(['5', '4']);
			await add('odd', '7');
			const rest = await store.page('dataset', { limit: 9, before: newest[1].seq });
			expect(marks(rest)).toEqual(['3', '2', '1']);
			expect(marks(await store.page('dataset', { limit: 9, after: newest[0].seq }))).toEqual(['7']);
			expect(marks(await store.page('dataset', { limit: 2, after: 0, name: 'odd' }))).toEqual(['1', '3']);
			expect(await store.page('run', { limit: 9 })).toEqual([]);
		});

		it('finds events by who, what and when', async () => {
			const { store } = stage;
			for (const [actor, action] of [
				['Ann', 'shop.opened'],
				['Ann', 'shop.closed'],
				['Bob', 'shop.opened'],
				['Bob', 'shopping.done'],
			])
				await store.audit({ actor, action, subject: 'Ä/b%' });
			const found = async (filter: Parameters<typeof store.auditLog>[0]) =>
				(await store.auditLog(filter)).map(({ actor, action }) => `${actor} ${action}`);
			expect(await found({ actor: 'Ann' })).toEqual(['Ann shop.closed', 'Ann shop.opened']);
			expect(await found({ action: 'shop.', subject: 'Ä/b%' })).toEqual(['Bob shop.opened', 'Ann shop.closed', 'Ann shop.opened']);
			const [newest, next] = await store.auditLog({ subject: 'Ä/b%' });
			expect(await found({ before: next.seq, subject: 'Ä/b%', limit: 1 })).toEqual(['Ann shop.closed']);
			expect(await found({ from: newest.at, subject: 'Ä/b%', action: 'shopping.done' })).toEqual(['Bob shopping.done']);
			expect(await found({ until: '2000-01-01T00:00:00.000Z' })).toEqual([]);
		});

		it('is one for all who open it in a process, and closes with the last', async () => {
			const other = await openStore(stage.store.ref);
			expect(other.id).toBe(stage.store.id);
			await other.close();
			await other.close();
			await stage.store.add('dataset', 'people', await datasetBody(stage.store, 'one'));
			await stage.reopen();
			expect(stage.store.id).toBe(other.id);
			expect(await stage.store.names('dataset')).toEqual(['people']);
		});

		it('keeps progress', async () => {
			expect(await stage.store.progress('train')).toBeUndefined();
			await stage.store.setProgress('train', { stage: 'Trees', share: 0.5 });
			await stage.store.setProgress('train', { stage: 'Trees', share: 0.6 });
			expect(await stage.store.progress('train')).toEqual({ stage: 'Trees', share: 0.6 });
		});

		it('swaps progress by compare-and-set: of several at once one wins; all under a prefix are listed', async () => {
			const { store } = stage;
			const first = await Promise.all(
				['a', 'b', 'c'].map(async (holder) => await store.swapProgress('lease:x', undefined, { holder, beat: 1 })),
			);
			expect(first.filter(Boolean)).toHaveLength(1);
			const held = await store.progress('lease:x');
			const next = await Promise.all(['d', 'e'].map(async (holder) => await store.swapProgress('lease:x', held, { holder, beat: 2 })));
			expect(next.filter(Boolean)).toHaveLength(1);
			expect(await store.swapProgress('lease:x', held, { holder: 'late', beat: 2 })).toBe(false);
			expect(await store.swapProgress('lease:y', { holder: 'nobody', beat: 1 }, {})).toBe(false);
			for (const key of ['rollout:Ä:1', 'rollout:Ä:2', 'rollout:Ä', 'rollout:Ä2:1']) await store.setProgress(key, { key });
			expect((await store.progressUnder('rollout:Ä:')).map(({ key, progress }) => [key, progress])).toEqual([
				['rollout:Ä:1', { key: 'rollout:Ä:1' }],
				['rollout:Ä:2', { key: 'rollout:Ä:2' }],
			]);
		});

		it('keeps its keys to itself', () => {
			expect(existsSync(join(stage.place.home, 'keys', 'audit.key'))).toBe(true);
		});
	});
});
