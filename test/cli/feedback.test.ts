import fs from 'node:fs/promises';
import path from 'node:path';
import { feedback } from '../../lib/app/calls/feedbackCall.js';
import { sessionOn } from '../../lib/app/session.js';
import type { Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { freshFolder, removeFolders } from '../store/records.js';
import { mlops } from './program.js';

describe('what really happened, on the command line', () => {
	let home: string;
	let folder: string;
	let store: Store;
	beforeAll(async () => {
		[home, folder] = [await freshFolder(), await freshFolder()];
		store = await openStore({ kind: 'folder', home });
		const digest = await store.artifacts.put('a package');
		await store.logPredictions(
			['a', 'b', 'c'].map((key, i) => ({
				at: new Date(Date.UTC(2026, 0, 1, i)).toISOString(),
				model: 'unregistered model',
				digest,
				requestId: `answer ${key}`,
				key,
				input: {},
				prediction: null,
				score: [],
				error: 'no answer',
			})),
		);
	});
	afterAll(async () => {
		await store.close();
		await removeFolders();
	});

	it('tells a CSV file, and says how many rows became what; 3: some were refused', async () => {
		const file = path.join(folder, 'truths.csv');
		await fs.writeFile(file, 'customer,asked,churned\na,2026-01-01T05:00:00Z,yes\nb,yesterday,no\nc,,\n');
		const args = ['feedback', file, '--key', 'customer', '--time', 'asked', '--truth', 'churned'];
		const told = await mlops(args, { home });
		expect(told.stderr).toContain('1 row was refused; the others were taken.');
		expect(told.stdout).toContain('Of 3 rows: 0 taken, 1 kept for answers that are not in the log (yet), 1 without a truth, 1 refused.');
		expect(told.stdout).toContain('Row 2 cannot be taken: "asked" is not as it should be. Expected: an ISO 8601 date and time');
		expect(told.exit).toBe(3);
		const again = await mlops([...args, '--json', '--quiet'], { home });
		expect(JSON.parse(again.stdout)).toMatchObject({ feedback: { rows: 3, same: 1, unknown: 0, refused: 1, empty: 1 } });
	}, 60_000);

	it('keeps all digits of a number that is a key, in JSON as in a table', async () => {
		const json = path.join(folder, 'numbers.json');
		await fs.writeFile(json, '[{"key":9007199254740993,"truth":"yes"},{"key":9007199254740992,"truth":"no"}]');
		await mlops(['feedback', json], { home });
		const file = path.join(folder, 'numbers.csv');
		await fs.writeFile(file, 'customer,churned\n9007199254740995,yes\n9007199254740996,no\n');
		await mlops(['feedback', file, '--key', 'customer', '--truth', 'churned'], { home });
		const lines = await store.log.query((from) => `SELECT key FROM ${from} WHERE starts_with(key, '90') ORDER BY key`, 'truth');
		expect(lines).toEqual([['9007199254740992'], ['9007199254740993'], ['9007199254740995'], ['9007199254740996']]);
	}, 60_000);

	it('tells JSON lines, and says what it cannot read', async () => {
		const file = path.join(folder, 'truths.jsonl');
		await fs.writeFile(file, '{"id":"x","truth":"yes"}\n{"id":"y","truth":\n');
		const told = await mlops(['feedback', file, '--json', '--quiet', '--empty', 'takeBack'], { home });
		expect(JSON.parse(told.stdout)).toMatchObject({
			feedback: { rows: 2, unknown: 1, refused: 1, refusals: [{ row: 2, found: '{"id":"y","truth":' }] },
		});
		const none = await mlops(['feedback', path.join(folder, 'nothing.csv')], { home });
		expect([none.exit, none.stdout]).toEqual([1, '']);
		expect(none.stderr).toContain('The file "nothing.csv" cannot be read.');
	}, 60_000);

	it('keeps a key with signs that look like line ends, and refuses a line that is not in UTF-8', async () => {
		const file = path.join(folder, 'signs.jsonl');
		const good = JSON.stringify({ key: 'one\u2028two', truth: 'yes' });
		await fs.writeFile(file, Buffer.concat([Buffer.from(`${good}\n`), Buffer.from('{"key":"Müller","truth":"yes"}\n', 'latin1')]));
		const told = await mlops(['feedback', file, '--json', '--quiet'], { home });
		expect(JSON.parse(told.stdout)).toMatchObject({
			feedback: { rows: 2, unknown: 1, refused: 1, refusals: [{ row: 2, expected: 'one JSON object a line, in UTF-8' }] },
		});
		expect(await store.log.query((from) => `SELECT key FROM ${from} WHERE key LIKE 'one%' OR key LIKE 'M%ller'`, 'truth')).toEqual([
			['one\u2028two'],
		]);
		const list = path.join(folder, 'list.json');
		await fs.writeFile(list, '[{"key":"Müller","truth":"yes"}]', 'latin1');
		const none = await mlops(['feedback', list, '--json', '--quiet'], { home });
		expect(JSON.parse(none.stdout)).toMatchObject({ feedback: { rows: 1, refused: 1, unknown: 0 } });
	}, 60_000);

	it('a script tells rows of its own', async () => {
		const session = sessionOn(store, { actor: 'script' });
		const told = await feedback(session, { truths: [{ id: 'z', truth: true }] });
		expect(told.fields.feedback).toMatchObject({ rows: 1, unknown: 1 });
		await expect(feedback(session, {})).rejects.toMatchObject({ code: 'input.invalid' });
	});
});
