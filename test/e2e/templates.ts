import { setTimeout as sleep } from 'node:timers/promises';
import { itemsOf, ran, type TestN8n } from './n8n.js';

/** Template 2 on the champion that template 1 deployed. */
export function nightlyDriftWatch(n8n: () => TestN8n): void {
	it('finds out whether June differs from what the champion learned from, and ends or asks', async () => {
		const id = await n8n().begin('MlopsNightDrift1', 'Run by hand');
		const execution = await n8n().until(id, ['success', 'waiting'], 600);
		const [drifted] = itemsOf(execution, 'Drift since training?', 0);
		if (!drifted) {
			expect(itemsOf(execution, 'Drift since training?', 1)[0].json.drift).toMatchObject({ drifted: false });
			expect(ran(execution, 'Say that all is well')).toBe(true);
			expect(ran(execution, 'Train challenger')).toBe(false);
			return;
		}
		expect(drifted.json.drift).toMatchObject({ drifted: true });
		const [failed] = itemsOf(execution, 'Challenger against champion', 0);
		expect(ran(execution, failed ? 'Tell that it was kept' : 'Ask for approval')).toBe(true);
	}, 900_000);

	it('retrains when drift is found, compares with the champion on the same rows, and leaves the champion alone without a decision', async () => {
		// The same template with the strictest watch: any change that is no chance, in any column, is enough.
		const file = await n8n().call('GET', '/rest/workflows/MlopsNightDrift1') as { name: string; nodes: Array<{ name: string; type: string; typeVersion: number; id: string; position: [number, number]; parameters: Record<string, unknown> }>; connections: Record<string, unknown> };
		const nodes = file.nodes.filter((node) => !/webhook|schedule/i.test(node.type))
			.map((node) => (node.name !== 'Drift since training?' ? node : { ...node, parameters: { ...node.parameters, share: 0, options: { minDistance: 0, minMissing: 0, minNew: 0 } } }));
		const connections = Object.fromEntries(Object.entries(file.connections).filter(([from]) => nodes.some((node) => node.name === from)));
		const id = await n8n().begin(await n8n().add({ name: 'Stricter watch', nodes, connections }), 'Run by hand');
		const execution = await n8n().until(id, ['success', 'waiting'], 600);
		const [failed] = itemsOf(execution, 'Challenger against champion', 0);
		const [passed] = itemsOf(execution, 'Challenger against champion', 1);
		const evaluation = (failed ?? passed ?? itemsOf(execution, 'Ask for approval')[0]).json.evaluation as { champion: { against: string }; gate: { reasons: unknown[] } };
		expect(evaluation.champion.against).toBe('flight-delays@1');
		expect(evaluation.gate.reasons.length).toBeGreaterThan(0);
		expect(ran(execution, 'Promote')).toBe(false);
		expect(await n8n().store(async (store) => await store.alias('flight-delays', 'champion'))).toBe(1);
	}, 900_000);
}

/** Template 3: the champion behind a web address. */
export function realTimeScoring(n8n: () => TestN8n): void {
	const row = { date: '2001-06-05T18:30:00', distance: 733, origin: 'ORD', destination: 'LGA' };
	const send = async (body: unknown) => {
		const response = await fetch(`${n8n().host.url}/webhook/score-flight`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
		return { status: response.status, body: await response.json() as Record<string, unknown> };
	};
	beforeAll(async () => {
		const { versionId } = await n8n().call('GET', '/rest/workflows/MlopsScoring0001') as { versionId: string };
		await n8n().call('POST', '/rest/workflows/MlopsScoring0001/activate', { versionId });
		// The address answers a moment after the activation.
		while ((await send(row)).status === 404) await sleep(100);
	}, 60_000);

	it('answers a row with prediction, probability and reasons, and keeps it in the prediction log', async () => {
		const { status, body } = await send(row);
		expect(status).toBe(200);
		expect(body).toMatchObject({ model: 'flight-delays@1', probability: expect.any(Number), reasons: expect.arrayContaining([expect.anything()]) });
		expect(body).toHaveProperty('prediction');
		const logged = await n8n().store(async (store) => await store.predictions({ model: 'flight-delays@1' }));
		expect(logged.at(-1)).toMatchObject({ alias: 'champion', input: row });
	}, 60_000);

	it.each([
		['without a column that the model needs', { distance: 733 }, /date|origin|column/i],
		['with text in a number', { ...row, distance: 'far' }, /distance/i],
		['that is no row', 'late?', /row|object|JSON/i],
	])('refuses a row %s by a message that a person understands', async (_what, bad, words) => {
		const { status, body } = await send(bad);
		expect(status).toBe(422);
		expect(JSON.stringify(body)).toMatch(words);
		expect(JSON.stringify(body)).not.toMatch(/ at |\.js:/);
	}, 60_000);
}
