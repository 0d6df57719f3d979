/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { chromium, type Browser, type Page } from 'playwright-core';
import { datasetReport, driftReportHtml, evaluationReport, recipeReport, runReport, type Report } from '../../lib/report/index.js';
import { dataset, drift, evaluation, multiclassEvaluation, profile, regressionEvaluation, run, tree } from '../report/fixtures.js';
import { chromiumPath } from './browser.js';

const executablePath = chromiumPath();
const preview = { columns: dataset().columns, rows: [{ Species: 'Adelie', Island: 'Torgersen', 'Beak Length (mm)': 39.1 }] };
const LONG = ['Chief complaint at admission', 'Days since the last visit', 'Household income before taxes', 'Reason for the call'];
const steps = [{
	step: 'impute', params: { columns: LONG, strategy: 'median', add_indicator: false }, reason: `"${LONG.join('", "')}" have gaps.`,
	explanation: `Fills gaps: ${LONG.join(', ')} with the median of the training rows.`,
}];
const classes = ['Returned within thirty days', 'Kept', 'Exchanged for another size', 'Refused at the door'];
/** Names as people have them: several words, long ones, many of them. */
const reports: Record<string, () => Promise<Report>> = {
	dataset: async () => await datasetReport(dataset(), profile(), preview),
	recipe: async () => await recipeReport(steps, { title: 'Clean', preview }),
	run: async () => await runReport({ ...run(), tree: tree() }),
	evaluation: async () => await evaluationReport(evaluation({ importance: LONG.map((feature, i) => ({ feature, drop: 0.4 / (i + 1), std: 0.2 / (i + 1) })) }), run()),
	'evaluation of several classes': async () => await evaluationReport(multiclassEvaluation(), run({ primary: 'logLoss' })),
	'evaluation of classes with long names': async () => await evaluationReport({
		...multiclassEvaluation(), classes, target: 'What became of the parcel',
		confusion: { labels: classes, counts: classes.map((_, i) => classes.map((__, j) => (i === j ? 40 : i + j))) },
		roc: classes.map((label, i) => ({ label, x: [0, 0.02 * (i + 1), 0.1, 1], y: [0, 0.95, 0.99, 1] })),
	}, run()),
	'evaluation of numbers': async () => await evaluationReport(regressionEvaluation(), run()),
	drift: async () => await driftReportHtml(drift()),
};

(executablePath ? describe : describe.skip)(`reports as a browser shows them${executablePath ? '' : ' (skipped: Chromium is not here)'}`, () => {
	let browser: Browser;
	beforeAll(async () => { browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] }); });
	afterAll(async () => { await browser.close(); });

	const shown = async <T>(html: string, width: number, look: (page: Page) => Promise<T>): Promise<T> => {
		const page = await browser.newPage({ viewport: { width, height: 900 } });
		try {
			await page.setContent(html);
			return await look(page);
		} finally {
			await page.close();
		}
	};

	it.each(Object.entries(reports))('%s: no word is broken in n8n\'s panel, and nothing but rows of data and a matrix is wider than it', async (_, make) => {
		const { html } = await make();
		for (const width of [400, 620]) {
			expect(await shown(html, width, brokenWords)).toEqual([]);
			expect(await shown(html, width, widerThanTheirBox)).toEqual([]);
		}
	});

	it.each(Object.entries(reports))('%s: labels and legends of charts lie apart and inside, on a wide screen and on a phone', async (_, make) => {
		const { full } = await make();
		for (const width of [1100, 390]) expect(await shown(full, width, labelsInTheWay)).toEqual([]);
	});

	it('charts of the full report have the width of the page', async () => {
		const { full } = await reports.evaluation();
		const shares = await shown(full, 1100, async (page) => await page.evaluate(() => {
			const room = document.querySelector('.r')!.getBoundingClientRect().width - 88;
			return [...document.querySelectorAll('.charts')].map((box) => {
				const figures = [...box.children].map((f) => f.getBoundingClientRect());
				return (Math.max(...figures.map((f) => f.right)) - Math.min(...figures.map((f) => f.left))) / room;
			});
		}));
		expect(shares.length).toBeGreaterThan(2);
		for (const share of shares) expect(share).toBeGreaterThan(0.97);
	});
});

/** Words (of at most 24 characters) that stand on two lines, outside of pictures. */
const brokenWords = async (page: Page): Promise<string[]> => await page.evaluate(() => {
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
const widerThanTheirBox = async (page: Page): Promise<string[]> => await page.evaluate(() =>
	[...document.querySelectorAll('.scroll')].filter((box) => !box.querySelector('.preview, .matrix') && box.scrollWidth > box.clientWidth + 1)
		.map((box) => `${box.querySelector('thead')?.textContent ?? ''}: ${box.scrollWidth} of ${box.clientWidth}`));

/** Pairs of texts in one visible picture that cover each other, and texts that leave it. */
const labelsInTheWay = async (page: Page): Promise<string[]> => await page.evaluate(() => {
	const found: string[] = [];
	for (const svg of document.querySelectorAll('svg')) {
		const frame = svg.getBoundingClientRect();
		if (frame.width === 0) continue;
		const texts = [...svg.querySelectorAll('text')].map((t) => ({ text: t.textContent ?? '', at: t.getBoundingClientRect(), tilted: (t as SVGTextElement).getCTM()?.b !== 0 })).filter((t) => t.text.trim() && t.at.width > 0);
		for (const [i, a] of texts.entries()) {
			if (a.at.left < frame.left - 2 || a.at.right > frame.right + 2 || a.at.bottom > frame.bottom + 2) found.push(`outside: ${a.text}`);
			for (const b of texts.slice(i + 1)) {
				const [w, h] = [Math.min(a.at.right, b.at.right) - Math.max(a.at.left, b.at.left), Math.min(a.at.bottom, b.at.bottom) - Math.max(a.at.top, b.at.top)];
				// Boxes of letters reach a little beyond their ink, those of slanting words far beyond.
				if (a.tilted || b.tilted) continue;
				if (w > 2 && h > 4) found.push(`${a.text} | ${b.text}`);
			}
		}
	}
	return found;
});
