/*
 * npm run bench:data -- [--json] [--case ingest-1m,...] [--peer pandas,polars] [--rows N] [--runs 3] [--threads 2]
 * What preparing data takes, by us and by Python's libraries: whole processes in turn, on the same table of 20 mixed columns. Each case is
 * a file in cases/: what is asked, and the programs that answer it. Both sides must find the same.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { root } from '../../../scripts/build/paths.mts';
import { median } from '../shared/median.mts';
import { pythonWith } from '../shared/python.mts';
import { CASES } from './cases/index.mts';
import type { Answer, Case, Task } from './contract.mts';

const PACKAGES = ['pandas==3.1.1', 'polars==2.1.0', 'pyarrow==26.0.1', 'numpy==2.4.6', 'scikit-learn==1.9.1'];
/** Runs of large tables: a run takes minutes there, and what differs between them is little beside it. */
const LARGE = 5_000_000;

interface Measured {
	seconds: number;
	/** Processor time of all its processes. */
	cpu: number;
	/** Resident memory of its largest process at most, in bytes. */
	peak: number;
	answer: Answer;
}

const { values: options } = parseArgs({
	options: {
		json: { type: 'boolean', default: false },
		case: { type: 'string' },
		peer: { type: 'string' },
		rows: { type: 'string' },
		runs: { type: 'string' },
		threads: { type: 'string', default: String(Math.min(availableParallelism(), 8)) },
	},
});
const say = (text: string) => process.stderr.write(`${text}\n`);
const home = path.join(root, '.peers/data');
const known = CASES.flatMap((of) =>
	options.rows
		? [{ name: `${of.id}-${options.rows}`, alias: [of.id, ...namesOf(of)], of, rows: Number(options.rows) }]
		: Object.entries(of.sizes).map(([size, rows]) => ({ name: `${of.id}-${size}`, alias: [of.id], of, rows })),
);
const asked = options.case?.split(',');
const unknown = asked?.find((name) => !known.some((k) => k.name === name || k.alias.includes(name)));
// Told before anything is installed for it.
if (unknown !== undefined) throw new Error(`There is no case "${unknown}": ${CASES.flatMap(namesOf).join(', ')}`);
// Python keeps what it compiled beside its libraries; so may Node.
process.env['NODE_COMPILE_CACHE'] ??= path.join(home, 'compiled');
const python = pythonWith(path.join(home, 'python'), PACKAGES, say);
const report: unknown[] = [];
for (const { name, alias, of, rows } of known)
	if (!asked || asked.some((a) => a === name || alias.includes(a))) await measure(name, of, rows);
if (options.json) process.stdout.write(`${JSON.stringify(report, null, '\t')}\n`);

function namesOf({ id, sizes }: Case): string[] {
	return Object.keys(sizes).map((size) => `${id}-${size}`);
}

function python3(args: readonly string[]): string {
	const { status, stdout, error } = spawnSync(python, args, { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });
	if (status !== 0) throw new Error(`${path.basename(args[0])} failed${error ? `: ${error.message}` : ''}`);
	return stdout;
}

/** The table as a file, made once. */
function table(rows: number): string {
	const file = path.join(home, `table-${rows}.csv`);
	if (fs.existsSync(file)) return file;
	say(`Making a table of ${rows.toLocaleString('en')} rows (once) ...`);
	python3([path.join(import.meta.dirname, 'make.py'), `${file}.part`, String(rows)]);
	fs.renameSync(`${file}.part`, file);
	return file;
}

/** What the case's programs start from. */
function ready({ id, ready: program }: Case, csv: string, rows: number): void {
	const done = `${csv}.${program}`;
	if (!program || fs.existsSync(done)) return;
	say(`Getting the table ready for ${id} (once) ...`);
	once({ id, ours: program, theirs: '' }, csv, rows);
	fs.writeFileSync(done, '');
}

/** One process, from its start to its end, in an empty folder that goes with it. */
function once(of: Pick<Case, 'id' | 'ours' | 'theirs'>, csv: string, rows: number, peer?: string): Measured {
	const folder = fs.mkdtempSync(path.join(home, 'run-'));
	try {
		const task: Task = { id: of.id, csv, rows, folder, threads: Number(options.threads), ...(peer ? { peer } : {}) };
		const program = peer ? of.theirs : of.ours;
		const command = program.endsWith('.py') ? python : process.execPath;
		const script = path.join(import.meta.dirname, 'cases', program);
		const out = python3([path.join(import.meta.dirname, '../shared/measure.py'), command, script, JSON.stringify(task)]);
		const { status, said, ...seen } = JSON.parse(out) as Omit<Measured, 'answer'> & { status: number; said: string };
		if (status !== 0) throw new Error(`${peer ?? 'Ours'} ended with ${status}: ${said}`);
		const answer = JSON.parse(said) as Answer;
		return { ...seen, seconds: answer.seconds ?? seen.seconds, answer };
	} finally {
		fs.rmSync(folder, { recursive: true, force: true });
	}
}

async function measure(name: string, of: Case, rows: number): Promise<void> {
	const csv = table(rows);
	ready(of, csv, rows);
	const peers = of.peers.filter((peer) => !options.peer || options.peer.split(',').includes(peer));
	const runs = Number(options.runs ?? (rows >= LARGE ? 1 : 3));
	const seen = new Map<string | undefined, Measured[]>([undefined, ...peers].map((side) => [side, []]));
	for (let run = 0; run < runs; run++) for (const [side, all] of seen) all.push(once(of, csv, rows, side));
	const ours = seen.get(undefined)!;
	const medianOf = (all: readonly Measured[], pick: (seen: Measured) => number) => median(all.map(pick));
	const told = (all: readonly Measured[]) =>
		`${shown(medianOf(all, (s) => s.seconds))} (${medianOf(all, (s) => s.cpu).toFixed(2)} s of processors), ` +
		`${(medianOf(all, (s) => s.peak) / 1e6).toFixed(0)} MB`;
	say(`${name}: ours ${told(ours)}`);
	for (const peer of peers) {
		const theirs = seen.get(peer)!;
		agree(name, peer, ours[0].answer.found, theirs[0].answer.found, of);
		const row = (unit: 's' | 'MB', pick: (seen: Measured) => number) => {
			const [value, peerValue] = [medianOf(ours, pick), medianOf(theirs, pick)];
			return { case: name, peer, peerVersion: theirs[0].answer.version, value, peerValue, ratio: value / peerValue, unit };
		};
		const rowsOf = [row('s', (s) => s.seconds), row('MB', (s) => s.peak / 1e6)];
		report.push(...rowsOf);
		say(`  ${peer} ${rowsOf[0].peerVersion}: ${told(theirs)}; ratios ${rowsOf.map((r) => r.ratio.toFixed(2)).join(' and ')}`);
	}
}

/** Seconds with two digits behind the point, less of them in millionths. */
function shown(seconds: number): string {
	return seconds < 0.01 ? `${(seconds * 1e6).toFixed(2)} µs` : `${seconds.toFixed(2)} s`;
}

/** @throws Error where one side found something else than the other */
function agree(name: string, peer: string, ours: Answer['found'], theirs: Answer['found'], { tolerance, atMost }: Case): void {
	for (const [what, value] of Object.entries(theirs)) {
		const mine = ours[what];
		const far = atMost?.includes(what) ? mine - value : Math.abs(mine - value);
		if (atMost?.includes(what)) say(`  ${what}: ours ${mine}, ${peer} ${value}`);
		if (mine === undefined || !(far <= tolerance * Math.max(1, Math.abs(value))))
			throw new Error(`${name}: ${what} is ${mine}, but ${peer} says ${value}`);
	}
}
