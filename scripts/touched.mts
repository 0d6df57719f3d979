// How many files of the project a newcomer changes to add something: each example of lib/README.md is put into a clean tree as the page
// says (its file, and its line in the list that the page names), built, and what git then sees is counted. `--base REV` counts in another
// commit.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import ts from 'typescript';
import { root } from './build/paths.mts';

/** Files that were there before and that a new one of a kind may change, its line in the list and the generated reference among them. */
const MOST = 2;
const MOST_BY_TITLE: Record<string, number> = { 'A task': 3 };

interface Example {
	/** The heading that it stands under. */
	title: string;
	/** Where its file goes. */
	file: string;
	code: string;
	/** The file whose list names all of its kind. */
	list: string;
	/** Where its id is kept too, and the entry there. */
	id?: { file: string; entry: string };
}

/** The complete examples of the architecture page: those under a heading whose text says where they are listed. */
export function examplesOf(page: string): Example[] {
	return page
		.split(/^### /m)
		.slice(1)
		.flatMap((section) => {
			const [title] = section.split('\n');
			const [, list] = /Listed in `([^`]+)`/.exec(section) ?? [];
			const [, file, code] = /```ts\n\/\/ (\S+)\n([^]*?)```/.exec(section) ?? [];
			const [, kept, entry] = /Its id goes to `([^`]+)`: `([^`]+)`/.exec(section) ?? [];
			return list && file ? [{ title, file, code, list: `lib/${list}`, ...(kept ? { id: { file: `lib/${kept}`, entry } } : {}) }] : [];
		});
}

/** A list's file with one more entry: an import, and its name at the end of the first list or table. */
export const listed = (source: string, name: string, from: string): string =>
	`import { ${name} } from '${from}';\n${withEntry(source, name)}`;

/** A file with one more entry at the end of its first list or table. */
export function withEntry(source: string, entry: string): string {
	const parsed = ts.createSourceFile('list.ts', source, ts.ScriptTarget.Latest, true);
	let at: number | undefined;
	const plain = (node: ts.Expression): ts.Expression =>
		ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isParenthesizedExpression(node) ? plain(node.expression) : node;
	for (const statement of parsed.statements) {
		if (at !== undefined || !ts.isVariableStatement(statement)) continue;
		for (const { initializer } of statement.declarationList.declarations) {
			const value = initializer && plain(initializer);
			if (value && ts.isArrayLiteralExpression(value)) at ??= value.elements.end;
			if (value && ts.isObjectLiteralExpression(value)) at ??= value.properties.end;
		}
	}
	if (at === undefined) throw new Error(`The file that lists them has no list:\n${source}`);
	const comma = /,\s*$/.test(source.slice(0, at)) ? '' : ',';
	return `${source.slice(0, at)}${comma} ${entry}${source.slice(at)}`;
}

const git = (folder: string, ...args: string[]): string => execFileSync('git', args, { cwd: folder, encoding: 'utf8' });
const node = (folder: string, ...args: string[]): string =>
	execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** The packages of this clone in another folder, without what its builds left there. */
function linkModules(folder: string): void {
	fs.mkdirSync(path.join(folder, 'node_modules'));
	for (const entry of fs.readdirSync(path.join(root, 'node_modules')))
		if (entry !== '.cache') fs.symlinkSync(path.join(root, 'node_modules', entry), path.join(folder, 'node_modules', entry));
}

/** Adds one example to a clean tree, builds it, makes the reference anew, and says which files that were there before have changed. */
function changedBy(folder: string, { file, code, list, id }: Example): string[] {
	const name = [...code.matchAll(/^export const (\w+)/gm)].at(-1)![1];
	const from = path.posix.relative(path.posix.dirname(list), file).replace(/\.ts$/, '.js');
	fs.mkdirSync(path.join(folder, path.dirname(file)), { recursive: true });
	fs.writeFileSync(path.join(folder, file), code);
	const listFile = path.join(folder, list);
	fs.writeFileSync(listFile, listed(fs.readFileSync(listFile, 'utf8'), name, from.startsWith('.') ? from : `./${from}`));
	if (id) {
		const kept = path.join(folder, id.file);
		fs.writeFileSync(kept, withEntry(fs.readFileSync(kept, 'utf8'), id.entry));
	}
	node(folder, 'node_modules/@biomejs/biome/bin/biome', 'format', '--write', file, list, ...(id ? [id.file] : []));
	node(folder, 'node_modules/gulp/bin/gulp.js', 'compile');
	node(folder, 'scripts/generate/reference.mts', '--write');
	return git(folder, 'diff', '--name-only', 'HEAD').trim().split('\n').filter(Boolean);
}

export function main(): number {
	const { values } = parseArgs({ options: { base: { type: 'string', default: 'HEAD' } } });
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mlops-touched-'));
	git(root, 'worktree', 'add', '--detach', '--quiet', folder, values.base);
	try {
		linkModules(folder);
		const examples = examplesOf(fs.readFileSync(path.join(folder, 'lib/README.md'), 'utf8'));
		if (examples.length === 0) throw new Error('lib/README.md has no examples.');
		let tooMany = 0;
		for (const example of examples) {
			const changed = changedBy(folder, example);
			const most = MOST_BY_TITLE[example.title] ?? MOST;
			if (changed.length > most) tooMany++;
			const verdict = changed.length > most ? `more than ${most}: ` : '';
			process.stdout.write(`${example.title.padEnd(20)} ${changed.length}  ${verdict}${changed.join(', ')}\n`);
			git(folder, 'reset', '--hard', '--quiet');
			git(folder, 'clean', '--force', '-d', '--quiet');
		}
		return tooMany === 0 ? 0 : 1;
	} finally {
		git(root, 'worktree', 'remove', '--force', folder);
	}
}

if (import.meta.main) process.exitCode = main();
