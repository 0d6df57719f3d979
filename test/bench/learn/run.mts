/*
 * npm run bench:learn -- [--json] [--case train,row,batch] [--rows 20000] [--batch-rows 1000000] [--columns 20,30,50] [--epochs 8]
 *                        [--runs 3] [--threads 2]
 * The tabular network beside the same network in PyTorch on the same rows, epochs and processors: seconds of a training (their losses on
 * other rows have to be alike) and microseconds of one row. Many rows: the network and the boosting that Train makes by default, both on
 * the same table of 20 numbers, and on tables of so many columns, two of five of them categories; seconds, and microseconds of processor
 * time a row, which other programs that are running change less.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { root } from '../../../scripts/build/paths.mts';
import type { FitContext, Learner, Matrix, Predictor, State } from '../../../lib/learn/contract.js';
import { madeMixedRows, madeRows, writeRows } from '../shared/madeRows.mts';
import { median } from '../shared/median.mts';
import { pythonWithTorch, TORCH } from '../shared/torch.mts';

const CASES = ['train', 'row', 'batch'];
const NUMBERS = 20;
/** Share of the columns of a mixed table. */
const CATEGORIES = 0.4;
const WARM = 3000;
const ASKED = 20_000;
/** Losses that differ by less are alike. */
const ALIKE = 0.02;

const { values: options } = parseArgs({
	options: {
		json: { type: 'boolean', default: false },
		case: { type: 'string', default: CASES.join() },
		rows: { type: 'string', default: '20000' },
		'batch-rows': { type: 'string', default: '1000000' },
		columns: { type: 'string', default: '20,30,50' },
		epochs: { type: 'string', default: '8' },
		runs: { type: 'string', default: '3' },
		threads: { type: 'string', default: '2' },
	},
});
const cases = options.case.split(',');
const unknown = cases.find((name) => !CASES.includes(name));
if (unknown !== undefined) throw new Error(`There is no case "${unknown}": ${CASES.join(', ')}`);
const [rows, many, epochs, runs, threads] = [options.rows, options['batch-rows'], options.epochs, options.runs, options.threads].map(
	Number,
);
const say = (text: string) => process.stderr.write(`${text}\n`);

const require = createRequire(import.meta.url);
const from = <M,>(file: string): M => require(path.join(root, 'dist/lib', file)) as M;
const { learnerById } = from<typeof import('../../../lib/learn/learners/index.js')>('learn/learners/index.js');

interface Answer {
	seconds: number;
	loss: number;
	microseconds: number;
}

const context: FitContext = {
	seed: 1,
	threads,
	memoryBytes: 2 ** 34,
	cancelled: new Int32Array(new SharedArrayBuffer(4)),
	progress: () => {},
	note: () => {},
};
const train = madeRows(rows, NUMBERS, 1);
const test = madeRows(10_000, NUMBERS, 2);
const names = train.x.columns.map((c) => c.name);
const network = learnerById('tabularNetwork');
const params = { epochs, batch_size: 128, hidden_layer_sizes: [128, 128, 128], early_stopping: false, backend: 'wasm' };

async function fitted(learner: Learner, given: object): Promise<Predictor> {
	const { state } = await learner.fit({ task: 'binary', train: train.x, labels: train.labels }, learner.params.parse(given), context);
	return learner.predictor(state, names);
}

async function logLoss(predictor: Predictor): Promise<number> {
	const p = new Float64Array(test.x.rows);
	await predictor.batch(test.x, p, threads);
	return p.reduce((sum, v, i) => sum - Math.log(Math.max(1e-15, test.labels.y[i] ? v : 1 - v)), 0) / p.length;
}

function microsecondsOf(predictor: Predictor): number {
	const row = new Float64Array(NUMBERS);
	const out = new Float64Array(1);
	let since = 0;
	for (let i = -WARM; i < ASKED; i++) {
		if (i === 0) since = performance.now();
		for (let j = 0; j < NUMBERS; j++) row[j] = test.x.columns[j].data[(i + WARM) % test.x.rows];
		predictor.row(row, out);
	}
	return ((performance.now() - since) * 1000) / ASKED;
}

/** The same by PyTorch, in a process of its own. */
function byTorch(python: string, folder: string): Answer {
	const asked = { folder, rows, tests: test.x.rows, columns: NUMBERS, epochs, threads, seed: 1 };
	const { status, stdout, stderr } = spawnSync(python, ['-B', path.join(import.meta.dirname, 'peers.py'), JSON.stringify(asked)], {
		encoding: 'utf8',
	});
	if (status !== 0) throw new Error(stderr.trim().slice(-500));
	return JSON.parse(stdout.trim().split('\n').at(-1)!) as Answer;
}

interface Speed {
	seconds: number;
	/** Microseconds of processor time a row, all threads together. */
	processor: number;
}

async function speedOf(by: Predictor, x: Matrix): Promise<Speed> {
	const out = new Float64Array(x.rows * by.outputs);
	const [since, before] = [performance.now(), process.cpuUsage()];
	await by.batch(x, out, threads);
	const { user, system } = process.cpuUsage(before);
	return { seconds: (performance.now() - since) / 1000, processor: (user + system) / x.rows };
}

/** What Train makes by default of a table of so many columns, both for many rows in turn. */
async function batch(columns: number, categories: number): Promise<void> {
	const made = madeMixedRows(rows, columns - categories, categories, 1);
	const byDefault = async (id: string, given: object): Promise<{ by: Predictor; state: State }> => {
		const learner = learnerById(id);
		const { state } = await learner.fit({ task: 'binary', train: made.x, labels: made.labels }, learner.params.parse(given), context);
		return {
			state,
			by: await learner.predictor(
				state,
				made.x.columns.map((c) => c.name),
			),
		};
	};
	// How long its answers take does not depend on how long it learned.
	const ours = await byDefault('tabularNetwork', { epochs: 1, backend: 'wasm' });
	const trees = await byDefault('gradientBoosting', {});
	const learned = Object.values(ours.state.arrays).reduce((sum, a) => sum + (a instanceof Float32Array ? a.length : 0), 0);
	const { hidden } = ours.state.meta as { hidden: number[] };
	const table = `${columns - categories} numbers${categories ? ` + ${categories} categories` : ''}`;
	say(`batch, ${many} rows of ${table}: a network of ${hidden.join('-')}, ${learned} parameters; ${String(trees.state.meta.trees)} trees`);
	const { x } = madeMixedRows(many, columns - categories, categories, 3);
	const speeds: [Speed[], Speed[]] = [[], []];
	for (let run = 0; run < runs; run++) {
		speeds[0].push(await speedOf(ours.by, x));
		speeds[1].push(await speedOf(trees.by, x));
	}
	const [mine, theirs] = speeds.map((all) => (of: keyof Speed) => median(all.map((one) => one[of])));
	told(`batch of ${table}`, 'gradientBoosting', 'ours', mine('seconds'), theirs('seconds'), 's');
	told(`batch of ${table}, processor time`, 'gradientBoosting', 'ours', mine('processor'), theirs('processor'), 'microseconds a row');
}

const report: object[] = [];
const told = (name: string, peer: string, peerVersion: string, value: number, peerValue: number, unit: string): void => {
	report.push({ case: name, peer, peerVersion, value, peerValue, ratio: value / peerValue, unit });
	say(`${name}: ours ${value.toPrecision(3)}, ${peer} ${peerValue.toPrecision(3)} ${unit} (${(value / peerValue).toFixed(2)} times)`);
};

let predictor: Predictor | undefined;
if (cases.includes('train') || cases.includes('row')) {
	const home = path.join(root, '.peers/learn');
	const python = pythonWithTorch(say);
	for (const [name, made] of Object.entries({ train, test })) writeRows(home, name, made);
	const ours: Answer[] = [];
	const theirs: Answer[] = [];
	for (let run = 0; run < runs; run++) {
		const since = performance.now();
		predictor = await fitted(network, params);
		const seconds = (performance.now() - since) / 1000;
		ours.push({ seconds, loss: await logLoss(predictor), microseconds: microsecondsOf(predictor) });
		theirs.push(byTorch(python, home));
	}
	const [mine, other] = [ours, theirs].map((answers) => (of: keyof Answer) => median(answers.map((a) => a[of])));
	say(`Log loss on other rows: ours ${mine('loss').toFixed(4)}, PyTorch ${other('loss').toFixed(4)}`);
	if (mine('loss') > other('loss') * (1 + ALIKE)) say('Ours is worse by more than 2 %: its seconds are no measure.');
	if (cases.includes('train')) told('train', 'torch', TORCH, mine('seconds'), other('seconds'), 's');
	if (cases.includes('row')) told('row', 'torch', TORCH, mine('microseconds'), other('microseconds'), 'microseconds');
}
if (cases.includes('batch')) {
	await batch(NUMBERS, 0);
	for (const columns of options.columns.split(',').map(Number)) await batch(columns, Math.round(columns * CATEGORIES));
}
if (options.json) process.stdout.write(`${JSON.stringify(report, null, '\t')}\n`);
process.exit(0);
