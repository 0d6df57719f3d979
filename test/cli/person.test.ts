import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { mlops } from './program.js';

describe('accounts on the command line', () => {
	let home: string;
	beforeAll(async () => {
		home = await fs.mkdtemp(path.join(os.tmpdir(), 'mlops-cli-people-'));
	});
	afterAll(async () => await fs.rm(home, { recursive: true, force: true }));

	it('the first administrator gets a link, printed alone and once; roles, links and ends are said', async () => {
		const made = await mlops(['person', 'make', 'Ann@Example.com', '--role', 'administrator', '--url', 'https://m.example.com'], { home });
		expect(made.exit).toBe(0);
		expect(made.stdout).toMatch(/^https:\/\/m\.example\.com\/console\/welcome#p[0-9a-f]{16}\.[\w-]{43}\n$/);
		expect(made.stderr).toContain('ann@example.com is administrator.');
		expect(made.stderr).not.toContain(made.stdout.split('#')[1].trim());

		expect((await mlops(['person', 'make', 'bo@example.com'], { home })).exit).toBe(0);
		expect((await mlops(['person', 'role', 'BO@example.com', 'approver'], { home })).stdout).toBe('bo@example.com is approver.\n');
		const again = await mlops(['person', 'link', 'ann@example.com', '--json'], { home });
		const { link } = JSON.parse(again.stdout) as { link: string };
		expect(link).toMatch(/^http:\/\/127\.0\.0\.1:8080\/console\/welcome#/);
		expect((await mlops(['person', 'disable', 'bo@example.com', '--reason', 'left'], { home })).stdout).toContain(
			'cannot sign in any more',
		);
		const listed = (await mlops(['person', 'list'], { home })).stdout;
		expect(listed).toMatch(/^ann@example\.com .* administrator +invited /m);
		expect(listed).toMatch(/^bo@example\.com .* approver +disabled /m);
		expect(listed).not.toContain(link.split('#')[1]);
	}, 60_000);

	it.each([
		[['person', 'make', 'ann'], 1, 'This is no e-mail address.'],
		[['person', 'make', 'ann@example.com'], 1, 'There is an account for ann@example.com already.'],
		[['person', 'make', 'c@example.com', '--role', 'king'], 2, 'viewer'],
		[['person', 'make', 'c@example.com', '--url', 'models'], 1, 'no web address'],
		[['person', 'role', 'ann@example.com', 'viewer'], 1, 'This is the last administrator'],
		[['person', 'disable', 'ann@example.com'], 1, 'This is the last administrator'],
		[['person', 'link', 'nobody@example.com'], 1, 'There is no such person.'],
	])('%j ends with %i and says why', async (args, exit, text) => {
		const ended = await mlops(args, { home });
		expect(ended.stderr).toContain(text);
		expect([ended.exit, ended.stdout]).toEqual([exit, '']);
	});
});
