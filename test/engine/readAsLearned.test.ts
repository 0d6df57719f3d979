import { writeFileSync } from 'node:fs';
import type { IDataObject } from 'n8n-workflow';
import type { Store } from '../../lib/store/contract.js';
import { chain, createEngine, disposeEngine, openBuiltStore, testFile, type Engine, type EngineRun } from './engine.js';

interface Warning {
	code: string;
	column: string;
	text: string;
	value: unknown;
}
interface Answer {
	prediction: string;
	probability: number;
	threshold?: number;
	warnings?: Warning[];
}

let engine: Engine;
let store: Store;

/** Customers whose leaving follows from every column a little. */
const customer = (i: number) => {
	const row = {
		member: i % 3 ? 'no' : 'yes',
		opted: ['True', 'False', 'unsure'][i % 7 === 0 ? 2 : i % 2],
		plan: ['Silver', 'Gold', 'Basic'][i % 3 === 0 ? 0 : (i % 5) % 3],
		zip: ['01067', '80331', '50667', '20095'][i % 4],
		visits: i % 3,
		amount: (i * 37) % 101,
		since: `${String(1 + (i % 28)).padStart(2, '0')}.0${1 + (i % 9)}.2023`,
		rebate: i % 4 ? '' : String((i * 7) % 13),
	};
	const score =
		Number(row.member === 'yes') * 2 +
		Number(row.opted === 'True') * 2 +
		Number(row.plan === 'Gold') +
		Number(row.zip === '01067') * 2 +
		row.amount / 40;
	return { ...row, left: score > 3.4 ? 'gone' : 'stays' };
};
const HEADER = ['member', 'opted', 'plan', 'zip', 'visits', 'amount', 'since', 'rebate'] as const;
type Customer = Record<(typeof HEADER)[number], string | number | null>;
const line = (row: IDataObject, columns: readonly string[]) => columns.map((c) => row[c] ?? '').join(',');
const csv = (rows: IDataObject[], columns: readonly string[] = HEADER) =>
	`${columns.join(',')}\n${rows.map((r) => line(r, columns)).join('\n')}\n`;

const ingest = async (name: string, text: string) => {
	writeFileSync(testFile(`${name}.csv`), text);
	return await engine.execute(
		chain({ name: 'Ingest', type: 'mlopsIngest', parameters: { source: 'file', path: testFile(`${name}.csv`), name } }),
	);
};
const ask = async (rows: Array<Partial<Customer>>, onError?: 'continueRegularOutput') =>
	await engine.execute(chain({ name: 'Predict', type: 'mlopsPredict', parameters: { model: 'leaving' }, onError }), {
		items: rows.map((json) => ({ json: json as IDataObject })),
	});
const answers = (run: EngineRun) => run.output('Predict').map((i) => i.json.prediction as unknown as Answer);
const predictBatch = async (name: string, text: string) => {
	await ingest(name, text);
	return await engine.execute(
		chain({
			name: 'Predict',
			type: 'mlopsPredict',
			parameters: { model: 'leaving', input: 'dataset', datasetSource: 'name', datasetName: name },
		}),
	);
};
const hints = (run: EngineRun) => (run.run.data.resultData.runData.Predict[0].hints ?? []).map((h) => h.message);
const table = (text: Buffer) => {
	const [header, ...lines] = text
		.toString()
		.trim()
		.split('\n')
		.map((l) => l.split(','));
	return lines.map((cells) => Object.fromEntries(header.map((name, j) => [name, cells[j]])));
};
const fileOf = async (run: EngineRun) => table(await run.binary('Predict', 'predictions'));

beforeAll(async () => {
	engine = await createEngine();
	store = await openBuiltStore();
	await ingest(
		'customers',
		csv(
			Array.from({ length: 600 }, (_, i) => customer(i)),
			[...HEADER, 'left'],
		),
	);
	const trained = await engine.execute(
		chain({
			name: 'Train',
			type: 'mlopsTrain',
			parameters: {
				datasetSource: 'name',
				datasetName: 'customers',
				target: 'left',
				modelName: 'leaving',
				learner: 'gradientBoosting',
				params_gradientBoosting: { n_estimators: 40, min_samples_leaf: 5 },
			},
		}),
	);
	await engine.execute(
		chain({ name: 'Deploy', type: 'mlopsDeploy', parameters: { modelName: 'leaving', options: { gate: 'not_required' } } }),
		{ items: trained.output('Train') },
	);
}, 120_000);
afterAll(async () => {
	await store.close();
	await disposeEngine();
});

describe('a batch is read as the model learned, whatever its columns look like by themselves', () => {
	const rows = Array.from({ length: 40 }, (_, i) => customer(i + 1000)) as unknown as IDataObject[];
	/** The batch, and the same rows as items in the words of the training data. */
	const cases: Array<[string, (row: IDataObject) => IDataObject, ((row: IDataObject) => IDataObject)?]> = [
		['a flag that is only "no"', (r) => ({ ...r, member: 'no' })],
		['an empty optional column', (r) => ({ ...r, rebate: '' }), (r) => ({ ...r, rebate: null })],
		['zips of the west', (r) => ({ ...r, zip: '50667' })],
		['zips without their leading zero', (r) => ({ ...r, zip: String(Number(r.zip)) }), (r) => r],
		['0 and 1 instead of 0, 1 and 2', (r) => ({ ...r, visits: Number(r.visits) % 2 })],
		['fractions in a column of whole numbers', (r) => ({ ...r, amount: Number(r.amount) + 0.5 })],
		['yes and no in other words', (r) => ({ ...r, member: r.member === 'yes' ? 'TRUE' : 'False' }), (r) => r],
		['yes and no as 1 and 0', (r) => ({ ...r, member: r.member === 'yes' ? 1 : 0 }), (r) => r],
		[
			'True and False alone, which are yes and no by themselves',
			(r) => ({ ...r, opted: r.opted === 'True' ? 'true' : 'false' }),
			(r) => ({ ...r, opted: r.opted === 'True' ? 'True' : 'False' }),
		],
		['dates in another format', (r) => ({ ...r, since: String(r.since).split('.').reverse().join('-') }), (r) => r],
		['blanks around words', (r) => ({ ...r, plan: ` ${String(r.plan)} ` }), (r) => r],
		[
			'numbers as text, since one cell of many is none',
			(r) => ({ ...r, amount: r === rows[0] ? 'unknown' : r.amount }),
			(r) => ({ ...r, amount: r === rows[0] ? null : r.amount }),
		],
	];

	it.each(cases)('%s', async (name, change, same = change) => {
		const changed = rows.map(change);
		const run = await predictBatch(name.replace(/[^a-z]/gi, '_'), csv(changed));
		const file = await fileOf(run);
		const singles = answers(await ask(rows.map(same) as Array<Partial<Customer>>));
		expect(file.map((r) => r.prediction)).toEqual(singles.map((a) => a.prediction));
		expect(file.map((r) => Number(r.probability))).toEqual(
			singles.map((a) => expect.closeTo(a.prediction === 'stays' ? a.probability : 1 - a.probability, 9) as number),
		);
	});

	it('another order, further columns and a column that is not asked for do no harm', async () => {
		const columns = ['rebate', 'more', ...[...HEADER].reverse().filter((c) => c !== 'rebate')];
		const run = await predictBatch(
			'order',
			csv(
				rows.map((r, i) => ({ ...r, more: i })),
				columns,
			),
		);
		expect((await fileOf(run)).map((r) => r.prediction)).toEqual(
			answers(await ask(rows.map((r) => ({ ...r, rebate: r.rebate || null })) as Array<Partial<Customer>>)).map((a) => a.prediction),
		);
	});

	it('a cell that cannot be read is a gap, counted and shown; what is unknown or far outside stands in the file', async () => {
		const batch = rows.map((r, i) => ({
			...r,
			member: i < 2 ? 'perhaps' : r.member,
			plan: i === 3 ? 'Bronze' : r.plan,
			amount: i === 4 ? 99_999 : r.amount,
		}));
		const run = await predictBatch('odd', csv(batch));
		const told = hints(run).join('\n');
		expect(told).toMatch(/"member": 2 of 40 cells cannot be read as yes or no and count as missing \(for example "perhaps"\)/);
		expect(told).toMatch(/"plan": 1 of 40 cells hold a value that no training row had \(for example "Bronze"\)/);
		expect(told).toMatch(/"amount": 1 of 40 cells lie far outside of the training data \(for example 99999\)/);
		expect((run.output('Predict')[0].json.predictions as { notes: Array<{ code: string }> }).notes.map((n) => n.code)).toEqual([
			'predict.unreadable',
			'predict.unknown_value',
			'predict.out_of_range',
		]);
		const said = (await fileOf(run)).map((r) => (r.warnings ?? '').replaceAll('"', ''));
		expect(said.slice(0, 6)).toEqual([
			'member: perhaps cannot be read',
			'member: perhaps cannot be read',
			'',
			'plan: Bronze is unknown',
			'amount: 99999 is far outside of the training data',
			'',
		]);
	});

	it('a name that differs in case or blanks is offered', async () => {
		const run = await predictBatch('names', csv(rows, HEADER).replace('plan,zip', 'Plan ,ZIP'));
		const error = run.error('Predict') as unknown as { message: string; description: string };
		expect(error.message).toBe('The dataset lacks the columns "plan", "zip" that the model needs.');
		expect(error.description).toContain('"Plan" (for "plan"), "ZIP" (for "zip")');
	});
});

describe('an answer says what it could not know', () => {
	const row = (more: IDataObject = {}) => ({ ...customer(12), left: undefined, rebate: null, ...more }) as unknown as Partial<Customer>;

	it('other spellings of known values are those values', async () => {
		const [known, ...others] = answers(
			await ask([
				row({ opted: 'True', zip: '01067', plan: 'Silver' }),
				row({ opted: 'true', zip: 1067, plan: 'Silver ' }),
				row({ opted: true, zip: '1067', plan: '\u00a0Silver' }),
				row({ opted: 'yes', zip: '01067 ', plan: 'Silver' }),
			]),
		);
		expect(known.warnings).toBeUndefined();
		for (const other of others) expect(other).toEqual({ ...known, answerId: (other as unknown as IDataObject).answerId });
	});

	it('unknown values and numbers far outside are warnings, in the answer and in the log; a gap is none', async () => {
		const since = new Date().toISOString();
		const [odd, plain, silver] = answers(await ask([row({ plan: 'Platinum', amount: -5 }), row({ plan: null }), row({ plan: 'silver' })]));
		expect(odd.warnings).toEqual([
			{ code: 'predict.unknown_value', column: 'plan', text: '"plan" is "Platinum", a value that no training row had.', value: 'Platinum' },
			{ code: 'predict.out_of_range', column: 'amount', text: '"amount" is -5, far outside of the training data (0 to 100).', value: -5 },
		]);
		expect(plain.warnings).toBeUndefined();
		expect(silver.warnings).toEqual([expect.objectContaining({ code: 'predict.other_case', column: 'plan', value: 'silver' })]);
		const entries = await store.predictions({ model: 'leaving', since });
		expect(entries.map((e) => e.warnings?.length ?? 0)).toEqual([2, 0, 1]);
		expect(entries[0].input).toMatchObject({ plan: 'Platinum', amount: -5 });
	});

	it('and by which threshold it was made', async () => {
		const [{ threshold, prediction, probability }] = answers(await ask([row()]));
		expect(threshold).toBeGreaterThan(0);
		expect((prediction === 'stays' ? probability : 1 - probability) >= threshold!).toBe(prediction === 'stays');
	});

	it("a value that cannot be read, or a column that is not there, is that row's error", async () => {
		const bad = await ask([row({ amount: 'a lot' }), row()], 'continueRegularOutput');
		expect(bad.output('Predict').map((i) => (i.json.error as IDataObject | undefined)?.code)).toEqual(['predict.input_invalid', undefined]);
		const { plan: _, ...without } = row();
		const lacking = await ask([{ ...without, Plan: 'Gold' } as Partial<Customer>]);
		expect(lacking.error('Predict')).toMatchObject({
			message: 'The row lacks the column "plan".',
			description: expect.stringContaining('"Plan" (for "plan")') as string,
		});
	});
});
