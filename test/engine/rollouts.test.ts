import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import type { Store } from '../../lib/store/contract.js';
import { chain, createEngine, disposeEngine, openBuiltStore, template, type Engine, type EngineRun } from './engine.js';
import { ANY, NONE, train, type Trained } from './models.js';

let engine: Engine;
let store: Store;
let first: Trained;
let second: Trained;

beforeAll(async () => {
	engine = await createEngine();
	store = await openBuiltStore();
	first = await train(engine, { params_logisticRegression: { C: 1 } }, { rules: ANY });
	second = await train(engine, { params_logisticRegression: { C: 0.1 } }, { rules: ANY });
	await run({ operation: 'deploy', modelName: 'careful', alias: 'champion' }, first.items);
}, 120_000);
afterAll(async () => {
	await store.close();
	await disposeEngine();
});

const run = async (parameters: IDataObject, items?: INodeExecutionData[], mode?: 'manual'): Promise<EngineRun> =>
	await engine.execute(chain({ name: 'Deploy', type: 'mlopsDeploy', parameters }), { ...(items ? { items } : {}), mode });
const rollout = (r: EngineRun) => r.output('Deploy')[0].json.rollout as IDataObject;
const refusal = (r: EngineRun): string => r.error('Deploy')!.message;
const canary = { operation: 'startCanary', modelName: 'careful', alias: 'champion', shares: '10, 50' };

describe("Deploy's operations for rollouts", () => {
	it('a test run shows what would happen, writes nothing, and refuses what Deploy would refuse', async () => {
		const before = await store.soundEnd();
		const r = await run(canary, second.items, 'manual');
		expect(rollout(r)).toMatchObject({
			preview: true,
			text: 'In a real run: the canary of version 2 of careful runs: 10 % of the callers of "champion" get it, the others version 1.',
		});
		expect((await store.list('rollout')).length).toBe(0);
		expect(before).toBeLessThanOrEqual(await store.soundEnd());
		const failed = await train(engine, { params_logisticRegression: { C: 0.5 } }, { rules: NONE });
		expect(refusal(await run(canary, failed.items))).toContain('The gate did not pass');
		expect(rollout(await run({ ...canary, options: { override_reason: 'the board agreed' } }, failed.items, 'manual')).preview).toBe(true);
	});

	it('starts, says how it stands with a report, and promotes by the decision of Deploy', async () => {
		const started = await run(canary, second.items);
		expect(rollout(started)).toMatchObject({
			kind: 'canary',
			state: 'running',
			stable: 1,
			candidates: [{ version: 2, share: 0.1 }],
			steps: 2,
		});
		const html = (await started.binary('Deploy', 'report')).toString();
		expect(html).toContain('10 % of the callers');
		expect(html).toContain('started');
		expect(html).not.toMatch(/<script|<svg/);
		expect(refusal(await run(canary, second.items))).toContain('already runs');
		const status = await run({ operation: 'rolloutStatus', modelName: 'careful', alias: 'champion' }, [{ json: {} }]);
		expect(rollout(status)).toMatchObject({ state: 'running', next: 'continue', waits: '0 of 1000 answers of this step are given.' });
		const [record] = await store.list('rollout');
		expect(record.body).toMatchObject({
			startedBy: expect.stringContaining('test workflow') as string,
			guards: { errorRate: 0.01 },
			whenDone: 'tell',
		});
		const promoted = await run({ operation: 'promote', alias: 'champion', options: { reason: 'it is better' } }, started.output('Deploy'));
		expect(promoted.output('Deploy')[0].json).toMatchObject({
			deployment: { version: 2, previousVersion: 1, moved: true },
			rollout: { state: 'promoted', reason: 'it is better' },
		});
		expect(await store.alias('careful', 'champion')).toBe(2);
		await store.verify();
	});

	it('aborts; a shadow needs no gate; a test takes several versions', async () => {
		const failed = await train(engine, { params_logisticRegression: { C: 0.5 } }, { rules: NONE });
		expect(rollout(await run({ operation: 'startShadow', modelName: 'careful' }, failed.items))).toMatchObject({
			kind: 'shadow',
			candidates: [{ version: 3, share: 1 }],
		});
		expect(
			rollout(await run({ operation: 'abort', modelName: 'careful', options: { reason: 'enough seen' } }, [{ json: {} }])),
		).toMatchObject({
			state: 'aborted',
			reason: 'enough seen',
		});
		expect(refusal(await run({ operation: 'startAbTest', modelName: 'careful', versions: '3' }, first.items))).toContain(
			'The gate did not pass',
		);
		const test = {
			operation: 'startAbTest',
			modelName: 'careful',
			versions: '3',
			share: 60,
			options: { override_reason: 'a trial', key: 'customer' },
		};
		expect(rollout(await run(test, first.items))).toMatchObject({
			kind: 'ab',
			candidates: [
				{ version: 1, share: 0.3 },
				{ version: 3, share: 0.3 },
			],
		});
		expect((await store.list('rollout'))[0].body.key).toBe('customer');
		expect(refusal(await run({ operation: 'promote', modelName: 'careful' }, [{ json: {} }]))).toContain('none was found to be better');
		await run({ operation: 'abort', modelName: 'careful' }, [{ json: {} }]);
		expect(refusal(await run({ operation: 'promote', modelName: 'careful' }, [{ json: {} }]))).toContain('does not run any more');
	});
});

describe('what stands behind Rollout Status', () => {
	const status = { operation: 'rolloutStatus', modelName: 'careful', alias: 'champion' };

	it('is about the version that would be promoted, with what it is worth; afterwards about none', async () => {
		const other = await train(engine, { params_logisticRegression: { C: 0.2 } }, { rules: ANY });
		await run(canary, other.items);
		const { json } = (await run(status, [{ json: {} }])).output('Deploy')[0];
		const { version, body } = (await store.find('modelVersion', 'careful'))!;
		expect(json.model).toMatchObject({ name: 'careful', version, digest: body.digest });
		expect(json.evaluation).toMatchObject({ id: (await store.evaluationOf(body.digest))!.id, gate: { passed: true } });
		await run({ operation: 'abort', modelName: 'careful' }, [{ json: {} }]);
		expect((await run(status, [{ json: {} }])).output('Deploy')[0].json).not.toHaveProperty('model');
	});

	it('ends the rollout that was looked at, not another one that began since; the end is the newest that the item tells', async () => {
		const other = await train(engine, { params_logisticRegression: { C: 0.3 } }, { rules: ANY });
		await run(canary, other.items);
		const [{ json }] = (await run(status, [{ json: {} }])).output('Deploy');
		const asked = [{ json: { ...json, approval: { id: 'a', status: 'rejected', by: 'bo' } } }];
		const ended = await run({ operation: 'abort', modelName: 'careful' }, asked);
		expect(Object.keys(ended.output('Deploy')[0].json).filter((key) => key === 'rollout' || key === 'approval')).toEqual([
			'approval',
			'rollout',
		]);
		const next = await train(engine, { params_logisticRegression: { C: 0.4 } }, { rules: ANY });
		await run(canary, next.items);
		for (const operation of ['promote', 'abort'])
			expect(refusal(await run({ operation, modelName: 'careful' }, asked))).toContain('does not run any more');
		await run({ operation: 'abort', modelName: 'careful' }, [{ json: {} }]);
	});
});

describe('the template "Careful rollout", as it is shipped', () => {
	it('trains a challenger behind the champion of template 1 and starts a canary; in the morning looks and waits; aborted, tells it', async () => {
		await engine.execute(template('first-model.json'));
		const careful = template('careful-rollout.json');
		const begun = await engine.execute(careful, { start: 'Ingest penguins' });
		expect(begun.output('Start a canary')[0].json.rollout).toMatchObject({
			model: 'penguins',
			kind: 'canary',
			state: 'running',
			stable: 1,
			candidates: [{ version: 2, share: 0.05 }],
			steps: 3,
		});
		expect(begun.output('Tell that it began')).toHaveLength(1);
		// n8n's own If nodes are not loaded here: the Deploy nodes around them run by themselves, with the parameters that are shipped.
		const { nodes } = careful as unknown as { nodes: Array<{ name: string; parameters: IDataObject }> };
		const shipped = async (name: string) => rollout(await run(nodes.find((n) => n.name === name)!.parameters, [{ json: {} }]));
		expect(await shipped('How does it stand?')).toMatchObject({ state: 'running', next: 'continue' });
		expect(await shipped('Abort')).toMatchObject({ state: 'aborted', reason: 'Nobody approved it in time.' });
		expect(await shipped('How does it stand?')).toMatchObject({
			state: 'aborted',
			endedAt: expect.any(String) as string,
			endedBy: expect.stringContaining('test workflow') as string,
		});
		expect(await store.alias('penguins', 'champion')).toBe(1);
	}, 240_000);

	it('has an id of its own, ids for all its nodes, and every wire leads to a node', () => {
		const careful = template('careful-rollout.json') as unknown as {
			id: string;
			nodes: Array<{ id: string; name: string }>;
			connections: Record<string, { main: Array<Array<{ node: string }>> }>;
		};
		const names = new Set(careful.nodes.map((n) => n.name));
		expect(careful.id).toMatch(/^\w{16}$/);
		expect(new Set(careful.nodes.map((n) => n.id)).size).toBe(careful.nodes.length);
		for (const [from, { main }] of Object.entries(careful.connections)) {
			expect(names.has(from)).toBe(true);
			for (const { node } of main.flat()) expect(names.has(node)).toBe(true);
		}
	});
});
