/// <reference lib="dom" />
import { rmSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { askForApproval } from '../../lib/app/approval.js';
import { makePerson } from '../../lib/app/people.js';
import type { Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { unpackStore } from '../fixtures/v1/open.js';
import { account, PASSWORD } from '../server/console/signedIn.js';
import { startServe, type Served } from '../server/served.js';
import { axeFindings, describeBrowser, LOOKS, onPage, settled, shoot, startBrowser, tooWide } from './browser.js';

describeBrowser('people in the console', () => {
	let browser: Browser;
	let home: string;
	let store: Store;
	let server: Served;
	beforeAll(async () => {
		home = unpackStore();
		store = await openStore({ kind: 'folder', home });
		server = await startServe(home, ['--listeners', '1']);
		browser = await startBrowser();
	}, 120_000);
	afterAll(async () => {
		await browser?.close();
		await server.stop();
		await store.close();
		rmSync(home, { recursive: true });
	});

	const at = (path: string): string => `${server.url}/console${path}`;
	const signIn = async (page: Page, email: string, password = PASSWORD): Promise<void> => {
		await page.getByLabel('E-mail address').fill(email);
		await page.getByLabel('Password').fill(password);
		await page.getByRole('button', { name: 'Sign in' }).click();
	};
	/** Looks at a page as it is now: for axe, for its width, for people. */
	const look = async (page: Page, name: string): Promise<void> => {
		await shoot(page, name);
		expect([name, await axeFindings(page)]).toEqual([name, []]);
		expect([name, await tooWide(page)]).toEqual([name, []]);
	};

	it('where nobody has an account, says how the first one is made', async () => {
		await onPage(browser, at('/'), async (page) => {
			await page.getByText('mlops person make').waitFor();
			await look(page, 'first account');
		});
	});

	it('a one-time link sets the password and signs in; it leaves the address at once, and works no second time', async () => {
		const { token } = await makePerson({ store, actor: 'test' }, { email: 'ann@example.com', role: 'administrator' });
		const link = at(`/welcome#${token}`);
		await onPage(browser, link, async (page) => {
			await page.getByLabel('Your name').fill('Ann');
			expect(page.url()).not.toContain(token);
			await page.getByLabel('New password').fill('password1234');
			await page.getByLabel('The same once more').fill('password1234');
			await page.getByRole('button', { name: 'Set password' }).click();
			await page.getByText('It is one of those that are tried first.').waitFor();
			await look(page, 'one-time link, desk, light');
			await page.getByLabel('New password').fill(PASSWORD);
			await page.getByLabel('The same once more').fill(PASSWORD);
			await page.getByRole('button', { name: 'Set password' }).click();
			await page.getByRole('heading', { name: 'Overview' }).waitFor();
			await page.getByRole('link', { name: 'Your account: Ann' }).click();
			await page.getByRole('heading', { name: 'Change your password' }).waitFor();
			await look(page, 'account');
			await page.getByRole('button', { name: 'Sign out', exact: true }).click();
			await page.getByRole('heading', { name: 'Sign in' }).waitFor();
		});
		await onPage(browser, link, async (page) => await page.getByText('This link was used already.').waitFor());
	}, 60_000);

	it.each(Object.entries(LOOKS))(
		'signs in (%s), and leads to the page that was asked for',
		async (name, options) => {
			await onPage(
				browser,
				at('/approvals?which=open'),
				async (page) => {
					await page.getByRole('heading', { name: 'Sign in' }).waitFor();
					await look(page, `sign in, ${name}`);
					await signIn(page, 'ann@example.com', 'not this one');
					await page.getByText('E-mail address or password is not right.').waitFor();
					await signIn(page, 'ann@example.com');
					await page.getByRole('heading', { name: 'Approvals' }).waitFor();
					expect(page.url()).toBe(at('/approvals?which=open'));
					await look(page, `no approvals, ${name}`);
				},
				options,
			);
		},
		120_000,
	);

	it('leads to no other site after signing in', async () => {
		for (const next of ['//evil.example', '/\\evil.example', '@evil.example', 'javascript:alert(1)'])
			await onPage(browser, at(`/sign-in?next=${encodeURIComponent(next)}`), async (page) => {
				await signIn(page, 'ann@example.com');
				await page.locator('.person').waitFor();
				expect(new URL(page.url()).origin).toBe(server.url);
			});
	}, 60_000);

	it('an approver sees the facts as behind the link, and decides in their own name; another hears who was first', async () => {
		await account(store, 'approver', 'bo@example.com');
		const [evaluation] = await store.list('evaluation');
		const ask = async () =>
			await askForApproval(store, {
				title: 'May the new model go live?',
				approvers: ['bo@example.com'],
				expiresMinutes: 600,
				modelName: evaluation.name,
				model: evaluation.body.model,
				evaluation: evaluation.id,
				items: [],
			});
		const { approval } = await ask();
		await ask();
		for (const [name, options] of Object.entries(LOOKS)) {
			await onPage(
				browser,
				at(`/approvals/${approval.id}`),
				async (page) => {
					await signIn(page, 'bo@example.com');
					const facts = page.frameLocator('.facts-page');
					await facts.getByText('The rules it had to pass').waitFor();
					await facts.locator('svg').first().waitFor({ state: 'attached' });
					expect(await facts.locator('form').count()).toBe(0);
					await page.waitForFunction(() => {
						const frame = document.querySelector<HTMLIFrameElement>('.facts-page')!;
						return Math.abs(frame.contentDocument!.documentElement.scrollHeight - frame.clientHeight) < 4;
					});
					await look(page, `approval, ${name}`);
				},
				options,
			);
		}
		await onPage(browser, at('/approvals'), async (page) => {
			await signIn(page, 'bo@example.com');
			await page.getByRole('link', { name: 'May the new model go live?' }).first().waitFor();
			await look(page, 'approvals waiting');
			await page.goto(at(`/approvals/${approval.id}`));
			await page.getByLabel('Comment').fill('<b>good</b> enough');
			await page.getByRole('button', { name: 'Approve' }).click();
			await page.locator('main').getByText('bo@example.com, ').first().waitFor();
			await page.getByText('<b>good</b> enough').waitFor();
			await settled(page);
			await look(page, 'approved');
		});
		expect(await store.approval(approval.id)).toMatchObject({ status: 'approved', decidedBy: 'bo@example.com' });
	}, 120_000);

	it('an administrator adds somebody, changes a role, makes and withdraws a key, says who looks after a model', async () => {
		const [model] = await store.names('modelVersion');
		await onPage(browser, at('/people'), async (page) => {
			await signIn(page, 'ann@example.com');
			await page.getByRole('button', { name: 'Add somebody' }).click();
			await page.getByLabel('E-mail address').fill('cleo@example.com');
			await look(page, 'add somebody');
			await page.getByRole('button', { name: 'Make account' }).click();
			expect(await page.locator('.secret').innerText()).toMatch(/\/console\/welcome#p[0-9a-f]{16}\.[\w-]{43}$/);
			await page.getByRole('button', { name: 'Done' }).click();
			await page.getByLabel('Role of cleo@example.com').selectOption('operator');
			await page.getByText('cleo@example.com is operator.').waitFor();
			await look(page, 'people, desk, light');
			await page.getByLabel('Role of ann@example.com').selectOption('viewer');
			await page.getByText('This is the last administrator').waitFor();

			await page.getByRole('tab', { name: 'API keys' }).click();
			await page.getByRole('button', { name: 'Make a key' }).click();
			await page.getByLabel('What it is for').fill('the <shop>');
			await look(page, 'make a key');
			await page.getByRole('button', { name: 'Make key' }).click();
			expect(await page.locator('.secret').innerText()).toMatch(/^mlops_/);
			await page.getByRole('button', { name: 'Done' }).click();
			await page.getByRole('button', { name: 'Withdraw the <shop>' }).click();
			await page.getByRole('button', { name: 'Withdraw', exact: true }).last().click();
			await page.getByText('Withdrawn').waitFor();

			await page.getByRole('tab', { name: "Models' people" }).click();
			await page.getByRole('button', { name: `Change the people of ${model}` }).click();
			await page.getByLabel('Accountable').fill('bo@example.com, Ann@Example.com');
			await page.getByRole('button', { name: 'Keep' }).click();
			await page.getByText('ann@example.com, bo@example.com').waitFor();
		});
		expect((await store.find('people', model))?.body.accountable).toEqual(['ann@example.com', 'bo@example.com']);
	}, 120_000);

	it('who may not come in is told so, and cannot press what is not theirs', async () => {
		await account(store, 'viewer', 'vic@example.com');
		await onPage(browser, at('/people'), async (page) => {
			await signIn(page, 'vic@example.com');
			await page.getByText('This page is not for your role').waitFor();
			const { id } = (await store.approvals({ statuses: ['pending'] }))[0];
			await page.goto(at(`/approvals/${id}`));
			await page.getByText('It was sent to others').waitFor();
			expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
		});
	}, 60_000);
});
