import { writeFileSync } from 'node:fs';
import type { IDataObject } from 'n8n-workflow';
import type { Store } from '../../lib/store/contract.js';
import { chain, createEngine, disposeEngine, openBuiltStore, testFile, type Engine, type EngineRun } from './engine.js';
import { churnFiles } from './messyChurn.js';

/** A newcomer's hour: a file as people keep it, nothing set but its path, and the button. */

const NEWEST = ['Ingest', 'Deploy', 'Predict', 'MonitorDrift', 'Notify'];
const node = (type: string, parameters: IDataObject = {}, from?: number) => ({
	name: type,
	type: `mlops${type}`,
	parameters,
	from,
	typeVersion: NEWEST.includes(type) ? 2 : 1,
});

let engine: Engine;
let store: Store;
let messy: EngineRun;

const paths = {
	messy: testFile('churn.csv'),
	clean: testFile('churn-clean.csv'),
	laterMessy: testFile('later.csv'),
	laterClean: testFile('later-clean.csv'),
};
const ingest = (path: string) => node('Ingest', { source: 'file', path });
const all = (path: string) =>
	chain(
		ingest(path),
		node('Clean'),
		node('FeatureEngineer'),
		node('Train', { options: { timeBudgetSeconds: 10 } }),
		node('Evaluate', {}, 1),
		node('Deploy'),
		node('Predict'),
		node('MonitorDrift', {}, 1),
		node('Notify'),
	);

beforeAll(async () => {
	engine = await createEngine();
	store = await openBuiltStore();
	const [first, later] = [churnFiles(11), churnFiles(12)];
	for (const [path, text] of [
		[paths.messy, first.messy],
		[paths.clean, first.clean],
		[paths.laterMessy, later.messy],
		[paths.laterClean, later.clean],
	])
		writeFileSync(path, text);
	messy = await engine.execute(all(paths.messy), { mode: 'manual' });
}, 600_000);
afterAll(async () => {
	await store.close();
	await disposeEngine();
});

/** Area under the curve of a file of predictions, by ranks; ties count half. */
async function aucOf(path: string, model: string): Promise<number> {
	const run = await engine.execute(chain(ingest(path), node('Predict', { modelSource: 'registry', model, input: 'dataset' })));
	const { file } = run.output('Predict')[0].json.predictions as { file: string };
	const [head, ...lines] = (await store.artifacts.get(file))
		.toString()
		.trim()
		.split('\n')
		.map((line) => line.split(','));
	const [label, probability] = ['label', 'probability'].map((name) => head.indexOf(name));
	const rows = lines.map((cells) => ({ yes: /^(yes|true|1)$/i.test(cells[label]), p: Number(cells[probability]) }));
	const positive = rows.filter((r) => r.yes);
	const negative = rows.filter((r) => !r.yes);
	let wins = 0;
	for (const a of positive) for (const b of negative) wins += a.p > b.p ? 1 : a.p === b.p ? 0.5 : 0;
	return wins / (positive.length * negative.length);
}

it('goes from the file to an answer in one press', () => {
	expect(messy.run.data.resultData.error).toBeUndefined();
	expect(messy.output('Ingest')[0].json.dataset).toMatchObject({ rows: 3_000, target: 'churned' });
	expect(messy.output('Predict')[0].json).toMatchObject({ probability: expect.any(Number), answeredBy: 'churn@1' });
	expect(messy.output('Notify')[0].json.notification).toMatchObject({ sent: true });
});

it('finds every column for what it is', () => {
	const { columns } = messy.output('Ingest')[0].json.dataset as { columns: Array<{ name: string; type: string; role: string }> };
	const of = (name: string) => columns.find((c) => c.name === name)!;
	expect(['signup_date', 'monthly_fee', 'support_calls', 'months'].map((name) => of(name).type)).toEqual([
		'datetime',
		'number',
		'integer',
		'integer',
	]);
	expect(['customer_id', 'email'].map((name) => of(name).role)).not.toContain('feature');
	// Clean's part: six spellings of yes become one, and what knows the answer goes.
	const cleaned = (messy.output('Clean')[0].json.dataset as { columns: Array<{ name: string; type: string }> }).columns;
	expect(cleaned.find((c) => c.name === 'paperless')).toMatchObject({ type: 'boolean' });
	expect(cleaned.find((c) => c.name === 'cancel_reason')).toBeUndefined();
	const asked = messy.output('Predict')[0].json;
	for (const column of ['customer_id', 'email', 'cancel_reason', 'churned']) expect(asked).not.toHaveProperty(column);
});

/** Deploys what one learner, always the same, learns of a file: what Automatic comes to in so many seconds depends on the machine. */
const deployed = async (path: string, modelName: string) =>
	await engine.execute(
		chain(
			ingest(path),
			node('Clean'),
			node('FeatureEngineer'),
			node('Train', { learner: 'gradientBoosting', modelName }),
			node('Deploy', { modelName, options: { gate: 'not_required' } }),
		),
	);

it('its model is as good as that of a clean copy of the file', async () => {
	await deployed(paths.messy, 'messy');
	await deployed(paths.clean, 'clean');
	const [ours, wished] = [await aucOf(paths.laterMessy, 'messy'), await aucOf(paths.laterClean, 'clean')];
	process.stdout.write(`AUC on new rows: messy file ${ours.toFixed(4)}, clean copy ${wished.toFixed(4)}\n`);
	expect(wished).toBeGreaterThan(0.7);
	expect(Math.abs(ours - wished)).toBeLessThan(0.01);
}, 120_000);

it('says in words what it repaired and what it left out', async () => {
	const hints = (name: string) => (messy.run.data.resultData.runData[name][0].hints ?? []).map((h) => h.message);
	const report = async (name: string) => (await messy.binary(name, 'report')).toString().replace(/<[^>]*>/g, ' ');
	const { warnings } = messy.output('Ingest')[0].json.profile as { warnings: Array<{ text: string }> };
	const { steps } = messy.output('Clean')[0].json.clean as { steps: Array<{ text: string; reason: string }> };
	const { notes } = messy.output('Train')[0].json.run as { notes: Array<{ text: string }> };
	const told = [
		...warnings.map((w) => w.text),
		...hints('Ingest'),
		...steps.map((s) => `${s.text} ${s.reason}`),
		...notes.map((n) => n.text),
		await report('Ingest'),
		await report('Clean'),
	];
	const says = (...words: RegExp[]) =>
		expect([String(words), told.some((text) => words.every((w) => w.test(text)))]).toEqual([String(words), true]);
	says(/signup_date/, /spelling|format|written/i);
	says(/monthly_fee/, /currency|unit|€|EUR/);
	says(/paperless/, /yes and no|upper and lower|stray/);
	says(/churned/, /spelling only/);
	says(/cancel_reason/, /known only when/);
	says(/email/, /e-mail/);
	says(/customer_id/, /names rows|id/i);
	says(/copies of one another/);
});
