import type { Chart } from '../../lib/report/charts/chart.js';
import { chartSvg } from '../../lib/report/charts/draw.js';
import { driftStrength } from '../../lib/report/panels/drift/strength.js';
import { sectionsOf, type Panel } from '../../lib/report/panels/panel.js';
import { DATASET_PANELS } from '../../lib/report/reports/dataset.js';
import { DEPLOYMENT_PANELS } from '../../lib/report/reports/deployment.js';
import { DRIFT_PANELS } from '../../lib/report/reports/drift.js';
import { EVALUATION_PANELS, evaluationReport } from '../../lib/report/reports/evaluation.js';
import { PREDICTION_PANELS } from '../../lib/report/reports/predictions.js';
import { RECIPE_PANELS } from '../../lib/report/reports/recipe.js';
import { RUN_PANELS, runReport } from '../../lib/report/reports/run.js';
import { TASKS } from '../../lib/task/index.js';
import { dataset, drift, evaluation, multiclassEvaluation, profile, regressionEvaluation, run, tree } from './fixtures';

/** What a panel's sections are called and what their charts say, without the rest. */
type Seen = Array<[panel: string, title: string | undefined, ...charts: string[]]>;

interface Case {
	seen: Seen;
	charts: Chart[];
}

const look = <Input>(panels: ReadonlyArray<Panel<Input>>, input: Input): Case => {
	const sections = panels.flatMap((panel) => sectionsOf([panel], input).map((s) => ({ id: panel.id, ...s })));
	return {
		seen: sections.map((s) => [s.id, s.title, ...(s.charts ?? []).map((c) => c.title)]),
		charts: sections.flatMap((s) => s.charts ?? []),
	};
};

const side = {
	column: 'origin',
	metric: 'auc',
	leftOut: 0,
	parts: [
		{ value: 'ORD', rows: 900, classRows: [800, 100], metric: 0.6, low: 0.55, high: 0.65 },
		{ value: 'SNA', rows: 800, classRows: [700, 100], metric: 0.71, low: 0.66, high: 0.75 },
		{ value: 'few', rows: 4, classRows: [3, 1] },
	],
};
const deployment = {
	model: 'flights',
	version: 4,
	alias: 'champion',
	previousVersion: 3,
	moved: true,
	preview: false,
	overridden: true,
	text: 'Deployed.',
};

const ensembleRun = run({
	learner: 'ensemble',
	params: {
		members: [
			{ learner: 'logisticRegression', params: { C: 2 }, weight: 0.25 },
			{ learner: 'randomForest', params: { n_estimators: 200 }, weight: 0.75 },
		],
	},
	curve: [],
	metrics: { auc: 0.7102 },
});

const cases: Record<string, { got: Case; seen: Seen }> = {
	dataset: {
		got: look(DATASET_PANELS, { record: dataset(), profile: profile(), preview: { columns: ['a'], rows: [{ a: 1 }] } }),
		seen: [
			['dataset_warnings', 'Look at these before training'],
			[
				'dataset_columns',
				'Columns',
				'The most frequent “Species” is “Adelie”',
				'4 of 6 columns have gaps; “Sex” most',
				'“Flipper Length (mm)” and “Body Mass (g)” move together most (0.87)',
			],
			['preview', 'First rows'],
		],
	},
	'dataset with cells that cannot be read': {
		got: look(DATASET_PANELS, {
			record: dataset(),
			profile: {
				...profile([{ ...profile().columns[2], missing: 0, strays: { count: 3, cells: [{ value: '?', count: 3, row: 7 }] } }]),
				warnings: [],
				correlations: undefined,
			},
		}),
		seen: [
			['dataset_columns', 'Columns'],
			['dataset_strays', 'Cells that could not be read'],
		],
	},
	run: {
		got: look(RUN_PANELS, { ...run(), notes: [{ code: 'x', text: 'A note.' }], tree: tree() }),
		seen: [
			['leaderboard', 'What was tried', expect.stringContaining('did best of') as string],
			['learning_curve', 'While it learned', expect.stringContaining('The model') as string],
			['first_tree', 'A look inside', expect.stringContaining('The first tree asks first') as string],
			['validation_scores', 'Scores'],
			['notes', 'Good to know'],
			['repeat', 'To repeat it'],
		],
	},
	'run of several models': {
		got: look(RUN_PANELS, ensembleRun),
		seen: [
			['members', 'What the model is made of'],
			['leaderboard', 'What was tried', expect.stringContaining('did best of') as string],
			['validation_scores', 'Scores'],
			['notes', 'Good to know'],
			['repeat', 'To repeat it'],
		],
	},
	'evaluation of two classes': {
		got: look(EVALUATION_PANELS, { evaluation: evaluation({ side }), run: run() }),
		seen: [
			['gate', 'Why it passed'],
			['side_by_side', 'Side by side: origin', 'It does worse where “origin” is ORD'],
			['champion', 'Against the model in use', 'The new model is better than the one in use'],
			['scores', 'Scores'],
			[
				'curves',
				undefined,
				'How well the model tells “late = yes” apart: 70\u00a0% right when shown a pair',
				'How many “late = yes” alarms are right, the more cases are to be found',
			],
			['confusion', 'Right and wrong answers', '74\u00a0% of the answers are right: what was true against what the model said'],
			['calibration', 'Can the probabilities be trusted?', 'The probabilities can be taken at their word'],
			['importance', 'What the answers depend on', 'What the answers depend on most: “hour”'],
			['slices', 'Does it work for everyone?'],
			['notes', 'Good to know'],
			['model_card', 'Model card'],
		],
	},
	'evaluation of several classes': {
		got: look(EVALUATION_PANELS, { evaluation: { ...multiclassEvaluation(), comparison: undefined, calibration: undefined, slices: [] } }),
		seen: [
			['gate', 'Why it passed'],
			['scores', 'Scores'],
			['curves', undefined, expect.stringContaining('each “Species” apart') as string],
			['confusion', 'Right and wrong answers', expect.stringContaining('of the answers are right') as string],
			['importance', 'What the answers depend on', expect.stringContaining('depend on most') as string],
		],
	},
	'evaluation of numbers': {
		got: look(EVALUATION_PANELS, { evaluation: regressionEvaluation() }),
		seen: [
			['gate', 'Why it did not pass'],
			['scores', 'Scores'],
			['residuals', 'Where it misses', expect.stringContaining('Predictions of “Miles_per_Gallon”') as string],
			['importance', 'What the answers depend on', 'What the answers depend on most: “Weight_in_lbs”'],
		],
	},
	drift: {
		got: look(
			DRIFT_PANELS,
			drift({
				dead: [{ column: 'x', how: 'gone' }],
				reading: [{ column: 'y', unread: 1, unknown: 0, outside: 0, examples: ['?'] }],
				notCompared: [{ column: 'z', why: 'free text' }],
				notes: [{ code: 'n', text: 'A note.' }],
				columns: drift().columns.map((c, i) => (i === 1 ? { ...c, newValues: { share: 0.1, drifted: true, values: ['XYZ'] } } : c)),
			}),
		),
		seen: [
			['dead_columns', 'Dead columns'],
			['column_drift', 'Column by column', '2 of 4 columns changed: distance and origin', '“distance” changed', '“origin” changed'],
			['then_and_now', '“distance” then and now'],
			['then_and_now', '“origin” then and now'],
			['unknown_values', 'Values the model does not know'],
			['new_values', 'Values never seen before'],
			['not_compared', 'Not compared'],
			['notes', 'Good to know'],
		],
	},
	'drift of nothing': {
		got: look(DRIFT_PANELS, drift({ columns: [], driftedColumns: [] })),
		seen: [
			['nothing_compared', 'Nothing to compare'],
			['column_drift', 'Column by column', 'None of 0 columns changed'],
		],
	},
	deployment: {
		got: look(DEPLOYMENT_PANELS, {
			deployment,
			evaluation: evaluation(),
			approval: {
				id: 'a',
				status: 'approved',
				createdAt: '2026-11-23T21:00:00Z',
				subject: { title: 't' },
				approvers: ['Dana'],
				expiresAt: '2026-11-26T21:00:00Z',
				items: 'x',
			},
			history: [{ seq: 4, model: 'flights', alias: 'champion', from: 3, to: 4, at: '2026-11-20T22:00:00Z', actor: 'Dana' }],
		}),
		seen: [
			['override', 'Overridden by a person'],
			['gate_then', 'The gate'],
			['approval_then', 'The approval'],
			['alias_history', 'What served when'],
		],
	},
	recipe: {
		got: look(RECIPE_PANELS, {
			steps: [{ step: 'impute', params: {} }],
			notes: ['A note.'],
			preview: { columns: ['a'], rows: [{ a: 1 }] },
		}),
		seen: [
			['recipe_steps', 'Steps, in order'],
			['notes', 'Good to know'],
			['preview', 'Preview of the result'],
		],
	},
	'predictions of classes': {
		got: look(PREDICTION_PANELS, {
			model: 'm',
			target: 'late',
			rows: 9,
			failed: 0,
			counts: [{ value: 'no', count: 9 }],
			notes: [{ code: 'x', text: 'A note.' }],
		}),
		seen: [
			['notes', 'What to know'],
			['answers', 'The answers', 'The most frequent “late” is “no”'],
		],
	},
	'predictions of numbers': {
		got: look(PREDICTION_PANELS, {
			model: 'm',
			target: 'mpg',
			rows: 9,
			failed: 0,
			numbers: { edges: [0, 10, 20], counts: [2, 7], min: 1, median: 12, max: 19 },
			notes: [],
		}),
		seen: [['answers', 'The answers', 'How “mpg” is spread: most often 10 to 20']],
	},
};

it.each(Object.entries(cases))('%s: each panel shows what the record has for it, and none what it lacks', (_, { got, seen }) => {
	expect(got.seen).toEqual(seen);
});

it.each(Object.entries(cases).filter(([, { got }]) => got.charts.length))(
	'%s: every chart is plain data that can be drawn',
	async (_, { got }) => {
		for (const chart of got.charts) {
			expect(chart.name).toMatch(/^[a-z_]+$/);
			const svg = await chartSvg(JSON.parse(JSON.stringify(chart)) as Chart);
			expect(svg).toBe(await chartSvg(chart));
			expect(svg).toContain(chart.title.split(' ')[0]);
			expect(svg).not.toMatch(/NaN|undefined|Infinity/);
		}
	},
);

it('every panel of a report has an id of its own', () => {
	for (const panels of [
		DATASET_PANELS,
		RUN_PANELS,
		EVALUATION_PANELS,
		DRIFT_PANELS,
		DEPLOYMENT_PANELS,
		RECIPE_PANELS,
		PREDICTION_PANELS,
	] as const) {
		const ids = panels.map((panel: { id: string }) => panel.id);
		expect(new Set(ids).size).toBe(ids.length);
	}
});

it('every panel that a task names is there, and only evaluations of that task have it', async () => {
	const ids = EVALUATION_PANELS.map((panel) => panel.id);
	for (const task of TASKS) expect(ids).toEqual(expect.arrayContaining([...task.panels]));
	const { calibration } = evaluation();
	const named = await evaluationReport(evaluation({ calibration }), run());
	const others = await evaluationReport({ ...multiclassEvaluation(), calibration }, run());
	expect(named.html).toContain('Can the probabilities be trusted?');
	expect(others.html).not.toContain('Can the probabilities be trusted?');
});

it('a model of several names them, the weightiest first, and calls the first candidate the best alone', async () => {
	const { html } = await runReport(ensembleRun);
	expect(html.replace(/<[^>]*>/g, ' ')).toMatch(/Random forest\s+75\D+%.*Logistic regression\s+25\D+%/is);
	expect(html).toContain('>best alone<');
	expect(html).not.toContain('>chosen<');
	expect((await runReport(run())).html).toContain('>chosen<');
});

it('of what was tried it is said what the model was made of, and what was cut short', async () => {
	const row = (learner: string, params: object, auc: number, more: object = {}) => ({
		...{ learner, params: { ...params }, metrics: { auc }, seconds: 1 },
		...more,
	});
	const leaderboard = [
		row('gradientBoosting', { n_estimators: 5 }, 0.72),
		row('randomForest', { n_estimators: 200 }, 0.71, { cutShort: 3 }),
		row('randomForest', { n_estimators: 300 }, 0.705),
		row('logisticRegression', { C: 2 }, 0.7, { cutShort: 1 }),
	];
	const rowsOf = (html: string) =>
		html
			.replaceAll(/<style.*?<\/style>/gs, '')
			.split('<tr')
			.map((tr) => tr.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' '));
	const several = (await runReport({ ...ensembleRun, leaderboard })).html;
	const marked = rowsOf(several).filter((tr) => /(in the model|best alone|cut short) /.test(tr));
	expect(marked).toHaveLength(3);
	expect(marked[0]).toMatch(/Gradient boosting.*best alone/);
	expect(marked[1]).toMatch(/Random forest in the model.*1 cut short/);
	expect(marked[2]).toMatch(/Logistic regression in the model.*1 cut short/);
	expect(several.replaceAll(/<[^>]*>/g, '')).toMatch(/2\scandidates were cut short: their share of the time was over/);
	// One that ranks second may be what was made; the first is no more than the first then.
	const one = (await runReport(run({ leaderboard, learner: 'randomForest', params: { n_estimators: 200 } }))).html;
	expect(rowsOf(one).filter((tr) => tr.includes('chosen'))).toEqual([expect.stringMatching(/Random forest chosen.*cut short/)]);
	expect(one).not.toContain('>best alone<');
});

it('a change counts as drift at one and more, whether a p-value or a distance decides', () => {
	const [distance] = drift().columns;
	expect(driftStrength(distance)).toBeCloseTo(8.08);
	expect(driftStrength({ ...distance, score: 0.01, pValue: 0.01, threshold: 0.05 })).toBeGreaterThan(1);
	expect(driftStrength({ ...distance, score: 0.5, pValue: 0.5, threshold: 0.05 })).toBeLessThan(1);
	expect(driftStrength({ ...distance, score: 0, pValue: 0, threshold: 0.05 })).toBeLessThan(100);
});
