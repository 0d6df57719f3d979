import * as C from '../../lib/report/charts';
import { drift, evaluation, multiclassEvaluation, profile, regressionEvaluation, run, tree } from './fixtures';

const e = evaluation();
const m = multiclassEvaluation();
const all: Record<string, () => C.Chart> = {
	roc: () =>
		C.rocChart({ roc: e.roc ?? [], auc: e.metrics.auc, target: e.target, mark: { falsePositiveRate: 0.2, truePositiveRate: 0.6 } }),
	'roc of several classes': () => C.rocChart({ roc: m.roc ?? [], target: m.target }),
	'precision and recall': () => C.precisionRecallChart({ pr: e.pr ?? [], target: e.target, prevalence: 0.2 }),
	calibration: () => C.calibrationChart(e.calibration ?? { predicted: [], observed: [], count: [] }),
	confusion: () => C.confusionChart({ confusion: m.confusion ?? { labels: [], counts: [] }, target: m.target }),
	residuals: () =>
		C.residualsChart({
			residuals: regressionEvaluation().residuals ?? { predicted: [], residual: [], histogram: { edges: [], counts: [] } },
			target: 'mpg',
		}),
	importance: () => C.importanceChart(e),
	leaderboard: () => C.leaderboardChart({ leaderboard: run().leaderboard ?? [], primary: 'auc' }),
	'learning curve': () => C.learningCurveChart({ curve: run().curve, metric: 'auc' }),
	'histogram of numbers': () => C.histogramChart({ column: 'x', histogram: { edges: [0, 1, 2], counts: [3, 4] } }),
	'histogram of words': () => C.histogramChart({ column: 'x', top: [{ value: 'a', count: 3 }] }),
	missing: () => C.missingChart(profile()),
	correlation: () => C.correlationChart(profile().correlations ?? { columns: [], matrix: [] }),
	drift: () => C.driftChart(drift()),
	'drift of a column': () => C.driftHistogramChart(drift().columns[0]),
	tree: () => C.treeChart(tree()),
	comparison: () => C.comparisonChart({ comparison: e.comparison as NonNullable<typeof e.comparison>, baseline: 0.5 }),
};
const nothing: Record<string, () => C.Chart> = {
	roc: () => C.rocChart({ roc: [], target: 'x' }),
	calibration: () => C.calibrationChart({ predicted: [], observed: [], count: [] }),
	confusion: () => C.confusionChart({ confusion: { labels: [], counts: [] }, target: 'x' }),
	residuals: () => C.residualsChart({ residuals: { predicted: [], residual: [], histogram: { edges: [], counts: [] } }, target: 'x' }),
	importance: () => C.importanceChart({ importance: [], primary: 'auc' }),
	leaderboard: () => C.leaderboardChart({ leaderboard: [], primary: 'auc' }),
	'learning curve': () => C.learningCurveChart({ curve: [], metric: 'auc' }),
	histogram: () => C.histogramChart({ column: 'x' }),
	missing: () => C.missingChart({ rows: 0, columns: [] }),
	correlation: () => C.correlationChart({ columns: [], matrix: [] }),
	drift: () => C.driftChart(drift({ columns: [], driftedColumns: [] })),
};

/** Width and height from a PNG's header. */
const size = (png: Buffer) => [png.readUInt32BE(16), png.readUInt32BE(20)];

describe.each(Object.entries(all))('%s', (_, make) => {
	it('is drawn with a title and axis names, sharp, and the same every time', async () => {
		const chart = make();
		const svg = await C.renderSvg(chart.option, chart);
		expect(svg).toBe(await C.renderSvg(make().option, chart));
		expect(svg).toContain(chart.title.split(' ')[0].replace(/&/g, '&amp;'));
		expect(svg).not.toMatch(/NaN|undefined|zr\d+-|ecmeta|<style/);
		const png = await C.chartPng(chart);
		expect(png.subarray(1, 4).toString()).toBe('PNG');
		expect(size(png)).toEqual([chart.width * 2, chart.height * 2]);
		const drawn = await C.drawChart(chart);
		expect(drawn.tips.length).toBe(chart.tips.length);
		for (const tip of drawn.tips) {
			expect(tip.x).toBeGreaterThanOrEqual(0);
			expect(tip.x).toBeLessThanOrEqual(drawn.width);
			expect(tip.text.length).toBeGreaterThan(3);
		}
	});
});

it.each(Object.entries(nothing))('%s without data says so instead of failing', async (_, make) => {
	const chart = make();
	expect(chart.title.length).toBeGreaterThan(5);
	expect(await C.renderSvg(chart.option, chart)).not.toMatch(/NaN|undefined|Infinity/);
});

it('text does not depend on fonts of the machine', async () => {
	const svg = (text: string, family: string) =>
		`<svg xmlns="http://www.w3.org/2000/svg" width="300" height="40"><text x="5" y="25" font-family="${family}" font-size="18">${text}</text></svg>`;
	const blank = await C.svgToPng(svg('', 'Inter'), 300);
	for (const text of ['Delay', 'Łódź ñ', 'Ελλάδα', 'Москва', '≥ 70 % · ×']) {
		expect((await C.svgToPng(svg(text, 'Inter'), 300)).equals(blank)).toBe(false);
		// Another family falls back to the shipped font: no other is loaded for these scripts.
		expect((await C.svgToPng(svg(text, 'No Such Font'), 300)).equals(await C.svgToPng(svg(text, 'Inter'), 300))).toBe(true);
	}
});

it('hostile names stay text, and names of any length fit', async () => {
	const bad = '</text><script>alert(1)</script>\u0000\u202e"\'&';
	for (const name of [bad, 'n'.repeat(5000), '', '日本語']) {
		for (const chart of [
			C.importanceChart({ importance: [{ feature: name, drop: 1, std: 0.1 }], primary: name || 'auc' }),
			C.histogramChart({ column: name, top: [{ value: name, count: 1 }] }),
			C.driftHistogramChart({ ...drift().columns[1], column: name, reason: name }),
		]) {
			const svg = await C.renderSvg(chart.option, chart);
			expect(svg).not.toContain('<script');
			expect(svg.length).toBeLessThan(60_000);
			await expect(C.chartPng(chart)).resolves.toBeInstanceOf(Buffer);
		}
	}
});

it('a change counts as drift at one and more, whether a p-value or a distance decides', () => {
	const [distance] = drift().columns;
	expect(C.driftStrength(distance)).toBeCloseTo(8.08);
	expect(C.driftStrength({ ...distance, score: 0.01, pValue: 0.01, threshold: 0.05 })).toBeGreaterThan(1);
	expect(C.driftStrength({ ...distance, score: 0.5, pValue: 0.5, threshold: 0.05 })).toBeLessThan(1);
	expect(C.driftStrength({ ...distance, score: 0, pValue: 0, threshold: 0.05 })).toBeLessThan(100);
});
