import { v1Templates } from '../fixtures/v1/open.js';
import { createEngine, disposeEngine, template, type Engine, type EngineRun } from './engine.js';

/** Template "First model in five minutes", all defaults, through n8n's real engine on the built package. */
describe('the first-model template', () => {
	let engine: Engine;
	let run: EngineRun;

	beforeAll(async () => {
		engine = await createEngine();
		run = await engine.execute(template('first-model.json'));
	}, 300_000);
	afterAll(disposeEngine);

	it('reads 344 penguins and shows a profile', async () => {
		const [{ json, binary }] = run.output('Ingest penguins');
		expect(json.dataset).toMatchObject({ kind: 'mlops.dataset', name: 'penguins', rows: 344, target: 'Species', task: 'multiclass' });
		expect(Object.keys(binary!)).toEqual(expect.arrayContaining(['report', 'fullReport']));
		const html = (await run.binary('Ingest penguins', 'report')).toString();
		expect(html).toContain('Body Mass');
		expect(html).not.toMatch(/<script|<svg/);
	});

	it('proposes cleaning and says why', () => {
		const [{ json }] = run.output('Clean');
		const { steps } = json.clean as { steps: Array<{ step: string; reason: string }> };
		expect(steps.length).toBeGreaterThan(0);
		for (const step of steps) expect(step.reason).toBeTruthy();
	});

	it('trains a model that is far better than guessing', () => {
		const [{ json }] = run.output('Evaluate', 1);
		const evaluation = json.evaluation as {
			gate: { passed: boolean };
			metrics: Record<string, number>;
			baseline: Record<string, number>;
			rows: number;
		};
		expect(evaluation.gate.passed).toBe(true);
		expect(evaluation.metrics.accuracy).toBeGreaterThan(0.9);
		expect(evaluation.baseline.accuracy).toBeLessThan(0.6);
		expect(run.output('Evaluate', 0)).toEqual([]);
	});

	it('deploys it as champion and answers with class, probability and reasons', () => {
		expect(run.output('Deploy')[0].json.deployment).toMatchObject({ model: 'penguins', version: 1, alias: 'champion', moved: true });
		const answer = run.output('Ask the model')[0].json.prediction as { prediction: string; probability: number; reasons?: unknown[] };
		expect(answer.prediction).toBe('Gentoo');
		expect(answer.probability).toBeGreaterThan(0.8);
	});

	it('keeps every item small', () => {
		for (const node of Object.keys(run.run.data.resultData.runData)) {
			for (const output of run.run.data.resultData.runData[node][0].data!.main) {
				for (const item of output ?? []) expect(JSON.stringify(item.json).length).toBeLessThan(32_000);
			}
		}
	});

	it('does what it did in the first version: the same nodes, outputs, deployment and answer', () => {
		const was = v1Templates()['first-model'];
		const ran = run.run.data.resultData.runData;
		expect(
			Object.fromEntries(Object.entries(ran).map(([node, [task]]) => [node, task.data!.main.map((items) => items?.length ?? 0)])),
		).toEqual(Object.fromEntries(Object.entries(was).map(([node, { outputs }]) => [node, outputs])));
		for (const [
			node,
			{
				items: [item],
			},
		] of Object.entries(was)) {
			const { binaries, ...json } = item;
			const [now] = ran[node][0].data!.main.flatMap((items) => items ?? []);
			expect([node, Object.keys(now.json), Object.keys(now.binary ?? {})]).toEqual([
				node,
				expect.arrayContaining(Object.keys(json)),
				expect.arrayContaining(binaries),
			]);
			expect(now.json.deployment ?? null).toEqual(json.deployment ? expect.objectContaining(json.deployment) : null);
		}
		type Asked = { prediction: { prediction: string; probability: number } };
		const answers = [was['Ask the model'].items[0], run.output('Ask the model')[0].json].map(
			(json) => (json as unknown as Asked).prediction,
		);
		expect(answers[1].prediction).toBe(answers[0].prediction);
		expect(Math.abs(answers[1].probability - answers[0].probability)).toBeLessThan(0.02);
	});

	it('returns the stored run when the same question is asked again', async () => {
		const again = await engine.execute(template('first-model.json'));
		expect(again.output('Ingest penguins')[0].json).toMatchObject({ reused: true });
		expect(again.output('Train')[0].json.run).toMatchObject({ reused: true });
		expect((again.output('Train')[0].json.model as { digest: string }).digest).toBe(
			(run.output('Train')[0].json.model as { digest: string }).digest,
		);
		expect(again.output('Deploy')[0].json.deployment).toMatchObject({ version: 1, moved: false });
	}, 120_000);
});
