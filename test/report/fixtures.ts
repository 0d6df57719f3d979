import type { WatchedOver } from '../../lib/domain/watched';
import type { DatasetRecord } from '../../lib/domain/dataset';
import type { DriftRecord } from '../../lib/domain/drift';
import type { EvaluationRecord } from '../../lib/domain/evaluation';
import type { Profile } from '../../lib/domain/profile';
import type { RunRecord } from '../../lib/domain/run';
import { plotTree } from '../../lib/learn/trees/plot';
import type { ShownTree } from '../../lib/learn/treeOf';
import { imported, readModel } from '../learn/trees/helpers/imported';

/** Records as the nodes write them, with made-up but possible figures; for tests of words and looks only. */
export const evaluation = (change: Partial<EvaluationRecord> = {}): EvaluationRecord => {
	const x = Array.from({ length: 101 }, (_, i) => i / 100);
	return {
		runId: 'run-1',
		model: 'a'.repeat(64),
		datasetId: 'ds-1',
		task: 'binary',
		target: 'late',
		classes: ['no', 'yes'],
		rows: 512_344,
		resampled: 'day',
		metrics: {
			auc: { value: 0.7021, low: 0.683, high: 0.7212 },
			logLoss: { value: 0.4712, low: 0.46, high: 0.48 },
			accuracy: { value: 0.781, low: 0.77, high: 0.79 },
			precision: { value: 0.412, low: 0.4, high: 0.43 },
			recall: { value: 0.561, low: 0.55, high: 0.57 },
			f1: { value: 0.475, low: 0.46, high: 0.49 },
			brier: { value: 0.151, low: 0.149, high: 0.153 },
		},
		baseline: { auc: 0.5, logLoss: 0.512, accuracy: 0.79, precision: 0, recall: 0, f1: 0 },
		primary: 'auc',
		threshold: 0.284,
		thresholdReason: 'A missed delay costs three times a false alarm.',
		confusion: {
			labels: ['no', 'yes'],
			counts: [
				[320_000, 90_000],
				[44_344, 58_000],
			],
		},
		roc: [{ label: 'yes', x, y: x.map((v) => v ** 0.43) }],
		pr: [{ label: 'yes', x, y: x.map((v) => 0.2 + 0.62 * (1 - v) ** 2.2) }],
		calibration: {
			predicted: [0.05, 0.12, 0.2, 0.28, 0.36, 0.45, 0.55, 0.66, 0.78],
			observed: [0.06, 0.11, 0.19, 0.29, 0.38, 0.44, 0.52, 0.6, 0.7],
			count: [90_000, 140_000, 120_000, 80_000, 40_000, 20_000, 12_000, 7_000, 3_344],
		},
		importance: [
			{ feature: 'hour', drop: 0.101, std: 0.002 },
			{ feature: 'origin', drop: 0.043, std: 0.001 },
			{ feature: 'destination', drop: 0.021, std: 0.001 },
			{ feature: 'weekday', drop: 0.014, std: 0.001 },
			{ feature: 'distance', drop: 0.004, std: 0.001 },
			{ feature: 'noise', drop: -0.0003, std: 0.0004 },
		],
		slices: [
			{ column: 'origin', value: 'ORD', rows: 28_112, metric: 0.681, low: 0.66, high: 0.7 },
			{ column: 'origin', value: 'SNA', rows: 3_001, metric: 0.744, low: 0.72, high: 0.77 },
			{ column: 'weekday', value: 'Friday', rows: 74_231, metric: 0.69, low: 0.68, high: 0.7 },
			{ column: 'weekday', value: 'Tuesday', rows: 70_023, metric: 0.715, low: 0.7, high: 0.73 },
		],
		comparison: {
			against: 'flight-delays version 3',
			metric: 'auc',
			ours: 0.7021,
			theirs: 0.6874,
			difference: { value: 0.0147, low: 0.0121, high: 0.0172 },
			pValue: 0.0004,
			rows: 512_344,
			leftOut: 0,
			test: 'paired bootstrap over days',
		},
		gate: {
			passed: true,
			reasons: [
				{ passed: true, text: 'Ranking quality (AUC) is 0.702, at least 0.65 was asked for.' },
				{
					passed: true,
					text: 'Better than flight-delays version 3 by 0.015; at least 0.005 was asked for, and chance explains it with p = 0.0004.',
				},
			],
		},
		gateRules: [
			{ metric: 'auc', kind: 'min', value: 0.65 },
			{ metric: 'auc', kind: 'champion', value: 0.005 },
		],
		predictions: 'b'.repeat(64),
		seconds: 14.2,
		notes: [{ code: 'rows_left_out', text: '6 rows of July lie outside the test period and were left out.' }],
		...change,
	};
};

export const regressionEvaluation = (): EvaluationRecord => {
	const predicted = Array.from({ length: 240 }, (_, i) => 12 + ((i * 37) % 240) / 10);
	const residual = predicted.map((p, i) => Math.sin(i * 12.9898) * (1 + p / 12));
	return evaluation({
		task: 'regression',
		target: 'Miles_per_Gallon',
		classes: [],
		primary: 'rmse',
		threshold: undefined,
		thresholdReason: undefined,
		rows: 240,
		resampled: 'rows',
		metrics: {
			rmse: { value: 3.21, low: 2.9, high: 3.6 },
			mae: { value: 2.44, low: 2.2, high: 2.7 },
			r2: { value: 0.83, low: 0.79, high: 0.87 },
		},
		baseline: { rmse: 7.8, mae: 6.52, r2: 0 },
		confusion: undefined,
		roc: undefined,
		pr: undefined,
		calibration: undefined,
		comparison: undefined,
		residuals: { predicted, residual, histogram: { edges: [-4, -2, 0, 2, 4], counts: [40, 80, 85, 35] } },
		importance: [
			{ feature: 'Weight_in_lbs', drop: 2.1, std: 0.2 },
			{ feature: 'Year', drop: 1.2, std: 0.1 },
			{ feature: 'Horsepower', drop: 0.8, std: 0.1 },
		],
		slices: [],
		gate: { passed: false, reasons: [{ passed: false, text: 'Typical error (RMSE) is 3.21, at most 3 was asked for.' }] },
		gateRules: [{ metric: 'rmse', kind: 'max', value: 3 }],
		notes: [],
	});
};

export const multiclassEvaluation = (): EvaluationRecord =>
	evaluation({
		task: 'multiclass',
		target: 'Species',
		classes: ['Adelie', 'Chinstrap', 'Gentoo'],
		primary: 'logLoss',
		threshold: undefined,
		thresholdReason: undefined,
		rows: 69,
		resampled: 'rows',
		metrics: { logLoss: { value: 0.062, low: 0.03, high: 0.1 }, accuracy: { value: 0.9855, low: 0.95, high: 1 } },
		baseline: { logLoss: 1.05, accuracy: 0.4348 },
		confusion: {
			labels: ['Adelie', 'Chinstrap', 'Gentoo'],
			counts: [
				[29, 1, 0],
				[0, 14, 0],
				[0, 0, 25],
			],
		},
		roc: ['Adelie', 'Chinstrap', 'Gentoo'].map((label, i) => ({ label, x: [0, 0.02 * (i + 1), 0.1, 1], y: [0, 0.95, 0.99, 1] })),
		pr: undefined,
		calibration: undefined,
		comparison: undefined,
		importance: [
			{ feature: 'Beak Length (mm)', drop: 0.9, std: 0.1 },
			{ feature: 'Flipper Length (mm)', drop: 0.4, std: 0.05 },
		],
		slices: [],
		notes: [],
	});

export const run = (change: Partial<RunRecord> = {}): RunRecord => ({
	datasetId: 'ds-1',
	recipe: { steps: [{ step: 'dateParts', version: 1, params: { column: 'date', parts: ['hour', 'weekday'] } }] },
	split: {
		method: 'auto',
		testShare: 0.2,
		validationShare: 0.1,
		seed: 0,
		used: 'time',
		by: 'date',
		testStart: '2001-06-01T00:00:00.000Z',
		testEnd: '2001-07-01T00:00:00.000Z',
		rows: { train: 2_200_000, validation: 240_000, test: 512_344, none: 6 },
		artifact: 'c'.repeat(64),
	},
	task: 'binary',
	target: 'late',
	learner: 'gradientBoosting',
	params: { n_estimators: 200, num_leaves: 31, learning_rate: 0.1, class_weight: null },
	seed: 0,
	metrics: { auc: 0.7102, logLoss: 0.4622 },
	primary: 'auc',
	curve: Array.from({ length: 60 }, (_, i) => ({
		step: (i + 1) * 4,
		train: 0.62 + 0.12 * (1 - Math.exp(-i / 16)),
		validation: 0.61 + 0.1 * (1 - Math.exp(-i / 10)) - 0.0006 * Math.max(0, i - 30),
	})),
	leaderboard: [
		{ learner: 'gradientBoosting', params: { num_leaves: 31 }, metrics: { auc: 0.7102 }, std: 0.004, seconds: 21.4 },
		{ learner: 'randomForest', params: { n_estimators: 200 }, metrics: { auc: 0.6987 }, std: 0.004, seconds: 43.1 },
		{ learner: 'neuralNetwork', params: { hidden: [64, 32] }, metrics: { auc: 0.6911 }, std: 0.006, seconds: 65 },
		{ learner: 'logisticRegression', params: { C: 1 }, metrics: { auc: 0.6532 }, std: 0.003, seconds: 7 },
		{ learner: 'dummy', params: {}, metrics: { auc: 0.5 }, std: 0, seconds: 0.1 },
		{ learner: 'gradientBoosting', params: { num_leaves: 255 }, metrics: {}, seconds: 60, failed: 'The time budget was used up.' },
	],
	seconds: 143,
	stages: [
		{ name: 'Prepare rows', seconds: 9.4 },
		{ name: 'Train', seconds: 121 },
		{ name: 'Score validation rows', seconds: 12.6 },
	],
	backend: 'own trees, 2 threads',
	codeVersion: '0.1.0',
	notes: [{ code: 'split', text: 'Rows were divided by the clock: “date” has the role time.' }],
	model: 'a'.repeat(64),
	peakMemoryBytes: 1.4e9,
	...change,
});

export const drift = (change: Partial<DriftRecord> = {}): DriftRecord => ({
	mode: 'default',
	reference: { description: 'January', rows: 462_000 },
	current: { description: 'June, as a broken feed sent it', rows: 498_112 },
	columns: [
		{
			column: 'distance',
			type: 'numeric',
			test: 'wasserstein',
			score: 0.808,
			threshold: 0.1,
			drifted: true,
			missing: { reference: 0, current: 0, drifted: false, pValue: 1 },
			histogram: {
				edges: [0, 500, 1000, 1500, 2000, 2500, 3000, 3500, 4000],
				reference: [160, 140, 80, 40, 25, 15, 2, 0],
				current: [80, 110, 92, 80, 50, 35, 30, 21],
			},
			reason: 'The distance is 0.808, above 0.1: values are larger than they were.',
		},
		{
			column: 'origin',
			type: 'categorical',
			test: 'jensenshannon',
			score: 0.1438,
			threshold: 0.1,
			drifted: true,
			missing: { reference: 0, current: 0, drifted: false, pValue: 1 },
			histogram: {
				labels: ['ORD', 'DFW', 'ATL', 'LAX', 'PHX', 'STL', 'DTW', 'other'],
				reference: [28, 26, 24, 20, 17, 15, 12, 300],
				current: [0, 27, 26, 21, 18, 15, 13, 330],
			},
			reason: 'ORD no longer occurs; it was 6 % of the rows.',
		},
		{
			column: 'delay',
			type: 'numeric',
			test: 'ks',
			score: 0.21,
			pValue: 0.21,
			threshold: 0.05,
			drifted: false,
			missing: { reference: 0, current: 0.001, drifted: false, pValue: 0.6 },
			reason: 'No change beyond chance (p = 0.21).',
		},
		{
			column: 'destination',
			type: 'categorical',
			test: 'jensenshannon',
			score: 0.0373,
			threshold: 0.1,
			drifted: false,
			missing: { reference: 0, current: 0, drifted: false, pValue: 1 },
			reason: 'The distance is 0.0373, below 0.1.',
		},
	],
	driftedColumns: ['distance', 'origin'],
	share: 0.5,
	shareThreshold: 0.5,
	drifted: true,
	summary: 'Half of the columns changed: distances are larger and ORD no longer occurs.',
	modelName: 'flight-delays',
	seconds: 2.1,
	notes: [],
	...change,
});

export const profile = (
	columns: Profile['columns'] = [
		{
			name: 'Species',
			type: 'category',
			role: 'target',
			missing: 0,
			distinct: 3,
			top: [
				{ value: 'Adelie', count: 152 },
				{ value: 'Gentoo', count: 124 },
				{ value: 'Chinstrap', count: 68 },
			],
			warnings: [],
		},
		{
			name: 'Island',
			type: 'category',
			role: 'feature',
			missing: 0,
			distinct: 3,
			top: [
				{ value: 'Biscoe', count: 168 },
				{ value: 'Dream', count: 124 },
				{ value: 'Torgersen', count: 52 },
			],
			warnings: [],
		},
		{
			name: 'Beak Length (mm)',
			type: 'number',
			role: 'feature',
			missing: 2,
			distinct: 164,
			min: 32.1,
			max: 59.6,
			mean: 43.92,
			std: 5.46,
			quantiles: [33, 35, 37, 39.2, 44.4, 48.5, 51, 52, 56],
			histogram: { edges: [32, 37.5, 43, 48.5, 54, 59.6], counts: [60, 90, 110, 70, 12] },
			warnings: [],
		},
		{
			name: 'Flipper Length (mm)',
			type: 'integer',
			role: 'feature',
			missing: 2,
			distinct: 55,
			min: 172,
			max: 231,
			mean: 200.9,
			std: 14.06,
			quantiles: [178, 181, 185, 190, 197, 213, 221, 225, 230],
			histogram: { edges: [172, 184, 196, 208, 220, 231], counts: [40, 130, 60, 80, 32] },
			warnings: [],
		},
		{
			name: 'Body Mass (g)',
			type: 'integer',
			role: 'feature',
			missing: 2,
			distinct: 94,
			min: 2700,
			max: 6300,
			mean: 4201.8,
			std: 802,
			histogram: { edges: [2700, 3420, 4140, 4860, 5580, 6300], counts: [70, 110, 80, 55, 27] },
			quantiles: [2900, 3150, 3300, 3550, 4050, 4750, 5400, 5650, 5950],
			warnings: [],
		},
		{
			name: 'Sex',
			type: 'category',
			role: 'feature',
			missing: 11,
			distinct: 2,
			top: [
				{ value: 'MALE', count: 168 },
				{ value: 'FEMALE', count: 165 },
			],
			warnings: ['mixed_values'],
		},
	],
): Profile => ({
	rows: 344,
	target: 'Species',
	task: 'multiclass',
	columns,
	duplicates: 0,
	correlations: {
		columns: ['Beak Length (mm)', 'Flipper Length (mm)', 'Body Mass (g)'],
		matrix: [
			[1, 0.66, 0.6],
			[0.66, 1, 0.87],
			[0.6, 0.87, 1],
		],
		rows: 342,
	},
	warnings: [
		{
			code: 'mixed_values',
			column: 'Sex',
			text: 'One row holds “.” where the others hold MALE or FEMALE.',
			remedy: 'Let Clean treat it as missing.',
		},
	],
});

export const dataset = (change: Partial<DatasetRecord> = {}): DatasetRecord => ({
	name: 'penguins',
	rows: 344,
	columns: profile().columns.map(({ name, type, role }) => ({ name, type, role })),
	target: 'Species',
	task: 'multiclass',
	content: 'd'.repeat(64),
	data: 'e'.repeat(64),
	quarantined: 0,
	source: { type: 'example', description: 'example data “penguins”' },
	...change,
});

/** A real tree: of a model that LightGBM trained. */
export const tree = (): ShownTree => {
	const model = readModel(imported.find((m) => m.kind === 'lightgbm' && m.name === 'categories')!);
	return {
		root: plotTree(model, 0, { depth: 3, names: 3, label: (_, code) => `store ${code}` }),
		trees: model.trees.length,
		average: model.average,
	};
};

/** Days of a model whose quality fell; of one nobody knows the truth, and of the last one little. */
export function watchedOver(): WatchedOver {
	const day = (n: number): string => new Date(Date.UTC(2026, 2, 1) + n * 86_400_000).toISOString();
	const why = 'Ranking quality (AUC) is 0.66 (0.63 to 0.69), where the test rows gave 0.77';
	const windows = Array.from({ length: 12 }, (_, n): WatchedOver['windows'][number] => {
		const auc = n < 8 ? 0.78 + 0.01 * Math.sin(n) : 0.66;
		const verdict = n === 4 || n === 11 ? 'waiting' : n < 8 ? 'ok' : 'alarm';
		return {
			from: day(n),
			until: day(n + 1),
			verdict,
			versions: [3],
			rows: 400,
			known: n === 4 ? 0 : n === 11 ? 80 : 380,
			findings:
				n === 4
					? []
					: [
							{
								about: 'auc',
								version: 3,
								value: auc,
								reference: 0.77,
								interval: [auc - 0.03, auc + 0.03],
								pValue: n < 8 ? 0.4 : 1e-6,
								weight: 1,
								before: { version: 2, value: 0.75, rows: 900 },
								...(verdict === 'alarm' ? { why } : {}),
							},
							{ about: 'accuracy', version: 3, segment: 'Carrier = <b>AA</b>', value: 0.7, unit: 'share', reference: null, weight: 0 },
						],
			summary: verdict === 'waiting' ? 'Only the truth of 80 answers is known.' : verdict === 'alarm' ? `${why}.` : 'As it was.',
			notes: [{ code: 'failed_answers', text: '12 requests failed and have no answer to judge.' }],
		};
	});
	return {
		watch: 'quality',
		model: 'flights',
		alias: 'champion',
		drifted: true,
		verdict: 'alarm',
		summary: `${why}.`,
		since: day(8),
		windows,
	};
}
