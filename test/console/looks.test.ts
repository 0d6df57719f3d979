/// <reference lib="dom" />
import type { Browser } from 'playwright-core';
import { openStore } from '../../lib/store/openStore.js';
import type { Store } from '../../lib/store/contract.js';
import { startServe, type Served } from '../server/served.js';
import { freshFolder, removeFolders } from '../store/records.js';
import { axeFindings, describeBrowser, LOOKS, onPage, settled, shoot, startBrowser, tooWide, type LookName } from './browser.js';
import { filledStore } from './filled.js';
import { PAGES } from './pages.js';

describeBrowser('each page of the console', () => {
	let browser: Browser;
	const stores: Store[] = [];
	const servers: Partial<Record<'filled' | 'empty', Served>> = {};
	beforeAll(async () => {
		const made = await filledStore();
		const home = await freshFolder();
		stores.push(made.store, await openStore({ kind: 'folder', home }));
		servers.filled = await startServe(made.home, ['--no-keys', '--listeners', '1']);
		servers.empty = await startServe(home, ['--no-keys', '--listeners', '1']);
		browser = await startBrowser();
	}, 120_000);
	afterAll(async () => {
		await browser?.close();
		for (const server of Object.values(servers)) await server.stop();
		for (const store of stores) await store.close();
		await removeFolders();
	});

	const looked = (['filled', 'empty'] as const).flatMap((store) =>
		PAGES.filter(({ empty }) => store === 'filled' || empty).flatMap((page) =>
			(Object.keys(LOOKS) as LookName[]).map((look) => [page.name, store, look, page] as const),
		),
	);
	it.each(looked)(
		'%s (%s store; %s): is readable for all, no wider than its window, and nothing goes wrong',
		async (name, store, look, { path, says, empty }) => {
			await onPage(
				browser,
				`${servers[store]!.url}/console${path}`,
				async (page) => {
					await settled(page);
					const words = store === 'empty' && empty ? empty : says;
					await page.locator('main').getByText(words).first().waitFor();
					await shoot(page, `${name}, ${store}, ${look}`);
					expect(await axeFindings(page)).toEqual([]);
					expect(await tooWide(page)).toEqual([]);
					expect(await page.locator('main').innerText()).not.toMatch(/undefined|NaN|\[object|Invalid Date/);
				},
				LOOKS[look],
			);
		},
		60_000,
	);
});
