import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { keepReport } from '../../../lib/app/keepReport.js';
import type { MlopsError } from '../../../lib/domain/errors.js';
import type { Store } from '../../../lib/store/contract.js';
import { openStore } from '../../../lib/store/openStore.js';
import { datasetBody, runBody, versionBody } from '../records.js';
import { describeStores, type Place } from './places.js';

/** Something of everything that a store can hold. */
async function fill(store: Store): Promise<void> {
	const data = await store.add('dataset', 'people', await datasetBody(store, 'one'));
	const run = await store.add('run', 'people', await runBody(store, data.id), { parents: [data.id], memo: 'question 1' });
	await store.add('run', 'people', { ...(await runBody(store, data.id)), seconds: 2 }, { parents: [data.id], memo: 'question 2' });
	for (const mark of ['a', 'b', 'c'])
		await store.add('modelVersion', 'churn', await versionBody(store, 'churn', mark), { parents: [run.id] });
	await store.moveAlias('churn', 'champion', 1, { actor: 'ann@example.com' });
	await store.setPolicy('churn', { approvalRequired: true, gateRequired: true }, 'ann@example.com');
	await store.archive('churn', 3, 'ann@example.com');
	const approval = await store.createApproval({
		subject: { title: 'Deploy', modelName: 'churn', model: 'digest' },
		approvers: ['ann@example.com'],
		expiresAt: new Date(Date.now() + 60_000).toISOString(),
		items: await store.artifacts.put('[]'),
	});
	await store.decideApproval(approval.id, 'rejected', 'ann@example.com', 'no');
	await store.moveAlias('churn', 'champion', 2, { actor: 'ann@example.com' });
}

const EVENTS = 12;

/** One change of every value of every row of the record that the database does not refuse: what it is, how it is made and unmade. */
async function everyCell(place: Place): Promise<Array<[what: string, make: string, unmake: string]>> {
	const quoted = (value: unknown): string =>
		value === null ? 'NULL' : typeof value === 'number' ? String(value) : `'${String(value).replaceAll("'", "''")}'`;
	const cells: Array<[string, string, string]> = [];
	for (const table of (await place.tables()).filter((name) => !LOG_TABLES.includes(name))) {
		for (const row of await place.rows(`SELECT * FROM "${table}"`)) {
			const values = Object.entries(row).map(([column, value]): [string, unknown] => [
				column,
				// PostgreSQL's driver gives 64-bit numbers as texts.
				column === 'seq' && value !== null ? Number(value) : value,
			]);
			const where = (changed: Record<string, unknown>) =>
				Object.entries({ ...Object.fromEntries(values), ...changed })
					.map(([column, value]) => `"${column}" IS NOT DISTINCT FROM ${quoted(value)}`)
					.join(' AND ');
			for (const [column, value] of values)
				for (const other of typeof value === 'number' ? [value + 1, null] : value === null ? ['x', '1'] : [`${String(value)} `, 'x', null])
					cells.push([
						`${table}.${column}: ${String(value).slice(0, 40)} to ${String(other).slice(0, 40)}`,
						`UPDATE "${table}" SET "${column}" = ${quoted(other)} WHERE ${where({})}`,
						`UPDATE "${table}" SET "${column}" = ${quoted(value)} WHERE ${where({ [column]: other })}`,
					]);
		}
	}
	return cells;
}

const LOG_TABLES = ['prediction', 'progress', 'job', 'log_migration'];

describeStores('what is found and what stops', (stage) => {
	beforeEach(async () => {
		await fill(stage.store);
		// Closing moves the anchor to the end of the chain.
		await stage.reopen();
	});

	describe('verify', () => {
		it('finds nothing in a store that nobody touched', async () => {
			expect(await stage.store.verify()).toEqual({ events: EVENTS, records: 6 });
		});

		it.each([
			['an altered event', "UPDATE audit_event SET actor = 'bob@example.com' WHERE seq = 7", 'Event 7'],
			['altered details', "UPDATE audit_event SET details = replace(details, '1', '2') WHERE seq = 7", 'Event 7'],
			['details that are no JSON', "UPDATE audit_event SET details = '{' WHERE seq = 7", 'Event 7'],
			['an event taken from the middle', 'DELETE FROM audit_event WHERE seq = 5', 'Event 5'],
			[
				'an event taken from the middle, the gap closed',
				'DELETE FROM audit_event WHERE seq = 5; UPDATE audit_event SET seq = seq - 1 WHERE seq > 5',
				'Event 5',
			],
			[
				'two events in the wrong order',
				'UPDATE audit_event SET seq = -1 WHERE seq = 4; UPDATE audit_event SET seq = 4 WHERE seq = 5; UPDATE audit_event SET seq ' +
					'= 5 WHERE seq = -1',
				'Event 4',
			],
			['a cut tail', `DELETE FROM audit_event WHERE seq = ${EVENTS}; DELETE FROM alias_move WHERE seq = ${EVENTS}`, 'cut off'],
			[
				'a cut tail with the end moved back',
				`DELETE FROM audit_event WHERE seq = ${EVENTS}; DELETE FROM alias_move WHERE seq = ${EVENTS}; UPDATE audit_head SET seq = ${EVENTS - 1}, hash = (SELECT hash FROM audit_event WHERE seq = ${EVENTS - 1})`,
				'signature',
			],
			[
				'an event added by hand',
				`INSERT INTO audit_event SELECT seq + 1, at, actor, action, subject, details, hash, hash FROM audit_event WHERE seq = ${EVENTS}`,
				`Event ${EVENTS + 1}`,
			],
			['no end', 'DELETE FROM audit_head', 'end'],
			['an alias moved behind its back', 'UPDATE alias_move SET to_version = 3 WHERE seq = 12', 'champion'],
			['a forgotten move', 'DELETE FROM alias_move WHERE seq = 7', 'event 7'],
			['a loosened policy', 'UPDATE policy SET policy = \'{"approvalRequired":false,"gateRequired":true}\'', 'policy'],
			['no policy', 'DELETE FROM policy', 'policy'],
			['an approval turned round', "UPDATE approval SET status = 'approved'", 'decision'],
			['an approval for another model', "UPDATE approval SET model = 'other'", 'decision'],
			['an altered request', "UPDATE approval SET request = replace(request, 'ann', 'bob')", 'asked'],
			['an approval that is gone', 'DELETE FROM approval', 'missing'],
			['a version taken out of the archive', 'DELETE FROM archived', 'archived'],
			['a kind of move that nobody made', "UPDATE alias_move SET kind = 'roll_back' WHERE seq = 12", 'champion'],
			['an end with another time', "UPDATE audit_head SET at = '2020-01-01T00:00:00.000Z'", 'moment'],
			['a version archived by hand', "INSERT INTO archived VALUES ('churn', 1, 1)", 'archived'],
		])('finds %s', async (_, sql, words) => {
			await stage.place.edit(sql);
			await expect(stage.store.verify()).rejects.toMatchObject({ code: 'store.audit_broken', message: expect.stringContaining(words) });
		});

		it.each([
			['an altered record', "UPDATE record SET body = replace(body, 'rows typed', 'rows made') WHERE kind = 'dataset'", 'people'],
			[
				'a record whose digest was altered too',
				"UPDATE record SET body = '{}', digest = '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a' WHERE kind = 'dataset'",
				'people',
			],
			[
				'a record that is gone',
				"DELETE FROM record WHERE kind = 'modelVersion' AND version = 3; DELETE FROM parent WHERE child NOT IN (SELECT id FROM record)",
				'churn',
			],
			['a lineage that was cut', 'DELETE FROM parent', 'people'],
			[
				'a record with another time',
				"UPDATE record SET created_at = '2020-01-01T00:00:00.000Z' WHERE kind = 'run'",
				'was not made when it says',
			],
			['a record that passes for the newest', "UPDATE record SET seq = 99 WHERE kind = 'modelVersion' AND version = 1", 'order'],
			[
				'a memo that leads to another run',
				"UPDATE memo SET record = (SELECT id FROM record WHERE kind = 'run' AND version = 2) WHERE memo = 'question 1'",
				'memo',
			],
			[
				'two memos that changed places',
				"UPDATE memo SET memo = 'x' WHERE memo = 'question 1'; UPDATE memo SET memo = 'question 1' WHERE memo = 'question 2'; " +
					"UPDATE memo SET memo = 'question 2' WHERE memo = 'x'",
				'memo',
			],
			['a memo made to look like one of before', "UPDATE memo SET seq = NULL WHERE memo = 'question 1'", 'memo'],
			['a memo for another kind', "UPDATE memo SET kind = 'evaluation' WHERE memo = 'question 1'", 'memo'],
			['a memo that is gone', "DELETE FROM memo WHERE memo = 'question 2'", 'memo'],
			['a memo that nobody filed', "INSERT INTO memo SELECT kind, 'other', record, seq FROM memo WHERE memo = 'question 1'", 'memo'],
			['a migration with another time', "UPDATE migration SET applied_at = '2020-01-01T00:00:00.000Z' WHERE version = 1", 'migration'],
			['a migration that is gone', 'DELETE FROM migration WHERE version = 2', 'migration'],
			['one more line about the store', "INSERT INTO meta VALUES ('x', 'y')", 'meta'],
			['a line about the store that is gone', "DELETE FROM meta WHERE key = 'tables'", 'meta'],
			['a view', 'CREATE VIEW v AS SELECT * FROM policy', 'view'],
			['an evaluation that is filed under nothing of its own', "UPDATE record SET about = 'x' WHERE kind = 'run' AND version = 1", 'filed'],
			['a line of descent to nobody', "INSERT INTO parent VALUES ('nobody', 'nowhere')", 'parent'],
		])('finds %s', async (_, sql, words) => {
			await stage.place.edit(sql);
			await expect(stage.store.verify()).rejects.toMatchObject({ code: 'store.corrupt', message: expect.stringContaining(words) });
		});

		it('finds a trigger', async () => {
			await stage.place.edit(
				stage.place.kind === 'sqlite'
					? 'CREATE TRIGGER t AFTER INSERT ON alias_move BEGIN DELETE FROM policy; END'
					: `CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN DELETE FROM policy; RETURN NULL; END';
					CREATE TRIGGER t AFTER INSERT ON alias_move EXECUTE FUNCTION f()`,
			);
			await expect(stage.store.verify()).rejects.toMatchObject({ code: 'store.corrupt', message: expect.stringContaining('trigger') });
		});

		it('finds one altered byte in a file, and a file that is gone', async () => {
			const { body } = (await stage.store.find('modelVersion', 'churn', 2))!;
			const path = await stage.store.artifacts.materialise(body.digest);
			const bytes = await readFile(path);
			bytes[0]! ^= 1;
			await chmod(path, 0o600);
			await writeFile(path, bytes);
			await expect(stage.store.verify()).rejects.toMatchObject({ code: 'store.corrupt', message: expect.stringContaining('altered') });
			await rm(path);
			await expect(stage.store.verify()).rejects.toMatchObject({ code: 'store.corrupt', message: expect.stringContaining('missing') });
		});

		it('finds an older copy of the database that was put back, and a backup of all of it is whole', async () => {
			const putBack = await stage.place.backUp();
			await stage.store.moveAlias('churn', 'champion', 1, { actor: 'ann@example.com' });
			await stage.reopen(putBack);
			await expect(stage.store.verify()).rejects.toMatchObject({ code: 'store.audit_broken' });
			await expect(stage.store.audit({ actor: 'a', action: 'said', subject: 's' })).rejects.toMatchObject({ code: 'store.audit_broken' });
		});

		it('finds a key or an anchor that is gone or altered', async () => {
			const anchor = join(stage.place.home, 'keys', 'audit.head');
			const text = await readFile(anchor, 'utf8');
			await writeFile(anchor, text.replace(`"seq":${EVENTS}`, '"seq":1'));
			await expect(stage.store.verify()).rejects.toMatchObject({ code: 'store.audit_broken' });
			await rm(anchor);
			await expect(stage.store.verify()).rejects.toMatchObject({ code: 'store.audit_broken' });
			await writeFile(anchor, text);
			await stage.store.verify();
			await stage.reopen(async () => await rm(join(stage.place.home, 'keys', 'audit.key')));
			await expect(stage.store.verify()).rejects.toMatchObject({ code: 'store.audit_broken' });
			expect(await stage.store.alias('churn', 'champion')).toBe(2);
		});
	});

	it('no value of any row of any table changes unnoticed', async () => {
		const cells = await everyCell(stage.place);
		expect(new Set(cells.map(([what]) => what.split('.')[0])).size).toBeGreaterThanOrEqual(11);
		const unnoticed: string[] = [];
		let made = 0;
		for (const [what, make, unmake] of cells) {
			try {
				await stage.place.edit(make);
			} catch {
				// A key that is taken, or a column that is never empty.
				continue;
			}
			made++;
			if (
				await stage.store.verify().then(
					() => true,
					(error: MlopsError) => !/^store\./.test(error.code),
				)
			)
				unnoticed.push(what);
			await stage.place.edit(unmake);
		}
		// The number of the newest record may grow: it only says that this one is the newest.
		expect(unnoticed).toEqual(['record.seq: 6 to 7']);
		expect(made).toBeGreaterThan(200);
		await stage.store.verify();
	}, 60_000);

	describe('what is no record of the chain', () => {
		it('a changed memo gives nothing back, and the work that is done again files itself', async () => {
			const right = (await stage.store.recall('run', 'question 1'))!;
			const other = (await stage.store.recall('run', 'question 2'))!;
			expect([right.version, other.version]).toEqual([1, 2]);
			for (const sql of [
				`UPDATE memo SET record = '${other.id}' WHERE memo = 'question 1'`,
				"UPDATE memo SET seq = (SELECT seq FROM memo WHERE memo = 'question 2') WHERE memo = 'question 1'",
				"UPDATE memo SET seq = NULL WHERE memo = 'question 1'",
				"UPDATE memo SET seq = 999 WHERE memo = 'question 1'",
			]) {
				await stage.place.edit(sql);
				expect(await stage.store.recall('run', 'question 1')).toBeUndefined();
			}
			const again = await stage.store.add('run', 'people', { ...right.body, seconds: 3 }, { memo: 'question 1' });
			expect((await stage.store.recall('run', 'question 1'))!.id).toBe(again.id);
			expect(again.id).not.toBe(right.id);
			await stage.store.verify();
		});

		it('a record that is there already may be filed under a second key, once', async () => {
			const { body, id } = (await stage.store.find('run', 'people'))!;
			for (let i = 0; i < 2; i++) expect((await stage.store.add('run', 'people', body, { memo: 'question 3' })).id).toBe(id);
			expect((await stage.store.recall('run', 'question 3'))!.id).toBe(id);
			expect((await stage.store.recall('run', 'question 2'))!.id).toBe(id);
			expect((await stage.store.auditLog()).filter((e) => e.action === 'memo.filed')).toHaveLength(1);
			expect(await stage.store.verify()).toEqual({ events: EVENTS + 1, records: 6 });
			await expect(
				stage.store.audit({
					actor: 'a',
					action: 'memo.filed',
					subject: 'people',
					details: { kind: 'run', memo: 'question 1', record: id },
				}),
			).rejects.toMatchObject({ code: 'internal' });
		});

		it('reports and charts are records: an altered one is found, and one that is gone', async () => {
			const report = await keepReport(stage.store, 'run', {
				html: '<p>good</p>',
				full: '<html></html>',
				charts: [{ name: 'roc', png: Buffer.from('a chart') }],
			});
			expect(await stage.store.verify()).toEqual({ events: EVENTS + 1, records: 6, reports: 1 });
			for (const digest of [report.html, report.full!, report.charts[0].digest]) {
				const path = await stage.store.artifacts.materialise(digest);
				const bytes = await readFile(path);
				await chmod(path, 0o600);
				await writeFile(path, 'other');
				await expect(stage.store.verify()).rejects.toMatchObject({
					code: 'store.corrupt',
					message: expect.stringContaining('report "run" version 1 was altered'),
				});
				await rm(path);
				await expect(stage.store.verify()).rejects.toMatchObject({ code: 'store.corrupt', message: expect.stringContaining('missing') });
				await writeFile(path, bytes);
			}
			expect(await stage.store.verify()).toMatchObject({ reports: 1 });
		});

		it('files that no record names are counted and read; one whose bytes are not its name is found', async () => {
			const digest = await stage.store.artifacts.put('left by work that was cut off');
			expect((await stage.store.verify()).exceptions).toEqual([
				{ about: 'artifacts', text: expect.stringContaining('One file is named by no record') },
			]);
			const path = await stage.store.artifacts.materialise(digest);
			await writeFile(join(dirname(path), 'notes.txt'), 'mine');
			expect((await stage.store.verify()).exceptions).toHaveLength(2);
			await chmod(path, 0o600);
			await writeFile(path, 'other');
			await expect(stage.store.verify()).rejects.toMatchObject({ code: 'store.corrupt' });
		});

		it('an open approval that somebody wrote into is found', async () => {
			await stage.store.createApproval({
				subject: { title: 'Deploy' },
				approvers: ['ann@example.com'],
				expiresAt: new Date(Date.now() + 60_000).toISOString(),
				items: await stage.store.artifacts.put('[]'),
			});
			for (const column of ['decided_by', 'decided_at', 'comment']) {
				await stage.place.edit(`UPDATE approval SET ${column} = 'bob' WHERE status = 'pending'`);
				await expect(stage.store.verify()).rejects.toMatchObject({ code: 'store.audit_broken' });
				await stage.place.edit(`UPDATE approval SET ${column} = NULL WHERE status = 'pending'`);
			}
			await stage.store.verify();
		});
	});

	describe('a store with a broken chain', () => {
		it('takes no further event, which would sign what was altered', async () => {
			await stage.place.edit(
				`DELETE FROM audit_event WHERE seq = ${EVENTS}; UPDATE audit_head SET seq = ${EVENTS - 1}, hash = (SELECT hash FROM audit_event WHERE seq = ${EVENTS - 1})`,
			);
			await expect(stage.store.moveAlias('churn', 'champion', 1, { actor: 'ann@example.com' })).rejects.toMatchObject({
				code: 'store.audit_broken',
			});
			expect(await stage.store.alias('churn', 'champion')).toBe(2);
		});

		it('does not hand out a record that was altered', async () => {
			await stage.place.edit("UPDATE record SET body = replace(body, 'rows typed', 'rows made') WHERE kind = 'dataset'");
			await expect(stage.store.find('dataset', 'people')).rejects.toMatchObject({ code: 'store.corrupt' });
		});
	});

	describe('a store that cannot be opened', () => {
		it('was written by a newer version', async () => {
			await stage.place.edit("INSERT INTO migration VALUES (99, 'later', '2030-01-01')");
			await stage.store.close();
			await expect(openStore(stage.place.ref)).rejects.toMatchObject({ code: 'store.version_newer' });
			await stage.place.edit('DELETE FROM migration WHERE version = 99');
			await stage.reopen();
		});
	});
});
