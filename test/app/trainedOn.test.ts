import { trainedOn } from '../../lib/app/splitRows';
import type { Frame } from '../../lib/data/frame';
import { makeSplit } from '../../lib/data/split';
import { writeFrame } from '../../lib/data/writeFrame';
import type { ColumnSchema } from '../../lib/domain/column';
import { PART, splitParams } from '../../lib/domain/split';
import type { Store } from '../../lib/store/contract';
import { openStore } from '../../lib/store/openStore';
import { freshFolder, removeFolders, runBody } from '../store/records';
import { frameContent, frameOf } from '../data/frames';

/** Rows 0..n-1; ten rows a shop, and `value` tells each from the others. */
function rows(n: number, role: 'group' | 'id' | 'feature', first = 0): Frame {
	const index = Array.from({ length: n }, (_, i) => first + i);
	const schema: ColumnSchema[] = [
		{ name: 'key', type: 'category', role },
		{ name: 'value', type: 'number', role: 'feature' },
	];
	return frameOf(schema, { key: index.map((i) => (role === 'group' ? `shop ${Math.floor(i / 10)}` : `row ${i}`)), value: index });
}

let store: Store;
beforeAll(async () => {
	store = await openStore({ kind: 'folder', home: await freshFolder() });
});
afterAll(async () => {
	await store.close();
	await removeFolders();
});

/** Which rows of `now` a training on `before` learned from, and the values that it learned from. */
async function seenIn(
	now: Frame,
	before: Frame,
	method: 'random' | 'group',
	seed = 0,
): Promise<{ seen: Uint8Array | undefined; learned: Set<number> }> {
	const path = await store.artifacts.temporary('parquet');
	await writeFrame(before, path);
	const { digest: data } = await store.artifacts.putFile(path);
	const params = splitParams.parse({ method, seed });
	const { parts, ...split } = makeSplit(before, params);
	const body = await runBody(store, 'unused');
	const run = { ...body, split: { ...params, ...split, artifact: await store.artifacts.put(parts) } };
	const dataset = {
		name: 'shops',
		rows: before.rows,
		columns: [...before.schema],
		content: frameContent(before),
		data,
		quarantined: 0,
		source: { type: 'items', description: 'test' },
	};
	const values = (before.vectors[1] as { data: Float64Array }).data;
	return {
		seen: await trainedOn(store, now, now, frameContent(now), { run, dataset }),
		learned: new Set(values.filter((_, i) => parts[i] === PART.train || parts[i] === PART.validation)),
	};
}
const valuesWhere = (frame: Frame, seen: Uint8Array | undefined) =>
	new Set((frame.vectors[1] as { data: Float64Array }).data.filter((_, i) => seen?.[i] === 1));

describe('rows that another training learned from', () => {
	it('on the same data: by row id', async () => {
		const { seen, learned } = await seenIn(rows(300, 'feature'), rows(300, 'feature'), 'random');
		expect(valuesWhere(rows(300, 'feature'), seen)).toEqual(learned);
	});

	it('on data that grew: those rows, and none of the new ones', async () => {
		const { seen, learned } = await seenIn(rows(400, 'feature'), rows(300, 'feature'), 'random', 7);
		expect(learned.size).toBeGreaterThan(200);
		expect(valuesWhere(rows(400, 'feature'), seen)).toEqual(learned);
	});

	it('by an id, wherever the row now stands', async () => {
		const now = rows(300, 'id', 100);
		const { seen, learned } = await seenIn(now, rows(300, 'id'), 'random');
		expect(valuesWhere(now, seen)).toEqual(new Set([...learned].filter((v) => v >= 100)));
	});

	it('by group: new rows of a group that was learned from count as seen', async () => {
		const now = rows(304, 'group');
		const { seen, learned } = await seenIn(now, rows(298, 'group'), 'group');
		const shops = new Set([...learned].map((v) => Math.floor(v / 10)));
		expect(shops.size).toBeLessThan(30);
		expect(valuesWhere(now, seen)).toEqual(new Set(Array.from({ length: 304 }, (_, v) => v).filter((v) => shops.has(Math.floor(v / 10)))));
	});

	it('on other data without a key: nobody knows', async () => {
		expect((await seenIn(rows(400, 'feature', 50), rows(300, 'feature'), 'random')).seen).toBeUndefined();
		expect((await seenIn(rows(200, 'feature'), rows(300, 'feature'), 'random')).seen).toBeUndefined();
	});
});
