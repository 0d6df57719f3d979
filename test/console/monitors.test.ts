import type { Browser, Page } from 'playwright-core';
import { listMonitors } from '../../lib/app/monitors.js';
import type { Store } from '../../lib/store/contract.js';
import { account, PASSWORD } from '../server/console/signedIn.js';
import { fruitStore, startServe, type Served } from '../server/served.js';
import { removeFolders } from '../store/records.js';
import { axeFindings, describeBrowser, LOOKS, onPage, shoot, startBrowser, tooWide } from './browser.js';

describeBrowser('monitors in the console', () => {
	let browser: Browser;
	let store: Store;
	let server: Served;
	beforeAll(async () => {
		let home: string;
		({ home, store } = await fruitStore(2));
		for (const role of ['operator', 'viewer'] as const) await account(store, role);
		server = await startServe(home, ['--no-monitors', '--listeners', '1']);
		browser = await startBrowser();
	}, 120_000);
	afterAll(async () => {
		await browser?.close();
		await server.stop();
		await store.close();
		await removeFolders();
	});

	const as = async (role: string, path: string, use: (page: Page) => Promise<void>, look: keyof typeof LOOKS = 'desk, light') =>
		await onPage(
			browser,
			`${server.url}/console${path}`,
			async (page) => {
				await page.getByLabel('E-mail address').fill(`${role}@example.com`);
				await page.getByLabel('Password').fill(PASSWORD);
				await page.getByRole('button', { name: 'Sign in' }).click();
				await use(page);
			},
			LOOKS[look],
		);
	const lookAt = async (page: Page, name: string): Promise<void> => {
		await shoot(page, name);
		expect([name, await axeFindings(page)]).toEqual([name, []]);
		expect([name, await tooWide(page)]).toEqual([name, []]);
	};
	const told = async (action: string) => (await store.auditLog({ subject: 'fruit' })).filter((event) => event.action === action);

	it('an empty list leads to the form, where one press watches all that can be', async () => {
		await as('operator', '/quality', async (page) => {
			await page.getByText('Nothing is watched yet').waitFor();
			await page.locator('.empty').getByRole('link', { name: 'Watch a model' }).click();
			await page.getByRole('button', { name: 'Watch all of it' }).click();
			await page.getByRole('link', { name: 'Data Drift' }).waitFor();
		});
		expect((await listMonitors(store)).map(({ name }) => name).sort()).toEqual(
			['answers', 'data', 'estimate', 'quality', 'service'].map((watch) => `fruit-${watch}`),
		);
		expect((await told('monitor.made')).map(({ actor }) => actor)).toEqual(Array.from({ length: 5 }, () => 'operator@example.com'));
	}, 60_000);

	it('makes one thing as somebody wishes, for a version alone, and tells whom they named', async () => {
		await as(
			'operator',
			'/watch?model=fruit',
			async (page) => {
				await page.getByText('All that can be watched of it is.').waitFor();
				await page.getByLabel('What is watched').selectOption('quality');
				await page.getByLabel('Whose answers').selectOption('version 2');
				await page.getByLabel('Windows').selectOption('rows');
				await page.getByLabel('Answers of a window').fill('250');
				await page.getByLabel('As Good As').selectOption('limit');
				await page.getByLabel('Limit', { exact: true }).fill('0.4');
				await page.getByLabel('Tell also').fill('cy@example.com, not an address');
				await page.getByRole('button', { name: 'Watch it' }).click();
				await page.getByText('This is no e-mail address.').waitFor();
				await lookAt(page, 'a wish, refused');
				await page.getByLabel('Tell also').fill('cy@example.com');
				await page.getByRole('button', { name: 'Watch it' }).click();
				await page.getByRole('heading', { name: 'Quality of fruit' }).waitFor();
				await page.getByText('cy@example.com').waitFor();
				await lookAt(page, 'a monitor of a version');
			},
			'phone, dark',
		);
		expect((await store.find('monitor', 'fruit-version-2-quality'))?.body).toMatchObject({
			version: 2,
			window: { by: 'rows', rows: 250 },
			params: { against: 'limit', limit: 0.4 },
			tell: ['cy@example.com'],
		});
	}, 60_000);

	it('changes, pauses and deletes it, against what was looked at; what it found stays', async () => {
		await as('operator', '/quality/fruit-version-2-quality', async (page) => {
			await page.getByRole('button', { name: 'Change fruit-version-2-quality' }).click();
			await page.getByLabel('False alarms a year').fill('3');
			await page.getByText('More about how Quality is judged').click();
			await page.getByLabel('Least Answers Known').fill('80');
			await lookAt(page, 'changing a monitor');
			await page.getByRole('button', { name: 'Keep' }).click();
			await page.getByRole('button', { name: 'Pause fruit-version-2-quality' }).click();
			await page.getByRole('button', { name: 'Resume fruit-version-2-quality' }).waitFor();
			await page.getByRole('button', { name: 'Delete fruit-version-2-quality' }).click();
			await page.getByLabel('Why (may be left empty)').fill('Version 2 is gone.');
			await lookAt(page, 'deleting a monitor');
			await page.getByRole('button', { name: 'Delete it' }).click();
			await page
				.getByText('It has ended')
				.or(page.locator('.badge', { hasText: 'ended' }))
				.first()
				.waitFor();
		});
		expect((await store.find('monitor', 'fruit-version-2-quality'))?.body).toMatchObject({
			state: 'ended',
			falseAlarmsAYear: 3,
			params: { against: 'limit', limit: 0.4, leastRows: 80 },
		});
		expect(await told('monitor.ended')).toMatchObject([{ actor: 'operator@example.com', details: { reason: 'Version 2 is gone.' } }]);
	}, 60_000);

	it('a viewer sees the form, and can press nothing', async () => {
		await as('viewer', '/watch?model=fruit', async (page) => {
			await page.getByRole('button', { name: 'Watch it' }).waitFor();
			expect(await page.getByRole('button', { name: 'Watch it' }).getAttribute('aria-disabled')).toBe('true');
			await page.getByRole('button', { name: 'Watch it' }).click({ force: true });
		});
		expect((await told('monitor.made')).map(({ actor }) => actor)).not.toContain('viewer@example.com');
	}, 60_000);
});
