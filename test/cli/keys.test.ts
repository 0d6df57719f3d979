import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { mlops } from './program.js';

describe('API keys on the command line', () => {
	let home: string;
	beforeAll(async () => {
		home = await fs.mkdtemp(path.join(os.tmpdir(), 'mlops-cli-keys-'));
	});
	afterAll(async () => await fs.rm(home, { recursive: true, force: true }));

	it('a key is made, printed alone and once, listed, and withdrawn', async () => {
		const made = await mlops(['key', 'make', 'shop', '--scope', 'predict', '--scope', 'feedback', '--model', 'churn'], { home });
		expect(made.exit).toBe(0);
		expect(made.stdout).toMatch(/^mlops_[0-9a-f]{16}_[A-Za-z0-9_-]{43}\n$/);
		const key = made.stdout.trim();
		const [, id] = key.split('_');
		expect(made.stderr).toMatch(new RegExp(`Key ${id} \\(predict, feedback; churn\\) is good until .* UTC\\. It is not shown again\\.`));
		expect(made.stderr).toContain('No model is registered as "churn" yet.');
		expect(made.stderr).not.toContain(key);

		const listed = await mlops(['key', 'list'], { home });
		expect(listed.stdout).toMatch(new RegExp(`^${id} +shop +predict, feedback +churn .* good$`, 'm'));
		expect(listed.stdout).not.toContain(key);

		const gone = await mlops(['key', 'withdraw', key, '--reason', 'it leaked', '--json'], { home });
		expect(JSON.parse(gone.stdout)).toMatchObject({ id, state: 'withdrawn', withdrawn: { reason: 'it leaked' } });
		expect(gone.stdout).not.toContain(key);
		expect((await mlops(['key', 'list'], { home })).stdout).toMatch(new RegExp(`^${id} .* withdrawn$`, 'm'));
	}, 60_000);

	it('opens "predict" for 90 days where nothing else is said; --json gives key and facts; quiet is quiet', async () => {
		const made = await mlops(['key', 'make', 'script', '--json', '--quiet'], { home });
		const said = JSON.parse(made.stdout) as { key: string; scopes: string[]; expiresAt: string };
		expect(made.stderr).toBe('');
		expect(said.key).toMatch(/^mlops_/);
		expect(said.scopes).toEqual(['predict']);
		expect(Math.round((Date.parse(said.expiresAt) - Date.now()) / 86_400_000)).toBe(90);
		const never = await mlops(['key', 'make', 'script', '--json', '--expires', 'never'], { home });
		expect(JSON.parse(never.stdout)).not.toHaveProperty('expiresAt');
	}, 60_000);

	it('a label that would change what a terminal shows stays a line of the list', async () => {
		await mlops(['key', 'make', 'a\u0007b\n\u001b[2Jc\u202ed'], { home });
		const { stdout } = await mlops(['key', 'list'], { home });
		expect(stdout).toMatch(/^[0-9a-f]{16} +a b cd +predict .* good$/m);
		expect(stdout).not.toMatch(/[\u0007\u001b\u202e]/);
	}, 60_000);

	it.each([
		[['key', 'make'], 2, 'LABEL is missing.'],
		[['key', 'make', 'x', '--expires', '32'], 1, 'Found: 32'],
		[['key', 'make', 'x', '--scope', 'admin'], 2, 'predict'],
		[['key', 'make', 'x', '--expires', 'yesterday'], 1, 'still to come'],
		[['key', 'withdraw', 'nobody'], 1, 'There is no such API key.'],
	])('%j ends with %i and says why', async (args, exit, text) => {
		const ended = await mlops(args, { home });
		expect(ended.stderr).toContain(text);
		expect([ended.exit, ended.stdout]).toEqual([exit, '']);
	});
});
