/// <reference lib="dom" />
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { ROLES, type Role } from '../../lib/domain/role.js';
import type { Store } from '../../lib/store/contract.js';
import { program } from '../cli/program.js';
import { account, PASSWORD } from '../server/console/signedIn.js';
import { startServe, type Served } from '../server/served.js';
import { removeFolders } from '../store/records.js';
import { axeFindings, describeBrowser, LOOKS, onPage, settled, shoot, startBrowser, tooWide } from './browser.js';
import { DATASET, filledStore, MODEL } from './filled.js';
import { PAGES } from './pages.js';

/** What looks.test.ts does not look at: dark on a desk, light on a phone. */
const OTHER_LOOKS = {
	viewer: { name: 'phone, light', options: { ...LOOKS['phone, dark'], colorScheme: 'light' } },
	administrator: { name: 'desk, dark', options: { ...LOOKS['desk, light'], colorScheme: 'dark' } },
} as const;

describeBrowser('the console as each role sees it', () => {
	let browser: Browser;
	let home: string;
	let store: Store;
	let server: Served;
	beforeAll(async () => {
		({ home, store } = await filledStore());
		for (const role of ROLES) await account(store, role);
		server = await startServe(home, ['--no-monitors', '--listeners', '1']);
		browser = await startBrowser();
	}, 120_000);
	afterAll(async () => {
		await browser?.close();
		await server.stop();
		await store.close();
		await removeFolders();
	});

	const at = (path: string): string => `${server.url}/console${path}`;
	const signIn = async (page: Page, role: Role): Promise<void> => {
		await page.getByLabel('E-mail address').fill(`${role}@example.com`);
		await page.getByLabel('Password').fill(PASSWORD);
		await page.getByRole('button', { name: 'Sign in' }).click();
		await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
	};
	/** One of each kind; those of nobody's are left out: they say other things to who is signed in. */
	const pages = PAGES.filter(({ name, path }) => !name.includes(',') && !/^\/(account|welcome|people)/.test(path));
	const forAdministrators = PAGES.filter(({ path }) => path.startsWith('/people'));

	it.each(ROLES)(
		'%s: each page is there, or says that it is not theirs',
		async (role) => {
			const other = role === 'viewer' || role === 'administrator' ? OTHER_LOOKS[role] : undefined;
			await onPage(
				browser,
				at('/'),
				async (page) => {
					await signIn(page, role);
					for (const { name, path, says } of pages) {
						await page.goto(at(path));
						await page.locator('main').getByText(says).first().waitFor();
						await settled(page);
						if (!other) continue;
						await shoot(page, `${name}, ${other.name}`);
						expect([name, await axeFindings(page), await tooWide(page)]).toEqual([name, [], []]);
					}
					for (const { path } of forAdministrators) {
						await page.goto(at(path));
						const said = role === 'administrator' ? /Everybody|reader|keys|people/i : /This page is not for your role/;
						await page.locator('main').getByText(said).first().waitFor();
					}
				},
				other?.options,
			);
		},
		180_000,
	);

	it('the audit log is verified by a press, and exported as a file that holds all of it', async () => {
		await onPage(browser, at('/'), async (page) => {
			await signIn(page, 'administrator');
			await page.goto(at('/audit'));
			await page.getByRole('button', { name: 'Verify now' }).click();
			await page
				.getByText(/is whole|are as they were written|Nothing was changed/i)
				.first()
				.waitFor();
			for (const [button, first] of [
				['Export for a spreadsheet', /^seq,at,actor,action,subject,details,hash\r?\n/],
				['Export with hashes', /^\{"seq":1,/],
			] as const) {
				const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: button }).click()]);
				const text = await readFile(await download.path(), 'utf8');
				expect(text).toMatch(first);
				expect(text).toContain('alias.moved');
			}
		});
	}, 60_000);

	it('a newcomer finds how far a training is, which version answers, and why there is an alarm, in a click each at most', async () => {
		const params = JSON.stringify({ n_estimators: 100_000, early_stopping_rounds: 0 });
		const args = [program, 'train', '--dataset', DATASET, '--learner', 'gradientBoosting', '--params', params, '--model-name', 'live'];
		const child = spawn(process.execPath, args, { env: { ...process.env, MLOPS_HOME: home, NODE_OPTIONS: '' }, stdio: 'ignore' });
		const exited = once(child, 'exit');
		try {
			await onPage(browser, at('/'), async (page) => {
				await signIn(page, 'operator');
				const main = page.locator('main');
				// The version that answers: no click.
				await main.getByRole('row', { name: MODEL }).getByText('version 3').waitFor();
				// How far the training is: one click for stage, share, curve.
				await main.getByRole('link', { name: /live/ }).first().click();
				await page.getByRole('article', { name: 'Training live' }).getByText('Training trees').waitFor();
				await page.goBack();
				// Why there is an alarm: the reason stands there already, and what shows it is a click away.
				await main.getByRole('link', { name: /no answers at all/ }).click();
				await main.getByRole('heading', { name: 'What shows it' }).waitFor();
			});
		} finally {
			child.kill('SIGTERM');
			await exited;
		}
	}, 150_000);
});
