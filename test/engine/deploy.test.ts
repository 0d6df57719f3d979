import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import type { Store } from '../../lib/store/contract.js';
import { built, chain, createEngine, disposeEngine, openBuiltStore, type Engine, type EngineRun } from './engine.js';
import { ANY, NONE, train, type Trained } from './models.js';

let engine: Engine;
let store: Store;
/** Three models of the same data; all passed their gate. */
let first: Trained;
let second: Trained;
let third: Trained;

beforeAll(async () => {
	engine = await createEngine();
	store = await openBuiltStore();
	first = await train(engine, { params_logisticRegression: { C: 1 } }, { rules: ANY });
	second = await train(engine, { params_logisticRegression: { C: 0.1 } }, { rules: ANY });
	third = await train(engine, { params_logisticRegression: { C: 0.01 } }, { rules: ANY });
	expect(new Set([first, second, third].map((m) => m.digest)).size).toBe(3);
}, 120_000);
afterAll(async () => {
	await store.close();
	await disposeEngine();
});

const run = async (parameters: IDataObject, items?: INodeExecutionData[], mode?: 'manual'): Promise<EngineRun> =>
	await engine.execute(chain({ name: 'Deploy', type: 'mlopsDeploy', parameters }), { ...(items ? { items } : {}), mode });
const deploy = async (modelName: string, model: Trained, options: IDataObject = {}, mode?: 'manual') =>
	await run({ modelName, options }, model.items, mode);
const deployment = (r: EngineRun) => r.output('Deploy')[0].json.deployment as IDataObject;
const refusal = (r: EngineRun): string => {
	expect(r.run.data.resultData.runData.Deploy[0].data).toBeUndefined();
	return r.error('Deploy')!.message;
};
const audit = async (subject: string) => (await store.auditLog({ subject })).map((e) => e.action);
const later = (ms: number) => new Date(Date.now() + ms).toISOString();
const evaluationOf = (model: Trained) => (model.items[0].json.evaluation as { id: string }).id;

/** Files a request bound to a model and its evaluation, as "Ask for Approval" does. */
async function ask(modelName: string, model: Trained, minutes = 60) {
	const { askForApproval } = built<typeof import('../../lib/app/approval.js')>('lib/app/approval.js');
	return await askForApproval(store, {
		title: `May ${modelName} go live?`,
		approvers: ['ana', 'bo'],
		expiresMinutes: minutes,
		modelName,
		model: model.digest,
		evaluation: evaluationOf(model),
		items: model.items,
	});
}
async function decide(token: string, decision: 'approved' | 'rejected', comment = '') {
	const { decideApproval } = built<typeof import('../../lib/app/approval.js')>('lib/app/approval.js');
	return await decideApproval(store, token, decision, comment);
}

describe('the gate', () => {
	it('a failed gate refuses, whatever wire the item came by', async () => {
		const failed = await train(engine, { params_logisticRegression: { C: 0.5 } }, { rules: NONE });
		expect(refusal(await deploy('gate-a', failed))).toContain('The gate did not pass: ');
		expect(await store.names('modelVersion')).not.toContain('gate-a');
		// An item that says "passed" changes nothing: the store is asked, not the wire.
		const forged = structuredClone(failed.items);
		(forged[0].json.evaluation as { gate: { passed: boolean } }).gate.passed = true;
		expect(refusal(await run({ modelName: 'gate-a' }, forged))).toContain('The gate did not pass: ');
	});

	it('a model that was not evaluated is refused', async () => {
		const raw = await train(engine, { params_logisticRegression: { C: 0.7 } }, { evaluate: false });
		expect(refusal(await deploy('gate-b', raw))).toBe('This model has not been evaluated, so its gate has not been passed.');
	});

	it('is the one that was shown last: loose rules in between do not count, nor does an older failure', async () => {
		const model = { params_logisticRegression: { C: 0.6 } };
		const strict = await train(engine, model, { rules: NONE });
		await train(engine, model, { rules: ANY });
		const again = await train(engine, model, { rules: NONE });
		expect(again.digest).toBe(strict.digest);
		expect(again.items[0].json.evaluation).toMatchObject({ gate: { passed: false } });
		expect(refusal(await deploy('gate-e', again))).toContain('The gate did not pass');
		expect((await train(engine, model, { rules: NONE })).items[0].json.evaluation).toMatchObject({ reused: true });
		const loose = await train(engine, model, { rules: ANY });
		expect((await store.evaluationOf(loose.digest))!.id).toBe(evaluationOf(loose));
		expect(deployment(await deploy('gate-e', loose))).toMatchObject({ moved: true });
	});

	it('an override needs a reason, and the audit log keeps it for good', async () => {
		const failed = await train(engine, { params_logisticRegression: { C: 0.5 } }, { rules: NONE });
		expect(refusal(await deploy('gate-c', failed, { override_reason: '   ' }))).toContain('gate');
		expect(deployment(await deploy('gate-c', failed, { override_reason: 'agreed with the board' }))).toMatchObject({
			version: 1,
			moved: true,
			overridden: true,
		});
		const [event] = (await store.auditLog({ subject: 'gate-c@1' })).filter((e) => e.action === 'deploy.overridden');
		expect(event.details).toMatchObject({ reason: 'agreed with the board', refused: expect.stringContaining('gate') });
		expect(event.actor).toContain('test workflow');
		await store.verify();
	});

	it('is not asked for where the model was registered so, and that is audited', async () => {
		const raw = await train(engine, { params_logisticRegression: { C: 0.7 } }, { evaluate: false });
		expect(deployment(await deploy('gate-d', raw, { gate: 'not_required' }))).toMatchObject({ moved: true, overridden: false });
		expect(await store.policy('gate-d')).toMatchObject({ gateRequired: false });
		expect((await audit('gate-d')).join()).toMatch(/policy/);
	});
});

describe('an approval that is required', () => {
	const required = { approval: 'required' };

	it('missing: refused, and required from then on without being asked again', async () => {
		expect(refusal(await deploy('app-a', first, required))).toBe('This model needs an approval and nobody has been asked for one.');
		expect(refusal(await deploy('app-a', first))).toBe('This model needs an approval and nobody has been asked for one.');
	});

	it('open: refused; approved by one of two: deployed; the second sees who was first', async () => {
		const { tokens } = await ask('app-b', first);
		expect(refusal(await deploy('app-b', first, required))).toBe('The approval by ana, bo is still open.');
		expect((await decide(tokens[1].token, 'approved')).status).toBe(200);
		expect(deployment(await deploy('app-b', first))).toMatchObject({ version: 1, moved: true, overridden: false });
		const late = await decide(tokens[0].token, 'rejected');
		expect(late).toMatchObject({ status: 409 });
		expect(late.html).toContain('bo');
		expect((await store.auditLog({ subject: 'app-b' })).find((e) => e.action.startsWith('approval.decided'))).toBeDefined();
	});

	it('rejected: refused with the name and the comment', async () => {
		const model = await train(engine, { params_logisticRegression: { C: 0.4 } }, { rules: ANY });
		const { tokens } = await ask('app-c', model);
		// Whoever was asked is waited for and heard, even where nothing requires it, and under whatever name.
		expect(refusal(await deploy('app-c', model))).toBe('The approval by ana, bo is still open.');
		await decide(tokens[0].token, 'rejected', 'too few rows');
		expect(refusal(await deploy('app-c', model, required))).toBe('ana rejected this model: "too few rows"');
		expect(refusal(await deploy('app-c-other', model))).toBe('ana rejected this model: "too few rows"');
		const r = await deploy('app-c-other', model, { override_reason: 'ana was mistaken' });
		expect(deployment(r)).toMatchObject({ moved: true, overridden: true });
		const report = (await r.binary('Deploy', 'report')).toString();
		expect(report).toContain('ana was mistaken');
		expect(report).not.toContain('none given');
	});

	it('run out: refused', async () => {
		const model = await train(engine, { params_logisticRegression: { C: 0.3 } }, { rules: ANY });
		await store.createApproval({
			subject: { title: 'old', model: model.digest, evaluation: evaluationOf(model) },
			approvers: ['ana'],
			expiresAt: later(-1_000),
			items: await store.artifacts.put('[]'),
		});
		expect(refusal(await deploy('app-d', model, required))).toBe('The request for approval ended without a decision.');
		expect((await store.approvalsFor(model.digest))[0].status).toBe('expired');
		// Nor does one whose own execution has gone on without an answer stay open.
		const { deploy: run, deployParams } = built<typeof import('../../lib/app/deploy.js')>('lib/app/deploy.js');
		await store.createApproval({
			subject: { title: 'skipped', model: model.digest, evaluation: evaluationOf(model) },
			approvers: ['ana'],
			executionId: '41',
			expiresAt: later(60_000),
			items: await store.artifacts.put('[]'),
		});
		const request = {
			store,
			actor: 'test',
			modelName: 'app-d',
			digest: model.digest,
			runId: model.runId,
			params: deployParams.parse({}),
			preview: false,
		};
		await expect(run({ ...request, executionId: '40' })).rejects.toMatchObject({ code: 'deploy.approval_pending' });
		await expect(run({ ...request, executionId: '41' })).rejects.toMatchObject({ code: 'deploy.approval_expired' });
		expect((await store.approvalsFor(model.digest))[0].status).toBe('closed');
		await store.verify();
	});

	it('given before there was any evaluation: does not count for one', async () => {
		const model = await train(engine, { params_logisticRegression: { C: 0.35 } }, { rules: ANY });
		const request = await store.createApproval({
			subject: { title: 'unseen', model: model.digest },
			approvers: ['ana'],
			expiresAt: later(60_000),
			items: await store.artifacts.put('[]'),
		});
		await store.decideApproval(request.id, 'approved', 'ana');
		expect(refusal(await deploy('app-h', model, required))).toContain('nobody has been asked for one since it was evaluated last');
	});

	it('given to another model: does not count', async () => {
		const { tokens } = await ask('app-e', third);
		await decide(tokens[0].token, 'approved');
		const other = await train(engine, { params_logisticRegression: { C: 0.2 } }, { rules: ANY });
		expect(refusal(await deploy('app-e', other, required))).toContain('nobody has been asked');
		expect(deployment(await deploy('app-e', third))).toMatchObject({ moved: true });
	});

	it('given before a later evaluation: does not count for it', async () => {
		const model = await train(engine, { params_logisticRegression: { C: 0.25 } }, { rules: ANY });
		const { tokens } = await ask('app-f', model);
		await decide(tokens[0].token, 'approved');
		const again = await train(engine, { params_logisticRegression: { C: 0.25 } }, { rules: [{ metric: 'auc', kind: 'min', value: 0.01 }] });
		expect(again.digest).toBe(model.digest);
		expect(refusal(await deploy('app-f', again, required))).toContain('nobody has been asked');
	});

	it('cannot be switched off by the run that it stops and forgotten: the change is in the audit log', async () => {
		const model = await train(engine, { params_logisticRegression: { C: 0.15 } }, { rules: ANY });
		expect(refusal(await deploy('app-g', model, required))).toContain('needs an approval');
		expect(refusal(await deploy('app-g', model, { approval: 'not_required' }))).toBe(
			'The approval that "app-g" requires cannot be lifted without a reason.',
		);
		// A deployment that does not happen lifts nothing.
		const failed = await train(engine, { params_logisticRegression: { C: 0.5 } }, { rules: NONE });
		expect(refusal(await deploy('app-g', failed, { approval: 'not_required', reason: 'in a hurry' }))).toContain('The gate did not pass');
		expect(await store.policy('app-g')).toMatchObject({ approvalRequired: true });
		expect(deployment(await deploy('app-g', model, { approval: 'not_required', reason: 'a trial' }))).toMatchObject({ moved: true });
		const changes = (await store.auditLog({ subject: 'app-g' })).filter((e) => e.action === 'policy.changed');
		expect(changes).toHaveLength(2);
		expect(changes[0].details).toMatchObject({ policy: { approvalRequired: false }, reason: 'a trial' });
	});
});

describe('moving an alias', () => {
	it('a test run shows what would happen and moves nothing', async () => {
		expect(deployment(await deploy('move-a', first, {}, 'manual'))).toMatchObject({
			version: 1,
			moved: false,
			preview: true,
			text: 'In a real run, "champion" of move-a would point to version 1.',
		});
		expect(await store.names('modelVersion')).not.toContain('move-a');
		expect(await store.alias('move-a', 'champion')).toBeNull();
		const asked = await train(engine, { params_logisticRegression: { C: 0.12 } }, { rules: ANY });
		expect(refusal(await deploy('move-a', asked, { approval: 'required' }, 'manual'))).toContain('approval');
		expect(await store.policy('move-a')).toMatchObject({ approvalRequired: false });
		expect(deployment(await run({ modelName: 'move-a', alsoInTestRuns: true }, first.items, 'manual'))).toMatchObject({
			moved: true,
			preview: false,
		});
	});

	it('the same model twice is one version; another one is the next', async () => {
		expect(deployment(await deploy('move-b', first))).toMatchObject({ version: 1, previousVersion: null, moved: true });
		expect(deployment(await deploy('move-b', first))).toMatchObject({ version: 1, moved: false });
		expect(deployment(await deploy('move-b', second))).toMatchObject({ version: 2, previousVersion: 1, moved: true });
		expect(deployment(await run({ modelName: 'move-b', alias: 'challenger' }, first.items))).toMatchObject({
			version: 1,
			alias: 'challenger',
			moved: true,
		});
		expect(await store.list('modelVersion', { name: 'move-b' })).toHaveLength(2);
		expect(await store.aliases('move-b')).toEqual({ champion: 2, challenger: 1 });
	});

	it('the item goes on with the name and version that the model now has', async () => {
		const [{ json }] = (await deploy('move-c', second)).output('Deploy');
		expect(json.model).toMatchObject({ name: 'move-c', version: 1, digest: second.digest });
		expect(json.evaluation).toBeDefined();
	});

	it('rolls back to the version before, and says so when there is none', async () => {
		await deploy('move-d', first);
		expect(refusal(await run({ operation: 'rollback', modelName: 'move-d' }))).toBe(
			'The alias "champion" of "move-d" has no earlier version to go back to.',
		);
		await deploy('move-d', second);
		await deploy('move-d', third);
		expect(deployment(await run({ operation: 'rollback', modelName: 'move-d', reason: 'complaints' }))).toMatchObject({
			version: 2,
			previousVersion: 3,
			moved: true,
		});
		expect((await store.aliasHistory('move-d', 'champion'))[0]).toMatchObject({ from: 3, to: 2, reason: 'roll back: complaints' });
	});

	it('rolling back twice goes back twice, not to and fro', async () => {
		for (const model of [first, second, third]) await deploy('move-e', model);
		expect(deployment(await run({ operation: 'rollback', modelName: 'move-e' }))).toMatchObject({ version: 2 });
		expect(deployment(await run({ operation: 'rollback', modelName: 'move-e' }))).toMatchObject({ version: 1 });
		expect(refusal(await run({ operation: 'rollback', modelName: 'move-e' }))).toContain('no earlier version');
	});

	it('a test run of roll back and archive refuses what a real run would, and changes nothing', async () => {
		await deploy('move-i', first);
		expect(refusal(await run({ operation: 'rollback', modelName: 'move-i' }, undefined, 'manual'))).toContain('no earlier version');
		expect(refusal(await run({ operation: 'archive', modelName: 'move-i', version: '1' }, undefined, 'manual'))).toContain(
			'in use as champion',
		);
		await deploy('move-i', second);
		expect(deployment(await run({ operation: 'rollback', modelName: 'move-i' }, undefined, 'manual'))).toMatchObject({
			version: 1,
			previousVersion: 2,
			preview: true,
			moved: false,
			text: 'In a real run, "champion" of move-i would point to version 1 (was version 2).',
		});
		expect(deployment(await run({ operation: 'archive', modelName: 'move-i', version: '1' }, undefined, 'manual'))).toMatchObject({
			preview: true,
			text: 'In a real run, version 1 of move-i would be archived.',
		});
		expect(await store.alias('move-i', 'champion')).toBe(2);
		expect(await store.archived('move-i')).toEqual([]);
	});

	it('a registered version is taken by name, whatever the item carries: the challenger becomes champion', async () => {
		await deploy('move-j', first);
		await run({ modelName: 'move-j', alias: 'challenger' }, second.items);
		const r = await run({ modelSource: 'registry', model: 'move-j', modelVersion: 'challenger' }, [{ json: { ok: true } }]);
		expect(deployment(r)).toMatchObject({ model: 'move-j', version: 2, previousVersion: 1, alias: 'champion', moved: true });
		expect(r.output('Deploy')[0].json).toMatchObject({
			ok: true,
			model: { kind: 'mlops.model', name: 'move-j', version: 2, digest: second.digest },
		});
		expect(deployment(await run({ modelSource: 'registry', model: 'move-j', modelVersion: '1' }, third.items))).toMatchObject({
			model: 'move-j',
			version: 1,
		});
		const evaluated = await engine.execute(
			chain({ name: 'Evaluate', type: 'mlopsEvaluate', parameters: { modelSource: 'registry', model: 'move-j', alias: 'challenger' } }),
			{ items: [{ json: { ok: true } }] },
		);
		const [item] = [...evaluated.output('Evaluate', 0), ...evaluated.output('Evaluate', 1)];
		expect(item.json).toMatchObject({
			ok: true,
			model: { digest: second.digest, version: 2 },
			evaluation: { champion: { against: 'move-j@1' } },
		});
	});

	it('archives what no alias uses; roll back passes over it, and deploying it is refused', async () => {
		for (const model of [first, second, third]) await deploy('move-f', model);
		expect(refusal(await run({ operation: 'archive', modelName: 'move-f', version: '3' }))).toBe(
			'Version 3 of "move-f" is in use as champion.',
		);
		expect(deployment(await run({ operation: 'archive', modelName: 'move-f', version: '2', reason: 'wrong data' }))).toMatchObject({
			version: 2,
			moved: false,
		});
		expect(await store.archived('move-f')).toEqual([2]);
		expect(refusal(await deploy('move-f', second))).toContain('archived');
		expect(deployment(await run({ operation: 'rollback', modelName: 'move-f' }))).toMatchObject({ version: 1 });
	});

	it('an unknown version to archive is named, with what there is', async () => {
		await deploy('move-g', first);
		const r = await run({ operation: 'archive', modelName: 'move-g', version: '7' });
		expect(refusal(r)).toBe('The model "move-g" has no version 7.');
	});

	it('several at once: one alias, one history without gaps, an audit log that verifies', async () => {
		const models = [first, second, third, first, second, third];
		const runs = await Promise.all(models.map((m) => deploy('move-h', m)));
		expect(runs.map((r) => r.error('Deploy')?.message)).toEqual(models.map(() => undefined));
		expect((await store.list('modelVersion', { name: 'move-h' })).map((v) => v.body.digest).sort()).toEqual(
			[first, second, third].map((m) => m.digest).sort(),
		);
		const history = (await store.aliasHistory('move-h', 'champion')).reverse();
		expect(history[0].from).toBeNull();
		for (let i = 1; i < history.length; i++) expect(history[i].from).toBe(history[i - 1].to);
		expect(await store.alias('move-h', 'champion')).toBe(history.at(-1)!.to);
		await store.verify();
	});
});

describe('without a name in the form', () => {
	it("Deploy and Evaluate go by the model's own, that of Train or of the registry", async () => {
		const own = await train(engine, { modelName: 'own-name', params_logisticRegression: { C: 0.9 } }, { rules: ANY, modelName: '' });
		expect(deployment(await run({}, own.items))).toMatchObject({ model: 'own-name', version: 1, alias: 'champion' });
		expect(deployment(await run({ modelSource: 'registry', model: 'own-name', modelVersion: 'champion', alias: 'backup' }))).toMatchObject({
			model: 'own-name',
			version: 1,
			alias: 'backup',
		});
		const next = await train(engine, { modelName: 'own-name', params_logisticRegression: { C: 0.8 } }, { rules: ANY, modelName: '' });
		expect(next.items[0].json.evaluation).toMatchObject({ champion: { against: 'own-name@1' } });
	});
});
