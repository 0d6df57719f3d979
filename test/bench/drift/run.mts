/*
 * npm run bench:drift -- [--json] [--case default,evidently,sketch] [--scale 1] [--runs 3] [--threads 2]
 * Compares a table of 1 M rows with another one, 40 columns of numbers and 10 of categories each, by us and by Evidently, in one run:
 * with all rows in memory on both sides, and from the files on (ours: from the store to the report that is kept there). `sketch`: what is
 * kept of the first table against the 100,000 rows of a day; Evidently keeps nothing and needs the table. Evidently, of which a run takes
 * minutes, is asked once.
 */
import fs from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { root } from '../../../scripts/build/paths.mts';
import { median } from '../shared/median.mts';
import { partner } from '../shared/partner.mts';
import { pythonWith } from '../shared/python.mts';
import type { Asked, Compared } from './messages.mts';

const ROWS = 1_000_000;
const DAY = 100_000;
const CASES = ['default', 'evidently', 'sketch'];
const PACKAGES = ['evidently==0.7.23', 'pandas<3', 'pyarrow'];
/** Scores of the mode that follows Evidently agree with it to this. */
const TOLERANCE = 1e-9;

const { values: options } = parseArgs({
	options: {
		json: { type: 'boolean', default: false },
		case: { type: 'string', default: CASES.join(',') },
		scale: { type: 'string', default: '1' },
		runs: { type: 'string', default: '3' },
		threads: { type: 'string', default: String(Math.min(availableParallelism(), 8)) },
	},
});
const cases = options.case.split(',');
const unknown = cases.find((name) => !CASES.includes(name));
if (unknown !== undefined) throw new Error(`There is no case "${unknown}": ${CASES.join(', ')}`);
const [scale, runs, threads] = [options.scale, options.runs, options.threads].map(Number);
const say = (text: string) => process.stderr.write(`${text}\n`);
const home = path.join(root, '.peers/drift');
const folder = path.join(home, scale === 1 ? 'data' : `data-x${scale}`);

const python = pythonWith(path.join(home, 'evidently'), PACKAGES, say);
const peer = partner(python, [path.join(import.meta.dirname, 'peer.py')]);
fs.mkdirSync(folder, { recursive: true });
if (!fs.existsSync(path.join(folder, 'day.parquet')))
	await peer.ask({ make: { folder, rows: Math.round(ROWS * scale), day: Math.round(DAY * scale) } });
say('Keeping the tables in a store (once) ...');
await once({ keep: folder });

type Peers = Compared & { version: string };
const theirs = new Map<string, Peers>();
const report: unknown[] = [];
for (const name of cases) await measure(name);
peer.close();
if (options.json) process.stdout.write(`${JSON.stringify(report, null, '\t')}\n`);

/** Our answer from a process of its own, so that peak memory is this one's. */
async function once(what: { keep: string } | { compare: Asked }): Promise<unknown> {
	const ours = partner(process.execPath, [path.join(import.meta.dirname, 'ours.mts')]);
	const answer = await ours.ask(what);
	ours.close();
	return answer;
}

async function askPeer(current: string): Promise<Peers> {
	const known = theirs.get(current);
	if (known) return known;
	say(`Evidently compares (${current}) ...`);
	const answer = (await peer.ask({ compare: { folder, reference: 'reference', current } })) as Peers;
	theirs.set(current, answer);
	return answer;
}

async function measure(name: string): Promise<void> {
	const sketch = name === 'sketch';
	const current = sketch ? 'day' : 'current';
	const mode = name === 'evidently' ? 'evidently' : 'default';
	const peers = await askPeer(current);
	const all: Compared[] = [];
	for (let run = 0; run < runs; run++)
		all.push((await once({ compare: { folder, reference: 'reference', current, mode, sketch, threads } })) as Compared);
	if (mode === 'evidently') agree(all[0], peers);
	const of = (pick: (seen: Compared) => number) => median(all.map(pick));
	const row = (what: string, value: number, peerValue: number) => ({
		case: what,
		peer: 'evidently',
		peerVersion: peers.version,
		value,
		peerValue,
		ratio: value / peerValue,
		unit: 's',
	});
	const fromFiles = of((seen) => seen.fromStore ?? seen.reading + seen.comparing);
	const rows = [
		row(
			name,
			of((seen) => seen.comparing),
			peers.comparing,
		),
		row(`${name}, from files`, fromFiles, peers.reading + peers.comparing),
	];
	report.push(...rows);
	for (const { case: what, value, peerValue, ratio } of rows)
		say(`${what}: ours ${value.toFixed(2)} s, Evidently ${peerValue.toFixed(2)} s: ${(1 / ratio).toFixed(1)} times as fast`);
	say(`  peak memory of ours: ${(Math.max(...all.map((seen) => seen.peak)) / 1e6).toFixed(0)} MB`);
}

/** @throws Error where the mode that follows Evidently says something else than Evidently */
function agree(ours: Compared, peers: Compared): void {
	const names = Object.keys(peers.columns);
	if (names.length !== Object.keys(ours.columns).length) throw new Error('Evidently compared other columns.');
	let worst = 0;
	for (const name of names) {
		const [mine, its] = [ours.columns[name], peers.columns[name]];
		if (mine?.drifted !== its.drifted) throw new Error(`${name}: Evidently says drifted ${its.drifted}, ours ${mine?.drifted}`);
		worst = Math.max(worst, Math.abs(mine.score - its.score));
	}
	if (!(worst <= TOLERANCE)) throw new Error(`Scores are not Evidently's: the farthest is off by ${worst}`);
	say(`  ${names.length} verdicts as Evidently's, the score farthest off by ${worst.toExponential(1)}`);
}
