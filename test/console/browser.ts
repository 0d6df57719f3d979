import axe, { type AxeResults } from 'axe-core';
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';
import { chromiumPath, shots } from '../e2e/browser.js';

const executablePath = chromiumPath();

/** Describes what needs a browser; skipped by name where there is none. */
export const describeBrowser = (name: string, tests: () => void): void =>
	(executablePath ? describe : describe.skip)(`${name}${executablePath ? '' : ' (skipped: Chromium is not here)'}`, tests);

export const startBrowser = async (): Promise<Browser> => await chromium.launch({ executablePath, args: ['--no-sandbox'] });

/** How long something may take to appear: long, since a busy machine draws slowly. */
const APPEARS_MS = 120_000;

export async function openContext(browser: Browser, options: BrowserContextOptions): Promise<BrowserContext> {
	const context = await browser.newContext(options);
	context.setDefaultTimeout(APPEARS_MS);
	return context;
}

/** The two looks that each page is seen in: between them light and dark, desk and phone. */
export const LOOKS = {
	'desk, light': { viewport: { width: 1360, height: 900 }, colorScheme: 'light', reducedMotion: 'reduce' },
	'phone, dark': { viewport: { width: 390, height: 844 }, colorScheme: 'dark', reducedMotion: 'reduce' },
} as const satisfies Record<string, BrowserContextOptions>;
export type LookName = keyof typeof LOOKS;

/** What a browser itself notes of answers that are refusals: the page tells them in words. */
const REFUSED = /^Failed to load resource: the server responded with a status of (400|401|403|404|409|410|414|429)/;

/**
 * A page of its own at `address`, in which nothing may have gone wrong when it is closed: no error of a script, nothing that the
 * Content-Security-Policy kept from happening. `options` may hold cookies (`storageState`), a zone, a language.
 */
export async function onPage(
	browser: Browser,
	address: string,
	use: (page: Page) => Promise<void>,
	options: BrowserContextOptions = LOOKS['desk, light'],
): Promise<void> {
	const context = await openContext(browser, options);
	const page = await context.newPage();
	const errors: string[] = [];
	page.on('pageerror', (error) => errors.push(String(error)));
	page.on('console', (message) => {
		if (message.type() === 'error' && !REFUSED.test(message.text())) errors.push(message.text());
	});
	try {
		await page.goto(address);
		await use(page);
		expect(errors).toEqual([]);
	} finally {
		await context.close();
	}
}

/** Nothing waits any more: neither the page nor a part of it. */
export async function settled(page: Page): Promise<void> {
	await page.locator('main').waitFor();
	await page.waitForFunction(() => !document.querySelector('.skeleton'));
	// Charts are drawn once their chunk has come.
	await page.waitForFunction(() => [...document.querySelectorAll('.chart-box')].every((box) => box.querySelector('canvas')));
	await page.evaluate(() => document.fonts.ready);
}

/** What axe finds wrong with the page, each in a line. */
export async function axeFindings(page: Page): Promise<string[]> {
	await page.evaluate(axe.source);
	const { violations } = await page.evaluate(
		async () =>
			(await (globalThis as unknown as { axe: typeof axe }).axe.run(document, { resultTypes: ['violations'] })) as unknown as AxeResults,
	);
	return violations.flatMap(({ id, help, nodes }) =>
		nodes.map(({ html, any }) => `${id}: ${help}: ${html.slice(0, 160)} ${any[0]?.message ?? ''}`),
	);
}

/** What reaches beyond the window's right edge, but for what lies in a box that scrolls. */
export const tooWide = async (page: Page): Promise<string[]> =>
	await page.evaluate(() => {
		const scrolls = (element: Element): boolean => {
			for (let e = element.parentElement; e && e !== document.body; e = e.parentElement)
				if (/auto|scroll|hidden/.test(getComputedStyle(e).overflowX)) return true;
			return false;
		};
		const beyond = [...document.querySelectorAll('body *')].filter(
			(e) => e.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5 && !scrolls(e) && !e.closest('.hidden'),
		);
		const wide = document.documentElement.scrollWidth > document.documentElement.clientWidth ? ['the page scrolls sideways'] : [];
		return [...wide, ...beyond.map((e) => `${e.tagName} ${e.className}: ${(e.textContent ?? '').slice(0, 40)}`)];
	});

/** A picture for people, where they asked for pictures (MLOPS_SHOTS). */
export async function shoot(page: Page, name: string): Promise<void> {
	if (shots) await page.screenshot({ path: `${shots}/${name.replace(/[^\w ,-]+/g, '_')}.png`, fullPage: true });
}
