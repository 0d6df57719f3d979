import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { root } from './build/paths.mts';
import { environmentOf } from './node24.mjs';
import { runToEnd } from './processes.mts';
import { ensureBuilt, ensureModules, type Say } from './setup.mts';

type Command = (args: string[], say: Say) => Promise<number>;

const inRoot = { cwd: root, env: environmentOf(process.execPath) };

/** Runs a file with this Node in the repository's root. */
const node = async (file: string, ...args: string[]) => await runToEnd(process.execPath, [path.join(root, file), ...args], inRoot);

const jest = async (...args: string[]) => await node('node_modules/jest/bin/jest.js', ...args);

/** The npm scripts: each gets the arguments after it and a way to tell people what it does, and returns an exit code. */
export const commands: Record<string, Command> = {
	async start(args, say) {
		await ensureBuilt(say);
		const { start } = await import('./start.mts');
		return await start(args, say);
	},

	async test(args, say) {
		await ensureBuilt(say);
		return await jest(...args);
	},

	async demo(args, say) {
		await ensureBuilt(say);
		return await node('scripts/demo.mts', ...args);
	},

	async build(_args, say) {
		await ensureModules(say);
		return await node('node_modules/gulp/bin/gulp.js', 'build');
	},

	async lint(args, say) {
		await ensureModules(say);
		const what = args.length > 0 ? args : ['.'];
		const formatted = await node('node_modules/@biomejs/biome/bin/biome', 'format', ...what);
		const rules = await node('node_modules/eslint/bin/eslint.js', ...what);
		return formatted || rules;
	},

	/** Breaks lines and indents as the lint wants it. */
	async format(args, say) {
		await ensureModules(say);
		return await node('node_modules/@biomejs/biome/bin/biome', 'format', '--write', ...(args.length > 0 ? args : ['.']));
	},

	/** Full n8n into the user's cache folder, for those who want it there before it is needed. */
	async 'fetch-n8n'(_args, say) {
		const { ensureN8n } = await import('./n8nHost.mts');
		await ensureN8n(say);
		return 0;
	},

	async e2e(args, say) {
		await ensureBuilt(say);
		const { ensureN8n } = await import('./n8nHost.mts');
		await ensureN8n(say);
		return await jest('--testMatch', '**/test/e2e/**/*.test.ts', '--testPathIgnorePatterns', '/node_modules/', '--runInBand', ...args);
	},

	async 'bench-trees'(args, say) {
		await ensureBuilt(say);
		return await node('test/bench/trees/run.mts', ...args);
	},

	async 'bench-console'(args, say) {
		await ensureBuilt(say);
		return await node('test/bench/console/run.mts', ...args);
	},

	async 'bench-serve'(args, say) {
		await ensureBuilt(say);
		return await node('test/bench/serve/run.mts', ...args);
	},

	async 'bench-drift'(args, say) {
		await ensureBuilt(say);
		return await node('test/bench/drift/run.mts', ...args);
	},

	async 'bench-data'(args, say) {
		await ensureBuilt(say);
		return await node('test/bench/data/run.mts', ...args);
	},

	async 'bench-quality'(args, say) {
		await ensureBuilt(say);
		return await node('test/bench/quality/run.mts', ...args);
	},

	async 'bench-learn'(args, say) {
		await ensureBuilt(say);
		return await node('test/bench/learn/run.mts', ...args);
	},

	async 'bench-gpu'(args, say) {
		await ensureBuilt(say);
		return await node('test/bench/gpu/run.mts', ...args);
	},

	async 'simulate-alarms'(args, say) {
		await ensureBuilt(say);
		return await node('test/bench/alarms/run.mts', ...args);
	},

	/** Adds each example of the architecture page to a clean tree and counts the files that changed. */
	async touched(args, say) {
		await ensureBuilt(say);
		return await node('scripts/touched.mts', ...args);
	},

	/** Any program of an installed package, under the right Node: `exec tsc -p .`. */
	async exec([name, ...args], say) {
		await ensureModules(say);
		return await runToEnd(fs.realpathSync(path.join(root, 'node_modules/.bin', name)), args, inRoot);
	},
};
