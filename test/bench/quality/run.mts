/*
 * npm run bench:quality -- [--json] [--set churn,...] [--peer catboost,...] [--seconds 60] [--seeds 3] [--threads 2] [--parts]
 *     [--kept] [--keep] [--peers-alone]
 * How good the answers of Automatic are beside those of other libraries, on public tables: everybody learns from the same rows and is asked
 * about the same others. What was answered is kept in .peers/quality/results, so a run that was ended goes on where it was; ours is asked
 * anew where its code changed. README.md says what each side is given. `--keep` keeps what peers answered in kept.jsonl, `--kept` takes it
 * from there, and `--peers-alone` asks nobody else.
 */
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { root } from '../../../scripts/build/paths.mts';
import { pythonWith } from '../shared/python.mts';
import { contend, OURS, PARTS, PEER_PACKAGES, PEERS } from './contenders.mts';
import type { Result } from './contract.mts';
import { reportOf, tableOf, type Seen } from './report.mts';
import { SETS } from './sets.mts';
import { tablesOf } from './tables.mts';

const { values: options } = parseArgs({
	options: {
		json: { type: 'boolean', default: false },
		set: { type: 'string' },
		peer: { type: 'string' },
		seconds: { type: 'string', default: '60' },
		seeds: { type: 'string', default: '3' },
		threads: { type: 'string', default: '2' },
		parts: { type: 'boolean', default: false },
		kept: { type: 'boolean', default: false },
		keep: { type: 'boolean', default: false },
		'peers-alone': { type: 'boolean', default: false },
	},
});
const say = (text: string) => process.stderr.write(`${text}\n`);
const chosen = (asked: string | undefined, all: readonly string[], what: string): string[] => {
	const names = asked?.split(',') ?? [...all];
	const unknown = names.find((name) => !all.includes(name));
	if (unknown !== undefined) throw new Error(`There is no ${what} "${unknown}": ${all.join(', ')}`);
	return names;
};
// Told before anything is installed for it.
const sets = chosen(options.set, Object.keys(SETS), 'set');
const peers = chosen(options.peer, PEERS, 'peer');
const ours = options['peers-alone'] ? [] : [OURS, ...(options.parts ? Object.keys(PARTS) : [])];
const contenders = [...ours, ...peers];
const seeds = Array.from({ length: Number(options.seeds) }, (_, n) => n);
const home = path.join(root, '.peers/quality');
const python = pythonWith(path.join(home, 'python'), PEER_PACKAGES, say);
const round = { home, python, seconds: Number(options.seconds), threads: Number(options.threads), kept: options.kept, keep: options.keep };

const seen: Seen = new Map();
for (const id of sets) {
	const tables = tablesOf(id, seeds, home, python);
	const of = new Map<string, Result[]>(contenders.map((contender) => [contender, []]));
	for (const seed of seeds)
		for (const contender of contenders) {
			const result = contend(id, seed, contender, tables, round);
			of.get(contender)!.push(result);
			if (result.failed !== undefined) say(`${id} (seed ${seed}): ${contender} failed: ${result.failed}`);
		}
	seen.set(id, of);
	say(tableOf(id, of));
}
const report = ours.length ? reportOf(seen, peers) : [];
for (const { peer, peerVersion, value, ratio } of report.filter((row) => row.case === 'overall'))
	say(
		`${peer} ${peerVersion}: ours is better on ${(100 * value).toFixed(0)} % of ${sets.length} sets, its errors are ${ratio.toFixed(3)} of theirs`,
	);
if (options.json) process.stdout.write(`${JSON.stringify(report, null, '\t')}\n`);
