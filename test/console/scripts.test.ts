/// <reference lib="dom" />
import type { Browser, Page } from 'playwright-core';
import { makeKey, withdrawKey } from '../../lib/app/apiKeys.js';
import { askForApproval, decideAs } from '../../lib/app/approval.js';
import { changeRole, makePerson, setDisabled } from '../../lib/app/people.js';
import type { Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { account, PASSWORD } from '../server/console/signedIn.js';
import { startServe, fruitPackage, registerPackage, type Served } from '../server/served.js';
import { datasetBody, freshFolder, removeFolders } from '../store/records.js';
import { describeBrowser, openContext, settled, startBrowser } from './browser.js';
import { PAYLOADS } from './payloads.js';

/** All pages that show what people wrote; those about one thing are reached by their links. */
const LISTS = [
	'/',
	'/approvals?which=all',
	'/people',
	'/people?tab=keys',
	'/people?tab=models',
	'/audit',
	'/incidents?state=all',
	'/trainings',
	'/serving',
	'/models',
	'/datasets',
	'/account',
];

describeBrowser('scripts in what people write', () => {
	let browser: Browser;
	let page: Page;
	let store: Store;
	let server: Served;
	/** What ran, opened a dialog, was kept from running by the policy, or left for elsewhere. */
	const happened: string[] = [];
	beforeAll(async () => {
		const home = await freshFolder();
		store = await openStore({ kind: 'folder', home });
		const by = (actor: string) => ({ store, actor });
		const admin = await account(store, 'administrator');
		const model = await fruitPackage();
		for (const [i, payload] of PAYLOADS.entries()) {
			const { approval } = await askForApproval(store, {
				title: payload,
				approvers: [payload, 'administrator@example.com'],
				expiresMinutes: 600,
				modelName: payload,
				items: [],
			});
			if (i % 2) await decideAs(store, { name: admin, email: admin, role: 'administrator' }, approval.id, 'rejected', payload);
			const { made } = await makeKey(by(payload), { label: payload, scopes: ['read'], models: [payload] });
			if (i % 2) await withdrawKey(by(payload), made.id, payload);
			const { person } = await makePerson(by(payload), { email: `p${i}@example.com`, role: 'viewer', name: payload });
			if (i % 3 === 0) await changeRole(by(payload), person.id, 'operator');
			if (i % 3 === 1) await setDisabled(by(payload), person.id, true, payload);
			await store.audit({ actor: payload, action: payload, subject: payload, details: { [payload]: payload } });
			if (i % 10 === 0) {
				await registerPackage(store, payload, model);
				await store.moveAlias(payload, 'champion', 1, { actor: payload, reason: payload });
				await store.add('dataset', payload, await datasetBody(store, payload));
			}
		}
		server = await startServe(home, ['--listeners', '1']);
		browser = await startBrowser();
		const context = await openContext(browser, { viewport: { width: 1360, height: 900 } });
		await context.exposeFunction('xss', (what: string) => happened.push(`ran: ${what}`));
		await context.addInitScript(() => {
			document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) => {
				void (globalThis as unknown as { xss(text: string): void }).xss(`kept back: ${violatedDirective} ${blockedURI} ${sample}`);
			});
		});
		page = await context.newPage();
		page.on('dialog', (dialog) => {
			happened.push(`dialog: ${dialog.message()}`);
			void dialog.dismiss();
		});
		page.on('pageerror', (error) => happened.push(`error: ${String(error)}`));
		page.on('request', (request) => {
			if (!request.url().startsWith(server.url) && !/^(data|blob|about):/.test(request.url())) happened.push(`asked: ${request.url()}`);
		});
		await page.goto(`${server.url}/console/`);
		await page.getByLabel('E-mail address').fill(admin);
		await page.getByLabel('Password').fill(PASSWORD);
		await page.getByRole('button', { name: 'Sign in' }).click();
		await page.locator('.person').waitFor();
	}, 240_000);
	afterAll(async () => {
		await browser?.close();
		await server?.stop();
		await store.close();
		await removeFolders();
	});
	afterEach(() => {
		expect(happened.splice(0)).toEqual([]);
	});

	/** Hovers over and clicks on what a payload could have made. */
	const provoke = async (): Promise<void> => {
		await settled(page);
		await page.evaluate(() => {
			for (const element of document.querySelectorAll('main *')) {
				element.dispatchEvent(new MouseEvent('mouseover', { bubbles: true }));
				element.dispatchEvent(new Event('error'));
				element.dispatchEvent(new Event('toggle'));
				element.dispatchEvent(new FocusEvent('focus'));
			}
		});
		// Nothing of theirs became a part of the page.
		expect(
			await page.evaluate(
				() =>
					document.querySelectorAll(
						'main script, main img[src=x], main object, main embed, main base, main [onerror], main [onload], main form[action], ' +
							'a[href^="javascript:"]',
					).length,
			),
		).toBe(0);
	};

	it('there are fifty of them', () => expect(new Set(PAYLOADS).size).toBeGreaterThanOrEqual(50));

	it.each(LISTS)(
		'nothing runs on %s',
		async (path) => {
			await page.goto(`${server.url}/console${path}`);
			await provoke();
		},
		60_000,
	);

	it('nothing runs on the pages of single approvals, nor in the facts that they frame', async () => {
		for (const { id, subject } of (await store.approvals({})).filter((_, i) => i % 5 === 0)) {
			await page.goto(`${server.url}/console/approvals/${id}`);
			await page.frameLocator('.facts-page').locator('h1').waitFor();
			expect(await page.frameLocator('.facts-page').locator('h1').innerText()).toContain(
				subject.title.replace(/\s+/g, ' ').trim().slice(0, 10),
			);
			await provoke();
		}
	}, 120_000);

	it.each(PAYLOADS.filter((_, i) => i % 4 === 0))(
		'nothing runs that stands in an address: %j',
		async (payload) => {
			const text = encodeURIComponent(payload);
			for (const path of [
				`/approvals/${text}`,
				`/approvals?which=${text}`,
				`/models/${text}`,
				`/${text}`,
				`/audit?actor=${text}`,
				`/welcome#${text}`,
			]) {
				await page.goto(`${server.url}/console${path}`);
				await page.locator('main').waitFor();
				expect(new URL(page.url()).origin).toBe(server.url);
			}
			// Whoever is signed in already goes on at once to what stands there.
			await page.goto(`${server.url}/console/sign-in?next=${text}`, { waitUntil: 'commit' }).catch(() => {});
			await page.locator('.person').waitFor();
			expect(new URL(page.url()).origin).toBe(server.url);
			const { status, headers } = await page.evaluate(async (asked) => {
				const response = await fetch(`/api/v1/approvals/${asked}`);
				return { status: response.status, headers: Object.fromEntries(response.headers) };
			}, text);
			expect([404, 400, 414]).toContain(status);
			expect(headers['content-type']).toMatch(/^application\/json/);
		},
		60_000,
	);
});
