import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ingestJob } from '../../lib/app/jobs/ingestJob.js';
import { storedPair } from '../../lib/app/storedPair.js';
import { silentContext } from '../../lib/domain/progress.js';
import { driftParams, driftReport } from '../../lib/monitor/index.js';
import { dataFiles } from '../../lib/app/dataFiles.js';
import { loadFrame } from '../../lib/data/loadFrame.js';
import { loadKept } from '../../lib/data/texts.js';
import type { Store, StoredRecord } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { taskContext } from '../learn/penguins.js';
import { freshFolder, removeFolders } from '../store/records.js';

let store: Store;
let folder: string;
beforeAll(async () => {
	folder = await freshFolder();
	store = await openStore({ kind: 'folder', home: await freshFolder() });
});
afterAll(async () => {
	await store.close();
	await removeFolders();
});

type Asked = Partial<Parameters<typeof ingestJob.run>[0]>;
let files = 0;
async function read(name: string, text: string, asked: Asked = {}, ending = 'csv') {
	const path = join(folder, `${++files}.${ending}`);
	await writeFile(path, text);
	const input = { source: 'file', params: { path, maxBadPercent: 50 }, name, store: store.ref, rowLimit: 0, ...asked };
	const out = await ingestJob.run(input, taskContext());
	return { ...out, record: await store.get('dataset', out.dataset.id), said: out.notes.map(({ code }) => code) };
}
const add = async (name: string, text: string, asked: Asked = {}, ending = 'csv') =>
	await read(name, text, { append: true, ...asked }, ending);
const lines = (head: string, from: number, to: number, line: (i: number) => string): string =>
	`${head}\n${Array.from({ length: to - from }, (_, k) => line(from + k)).join('\n')}\n`;
const joined = (...texts: string[]): string => texts.map((text, i) => (i === 0 ? text : text.slice(text.indexOf('\n') + 1))).join('');
const profileOf = async ({ body }: StoredRecord<'dataset'>): Promise<unknown> =>
	JSON.parse((await store.artifacts.get(body.profile!)).toString());

/** Whatever way the same rows came, they are the same version: values, types, texts, what is said of them, and what readers get. */
async function expectSame(added: StoredRecord<'dataset'>, whole: StoredRecord<'dataset'>): Promise<void> {
	const { data: _, parts: _parts, source: _source, name: _name, profile: _profile, quarantine: _q, notes: _n, ...one } = added.body;
	const {
		data: _2,
		parts: _parts2,
		source: _source2,
		name: _name2,
		profile: _profile2,
		quarantine: _q2,
		notes: _n2,
		...other
	} = whole.body;
	expect(one).toEqual(other);
	expect(await profileOf(added)).toEqual(await profileOf(whole));
	const [a, b] = [await dataFiles(store, added.body), await dataFiles(store, whole.body)];
	expect(await loadFrame(a, { schema: added.body.columns })).toEqual(await loadFrame(b, { schema: whole.body.columns }));
	const [x, y] = [await loadKept(a, added.body), await loadKept(b, whole.body)];
	for (const name of whole.body.texts ?? []) for (let row = 0; row < whole.body.rows; row++) expect(x(name)?.(row)).toBe(y(name)?.(row));
}

const HEAD = 'id,amount,day,town,paid';
const order = (i: number): string =>
	`${1000 + i},${i % 7 === 0 ? '' : (i * 1.25).toFixed(2)},${String((i % 28) + 1).padStart(2, '0')}.03.2024,town ${i % 5},${i % 2 ? 'yes' : 'no'}`;

it('a version that rows were added to shares its files, and is what all rows at once are', async () => {
	const [a, b] = [lines(HEAD, 0, 400, order), lines(HEAD, 400, 500, order)];
	const first = await read('orders', a);
	const second = await add('orders', b);
	expect(second).toMatchObject({ reused: false, dataset: { version: 2, rows: 500 } });
	expect(second.said).not.toContain('data.retyped');
	const { parts } = second.record.body;
	expect(parts).toMatchObject([{ data: first.record.body.data, rows: 400 }, { rows: 100 }]);
	await expectSame(second.record, (await read('at once', joined(a, b))).record);
	// The same content is the same version, whichever way it comes.
	expect(await read('orders', joined(a, b))).toMatchObject({ reused: true, dataset: { version: 2 } });
	expect(second.record.body.source.description).toContain('added to version 1');
	await store.verify();
});

it('a version keeps what was said while its rows were read, of those before too and each thing once', async () => {
	const told = 'Exported for you by hand,,,,\n';
	const first = await read('told', `${told}${lines(HEAD, 0, 60, order)}`);
	expect(first.said).toContain('data.preamble');
	expect(first.record.body.notes).toEqual(first.notes);
	const second = await add('told', `${lines(HEAD, 60, 90, order)},,,,\n,,,,\n`);
	expect(second.said).not.toContain('data.preamble');
	const kept = second.record.body.notes!;
	expect(kept.map(({ code }) => code)).toEqual(expect.arrayContaining(['data.preamble', ...second.said]));
	expect(new Set(kept.map(({ text }) => text)).size).toBe(kept.length);
	// Seconds since 1970 are told of each column; of so many with such names only some fit into a record.
	const names = Array.from({ length: 60 }, (_, i) => `${'when it was '.repeat(20)}${i}`);
	const moments = (row: number): string => names.map((_, i) => 1_700_000_000 + row * 86_400 + i).join(',');
	const wide = await read('wide', `${names.join(',')}\n${Array.from({ length: 30 }, (_, row) => moments(row)).join('\n')}\n`);
	expect(wide.notes.length).toBeGreaterThan(40);
	const { notes = [] } = wide.record.body;
	expect(Buffer.byteLength(JSON.stringify(notes))).toBeLessThan(9_000);
	expect(notes.at(-1)!.text).toContain(`${wide.notes.length - notes.length + 1} more notes are left out`);
	// Rows that are added say the same once more, of which those that found no room cannot be known again.
	const added = await add('wide', `${names.join(',')}\n${Array.from({ length: 5 }, (_, row) => moments(30 + row)).join('\n')}\n`);
	const left = wide.notes.length - notes.length + 1;
	expect(added.record.body.notes!.slice(0, -1)).toEqual(notes.slice(0, -1));
	expect(added.record.body.notes!.at(-1)!.text).toContain(`${2 * left} more notes are left out here, some perhaps twice`);
});

it('rows that are added to nothing are the first version', async () => {
	expect((await add('fresh', lines(HEAD, 0, 30, order))).dataset).toMatchObject({ version: 1, rows: 30 });
});

it('notations, unreadable cells and refused rows are those of before, and are counted together', async () => {
	const head = 'when;price;n';
	const row = (i: number): string =>
		`0${(i % 9) + 1}.0${(i % 6) + 1}.2024;${i}.${100 + (i % 900)},5;${i === 3 || i === 205 ? 'broken' : i}`;
	const [a, b] = [lines(head, 0, 200, row), lines(head, 200, 260, row)];
	await read('notes', a);
	const added = await add('notes', b);
	expect(added.said).not.toContain('data.retyped');
	const whole = await read('notes at once', joined(a, b));
	await expectSame(added.record, whole.record);
	expect(added.record.body.columns.map(({ type }) => type)).toEqual(['datetime', 'number', 'integer']);
	// Rows that a person's type refuses.
	await read('refused', a, { types: { n: 'integer' } });
	const more = await add('refused', b);
	expect(more.dataset).toMatchObject({ rows: 258, quarantined: 2 });
	expect(more.record.body.said).toMatchObject({ types: { n: 'integer' } });
	expect((await store.artifacts.get(more.record.body.quarantine!)).toString().trim().split('\n')).toHaveLength(2);
});

it.each<[string, string, string, RegExp]>([
	[
		'whole numbers, then a fraction',
		lines('n,k', 0, 60, (i) => `${i},a`),
		lines('n,k', 60, 80, (i) => `${i}.5,b`),
		/"n" is integer there, which "/,
	],
	[
		'numbers, then words',
		lines('n,k', 0, 60, (i) => `${i}.5,a`),
		lines('n,k', 60, 100, (i) => `x${i},b`),
		/"n" is number there, which "x60" is not/,
	],
	[
		'yes and no, then maybe',
		lines('n,k', 0, 60, (i) => `${i},${i % 2 ? 'yes' : 'no'}`),
		lines('n,k', 60, 100, (i) => `${i},maybe`),
		/"k" is boolean/,
	],
	[
		'nothing at all, then numbers',
		lines('n,k', 0, 60, (i) => `${i},`),
		lines('n,k', 60, 100, (i) => `${i},${i * 2}`),
		/"k" is category there and integer here/,
	],
	[
		'dates of another form',
		lines('n,k', 0, 60, (i) => `${i},2024-01-${10 + (i % 19)}`),
		lines('n,k', 60, 100, (i) => `${i},week ${i}`),
		/"k" is datetime/,
	],
	[
		'a decimal comma, then words',
		lines('n;k', 0, 60, (i) => `${i};1.${100 + i},50 €`),
		lines('n;k', 60, 100, (i) => `${i};free`),
		/"k" is number/,
	],
])('%s: all rows are typed together and written anew, which is said', async (what, a, b, why) => {
	await read(what, a);
	const added = await add(what, b);
	expect(added.notes.find(({ code }) => code === 'data.retyped')?.text).toMatch(why);
	expect(added.record.body.parts).toBeUndefined();
	await expectSame(added.record, (await read(`${what}, at once`, joined(a, b))).record);
});

it('columns that only some rows have are missing in the others, counted and said, and files are shared all the same', async () => {
	const json = (from: number, to: number, more: (i: number) => object): string =>
		Array.from({ length: to - from }, (_, k) => JSON.stringify({ n: from + k, ...more(from + k) })).join('\n');
	const a = json(0, 60, (i) => ({ kind: `k${i % 3}` }));
	const b = json(60, 80, (i) => ({ discount: i / 2 }));
	await read('columns', a, {}, 'ndjson');
	const added = await add('columns', b, {}, 'ndjson');
	expect(added.notes.filter(({ code }) => code.startsWith('data.columns')).map(({ text }) => text)).toEqual([
		'"discount" came with the rows that were added, and is missing in the 60 rows before.',
		'The rows that were added lack "kind", which is missing in them.',
	]);
	expect(added.record.body.parts).toHaveLength(2);
	await expectSame(added.record, (await read('columns at once', `${a}\n${b}`, {}, 'ndjson')).record);
	await expect(add('columns', 'x,y\n1,2\n3,4\n')).rejects.toMatchObject({ code: 'data.schema_mismatch' });
});

it('columns in another order, and gaps alone in a column of numbers, fit what is there', async () => {
	const a = lines('n,amount,ok,day', 0, 60, (i) => `${i},${i}.5,${i % 2 ? 'yes' : 'no'},2024-01-${10 + (i % 19)}`);
	await read('gaps', a);
	const added = await add(
		'gaps',
		lines('day,ok,amount,n', 60, 80, (i) => `,,,${i}`),
	);
	expect(added.said).not.toContain('data.retyped');
	expect(added.record.body.parts).toHaveLength(2);
	await expectSame(
		added.record,
		(
			await read(
				'gaps at once',
				joined(
					a,
					lines('n,amount,ok,day', 60, 80, (i) => `${i},,,`),
				),
			)
		).record,
	);
});

it('drift between a version and the one with rows added reads columns from the files that they share', async () => {
	const line = (i: number): string => `${i},${(i % 50) / 2},k${i % 4}`;
	const first = (await read('drift', lines('n,x,k', 0, 400, line))).record;
	const { record } = await add(
		'drift',
		lines('n,x,k,late', 400, 600, (i) => `${i},${90 + (i % 7)},k${i % 4},${i % 2}`),
	);
	expect(record.body.parts).toHaveLength(2);
	const { reference, current } = (await storedPair(store, first.body, record.body))!;
	const params = driftParams.parse({ mode: 'default' });
	const { columns } = await driftReport(reference, current, params, silentContext());
	const frames = await Promise.all(
		[first, record].map(async ({ body }) => await loadFrame(await dataFiles(store, body), { schema: body.columns })),
	);
	const whole = await driftReport(frames[0], frames[1], params, silentContext());
	expect(columns).toEqual(whole.columns);
	expect(columns.filter(({ drifted }) => drifted).map(({ column }) => column)).toContain('x');
});

it('a long table that is read in blocks is the same, whichever way it came', async () => {
	const [a, b] = [lines(HEAD, 0, 52_000, order), lines(HEAD, 52_000, 55_000, order)];
	await read('long', a);
	const added = await add('long', b);
	expect(added.record.body.parts?.map(({ rows }) => rows)).toEqual([52_000, 3_000]);
	await expectSame(added.record, (await read('long at once', joined(a, b))).record);
});

it('a long file that does not fit far down, and a table of very many columns, are the same, whichever way they came', async () => {
	const [a, b] = [lines('n,k', 0, 40, (i) => `${i},a`), lines('n,k', 40, 60_000, (i) => `${i === 59_990 ? '7.5' : i},b${i % 3}`)];
	await read('far', a);
	const added = await add('far', b);
	expect(added.said).toContain('data.retyped');
	await expectSame(added.record, (await read('far at once', joined(a, b))).record);
	const names = Array.from({ length: 320 }, (_, j) => `c${j}`).join(',');
	const wide = (i: number): string =>
		Array.from({ length: 320 }, (_, j) => (j % 2 ? `w${(i + j) % 5}` : `${i * j},5`.replace(',', '.'))).join(',');
	const [c, d] = [lines(names, 0, 40, wide), lines(names, 40, 60, wide)];
	await read('wide', c);
	const wider = await add('wide', d);
	expect(wider.record.body.parts).toHaveLength(2);
	await expectSame(wider.record, (await read('wide at once', joined(c, d))).record);
});

it('no rows make no version, and the same rows that are tried again are added once', async () => {
	await read('again', lines(HEAD, 0, 50, order));
	const none = await add('again', `${HEAD}\n`);
	expect(none).toMatchObject({ reused: true, dataset: { version: 1, rows: 50 }, said: ['data.nothing_added'] });
	const more = lines(HEAD, 50, 60, order);
	expect((await add('again', more, { appendKey: 'run 1' })).dataset).toMatchObject({ version: 2, rows: 60 });
	expect(await add('again', more, { appendKey: 'run 1' })).toMatchObject({ reused: true, dataset: { version: 2, rows: 60 } });
	expect((await add('again', more, { appendKey: 'run 2' })).dataset).toMatchObject({ version: 3, rows: 70 });
});

it('of several that add at the same time none is lost', async () => {
	await read('busy', lines(HEAD, 0, 50, order));
	await Promise.all([1, 2, 3].map(async (k) => await add('busy', lines(HEAD, 50 * k, 50 * k + 50, order))));
	const last = (await store.find('dataset', 'busy'))!;
	expect(last).toMatchObject({ version: 4, body: { rows: 200 } });
	const { vectors } = await loadFrame(await dataFiles(store, last.body), { schema: last.body.columns, columns: ['id'] });
	expect([...(vectors[0] as { data: Float64Array }).data].sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => 1000 + i));
});

it('many small ones lie in few files, and are still what all rows at once are', async () => {
	const parts = Array.from({ length: 18 }, (_, k) => lines(HEAD, 10 * k, 10 * k + 10, order));
	const [first] = parts;
	await read('many', first);
	let most = 0;
	let added!: Awaited<ReturnType<typeof add>>;
	for (const part of parts.slice(1)) {
		added = await add('many', part);
		most = Math.max(most, added.record.body.parts?.length ?? 1);
	}
	expect(most).toBe(16);
	await expectSame(added.record, (await read('many at once', joined(...parts))).record);
});
