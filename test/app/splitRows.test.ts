import { marksOf, rowsInParts, splitRows } from '../../lib/app/splitRows';
import { makeSplit } from '../../lib/data/split';
import type { ColumnSchema } from '../../lib/domain/column';
import type { Recipe } from '../../lib/domain/recipe';
import { PART, splitParams } from '../../lib/domain/split';
import { datasetPass } from '../../lib/recipe/fit';
import type { Store } from '../../lib/store/contract';
import { openStore } from '../../lib/store/openStore';
import { frameOf } from '../data/frames';
import { freshFolder, removeFolders, runBody } from '../store/records';

let store: Store;
beforeAll(async () => {
	store = await openStore({ kind: 'folder', home: await freshFolder() });
});
afterAll(async () => {
	await store.close();
	await removeFolders();
});

/** 100 rows of which each third repeats the one before it, as a recipe sees them that drops what is twice. */
const schema: ColumnSchema[] = [
	{ name: 'key', type: 'category', role: 'feature' },
	{ name: 'value', type: 'number', role: 'feature' },
];
const index = Array.from({ length: 100 }, (_, i) => (i % 3 === 2 ? i - 1 : i));
const raw = frameOf(schema, { key: index.map((i) => `row ${i}`), value: index });
const recipe: Recipe = { steps: [{ step: 'drop_duplicates', version: 1, params: {} }] };

async function split(marksIn: 'dataset' | 'kept rows') {
	const { frame } = await datasetPass(raw, recipe);
	const params = splitParams.parse({ method: 'random' });
	const { parts, ...made } = makeSplit(frame, params);
	const marks = marksIn === 'dataset' ? marksOf(raw, frame, parts) : parts;
	const run = { ...(await runBody(store, 'unused')), recipe, split: { ...params, ...made, artifact: await store.artifacts.put(marks) } };
	return { kept: frame, parts, marks, found: await splitRows(store, raw, run) };
}

it('a mark stands where its row stands in the dataset; rows that a step dropped are in no part', async () => {
	const { kept, parts, marks, found } = await split('dataset');
	expect(kept.rows).toBe(67);
	expect(marks).toHaveLength(100);
	index.forEach((first, i) => expect(marks[i] === PART.none).toBe(first !== i || parts[kept.rowId.indexOf(i)] === PART.none));
	// No step runs again for it.
	expect(found.frame).toBe(raw);
});

it('runs of earlier versions, whose marks know only the rows that were kept, have the same rows in each part', async () => {
	const [now, before] = [await split('dataset'), await split('kept rows')];
	expect(before.marks).toHaveLength(67);
	for (const part of [PART.train, PART.validation, PART.test])
		expect(rowsInParts(now.found, [part])).toEqual(rowsInParts(before.found, [part]));
	expect(rowsInParts(now.found, [PART.train, PART.validation, PART.test]).rows).toBe(67);
});

it('where no step drops rows the marks are the parts themselves', () => {
	const parts = new Uint8Array(raw.rows).fill(PART.test);
	expect(marksOf(raw, raw, parts)).toBe(parts);
});
