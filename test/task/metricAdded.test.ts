import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { transformSync } from 'esbuild';
import type { INodeProperties } from 'n8n-workflow';
import type * as Evaluate from '../../lib/evaluate/evaluateModel.js';
import type { EvaluationRecord } from '../../lib/domain/evaluation.js';
import type { RunRecord } from '../../lib/domain/run.js';
import type * as Reports from '../../lib/report/reports/evaluation.js';
import { silentContext } from '../../lib/domain/progress.js';
import { murmurTwice } from '../../lib/domain/random.js';
import { examplesOf, listed } from '../../scripts/touched.mts';
import { frameOf } from '../data/frames.js';

const root = path.join(__dirname, '../..');

/** The built project with the architecture page's metric in it: its file, and its line in the list. */
let folder: string;
let load: NodeJS.Require;

beforeAll(() => {
	folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mlops-metric-'));
	for (const part of ['dist', 'nodes', 'scripts', 'package.json'])
		fs.cpSync(path.join(root, part), path.join(folder, part), { recursive: true });
	fs.symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
	const { file, code, list } = examplesOf(fs.readFileSync(path.join(root, 'lib/README.md'), 'utf8')).find((e) => e.title === 'A metric')!;
	const build = (at: string, source: string): void =>
		fs.writeFileSync(path.join(folder, 'dist', at.replace(/\.ts$/, '.js')), transformSync(source, { loader: 'ts', format: 'cjs' }).code);
	build(file, code);
	build(list, listed(fs.readFileSync(path.join(root, list), 'utf8'), 'within10', './within10.js'));
	load = createRequire(path.join(folder, 'package.json'));
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

/** All values of the options of a field, however deep it lies. */
function choices(properties: INodeProperties[], name: string): unknown[] {
	return properties.flatMap((p) => {
		const inner = (p.options ?? []).flatMap((o) => ('values' in o ? o.values : 'type' in o ? [o] : []));
		return [
			...(p.name === name ? (p.options ?? []).map((o) => ('value' in o ? o.value : undefined)) : []),
			...choices(inner as INodeProperties[], name),
		];
	});
}

test('a metric that is one file and one line can be chosen in Train and Evaluate', () => {
	for (const [node, name] of [
		['Train', 'MlopsTrain'],
		['Evaluate', 'MlopsEvaluate'],
	]) {
		const module = load(`./dist/nodes/${node}/${name}.node.js`) as Record<
			string,
			new () => { description: { properties: INodeProperties[] } }
		>;
		expect(choices(new module[name]().description.properties, 'metric')).toContain('within_10');
	}
});

test('it is measured with an interval, judged by the gate, and looked at in slices; reports say it in its own words', async () => {
	const random = murmurTwice(5);
	const rows = 400;
	const x = Array.from({ length: rows }, () => random() * 100 + 10);
	const labels = Float64Array.from(x, (v) => v * (1 + 0.08 * (random() - 0.5)));
	const scores = Float64Array.from(x, (v, i) => (i % 4 ? v : 2 * v));
	const column = (name: string) => ({ name, type: 'number' as const, role: 'feature' as const });
	const { evaluateModel } = load('./dist/lib/evaluate/evaluateModel.js') as typeof Evaluate;
	const result = await evaluateModel(
		{
			scores,
			labels,
			frame: frameOf([column('x')], { x }),
			trainingLabels: labels,
			manifest: { task: 'regression', target: 'y', classes: [], threshold: 0.5, signature: [{ ...column('x'), required: true }] },
			primary: 'within_10',
			rules: [
				{ metric: 'within_10', kind: 'min', value: 0.7 },
				{ metric: 'within_10', kind: 'baseline', value: 0.1 },
			],
		},
		silentContext(),
	);
	const { value, low, high } = result.metrics.within_10;
	expect(value).toBe(0.75);
	expect(low).toBeGreaterThan(0.68);
	expect(low).toBeLessThan(0.74);
	expect(high).toBeGreaterThan(0.76);
	expect(high).toBeLessThan(0.82);
	expect(result.gate.reasons.map((r) => [r.passed, r.text.startsWith('Within 10 % is 0.75')])).toEqual([
		[true, true],
		[true, true],
	]);
	expect(result.slices).toHaveLength(4);
	for (const slice of result.slices) expect(slice.low).toBeLessThan(slice.metric);

	const { evaluationReport } = load('./dist/lib/report/reports/evaluation.js') as typeof Reports;
	const record = { ...result, runId: 'r', model: 'm', datasetId: 'd', predictions: 'p', seconds: 1 } as EvaluationRecord;
	const run = {
		learner: 'linearRegression',
		params: {},
		seed: 0,
		metrics: {},
		split: { used: 'random', rows: { train: 400, validation: 0, test: 400 }, rule: 2 },
		recipe: { steps: [] },
		notes: [],
	} as unknown as RunRecord;
	const { html } = await evaluationReport(record, run);
	expect(html).toContain('Within 10 % of the truth');
	expect(html).toContain('share of predictions that are off by at most a tenth');
	expect(html).toContain('75.0\u00a0%');
});

test('the reference has it', () => {
	execFileSync(process.execPath, ['scripts/generate/reference.mts', '--write'], { cwd: folder });
	const page = fs.readFileSync(path.join(folder, 'nodes/README.md'), 'utf8');
	expect(page).toContain('| Within 10 % | `within_10` | number | higher |');
});
