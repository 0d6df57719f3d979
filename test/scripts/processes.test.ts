import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const scripts = path.resolve(__dirname, '../../scripts');

/** A launcher that starts a child with a grandchild and tells their process ids. */
const launcher = (file: string) => `
	import { startGroup } from ${JSON.stringify(pathToFileURL(path.join(scripts, 'processes.mts')).href)};
	const inner = 'setInterval(() => {}, 1000)';
	const outer = 'const child = require("node:child_process").spawn(process.execPath, ["-e", ' + JSON.stringify(inner) + ']);'
		+ 'require("node:fs").writeFileSync(' + JSON.stringify(${JSON.stringify(file)}) + ', process.pid + " " + child.pid); setInterval(() => {}, 1000)';
	startGroup(process.execPath, ['-e', outer]);
`;

/** A process that ended but that nobody waited for (as in a container without an init) counts as gone. */
const alive = (pid: number) => {
	try {
		process.kill(pid, 0);
		return !existsSync(`/proc/${pid}/stat`) || !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
	} catch {
		return false;
	}
};

async function until(condition: () => Promise<boolean>) {
	for (let turn = 0; turn < 400 && !(await condition()); turn++) await sleep(50);
	return await condition();
}

it.each(['SIGINT', 'SIGTERM'] as const)('%s ends everything that the launcher started, grandchildren too', async (signal) => {
	const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'mlops-group-'));
	const file = path.join(folder, 'pids');
	const parent = spawn(process.execPath, ['--input-type=module', '-e', launcher(file)], { stdio: 'ignore' });
	const read = async () => (await fs.readFile(file, 'utf8').catch(() => '')).split(' ').filter(Boolean).map(Number);
	expect(await until(async () => (await read()).length === 2)).toBe(true);
	const children = await read();
	expect(children.every(alive)).toBe(true);
	parent.kill(signal);
	expect(await until(async () => !children.some(alive))).toBe(true);
	await fs.rm(folder, { recursive: true });
});

it('a program that watches its parent ends when the parent is killed', async () => {
	const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'mlops-watch-'));
	const file = path.join(folder, 'pids');
	const inner = 'setInterval(() => {}, 1000)';
	const outer = `const child = require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(inner)}]);
		require("node:fs").writeFileSync(${JSON.stringify(file)}, process.pid + " " + child.pid); setInterval(() => {}, 1000)`;
	const code = `
		import { startGroup } from ${JSON.stringify(pathToFileURL(path.join(scripts, 'processes.mts')).href)};
		startGroup(process.execPath, ['--require', ${JSON.stringify(path.join(scripts, 'endWithParent.cjs'))}, '-e', ${JSON.stringify(outer)}], { stdio: ['pipe', 'ignore', 'ignore'] });`;
	const parent = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'ignore' });
	const read = async () => (await fs.readFile(file, 'utf8').catch(() => '')).split(' ').filter(Boolean).map(Number);
	expect(await until(async () => (await read()).length === 2)).toBe(true);
	const children = await read();
	parent.kill('SIGKILL');
	expect(await until(async () => !children.some(alive))).toBe(true);
	await fs.rm(folder, { recursive: true });
});

it('says what a failing program printed', async () => {
	const code = `
		import { runCaptured } from ${JSON.stringify(pathToFileURL(path.join(scripts, 'processes.mts')).href)};
		await runCaptured(process.execPath, ['-e', 'console.error("the disk is full"); process.exit(3)']).catch((error) => console.log(error.message));`;
	const output = await new Promise<string>((resolve) =>
		execFile(process.execPath, ['--input-type=module', '-e', code], (_error, stdout) => resolve(stdout)),
	);
	expect(output).toContain('the disk is full');
});
