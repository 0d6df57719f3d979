import { writeFileSync } from 'node:fs';
import type { IDataObject } from 'n8n-workflow';
import { chain, createEngine, disposeEngine, openBuiltStore, testFile, type Engine, type EngineRun } from './engine.js';

/** A target in several spellings, from the file to the answer. */
let engine: Engine;
beforeAll(async () => {
	engine = await createEngine();
}, 60_000);
afterAll(disposeEngine);

function table(name: string, good: string[], bad: string[]): string {
	const path = testFile(`${name}.csv`);
	const row = (i: number) => {
		const x = (i * 37) % 100;
		const list = x + ((i * 53) % 20) > 55 ? good : bad;
		return `${x},${(i * 7) % 11},${list[(i * 13) % (list.length + 3)] ?? list[0]}`;
	};
	writeFileSync(path, `x,days,state\n${Array.from({ length: 400 }, (_, i) => row(i)).join('\n')}\n`);
	return path;
}
const flow = (path: string, name: string, clean: boolean) =>
	chain(
		{ name: 'Ingest', type: 'mlopsIngest', parameters: { source: 'file', path, name, target: 'state' } },
		{ name: 'Clean', type: 'mlopsClean', parameters: {}, disabled: !clean },
		{ name: 'Train', type: 'mlopsTrain', parameters: { learner: 'logisticRegression', modelName: name } },
		{ name: 'Evaluate', type: 'mlopsEvaluate', parameters: { importance: false }, from: 1 },
		{ name: 'Deploy', type: 'mlopsDeploy', parameters: { modelName: name } },
		{ name: 'Predict', type: 'mlopsPredict', parameters: { model: name, row: '={{ { x: 99, days: 3 } }}' } },
	);
const steps = (run: EngineRun) => (run.output('Clean')[0].json.clean as { steps: Array<{ step: string; reason: string }> }).steps;
const notes = (run: EngineRun) => (run.output('Train')[0].json.run as { notes: Array<{ code: string; text: string }> }).notes;
async function classes(run: EngineRun): Promise<unknown[]> {
	const store = await openBuiltStore();
	const { body } = (await store.evaluationOf((run.output('Train')[0].json.model as { digest: string }).digest))!;
	await store.close();
	return [body.classes, body.rows];
}

it.each([
	['approval', ['Approved ', 'APPROVED', 'approved'], ['Rejected', 'rejected ', 'REJECTED'], ['Approved', 'Rejected']],
	['mixed', ['Gold', 'GOLD ', ' gold'], ['Silver', 'silver', 'Bronze', 'Bronze', 'BRONZE'], ['Bronze', 'Gold', 'Silver']],
])(
	'%s: Clean proposes to unify it and says how; model, evaluation and answer know the unified label alone',
	async (name, good, bad, expected) => {
		const run = await engine.execute(flow(table(name, good, bad), name, true));
		const [step] = steps(run).filter((s) => s.step === 'unify_spelling');
		for (const label of [...good, ...bad]) expect(step.reason).toContain(`"${label}"`);
		expect(notes(run).map((n) => n.code)).not.toContain('learn.label_spellings');
		expect(((await classes(run))[0] as string[]).sort()).toEqual(expected);
		expect((run.output('Evaluate', 1)[0].json.evaluation as IDataObject).rows).toBe(
			(run.output('Train')[0].json.run as { rows: { test: number } }).rows.test,
		);
		const answer = (run.output('Predict')[0].json.prediction ?? run.output('Predict')[0].json) as { prediction: string };
		expect(answer.prediction).toBe(expected[name === 'mixed' ? 1 : 0]);
	},
	120_000,
);

it('without Clean, Train warns with the classes and their counts', async () => {
	const run = await engine.execute(flow(table('raw', ['Approved ', 'APPROVED'], ['Rejected']), 'raw', false));
	const note = notes(run).find((n) => n.code === 'learn.label_spellings')!;
	expect(note.text).toMatch(/"Approved " \(\d+ rows\) and "APPROVED" \(\d+\)|"APPROVED" \(\d+ rows\) and "Approved " \(\d+\)/);
	expect((run.output('Ingest')[0].json.profile as { warnings: Array<{ code: string }> }).warnings.map((w) => w.code)).toContain(
		'label_spellings',
	);
}, 120_000);

it('codes are left as they are: neither Clean nor Train makes one of 01 and 1, or of A1 and a1', async () => {
	const run = await engine.execute(flow(table('codes', ['01', 'A1'], ['1', 'a1']), 'codes', true));
	expect(steps(run).map((s) => s.step)).not.toContain('unify_spelling');
	expect(((await classes(run))[0] as string[]).sort()).toEqual(['01', '1', 'A1', 'a1']);
}, 120_000);
