import { writeFileSync } from 'node:fs';
import { chain, createEngine, disposeEngine, testFile, type Engine } from './engine.js';
import { train } from './models.js';

/** Fruit of another orchard and two months, with answers as it writes them. */
function orchard(): string {
	const path = testFile('orchard.csv');
	const row = (i: number): string => {
		const weight = (i * 41) % 100;
		const ripe = weight + ((i * 29) % 40) > 70;
		return `${weight},${['red', 'green', 'blue'][i % 3]},${(i * 5) % 11},${i % 2 ? 'hill' : 'valley'},2024-0${i < 120 ? 5 : 6}-1${i % 10},${ripe ? 'Good' : 'BAD'}`;
	};
	writeFileSync(path, `weight,colour,days,site,picked,quality\n${Array.from({ length: 240 }, (_, i) => row(i)).join('\n')}\n`);
	return path;
}

describe('Evaluate on another dataset', () => {
	let engine: Engine;
	beforeAll(async () => {
		engine = await createEngine();
	}, 60_000);
	afterAll(disposeEngine);

	it('takes the one that the item carries or one by name, says which rows it judged, and shows sites and months side by side', async () => {
		const { items } = await train(engine, {}, { evaluate: false });
		const ingested = await engine.execute(
			chain({ name: 'Ingest', type: 'mlopsIngest', parameters: { source: 'file', path: orchard(), name: 'orchard', target: 'quality' } }),
		);
		const byName = await engine.execute(
			chain({
				name: 'Evaluate',
				type: 'mlopsEvaluate',
				parameters: { rows: 'dataset', datasetSource: 'name', datasetName: 'orchard', sideBySide: 'site' },
			}),
			{ items },
		);
		const [{ json, binary }] = [...byName.output('Evaluate', 1), ...byName.output('Evaluate', 0)];
		expect(json.evaluation).toMatchObject({
			rows: 240,
			gate: { passed: true, judged: '240 rows of orchard version 1, none seen in training.' },
		});
		expect((json.evaluation as { sideBySide: Array<{ value: string; rows: number }> }).sideBySide).toEqual([
			expect.objectContaining({ value: 'hill', rows: 120 }),
			expect.objectContaining({ value: 'valley', rows: 120 }),
		]);
		expect(Object.keys(binary!)).toContain('chart_side_by_side');
		const html = (await byName.binary('Evaluate', 'report', 1)).toString();
		expect(html).toContain('Judged on 240 rows of orchard version 1');
		expect(html).toContain('Side by side: site');

		const [{ json: both }] = ingested.output('Ingest');
		const carried = await engine.execute(
			chain({ name: 'Evaluate', type: 'mlopsEvaluate', parameters: { rows: 'dataset', sideBySide: 'picked' } }),
			{ items: [{ json: { ...items[0].json, dataset: both.dataset } }] },
		);
		const [{ json: months }] = carried.output('Evaluate', 1);
		expect((months.evaluation as { sideBySide: Array<{ value: string }> }).sideBySide.map((p) => p.value)).toEqual(['2024-05', '2024-06']);
	}, 180_000);
});
