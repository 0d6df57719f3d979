import { writeFileSync } from 'node:fs';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { chain, createEngine, disposeEngine, openBuiltStore, testFile, type Engine } from './engine.js';
import { temporariesIn } from '../temporaries.js';

let engine: Engine;
beforeAll(async () => {
	engine = await createEngine();
});
afterAll(disposeEngine);

const ingest = async (parameters: Record<string, unknown>, items?: INodeExecutionData[]) => {
	const { json } = (await engine.execute(chain({ name: 'Ingest', type: 'mlopsIngest', parameters }), { items })).output('Ingest')[0];
	return { reused: json.reused, version: (json.dataset as IDataObject).version };
};
const csv = (file: string, from: number): string => {
	const path = testFile(file);
	writeFileSync(path, `a,b\n${Array.from({ length: 30 }, (_, i) => `${from + i * i},${i % 3}`).join('\n')}\n`);
	return path;
};

it('content that was there before is the same version again, and the current one for who asks by name', async () => {
	const [a, b] = [csv('a.csv', 0), csv('b.csv', 100)];
	const read = async (path: string) => await ingest({ source: 'file', path, name: 'turns' });
	const current = async () => {
		const run = await engine.execute(
			chain({ name: 'Clean', type: 'mlopsClean', parameters: { datasetSource: 'name', datasetName: 'turns' } }),
		);
		return (run.output('Clean')[0].json.dataset as IDataObject).version;
	};
	expect(await read(a)).toEqual({ reused: false, version: 1 });
	expect(await read(b)).toEqual({ reused: false, version: 2 });
	expect(await read(a)).toEqual({ reused: true, version: 1 });
	expect(await current()).toBe(1);
	expect(await read(a)).toEqual({ reused: true, version: 1 });
	expect(await read(b)).toEqual({ reused: true, version: 2 });
	expect(await current()).toBe(2);
	expect(await read(a)).toEqual({ reused: true, version: 1 });
	expect(await read(csv('c.csv', 7))).toEqual({ reused: false, version: 3 });
	expect(await current()).toBe(3);
	const store = await openBuiltStore();
	expect(await store.list('dataset', { name: 'turns' })).toHaveLength(3);
	expect(await store.verify()).toMatchObject({ records: 3 });
	await store.close();
});

it("leaves nothing in the store's folder for temporary files, whether it went well or not", async () => {
	const left = () => temporariesIn(engine.home);
	await ingest(
		{ source: 'items', name: 'items' },
		Array.from({ length: 20 }, (_, i) => ({ json: { a: i * i, b: i % 3 } })),
	);
	expect(left()).toEqual([]);
	const upload = (text: string) => [
		{
			json: {},
			binary: { data: { data: Buffer.from(text).toString('base64'), mimeType: 'text/csv', fileName: 'up.csv', fileExtension: 'csv' } },
		},
	];
	await ingest({ source: 'binary' }, upload('a,b\n1,2\n3,4,5\n6,7\n'));
	expect(left()).toEqual([]);
	await expect(ingest({ source: 'binary' }, upload(''))).rejects.toThrow('empty');
	await expect(ingest({ source: 'file', path: csv('d.csv', 0), target: 'nobody' })).rejects.toThrow('"nobody"');
	expect(left()).toEqual([]);
});
