import { writeFileSync } from 'node:fs';
import type { IDataObject, ILoadOptionsFunctions } from 'n8n-workflow';
import { built, chain, createEngine, disposeEngine, openBuiltStore, testFile, type Engine, type EngineRun } from './engine.js';

let engine: Engine;
beforeAll(async () => {
	engine = await createEngine();
});
afterAll(disposeEngine);

const ingest = (file: string, text: string, parameters: Record<string, unknown> = {}) => {
	writeFileSync(testFile(file), text);
	return { name: 'Ingest', type: 'mlopsIngest', parameters: { source: 'file', path: testFile(file), ...parameters } };
};
const clean = { name: 'Clean', type: 'mlopsClean', parameters: {} };
const features = (...step: Array<Record<string, unknown>>) => ({
	name: 'Features',
	type: 'mlopsFeatureEngineer',
	parameters: { steps: { step } },
});
const train = (parameters: Record<string, unknown> = {}) => ({
	name: 'Train',
	type: 'mlopsTrain',
	parameters: { learner: 'dummy', ...parameters },
});
const stepsOf = (run: EngineRun, node: string) =>
	(run.output(node)[0].json.recipe as { steps: Array<{ step: string; params: { columns: string[] } }> }).steps;

async function trained(run: EngineRun) {
	const store = await openBuiltStore();
	const { body } = await store.get('run', (run.output('Train')[0].json.run as { id: string }).id);
	await store.close();
	return body;
}

describe('the task of a target that the recipe makes is decided by all rows, not by the first 20,000', () => {
	const ROWS = 24_000;
	const rows = `x,z,kind\n${Array.from({ length: ROWS }, (_, i) => `${i},${i % 7},${i >= 22_000 ? 'c' : i % 2 ? 'b' : 'a'}`).join('\n')}\n`;

	it('a rare one of a sorted table', async () => {
		const run = await engine.execute(
			chain(
				ingest('rare.csv', rows),
				clean,
				features({ step: 'derive_target', from: 'expression', expression: 'x >= 23000', name: 'late' }),
				train(),
			),
		);
		const handle = run.output('Features')[0].json.dataset as IDataObject;
		expect(handle).toMatchObject({ target: 'late' });
		expect(handle).not.toHaveProperty('task');
		expect(await trained(run)).toMatchObject({ task: 'binary', target: 'late' });
	});

	it('one whose third class comes late', async () => {
		const run = await engine.execute(
			chain(
				ingest('third.csv', rows),
				features({ step: 'derive_target', from: 'column', column: 'kind', name: 'answer' }),
				{ ...clean, name: 'Clean again' },
				train(),
			),
		);
		expect(await trained(run)).toMatchObject({ task: 'multiclass', target: 'answer' });
	});

	it('one that a step narrows: the known task no longer fits', async () => {
		const run = await engine.execute(
			chain(
				ingest('narrowed.csv', rows, { target: 'kind' }),
				features({ step: 'expression', expression: 'x * 2', name: 'twice' }),
				{ ...clean, name: 'Filter', parameters: { mode: 'manual', steps: { step: [{ step: 'filter_rows', expression: 'kind != "c"' }] } } },
				train(),
			),
		);
		expect(run.output('Ingest')[0].json.dataset).toMatchObject({ task: 'multiclass' });
		expect(await trained(run)).toMatchObject({ task: 'binary', target: 'kind' });
	});
});

it('Clean by itself sees every column, those beyond the first 200 too', async () => {
	const names = Array.from({ length: 230 }, (_, j) => `c${j}`);
	const rows = Array.from({ length: 60 }, (_, i) =>
		[...names.map((_, j) => (j === 215 && i % 5 === 0 ? '' : String((i * 31 + j * 17) % 101))), i % 2 ? 'yes' : 'no'].join(','),
	);
	const run = await engine.execute(chain(ingest('wide.csv', `${names.join(',')},y\n${rows.join('\n')}\n`, { target: 'y' }), clean));
	expect(stepsOf(run, 'Clean')).toMatchObject([{ step: 'impute', params: { columns: ['c215'] } }]);
	const made = await engine.execute(
		chain(
			ingest('wide.csv', `${names.join(',')},y\n${rows.join('\n')}\n`, { target: 'y' }),
			{ ...clean, name: 'Drop', parameters: { mode: 'manual', steps: { step: [{ step: 'drop_columns', columns: ['c215'] }] } } },
			clean,
		),
	);
	expect(stepsOf(made, 'Clean')).toMatchObject([{ step: 'drop_columns' }]);

	// What a picker offers after these steps: all columns that there are by then.
	const { MlopsIngest } = built<typeof import('../../nodes/Ingest/MlopsIngest.node.js')>('nodes/Ingest/MlopsIngest.node.js');
	const { methods } = new MlopsIngest();
	const { dataset, recipe } = made.output('Clean')[0].json;
	const offered = async (method: 'getColumns' | 'getIngestColumns', parameters: Record<string, unknown>) =>
		(
			await methods.loadOptions[method].call({
				getNode: () => ({ parameters: {} }),
				getCurrentNodeParameter: (name: string) => parameters[name],
			} as unknown as ILoadOptionsFunctions)
		).map((o) => o.value);
	expect(await offered('getColumns', { datasetRef: dataset, recipeRef: recipe })).toEqual([...names.filter((n) => n !== 'c215'), 'y']);
	expect(await offered('getIngestColumns', { source: 'file', path: testFile('wide.csv'), name: '' })).toEqual(['', ...names, 'y']);
	expect(await offered('getIngestColumns', { source: 'file', path: testFile('never-read.csv') })).toEqual(['']);

	// Where the target is chosen, Train says beforehand what it would need.
	const { MlopsTrain } = built<typeof import('../../nodes/Train/MlopsTrain.node.js')>('nodes/Train/MlopsTrain.node.js');
	const targets = async (rows: number, learner: string) => {
		const parameters: Record<string, unknown> = { datasetRef: { ...(dataset as object), rows }, recipeRef: recipe, learner };
		const context = { getNode: () => ({ parameters: {} }), getCurrentNodeParameter: (name: string) => parameters[name] };
		return (await new MlopsTrain().methods.loadOptions.getTargets.call(context as unknown as ILoadOptionsFunctions)).at(-1);
	};
	expect(await targets(1_000, 'gradientBoosting')).toEqual({
		name: 'y',
		value: 'y',
		description: expect.not.stringMatching('memory') as string,
	});
	expect(await targets(1_000_000, 'gradientBoosting')).toMatchObject({
		value: 'y',
		description: expect.stringMatching(/about \d+\.\d GB of memory/) as string,
	});
});
