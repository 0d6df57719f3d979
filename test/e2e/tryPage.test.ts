/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { makeKey } from '../../lib/app/apiKeys.js';
import type { Store } from '../../lib/store/contract.js';
import { modelOf } from '../server/api/models.js';
import { fruitStore, registerPackage, startServe, type Loose, type Served } from '../server/served.js';
import { removeFolders } from '../store/records.js';
import { chromiumPath, shots } from './browser.js';

const executablePath = chromiumPath();
/** Runs what it holds where a page takes it for markup. */
const EVIL = '<img src=x onerror="globalThis.hurt=1"><script>globalThis.hurt=1</script>';
const LONG = `long${'w'.repeat(120)}`;
/** What a browser itself notes of each answer that is a refusal; the page tells them in words. */
const REFUSED = /^Failed to load resource: the server responded with a status of (400|401)/;

(executablePath ? describe : describe.skip)(
	`the page to try models, in a browser${executablePath ? '' : ' (skipped: Chromium is not here)'}`,
	() => {
		let store: Store;
		let browser: Browser;
		let open: Served;
		let keyed: Served;
		let key: string;
		beforeAll(async () => {
			const made = await fruitStore(2);
			store = made.store;
			const { bytes } = await modelOf('good', 'gradientBoosting');
			for (const name of [EVIL, LONG]) {
				await registerPackage(store, name, bytes);
				await store.moveAlias(name, 'champion', 1, { actor: 'test' });
			}
			({ key } = await makeKey({ store, actor: 'test' }, { label: 'page', scopes: ['predict'] }));
			open = await startServe(made.home, ['--no-keys', '--listeners', '1']);
			keyed = await startServe(made.home, ['--listeners', '1']);
			browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
		}, 120_000);
		afterAll(async () => {
			await browser?.close();
			await open?.stop();
			await keyed?.stop();
			await store?.close();
			await removeFolders();
		});

		/** A page of its own, in which nothing may have gone wrong when it is closed. */
		async function on(address: string, look: (page: Page) => Promise<void>, options: BrowserContextOptions = {}): Promise<void> {
			const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
			const page = await context.newPage();
			const errors: string[] = [];
			page.on('pageerror', (error) => errors.push(String(error)));
			page.on('console', (message) => {
				if (message.type() === 'error' && !REFUSED.test(message.text())) errors.push(message.text());
			});
			try {
				await page.goto(address);
				await look(page);
				expect(errors).toEqual([]);
			} finally {
				await context.close();
			}
		}
		const at = (served: Served, model: string): string => `${served.url}/#${encodeURIComponent(model)}`;
		const predict = (page: Page) => page.getByRole('button', { name: 'Predict' });
		const verdict = (page: Page) => page.locator('#result .verdict');

		it('is filled with a row that works; Predict tells the answer in words, with its reasons', async () => {
			await on(open.url, async (page) => {
				await page.getByRole('link', { name: 'fruit' }).click();
				await page.getByLabel('weight').waitFor();
				expect(await page.getByLabel('weight').inputValue()).toMatch(/^\d+(\.\d+)?$/);
				expect(await page.getByLabel('colour').inputValue()).toMatch(/^(red|green|blue)$/);
				await page.getByLabel('weight').fill('97');
				await page.getByLabel('colour').fill('red');
				await predict(page).click();
				await verdict(page).waitFor();
				expect(await verdict(page).innerText()).toBe('quality: good');
				const said = await page.locator('#result').innerText();
				expect(said).toMatch(/Probability \d+(\.\d+)? %/);
				expect(said).toMatch(/What moved it most/);
				expect(said).toMatch(/weight: 97/);
				expect(said).toMatch(/fruit, version 1, champion\. Request \S+, \d+ ms\./);
				expect(said).not.toMatch(/undefined|NaN|\[object/);
				if (shots) await page.screenshot({ path: `${shots}/try page.png`, fullPage: true });
				await page.getByLabel('Ask').selectOption('version 2');
				await page.locator('#result:empty').waitFor({ state: 'attached' });
				await predict(page).click();
				await verdict(page).waitFor();
				expect(await page.locator('#result').innerText()).toMatch(/fruit, version 2\. Request/);
			});
		}, 60_000);

		it('says what is wrong with a value, at its field, and goes on', async () => {
			await on(at(open, 'fruit'), async (page) => {
				await page.getByLabel('weight').fill('heavy');
				await predict(page).click();
				await page.locator('#result .failure').waitFor();
				expect(await page.locator('#result').innerText()).toMatch(/"?weight"?.*heavy|heavy.*"?weight"?/);
				expect(await page.getByLabel('weight').getAttribute('aria-invalid')).toBe('true');
				expect(await page.evaluate(() => document.activeElement?.id)).toBe('field-0');
				await page.getByLabel('weight').fill('50');
				await page.getByLabel('colour').fill('violet');
				await page.keyboard.press('Enter');
				await verdict(page).waitFor();
				expect(await page.getByLabel('weight').getAttribute('aria-invalid')).toBeNull();
				expect(await page.locator('#result .notes').innerText()).toMatch(/violet/);
			});
		}, 60_000);

		it('asks for a key where the server does; with one it works, and the key stays out of address, storage and command', async () => {
			await on(at(keyed, 'fruit'), async (page) => {
				await page.locator('#message.bad').waitFor();
				expect(await page.locator('#message').innerText()).toMatch(/asks for an API key: enter yours above.*mlops key make/);
				expect(await predict(page).isVisible()).toBe(false);
				await page.getByLabel('API key').fill(`${key.slice(0, -2)}xx`);
				await page.getByRole('button', { name: 'Use' }).click();
				await page.getByText('Enter another key above.').waitFor();
				await page.getByLabel('API key').fill(key);
				await page.keyboard.press('Enter');
				await predict(page).click();
				await verdict(page).waitFor();
				const places = await page.evaluate(() => [location.href, JSON.stringify(localStorage), document.cookie, document.body.innerText]);
				expect(places.join('\n')).not.toContain(key);
				expect(places[1]).toBe('{}');
				expect(await answerOf(page, { MLOPS_API_KEY: key })).toMatchObject({ model: 'fruit', version: 1 });
				await page.reload();
				await predict(page).waitFor();
			});
		}, 60_000);

		/** What the command that the page shows prints, run by a shell. */
		async function answerOf(page: Page, env: Record<string, string> = {}): Promise<Loose> {
			const line = (await page.locator('#curl').textContent())!;
			const { stdout } = await promisify(execFile)('sh', ['-c', line], { env: { PATH: process.env.PATH!, ...env } });
			return JSON.parse(stdout) as Loose;
		}

		it('shows a command that gives the same answer, whatever the values hold', async () => {
			await on(at(open, EVIL), async (page) => {
				await page.getByLabel('colour').fill(`it's $HOME \`x\` \\ "é"`);
				await page.getByLabel('weight').fill('12.5');
				const answered = page.waitForResponse((response) => response.url().includes('/predict'));
				await predict(page).click();
				const { requestId: _, ...told } = (await (await answered).json()) as Record<string, unknown>;
				const { requestId: __, ...printed } = (await answerOf(page)) as unknown as Record<string, unknown>;
				expect(printed).toMatchObject({ ...told, id: expect.any(String) });
				expect(JSON.stringify(printed)).toContain("it's $HOME `x`");
			});
		}, 60_000);

		it('can be used by the keyboard alone: Tab comes to the button past the fields in their order, Enter predicts', async () => {
			await on(at(open, 'fruit'), async (page) => {
				await predict(page).waitFor();
				const passed: string[] = [];
				for (let i = 0; i < 30 && passed.at(-1) !== 'Predict'; i++) {
					await page.keyboard.press('Tab');
					passed.push(
						await page.evaluate(() => {
							const { id, textContent } = document.activeElement!;
							return id || (textContent ?? '').trim();
						}),
					);
				}
				expect(passed[0]).toBe('Skip to the form');
				expect(passed.slice(-6)).toEqual(['place', 'field-0', 'field-1', 'field-2', 'field-3', 'Predict']);
				await page.keyboard.press('Enter');
				await verdict(page).waitFor();
			});
		}, 60_000);

		it('copies the command', async () => {
			await on(
				at(open, 'fruit'),
				async (page) => {
					await page.getByRole('button', { name: 'Copy' }).click();
					await page.getByRole('button', { name: 'Copied' }).waitFor();
					expect(await page.evaluate(async () => await navigator.clipboard.readText())).toBe(await page.locator('#curl').textContent());
					await page.getByRole('button', { name: 'Copy', exact: true }).waitFor();
				},
				{ permissions: ['clipboard-read', 'clipboard-write'] },
			);
		}, 60_000);

		it('says so where the browser lets nothing be copied, with the command selected', async () => {
			await on('about:blank', async (page) => {
				await page.addInitScript(() => {
					Object.defineProperty(navigator, 'clipboard', { value: undefined });
					document.execCommand = () => false;
				});
				await page.goto(at(open, 'fruit'));
				await page.getByRole('button', { name: 'Copy' }).click();
				await page.getByRole('button', { name: 'Selected: copy it with the keyboard' }).waitFor();
				expect(await page.evaluate(() => String(getSelection()))).toMatch(/^curl 'http/);
			});
		}, 60_000);

		it('runs nothing that a name holds, and shows it as it is', async () => {
			await on(at(open, EVIL), async (page) => {
				await predict(page).click();
				await verdict(page).waitFor();
				expect(await page.locator('#name').innerText()).toBe(EVIL);
				expect(await page.locator('main img, nav img, main script, nav script').count()).toBe(0);
				expect(await page.evaluate(() => (globalThis as { hurt?: number }).hurt)).toBeUndefined();
			});
		}, 60_000);

		it('opens by an address that cannot be read', async () => {
			await on(`${open.url}/#%E0%A4%A`, async (page) => {
				await predict(page).waitFor();
			});
		}, 60_000);

		it.each(['light', 'dark'] as const)(
			'is nowhere wider than a phone (%s)',
			async (colorScheme) => {
				for (const model of ['fruit', EVIL, LONG])
					await on(
						at(open, model),
						async (page) => {
							await predict(page).click();
							await verdict(page).waitFor();
							if (shots) await page.screenshot({ path: `${shots}/try page ${model.length} 390 ${colorScheme}.png`, fullPage: true });
							const wide = await page.evaluate(() =>
								[...document.querySelectorAll('body *')]
									.filter((e) => e.getBoundingClientRect().right > innerWidth + 0.5)
									.map((e) => `${e.tagName} ${e.id} ${e.className}`),
							);
							expect([wide, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([[], 390]);
						},
						{ viewport: { width: 390, height: 844 }, colorScheme },
					);
			},
			60_000,
		);
	},
);
