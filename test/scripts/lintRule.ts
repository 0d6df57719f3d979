import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(__dirname, '../..');

/** What a rule of scripts/lint says of a snippet that lies in a file of lib/domain, by line. */
export async function linesFound(rule: string, code: string): Promise<number[]> {
	const script = `
		import { ESLint } from 'eslint';
		import tseslint from 'typescript-eslint';
		import { ${rule} } from './scripts/lint/${rule}.mts';
		const eslint = new ESLint({ cwd: process.cwd(), overrideConfigFile: true, overrideConfig: [{
			files: ['**/*.ts'], languageOptions: { parser: tseslint.parser, parserOptions: { projectService: { allowDefaultProject: ['lib/domain/snippet.ts'] }, tsconfigRootDir: process.cwd() } },
			plugins: { own: { rules: { rule: ${rule} } } }, rules: { 'own/rule': 'error' },
		}] });
		const [{ messages }] = await eslint.lintText(process.argv[1], { filePath: 'lib/domain/snippet.ts' });
		console.log(JSON.stringify(messages.map((m) => [m.line, m.ruleId ?? m.message])));`;
	const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, code], { cwd: root });
	const said = JSON.parse(stdout) as Array<[number, string]>;
	expect(said.filter(([, name]) => name !== 'own/rule')).toEqual([]);
	return said.map(([line]) => line);
}
