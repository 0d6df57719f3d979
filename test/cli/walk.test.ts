import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { writeFlats } from './flats.js';
import { mlops } from './program.js';

let home: string;
let file: string;
beforeAll(async () => {
	home = await fs.mkdtemp(path.join(os.tmpdir(), 'mlops-walk-'));
	file = writeFlats(path.join(home, 'flats.csv'));
});
afterAll(async () => await fs.rm(home, { recursive: true, force: true }));

const run = async (...args: string[]) => await mlops(args, { home: path.join(home, 'store') });
const item = async <T = Record<string, unknown>>(...args: string[]): Promise<T> => {
	const { stdout, stderr } = await run(...args, '--json');
	try {
		return JSON.parse(stdout) as T;
	} catch {
		throw new Error(stderr);
	}
};
/** An item in a file, as a pipe would hand it on. */
const kept = async (name: string, value: unknown): Promise<string> => {
	const at = path.join(home, `${name}.json`);
	await fs.writeFile(at, JSON.stringify(value));
	return at;
};

it('walks from a file to answers, each command with what the one before printed', async () => {
	const read = await run('ingest', file, '--target', 'sold');
	expect(read).toMatchObject({ exit: 0 });
	expect(read.stdout).toMatch(/^flats@1: 400 rows, 4 columns\.$/m);
	// Progress is for people who wait: on stderr, with the share that is done.
	expect(read.stderr).toMatch(/^Reading the source, 0 %$/m);

	const trained = await item<{ run: { id: string } }>(
		'train',
		'--dataset',
		'flats',
		'--learner',
		'gradientBoosting',
		'--params',
		'{"n_estimators":20}',
	);
	expect(trained).toMatchObject({ run: { learner: 'gradientBoosting', params: { n_estimators: 20 } }, model: { name: 'flats' } });

	const evaluated = await item('evaluate', '--item', await kept('trained', trained));
	expect(evaluated).toMatchObject({ dataset: { name: 'flats' }, evaluation: { gate: { passed: true } } });

	const deployed = await run('deploy', `run:${trained.run.id}`);
	expect(deployed).toMatchObject({ exit: 0, stdout: '"champion" of flats now points to version 1.\n' });

	const answer = await item('predict', 'flats', '--row', '{"city":"Oslo","size":140,"rooms":5}');
	expect(answer).toMatchObject({
		prediction: true,
		answeredBy: 'flats@1',
		city: 'Oslo',
		reasons: [expect.any(String), expect.any(String), expect.any(String)],
	});
	const other = await item('predict', 'flats', '--row', '{"city":"Oslo","size":140,"rooms":5}', '--changes', '{"columns":["city","size"]}');
	const [way] = other.changes as Array<{ set: object; prediction: boolean; text: string }>;
	expect(way).toMatchObject({ prediction: false, text: expect.any(String) as string });
	expect(['city', 'size']).toEqual(expect.arrayContaining(Object.keys(way.set)));

	const answers = path.join(home, 'answers.csv');
	expect(await run('predict', 'flats', file, '--output', answers)).toMatchObject({ exit: 0 });
	expect((await fs.readFile(answers, 'utf8')).trim().split('\n')).toHaveLength(401);

	expect(await run('monitor', 'flats', '--dataset', 'flats')).toMatchObject({ exit: 0, stdout: expect.stringMatching(/^Stable: /) });
	expect((await run('models')).stdout).toMatch(/^flats@1 .* champion +passed +run_/m);
	expect((await run('runs', 'flats')).stdout).toContain(trained.run.id);
	// Rows to answer are no version of those that were learned from.
	expect((await run('datasets')).stdout).toMatch(/^flats-to-predict@1 .*\nflats@1 .* 400 +4 +sold +/m);
	expect(await run('verify')).toMatchObject({ exit: 0, stdout: expect.stringMatching(/^Whole: /) });
	const events = JSON.parse((await run('verify', '--json')).stdout) as { events: number };
	const health = await item<{ findings: unknown[] }>('doctor');
	expect(health.findings).toContainEqual({ about: 'Store', state: 'ok', text: expect.stringContaining(`${events.events} events`) });
	expect(health.findings).toContainEqual({ about: 'DuckDB', state: 'ok', text: expect.stringMatching(/^v\d/) });
	expect(health.findings).toContainEqual({ about: 'Networks on wasm', state: 'ok', text: expect.stringContaining('works') });
}, 180_000);

it('doctor measures the backends for networks when asked, and tells ever after what it measured', async () => {
	const before = process.env['XDG_CACHE_HOME'];
	process.env['XDG_CACHE_HOME'] = path.join(home, 'cache');
	try {
		const told = async (...args: string[]) =>
			(await item<{ findings: Array<{ about: string; text: string }> }>('doctor', ...args)).findings;
		const wasm = (findings: Array<{ about: string; text: string }>) => findings.find(({ about }) => about === 'Networks on wasm')!.text;
		expect(wasm(await told())).toMatch(/not measured; "mlops doctor --measure" does it/);
		const now = await told('--measure');
		expect(wasm(now)).toMatch(
			/; measured on 20\d\d-\d\d-\d\d: opens in .*; a tabular network in training: .* a step and .* operations a second/,
		);
		expect(now.find(({ about }) => about === 'Networks on cpu')!.text).toMatch(/ faster than wasm/);
		const measured = (text: string): string => text.slice(text.indexOf('measured on'));
		expect(measured(wasm(await told()))).toBe(measured(wasm(now)));
	} finally {
		if (before === undefined) delete process.env['XDG_CACHE_HOME'];
		else process.env['XDG_CACHE_HOME'] = before;
	}
}, 180_000);

// Elsewhere the system brings a driver.
(process.platform === 'linux' ? it : it.skip)(
	'doctor asks for a graphics driver where the package for WebGPU is there without one',
	async () => {
		const before = process.env['VK_ICD_FILENAMES'];
		process.env['VK_ICD_FILENAMES'] = path.join(home, 'no-driver.json');
		try {
			const { findings } = await item<{ findings: Array<{ about: string; text: string; remedy?: string }> }>('doctor');
			const webgpu = findings.find(({ about }) => about === 'Networks on webgpu')!;
			expect(webgpu.text).toContain('no graphics driver was found');
			expect(webgpu.remedy).toMatch(/^Install a driver/);
		} finally {
			if (before === undefined) delete process.env['VK_ICD_FILENAMES'];
			else process.env['VK_ICD_FILENAMES'] = before;
		}
	},
	60_000,
);

it('doctor says what a setting that is no size breaks, and looks at all else', async () => {
	process.env['MLOPS_JOB_MEMORY'] = 'plenty';
	try {
		const { exit, stdout } = await run('doctor');
		expect(exit).toBe(1);
		expect(stdout).toMatch(/BROKEN +Memory: MLOPS_JOB_MEMORY does not say how much memory a job may use\.\n +Correct MLOPS_JOB_MEMORY/);
		expect(stdout).toMatch(/ok +Store: /);
		expect(stdout).toMatch(/n8n's settings/);
	} finally {
		delete process.env['MLOPS_JOB_MEMORY'];
	}
}, 60_000);

it('trains without a target where the learner needs none', async () => {
	const { exit, stdout } = await run('train', '--dataset', 'flats-to-predict', '--learner', 'isolationForest');
	expect(exit).toBe(0);
	expect(stdout).toMatch(/isolationForest finds anomalies \(flats-to-predict@1\), flagged /);
	expect((await run('runs', 'flats-to-predict')).stdout).toMatch(/ isolationForest +anomalies +flagged /);
}, 60_000);

it('a gate that does not pass ends with 3, and Deploy refuses', async () => {
	const [{ id }] = await item<Array<{ id: string }>>('runs', 'flats');
	const judged = await run('evaluate', `run:${id}`, '--rules', '[{"metric":"auc","kind":"min","value":0.9999}]');
	expect(judged.exit).toBe(3);
	expect(judged.stdout).toMatch(/^The gate is not passed/);
	const refused = await run('deploy', `run:${id}`, '--name', 'other');
	expect(refused).toMatchObject({ exit: 1, stdout: '' });
	expect(refused.stderr).toContain('(deploy.gate_failed)');
}, 60_000);

it.each([
	[['ingest', 'no such file.csv'], 1, 'data.source_unreachable', 'no such file.csv'],
	[['ingest'], 1, 'input.invalid', 'path'],
	[['train', '--target', 'sold'], 2, 'input.invalid', 'The option --dataset is missing.'],
	[['train', '--dataset', 'nothing'], 1, 'store.not_found', 'There is no dataset named "nothing".'],
	[['train', '--dataset', 'flats', '--learner', 'gradientBoosting', '--params', '{"n_trees":3}'], 1, 'input.invalid', 'no field "n_trees"'],
	[
		['train', '--dataset', 'flats', '--learner', 'gradientBoosting', '--params', '{"n_estimators":"many"}'],
		1,
		'input.invalid',
		'"n_estimators" is not as it should be',
	],
	[['train', '--dataset', 'flats', '--params', '{n_estimators:3}'], 2, 'input.invalid', 'The option --params needs JSON'],
	[['train', '--dataset', 'flats', '--steps', '[{"step":"impute","params":{"how":1}}]'], 1, 'input.invalid', 'no field "how"'],
	[['train', '--dataset', 'flats', '--seed', 'x'], 2, 'input.invalid', 'The option --seed needs a number.'],
	[['train', '--dataset', 'flats', '--class-weight', 'heavy'], 2, 'input.invalid', 'The option --class-weight is not as it should be'],
	[['predict', 'flats', '--row', '{"city":"Oslo","size":"large","rooms":2}'], 1, 'predict.input_invalid', 'size'],
	[['predict', 'flats'], 2, 'input.invalid', 'There is nothing to answer.'],
	[['predict', 'flats', '--dataset', 'flats', '--changes', '{"columns":["city"]}'], 2, 'input.invalid', 'told of single rows'],
	[
		['predict', 'flats', '--row', '{"city":"Oslo","size":140,"rooms":5}', '--changes', '{"columns":["towm"]}'],
		1,
		'predict.input_invalid',
		'towm',
	],
	[['evaluate'], 2, 'input.invalid', 'MODEL is missing.'],
])('mlops %j ends with %i and %s', async (args, exit, code, text) => {
	const ended = await run(...args);
	expect(ended.stderr).toContain(text);
	expect(ended.stderr).toContain(`(${code})`);
	expect(ended).toMatchObject({ exit, stdout: '' });
});

it('Ctrl-C stops the work, leaves nothing behind, and ends with 130', async () => {
	const large = writeFlats(path.join(home, 'large.csv'), 60_000);
	expect(await run('ingest', large, '--target', 'sold', '--quiet')).toMatchObject({ exit: 0, stderr: '' });
	const before = await item('verify');
	const { exit, stdout, stderr } = await mlops(
		['train', '--dataset', 'large', '--learner', 'gradientBoosting', '--params', '{"n_estimators":5000}'],
		{
			home: path.join(home, 'store'),
			started: (child) => child.stderr!.on('data', (text: string) => /trees|Learning|Training/i.test(text) && child.kill('SIGINT')),
		},
	);
	expect({ exit, stdout }).toEqual({ exit: 130, stdout: '' });
	expect(stderr).toMatch(/Stopped\.\n$/);
	expect(await item('verify')).toEqual(before);
}, 120_000);
