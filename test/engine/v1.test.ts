import '../fixtures/v1/home.js';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { IDataObject, INodeExecutionData, IWorkflowBase } from 'n8n-workflow';
import { GATE_VERSION, gateVersionOf } from '../../lib/domain/evaluation.js';
import type { Store } from '../../lib/store/contract.js';
import { flightsPackage, v1, v1Templates } from '../fixtures/v1/open.js';
import { built, chain, createEngine, disposeEngine, openBuiltStore, type Engine } from './engine.js';

/** Workflows that were saved with the first version, on the store that it left: they do what they did. */
const was = v1();
let engine: Engine;
let store: Store;
beforeAll(async () => {
	engine = await createEngine();
	store = await openBuiltStore();
});
afterAll(async () => {
	await store.close();
	await disposeEngine();
	rmSync(process.env.MLOPS_HOME!, { recursive: true, force: true });
});

const one = async (
	type: string,
	parameters: IDataObject,
	items: INodeExecutionData[] = [{ json: {} }],
	mode: 'trigger' | 'manual' = 'trigger',
) => await engine.execute(chain({ name: 'Node', type, parameters }), { items, mode });
/** Registers a package under a name, as Deploy does, and lets `champion` point to it. */
async function inUse(name: string, digest: string, runId: string): Promise<void> {
	const { register } = built<typeof import('../../lib/app/deploy.js')>('lib/app/deploy.js');
	const { version } = await register(store, name, { digest, runId });
	await store.moveAlias(name, 'champion', version, { actor: 'ann@example.com' });
}
const [anyRun] = was.packages;
/** What the first version put into an answer; later ones may add to it. */
const sameKeys = (now: unknown, then: object): object =>
	Object.fromEntries(Object.keys(then).map((key) => [key, (now as IDataObject)[key]]));

it('Predict answers from an old model as it did, the refused rows too', async () => {
	const old = was.packages.find((p) => p.name === 'gradientBoosting binary')!;
	await inUse('old', old.digest, (await store.list('run')).find((r) => r.body.model === old.digest)!.id);
	const run = await engine.execute(
		chain({ name: 'Predict', type: 'mlopsPredict', parameters: { model: 'old' }, onError: 'continueRegularOutput' }),
		{ items: old.rows.map(({ row }) => ({ json: row as IDataObject })) },
	);
	run.output('Predict').forEach(({ json }, i) => {
		const { answer, error } = old.rows[i];
		if (error) expect((json.error as IDataObject).code).toBe(error.code);
		else {
			const { score: _inLogOnly, ...shown } = answer!;
			expect(sameKeys(json.prediction, shown)).toEqual(shown);
		}
	});
});

it('the template "Real-time scoring" answers from the flights\' old model as it did', async () => {
	const { rows, answers } = v1Templates()['real-time-scoring'];
	await inUse('flight-delays', await store.artifacts.put(flightsPackage()), (await store.list('run'))[0].id);
	// As it was then: it is a model server now.
	const scoring = JSON.parse(readFileSync(join(__dirname, '..', 'fixtures', 'v1', 'real-time-scoring.json'), 'utf8')) as IWorkflowBase;
	const run = await engine.execute(
		{ nodes: scoring.nodes.filter((n) => n.name === 'Predict'), connections: {} },
		{ items: rows.map((body) => ({ json: { body } })) },
	);
	run.output('Predict').forEach(({ json }, i) => {
		const { prediction, error } = answers[i] as { prediction?: IDataObject; error?: IDataObject };
		if (error) expect(json.error).toMatchObject({ code: error.code });
		else expect(sameKeys(json.prediction, prediction!)).toEqual(prediction);
	});
});

it('Deploy in a test run only shows what it would do, unless it was told otherwise', async () => {
	const parameters = { modelSource: 'registry', model: 'orders', modelVersion: '1', modelName: 'orders' };
	const preview = (await one('mlopsDeploy', parameters, undefined, 'manual')).output('Node')[0].json.deployment;
	expect(preview).toMatchObject({ preview: true, moved: false, version: 1 });
	expect(await store.alias('orders', 'champion')).toBe(was.store.aliases.orders.champion);
});

it('a model whose gate was passed by the first version can still be deployed, and that is said', async () => {
	const { deployment } = (
		await one('mlopsDeploy', { modelSource: 'registry', model: 'orders', modelVersion: '1', modelName: 'orders', alias: 'again' })
	).output('Node')[0].json as { deployment: IDataObject };
	expect(deployment).toMatchObject({ moved: true, version: 1, warning: expect.stringMatching(/earlier version.*Evaluate/) });
	expect(deployment.text).toContain(deployment.warning);
	const failed = await one('mlopsDeploy', { modelSource: 'registry', model: 'orders', modelVersion: '3', modelName: 'fresh' });
	expect(failed.error('Node')!.message).toMatch(/gate did not pass|rejected/);
});

it('no stored run or evaluation of another build or an earlier gate comes back as the answer', async () => {
	const record = (await store.list('run')).find((r) => r.body.model === anyRun.digest)!;
	const before = (await store.evaluationOf(anyRun.digest))!;
	expect(gateVersionOf(before.body)).toBe(1);
	const model = {
		kind: 'mlops.model',
		v: 1,
		storeId: store.id,
		id: record.id,
		name: record.name,
		digest: anyRun.digest,
		runId: record.id,
		size: 1,
	};
	const evaluate = async () => {
		const run = await one('mlopsEvaluate', { importance: false }, [{ json: { model } }]);
		return [...run.output('Node', 0), ...run.output('Node', 1)][0].json.evaluation as { id: string; reused: boolean };
	};
	const first = await evaluate();
	expect(first).toMatchObject({ reused: false });
	expect(gateVersionOf((await store.get('evaluation', first.id)).body)).toBe(GATE_VERSION);
	expect(await evaluate()).toMatchObject({ id: first.id, reused: true });

	const train = async () =>
		(
			await engine.execute(
				chain({
					name: 'Train',
					type: 'mlopsTrain',
					parameters: {
						datasetSource: 'name',
						datasetName: 'orders@1',
						target: 'gekauft',
						learner: 'dummy',
						modelName: 'binary-dummy',
						split: { method: 'random' },
					},
				}),
			)
		).output('Train')[0].json.run;
	expect(await train()).toMatchObject({ reused: false });
	expect(await train()).toMatchObject({ reused: true });
});

it('the old store is whole after all that', async () => {
	expect((await store.verify()).records).toBeGreaterThan(was.store.verified.records);
});
