import { join } from 'node:path';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import type { N8nHost } from '../../scripts/n8nHost.mts';
import { chromiumPath } from '../chromiumPath.mts';

export { chromiumPath };

/** Where screenshots of a failed (or wanted) moment go. */
export const shots = process.env.MLOPS_SHOTS;

/** n8n's editor as a person uses it. */
export class Editor {
	private constructor(
		readonly browser: Browser,
		readonly page: Page,
		readonly host: N8nHost,
	) {}

	static async open(host: N8nHost): Promise<Editor> {
		const browser = await chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox'] });
		const page = await browser.newPage({ viewport: { width: 1720, height: 1000 } });
		// A busy machine draws slowly.
		page.setDefaultTimeout(120_000);
		await page.goto(`${host.url}/signin`);
		await page.locator('input[type=email]').fill(host.email);
		await page.locator('input[type=password]').fill(host.password);
		await page.keyboard.press('Enter');
		await page.waitForURL((url) => !url.pathname.includes('signin'));
		return new Editor(browser, page, host);
	}

	async openWorkflow(id: string): Promise<void> {
		await this.page.goto(`${this.host.url}/workflow/${id}`);
		await this.page.locator('[data-test-id=canvas-node]').first().waitFor();
		await this.page.waitForTimeout(1_500);
	}

	/** An empty canvas with the trigger of the button "Execute workflow". */
	async newWorkflow(): Promise<void> {
		await this.page.goto(`${this.host.url}/workflow/new`);
		await this.page.locator('[data-test-id=canvas-plus-button], [data-test-id=canvas-add-button]').first().click();
		await this.page.locator('[data-test-id=node-creator-search-bar]').fill('manual');
		await this.page
			.locator('[data-test-id=node-creator-item-name]')
			.filter({ hasText: /manually/i })
			.first()
			.click();
		await this.page.locator('[data-test-id=canvas-node]').first().waitFor();
		await this.page.waitForTimeout(1_000);
	}

	/**
	 * Adds a node behind the last one by its plus (of an output by its label), and takes the first operation that n8n offers. The new node is
	 * open then.
	 * @param name its name in the list of nodes
	 */
	async addNode(name: string, output?: string): Promise<void> {
		const nodes = this.page.locator('[data-test-id=canvas-node]');
		const before = await nodes.count();
		const handles = output ? this.page.locator('[data-test-id=canvas-node-output-handle]').filter({ hasText: output }) : this.page;
		await handles.locator('[data-test-id=canvas-handle-plus]').last().click({ force: true });
		await this.page.locator('[data-test-id=node-creator-search-bar]').fill(name);
		await this.page
			.locator('[data-test-id=node-creator-item-name]')
			.filter({ hasText: new RegExp(`^${name}$`) })
			.first()
			.click();
		await this.page.waitForTimeout(1_000);
		if ((await nodes.count()) === before) {
			const operations = this.page.locator('[data-test-id=node-creator-item-name]');
			await ((await operations.count()) ? operations : this.page.getByRole('button', { name: /add to workflow/i })).first().click();
		}
		await this.node(name).waitFor({ state: 'attached' });
		await this.page.locator('[data-test-id=ndv]').first().waitFor();
		await this.page.waitForTimeout(700);
	}

	/** Chooses from a list of an open node, by the words that a person sees. */
	async choose(parameter: string, words: string): Promise<void> {
		await this.page.locator(`[data-test-id=parameter-input-${parameter}]`).first().click();
		await this.page.locator('.el-select-dropdown__item:visible').filter({ hasText: words }).first().click();
		await this.page.waitForTimeout(500);
	}

	async type(parameter: string, text: string): Promise<void> {
		await this.page
			.locator(`[data-test-id=parameter-input-${parameter}] input, [data-test-id=parameter-input-${parameter}] textarea`)
			.first()
			.fill(text);
		// Not the Tab key: it opens the list of the field below.
		await this.output.getByText('Output', { exact: true }).first().click();
		await this.page.waitForTimeout(300);
	}

	/** Closes the open node and shows the whole workflow. */
	async backToCanvas(): Promise<void> {
		await this.closeNode();
		await this.page.locator('[data-test-id=zoom-to-fit]').click();
		await this.page.waitForTimeout(500);
	}

	node(name: string): Locator {
		return this.page.locator(`[data-test-id=canvas-node][data-node-name="${name}"]`);
	}

	async execute(): Promise<void> {
		await this.page.locator('[data-test-id=execute-workflow-button]').click();
	}

	/** Names of the nodes that n8n offers for some words. */
	async searchNodes(words: string): Promise<string[]> {
		const bar = this.page.locator('[data-test-id=node-creator-search-bar]');
		if (!(await bar.isVisible())) await this.page.locator('[data-test-id=node-creator-plus-button]').click();
		await bar.fill('');
		await bar.fill(words);
		const names = this.page.locator('[data-test-id=node-creator-item-name]');
		await names.first().waitFor();
		// The list follows the words a moment later.
		let found: string[] | undefined;
		for (let before; String(found) !== String(before) || found === undefined; ) {
			before = found;
			await this.page.waitForTimeout(700);
			found = await names.allInnerTexts();
		}
		await this.page.keyboard.press('Escape');
		return found;
	}

	/** Waits until a node shows n8n's green mark. */
	async untilGreen(name: string, timeout: number): Promise<void> {
		await this.node(name).locator('[data-test-id=canvas-node-status-success]').first().waitFor({ timeout });
	}

	/** Waits until a node shows that it waits for somebody. */
	async untilWaiting(name: string, timeout: number): Promise<void> {
		await this.node(name).locator('[class*=_waiting_]').first().waitFor({ timeout });
	}

	async openNode(name: string): Promise<void> {
		await this.node(name).dblclick({ force: true });
		await this.page
			.locator('[data-test-id=ndv]')
			.first()
			.waitFor({ timeout: 20_000 })
			.catch(() => {});
		await this.page.waitForTimeout(1_000);
	}

	/** The right half of an open node. */
	private get output(): Locator {
		return this.page.locator('[data-test-id=output-panel]').last();
	}

	/** Opens one of the files of an open node's output in n8n's viewer. */
	private async view(file: string): Promise<void> {
		await this.output.locator('[data-test-id=radio-button-binary]').click();
		const card = this.output.locator('[data-test-id^=ndv-binary-data_]').filter({ hasText: file });
		await card.locator('[data-test-id=ndv-view-binary-data]').first().click();
	}

	/** Opens the report of an open node's output as n8n draws it, and returns its words. */
	async report(): Promise<string> {
		await this.view('.html');
		const body = this.output.frameLocator('iframe').locator('body');
		await body.locator('h1').first().waitFor();
		return await body.innerText();
	}

	/** Opens the first chart of an open node's output, and returns the size that it is drawn in. */
	async chart(): Promise<{ width: number; height: number }> {
		await this.view('.png');
		const image = this.output.locator('img[src*="binary-data"], embed[src*="binary-data"]').first();
		await image.waitFor();
		const { width, height } = (await image.boundingBox())!;
		return { width, height };
	}

	async backToList(): Promise<void> {
		await this.output.getByText('Back to list').click();
	}

	async closeNode(): Promise<void> {
		await this.page.keyboard.press('Escape');
		await this.page.waitForTimeout(500);
	}

	async shot(name: string): Promise<void> {
		if (shots) await this.page.screenshot({ path: join(shots, `${name}.png`) });
	}

	/** The whole workflow and nothing around it, as a picture for people. */
	async canvasShot(name: string): Promise<void> {
		if (!shots) return;
		await this.page.locator('[data-test-id=zoom-to-fit]').click();
		const notes = this.page.locator('[data-test-id=canvas-node], [data-test-id=sticky]');
		await notes.first().waitFor();
		await this.page.waitForTimeout(1_500);
		const boxes = (await Promise.all((await notes.all()).map(async (note) => await note.boundingBox()))).filter((box) => box !== null);
		const edge = (of: (box: { x: number; y: number; width: number; height: number }) => number, pick: (...n: number[]) => number) =>
			pick(...boxes.map(of));
		const [x, y] = [edge((b) => b.x, Math.min) - 16, edge((b) => b.y, Math.min) - 16];
		const clip = { x, y, width: edge((b) => b.x + b.width, Math.max) + 16 - x, height: edge((b) => b.y + b.height, Math.max) + 44 - y };
		await this.page.screenshot({ path: join(shots, `${name}.png`), clip });
	}

	async close(): Promise<void> {
		await this.browser.close();
	}
}
