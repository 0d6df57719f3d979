// What peers answered in earlier runs, beside the code: theirs do not change while their versions and what they are given do not, and the
// whole benchmark takes longer than most machines are free for. A line an answer; `--keep` writes them, `--kept` takes them.
import fs from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import type { Result } from './contract.mts';

const FILE = path.join(import.meta.dirname, 'kept.jsonl');

/** Who answered what, where and when. */
interface Kept extends Result {
	set: string;
	seed: number;
	contender: string;
	/** `60s` or `any`, and threads. */
	given: string;
	machine: string;
	day: string;
}

const placeOf = ({ set, seed, contender, given }: Pick<Kept, 'set' | 'seed' | 'contender' | 'given'>): string =>
	[set, seed, contender, given].join(' ');

function read(): Map<string, Kept> {
	const lines = fs.existsSync(FILE) ? fs.readFileSync(FILE, 'utf8').split('\n').filter(Boolean) : [];
	return new Map(lines.map((line) => JSON.parse(line) as Kept).map((kept) => [placeOf(kept), kept]));
}

/** The kept answer to the very same question, by its key. */
export const keptAnswer = (place: Pick<Kept, 'set' | 'seed' | 'contender' | 'given'>, key: string): Result | undefined => {
	const kept = read().get(placeOf(place));
	return kept?.key === key ? kept : undefined;
};

/** Keeps an answer in the place of an earlier one. Failures are not kept: they may be this machine's. */
export function keepAnswer(place: Pick<Kept, 'set' | 'seed' | 'contender' | 'given'>, result: Result): void {
	if (result.failed !== undefined) return;
	const all = read();
	const known = all.get(placeOf(place));
	if (known?.key === result.key) return;
	const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`;
	all.set(placeOf(place), { ...place, ...result, machine, day: new Date().toISOString().slice(0, 10) });
	const sorted = [...all].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, kept]) => JSON.stringify(kept));
	fs.writeFileSync(`${FILE}.part`, `${sorted.join('\n')}\n`);
	fs.renameSync(`${FILE}.part`, FILE);
}
