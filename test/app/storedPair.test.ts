import fs from 'node:fs';
import path from 'node:path';
import { ingest } from '../../lib/app/calls/ingestCall';
import { readingOf, readRows, storedRows } from '../../lib/app/frameForModel';
import { closeEngines } from '../../lib/app/jobEngine';
import { sessionOn } from '../../lib/app/session';
import { storedPair } from '../../lib/app/storedPair';
import { silentContext } from '../../lib/domain/progress';
import { murmurTwice } from '../../lib/domain/random';
import { driftParams, driftReport } from '../../lib/monitor';
import { openStore } from '../../lib/store/openStore';
import type { Store } from '../../lib/store/contract';
import { freshFolder, removeFolders } from '../store/records';

let store: Store;
let folder: string;

beforeAll(async () => {
	folder = await freshFolder();
	store = await openStore({ kind: 'folder', home: path.join(folder, 'store') });
});
afterAll(async () => {
	await store.close();
	await closeEngines();
	await removeFolders();
});

/** Keeps a table as a dataset. */
async function kept(name: string, header: string, rows: number, line: (i: number) => string) {
	const file = path.join(folder, `${name}.csv`);
	await fs.promises.writeFile(file, `${header}\n${Array.from({ length: rows }, (_, i) => line(i)).join('\n')}\n`);
	await ingest(sessionOn(store, { actor: 'test' }), { file, name });
	return (await store.list('dataset', { name, limit: 1 }))[0];
}

const random = murmurTwice(17);
const pick = <T>(...of: T[]): T => of[Math.floor(random() * of.length)];

/** A row of every type, with words for "missing" among its texts; some of the later ones moved. */
const rowOf =
	(moved: number) =>
	(i: number): string =>
		[
			(random() + random() + moved).toFixed(6),
			random() < 0.05 ? '' : Math.floor(9 * random() ** (1 + moved)),
			Math.floor(1000 * random()),
			pick('yes', 'no', 'no'),
			pick('b', 'a', 'ä', 'Z', 'z', moved ? 'n/a' : 'unsure'),
			`2024-0${1 + (i % 9)}-11`,
			`text ${i}`,
			moved > 0.1 && i % 50 ? '' : random(),
		].join(',');
const HEADER = 'number,few,many,flag,word,day,free,gone';

test.each([
	{ mode: 'default' },
	{ mode: 'evidently' },
	{ mode: 'default', columns: ['day', 'few', 'nowhere'] },
	{ mode: 'default', tests: { number: 'mannw', word: 'tvd' } },
])('columns read from files one by one say what whole tables say: %j', async (given) => {
	const reference = await kept(`before ${JSON.stringify(given)}`, HEADER, 3_000, rowOf(0));
	const current = await kept(`later ${JSON.stringify(given)}`, `${HEADER},more`, 2_000, (i) => `${rowOf(0.2)(i)},${i}`);
	const params = driftParams.parse(given);
	const before = await storedRows(store, reference);
	const { frame, findings } = readRows(await storedRows(store, current), readingOf(before));
	expect(findings).toEqual([]);
	const pair = (await storedPair(store, reference.body, current.body))!;
	const said = async (a: Parameters<typeof driftReport>[0], b: Parameters<typeof driftReport>[1]) => {
		try {
			const { seconds: _, ...record } = await driftReport(a, b, params, silentContext());
			return record;
		} catch (thrown) {
			return (thrown as { toJSON(): unknown }).toJSON();
		}
	};
	const whole = await said(before, frame);
	expect(await said(pair.reference, pair.current)).toEqual(whole);
	if (!given.columns) expect(whole).toMatchObject({ drifted: true });
});

test('what has to be read first is not compared as it lies', async () => {
	const plain = await kept('plain', 'amount,when', 500, (i) => `${(i / 7).toFixed(2)},2024-01-${String(1 + (i % 28)).padStart(2, '0')}`);
	const words = await kept('words', 'amount,when', 500, (i) => `about ${i},2024-01-${String(1 + (i % 28)).padStart(2, '0')}`);
	const marks = await kept('marks', 'amount,when', 500, (i) => `"${1 + (i % 9)}.${String(i).padStart(3, '0')}",05/03/2024`);
	expect(await storedPair(store, plain.body, words.body)).toBeUndefined();
	expect(await storedPair(store, plain.body, marks.body)).toBeUndefined();
	expect(await storedPair(store, plain.body, plain.body)).toBeDefined();
});
