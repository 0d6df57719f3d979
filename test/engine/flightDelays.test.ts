import type { INodeExecutionData } from 'n8n-workflow';
import type { Approval } from '../../lib/domain/approval.js';
import type { ItemDrift, ItemEvaluation } from '../../lib/domain/item.js';
// Scores of Evidently 0.7.23, made by makeEvidently.py.
import evidently from '../monitor/fixtures/evidently.json';
import { v1Templates } from '../fixtures/v1/open.js';
import { built, createEngine, disposeEngine, openBuiltStore, template, type Engine, type EngineRun } from './engine.js';

/** Trees instead of the template's 200: the story is the same, in a fraction of the time. */
const TREES = 30;

/** Template "Flight delays" on the three million flights that come with the package, up to the approval and on from it. */
describe('the flight-delays template', () => {
	let engine: Engine;
	let asked: EngineRun;
	const flights = template('flight-delays.json');
	const train = flights.nodes.find((n) => n.name === 'Train')!;
	const params = train.parameters.params_gradientBoosting as Record<string, number>;

	beforeAll(async () => {
		engine = await createEngine();
		expect(params.n_estimators).toBe(200);
		params.n_estimators = TREES;
		const from = performance.now();
		asked = await engine.execute(flights);
		say('up to the approval', from);
	}, 600_000);
	afterAll(disposeEngine);

	it('reads all flights, derives the target and keeps the delay itself away from the model', () => {
		expect(asked.output('Ingest flights')[0].json.dataset).toMatchObject({ name: 'flights', rows: 3_000_000 });
		const { dataset } = asked.output('Target and features')[0].json as {
			dataset: { target: string; columns: Array<{ name: string; role: string }> };
		};
		expect(dataset).toMatchObject({ target: 'late' });
		expect(dataset.columns.find((c) => c.name === 'delay')?.role).not.toBe('feature');
		expect(dataset.columns.map((c) => c.name)).toEqual(expect.arrayContaining(['date_hour', 'date_weekday']));
	});

	it('trains on January to May and tests on June', async () => {
		const { run } = asked.output('Train')[0].json as { run: { id: string; rows: { train: number; validation: number; test: number } } };
		const store = await openBuiltStore();
		const { split } = (await store.get('run', run.id)).body;
		await store.close();
		expect(split).toMatchObject({ used: 'time', by: 'date' });
		expect(split.testStart!.slice(0, 7)).toBe('2001-06');
		expect(split.testEnd!.slice(0, 7)).toBe('2001-06');
		expect(run.rows).toEqual({ train: split.rows.train, validation: split.rows.validation, test: split.rows.test, leftOut: 6 });
		expect(split.leftOut).toEqual([{ rows: 6, reason: expect.stringContaining('the end of the test period') }]);
		// Six flights of the first of July belong to neither side.
		expect(split.rows.none).toBe(6);
		expect(run.rows.train + run.rows.validation + run.rows.test).toBe(2_999_994);
	});

	it('is better than guessing and no better than the data allow', () => {
		const evaluation = evaluationOf(asked);
		expect(evaluation.gate.passed).toBe(true);
		expect(evaluation.baseline.auc).toBeCloseTo(0.5, 6);
		expect(evaluation.metrics.auc).toBeGreaterThan(0.66);
		expect(evaluation.metrics.auc).toBeLessThan(0.75);
		process.stdout.write(`AUC on ${evaluation.rows} flights of June with ${TREES} trees: ${evaluation.metrics.auc.toFixed(4)}\n`);
	});

	it('does what it did in the first version: the same nodes and outputs, and a model as good', () => {
		const was = v1Templates()['flight-delays'].asked;
		const outputs = Object.entries(asked.run.data.resultData.runData).map(([node, [task]]) => [
			node,
			(task.data?.main ?? []).map((items) => items?.length ?? 0),
		]);
		expect(Object.fromEntries(outputs)).toEqual(Object.fromEntries(Object.entries(was).map(([node, o]) => [node, o.outputs])));
		const { metrics } = was.Evaluate.items[0].evaluation as unknown as ItemEvaluation;
		expect(Math.abs(evaluationOf(asked).metrics.auc - metrics.auc)).toBeLessThan(0.003);
	});

	it('waits for a person, and does not deploy without one', async () => {
		expect(asked.run.waitTill).toBeDefined();
		expect(asked.run.data.resultData.runData.Deploy).toBeUndefined();
		const early = await engine.execute(flights, { start: 'Deploy', items: asked.output('Evaluate', 1) });
		expect(early.error('Deploy')).toMatchObject({ message: 'The approval by owner is still open.' });
	});

	it('goes on after the approval: deployed, June predicted, drift as Evidently says', async () => {
		const items = await approve(asked.output('Evaluate', 1));
		const from = performance.now();
		const run = await engine.execute(flights, { start: 'Deploy', items });
		say('from the approval to the end', from);
		expect(run.run.data.resultData.error).toBeUndefined();
		expect(run.output('Deploy')[0].json.deployment).toMatchObject({
			model: 'flight-delays',
			version: 1,
			alias: 'champion',
			moved: true,
			overridden: false,
		});
		const { predictions } = run.output('Predict June')[0].json as { predictions: { rows: number; failed: number } };
		expect(predictions).toMatchObject({ rows: evaluationOf(asked).rows, failed: 0 });

		const june = drift(run, 'June against January');
		const halves = drift(run, 'Halves of January');
		const broken = drift(run, 'Broken June against January');
		expectScores(june, 'January against June');
		expectScores(halves, "January's halves");
		expectScores(broken, 'January against broken June');
		expect(broken.driftedColumns.sort()).toEqual(['distance', 'origin']);
		// Two halves of one month: our own, stricter decision sees nothing either.
		expect(halves.beside).toMatchObject({ mode: 'default', drifted: false });
		// "Drifted" is output 0, and the message that follows names what drifted.
		if (broken.drifted) expect(run.output('Tell what drifted')[0].json).toMatchObject({ notification: { sent: true } });
	}, 400_000);
});

const say = (what: string, from: number) => process.stdout.write(`${what}: ${((performance.now() - from) / 1000).toFixed(1)} s\n`);
const evaluationOf = (run: EngineRun): ItemEvaluation => run.output('Evaluate', 1)[0].json.evaluation as unknown as ItemEvaluation;

function drift(run: EngineRun, node: string): ItemDrift {
	const [item] = [...run.output(node, 0), ...run.output(node, 1)];
	return item.json.drift as unknown as ItemDrift;
}

function expectScores(found: ItemDrift, name: string): void {
	const fixture = evidently.flights.find((f) => f.name === name)!;
	expect([found.rows.reference, found.rows.current]).toEqual(fixture.rows);
	const columns = fixture.expected.columns as Record<string, { score: number; drifted: boolean }>;
	expect(Object.keys(found.scores).sort()).toEqual(Object.keys(columns).sort());
	for (const [column, { score, drifted }] of Object.entries(columns)) {
		expect(Math.abs(found.scores[column].score - score)).toBeLessThan(1e-6);
		expect([column, found.scores[column].drifted]).toEqual([column, drifted]);
	}
}

/** What an approver's click does: the signed link of the newest request, decided; then the items as the store kept them. */
async function approve(items: INodeExecutionData[]): Promise<INodeExecutionData[]> {
	const store = await openBuiltStore();
	try {
		const { decideApproval, waitingItems } = built<typeof import('../../lib/app/approval.js')>('lib/app/approval.js');
		const { signLink } = built<typeof import('../../lib/store/seal/links.js')>('lib/store/seal/links.js');
		const [request] = await store.approvalsFor((items[0].json.model as { digest: string }).digest);
		expect(request).toMatchObject({ status: 'pending', approvers: ['owner'] });
		const token = await signLink(store, { approvalId: request.id, approver: 'owner', expires: request.expiresAt });
		const { won } = await decideApproval(store, token, 'approved', 'as good as hoped');
		return (await waitingItems(store, won as Approval)) as INodeExecutionData[];
	} finally {
		await store.close();
	}
}
