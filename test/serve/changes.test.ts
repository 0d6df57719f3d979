import { frameFromRows } from '../../lib/data/frameFromRows.js';
import type { ColumnSchema } from '../../lib/domain/column.js';
import { MlopsError } from '../../lib/domain/errors.js';
import { mulberry32 } from '../../lib/domain/random.js';
import { trainModel } from '../../lib/learn/trainModel.js';
import { changesFor } from '../../lib/serve/changes.js';
import { createPredictor, type RowPredictor } from '../../lib/serve/predictor.js';
import { specOf, taskContext } from '../learn/penguins.js';

const column = (name: string, type: ColumnSchema['type'], role: ColumnSchema['role'] = 'feature'): ColumnSchema => ({ name, type, role });
const random = mulberry32(6);
const rows = Array.from({ length: 1_500 }, () => {
	const tenure = Math.floor(random() * 60);
	const contract = ['month', 'year', 'two years'][Math.floor(random() * 3)];
	const paperless = random() < 0.5;
	const charge = Math.round(200 + random() * 1_000) / 10;
	const since = Date.UTC(2024, 0, 1 + Math.floor(random() * 300));
	// Nobody leaves after 24 months, or with two years.
	const leaves = tenure < 24 && contract !== 'two years';
	const price = 2 * tenure + charge + (contract === 'year' ? 30 : 0);
	return { tenure, contract, paperless: Number(paperless), charge, since, churn: leaves ? 'yes' : 'no', price };
});
const SCHEMA = [
	column('tenure', 'integer'),
	column('contract', 'category'),
	column('paperless', 'boolean'),
	column('charge', 'number'),
	column('since', 'datetime'),
];
const ROW = { tenure: 3, contract: 'month', paperless: true, charge: 70, since: '2024-05-05' };

async function predictorOf(target: 'churn' | 'price', learner: string, params: Record<string, unknown> = {}): Promise<RowPredictor> {
	const schema = [...SCHEMA, column(target, target === 'churn' ? 'category' : 'number', 'target')];
	const { package: bytes } = await trainModel(frameFromRows(rows, schema), specOf({ target, learner, params }), taskContext());
	return await createPredictor(bytes, '');
}

const codeOf = (work: () => unknown): string => {
	try {
		work();
	} catch (thrown) {
		return MlopsError.from(thrown).code;
	}
	return 'nothing';
};

describe('a model of trees', () => {
	let churn: RowPredictor;
	let price: RowPredictor;
	beforeAll(async () => {
		churn = await predictorOf('churn', 'gradientBoosting', { n_estimators: 30 });
		price = await predictorOf('price', 'gradientBoosting', { n_estimators: 60 });
	});

	it('says with which one value the answer would be another, the nearest of each column, in words', () => {
		const ways = changesFor(churn, ROW, { columns: ['tenure', 'contract', 'paperless'] });
		expect(ways).toHaveLength(2);
		const byTenure = ways.find((w) => w.set && 'tenure' in w.set)!;
		expect(byTenure.set!.tenure).toBeGreaterThanOrEqual(23);
		expect(byTenure.set!.tenure).toBeLessThanOrEqual(25);
		expect(byTenure.text).toMatch(/^With tenure = 2[345] instead of 3 the answer would be no \(probability 0\.\d+\)\.$/);
		expect(ways.find((w) => w.set && 'contract' in w.set)).toMatchObject({ set: { contract: 'two years' }, prediction: 'no' });
		for (const { set, prediction, probability } of ways)
			expect(churn.answer({ ...ROW, ...set }, 0)).toMatchObject({ prediction, probability });
		expect(changesFor(churn, ROW, { columns: ['tenure', 'contract', 'paperless'] })).toEqual(ways);
	});

	it('says so where nothing that the training saw changes it, and where it is so already', () => {
		expect(changesFor(churn, ROW, { columns: ['paperless', 'since'], wish: 'no' })).toEqual([
			{ text: 'No value of "paperless", "since" that the training saw makes the answer no, nor do those of two together that were tried.' },
		]);
		expect(changesFor(churn, ROW, { columns: ['paperless'] })[0].text).toBe(
			'No value of "paperless" that the training saw makes the answer anything but yes.',
		);
		expect(changesFor(churn, ROW, { columns: ['tenure'], wish: 'yes' })[0].text).toMatch(
			/^The answer is yes \(probability .*\) already\.$/,
		);
	});

	it('reaches a limit for a number with two columns where one is not enough, and stays within what the training saw', () => {
		const before = price.answer(ROW, 0).prediction as number;
		expect(before).toBeLessThan(100);
		const [one] = changesFor(price, ROW, { columns: ['tenure', 'charge'], wish: '>= 100' });
		expect(Object.keys(one.set!)).toHaveLength(1);
		const both = changesFor(price, ROW, { columns: ['tenure', 'charge'], wish: '>= 215' });
		expect(Object.keys(both[0].set!).sort()).toEqual(['charge', 'tenure']);
		expect(both[0].prediction).toBeGreaterThanOrEqual(215);
		expect(both[0].set!.tenure).toBeLessThan(60);
		expect(both[0].set!.charge).toBeLessThanOrEqual(120);
		expect(changesFor(price, ROW, { columns: ['tenure', 'charge'], wish: '>= 500' })[0].text).toMatch(
			/^None of \d+ values of "tenure", "charge" that were tried/,
		);
		expect(changesFor(price, { ...ROW, tenure: 40 }, { columns: ['tenure'], wish: '<= 110' })[0].set!.tenure).toBeGreaterThan(5);
	});

	it('a gap may get a value', () => {
		const ways = changesFor(churn, { ...ROW, contract: null, tenure: 1 }, { columns: ['contract', 'tenure'], wish: 'no' });
		expect(ways.map((w) => w.text).join(' ')).toContain('contract = two years instead of no value');
	});

	it.each([
		['a column that the model does not know', { columns: ['wage'] }],
		['a class that it never gives', { columns: ['tenure'], wish: 'maybe' }],
	])('refuses %s', (_, asked) => {
		expect(codeOf(() => changesFor(churn, ROW, asked))).toBe('predict.input_invalid');
	});

	it('refuses a number without a limit', () => {
		expect(codeOf(() => changesFor(price, ROW, { columns: ['tenure'] }))).toBe('predict.input_invalid');
		expect(codeOf(() => changesFor(price, ROW, { columns: ['tenure'], wish: '250' }))).toBe('predict.input_invalid');
	});
});

it('a column in which most values are the same can be changed', async () => {
	const flat = Array.from({ length: 400 }, (_, i) => ({ visits: i % 20 === 0 ? 5 : 0, other: i % 7, buys: i % 20 === 0 ? 'yes' : 'no' }));
	const schema = [column('visits', 'integer'), column('other', 'integer'), column('buys', 'category', 'target')];
	const spec = specOf({ target: 'buys', learner: 'decisionTree' });
	const predictor = await createPredictor((await trainModel(frameFromRows(flat, schema), spec, taskContext())).package, '');
	const [way] = changesFor(predictor, { visits: 0, other: 3 }, { columns: ['other', 'visits'], wish: 'yes' });
	expect(way).toMatchObject({ set: { visits: expect.any(Number) }, prediction: 'yes' });
	expect(Object.keys(way.set!)).toEqual(['visits']);
});

it('a network is asked like any other model; times and truths are said as people send them', async () => {
	const net = await predictorOf('churn', 'neuralNetwork', { epochs: 8 });
	const ways = changesFor(net, ROW, { columns: ['tenure', 'since', 'paperless', 'contract'] });
	expect(ways.length).toBeGreaterThan(0);
	for (const { set, prediction } of ways) {
		expect(net.answer({ ...ROW, ...set }, 0).prediction).toBe(prediction);
		expect(prediction).toBe('no');
	}
});

describe('what was not tried first', () => {
	const trained = async (rows: Array<Record<string, number | string>>, schema: ColumnSchema[]): Promise<RowPredictor> =>
		await createPredictor(
			(await trainModel(frameFromRows(rows, schema), specOf({ target: 'y', learner: 'decisionTree' }), taskContext())).package,
			'',
		);

	it('a narrow band of numbers is found, and where none is the sentence says how many were tried', async () => {
		const random = mulberry32(9);
		const rows = Array.from({ length: 2_000 }, () => {
			const [a, b] = [Math.floor(random() * 1_000), Math.floor(random() * 500_000)];
			return { a, b, y: a >= 505 && a < 530 ? 'in' : 'out' };
		});
		const predictor = await trained(rows, [column('a', 'integer'), column('b', 'integer'), column('y', 'category', 'target')]);
		const [way] = changesFor(predictor, { a: 100, b: 20 }, { columns: ['a'] });
		expect(way).toMatchObject({ prediction: 'in', set: { a: expect.any(Number) } });
		expect(way.set!.a).toBeGreaterThanOrEqual(500);
		expect(way.set!.a).toBeLessThan(510);
		expect(predictor.answer({ a: way.set!.a, b: 20 }, 0).prediction).toBe('in');
		expect(changesFor(predictor, { a: 100, b: 20 }, { columns: ['b'] })[0].text).toMatch(
			/^None of 1,00\d values of "b" that were tried, all within what the training saw, makes the answer anything but out\.$/,
		);
	});

	it('a word that few rows have is found, and a class by its name without the blank behind it', async () => {
		const rows = Array.from({ length: 3_000 }, (_, i) => ({
			k: i % 100 === 0 ? 'rare' : `k${i % 41}`,
			b: i % 7,
			y: i % 100 === 0 ? 'stay ' : 'go',
		}));
		const predictor = await trained(rows, [column('k', 'category'), column('b', 'integer'), column('y', 'category', 'target')]);
		for (const wish of ['stay', 'stay ', ' Stay', undefined]) {
			const asked = { columns: ['k'], ...(wish === undefined ? {} : { wish }) };
			expect(changesFor(predictor, { k: 'k3', b: 5 }, asked)).toMatchObject([
				{ text: 'With k = rare instead of k3 the answer would be stay (probability 1).', set: { k: 'rare' }, prediction: 'stay ' },
			]);
		}
		expect(codeOf(() => changesFor(predictor, { k: 'k3', b: 5 }, { columns: ['k'], wish: 'stays' }))).toBe('predict.input_invalid');
	});
});

describe('what people write', () => {
	const random = mulberry32(4);
	const flags = Array.from({ length: 600 }, () => {
		const [paid, since] = [Number(random() < 0.5), Date.UTC(2024, 0, 1 + Math.floor(random() * 100))];
		return { paid, since, y: Number(paid && since > Date.UTC(2024, 1, 10)), Y: random() < 0.5 ? 'a' : 'A', price: 1e8 + since / 1e6 };
	});
	const format = JSON.stringify({ yes: 'ja', no: 'nein', shown: ['Ja', 'Nein'] });
	const schema = [{ ...column('paid', 'boolean'), format }, column('since', 'datetime')];
	const trained = async (target: ColumnSchema): Promise<RowPredictor> => {
		const spec = specOf({ target: target.name, learner: 'gradientBoosting', params: { n_estimators: 20 } });
		return await createPredictor((await trainModel(frameFromRows(flags, [...schema, target]), spec, taskContext())).package, '');
	};
	const ROW_OF = { paid: 'Nein', since: '2024-03-05' };

	it.each([['yes'], ['True'], [true], [1], ['1'], ['ja']])('a class that is true is meant by %j; a column twice is one', async (wish) => {
		const predictor = await trained(column('y', 'boolean', 'target'));
		const ways = changesFor(predictor, ROW_OF, { columns: ['paid', 'since', 'paid'], wish });
		expect(ways).toHaveLength(1);
		expect(ways[0]).toMatchObject({ set: { paid: true }, prediction: true });
		expect(ways[0].text).toMatch(/^With paid = Ja instead of Nein the answer would be true /);
	});

	it('of two classes that differ in their letters alone neither is guessed', async () => {
		const predictor = await trained(column('Y', 'category', 'target'));
		expect(codeOf(() => changesFor(predictor, ROW_OF, { columns: ['since'], wish: ' a ' }))).toBe('predict.input_invalid');
	});

	it('an answer is told with as many digits as it takes to be on the side of the limit that it is on; < and > are limits too', async () => {
		const predictor = await trained(column('price', 'number', 'target'));
		const before = predictor.answer(ROW_OF, 0).prediction as number;
		for (const [wish, side] of [
			[`> ${before}`, 1],
			[`>= ${before + 0.5}`, 1],
			[`< ${before}`, -1],
		] as const) {
			const [way] = changesFor(predictor, ROW_OF, { columns: ['since'], wish });
			expect(way.set).toBeDefined();
			expect(Math.sign((way.prediction as number) - before)).toBe(side);
			const said = Number(/would be ([\d.]+)\.$/.exec(way.text)![1]);
			expect(Math.sign(said - before)).toBe(side);
			expect(way.text).toMatch(/^With since = 2024-\d\d-\d\d instead of 2024-03-05 /);
		}
	});
});
