// The page of the small tables, test/cases/README.md, made from the cases.json of each folder there.
// `--write` writes it, and anything else only says whether it is out of date.
import fs from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { root } from '../build/paths.mts';

const folder = path.join(root, 'test/cases');
const page = path.join(folder, 'README.md');
const command = 'node scripts/generate/cases.mts --write';

const cell = (text: unknown) => String(text).replace(/\s+/g, ' ').replace(/\|/g, '\\|').replace(/</g, '&lt;').trim();
const report = (like: unknown) =>
	String(like)
		.split(/,\s*/)
		.map((one) => one.replace(/^([\w.-]+\/[\w.-]+)#(\d+)$/, '[$&](https://github.com/$1/issues/$2)'))
		.join(', ');

async function pageOf() {
	const kinds = (await fs.readdir(folder, { withFileTypes: true }))
		.filter((e) => e.isDirectory())
		.map((e) => e.name)
		.sort();
	const sections: string[] = [];
	let count = 0;
	for (const kind of kinds) {
		const text = await fs.readFile(path.join(folder, kind, 'cases.json'), 'utf8').catch(() => undefined);
		if (text === undefined) continue;
		const cases = JSON.parse(text) as Array<{ file?: string; title: string; like: string; right: string }>;
		count += cases.length;
		sections.push(
			`## ${kind}`,
			[
				'| Case | What is right | Like |',
				'|---|---|---|',
				...cases.map((c) => {
					const title = c.file ? `[${cell(c.title)}](${encodeURI(`${kind}/${c.file}`)})` : cell(c.title);
					return `| ${title} | ${cell(c.right)} | ${report(c.like)} |`;
				}),
			].join('\n'),
		);
	}
	return `${[
		'# Cases',
		`<!-- Made by \`${command}\` from the cases.json of each folder: edit those, not this file. -->`,
		`${count} small tables and requests, each in the manner of a public report about another tool (the tables are our own), with the ` +
			'outcome that is right. A case with an `expect` is read by [cases.test.ts](cases.test.ts), whose first lines say ' +
			'what it may hold: adding one needs no code. The others stand in tests of their own.',
		...sections,
	].join('\n\n')}\n`;
}

const text = await pageOf();
if (text === (await fs.readFile(page, 'utf8').catch(() => ''))) {
	if (process.argv.includes('--write')) console.log('test/cases/README.md is up to date.');
} else if (process.argv.includes('--write')) {
	await fs.writeFile(page, text);
	console.log('Wrote test/cases/README.md.');
} else {
	console.error(`test/cases/README.md does not list the cases that there are. Write it anew: ${command}`);
	process.exitCode = 1;
}
