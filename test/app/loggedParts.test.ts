import { tmpdir } from 'node:os';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { loggedParts } from '../../lib/app/loggedParts';
import { ColumnFile } from '../../lib/data/columnFile';
import { valueAt, type Frame } from '../../lib/data/frame';
import { RequestParts, requestsOf } from '../../lib/monitor/index';
import type { ColumnSchema } from '../../lib/domain/column';
import type { PredictionLogEntry, Store } from '../../lib/store/contract';
import { openStore } from '../../lib/store/openStore';
import { freshFolder, removeFolders } from '../store/records';

const TOGETHER = 40;
const START = Date.UTC(2026, 2, 1);

let store: Store;
let folder: string;
/** Answers a minute; thirty at the same moment; of another model between them; some failed; a column that is only sent late. */
const entries = Array.from({ length: 300 }, (_, i): PredictionLogEntry => {
	const at = new Date(START + 60_000 * (i >= 100 && i < 130 ? 100 : i)).toISOString();
	const input = {
		amount: i % 11 === 0 ? 'a lot' : i / 4,
		town: i % 7 ? `town ${i % 5}` : 'nowhere',
		...(i > 250 ? { late: i % 2 === 0 } : {}),
	};
	return {
		at,
		model: i % 4 === 0 ? 'other@1' : 'fees@3',
		digest: 'd',
		requestId: `r${i}`,
		input,
		prediction: i,
		score: [i],
		...(i % 10 === 1 ? { error: 'predict.input_invalid' } : {}),
	};
});
beforeAll(async () => {
	store = await openStore({ kind: 'folder', home: await freshFolder() });
	await store.logPredictions(entries);
	folder = mkdtempSync(join(tmpdir(), 'mlops-logged-'));
});
afterAll(async () => {
	await store.close();
	await removeFolders();
	rmSync(folder, { recursive: true, force: true });
});

const partsOf = async (asked: { model: string; since?: string; until?: string }): Promise<PredictionLogEntry[][]> => {
	const parts: PredictionLogEntry[][] = [];
	for await (const part of loggedParts(store, asked, TOGETHER)) parts.push(part);
	return parts;
};

it.each([
	{},
	{ since: entries[50].at },
	{ since: entries[100].at, until: entries[101].at },
	{ since: entries[100].at, until: entries[200].at },
	{ since: '2026-03-01T01:00:00+01:00', until: '2026-03-01T03:30:00+01:00' },
	{ since: '2030-01-01T00:00:00Z' },
])('the parts of a log are all of it, in order, each once: %j', async (span) => {
	const asked = { model: 'fees', ...span };
	const parts = await partsOf(asked);
	expect(parts.flat()).toEqual(await store.predictions(asked));
	// Those of one moment stay together.
	for (const part of parts) expect(part.length).toBeLessThanOrEqual(TOGETHER + 30);
});

it('what is made of requests in parts is what is made of them at once', async () => {
	expect((await partsOf({ model: 'fees' })).length).toBeGreaterThan(5);
	const column = (name: string, type: ColumnSchema['type']): ColumnSchema => ({ name, type, role: 'feature' });
	const signature = [column('amount', 'number'), column('town', 'category'), column('late', 'boolean'), column('never', 'number')].map(
		(c) => ({
			...c,
			required: false,
		}),
	);
	const seen = [
		{ name: 'amount', missing: 0, range: { low: 0, high: 20, least: 0, most: 20 } },
		{ name: 'town', missing: 0, levels: { values: ['town 1', 'town 2', 'town 3', 'town 4', 'town 0'], rows: [], more: 0 } },
	];
	const plain = ({ schema, rows, vectors, rowId }: Frame) => ({
		schema,
		rows,
		rowId: [...rowId],
		values: vectors.map((v) => Array.from({ length: rows }, (_, i) => valueAt(v, i))),
	});
	const file = new ColumnFile(join(folder, 'requests'));
	for (const v of [1, 2] as const) {
		const manifest = { v, signature, seen: v === 1 ? undefined : (seen as never) };
		const whole = requestsOf(await store.predictions({ model: 'fees' }), manifest);
		const gathered = new RequestParts(manifest, file);
		for (const part of await partsOf({ model: 'fees' })) gathered.add(part);
		const { frame, reading } = gathered.all();
		expect(plain(frame)).toEqual(plain(whole.frame));
		expect(frame.schema.map((c) => c.name)).toEqual(['amount', 'town', 'late']);
		expect(reading).toEqual(whole.reading);
		if (v === 2) expect(reading.map((r) => r.column)).toEqual(['amount', 'town']);
		expect(new RequestParts(manifest, file).all()).toEqual(requestsOf([], manifest));
	}
	file.close();
});
