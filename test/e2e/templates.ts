import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Execution } from '../../scripts/demo/execution.mts';
import { itemsOf, ran, type TestN8n, type WorkflowFile } from './n8n.js';

/** Template 2 on the champion that template 1 deployed. */
export function nightlyDriftWatch(n8n: () => TestN8n): void {
	/** What a template's run has to end with here: June differs too little from what the champion learned from. */
	const allIsWell = (execution: Execution) => {
		expect(itemsOf(execution, 'Drift since training?', 1)[0].json.drift).toMatchObject({ drifted: false, driftedColumns: [] });
		expect(ran(execution, 'Say that all is well')).toBe(true);
		expect(ran(execution, 'Train challenger')).toBe(false);
	};
	/** The execution that a trigger starts, once it ended. */
	const nextOf = async (workflow: string, before: string[]) => {
		for (; ; await sleep(200)) {
			const [id] = (await n8n().executionsOf(workflow)).filter((other) => !before.includes(other));
			if (id) return await n8n().until(id, ['success', 'error'], 600);
		}
	};
	const activate = async (id: string, active: boolean) => {
		const { versionId } = (await n8n().call('GET', `/rest/workflows/${id}`)) as { versionId: string };
		await n8n().call('POST', `/rest/workflows/${id}/${active ? 'activate' : 'deactivate'}`, { versionId });
	};

	it('called by its web address, finds that June is like what the champion learned from', async () => {
		const before = await n8n().executionsOf('MlopsNightDrift1');
		await activate('MlopsNightDrift1', true);
		const call = async () => (await fetch(`${n8n().host.url}/webhook/mlops-drift-watch`, { method: 'POST' })).status;
		for (let status = await call(); status !== 200; status = await call()) await sleep(100);
		allIsWell(await nextOf('MlopsNightDrift1', before));
		await activate('MlopsNightDrift1', false);
	}, 900_000);

	it('started by the clock, does the same', async () => {
		const file = (await n8n().call('GET', '/rest/workflows/MlopsNightDrift1')) as WorkflowFile;
		// Two o'clock at night comes every few seconds here.
		const nodes = file.nodes
			.filter((node) => !/webhook/i.test(node.type))
			.map((node) =>
				/scheduleTrigger/.test(node.type)
					? { ...node, parameters: { rule: { interval: [{ field: 'seconds', secondsInterval: 5 }] } } }
					: node,
			);
		const connections = Object.fromEntries(Object.entries(file.connections).filter(([from]) => nodes.some((node) => node.name === from)));
		const id = await n8n().add({ name: 'By the clock', nodes, connections });
		await activate(id, true);
		while ((await n8n().executionsOf(id)).length === 0) await sleep(200);
		await activate(id, false);
		allIsWell(await nextOf(id, []));
	}, 900_000);

	it('retrains when drift is found, compares with the champion on the same rows, asks, and promotes what was approved', async () => {
		// The same template with the strictest watch, where any change that is no chance, in any column, is enough; and with a gate that lets a
		// challenger be a little worse.
		const file = (await n8n().call('GET', '/rest/workflows/MlopsNightDrift1')) as WorkflowFile;
		const nodes = file.nodes
			.filter((node) => !/webhook|schedule/i.test(node.type))
			.map((node) =>
				node.name === 'Drift since training?'
					? { ...node, parameters: { ...node.parameters, share: 0, options: { minDistance: 0, minMissing: 0, minNew: 0 } } }
					: node.name === 'Challenger against champion'
						? {
								...node,
								parameters: {
									...node.parameters,
									rules: {
										rule: [
											{ metric: 'auc', kind: 'baseline', value: 0.01 },
											{ metric: 'auc', kind: 'champion', value: -0.1 },
										],
									},
								},
							}
						: node.name === 'Promote'
							? { ...node, parameters: { ...node.parameters, alsoInTestRuns: true } }
							: node,
			);
		const connections = Object.fromEntries(Object.entries(file.connections).filter(([from]) => nodes.some((node) => node.name === from)));
		const champion = async () => await n8n().store(async (store) => await store.alias('flight-delays', 'champion'));
		const id = await n8n().begin(await n8n().add({ name: 'Stricter watch', nodes, connections }), 'Run by hand');
		const waiting = await n8n().until(id, ['waiting', 'success', 'error'], 600);
		const [{ json }] = itemsOf(waiting, 'Challenger against champion', 1);
		const evaluation = json.evaluation as { champion: { against: string }; gate: { passed: boolean; reasons: unknown[] } };
		expect(evaluation.champion.against).toBe('flight-delays@1');
		expect(evaluation.gate.passed).toBe(true);
		expect(ran(waiting, 'Promote')).toBe(false);
		expect(await champion()).toBe(1);
		const { owner } = await n8n().links(id, ['owner']);
		expect(await (await fetch(owner)).text()).toContain('flight-delays@1');
		await fetch(owner, { method: 'POST', body: new URLSearchParams({ decision: 'approved', comment: 'Newer is better.' }) });
		const done = await n8n().until(id, ['success'], 600);
		expect(ran(done, 'Tell that it was promoted')).toBe(true);
		expect(await champion()).toBe(2);
	}, 900_000);
}

/** Template 3 as people imported it before it became a model server: the champion behind one of n8n's own addresses. */
export function realTimeScoring(n8n: () => TestN8n): void {
	const row = { date: '2001-06-05T18:30:00', distance: 733, origin: 'ORD', destination: 'LGA' };
	const send = async (body: unknown) => {
		const response = await fetch(`${n8n().host.url}/webhook/score-flight`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(body),
		});
		return { status: response.status, body: (await response.json()) as Record<string, unknown> };
	};
	beforeAll(async () => {
		const { name, nodes, connections } = JSON.parse(
			readFileSync(join(__dirname, '../fixtures/v1/real-time-scoring.json'), 'utf8'),
		) as WorkflowFile;
		const id = await n8n().add({ name, nodes, connections });
		const { versionId } = (await n8n().call('GET', `/rest/workflows/${id}`)) as { versionId: string };
		await n8n().call('POST', `/rest/workflows/${id}/activate`, { versionId });
		// The address answers a moment after the activation.
		while ((await send(row)).status === 404) await sleep(100);
	}, 60_000);

	it('answers a row with prediction, probability and reasons, and keeps it in the prediction log', async () => {
		const { status, body } = await send(row);
		expect(status).toBe(200);
		expect(body).toMatchObject({
			model: expect.stringMatching(/^flight-delays@\d+$/),
			probability: expect.any(Number),
			reasons: expect.arrayContaining([expect.anything()]),
		});
		expect(body).toHaveProperty('prediction');
		const logged = await n8n().store(async (store) => await store.predictions({ model: String(body.model) }));
		expect(logged.at(-1)).toMatchObject({ alias: 'champion', input: row });
	}, 60_000);

	it.each([
		['without a column that the model needs', { distance: 733 }, /date|origin|column/i],
		['with text in a number', { ...row, distance: 'far' }, /distance/i],
		['that is no row', 'late?', /row|object|JSON/i],
	])(
		'refuses a row %s by a message that a person understands',
		async (_what, bad, words) => {
			const { status, body } = await send(bad);
			expect(status).toBe(422);
			expect(JSON.stringify(body)).toMatch(words);
			expect(JSON.stringify(body)).not.toMatch(/ at |\.js:/);
		},
		60_000,
	);
}
