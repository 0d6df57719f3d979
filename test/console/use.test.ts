/// <reference lib="dom" />
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { ingest } from '../../lib/app/calls/ingestCall.js';
import { sessionOn } from '../../lib/app/session.js';
import { pathTo } from '../../lib/console/router/place.js';
import type { Store } from '../../lib/store/contract.js';
import { fruitPackage, registerPackage, startServe, type Served } from '../server/served.js';
import { removeFolders } from '../store/records.js';
import { describeBrowser, LOOKS, onPage, openContext, settled, shoot, startBrowser } from './browser.js';
import { DATASET, filledStore, MODEL, NAMES } from './filled.js';

/** More than a page of a list has. */
const MANY = 60;
/** Columns of a dataset, more than are drawn at once. */
const WIDE = 700;
/** Rows of a table that are drawn at once. */
const AT_ONCE = 300;

describeBrowser('the console, as people use it', () => {
	let store: Store;
	let browser: Browser;
	let server: Served;
	const at = (path: string): string => `${server.url}/console${path}`;
	beforeAll(async () => {
		const made = await filledStore();
		store = made.store;
		const bytes = await fruitPackage('price');
		for (let i = 0; i < MANY; i++) await registerPackage(store, `shelf ${String(i).padStart(3, '0')}`, bytes);
		const wide = join(made.home, 'wide.csv');
		const numbers = Array.from({ length: WIDE }, (_, i) => i);
		await writeFile(
			wide,
			`${numbers.map((i) => `probe_${i}`).join()}\n${Array.from({ length: 5 }, (_, row) => numbers.map((i) => (i * row) % 7).join()).join('\n')}\n`,
		);
		await ingest(sessionOn(store, { actor: 'ann@example.com' }), { file: wide, name: 'probes' });
		server = await startServe(made.home, ['--no-keys', '--listeners', '1']);
		browser = await startBrowser();
	}, 120_000);
	afterAll(async () => {
		await browser?.close();
		await server?.stop();
		await store?.close();
		await removeFolders();
	});

	it('runs nothing that a name holds, and shows it as it is', async () => {
		for (const path of [
			'/',
			'/models',
			pathTo('/models/:model', { model: NAMES.script }),
			pathTo('/models/:model/1', { model: NAMES.script }),
		])
			await onPage(browser, at(path), async (page) => {
				await settled(page);
				await page.getByText(NAMES.script.slice(0, 20)).first().waitFor();
				expect(await page.locator('main img, main script').count()).toBe(0);
				expect(await page.evaluate(() => (globalThis as { hurt?: number }).hurt)).toBeUndefined();
			});
	}, 60_000);

	it('draws some hundred columns of a wide dataset, more where they are asked for, and finds one by its name', async () => {
		await onPage(browser, at(pathTo('/datasets/:dataset', { dataset: 'probes' }, { tab: 'columns' })), async (page) => {
			await settled(page);
			const drawn = page.locator('.table-scroll[aria-label="Columns"] tbody tr');
			expect(await drawn.count()).toBe(AT_ONCE);
			expect(await page.getByRole('status').filter({ hasText: 'of 700 rows' }).innerText()).toBe('300 rows of 700 rows');
			await page.getByRole('button', { name: 'Show more' }).click();
			await drawn.nth(AT_ONCE).waitFor();
			expect(await drawn.count()).toBe(2 * AT_ONCE);
			await page.getByRole('searchbox', { name: 'Find a column' }).fill('Probe_69');
			await page.waitForFunction(() => document.querySelectorAll('.table-scroll[aria-label="Columns"] tbody tr').length === 11);
			expect(await drawn.last().innerText()).toContain('probe_699');
		});
	}, 60_000);

	it('draws the tip of a chart, and never reads a value in it as markup', async () => {
		await onPage(browser, at(pathTo('/datasets/:dataset', { dataset: DATASET }, { column: 'colour' })), async (page) => {
			await settled(page);
			const canvas = page.locator('.chart-box canvas');
			const before = await canvas.evaluate((drawn) => (drawn as HTMLCanvasElement).toDataURL());
			const { x, y, width, height } = (await canvas.boundingBox())!;
			for (const part of [0.3, 0.5, 0.7, 0.9]) await page.mouse.move(x + width / 2, y + height * part);
			await page.waitForFunction((was) => document.querySelector('canvas')!.toDataURL() !== was, before);
			expect(await page.locator('.chart-box b').count()).toBe(0);
			expect(await page.locator('.chart-box').innerText()).toBe('');
		});
	}, 60_000);

	it('leads from a list to a model of any name and back, and its address works for somebody else', async () => {
		await onPage(browser, at('/models?sort=newest&order=desc'), async (page) => {
			await settled(page);
			await page.getByRole('searchbox').fill('🍎');
			await page.waitForURL(/text=/);
			await page.getByRole('link', { name: NAMES.emoji }).click();
			await page.getByRole('heading', { level: 1, name: NAMES.emoji }).waitFor();
			await page.reload();
			await page.getByRole('heading', { level: 1, name: NAMES.emoji }).waitFor();
			expect(await page.title()).toContain(NAMES.emoji);
			await page.goBack();
			await page.waitForURL(/text=/);
			await settled(page);
			expect(await page.getByRole('searchbox').inputValue()).toBe('🍎');
			expect(new URL(page.url()).searchParams.get('sort')).toBe('newest');
		});
	}, 60_000);

	it('shows a list a page at a time, says how much there is, and sorts where all of it is', async () => {
		await onPage(browser, at('/models'), async (page) => {
			await settled(page);
			const rows = page.locator('tbody tr');
			expect(await rows.count()).toBe(50);
			await page.getByText(/^50 rows of \d+ rows$/).waitFor();
			await page.getByRole('button', { name: 'Show more' }).click();
			await page.locator('tbody tr').nth(60).waitFor();
			await shoot(page, 'models, 66');
			await page.getByRole('button', { name: 'Model', exact: true }).focus();
			await page.keyboard.press('Enter');
			await page.waitForURL(/order=desc/);
			await settled(page);
			expect(await page.locator('th[aria-sort="descending"]').innerText()).toMatch(/Model/);
			expect(await rows.first().innerText()).not.toMatch(/^a model with/);
		});
	}, 60_000);

	it('tells what answered at a moment of the reader’s own zone, in an address that holds for every zone', async () => {
		const [first, second] = (await store.aliasHistory(MODEL, 'champion')).reverse();
		const between = new Date((Date.parse(first.at) + Date.parse(second.at)) / 2);
		const asked = pathTo('/models/:model', { model: MODEL }, { tab: 'aliases', at: between.toISOString() });
		for (const timezoneId of ['Asia/Tokyo', 'America/St_Johns'])
			await onPage(
				browser,
				at(asked),
				async (page) => {
					await settled(page);
					expect(await page.locator('.answered').innerText()).toMatch(/version 1 answered by the alias "champion"/);
					expect(await page.locator('.answered').innerText()).toMatch(/ann@example\.com/);
					const field = await page.getByLabel('Moment').inputValue();
					const local = new Date(between).toLocaleString('sv-SE', { timeZone: timezoneId }).replace(' ', 'T').slice(0, 16);
					expect(field).toBe(local);
					await page.getByLabel('Moment').fill('2020-01-01T00:00');
					await page.getByText('nothing answered by the alias').waitFor();
					const kept = new URL(page.url()).searchParams.get('at')!;
					expect(kept).toMatch(/^20(19|20)-.*Z$/);
					expect(await page.locator('.answered time').first().getAttribute('title')).toBe(kept);
				},
				{ ...LOOKS['desk, light'], timezoneId },
			);
	}, 60_000);

	it('is used by the keyboard alone: past the navigation, from tab to tab by arrows, into a help and out of it', async () => {
		await onPage(browser, at(pathTo('/models/:model', { model: MODEL })), async (page) => {
			await settled(page);
			await page.keyboard.press('Tab');
			expect(await page.evaluate(() => document.activeElement!.textContent)).toBe('Skip to the page');
			await page.keyboard.press('Enter');
			await page.getByRole('tab', { name: 'Versions' }).focus();
			await page.keyboard.press('ArrowRight');
			await page.keyboard.press('End');
			expect(await page.evaluate(() => document.activeElement!.textContent)).toBe('People and policy');
			await page.waitForURL(/tab=people/);
			const help = page.getByRole('button', { name: 'What is Answers now?' });
			await help.focus();
			await page.keyboard.press('Enter');
			await page.getByText(/what callers get who name no other/).waitFor();
			await page.keyboard.press('Escape');
			await page.getByText(/what callers get who name no other/).waitFor({ state: 'detached' });
			expect(await help.getAttribute('aria-expanded')).toBe('false');
		});
	}, 60_000);

	it('opens its menu on a phone, and closes it when somewhere is gone', async () => {
		await onPage(
			browser,
			at('/'),
			async (page) => {
				await settled(page);
				expect(await page.getByRole('link', { name: 'Datasets' }).isVisible()).toBe(false);
				await page.getByRole('button', { name: 'Menu' }).click();
				await page.getByRole('link', { name: 'Datasets' }).click();
				await page.getByRole('heading', { level: 1, name: 'Datasets' }).waitFor();
				await page.getByRole('link', { name: 'Models', exact: true }).waitFor({ state: 'hidden' });
			},
			LOOKS['phone, dark'],
		);
	}, 60_000);

	it('looks as the device says until somebody chooses, and charts follow', async () => {
		await onPage(browser, at(pathTo('/models/:model', { model: MODEL })), async (page) => {
			await settled(page);
			const ground = async (): Promise<string> => await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
			const drawn = async (): Promise<string> => await page.evaluate(() => document.querySelector('canvas')!.toDataURL());
			const [light, chart] = [await ground(), await drawn()];
			await page.emulateMedia({ colorScheme: 'dark' });
			await page.waitForFunction((was) => getComputedStyle(document.documentElement).backgroundColor !== was, light);
			await page.waitForFunction((was) => document.querySelector('canvas')!.toDataURL() !== was, chart);
			await page.getByRole('button', { name: /^Colours:/ }).click();
			await page.waitForFunction((was) => getComputedStyle(document.documentElement).backgroundColor === was, light);
			await page.reload();
			await settled(page);
			expect(await ground()).toBe(light);
		});
	}, 60_000);

	it('loads charts where there is one, and not before', async () => {
		await onPage(browser, 'about:blank', async (page) => {
			const asked: string[] = [];
			page.on('request', (request) => asked.push(request.url()));
			await page.goto(at('/models'));
			await settled(page);
			expect(asked.filter((url) => url.includes('/assets/echarts'))).toEqual([]);
			await page.goto(at(pathTo('/models/:model', { model: MODEL })));
			await settled(page);
			expect(asked.filter((url) => url.includes('/assets/echarts'))).toHaveLength(1);
			expect(asked.filter((url) => url !== 'about:blank' && !url.startsWith(server.url) && !url.startsWith('data:'))).toEqual([]);
		});
	}, 60_000);

	/** Questions to the API from now on. */
	function questions(page: Page): string[] {
		const asked: string[] = [];
		page.on('request', (request) => void (request.url().includes('/api/v1/') && asked.push(request.url())));
		return asked;
	}

	it('asks nothing while nobody sees it, and at once when somebody does again', async () => {
		await onPage(browser, 'about:blank', async (page) => {
			await page.clock.install();
			await page.goto(at('/'));
			await page.getByText('This server').waitFor();
			// What was asked for has come.
			await settled(page);
			await page.waitForLoadState('networkidle');
			const see = async (hidden: boolean): Promise<void> =>
				await page.evaluate((value) => {
					Object.defineProperty(document, 'hidden', { value, configurable: true });
					document.dispatchEvent(new Event('visibilitychange'));
				}, hidden);
			await see(true);
			const asked = questions(page);
			await page.clock.runFor(600_000);
			expect(asked).toEqual([]);
			const answered = page.waitForResponse(/api\/v1\/overview/);
			await see(false);
			await answered;
		});
	}, 60_000);

	it('says so while the server is away, keeps what it knew, and goes on by itself', async () => {
		const context = await openContext(browser, LOOKS['desk, light']);
		const page = await context.newPage();
		await page.clock.install();
		await page.goto(at('/models'));
		await page.getByRole('link', { name: MODEL }).waitFor();
		await page.route('**/api/v1/**', async (route) => await route.abort());
		await page.clock.runFor(61_000);
		await page.getByText('What you see may be old').waitFor();
		expect(await page.getByRole('link', { name: MODEL }).isVisible()).toBe(true);
		await page.unroute('**/api/v1/**');
		await page.clock.runFor(125_000);
		await page.getByText('What you see may be old').waitFor({ state: 'hidden' });
		await context.close();
	}, 60_000);

	it('says what to do where a chunk of an older build is gone', async () => {
		const context = await openContext(browser, LOOKS['desk, light']);
		const page = await context.newPage();
		await page.goto(at('/'));
		await settled(page);
		await page.route('**/assets/Datasets-*.js', async (route) => await route.fulfill({ status: 404, body: '' }));
		await page.getByRole('link', { name: 'Datasets' }).click();
		await page.getByText('This page could not be loaded.').waitFor();
		await page.unroute('**/assets/Datasets-*.js');
		await page.getByRole('button', { name: 'Try again' }).click();
		await page.getByRole('heading', { level: 1, name: 'Datasets' }).waitFor();
		await context.close();
	}, 60_000);
});
