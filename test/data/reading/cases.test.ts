import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IngestResult } from '../../../lib/data/ingest.js';
import { FindingsOfParts } from '../../../lib/app/frameForModel.js';
import { loadFrame } from '../../../lib/data/loadFrame.js';
import { loadParts } from '../../../lib/data/loadParts.js';
import { frameRows } from '../../../lib/data/preview.js';
import { OtherNotation, readFrame, seenIn, type ColumnFindings } from '../../../lib/data/reading/index.js';
import { loadKept } from '../../../lib/data/texts.js';
import { workshop, type Workshop } from '../helpers.js';

const FOLDER = join(__dirname, '../../cases/later');
/** A batch, how the model that learned from learned.csv reads some of its columns, and in how many rows something was found. */
interface Case {
	file?: string;
	title: string;
	read?: Record<string, unknown[]>;
	found?: Record<string, Record<string, number>>;
}
const cases = (JSON.parse(readFileSync(join(FOLDER, 'cases.json'), 'utf8')) as Case[]).filter((c) => c.read);

let shop: Workshop;
let model: Parameters<typeof readFrame>[1];
const load = async ({ dataPath, columns }: IngestResult) => await loadFrame(dataPath, { schema: columns });
const ingest = async (file: string) => await shop.ingest({ source: 'file', params: { path: join(FOLDER, file) } });

beforeAll(async () => {
	shop = workshop();
	const frame = await load(await ingest('learned.csv'));
	const signature = frame.schema.map((c) => ({ ...c, required: true }));
	model = {
		v: 2,
		signature,
		seen: seenIn(
			frame,
			Uint32Array.from({ length: frame.rows }, (_, i) => i),
			signature.map((c) => c.name),
		),
		recipe: { input: frame.schema, steps: [], output: frame.schema },
		target: '',
		classes: [],
	};
});
afterAll(() => shop.close());

test('the model learned each column as what it is', () => {
	expect(Object.fromEntries(model.signature.map((c) => [c.name, c.type]))).toEqual({
		zip: 'category',
		member: 'boolean',
		opted: 'category',
		visits: 'integer',
		amount: 'integer',
		price: 'number',
		since: 'datetime',
		rebate: 'integer',
		plan: 'category',
	});
});

const counts = (findings: readonly ColumnFindings[]) =>
	Object.fromEntries(
		findings.map(({ column, found }) => [
			column.name,
			Object.fromEntries(Object.entries(found).flatMap(([kind, { rows }]) => (rows ? [[kind, rows]] : []))),
		]),
	);

test.each(cases)('$title', async ({ file, read, found }) => {
	const batch = await ingest(file!);
	const source = { texts: await loadKept(batch.dataPath, batch), fromText: new Set(batch.fromText) };
	const { frame, findings } = readFrame({ ...(await load(batch)), source }, model);
	const rows = frameRows(frame);
	for (const [column, values] of Object.entries(read!)) {
		const flag = model.signature.some((c) => c.name === column && c.type === 'boolean');
		expect([column, rows.map((r) => (flag && r[column] !== null ? Number(r[column]) : r[column]))]).toEqual([column, values]);
	}
	expect(counts(findings)).toEqual(found);
});

test.each(cases)('in parts, read as in one: $title', async ({ file }) => {
	const batch = await ingest(file!);
	const source = { texts: await loadKept(batch.dataPath, batch), fromText: new Set(batch.fromText) };
	const whole = readFrame({ ...(await load(batch)), source }, model);
	for (const rows of [1, 2]) {
		const notation = new OtherNotation(batch.columns, source, model);
		if (notation.matters) for await (const part of loadParts(batch.dataPath, batch, { rows })) notation.look(part);
		const read: unknown[] = [];
		const found = new FindingsOfParts();
		for await (const part of loadParts(batch.dataPath, batch, { rows })) {
			const { frame, findings } = readFrame(part, model, notation.columns());
			read.push(...frameRows(frame));
			found.add(findings);
		}
		expect(read).toEqual(frameRows(whole.frame));
		expect(found.all(batch.columns)).toEqual(whole.findings.map(({ column, found: kinds }) => ({ column, found: kinds })));
	}
});
