import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const run = async (...args: string[]): Promise<string> =>
	(await promisify(execFile)(process.execPath, [path.resolve('scripts/run.mjs'), ...args])).stderr;
const exec = promisify(execFile);

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };

it.each(Object.entries(scripts))('npm run %s -- --help says what it does and takes, without doing it', async (name, command) => {
	const text = await run(command.split(' ').at(-1)!, '--help');
	expect(text).toMatch(new RegExp(`^npm (run )?${name}\\b`));
	expect(text.split('\n').length).toBeGreaterThan(2);
});

it('lists all commands when asked for none, and refuses one that is unknown', async () => {
	expect(await run('help')).toContain('npm run demo');
	await expect(exec(process.execPath, [path.resolve('scripts/run.mjs'), 'strat'])).rejects.toMatchObject({
		code: 2,
		stderr: expect.stringContaining('npm start') as string,
	});
});

it('start and demo name every option that they take', async () => {
	expect(await run('start', '--help')).toMatch(/--port[^]*--reset/);
	expect(await run('demo', '-h')).toMatch(/--json[^]*--n8n/);
});
