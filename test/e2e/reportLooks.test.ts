/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { chromium, type Browser, type Page } from 'playwright-core';
import { datasetReport } from '../../lib/report/reports/dataset.js';
import { driftReportHtml } from '../../lib/report/reports/drift.js';
import { evaluationReport } from '../../lib/report/reports/evaluation.js';
import { recipeReport } from '../../lib/report/reports/recipe.js';
import { runReport } from '../../lib/report/reports/run.js';
import type { Report } from '../../lib/report/makeReport.js';
import { dataset, drift, evaluation, multiclassEvaluation, profile, regressionEvaluation, run, tree } from '../report/fixtures.js';
import { alreadyDecidedPage, approvalPage } from '../../lib/notify/approvalPage.js';
import { approvalView } from '../../lib/notify/approvalView.js';
import type { Approval } from '../../lib/domain/approval.js';
import { chromiumPath, shots } from './browser.js';

const executablePath = chromiumPath();
const preview = { columns: dataset().columns, rows: [{ Species: 'Adelie', Island: 'Torgersen', 'Beak Length (mm)': 39.1 }] };
const LONG = ['Chief complaint at admission', 'Days since the last visit', 'Household income before taxes', 'Reason for the call'];
const steps = [
	{
		step: 'impute',
		params: { columns: LONG, strategy: 'median', add_indicator: false },
		reason: `"${LONG.join('", "')}" have gaps.`,
		explanation: `Fills gaps: ${LONG.join(', ')} with the median of the training rows.`,
	},
];
const classes = ['Returned within thirty days', 'Kept', 'Exchanged for another size', 'Refused at the door'];
/** Names as people have them: several words, long ones, many of them. */
const reports: Record<string, () => Promise<Report>> = {
	dataset: async () => await datasetReport(dataset(), profile(), preview),
	recipe: async () => await recipeReport(steps, { title: 'Clean', preview }),
	run: async () => await runReport({ ...run(), tree: tree() }),
	evaluation: async () =>
		await evaluationReport(
			evaluation({ importance: LONG.map((feature, i) => ({ feature, drop: 0.4 / (i + 1), std: 0.2 / (i + 1) })) }),
			run(),
		),
	'evaluation of several classes': async () => await evaluationReport(multiclassEvaluation(), run({ primary: 'logLoss' })),
	'evaluation of classes with long names': async () =>
		await evaluationReport(
			{
				...multiclassEvaluation(),
				classes,
				target: 'What became of the parcel',
				confusion: { labels: classes, counts: classes.map((_, i) => classes.map((__, j) => (i === j ? 40 : i + j))) },
				roc: classes.map((label, i) => ({ label, x: [0, 0.02 * (i + 1), 0.1, 1], y: [0, 0.95, 0.99, 1] })),
			},
			run(),
		),
	'evaluation of numbers': async () => await evaluationReport(regressionEvaluation(), run()),
	drift: async () => await driftReportHtml(drift()),
};

const approval: Approval = {
	id: 'x',
	status: 'pending',
	createdAt: '2026-11-23T21:00:00Z',
	subject: { title: 'flights version 4', modelName: 'flights', model: 'a'.repeat(64) },
	approvers: ['Dana'],
	expiresAt: '2026-11-26T21:00:00Z',
	items: 'x',
};
const pages: Record<string, () => Promise<string>> = {
	'a good model': async () =>
		approvalPage(await approvalView(approval, evaluation(), run(), { approver: 'Dana Whitfield', champion: 'flights@3' })),
	'a model that failed': async () =>
		approvalPage(await approvalView(approval, regressionEvaluation(), run(), { approver: 'Dana Whitfield' })),
	'a decided request': async () =>
		await Promise.resolve(
			alreadyDecidedPage(
				{ ...approval, status: 'approved', decidedBy: 'Lee', decidedAt: '2026-11-24T08:12:00Z', comment: 'As good as hoped.' },
				'Dana',
			),
		),
};

(executablePath ? describe : describe.skip)(
	`reports as a browser shows them${executablePath ? '' : ' (skipped: Chromium is not here)'}`,
	() => {
		let browser: Browser;
		beforeAll(async () => {
			browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
		});
		afterAll(async () => {
			await browser.close();
		});

		const shown = async <T>(
			html: string,
			width: number,
			look: (page: Page) => Promise<T>,
			colorScheme: 'light' | 'dark' = 'light',
		): Promise<T> => {
			const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
			try {
				await page.setContent(html);
				return await look(page);
			} finally {
				await page.close();
			}
		};

		it.each(Object.entries(reports))(
			"%s: no word is broken in n8n's panel, and nothing but rows of data and a matrix is wider than it",
			async (_, make) => {
				const { html } = await make();
				for (const width of [400, 620]) {
					expect(await shown(html, width, brokenWords)).toEqual([]);
					expect(await shown(html, width, widerThanTheirBox)).toEqual([]);
				}
			},
		);

		it.each(Object.entries(reports))(
			'%s: labels and legends of charts lie apart and inside, on a wide screen and on a phone',
			async (_, make) => {
				const { full } = await make();
				for (const width of [1100, 390]) expect(await shown(full, width, labelsInTheWay)).toEqual([]);
			},
		);

		it.each(Object.entries(pages))(
			'approval page, %s: can be read on a phone and on a wide screen, by day and by night',
			async (name, make) => {
				const html = await make();
				for (const width of [390, 1200])
					for (const scheme of ['light', 'dark'] as const) {
						const found = await shown(
							html,
							width,
							async (page) => {
								if (shots) await page.screenshot({ path: `${shots}/approval ${name} ${width} ${scheme}.png`, fullPage: true });
								return {
									broken: await brokenWords(page),
									faint: await faintTexts(page),
									sideways: await page.evaluate(() => document.documentElement.scrollWidth > innerWidth),
								};
							},
							scheme,
						);
						expect(found).toEqual({ broken: [], faint: [], sideways: false });
					}
			},
		);

		it('approval page: what guessing gives is seen on a phone too, since the text speaks of it', async () => {
			const texts = await shown(await pages['a good model'](), 390, async (page) => await page.locator('main').innerText());
			expect(texts).toMatch(/guessing gives 50/);
			expect(texts).toContain('Guessing: 0.500');
		});

		it('charts of the full report have the width of the page', async () => {
			const { full } = await reports.evaluation();
			const shares = await shown(
				full,
				1100,
				async (page) =>
					await page.evaluate(() => {
						const room = document.querySelector('.r')!.getBoundingClientRect().width - 88;
						return [...document.querySelectorAll('.charts')].map((box) => {
							const figures = [...box.children].map((f) => f.getBoundingClientRect());
							return (Math.max(...figures.map((f) => f.right)) - Math.min(...figures.map((f) => f.left))) / room;
						});
					}),
			);
			expect(shares.length).toBeGreaterThan(2);
			for (const share of shares) expect(share).toBeGreaterThan(0.97);
		});
	},
);

/** Words (of at most 24 characters) that stand on two lines, outside of pictures. */
const brokenWords = async (page: Page): Promise<string[]> =>
	await page.evaluate(() => {
		const broken: string[] = [];
		const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
		for (let node = walker.nextNode(); node; node = walker.nextNode()) {
			if (!node.parentElement || node.parentElement.closest('svg, style, script')) continue;
			for (const { 0: word, index } of (node.textContent ?? '').matchAll(/[\p{L}\p{N}_]{2,24}/gu)) {
				const range = document.createRange();
				range.setStart(node, index);
				range.setEnd(node, index + word.length);
				if (new Set([...range.getClientRects()].map((r) => Math.round(r.top))).size > 1) broken.push(word);
			}
		}
		return broken;
	});

/** Tables that have to be scrolled sideways, by their heads. */
const widerThanTheirBox = async (page: Page): Promise<string[]> =>
	await page.evaluate(() =>
		[...document.querySelectorAll('.scroll')]
			.filter((box) => !box.querySelector('.preview, .matrix') && box.scrollWidth > box.clientWidth + 1)
			.map((box) => `${box.querySelector('thead')?.textContent ?? ''}: ${box.scrollWidth} of ${box.clientWidth}`),
	);

/** Pairs of texts in one visible picture that cover each other, and texts that leave it. */
const labelsInTheWay = async (page: Page): Promise<string[]> =>
	await page.evaluate(() => {
		const found: string[] = [];
		for (const svg of document.querySelectorAll('svg')) {
			const frame = svg.getBoundingClientRect();
			if (frame.width === 0) continue;
			const texts = [...svg.querySelectorAll('text')]
				.map((t) => ({ text: t.textContent ?? '', at: t.getBoundingClientRect(), tilted: (t as SVGTextElement).getCTM()?.b !== 0 }))
				.filter((t) => t.text.trim() && t.at.width > 0);
			for (const [i, a] of texts.entries()) {
				if (a.at.left < frame.left - 2 || a.at.right > frame.right + 2 || a.at.bottom > frame.bottom + 2) found.push(`outside: ${a.text}`);
				for (const b of texts.slice(i + 1)) {
					const [w, h] = [
						Math.min(a.at.right, b.at.right) - Math.max(a.at.left, b.at.left),
						Math.min(a.at.bottom, b.at.bottom) - Math.max(a.at.top, b.at.top),
					];
					// Boxes of letters reach a little beyond their ink, those of slanting words far beyond.
					if (a.tilted || b.tilted) continue;
					if (w > 2 && h > 4) found.push(`${a.text} | ${b.text}`);
				}
			}
		}
		return found;
	});

/** Texts whose contrast against what lies behind them is below WCAG 2.1's 4.5, with the contrast. Pictures stand on paper of their own. */
const faintTexts = async (page: Page): Promise<string[]> =>
	await page.evaluate(() => {
		const rgb = (css: string): number[] => (css.match(/[\d.]+/g) ?? []).map(Number);
		const light = ([r, g, b]: number[]): number => {
			const [x, y, z] = [r, g, b].map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
			return 0.2126 * x + 0.7152 * y + 0.0722 * z;
		};
		const behind = (element: Element | null): number[] => {
			for (let at = element; at; at = at.parentElement) {
				const colour = rgb(getComputedStyle(at).backgroundColor);
				if (colour.length === 3 || colour[3] > 0) return colour;
			}
			return [255, 255, 255];
		};
		const faint: string[] = [];
		const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
		for (let node = walker.nextNode(); node; node = walker.nextNode()) {
			const element = node.parentElement;
			if (!element || !node.textContent?.trim() || element.closest('svg, style') || element.getBoundingClientRect().width === 0) continue;
			const [a, b] = [light(rgb(getComputedStyle(element).color)), light(behind(element))];
			const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
			if (contrast < 4.5) faint.push(`${contrast.toFixed(1)}: ${node.textContent.trim().slice(0, 40)}`);
		}
		return faint;
	});
