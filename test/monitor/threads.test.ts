import { join } from 'node:path';
import { writeFrame } from '../../lib/data/writeFrame';
import type { ColumnSchema } from '../../lib/domain/column';
import { murmurTwice } from '../../lib/domain/random';
import type { Frame } from '../../lib/data/frame';
import { buildReference, driftParams, driftReport } from '../../lib/monitor';
import { Crew } from '../../lib/monitor/judgeCrew';
import type { StoredTable, Table } from '../../lib/monitor/storedTable';
import { freshFolder, removeFolders } from '../store/records';

const COLUMNS = 16;
/** Enough numbers for two threads, also where a sketch stands for the reference. */
const ROWS = { reference: 5000, current: 255_000 };
const random = murmurTwice(23);

/** Numbers of several kinds, enough of them for threads, and a column of categories; some of the later ones moved. */
function table(rows: number, moved: number): Frame {
	const kinds: Array<() => number> = [
		() => random() + random() - random() + moved,
		() => Math.round(100 * random() ** 2 * (1 + moved)) / 100,
		() => (random() < 0.1 ? NaN : Math.floor(random() * 40)),
		() => random(),
	];
	const schema = Array.from({ length: COLUMNS }, (_, j): ColumnSchema => ({ name: `n${j}`, type: 'number', role: 'feature' }));
	const vectors = schema.map((_, j) => ({ data: Float64Array.from({ length: rows }, kinds[j % kinds.length]) }));
	const codes = Uint32Array.from({ length: rows }, () => Math.floor(random() * 4));
	return {
		rows,
		schema: [...schema, { name: 'c', type: 'category', role: 'feature' }],
		vectors: [...vectors, { codes, dictionary: ['a', 'b', 'c'] }],
		rowId: Float64Array.from({ length: rows }, (_, i) => i),
	};
}
const reference = table(ROWS.reference, 0);
const current = table(ROWS.current, 0.2);

const stored = {} as Record<'reference' | 'current', StoredTable>;
beforeAll(async () => {
	const folder = await freshFolder();
	for (const [name, frame] of Object.entries({ reference, current })) {
		const path = join(folder, `${name}.parquet`);
		await writeFrame(frame, path);
		const columns = frame.schema.map((schema) => ({ schema, stored: schema.name }));
		stored[name as keyof typeof stored] = { path, rows: frame.rows, schema: frame.schema, stored: columns, reads: name === 'current' };
	}
});
afterAll(removeFolders);

async function record(against: Parameters<typeof driftReport>[0], given: object, threads: number, now = current as Table) {
	const stages: string[] = [];
	const context = { threads, progress: ({ stage }: { stage: string }) => void stages.push(stage), note() {} };
	const { seconds: _, ...said } = await driftReport(against, now, driftParams.parse(given), context);
	expect(stages).toHaveLength(COLUMNS + 1);
	return said;
}

test.each([{ mode: 'default' }, { mode: 'evidently' }, { tests: { n0: 'mannw' } }])('threads say what one says: %j', async (given) => {
	const alone = await record(reference, given, 1);
	expect(alone.driftedColumns).toContain('n0');
	expect(await record(reference, given, 2)).toEqual(alone);
	for (const threads of [1, 3]) expect(await record(stored.reference, given, threads, stored.current)).toEqual(alone);
	const sketch = buildReference(reference);
	if (given.mode !== 'evidently') expect(await record(sketch, given, 2)).toEqual(await record(sketch, given, 1));
});

test('what a thread refuses is told as it is', async () => {
	await expect(record(reference, { tests: { n3: 'gut feeling' } }, 2)).rejects.toMatchObject({ code: 'input.invalid' });
	await expect(record(buildReference(reference), { mode: 'evidently' }, 2)).rejects.toMatchObject({
		code: 'monitor.no_reference',
		details: { column: 'n0' },
	});
});

test('what a thread refuses of a table in a file is told as it is, the first column first', async () => {
	const { reference: before, current: now } = stored;
	await expect(record(before, { tests: { n3: 'gut feeling', n9: 'no feeling' } }, 2, now)).rejects.toMatchObject({ code: 'input.invalid' });
	await expect(record({ ...before, path: `${before.path}.gone` }, {}, 2, now)).rejects.toMatchObject({ code: 'data.unreadable' });
	await expect(record(before, { columns: ['n0', 'nowhere'] }, 1, now)).rejects.toMatchObject({ code: 'data.column_unknown' });
});

test('a stop ends the threads that read files', async () => {
	const cancelled = new Int32Array(new SharedArrayBuffer(4));
	let columns = 0;
	const context = { threads: 2, cancelled, progress: () => void (++columns === 3 && (cancelled[0] = 1)), note() {} };
	await expect(driftReport(stored.reference, stored.current, driftParams.parse({}), context)).rejects.toMatchObject({
		code: 'compute.cancelled',
	});
	expect(columns).toBeLessThan(COLUMNS);
});

test('a stop ends it between two columns', async () => {
	const cancelled = new Int32Array(new SharedArrayBuffer(4));
	let columns = 0;
	const context = { threads: 2, cancelled, progress: () => void (++columns === 3 && (cancelled[0] = 1)), note() {} };
	await expect(driftReport(reference, current, driftParams.parse({}), context)).rejects.toMatchObject({ code: 'compute.cancelled' });
	expect(columns).toBe(3);
});

test('a thread that is lost gives nothing, and its places are gone', async () => {
	const crew = new Crew(1, { reference: 10, current: 10 }, driftParams.parse({}));
	const seat = (await crew.seat())!;
	const other = await crew.seat();
	const next = crew.seat();
	const side = (memory: SharedArrayBuffer) => ({
		name: 'x',
		type: 'number' as const,
		rows: 10,
		missing: 0,
		error: { distance: 0, rank: 0 },
		numbers: { memory, n: 10 },
	});
	const asked = seat.judge({ reference: side(seat.reference.buffer), current: side(seat.current.buffer) });
	await crew.close();
	expect([other !== undefined, await asked, await next, await crew.seat()]).toEqual([true, undefined, undefined, undefined]);
});
