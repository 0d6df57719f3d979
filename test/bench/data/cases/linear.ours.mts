// The learner alone, on the matrix that Train gives it.
import fs from 'node:fs';
import process from 'node:process';
import type { ColumnSchema } from '../../../../lib/domain/column.js';
import { answer, from, task } from '../ours.mts';

const { loadFrame } = from<typeof import('../../../../lib/data/loadFrame.js')>('data/loadFrame.js');
const { numbersOf } = from<typeof import('../../../../lib/data/frame.js')>('data/frame.js');
const { encode, fitEncoder } = from<typeof import('../../../../lib/recipe/encode.js')>('recipe/encode.js');
const { logisticRegression } = from<typeof import('../../../../lib/learn/learners/logisticRegression.js')>(
	'learn/learners/logisticRegression.js',
);

const { csv, rows, threads } = task();
const schema = (JSON.parse(fs.readFileSync(`${csv}.json`, 'utf8')) as ColumnSchema[]).map(
	(c): ColumnSchema => ({ ...c, role: c.name === 'churned' ? 'target' : 'feature' }),
);
const params = logisticRegression.params.parse({});
const { columns, y } = await matrix();

const begun = performance.now();
const { state } = await logisticRegression.fit({ task: 'binary', train: { rows, columns }, labels: { y, classes: 2 } }, params, {
	seed: 0,
	threads,
	memoryBytes: 16e9,
	cancelled: new Int32Array(new SharedArrayBuffer(4)),
	progress() {},
	note() {},
});
const seconds = (performance.now() - begun) / 1000;

const { coef, intercept } = state.arrays as Record<string, Float64Array>;
const scores = new Float64Array(rows).fill(intercept[0]);
let first = 0;
for (const column of columns) {
	for (let i = 0; i < rows; i++) scores[i] += column.kind === 'number' ? coef[first] * column.data[i] : coef[first + column.data[i]];
	first += column.kind === 'number' ? 1 : column.levels;
}
const loss = scores.reduce((sum, s, i) => sum + Math.log1p(Math.exp(-Math.abs(s))) + Math.max(s, 0) - y[i] * s, 0);
answer({ seconds, found: { rows, objective: (loss + coef.reduce((sum, b) => sum + b * b, 0) / 2) / rows } });
process.exit(0);

/** The rows before encoding are gone when it returns, as they are in a training. */
async function matrix() {
	const frame = await loadFrame(`${csv}.parquet`, { schema, threads });
	const state = fitEncoder(frame, undefined, logisticRegression.needs(params));
	return { columns: encode(frame, state, { float: 64 }).columns, y: numbersOf(frame, 'churned') };
}
