import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { compileFunction } from 'node:vm';
import { buildSync } from 'esbuild';
import ts from 'typescript';
import { findFilesJob } from '../../lib/app/jobs/findFilesJob.js';
import type { EngineType } from '../../lib/compute/engines/contract.js';
import { runJob } from '../../lib/compute/runJob.js';
import { withDuck } from '../../lib/data/duck.js';
import { frameFromRows } from '../../lib/data/frameFromRows.js';
import type { Source } from '../../lib/data/sources/contract.js';
import { silentContext } from '../../lib/domain/progress.js';
import type { ExportFormat } from '../../lib/export/contract.js';
import { writeExport } from '../../lib/export/index.js';
import type { FitContext, Learner } from '../../lib/learn/contract.js';
import { trainModel } from '../../lib/learn/trainModel.js';
import type { DriftTest } from '../../lib/monitor/defineDriftTest.js';
import type { Channel } from '../../lib/notify/contract.js';
import type { Step } from '../../lib/recipe/contract.js';
import { chartSvg, drawChart } from '../../lib/report/charts/draw.js';
import type { EvaluationInput } from '../../lib/report/panels/evaluation/input.js';
import { sectionsOf, type Panel } from '../../lib/report/panels/panel.js';
import { assembleStore } from '../../lib/store/assembleStore.js';
import { sharedRef } from '../../lib/store/location.js';
import { sharedParts } from '../../lib/store/openShared.js';
import { openStore } from '../../lib/store/openStore.js';
import { grantedRef } from '../../lib/store/storeSecrets.js';
import type { BackendType } from '../../lib/store/sql/contract.js';
import type { Task } from '../../lib/task/contract.js';
import type { Metric } from '../../lib/task/metrics/contract.js';
import { Scored } from '../../lib/task/metrics/scored.js';
import { examplesOf, withEntry } from '../../scripts/touched.mts';
import { describeServer, noPostgres, startPostgres, type TestServer } from '../data/servers.js';
import { penguins, specOf, taskContext } from '../learn/penguins.js';
import { closeServers, httpServer } from '../notify/servers.js';
import { evaluation, regressionEvaluation } from '../report/fixtures.js';
import { datasetBody, freshFolder, removeFolders } from '../store/records.js';

const root = path.join(__dirname, '../..');

/** The examples of the architecture page by the path in their first line. */
const examples = new Map(
	[...fs.readFileSync(path.join(root, 'lib/README.md'), 'utf8').matchAll(/```ts\n\/\/ (\S+)\n([^]*?)```/g)].map(([, file, code]) => [
		path.join(root, file),
		code,
	]),
);

/** Files that keep an example's id too, with it in them. */
const changed = new Map(
	examplesOf(fs.readFileSync(path.join(root, 'lib/README.md'), 'utf8')).flatMap(({ id }) =>
		id ? [[path.join(root, id.file), withEntry(fs.readFileSync(path.join(root, id.file), 'utf8'), id.entry)] as const] : [],
	),
);

/** What an example exports, compiled as if it lay where its first line says. */
function load<T>(file: string): T {
	const sourcefile = path.join(root, file);
	const { outputFiles } = buildSync({
		stdin: { contents: examples.get(sourcefile)!, resolveDir: path.dirname(sourcefile), sourcefile, loader: 'ts' },
		bundle: true,
		packages: 'external',
		platform: 'node',
		format: 'cjs',
		write: false,
		logLevel: 'silent',
		supported: { 'dynamic-import': false },
	});
	const module: { exports: Record<string, T> } = { exports: {} };
	compileFunction(outputFiles[0].text, ['module', 'exports', 'require'])(module, module.exports, createRequire(sourcefile));
	return Object.values(module.exports)[0];
}

/** Messages of the type checker on the examples, as if their files were there. */
function typeErrors(): string[] {
	const config = ts.readConfigFile(path.join(root, 'tsconfig.json'), (file) => ts.sys.readFile(file));
	const { options } = ts.parseJsonConfigFileContent({ ...config.config, include: [], files: [] }, ts.sys, root);
	const settings: ts.CompilerOptions = { ...options, incremental: false, tsBuildInfoFile: undefined };
	const host = ts.createCompilerHost(settings);
	const { readFile, fileExists, getSourceFile } = host;
	host.readFile = (file) => examples.get(path.normalize(file)) ?? readFile(file);
	host.fileExists = (file) => examples.has(path.normalize(file)) || fileExists(file);
	host.getSourceFile = (file, language, ...rest) => {
		const text = examples.get(path.normalize(file)) ?? changed.get(path.normalize(file));
		return text === undefined ? getSourceFile(file, language, ...rest) : ts.createSourceFile(file, text, language, true);
	};
	const program = ts.createProgram([...examples.keys()], settings, host);
	return [...examples.keys()].flatMap((file) => {
		const source = program.getSourceFile(file);
		return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
			(d) => `${path.relative(root, file)}: ${ts.flattenDiagnosticMessageText(d.messageText, '\n')}`,
		);
	});
}

afterEach(closeServers);

describe('the examples of the architecture page', () => {
	it('fit the contracts and name no file that is there already', () => {
		expect([...examples.keys()].map((file) => path.relative(root, file))).toEqual([
			'lib/recipe/steps/square_root.ts',
			'lib/learn/learners/median.ts',
			'lib/task/tasks/count.ts',
			'lib/task/metrics/within10.ts',
			'lib/data/sources/typed.ts',
			'lib/monitor/tests/largest_change.ts',
			'lib/report/panels/evaluation/classShares.ts',
			'lib/notify/channels/mattermost.ts',
			'lib/compute/engines/slurm.ts',
			'lib/store/sql/pgService.ts',
			'lib/export/jsonSchema.ts',
		]);
		expect([...examples.keys()].filter((file) => fs.existsSync(file))).toEqual([]);
		expect(typeErrors()).toEqual([]);
	}, 180_000);

	it('step: both forms take the square root', () => {
		const step = load<Step<unknown>>('lib/recipe/steps/square_root.ts');
		const schema = [{ name: 'visits', type: 'integer' as const, role: 'feature' as const }];
		const params = step.params.parse({});
		const frame = step.transform(frameFromRows([{ visits: 9 }, { visits: -1 }, { visits: null }], schema), params, null) as ReturnType<
			typeof frameFromRows
		>;
		expect(frame.schema[0].type).toBe('number');
		expect(Array.from((frame.vectors[0] as { data: Float64Array }).data)).toEqual([3, NaN, NaN]);
		const row = { visits: 9 };
		step.row!(schema, params, null)(row);
		expect(row).toEqual({ visits: 3 });
	});

	it('learner: answers with the median', async () => {
		const learner = load<Learner>('lib/learn/learners/median.ts');
		const train = { rows: 3, columns: [{ name: 'x', kind: 'number' as const, data: Float64Array.of(1, 2, 3) }] };
		const context: FitContext = {
			seed: 0,
			threads: 1,
			memoryBytes: 1 << 20,
			cancelled: new Int32Array(1),
			progress: () => {},
			note: () => {},
		};
		const { state } = await learner.fit(
			{ task: 'regression', train, labels: { y: Float64Array.of(5, 100, 7), classes: 0 } },
			learner.params.parse({}),
			context,
		);
		const predictor = await learner.predictor(learner.validate(state), ['x']);
		const out = new Float64Array(3);
		await predictor.batch(train, out, 1);
		expect(Array.from(out)).toEqual([7, 7, 7]);
	});

	it('task: reads counts and never answers less than none', () => {
		const task = load<Task>('lib/task/tasks/count.ts');
		const values = (...numbers: number[]) => ({
			column: { name: 'visits', type: 'integer' as const, role: 'target' as const },
			numbers: Float64Array.from(numbers),
			values: numbers,
			code: Int32Array.from(numbers, (_, i) => i),
			counts: new Float64Array(numbers.length).fill(1),
			present: numbers.map((_, i) => i),
		});
		expect([...task.readLabels(values(0, 2, 5), {}).y]).toEqual([0, 2, 5]);
		expect(() => task.readLabels(values(0, -1), {})).toThrow('does not fit the task');
		const model = { target: 'visits', classes: [], threshold: 0.5 };
		expect(task.answer([-0.3], model)).toEqual({ prediction: 0 });
		const answers = { rows: 2, scores: Float64Array.of(-1, 3), outputs: 1, answered: Uint8Array.of(1, 1) };
		expect(task.columns(answers, model)[0].vector).toEqual({ data: Float64Array.of(0, 3) });
	});

	it('metric: counts predictions within a tenth', () => {
		const metric = load<Metric>('lib/task/metrics/within10.ts');
		const rows = { y: [10, 20, -10, 0], p: [10.9, 17, -9.5, 0], outputs: 1, classes: 0, threshold: 0.5 };
		expect(metric.value(new Scored(rows))).toBe(0.75);
		expect(metric.value(new Scored(rows).weighted([1, 1, 0, 0]))).toBe(0.5);
	});

	it('source: reads a typed table', async () => {
		const source = load<Source>('lib/data/sources/typed.ts');
		const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mlops-typed-'));
		try {
			await withDuck({}, async (duck) => {
				const temporary = async (extension: string) => path.join(folder, `table.${extension}`);
				const table = await source.read(source.params.parse({ table: 'city,rain\nSeattle,yes\nPhoenix,no\n' }), {
					duck,
					temporary,
					progress: () => {},
					note: () => {},
					check: () => {},
					finally: () => {},
				});
				expect(table.columns.map((c) => c.name)).toEqual(['city', 'rain']);
				expect(await duck.rows(`SELECT count(*) AS n FROM ${table.relation}`)).toEqual([{ n: 2 }]);
			});
		} finally {
			fs.rmSync(folder, { recursive: true, force: true });
		}
	});

	it('drift test: finds the share that changed most', () => {
		const test = load<Extract<DriftTest, { kind: 'categorical' }>>('lib/monitor/tests/largest_change.ts');
		const pair = {
			kind: 'categorical' as const,
			keys: ['a', 'b', 'c'],
			reference: Float64Array.of(50, 30, 20),
			current: Float64Array.of(30, 30, 40),
		};
		expect(test.run(pair).score).toBeCloseTo(0.2, 12);
	});

	it('panel: draws how often classes occur and are said, where there are classes', async () => {
		const panel = load<Panel<EvaluationInput>>('lib/report/panels/evaluation/classShares.ts');
		const [{ title, charts = [] }] = sectionsOf([panel], { evaluation: evaluation() });
		expect(title).toBe('Classes and answers');
		const svg = await chartSvg(charts[0]);
		for (const text of ['no', 'yes', 'occurs', 'said', 'Share of rows']) expect(svg).toContain(`>${text}</text>`);
		// 102,344 of the 512,344 rows are late, 148,000 are called so.
		expect((await drawChart(charts[0])).tips.map((tip) => tip.text)[1]).toBe('yes: occurs 20\u00a0%, said 29\u00a0%');
		expect(sectionsOf([panel], { evaluation: regressionEvaluation() })).toEqual([]);
	});

	it('channel: posts a readable message', async () => {
		const channel = load<Channel>('lib/notify/channels/mattermost.ts');
		const server = await httpServer([{ status: 200 }]);
		const message = {
			title: 'Drift',
			text: 'Two columns drifted.',
			facts: [{ label: 'Model', value: 'churn@3' }],
			severity: 'warning' as const,
			links: [],
		};
		await expect(
			channel.send(message, channel.params.parse({ webhookUrl: `${server.url}/hooks/x` }), {}, silentContext()),
		).resolves.toMatchObject({ channel: 'mattermost', attempts: 1 });
		expect(JSON.parse(server.received[0].body)).toEqual({ text: '⚠️ **Drift**\nTwo columns drifted.\n- Model: churn@3' });
	});

	it('job engine: asks the cluster for what the job may use, and gets its result through the store', async () => {
		const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mlops-slurm-'));
		// Stands for a cluster of one machine: notes what it is asked for, and runs it.
		fs.writeFileSync(
			path.join(folder, 'srun'),
			`#!/bin/sh\necho "$@" > ${folder}/asked\nwhile [ "$1" != mlops ]; do shift; done\nshift\nexec "${process.execPath}" "${root}/dist/lib/cli/mlops.js" "$@"\n`,
			{ mode: 0o755 },
		);
		// The environment that programs are started with; jest gives tests a copy.
		const environment = compileFunction('return process.env')() as NodeJS.ProcessEnv;
		const before = environment.PATH;
		environment.PATH = `${folder}${path.delimiter}${before}`;
		const store = await openStore({ kind: 'folder', home: path.join(folder, 'store') });
		try {
			const engine = load<EngineType>('lib/compute/engines/slurm.ts').on(store);
			const searches = [{ base: root, parts: ['package.json'] }];
			const found = await runJob(engine, findFilesJob, { searches }, { context: silentContext(), threads: 3, memoryBytes: 2 ** 30 });
			expect(found.files).toEqual([path.join(root, 'package.json')]);
			expect(fs.readFileSync(path.join(folder, 'asked'), 'utf8')).toContain('--cpus-per-task=3 --mem=1024M mlops job run job_');
		} finally {
			environment.PATH = before;
			await store.close();
			fs.rmSync(folder, { recursive: true });
		}
	});

	it('export: says what a row must look like', async () => {
		const format = load<ExportFormat>('lib/export/jsonSchema.ts');
		const { package: bytes } = await trainModel(penguins(), specOf({ target: 'Species', learner: 'dummy' }), taskContext());
		const { files, facts } = await writeExport(format, { name: 'penguins@1', digest: '', bytes });
		expect(facts).toEqual({ columns: 6 });
		expect(files[0].along!.key).toBe('schema');
		expect(JSON.parse(new TextDecoder().decode(files[0].bytes))).toMatchObject({
			title: 'penguins@1',
			properties: { Island: { type: ['string', 'null'] }, 'Body Mass (g)': { type: ['number', 'null'] } },
			required: expect.arrayContaining(['Island', 'Sex']) as string[],
		});
	});
});

describeServer('the store backend of the architecture page', noPostgres(), () => {
	let server: TestServer;
	beforeAll(async () => {
		server = await startPostgres();
	}, 120_000);
	afterAll(async () => {
		await server.stop();
		await removeFolders();
	});

	it('finds its database in the file of services, and a store there keeps and proves what it is given', async () => {
		const { port, user, password, database } = server;
		const home = await freshFolder();
		const services = path.join(await freshFolder(), 'services');
		const own = [`host=localhost`, `port=${port}`, `user = ${user}`, `dbname=${database}`, 'sslmode=disable'];
		fs.writeFileSync(services, ['[elsewhere]', 'host=nowhere.invalid', '[reports]', ...own, '', '[later]', 'user=nobody', ''].join('\n'));
		const refTo = (url: string) =>
			grantedRef(sharedRef({ url, schema: 'by_service', artifacts: home }), { password, secret: 'a secret of tests alone' });
		const parts = await sharedParts(refTo(`postgres://${user}@localhost:${port}/${database}?sslmode=disable`));
		await parts.backend.close();
		// The example runs outside jest's own context.
		const environment = compileFunction('return process.env')() as NodeJS.ProcessEnv;
		environment.PGSERVICEFILE = services;
		try {
			const type = load<BackendType>('lib/store/sql/pgService.ts');
			const ref = refTo('pgservice://reports');
			expect(type.protocols).toContain(new URL(ref.url).protocol);
			const store = await assembleStore({ ...parts, ref, backend: await type.open(ref, password) });
			try {
				const { id } = await store.add('dataset', 'people', await datasetBody(store, 'a'));
				expect((await store.get('dataset', id)).body.content).toBe('a');
				expect(await store.verify()).toMatchObject({ records: 1 });
			} finally {
				await store.close();
			}
		} finally {
			delete environment.PGSERVICEFILE;
		}
	}, 60_000);
});
