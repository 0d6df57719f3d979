// Ours as a script of a user calls it: a CSV file, Train with Automatic, the answers to another CSV file.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import type { Answer, Task } from './contract.mts';

const require = createRequire(import.meta.url);
const dist = path.resolve(import.meta.dirname, '../../../dist/lib');
const from = <M,>(file: string): M => require(path.join(dist, file)) as M;
const { ingest } = from<typeof import('../../../lib/app/calls/ingestCall.js')>('app/calls/ingestCall.js');
const { train } = from<typeof import('../../../lib/app/calls/trainCall.js')>('app/calls/trainCall.js');
const { predictDataset } = from<typeof import('../../../lib/app/calls/predictCall.js')>('app/calls/predictCall.js');
const { codeVersion } = from<typeof import('../../../lib/app/codeVersion.js')>('app/codeVersion.js');
const { closeEngines } = from<typeof import('../../../lib/app/jobEngine.js')>('app/jobEngine.js');
const { sessionOn } = from<typeof import('../../../lib/app/session.js')>('app/session.js');
const { predictorOf } = from<typeof import('../../../lib/serve/predictor.js')>('serve/predictor.js');
const { openStore } = from<typeof import('../../../lib/store/openStore.js')>('store/openStore.js');

const { folder, about, target, task, seed, seconds, out, options } = JSON.parse(process.argv.at(-1)!) as Task;
/** What the peers get of a moment as well. */
const MOMENTS = ['year', 'month', 'day_of_year', 'weekday', 'hour'];
const moments = Object.keys(about.columns).filter((column) => about.columns[column].kind === 'date');
const home = fs.mkdtempSync(path.join(folder, 'store-'));
const store = await openStore({ kind: 'folder', home });
const session = sessionOn(store, { actor: 'benchmark' });
try {
	const began = performance.now();
	const { fields: read } = await ingest(session, { file: path.join(folder, 'train.csv'), target, name: 'train' });
	const { fields: trained } = await train(session, {
		dataset: read.dataset,
		task,
		seed,
		timeBudgetSeconds: seconds,
		// The rows to test on lie in a file of their own, drawn at random.
		split: { testShare: 0, method: 'random' },
		steps: moments.length ? [{ step: 'date_parts', params: { columns: moments, parts: MOMENTS } }] : [],
		...options,
	});
	const spent = (performance.now() - began) / 1000;
	const { fields: asked } = await ingest(session, { file: path.join(folder, 'test.csv'), name: 'test' });
	const { path: file } = await predictDataset(session, { model: `run:${trained.run.id}`, dataset: asked.dataset, log: false });
	const { classes } = (await predictorOf(store, trained.model.digest)).manifest;
	fs.writeFileSync(out, await answersIn(file, classes));
	const members = trained.run.notes.find((n) => n.code === 'learn.ensemble')?.text ?? trained.run.learner;
	process.stdout.write(`${JSON.stringify({ version: codeVersion(), seconds: spent, members } satisfies Answer)}\n`);
} finally {
	// Its processes are counted once they ended.
	await closeEngines();
	await store.close();
	fs.rmSync(home, { recursive: true, force: true });
}
process.exit(0);

/** The answers of the file, row after row, in the order of the set's classes. */
async function answersIn(file: string, classes: ReadonlyArray<string | number | boolean>): Promise<Uint8Array> {
	const { DuckDBInstance } = await import('@duckdb/node-api');
	const connection = await (await DuckDBInstance.create()).connect();
	const reader = await connection.runAndReadAll(
		`SELECT ${columnsOf(classes).join(', ')} FROM read_csv('${file.replaceAll("'", "''")}', header = true, parallel = false)`,
	);
	return new Uint8Array(Float64Array.from(reader.getRows().flat(), Number).buffer);
}

function columnsOf(classes: ReadonlyArray<string | number | boolean>): string[] {
	const named = (column: string) => `"${column.replaceAll('"', '""')}"`;
	if (task === 'regression') return [named('prediction')];
	// A column of yes and no is known as such, however it is spelled.
	const same = (ours: string | number | boolean, text: string) =>
		typeof ours === 'boolean' ? /^(y|yes|t|true|1)$/i.test(text) === ours : String(ours) === text;
	const places = about.classes.map((text) => classes.findIndex((ours) => same(ours, text)));
	if (places.includes(-1)) throw new Error(`${classes.join()} are not the classes ${about.classes.join()}`);
	if (task === 'multiclass') return places.map((place) => named(`probability ${String(classes[place])}`));
	return places.map((place) => (place === 1 ? named('probability') : `1 - ${named('probability')}`));
}
