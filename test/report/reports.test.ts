import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { datasetReport } from '../../lib/report/reports/dataset';
import { deploymentReport } from '../../lib/report/reports/deployment';
import { driftReportHtml } from '../../lib/report/reports/drift';
import { evaluationReport } from '../../lib/report/reports/evaluation';
import { recipeReport } from '../../lib/report/reports/recipe';
import { runReport } from '../../lib/report/reports/run';
import { watchReport } from '../../lib/report/reports/watch';
import type { Report } from '../../lib/report/makeReport';
import { dataset, drift, evaluation, multiclassEvaluation, profile, regressionEvaluation, run, tree, watchedOver } from './fixtures';

const preview = { columns: dataset().columns, rows: [{ Species: 'Adelie', Island: 'Torgersen', 'Beak Length (mm)': 39.1 }] };
const deployment = {
	model: 'flights',
	version: 4,
	alias: 'champion',
	previousVersion: 3,
	moved: true,
	preview: false,
	overridden: false,
	text: 'Gate passed.',
};
const reports: Record<string, () => Promise<Report>> = {
	dataset: () => datasetReport(dataset(), profile(), preview),
	recipe: () =>
		recipeReport([{ step: 'impute', params: { strategy: 'median' }, reason: '2 values are missing.' }], { title: 'Clean', preview }),
	run: () => runReport({ ...run(), tree: tree() }),
	evaluation: () => evaluationReport(evaluation(), run()),
	'evaluation of several classes': () => evaluationReport(multiclassEvaluation(), run()),
	'evaluation of numbers': () => evaluationReport(regressionEvaluation(), run()),
	drift: () => driftReportHtml(drift()),
	'quality, window by window': () => watchReport(watchedOver()),
	deployment: () =>
		deploymentReport(deployment, {
			evaluation: evaluation(),
			history: [{ seq: 4, model: 'flights', alias: 'champion', from: null, to: 3, at: '2026-11-20T22:00:00Z', actor: 'workflow' }],
		}),
};

/** What n8n's output panel keeps of an HTML file; everything else would be dropped or shown as text. */
const KEPT = new Set([
	'!doctype',
	'html',
	'head',
	'meta',
	'title',
	'style',
	'body',
	'div',
	'p',
	'span',
	'b',
	'br',
	'h1',
	'h2',
	'h3',
	'table',
	'thead',
	'tbody',
	'tr',
	'th',
	'td',
	'ul',
	'ol',
	'li',
	'code',
]);
const tags = (html: string) => new Set([...html.matchAll(/<\/?([a-z!][a-z0-9]*)/gi)].map((m) => m[1].toLowerCase()));
const first = (html: string) => /<h1>(.*?)<\/h1>/.exec(html)?.[1] ?? '';

describe.each(Object.entries(reports))('%s report', (_, make) => {
	it('is safe for the output panel, small, and says its conclusion first', async () => {
		const { html, charts, full } = await make();
		for (const tag of tags(html)) expect(KEPT).toContain(tag);
		expect(html.match(/<[a-z]+ [^>]*?\b(on\w+|src|href|colspan|rowspan|id)=/i)).toBeNull();
		expect(html).not.toMatch(/\b(NaN|undefined|null|Infinity)\b/);
		expect(first(html).length).toBeGreaterThan(20);
		expect(first(full)).toBe(first(html));
		expect(Buffer.byteLength(html)).toBeLessThan(60_000);
		expect(Buffer.byteLength(full)).toBeLessThan(2_000_000);
		expect(new Set(charts.map((c) => c.name)).size).toBe(charts.length);
		for (const c of charts) expect(c.name).toMatch(/^[a-z_0-9]+$/);
		// One file: nothing is fetched.
		expect(full).not.toMatch(/(src|href)="|@import|url\((?!#)/);
	});
});

it('the evaluation opens with what the score means, and shows gate, comparison, slices and the model card', async () => {
	const { html, full, charts } = await reports.evaluation();
	expect(first(html)).toContain('ranks a “late = yes” case above a “late = no” one 70\u00a0% of the time');
	expect(html).toContain('at least 0.65 was asked for');
	expect(html).toContain('flight-delays version 3');
	expect(html).toMatch(/ORD <span class="badge"[^>]*>look/);
	expect(html).not.toContain('Model card');
	for (const field of [
		'Model card',
		'Intended use',
		'Not meant for',
		'Training data',
		'Evaluation data',
		'Considerations',
		'not written down yet',
	])
		expect(full).toContain(field);
	expect(charts.map((c) => c.name)).toEqual(['comparison', 'roc', 'precision_recall', 'confusion', 'calibration', 'importance']);
});

it('the leaderboard marks the best whatever direction the metric has', async () => {
	const leaderboard: ReturnType<typeof run>['leaderboard'] = [
		{ learner: 'worse', params: {}, metrics: { rmse: 9 }, seconds: 1 },
		{ learner: 'best', params: {}, metrics: { rmse: 2 }, seconds: 1 },
		{ learner: 'broken', params: {}, metrics: {}, seconds: 1, failed: 'Out of memory.' },
	];
	const { html } = await runReport(run({ primary: 'rmse', metrics: { rmse: 2 }, leaderboard, task: 'regression' }));
	const names = [...html.matchAll(/<td><b>(\w+)<\/b>/g)].map((m) => m[1]);
	expect(names).toEqual(['Best', 'Worse', 'Broken']);
	expect(html).toMatch(/Best<\/b> <span class="badge"[^>]*>chosen/);
	expect(html).toContain('Out of memory.');
	const two: typeof leaderboard = [
		{ learner: 'calm', params: {}, metrics: { auc: 0.5, logLoss: 0.01 }, seconds: 1 },
		{ learner: 'lucky', params: {}, metrics: { auc: 1, logLoss: 0.6 }, seconds: 1 },
	];
	const second = run({ primary: 'auc', metrics: { auc: 0.5 }, leaderboard: two, learner: 'calm', params: {} });
	expect((await runReport(second)).html).toMatch(/Lucky<\/b>(?! <span class="badge")[^]*Calm<\/b> <span class="badge"[^>]*>chosen/);
	const calibration = { kind: 'temperature', t: 0.5 };
	const calibrated = { ...second, learner: 'ensemble', params: { members: [{ learner: 'calm', params: {}, weight: 1 }], calibration } };
	expect((await runReport(calibrated)).html).toMatch(/Lucky<\/b>(?! <span class="badge")[^]*Calm<\/b> <span class="badge"[^>]*>chosen/);
	const repeated = { ...calibrated, params: { members: [{ learner: 'calm', params: {}, weight: 1, repeats: 4 }] } };
	const { html: fourTimes } = await runReport(repeated);
	expect(fourTimes).toMatch(/Lucky<\/b>(?! <span class="badge")[^]*Calm<\/b> <span class="badge"[^>]*>chosen/);
	expect(fourTimes).toContain('fitted 4 times');
	const { html: byLoss } = await runReport(run({ primary: 'auc', rankedBy: 'logLoss', metrics: { auc: 0.5 }, leaderboard: two }));
	expect(byLoss).toMatch(/Calm<\/b> <span class="badge"[^>]*>chosen/);
});

it('figures that are tiny stay apart, and a share of next to nothing is not fifteen digits', async () => {
	const leaderboard: ReturnType<typeof run>['leaderboard'] = [
		{ learner: 'linearRegression', params: {}, metrics: { rmse: 1.06e-12 }, seconds: 1 },
		{ learner: 'dummy', params: {}, metrics: { rmse: 2.92e-12 }, seconds: 1 },
	];
	const metrics = { rmse: 0.000042, mape: 2.67e14 };
	const { html } = await runReport(run({ primary: 'rmse', metrics, leaderboard, task: 'regression' }));
	const text = html.replace(/\u00a0|&nbsp;/g, ' ');
	for (const told of ['1e-12', '3e-12', '4e-5', '1,000,000 %']) expect(text).toContain(told);
	expect(text).not.toMatch(/\d{9}/);
});

it('a test run of a deployment says that nothing was changed, and an override names person and reason', async () => {
	expect(first((await deploymentReport({ ...deployment, preview: true, moved: false })).html)).toContain('Nothing was changed');
	expect((await deploymentReport({ ...deployment, overridden: true }, { actor: 'Dana', reason: 'Outage' })).html).toMatch(
		/Dana deployed this although.*Outage/,
	);
});

it('5,000 columns stay small: the interesting 50 are shown, the others counted', async () => {
	const columns = Array.from({ length: 5000 }, (_, i) => ({
		...profile().columns[2],
		name: `column ${i}`,
		missing: 0,
		warnings: i % 100 === 7 ? ['constant'] : [],
	}));
	const wide = {
		...profile(columns),
		warnings: columns
			.filter((c) => c.warnings.length)
			.map((c) => ({ code: 'constant' as const, column: c.name, text: 'It has one value only.', remedy: 'Leave it out.' })),
	};
	const { html, full } = await datasetReport(dataset({ columns: columns.map(({ name, type, role }) => ({ name, type, role })) }), wide, {
		columns: columns.map((c) => c.name),
		rows: [Object.fromEntries(columns.map((c) => [c.name, 1]))],
	});
	expect(Buffer.byteLength(html)).toBeLessThan(80_000);
	expect(Buffer.byteLength(full)).toBeLessThan(300_000);
	expect(html).toContain('4,950 more columns are not shown');
	expect(html).toContain('<b>column 4907</b>');
	expect(html).toContain('38 more of the same kind');
	const many = await driftReportHtml(
		drift({ columns: Array.from({ length: 3000 }, (_, i) => ({ ...drift().columns[0], column: `c${i}` })), driftedColumns: [] }),
	);
	expect(Buffer.byteLength(many.html)).toBeLessThan(120_000);
	expect(Buffer.byteLength(many.full)).toBeLessThan(600_000);
});

it('hostile names, values and texts are text everywhere', async () => {
	const bad = '"><script>alert(1)</script><img src=x onerror=alert(2)>\'`</style></table>';
	const column = {
		...profile().columns[0],
		name: bad,
		top: [
			{ value: bad, count: 3 },
			{ value: 'b', count: 1 },
		],
		warnings: [bad],
	};
	const made = [
		await datasetReport(
			dataset({ name: bad, target: bad, columns: [column], source: { type: bad, description: bad } }),
			{
				...profile([column, { ...column, name: `${bad}2`, role: 'feature', missing: 3 }]),
				warnings: [{ code: 'constant', column: bad, text: bad, remedy: bad }],
			},
			{ columns: [bad], rows: [{ [bad]: bad }] },
		),
		await recipeReport([{ step: bad, label: bad, params: { [bad]: bad }, reason: bad, explanation: bad }], { title: bad, notes: [bad] }),
		await runReport(
			run({
				target: bad,
				learner: bad,
				params: { [bad]: bad },
				backend: bad,
				leaderboard: [{ learner: bad, params: { [bad]: bad }, metrics: { auc: 0.6 }, seconds: 1 }],
				notes: [{ code: bad, text: bad }],
			}),
		),
		await evaluationReport(
			evaluation({
				target: bad,
				classes: [bad, bad],
				confusion: {
					labels: [bad, bad],
					counts: [
						[1, 2],
						[3, 4],
					],
				},
				roc: [{ label: bad, x: [0, 1], y: [0, 1] }],
				importance: [{ feature: bad, drop: 1, std: 0 }],
				slices: [{ column: bad, value: bad, rows: 1, metric: 0.2 }],
				notes: [{ code: bad, text: bad }],
			}),
			run(),
			{ name: bad, intendedUse: bad },
		),
		await driftReportHtml(
			drift({
				summary: bad,
				modelName: bad,
				driftedColumns: [bad],
				columns: [
					{ ...drift().columns[1], column: bad, reason: bad, histogram: { labels: [bad, 'b'], reference: [1, 2], current: [2, 1] } },
				],
			}),
		),
		await deploymentReport(
			{ ...deployment, model: bad, alias: bad, text: bad, overridden: true },
			{ actor: bad, reason: bad, history: [{ seq: 4, model: bad, alias: bad, from: 1, to: 2, at: bad, actor: bad, reason: bad }] },
		),
	];
	for (const { html, full } of made) {
		for (const page of [html, full]) {
			expect(page).not.toContain('<script>alert');
			expect(page).not.toContain('<img');
			expect((page.match(/<\/style>/g) ?? []).length).toBe(1);
		}
		expect(full.match(/<script>/g)).toHaveLength(1);
	}
}, 60_000);

it('equal records give equal reports', async () => {
	const [a, b] = [await reports.evaluation(), await reports.evaluation()];
	expect(a.html).toBe(b.html);
	expect(a.full).toBe(b.full);
	expect(a.charts.every((c, i) => c.png.equals(b.charts[i].png))).toBe(true);
});

it('each node has an icon for light and for dark screens: one shape language, no text, nothing loaded', () => {
	const folder = join(__dirname, '../../nodes/icons');
	for (const name of ['ingest', 'clean', 'featureEngineer', 'train', 'evaluate', 'deploy', 'predict', 'monitorDrift', 'notify']) {
		expect(readdirSync(folder)).toEqual(expect.arrayContaining([`${name}.svg`, `${name}.dark.svg`]));
		for (const file of [`${name}.svg`, `${name}.dark.svg`]) {
			const svg = readFileSync(join(folder, file), 'utf8');
			expect(svg).toContain('viewBox="0 0 60 60"');
			expect(svg).not.toMatch(/<text|<script|href|<image|<style/);
		}
	}
});

test('a dataset says how it was read: what was found, chosen and put right', async () => {
	const { html, full } = await datasetReport(dataset(), profile(), preview, ['"seen" has dates in 5 spellings, all read as <dates>.']);
	for (const page of [html, full]) expect(page).toMatch(/How it was read[^]*has dates in 5 spellings, all read as &lt;dates&gt;/);
	expect((await datasetReport(dataset(), profile(), preview)).html).not.toContain('How it was read');
});

test('a learning curve is labelled with what it shows, not with the metric that ranks', async () => {
	const curve = Array.from({ length: 20 }, (_, i) => ({ step: i + 1, validation: 0.7 - 0.02 * i + 0.001 * i * i }));
	const says = async (change: object, text: string): Promise<boolean> =>
		JSON.stringify(await runReport(run({ primary: 'auc', curve, leaderboard: undefined, ...change }))).includes(text);
	expect(await says({ curveMetric: 'logLoss' }, 'Log loss: lower is better')).toBe(true);
	expect(await says({ curveMetric: 'logLoss' }, '(AUC): higher is better')).toBe(false);
	// Runs of before do not say what it was: their learner does.
	expect(await says({}, 'Loss: lower is better')).toBe(true);
	expect(await says({ params: { early_stopping_metric: 'auc' } }, '(AUC): higher is better')).toBe(true);
});

test('an interval over all that a score can be is left out', async () => {
	const { html } = await evaluationReport(
		evaluation({
			metrics: { auc: { value: 0.8, low: 0, high: 1 } },
			gate: { passed: false, refused: true, reasons: [{ passed: false, text: 'Only 1 of "yes".' }] },
		}),
		run(),
	);
	expect(html).toContain('too few to judge');
	expect(html).not.toMatch(/0\.000 – 1\.000/);
	expect(html).toContain('Why it was not judged');
});

test('a yes/no column to predict is told in words', async () => {
	const told = profile();
	const target = told.columns.find((c) => c.role === 'target')!;
	Object.assign(target, { type: 'boolean', top: [{ value: '1', count: 3 }] });
	expect((await datasetReport(dataset(), told)).html).toContain('which is most often “yes”');
});

test('a run whose best model may be no better than guessing says so where its figure stands', async () => {
	const text = 'What was found may say no more about "y" than guessing does.';
	const { html, full } = await runReport(run({ notes: [{ code: 'learn.no_better_than_guessing', text }] }));
	for (const page of [html, full]) {
		expect(page).toContain('may be no better than guessing');
		expect(page!.indexOf('may say no more about')).toBeLessThan(page!.indexOf('These figures come from'));
	}
	expect((await runReport(run())).html).not.toContain('no better than guessing');
});
