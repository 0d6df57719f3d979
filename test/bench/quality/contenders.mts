import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { root } from '../../../scripts/build/paths.mts';
import type { About, Answer, Result, Task } from './contract.mts';
import { errorsOf } from './errors.mts';
import { keepAnswer, keptAnswer } from './kept.mts';
import { SETS } from './sets.mts';
import { truthOf } from './tables.mts';

export const PEER_PACKAGES = [
	'numpy==2.4.6',
	'pandas==3.1.1',
	'lightgbm==4.7.0',
	'scikit-learn==1.9.1',
	'catboost==1.2.10',
	'xgboost-cpu==3.2.0',
	'FLAML==2.8.0',
];
export const PEERS = ['lightgbm', 'hgb', 'forest', 'catboost', 'flaml'];
export const OURS = 'ours';
/** Of the peers, those that take as much time as they are given; the others are asked once, whatever the budget. */
const BUDGETED: ReadonlySet<string> = new Set(['flaml']);

/** Parts of Automatic that an option takes away. */
export const PARTS: Readonly<Record<string, { without: string; options: Readonly<Record<string, unknown>> }>> = {
	'one-member': { without: 'the mean of several models', options: { mostMembers: 1 } },
	'one-model': { without: 'the mean of several models and calibration', options: { oneModelOnly: true } },
	'no-refit': { without: 'fitting once more on the validation rows', options: { refit: false } },
};

export interface Round {
	home: string;
	python: string;
	seconds: number;
	threads: number;
	/** Whether answers of peers that earlier runs kept are taken, and whether those of this one are kept. */
	kept: boolean;
	keep: boolean;
}

/**
 * One contender on one division of one set: what its file says, if it was asked the same by the same code; else it is asked, in a process of
 * its own, and the file is written.
 */
export function contend(id: string, seed: number, contender: string, tables: { folder: string; about: About }, round: Round): Result {
	const budget = isOurs(contender) || BUDGETED.has(contender) ? `${round.seconds}s` : 'any';
	const file = path.join(round.home, 'results', `${budget}-${round.threads}t`, id, String(seed), `${contender}.json`);
	const key = keyOf(contender, tables.about, budget, round.threads);
	const place = { set: id, seed, contender, given: `${budget} ${round.threads}t` };
	const found = known(file, key) ?? (round.kept && !isOurs(contender) ? keptAnswer(place, key) : undefined);
	const result = found ?? { key, ...ask(id, seed, contender, tables, round) };
	if (round.keep && !isOurs(contender)) keepAnswer(place, result);
	if (found) return found;
	fs.mkdirSync(path.dirname(file), { recursive: true });
	fs.writeFileSync(`${file}.part`, JSON.stringify(result, null, '\t'));
	fs.renameSync(`${file}.part`, file);
	return result;
}

function known(file: string, key: string): Result | undefined {
	if (!fs.existsSync(file)) return undefined;
	const result = JSON.parse(fs.readFileSync(file, 'utf8')) as Result;
	return result.key === key ? result : undefined;
}

const isOurs = (contender: string): boolean => contender === OURS || Object.hasOwn(PARTS, contender);

/** Ours by its code, peers by their versions and by what they are given. */
function keyOf(contender: string, { made }: About, budget: string, threads: number): string {
	const code = isOurs(contender)
		? fs.readFileSync(path.join(root, 'dist/build.json'), 'utf8')
		: PEER_PACKAGES.join() + fs.readFileSync(path.join(import.meta.dirname, 'peers.py'), 'utf8');
	return createHash('sha256')
		.update(JSON.stringify([code, PARTS[contender] ?? '', made, budget, threads]))
		.digest('hex');
}

function ask(id: string, seed: number, contender: string, { folder, about }: { folder: string; about: About }, round: Round) {
	const { target, task } = SETS[id];
	const own = path.join(folder, String(seed));
	const out = path.join(own, `${contender}.answers`);
	const asked: Task = { folder: own, about, target, task, seed, seconds: round.seconds, threads: round.threads, out };
	const ours = isOurs(contender);
	const program = ours
		? [process.execPath, path.join(import.meta.dirname, 'ours.mts'), JSON.stringify({ ...asked, options: PARTS[contender]?.options })]
		: [round.python, path.join(import.meta.dirname, 'peers.py'), JSON.stringify({ ...asked, peer: contender })];
	const measure = path.join(import.meta.dirname, '../shared/measure.py');
	const [command, ...args] = [...pinned(round.threads), round.python, measure, ...program];
	const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1e8 });
	if (status !== 0) return { failed: error?.message ?? stderr.trim().slice(-500) };
	const {
		status: ended,
		said,
		seconds: wall,
		cpu,
		peak,
	} = JSON.parse(stdout) as Record<'status' | 'seconds' | 'cpu' | 'peak', number> & {
		said: string;
	};
	if (ended !== 0) return { failed: stderr.trim().slice(-500) || `ended with ${ended}` };
	try {
		const bytes = fs.readFileSync(out);
		const answers = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
		return { ...(JSON.parse(said) as Answer), wall, cpu, peak, errors: errorsOf(task, truthOf(folder, seed, about), answers) };
	} catch (thrown) {
		return { failed: thrown instanceof Error ? thrown.message : String(thrown) };
	}
}

/** Before a command: keeps it to so many processors, where there are more of them and the system can. */
function pinned(threads: number): string[] {
	if (availableParallelism() <= threads || spawnSync('taskset', ['--version']).status !== 0) return [];
	return ['taskset', '-c', `0-${threads - 1}`];
}
