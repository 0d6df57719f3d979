/*
 * npm run bench:gpu -- [--json] [--rows 1000000] [--epochs 8] [--batch-size 1024] [--seconds 120] [--runs 3] [--backend webgpu]
 * [--any-backend]
 * The tabular network on the graphics card, beside the same network in PyTorch on the same card: rows learned a second, and seconds until
 * the rows that are held back have the least loss that both reach. Without a card it says so and fails; --any-backend tries it out on the
 * processor.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { root } from '../../../scripts/build/paths.mts';
import { madeRows, writeRows } from '../shared/madeRows.mts';
import { median } from '../shared/median.mts';
import { pythonWithTorch } from '../shared/torch.mts';
import type { Device, Point, Task } from './contract.mts';
import { rowsASecond, sameLoss, secondsTo } from './curves.mts';

const COLUMNS = 50;
/** Rows that are held back, at most: as many as our training looks at. */
const TESTS = 20_000;
/** Backends that use a graphics card. */
const CARDS = ['webgpu', 'tfjs-node-gpu'];
/** Rows that the backends are compared on where there are several, and rows of a trial on the processor. */
const TRIED = 100_000;
const SMALL = 20_000;

const { values: options } = parseArgs({
	options: {
		json: { type: 'boolean', default: false },
		rows: { type: 'string' },
		epochs: { type: 'string', default: '8' },
		'batch-size': { type: 'string', default: '1024' },
		seconds: { type: 'string', default: '120' },
		runs: { type: 'string', default: '3' },
		backend: { type: 'string', default: CARDS.join() },
		'any-backend': { type: 'boolean', default: false },
	},
});
const anyBackend = options['any-backend'];
const say = (text: string) => void process.stderr.write(`${text}\n`);

/** A whole number of at least `least`. @throws Error */
function number(name: 'rows' | 'epochs' | 'batch-size' | 'seconds' | 'runs', least: number, otherwise = 0): number {
	const value = Number(options[name] ?? otherwise);
	if (!Number.isInteger(value) || value < least) throw new Error(`--${name} has to be a whole number of at least ${least}.`);
	return value;
}

interface Found extends Device {
	backend: string;
}

/** What another process says in its last line. @throws Error with the end of what it complained of */
function said<T>(command: string, args: readonly string[]): T {
	const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1e8 });
	if (status !== 0) throw new Error(error?.message ?? stderr.trim().slice(-1000));
	return JSON.parse(stdout.trim().split('\n').at(-1)!) as T;
}

const ours = <T,>(backend: string, ...task: Task[]): T =>
	said(process.execPath, [path.join(import.meta.dirname, 'ours.mts'), backend, ...task.map((t) => JSON.stringify(t))]);
const theirs = <T,>(python: string, ...task: Task[]): T =>
	said(python, ['-B', path.join(import.meta.dirname, 'peers.py'), ...task.map((t) => JSON.stringify(t))]);

/** Backends with a graphics card, and why each other one has none. */
function look(): { found: Found[]; without: Found[]; why: string[] } {
	const [found, without, why]: [Found[], Found[], string[]] = [[], [], []];
	for (const backend of options.backend.split(',')) {
		try {
			const device = ours<Device>(backend);
			(device.gpu ? found : without).push({ ...device, backend });
			if (!device.gpu) why.push(`${backend} computes on ${device.name}, which is no graphics card.`);
		} catch (thrown) {
			// Drivers may complain at length before.
			why.push((thrown as Error).message.split('\n').at(-1)!);
		}
	}
	return { found, without, why };
}

/** The backend that learns most rows a second, tried out where there are several. */
function fastest(found: readonly Found[], task: Task): Found {
	if (found.length === 1) return found[0];
	const tried = found.map((one) => {
		const rows = Math.min(task.rows, TRIED);
		const rate = rowsASecond(ours<Point[]>(one.backend, { ...task, rows, epochs: 3 }), rows);
		say(`${one.backend}: ${Math.round(rate)} rows a second in a trial with ${rows} rows`);
		return { one, rate };
	});
	return tried.reduce((a, b) => (b.rate > a.rate ? b : a)).one;
}

/** What computes: a card's backend, or where that is allowed one that was asked for by name, or WebAssembly. */
function chosen(): Found[] | undefined {
	const { found, without, why } = look();
	if (found.length) return found;
	say(`No network can be trained on a graphics card here. ${why.join(' ')}`);
	if (anyBackend) return options.backend === CARDS.join() ? [{ ...ours<Device>('wasm'), backend: 'wasm' }] : without;
	say(`On the processor it can be tried out in small: npm run bench:gpu -- --any-backend --rows ${SMALL}`);
	return undefined;
}

/** The file's exit code. */
function main(): number {
	const found = chosen();
	if (!found?.length) return 1;
	const python = pythonWithTorch(say);
	const peer = theirs<Device>(python);
	if (!peer.gpu && !anyBackend) {
		say(`PyTorch ${peer.version} finds no CUDA here, so there is nothing to compare with on the same card.`);
		return 1;
	}
	const folder = path.join(root, '.peers/gpu');
	fs.mkdirSync(folder, { recursive: true });
	try {
		compare(found, python, peer, folder);
	} finally {
		fs.rmSync(folder, { recursive: true, force: true });
	}
	return 0;
}

function compare(found: readonly Found[], python: string, peer: Device, folder: string): void {
	const rows = number('rows', 1000, found[0].gpu ? 1_000_000 : SMALL);
	const task: Task = {
		folder,
		rows,
		tests: Math.min(rows, TESTS),
		columns: COLUMNS,
		epochs: number('epochs', 2),
		batchSize: number('batch-size', 1),
		seconds: number('seconds', 1),
		seed: 1,
	};
	writeRows(folder, 'train', madeRows(rows, COLUMNS, 1));
	const tests = madeRows(task.tests, COLUMNS, 2);
	writeRows(folder, 'test', tests);
	const one = fastest(found, task);
	say(`Ours: ${one.backend} on ${one.name}; PyTorch ${peer.version} on ${peer.name}; ${rows} rows of ${COLUMNS} columns.`);
	if (one.gpu !== peer.gpu) say('Only one of the two computes on a graphics card: no ratio says anything.');
	const runs = Array.from({ length: number('runs', 1) }, (_, run) => {
		const [mine, other] = [ours<Point[]>(one.backend, { ...task, seed: run + 1 }), theirs<Point[]>(python, { ...task, seed: run + 1 })];
		const loss = sameLoss(mine, other);
		const least = [mine, other].map((curve) => Math.min(...curve.map((p) => p.loss)).toFixed(4));
		say(
			`Run ${run + 1}: least loss ours ${least[0]}, PyTorch ${least[1]} (whoever knows how the rows were made: ${tests.least.toFixed(4)})`,
		);
		return {
			rates: [mine, other].map((curve) => rowsASecond(curve, rows)),
			times: [mine, other].map((curve) => secondsTo(curve, loss)),
		};
	});
	const told = (name: string, of: 'rates' | 'times', unit: string) => {
		const [value, peerValue] = [0, 1].map((side) => median(runs.map((run) => run[of][side])));
		const ratio = value / peerValue;
		say(`${name}: ours ${value.toPrecision(3)}, PyTorch ${peerValue.toPrecision(3)} ${unit} (${ratio.toFixed(2)} times)`);
		return { case: name, peer: 'torch', peerVersion: peer.version, value, peerValue, ratio, unit };
	};
	const report = [told('rows', 'rates', 'rows/s'), told('same-loss', 'times', 's')];
	if (options.json) process.stdout.write(`${JSON.stringify(report, null, '\t')}\n`);
}

process.exit(main());
