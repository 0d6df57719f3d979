// Imports the model into a store in a folder, as Deploy's "Import a Model" does, and prints what asking our server takes:
// `ours.mts FOLDER DATA`
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const [folder, data] = process.argv.slice(2);
const dist = path.resolve(import.meta.dirname, '../../../dist/lib');
const require = createRequire(import.meta.url);
const from = <M,>(file: string): M => require(path.join(dist, file)) as M;

const { openStore } = from<typeof import('../../../lib/store/openStore.js')>('store/openStore.js');
const { ingest } = from<typeof import('../../../lib/app/calls/ingestCall.js')>('app/calls/ingestCall.js');
const { deploy } = from<typeof import('../../../lib/app/calls/deployCall.js')>('app/calls/deployCall.js');
const { importModelJob } = from<typeof import('../../../lib/app/jobs/importModelJob.js')>('app/jobs/importModelJob.js');
const { sessionOn } = from<typeof import('../../../lib/app/session.js')>('app/session.js');
const { closeEngines } = from<typeof import('../../../lib/app/jobEngine.js')>('app/jobEngine.js');
const { makeKey } = from<typeof import('../../../lib/app/apiKeys.js')>('app/apiKeys.js');
const { loadModel } = from<typeof import('../../../lib/learn/score.js')>('learn/score.js');
const { readEncoder } = from<typeof import('../../../lib/recipe/encode.js')>('recipe/encode.js');
const { compileEncoder } = from<typeof import('../../../lib/recipe/encodeRow.js')>('recipe/encodeRow.js');
const { rowReader } = from<typeof import('../../../lib/data/reading/rowReader.js')>('data/reading/rowReader.js');

const actor = 'benchmark';
const store = await openStore({ kind: 'folder', home: folder });
const session = sessionOn(store, { actor });
const { fields } = await ingest(session, { file: path.join(data, 'example.csv'), name: 'example', target: 'label' });
const { model } = await session.run(importModelJob, {
	store: store.ref,
	file: await store.artifacts.put(fs.readFileSync(path.join(data, 'model.txt'))),
	fileName: 'model.txt',
	datasetId: fields.dataset.id,
	target: 'label',
	classes: [],
	modelName: 'trees',
	actor,
});
await deploy(session, { model: 'trees@1', override_reason: 'The model is measured, not judged.' });
const { key } = await makeKey({ store, actor }, { label: 'benchmark', scopes: ['predict'] });
const bytes = await store.artifacts.get(model.digest);
await store.close();
await closeEngines();

/** Microseconds that a row costs in the trees alone: all else is what a server adds. */
async function treesAlone(): Promise<number> {
	const { manifest, predictor } = await loadModel(bytes);
	const encoder = compileEncoder(readEncoder(manifest.encoder));
	const read = rowReader(manifest.signature, manifest.seen);
	const { rows } = JSON.parse(fs.readFileSync(path.join(data, 'questions.json'), 'utf8')) as { rows: Array<Record<string, unknown>> };
	const encoded = rows.map((row) => {
		const values = new Float64Array(encoder.columns.length);
		encoder.row(read(row, []), values);
		return values;
	});
	const score = new Float64Array(predictor.outputs);
	let best = Infinity;
	for (let run = 0; run < 200; run++) {
		const start = performance.now();
		for (const values of encoded) predictor.row(values, score);
		best = Math.min(best, ((performance.now() - start) * 1000) / encoded.length);
	}
	return best;
}

process.stdout.write(JSON.stringify({ key, treesMicroseconds: await treesAlone() }));
