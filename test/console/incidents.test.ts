import type { Browser, Route } from 'playwright-core';
import { findIncident } from '../../lib/app/incidents.js';
import type { Store } from '../../lib/store/contract.js';
import { startServe, type Served } from '../server/served.js';
import { removeFolders } from '../store/records.js';
import { axeFindings, describeBrowser, onPage, startBrowser } from './browser.js';
import { filledStore } from './filled.js';

describeBrowser('an incident in the console', () => {
	let browser: Browser;
	let store: Store;
	let server: Served;
	beforeAll(async () => {
		let home: string;
		({ home, store } = await filledStore());
		server = await startServe(home, ['--no-keys', '--no-monitors', '--listeners', '1']);
		browser = await startBrowser();
	}, 120_000);
	afterAll(async () => {
		await browser?.close();
		await server.stop();
		await store.close();
		await removeFolders();
	});

	it('is found, snoozed, closed and opened again, with what a person wrote, as text', async () => {
		await onPage(browser, `${server.url}/console/incidents`, async (page) => {
			await page.getByRole('link', { name: /no answers at all/ }).click();
			const act = async (button: string, fill: string): Promise<void> => {
				await page.getByRole('button', { name: button, exact: true }).click();
				const dialog = page.getByRole('dialog');
				expect(await axeFindings(page)).toEqual([]);
				await dialog.getByRole('textbox').fill(fill);
				await dialog.getByRole('button', { name: button, exact: true }).click();
				await dialog.waitFor({ state: 'detached' });
				await page.locator('.history').getByText(fill).waitFor();
			};
			await act('Snooze', 'The new prices come on Monday.');
			await act('Close it', '<img src=x onerror="document.title=1">');
			await act('Open again', 'It was closed too soon.');
			expect(await page.title()).toContain('fruit-1');
		});
		const { state, history } = (await findIncident(store, 'fruit-1')).body;
		expect([state, history.slice(-3).map(({ what }) => what)]).toEqual(['open', ['snoozed', 'closed', 'reopened']]);
	}, 60_000);

	it('shows what a press did at once, although an answer from before is still on its way', async () => {
		await onPage(browser, 'about:blank', async (page) => {
			await page.clock.install();
			await page.goto(`${server.url}/console/incidents/fruit-1`);
			await page.getByRole('button', { name: 'Close it', exact: true }).waitFor();
			const { promise: held, resolve: hold } = Promise.withResolvers<void>();
			const { promise: released, resolve: release } = Promise.withResolvers<void>();
			const late = async (route: Route): Promise<void> => {
				const response = await route.fetch();
				hold();
				await released;
				await route.fulfill({ response });
			};
			await page.route('**/api/v1/incidents/fruit-1', late, { times: 1 });
			// The page looks again, and from then on its clock goes no further by itself.
			await page.clock.pauseAt(Date.now() + 60_000);
			await held;
			await page.getByRole('button', { name: 'Close it', exact: true }).click();
			await page.clock.runFor(500);
			const dialog = page.getByRole('dialog');
			await dialog.getByRole('textbox').fill('It is over.');
			const done = page.waitForResponse((response) => response.url().endsWith('/close'));
			await dialog.getByRole('button', { name: 'Close it', exact: true }).click();
			await done;
			await dialog.waitFor({ state: 'detached' });
			release();
			await page.locator('.history').getByText('It is over.').waitFor({ timeout: 20_000 });
		});
	}, 60_000);
});
