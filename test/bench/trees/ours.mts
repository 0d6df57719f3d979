// Our side of the benchmark in a process of its own: one JSON object a line in, one a line out.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import readline from 'node:readline';
import type { Column, Learner, Matrix } from '../../../lib/learn/contract.js';
import type { About, Failed, Trained, Training } from './messages.mts';

const require = createRequire(import.meta.url);
const learners = path.resolve(import.meta.dirname, '../../../dist/lib/learn/learners');
const from = <M,>(file: string): M => require(path.join(learners, file)) as M;

const { gradientBoosting } = from<typeof import('../../../lib/learn/learners/gradientBoosting.js')>('gradientBoosting.js');
const { randomForest } = from<typeof import('../../../lib/learn/learners/randomForest.js')>('randomForest.js');

interface Part {
	x: Matrix;
	y: Float64Array;
}

interface Data {
	folder: string;
	about: About;
	train: Part;
	test: Part;
}

let loaded: Data | undefined;

function load(folder: string): Data {
	if (loaded?.folder === folder) return loaded;
	const about = JSON.parse(fs.readFileSync(path.join(folder, 'about.json'), 'utf8')) as About;
	const part = (name: 'train' | 'test'): Part => {
		const rows = about[name];
		const { buffer } = new Uint8Array(fs.readFileSync(path.join(folder, `${name}.bin`)));
		const columns = about.levels.map(
			(levels, j): Column =>
				levels
					? { name: `c${j}`, kind: 'category', levels, data: new Uint32Array(buffer, j * rows * 4, rows) }
					: { name: `c${j}`, kind: 'number', data: new Float32Array(buffer, j * rows * 4, rows) },
		);
		return { x: { rows, columns }, y: new Float64Array(new Uint8Array(fs.readFileSync(path.join(folder, `${name}.y`))).buffer) };
	};
	loaded = { folder, about, train: part('train'), test: part('test') };
	return loaded;
}

async function train({ folder, threads, seed, out, predict, quantized }: Training): Promise<Trained> {
	const { about, train: data, test } = load(folder);
	const learner: Learner = path.basename(folder).startsWith('forest') ? randomForest : gradientBoosting;
	const params = learner.params.parse({ n_estimators: about.trees, ...(quantized ? { num_grad_quant_bins: 4 } : {}) });
	const cancelled = new Int32Array(new SharedArrayBuffer(4));
	const context = { seed, threads, memoryBytes: 8e9, cancelled, progress() {}, note() {} };
	const labels = { y: data.y, classes: about.classes };
	const start = performance.now();
	const fitted = await learner.fit({ task: about.task, train: data.x, labels }, params, context);
	const answer: Trained = {
		seconds: (performance.now() - start) / 1000,
		backend: fitted.backend,
		peak: process.resourceUsage().maxRSS * 1024,
	};
	if (predict) {
		const predictor = await learner.predictor(
			fitted.state,
			data.x.columns.map((c) => c.name),
		);
		const p = new Float64Array(test.x.rows * predictor.outputs);
		const begin = performance.now();
		await predictor.batch(test.x, p, threads);
		answer.predictSeconds = (performance.now() - begin) / 1000;
		fs.writeFileSync(out, new Uint8Array(p.buffer));
		const rows = Array.from({ length: Math.min(5000, test.x.rows) }, (_, i) => Float64Array.from(test.x.columns, (c) => c.data[i]));
		const one = new Float64Array(predictor.outputs);
		const ask = () => {
			const asked = performance.now();
			for (const row of rows) predictor.row(row, one);
			return ((performance.now() - asked) * 1000) / rows.length;
		};
		// The first time lays the model out for single rows, and compiles the code in a process that is new.
		answer.firstRowMicroseconds = ask();
		answer.rowMicroseconds = ask();
		if (about.explain) {
			const some = firstRows(test.x, about.explain);
			const begun = performance.now();
			predictor.explain!(some);
			answer.seconds = (performance.now() - begun) / 1000;
		}
	}
	return answer;
}

function firstRows({ columns }: Matrix, rows: number): Matrix {
	return {
		rows,
		columns: columns.map((column) =>
			column.kind === 'number' ? { ...column, data: column.data.subarray(0, rows) } : { ...column, data: column.data.subarray(0, rows) },
		),
	};
}

for await (const line of readline.createInterface({ input: process.stdin })) {
	const { train: how } = JSON.parse(line) as { train: Training };
	const answer = await train(how).catch((error: unknown): Failed => ({ error: String((error instanceof Error && error.stack) || error) }));
	process.stdout.write(`${JSON.stringify(answer)}\n`);
}
