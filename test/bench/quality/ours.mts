// Ours as a script of a user calls it: a CSV file, Train with Automatic, the answers to another CSV file.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import type { Answer, Task } from './contract.mts';

const require = createRequire(import.meta.url);
const dist = path.resolve(import.meta.dirname, '../../../dist/lib');
const { ingest, openStore, predictDataset, train } = require(path.join(dist, 'index.js')) as typeof import('../../../lib/index.js');
const { codeVersion } = require(path.join(dist, 'app/codeVersion.js')) as typeof import('../../../lib/app/codeVersion.js');

const { folder, about, target, task, seed, seconds, out, options } = JSON.parse(process.argv.at(-1)!) as Task;
const home = fs.mkdtempSync(path.join(folder, 'store-'));
const store = await openStore(home);
try {
	const began = performance.now();
	const { dataset } = await ingest(store, { file: path.join(folder, 'train.csv'), target, name: 'train' });
	const { model, run } = await train(store, {
		dataset,
		task,
		seed,
		timeBudgetSeconds: seconds,
		// The rows to test on lie in a file of their own, drawn at random.
		split: { testShare: 0, method: 'random' },
		...(task === 'binary' ? { positiveClass: about.classes[1] } : {}),
		...options,
	});
	const spent = (performance.now() - began) / 1000;
	const rows = await ingest(store, { file: path.join(folder, 'test.csv'), name: 'test' });
	const { path: file } = await predictDataset(store, { model: `run:${run.id}`, dataset: rows.dataset, log: false });
	fs.writeFileSync(out, await answersIn(file));
	const members = run.notes.find((n) => n.code === 'learn.ensemble')?.text ?? run.learner;
	process.stdout.write(`${JSON.stringify({ version: codeVersion(), seconds: spent, members } satisfies Answer)}\n`);
	void model;
} finally {
	await store.close();
	fs.rmSync(home, { recursive: true, force: true });
}
process.exit(0);

/** The answers of the file, row after row. */
async function answersIn(file: string): Promise<Uint8Array> {
	const { DuckDBInstance } = await import('@duckdb/node-api');
	const connection = await (await DuckDBInstance.create()).connect();
	const of = (column: string) => `"${column.replaceAll('"', '""')}"`;
	const positive = of('probability');
	const columns = {
		binary: [`1 - ${positive}`, positive],
		multiclass: about.classes.map((c) => of(`probability ${c}`)),
		regression: [of('prediction')],
	}[task];
	const reader = await connection.runAndReadAll(
		`SELECT ${columns.join(', ')} FROM read_csv('${file.replaceAll("'", "''")}', header = true, parallel = false)`,
	);
	return new Uint8Array(Float64Array.from(reader.getRows().flat(), Number).buffer);
}
