import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(__dirname, '../..');

/** What the rule says of a snippet, by line. */
async function lines(code: string): Promise<number[]> {
	const script = `
		import { ESLint } from 'eslint';
		import tseslint from 'typescript-eslint';
		import { noPlainDictionary } from './scripts/lint/noPlainDictionary.mjs';
		const eslint = new ESLint({ cwd: process.cwd(), overrideConfigFile: true, overrideConfig: [{
			files: ['**/*.ts'], languageOptions: { parser: tseslint.parser, parserOptions: { projectService: { allowDefaultProject: ['lib/domain/snippet.ts'] }, tsconfigRootDir: process.cwd() } },
			plugins: { own: { rules: { rule: noPlainDictionary } } }, rules: { 'own/rule': 'error' },
		}] });
		const [{ messages }] = await eslint.lintText(process.argv[1], { filePath: 'lib/domain/snippet.ts' });
		console.log(JSON.stringify(messages.map((m) => [m.line, m.ruleId ?? m.message])));`;
	const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, code], { cwd: root });
	const said = JSON.parse(stdout) as Array<[number, string]>;
	expect(said.filter(([, rule]) => rule !== 'own/rule')).toEqual([]);
	return said.map(([line]) => line);
}

it('finds plain objects that are used as dictionaries of names, and lets dictionaries and our own keys pass', async () => {
	expect(
		await lines(`import { dictionary, own, type Dictionary } from './dictionary.js';
export function f(name: string, plain: Record<string, number>, made: Dictionary<number>, map: Map<string, number>, key: 'a' | 'b') {
	const read = plain[name];
	plain[name] = 1;
	const has = name in plain;
	const filled: Record<string, number> = {};
	const dynamic = (plain as { [k: string]: number | undefined })[name];
	const fine = [made[name], own(plain, name), map.get(name), ({ a: 1, b: 2 })[key], plain.a, plain['a'], [1, 2][0], dictionary<number>()];
	made[name] = 2;
	return [read, has, filled, dynamic, fine];
}
`),
	).toEqual([3, 4, 5, 6, 7]);
}, 60_000);
