import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { tellTruth } from '../../../lib/app/truth.js';
import { ingestJob } from '../../../lib/app/jobs/ingestJob.js';
import { preview } from '../../../lib/data/preview.js';
import type { ColumnSchema } from '../../../lib/domain/column.js';
import { silentContext } from '../../../lib/domain/progress.js';
import type { Store } from '../../../lib/store/contract.js';
import { openStore } from '../../../lib/store/openStore.js';
import { ask, deployed, patients, row, type Deployed } from '../../app/truthModels.js';
import { taskContext } from '../../learn/penguins.js';
import { freshFolder, removeFolders } from '../../store/records.js';

let store: Store;
let home: string;
let words: Deployed;
let days: Deployed;
beforeAll(async () => {
	home = await freshFolder();
	store = await openStore({ kind: 'folder', home });
	words = await deployed(store, 'illness', patients(200, ['no', 'yes']));
	days = await deployed(store, 'days', patients(200, 'days'));
}, 60_000);
afterAll(async () => {
	await store.close();
	await removeFolders();
});

const tell = async (truths: unknown[]) => await tellTruth({ store, context: silentContext() }, { truths, by: 'a test' });

async function read(params: object) {
	const { dataset, notes, reused } = await ingestJob.run({ store: store.ref, source: 'answers', params, rowLimit: 0 }, taskContext());
	const { body } = await store.get('dataset', dataset.id);
	const rows = await preview(await store.artifacts.materialise(body.data), body.columns, 100);
	return { dataset, body, rows, notes: Object.fromEntries(notes.map(({ code, text }) => [code, text])), reused };
}
const shape = (columns: readonly ColumnSchema[]) => columns.map(({ name, type, role }) => [name, type, role]);

it('reads what a model was asked, with what turned out to be true under the name of its target', async () => {
	const ids = await ask(
		store,
		words,
		[row(0.1), row(0.9, { visits: '3' }), row(0.5, { ward: null, visits: 2.5, more: 'is not kept' }), row(0.4)],
		['a', 'b', 'c', 'd'],
	);
	await tell([
		{ id: ids[0], truth: 'no' },
		{ key: 'b', truth: 1 },
		{ id: ids[2], truth: 'no' },
		{ id: ids[2], truth: 'yes' },
	]);
	const { dataset, body, rows, notes } = await read({ model: 'illness' });
	expect(dataset).toMatchObject({ name: 'illness-answers', rows: 3, target: 'sick', task: 'binary' });
	expect(shape(body.columns)).toEqual([
		['marker', 'number', 'feature'],
		['ward', 'category', 'feature'],
		['visits', 'number', 'feature'],
		['sick', 'category', 'target'],
		['answer_id', 'category', 'id'],
		['answered_at', 'datetime', 'time'],
	]);
	expect(rows.map(({ answered_at: _at, ...more }) => more)).toEqual([
		{ marker: 0.1, ward: 'north', visits: 2, sick: 'no', answer_id: ids[0] },
		{ marker: 0.9, ward: 'north', visits: 3, sick: 'yes', answer_id: ids[1] },
		{ marker: 0.5, ward: null, visits: 2.5, sick: 'yes', answer_id: ids[2] },
	]);
	expect(notes['data.truth_share']).toBe(
		'The truth of 3 of 4 answers is known; of 1 answer (25.0 %) it is not; 1 was told more than once, and what was said last counts.',
	);
	expect((await read({ model: 'illness' })).reused).toBe(true);
	const all = await read({ model: 'illness', rows: 'all', answers: true });
	expect(all.rows.map(({ sick, key, version, arm }) => [sick, key, version, arm])).toEqual([
		['no', 'a', '1', null],
		['yes', 'b', '1', null],
		['yes', 'c', '1', null],
		[null, 'd', '1', null],
	]);
	expect(all.body.columns.filter(({ role }) => role === 'ignore').map(({ name }) => name)).toEqual([
		'prediction',
		'score',
		'version',
		'arm',
		'key',
	]);
});

it('answers of a time, of one version; numbers stay numbers', async () => {
	const [first] = await ask(store, days, [row(0.2)]);
	const later = new Date(Date.now() + 5).toISOString();
	await new Promise((resolve) => setTimeout(resolve, 10));
	const [second] = await ask(store, days, [row(0.7)]);
	await tell([
		{ id: first, truth: 2 },
		{ id: second, truth: '7.5' },
	]);
	expect((await read({ model: 'days' })).rows.map(({ sick }) => sick)).toEqual([2, 7.5]);
	expect((await read({ model: 'days@1', since: later })).rows.map(({ sick }) => sick)).toEqual([7.5]);
	expect((await read({ model: 'days', until: later })).rows.map(({ sick }) => sick)).toEqual([2]);
	expect(shape((await read({ model: 'days' })).body.columns)[3]).toEqual(['sick', 'number', 'target']);
});

it('a class that the model did not know becomes one, and is said', async () => {
	const [id] = await ask(store, words, [row(0.3)]);
	await tell([{ id, truth: 'dead' }]);
	const { rows, notes } = await read({ model: 'illness' });
	expect(rows.at(-1)).toMatchObject({ sick: 'dead' });
	expect(notes['data.class_unknown']).toBe('The model does not know "dead" (1): a training on these rows will.');
	await tell([{ id, truth: null }]);
	expect((await read({ model: 'illness' })).notes['data.truth_share']).toContain('1 was taken back');
});

it('says what is missing: the model, answers, truths', async () => {
	await expect(read({ model: 'nobody' })).rejects.toMatchObject({
		code: 'store.not_found',
		details: { expected: 'one of: days, illness' },
	});
	await deployed(store, 'quiet', patients(200, 'boolean'));
	await expect(read({ model: 'quiet' })).rejects.toMatchObject({
		code: 'data.empty',
		message: 'The log holds no answer of "quiet" in this time.',
	});
	const quiet = { name: 'quiet', version: 1, digest: (await store.find('modelVersion', 'quiet'))!.body.digest };
	const [id] = await ask(store, quiet, [row(0.5)]);
	await expect(read({ model: 'quiet' })).rejects.toMatchObject({
		code: 'data.empty',
		message: 'Of 1 answer of "quiet" no truth is known yet.',
	});
	await tell([{ id, truth: 'yes' }]);
	const { rows, body } = await read({ model: 'quiet' });
	expect(rows[0]).toMatchObject({ sick: true });
	expect(shape(body.columns)[3]).toEqual(['sick', 'boolean', 'target']);
});

it('what was answered before the log had segments is there, and no truth of it is known', async () => {
	const database = new DatabaseSync(join(home, 'log.db'));
	database
		.prepare('INSERT INTO prediction (at, model, digest, request_id, input, prediction, score) VALUES (?, ?, ?, ?, ?, ?, ?)')
		.run('2025-06-01T12:00:00.000Z', 'days@1', days.digest, 'of old', '{"marker":0.3,"ward":"south","visits":1}', '3.1', '[3.1]');
	database.close();
	const { rows, notes } = await read({ model: 'days', rows: 'all' });
	expect(rows[0]).toMatchObject({ marker: 0.3, ward: 'south', visits: 1, sick: null, answer_id: 'of old' });
	expect(rows).toHaveLength(3);
	expect(notes['data.truth_share']).toBe('The truth of 2 of 3 answers is known; of 1 answer (33.3 %) it is not.');
	expect((await read({ model: 'days' })).rows).toHaveLength(2);
});
