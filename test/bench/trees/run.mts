// npm run bench:trees -- [--json] [--case boost-100k,...] [--peer lightgbm,...] [--runs 5] [--threads 2] [--scale 1]
// Trains our engine and the Python peers in turn on the same data and prints ratios of the medians.
import fs from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { root } from '../../../scripts/build/paths.mts';
import { median } from '../shared/median.mts';
import { partner as startPartner } from '../shared/partner.mts';
import { pythonWith } from '../shared/python.mts';
import type { About, Failed, Making, Trained, Training } from './messages.mts';

const PACKAGES = ['numpy', 'pandas', 'pyarrow', 'lightgbm==4.7.0', 'scikit-learn==1.9.1', 'xgboost==3.2.0', 'shap==0.51.0'];

const home = path.join(root, '.peers');
const { values: options } = parseArgs({
	options: {
		json: { type: 'boolean', default: false },
		case: { type: 'string' },
		runs: { type: 'string', default: '5' },
		threads: { type: 'string' },
		scale: { type: 'string', default: '1' },
		peer: { type: 'string' },
	},
});
const asked = Number(options.runs);
const threads = Number(options.threads ?? Math.min(availableParallelism(), 4));
const scale = Number(options.scale);
const BOOSTERS = ['lightgbm', 'lightgbm quantized', 'scikit-learn hgb', 'xgboost'];
/** scikit-learn takes categories of at most 255 levels only. */
const CASES: Record<string, readonly string[]> = {
	'boost-10k': BOOSTERS,
	'boost-100k': BOOSTERS,
	'boost-500k': BOOSTERS,
	'boost-1m': BOOSTERS,
	'boost-wide': BOOSTERS,
	'boost-categorical': ['lightgbm', 'lightgbm quantized', 'xgboost'],
	'boost-sparse': ['lightgbm', 'lightgbm quantized', 'xgboost'],
	'boost-multiclass': BOOSTERS,
	'boost-squared-missing': BOOSTERS,
	'boost-flights': BOOSTERS,
	'forest-100k': ['scikit-learn forest'],
	// Seconds are those of the SHAP values of 2,000 rows.
	'explain-100k': ['lightgbm', 'shap'],
};
/**
 * Which of several equal splits a greedy tree finds first is luck: each run has a seed of its own, the same for both sides, and on few rows
 * data of its own, and the score is the mean.
 */
const SETS: Record<string, number> = { 'boost-10k': 20, 'boost-100k': 5, 'boost-multiclass': 5, 'forest-100k': 5 };
/** Trainings of a fraction of a second: more of them, since on few rows a score is luck. */
const TIMES: Record<string, number> = { 'boost-10k': 4 };
/** The peer whose score is that of a mode which we have too; we are timed against it in our own. */
const QUANTIZED = 'lightgbm quantized';
const OURS_QUANTIZED = 'ours quantized';
const say = (text: string) => process.stderr.write(`${text}\n`);

const cases = options.case ? options.case.split(',') : Object.keys(CASES);
// Told before anything is installed for it.
const unknown = cases.find((name) => !Object.hasOwn(CASES, name));
if (unknown !== undefined) throw new Error(`There is no case "${unknown}": ${Object.keys(CASES).join(', ')}`);
const python = pythonWith(path.join(home, 'venv'), PACKAGES, say);
const report: unknown[] = [];
for (const name of cases) {
	await measure(
		name,
		CASES[name].filter((p) => !options.peer || options.peer.split(',').includes(p)),
	);
}
if (options.json) process.stdout.write(`${JSON.stringify(report, null, '\t')}\n`);

/** A process that makes data and trains. */
function partner(command: string, args: readonly string[]) {
	const { ask, close } = startPartner(command, args, { ...process.env, OMP_NUM_THREADS: String(threads) });
	return {
		make: async (how: Making) => (await ask({ make: how })) as Partial<Failed>,
		train: async (how: Training) => (await ask({ train: how })) as Trained | Failed,
		close,
	};
}
type Partner = ReturnType<typeof partner>;

/** What the runs of one side took. */
interface Seen {
	seconds: number[];
	predict: number[];
	row: number[];
	firstRow: number[];
	peak: number;
	version?: string;
	backend?: string;
	error?: string;
}

async function measure(name: string, peers: readonly string[]): Promise<void> {
	const runs = asked * (TIMES[name] ?? 1);
	const sets = Math.min(runs, SETS[name] ?? 1);
	const folders = Array.from({ length: sets }, (_, set) =>
		path.join(home, 'data', `${name}${scale === 1 ? '' : `-x${scale}`}${set ? `-${set}` : ''}`),
	);
	const peerScript = path.join(import.meta.dirname, 'peers.py');
	for (const [set, folder] of folders.entries()) {
		if (fs.existsSync(path.join(folder, 'about.json'))) continue;
		const maker = partner(python, [peerScript]);
		const { error } = await maker.make({
			case: name,
			folder,
			scale,
			seed: 20011 + set,
			flights: path.join(root, 'node_modules/vega-datasets/data/flights-3m.parquet'),
		});
		maker.close();
		if (error) throw new Error(error);
	}
	const about = JSON.parse(fs.readFileSync(path.join(folders[0], 'about.json'), 'utf8')) as About;
	const folderOf = (run: number) => folders[run % sets];
	const file = (run: number, who: string) => path.join(folderOf(run), `${who.replaceAll(' ', '-')}-${run}.p`);
	// A process each, so that peak memory is each one's own.
	const us = () => partner(process.execPath, [path.join(import.meta.dirname, 'ours.mts')]);
	const sides = new Map<string, Partner>([['ours', us()]]);
	if (peers.includes(QUANTIZED)) sides.set(OURS_QUANTIZED, us());
	for (const peer of peers) sides.set(peer, partner(python, [peerScript]));
	const seen = new Map([...sides.keys()].map((s): [string, Seen] => [s, { seconds: [], predict: [], row: [], firstRow: [], peak: 0 }]));
	for (let run = 0; run < runs; run++) {
		for (const [side, trainer] of sides) {
			const note = seen.get(side)!;
			if (note.error) continue;
			const answer = await trainer.train({
				folder: folderOf(run),
				threads,
				seed: run + 1,
				out: file(run, side),
				predict: true,
				...(side.startsWith('ours') ? { quantized: side !== 'ours' } : { peer: side }),
			});
			if ('error' in answer) {
				note.error = answer.error;
				say(`${name} ${side}: ${answer.error}`);
				continue;
			}
			note.seconds.push(answer.seconds);
			if (answer.predictSeconds !== undefined) note.predict.push(answer.predictSeconds);
			if (answer.rowMicroseconds !== undefined) note.row.push(answer.rowMicroseconds);
			if (answer.firstRowMicroseconds !== undefined) note.firstRow.push(answer.firstRowMicroseconds);
			note.peak = answer.peak;
			note.version = answer.version;
			note.backend = answer.backend;
		}
	}
	for (const s of sides.values()) s.close();
	const ours = seen.get('ours')!;
	if (ours.error) throw new Error(ours.error);
	const numbers = Array.from({ length: runs }, (_, run) => run);
	const y = numbers.map((run) => doubles(path.join(folderOf(run), 'test.y')));
	const answersOf = (side: string) => numbers.map((run) => doubles(file(run, side)));
	const mine = answersOf('ours');
	const score = mean(mine.map((p, run) => scoreOf(about, y[run], p)));
	const meanOf = runs > 1 ? ` (mean of ${runs}${sets > 1 ? ` on ${sets} data sets` : ''})` : '';
	say(
		`${name}: ours ${median(ours.seconds).toFixed(3)} s (${ours.backend}), score ${score.toFixed(5)}${meanOf}, ` +
			`peak ${(ours.peak / 1e6).toFixed(0)} MB, predict ${median(ours.predict).toFixed(3)} s, ` +
			`one row ${median(ours.row).toFixed(1)} us (of the first 5,000 ${median(ours.firstRow).toFixed(1)})`,
	);
	for (const peer of peers) {
		const theirs = seen.get(peer)!;
		if (theirs.error) continue;
		const p = answersOf(peer);
		const row = {
			case: name,
			peer,
			peerVersion: theirs.version,
			seconds: median(ours.seconds),
			peerSeconds: median(theirs.seconds),
			ratio: median(ours.seconds) / median(theirs.seconds),
			score,
			peerScore: mean(p.map((each, run) => scoreOf(about, y[run], each))),
			predictions: predictionsFile(folders[0], peer, about, y, mine, p),
			metric: metricOf(about),
			runs,
			dataSets: sets,
			threads,
			allSeconds: ours.seconds,
			allPeerSeconds: theirs.seconds,
			predictSeconds: median(ours.predict),
			peerPredictSeconds: median(theirs.predict),
			rowMicroseconds: median(ours.row),
			firstRowMicroseconds: median(ours.firstRow),
			peerRowMicroseconds: theirs.row.length ? median(theirs.row) : undefined,
			quantized:
				peer === QUANTIZED
					? {
							seconds: median(seen.get(OURS_QUANTIZED)!.seconds),
							score: mean(answersOf(OURS_QUANTIZED).map((each, run) => scoreOf(about, y[run], each))),
						}
					: undefined,
			peakBytes: ours.peak,
			peerPeakBytes: theirs.peak,
			backend: ours.backend,
		};
		report.push(row);
		const difference = (of: number) => `ours ${of - row.peerScore >= 0 ? '+' : ''}${(of - row.peerScore).toFixed(5)}`;
		const alike = row.quantized
			? `, with levels as coarse ${difference(row.quantized.score)} in ${row.quantized.seconds.toFixed(3)} s`
			: '';
		const one = row.peerRowMicroseconds === undefined ? '' : `, one row ${row.peerRowMicroseconds.toFixed(0)} us`;
		say(
			`  ${peer} ${theirs.version}: ${row.peerSeconds.toFixed(3)} s, ratio ${row.ratio.toFixed(2)}; ` +
				`${row.metric} ${row.peerScore.toFixed(5)} (${difference(score)}${alike}); peak ${(theirs.peak / 1e6).toFixed(0)} MB; ` +
				`predict ratio ${(row.predictSeconds / row.peerPredictSeconds).toFixed(2)}${one}`,
		);
	}
}

function mean(values: readonly number[]): number {
	return values.reduce((sum, v) => sum + v, 0) / values.length;
}

function doubles(from: string): Float64Array {
	const bytes = fs.readFileSync(from);
	return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

function metricOf({ task }: About): string {
	return task === 'binary' ? 'AUC' : task === 'multiclass' ? 'log loss' : 'RMSE';
}

function scoreOf({ task, classes }: About, y: Float64Array, p: Float64Array): number {
	if (task === 'regression') return Math.sqrt(y.reduce((s, v, i) => s + (v - p[i]) ** 2, 0) / y.length);
	if (task === 'multiclass') return -y.reduce((s, v, i) => s + Math.log(Math.max(1e-15, p[i * classes + v])), 0) / y.length;
	const order = Uint32Array.from(y.keys()).sort((a, b) => p[a] - p[b]);
	let positives = 0;
	let ranks = 0;
	for (let i = 0; i < order.length; ) {
		let j = i;
		while (j < order.length && p[order[j]] === p[order[i]]) j++;
		for (let k = i; k < j; k++)
			if (y[order[k]] === 1) {
				positives++;
				ranks += (i + j + 1) / 2;
			}
		i = j;
	}
	return (ranks - (positives * (positives + 1)) / 2) / (positives * (y.length - positives));
}

/** Labels and both sides' predictions as CSV, run after run, so that anyone can compute the scores again. */
function predictionsFile(
	folder: string,
	peer: string,
	about: About,
	y: readonly Float64Array[],
	mine: readonly Float64Array[],
	theirs: readonly Float64Array[],
): string {
	const k = about.task === 'multiclass' ? about.classes : 1;
	const names = (who: string) => (k === 1 ? [who] : Array.from({ length: k }, (_, c) => `${who}${c}`));
	const to = path.join(folder, `predictions-${peer.replaceAll(' ', '-')}.csv`);
	const out = fs.openSync(to, 'w');
	let text = `${['label', ...names('ours'), ...names('peer'), 'run'].join(',')}\n`;
	for (let run = 0; run < y.length; run++) {
		for (let i = 0; i < y[run].length; i++) {
			text += `${[y[run][i], ...mine[run].subarray(i * k, i * k + k), ...theirs[run].subarray(i * k, i * k + k), run].join(',')}\n`;
			if (text.length > 1 << 20) {
				fs.writeSync(out, text);
				text = '';
			}
		}
	}
	fs.writeSync(out, text);
	fs.closeSync(out);
	return to;
}
