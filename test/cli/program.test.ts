import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { mlops, program } from './program.js';

describe('the program mlops', () => {
	let home: string;
	beforeAll(async () => {
		home = await fs.mkdtemp(path.join(os.tmpdir(), 'mlops-cli-'));
	});
	afterAll(async () => await fs.rm(home, { recursive: true, force: true }));

	it('lists its commands, and says so where none was typed', async () => {
		const help = await mlops(['--help'], { home });
		expect(help).toMatchObject({ exit: 0, stderr: '' });
		expect(help.stdout).toMatch(/^ {2}verify +Proves that nothing in the store was altered/m);
		expect(await mlops([], { home })).toEqual({ exit: 2, stdout: '', stderr: help.stdout });
	});

	it('says which options a command has, from its schema', async () => {
		const { exit, stdout } = await mlops(['verify', '--help'], { home });
		expect(exit).toBe(0);
		expect(stdout).toMatch(/^Usage: mlops verify \[options\]$/m);
		expect(stdout).toMatch(/^ {2}--home DIR +The store's folder;/m);
	});

	it.each([
		[['frobnicate'], 'There is no command "frobnicate".'],
		[['verify', '--colour'], "Unknown option '--colour'"],
		[['verify', 'this'], '"this" was not expected here.'],
		[['verify', '--home'], '--home'],
	])('called wrongly (%s) it ends with 2 and says what is wrong and where help is', async (args, text) => {
		const { exit, stdout, stderr } = await mlops(args, { home });
		expect([exit, stdout]).toEqual([2, '']);
		expect(stderr).toContain(text);
		expect(stderr).toMatch(/See: mlops .*--help\n {2}\(input\.invalid\)\n$/);
	});

	it('goes on when nobody reads any more, as behind "| head", and ends as the work does', async () => {
		const apart = path.join(home, 'apart');
		const asked = ['ingest', '--source', 'example', '--params', '{"example":"cars"}', '--name', 'unread'];
		const { exit } = await mlops(asked, {
			home: apart,
			started: ({ stdout, stderr }) => {
				stdout!.destroy();
				stderr!.destroy();
			},
		});
		expect(exit).toBe(0);
		expect((await mlops(['datasets'], { home: apart })).stdout).toMatch(/^unread@1 /m);
	}, 60_000);

	(existsSync('/dev/full') ? it : it.skip)('says so, and fails, where its result cannot be written', async () => {
		const full = openSync('/dev/full', 'w');
		const child = spawn(process.execPath, [program, '--help'], { stdio: ['ignore', full, 'pipe'] });
		closeSync(full);
		const [said, [exit]] = await Promise.all([child.stderr!.setEncoding('utf8').toArray(), once(child, 'close')]);
		expect(said.join('')).toMatch(/^Error: The work is done, but its result could not be written: ENOSPC.*\n$/);
		expect(exit).toBe(1);
	});

	it('gives errors to programs as JSON, too', async () => {
		const { exit, stdout } = await mlops(['verify', '--colour', '--json'], { home });
		expect(exit).toBe(2);
		expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'input.invalid' } });
	});

	it('verifies a store, and fails where one was altered', async () => {
		const whole = await mlops(['verify', '--json'], { home });
		expect(whole).toMatchObject({ exit: 0, stderr: '' });
		expect(JSON.parse(whole.stdout)).toMatchObject({ records: 0 });
		const database = new DatabaseSync(path.join(home, 'store.db'));
		database.exec(`INSERT INTO policy (model, policy) VALUES ('churn', '{"approvalRequired":false,"gateRequired":false}')`);
		database.close();
		const altered = await mlops(['verify'], { home });
		expect(altered).toMatchObject({ exit: 1, stdout: '' });
		expect(altered.stderr).toMatch(/^Error: .+\(store\.audit_broken\)\n$/s);
	});
});
