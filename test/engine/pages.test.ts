import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { IDataObject, INode, INodeExecutionData, IWorkflowBase } from 'n8n-workflow';
import { baseNodes, chain, createEngine, disposeEngine, openBuiltStore, type Engine, type EngineRun } from './engine.js';
import { temporariesIn } from '../temporaries.js';

let engine: Engine;
beforeAll(async () => {
	engine = await createEngine();
});
afterAll(disposeEngine);

const node = (name: string, parameters: Record<string, unknown>, more: Partial<INode> = {}) => ({
	name,
	type: 'mlopsIngest',
	parameters: { source: 'items', ...parameters },
	typeVersion: 2,
	...more,
});
const rows = (from: number, to: number, more: (i: number) => object = () => ({})): INodeExecutionData[] =>
	Array.from({ length: to - from }, (_, k) => ({
		json: { n: from + k, half: (from + k) / 2, kind: `k${(from + k) % 3}`, ...more(from + k) },
	}));
const keep = async (items: INodeExecutionData[], parameters: Record<string, unknown>) =>
	await engine.execute(chain(node('Keep', { pages: 'page', ...parameters })), { items });
const finish = async (parameters: Record<string, unknown>, items?: INodeExecutionData[]) =>
	await engine.execute(chain(node('Make', { pages: 'finish', ...parameters })), { items });
const made = (run: EngineRun) =>
	run.output('Make')[0].json as { dataset: { version: number; rows: number; columns: IDataObject[] }; reused: boolean };
const hints = (run: EngineRun, name: string): string[] =>
	run.run.data.resultData.runData[name].flatMap(({ hints: said = [] }) => said.map(({ message }) => message));
const kept = (): string[] => readdirSync(join(engine.home, 'pages'));

/** n8n's own loop over the items that come in, `size` a page, that keeps each page and makes the dataset in the end. */
function loop(name: string, size: number, page: Record<string, unknown> = {}): Pick<IWorkflowBase, 'nodes' | 'connections'> {
	const { nodes } = chain(node('Keep', { pages: 'page', name, ...page }), node('Make', { pages: 'finish', name }));
	const own = (name: string, type: string, typeVersion: number, parameters: INode['parameters']): INode => ({
		id: `id-${name}`,
		name,
		type: `n8n-nodes-base.${type}`,
		typeVersion,
		position: [0, 0],
		parameters,
	});
	nodes.push(own('Rows', 'noOp', 1, {}), own('Loop', 'splitInBatches', 3, { batchSize: size }));
	const to = (target: string) => [{ node: target, type: 'main' as const, index: 0 }];
	return {
		nodes,
		connections: { Rows: { main: [to('Loop')] }, Loop: { main: [to('Make'), to('Keep')] }, Keep: { main: [to('Loop')] } },
	};
}

it('pages become the dataset that the same rows give at once, typed over all of them', async () => {
	// The first page has whole numbers and no gap: only the third says otherwise.
	const all = [...rows(0, 40), ...rows(40, 80), ...rows(80, 100, (i) => ({ n: i + 0.5, half: i % 2 ? null : i }))];
	const [at, id] = ['whole', 'a load'];
	const once = (await engine.execute(chain(node('Make', { name: at })), { items: all })).output('Make')[0].json.dataset as IDataObject;
	for (const [from, to] of [
		[0, 40],
		[40, 80],
		[80, 100],
	]) {
		const run = await keep(all.slice(from, to), { name: at, pagesOf: id });
		expect(run.output('Keep').map(({ json }) => json)).toMatchObject([{ pages: { name: at, id, rows: to - from, rowsSoFar: to } }]);
	}
	expect(kept()).toHaveLength(3);
	const { dataset, reused } = made(await finish({ name: at, pagesOf: id }));
	expect({ dataset, reused }).toEqual({ dataset: once, reused: true });
	expect(dataset.columns.map(({ name, type }) => [name, type])).toEqual([
		['n', 'number'],
		['half', 'number'],
		['kind', 'category'],
	]);
	expect(kept()).toEqual([]);
	// Once they are a dataset, there is nothing left to make another one of.
	expect((await finish({ name: at, pagesOf: id })).error('Make')?.message).toContain('No page was kept for "whole"');
});

it('a page with other columns, an empty one and one that comes twice are counted and said', async () => {
	const of = { name: 'odd', pagesOf: 'x' };
	await keep(rows(0, 30), { ...of, page: '1' });
	const more = await keep(
		rows(30, 60, () => ({ discount: 5 })),
		{ ...of, page: '2' },
	);
	expect(hints(more, 'Keep')).toEqual(['This page is the first one with "discount"; in the rows before it that is missing.']);
	const less = await keep(
		rows(60, 90).map(({ json: { half: _, ...json } }) => ({ json })),
		{ ...of, page: '3' },
	);
	expect(hints(less, 'Keep')).toEqual(['This page lacks "half", "discount"; in its rows that is missing.']);
	// The same page again, as after a time-out that was none.
	expect(
		(
			await keep(
				rows(30, 60, () => ({ discount: 5 })),
				{ ...of, page: '2' },
			)
		).output('Keep')[0].json.pages,
	).toMatchObject({
		page: 2,
		rowsSoFar: 90,
	});
	// What n8n makes of no items for a node that always gives some.
	const none = await keep([{ json: {} }], { ...of, page: '4' });
	expect(none.output('Keep')[0].json.pages).toMatchObject({ page: 4, rows: 0, rowsSoFar: 90 });
	const run = await finish(of);
	expect(made(run).dataset).toMatchObject({ rows: 90, version: 1 });
	expect(hints(run, 'Make')).toContain(
		'The 3 pages do not have the same columns: "half" stands in 2 of them, "discount" stands in 1 of them; in the rows of the others it is missing.',
	);
	const store = await openBuiltStore();
	const record = (await store.find('dataset', 'odd'))!;
	const { columns } = JSON.parse((await store.artifacts.get(record.body.profile!)).toString()) as {
		columns: Array<{ name: string; missing: number }>;
	};
	expect(columns.map(({ name, missing }) => [name, missing])).toEqual([
		['n', 0],
		['half', 30],
		['kind', 0],
		['discount', 60],
	]);
	await store.close();
});

it('a page that came empty at first, and one that comes again with other columns, count as they are in the end', async () => {
	const of = { name: 'again', pagesOf: 'x' };
	// As where a request failed, and n8n went on without items.
	await keep([{ json: {} }], { ...of, page: '1' });
	await keep(
		rows(30, 60, () => ({ discount: 5 })),
		{ ...of, page: '2' },
	);
	await keep(rows(60, 90), { ...of, page: '3' });
	await keep(rows(0, 30), { ...of, page: '1' });
	await keep(rows(30, 60), { ...of, page: '2' });
	const run = await finish(of);
	expect(made(run).dataset.rows).toBe(90);
	expect(made(run).dataset.columns.map(({ name }) => name)).toEqual(['n', 'half', 'kind']);
	expect(hints(run, 'Make').filter((said) => said.includes('same columns'))).toEqual([]);
});

it('pages of one execution are no part of the dataset of another, which is told of them', async () => {
	const first = await keep(rows(0, 30), { name: 'apart' });
	const second = await keep(rows(30, 70), { name: 'apart' });
	expect(hints(second, 'Keep')[0]).toContain(`Pages for "apart" that belong to "${first.executionId}" (30 rows`);
	const run = await finish({ name: 'apart' }, second.output('Keep'));
	expect(made(run).dataset.rows).toBe(40);
	// An execution without pages makes nothing of those of others.
	const lost = await finish({ name: 'apart' });
	expect(lost.error('Make')).toMatchObject({ message: expect.stringContaining('No page was kept') as string });
	expect((lost.error('Make') as unknown as { description: string }).description).toContain(first.executionId);
	// Pages for another dataset, and pages of two executions, are not mixed up silently.
	expect((await finish({ name: 'elsewhere' }, first.output('Keep'))).error('Make')?.message).toContain('kept for "apart"');
	const third = await keep(rows(0, 10), { name: 'apart' });
	const both = [...first.output('Keep'), ...third.output('Keep')];
	expect((await finish({ name: 'apart' }, both)).error('Make')?.message).toContain('2 different executions');
});

it('pages stay until the dataset is there, also where its making is stopped', async () => {
	const of = { name: 'stopped', pagesOf: 'x' };
	for (const k of [0, 1]) await keep(rows(k * 3000, k * 3000 + 3000), of);
	// As soon as it is being made.
	const stopped = await engine.execute(chain(node('Make', { pages: 'finish', ...of })), {
		onCancel: (cancel) => {
			const looking = setInterval(() => {
				if (temporariesIn(engine.home).length === 0) return;
				clearInterval(looking);
				cancel();
			}, 5);
		},
	});
	expect(stopped.run.status).toBe('canceled');
	expect(made(await finish(of)).dataset).toMatchObject({ version: 1, rows: 6000 });
});

it('rows are added to the newest version, page by page too, and a model is trained on all of them and judged', async () => {
	const label = (i: number) => ({ late: i % 3 === 0 ? 'yes' : 'no' });
	await engine.execute(chain(node('Make', { name: 'growing', target: 'late' })), { items: rows(0, 300, label) });
	await keep(rows(300, 340, label), { name: 'growing', pagesOf: 'more' });
	await keep(rows(340, 400, label), { name: 'growing', pagesOf: 'more' });
	const run = await engine.execute(
		chain(
			node('Make', { pages: 'finish', pagesOf: 'more', name: 'growing', append: true }),
			{ name: 'Train', type: 'mlopsTrain', parameters: { learner: 'logisticRegression', modelName: 'growing' }, typeVersion: 2 },
			{ name: 'Evaluate', type: 'mlopsEvaluate', parameters: {}, typeVersion: 2 },
		),
	);
	expect(made(run)).toMatchObject({ dataset: { version: 2, rows: 400, target: 'late' }, reused: false });
	const store = await openBuiltStore();
	expect((await store.find('dataset', 'growing'))!.body.parts?.map((part) => part.rows)).toEqual([300, 100]);
	await store.verify();
	await store.close();
	const { train, validation, test } = (run.output('Train')[0].json.run as { rows: Record<string, number> }).rows;
	expect(train + validation + test).toBe(400);
	expect(run.error('Evaluate')).toBeUndefined();
});

it('what was begun is thrown away a week after its last page, its files with it', async () => {
	const store = await openBuiltStore();
	await keep(rows(0, 30), { name: 'stale', pagesOf: 'old' });
	const before = kept().length;
	const now = Date.now;
	try {
		Date.now = () => now() + 8 * 24 * 3600 * 1000;
		await keep(rows(0, 30), { name: 'stale', pagesOf: 'new' });
	} finally {
		Date.now = now;
	}
	expect((await store.pages.lots()).filter(({ name }) => name === 'stale').map(({ id }) => id)).toEqual(['new']);
	expect(kept().length).toBeLessThanOrEqual(before);
	await store.close();
});

(baseNodes ? describe : describe.skip)("n8n's own loop (needs full n8n)", () => {
	it('keeps page after page and makes one dataset of them in the end', async () => {
		const all = rows(0, 1050);
		const run = await engine.execute(loop('looped', 100), { start: 'Rows', items: all });
		expect(run.run.data.resultData.runData.Keep).toHaveLength(11);
		expect(run.output('Make')).toHaveLength(1);
		expect(made(run)).toMatchObject({ dataset: { version: 1, rows: 1050 }, reused: false });
		// The same rows at once are the same version.
		const once = await engine.execute(chain(node('Make', { name: 'looped' })), { items: all });
		expect(made(once)).toMatchObject({ dataset: { version: 1 }, reused: true });
	});

	it('two executions at once keep their pages apart', async () => {
		const runs = await Promise.all(
			[0, 1].map(async (k) => await engine.execute(loop('twins', 50), { start: 'Rows', items: rows(k * 300, k * 300 + 300) })),
		);
		expect(runs.map((run) => made(run).dataset.rows)).toEqual([300, 300]);
		expect(new Set(runs.map((run) => made(run).dataset.version))).toEqual(new Set([1, 2]));
	});

	it("an execution that breaks in the middle is gone on with by n8n's retry, and no page is lost or doubled", async () => {
		const broken = loop('retried', 100, { page: "={{ $runIndex === 2 ? $('Nobody').first().json.page : '' }}" });
		const first = await engine.execute(broken, { start: 'Rows', items: rows(0, 450) });
		expect(first.error('Keep')).toBeDefined();
		const again = await engine.execute(loop('retried', 100), { retry: first.run });
		expect(again.executionId).not.toBe(first.executionId);
		expect(again.output('Keep')[0].json.pages).toMatchObject({ id: first.executionId, page: 5, rowsSoFar: 450 });
		expect(made(again).dataset.rows).toBe(450);
		const once = await engine.execute(chain(node('Make', { name: 'retried' })), { items: rows(0, 450) });
		expect(made(once)).toMatchObject({ dataset: { version: 1 }, reused: true });
	});
});
