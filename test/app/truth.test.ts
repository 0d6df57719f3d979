import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { withDuck } from '../../lib/data/duck.js';
import { tableWithTruth } from '../../lib/data/truth/resolve.js';
import { createIdSource } from '../../lib/domain/answerId.js';
import { silentContext } from '../../lib/domain/progress.js';
import { checkTruth } from '../../lib/app/truthRows.js';
import { tellTruth, type Telling, type Told } from '../../lib/app/truth.js';
import type { Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { freshFolder, removeFolders } from '../store/records.js';
import { ask, deployed, patients, row, type Deployed } from './truthModels.js';

const nextId = createIdSource();
let store: Store;
let illness: Deployed;
beforeAll(async () => {
	store = await openStore({ kind: 'folder', home: await freshFolder() });
	illness = await deployed(store, 'illness', patients(300, ['no', 'yes']));
}, 60_000);
afterAll(async () => {
	await store.close();
	await removeFolders();
});

const tell = async (truths: unknown[], more: Partial<Telling> = {}): Promise<Told> =>
	await tellTruth({ store, context: silentContext() }, { truths, by: 'a test', ...more });
const counts = ({ rows, taken, same, corrected, unknown, empty, refused }: Told) => ({
	rows,
	taken,
	same,
	corrected,
	unknown,
	empty,
	refused,
});
const NONE = { rows: 0, taken: 0, same: 0, corrected: 0, unknown: 0, empty: 0, refused: 0 };
/** What counts now, by the ids of answers. */
async function truthOf(ids: string[], model = 'illness'): Promise<unknown[]> {
	return await withDuck({}, async (duck) => {
		await tableWithTruth(duck, store.log, 'found', { model });
		const rows = await duck.rows<{ id: string; truth: string | null }>('SELECT id, truth FROM found');
		const known = new Map(rows.map(({ id, truth }) => [id, truth === null ? null : (JSON.parse(truth) as unknown)]));
		return ids.map((id) => known.get(id));
	});
}
const events = async () => (await store.auditLog()).filter(({ action }) => action === 'truth.told');

describe('by the id of the answer', () => {
	it('is taken once, told again changes nothing, and may be corrected and taken back', async () => {
		const [id] = await ask(store, illness, [row(0.9)]);
		expect(counts(await tell([{ id, truth: 'yes' }]))).toEqual({ ...NONE, rows: 1, taken: 1 });
		const before = await events();
		expect(counts(await tell([{ id, truth: 'yes' }]))).toEqual({ ...NONE, rows: 1, same: 1 });
		expect(await events()).toEqual(before);
		expect(await truthOf([id])).toEqual(['yes']);
		expect(counts(await tell([{ id, truth: 'no' }]))).toEqual({ ...NONE, rows: 1, corrected: 1 });
		expect(await truthOf([id])).toEqual(['no']);
		expect(counts(await tell([{ id, truth: null }]))).toEqual({ ...NONE, rows: 1, corrected: 1 });
		expect(await truthOf([id])).toEqual([null]);
		expect(counts(await tell([{ id, truth: null }]))).toEqual({ ...NONE, rows: 1, same: 1 });
		expect(counts(await tell([{ id, truth: 'yes' }]))).toEqual({ ...NONE, rows: 1, taken: 1 });
		expect(await truthOf([id])).toEqual(['yes']);
	});

	it('of two rows of one batch the later one counts', async () => {
		const [id] = await ask(store, illness, [row(0.5)]);
		expect(
			counts(
				await tell([
					{ id, truth: 'yes' },
					{ id, truth: 'no' },
					{ id, truth: 'no' },
				]),
			),
		).toEqual({ ...NONE, rows: 3, taken: 1, corrected: 1, same: 1 });
		expect(await truthOf([id])).toEqual(['no']);
	});

	it('that is not in the log is kept, counted and said; the answer may come later', async () => {
		const told = await tell([{ id: 'order-4711', truth: 'yes' }]);
		expect(counts(told)).toEqual({ ...NONE, rows: 1, unknown: 1 });
		expect(told.notes).toEqual([{ code: 'truth.unknown_answer', text: '1 truth is about an answer that is not in the log (yet): kept.' }]);
		expect(counts(await tell([{ id: 'order-4711', truth: 'yes' }]))).toEqual({ ...NONE, rows: 1, same: 1 });
		await store.logPredictions([
			{
				at: new Date().toISOString(),
				model: 'illness@1',
				digest: illness.digest,
				requestId: 'order-4711',
				input: row(0.2),
				prediction: 'no',
				score: [0.2],
			},
		]);
		expect(await truthOf(['order-4711'])).toEqual(['yes']);
		expect(counts(await tell([{ id: 'order-4711', truth: 'yes' }]))).toEqual({ ...NONE, rows: 1, same: 1 });
	});

	it('files one event a batch, under the name of the model', async () => {
		const ids = await ask(store, illness, [row(0.1), row(0.2), row(0.3)]);
		await tell(
			ids.map((id) => ({ id, truth: 'no' })),
			{ batch: 'march', by: 'workflow "march"' },
		);
		const [event] = await events();
		expect(event).toMatchObject({
			subject: 'illness',
			actor: 'workflow "march"',
			details: { batch: 'march', rows: 3, models: { illness: 3 } },
		});
		expect((await store.verify()).events).toBeGreaterThan(0);
	});
});

describe("by the caller's own id of the request", () => {
	const asked = async (request: string, more: object = {}): Promise<string> => {
		const requestId = nextId();
		const entry = { at: new Date().toISOString(), model: 'illness@1', digest: illness.digest, requestId, request };
		await store.logPredictions([{ ...entry, input: row(0.5), prediction: 'no', score: [0.4], ...more }]);
		return requestId;
	};

	it('is about the one answer that was asked with it', async () => {
		const id = await asked('order 1');
		expect(counts(await tell([{ id: 'order 1', truth: 'yes' }]))).toEqual({ ...NONE, rows: 1, taken: 1 });
		expect(await truthOf([id])).toEqual(['yes']);
		expect(
			counts(
				await tell([
					{ id: 'order 1', truth: 'yes' },
					{ id, truth: 'yes' },
				]),
			),
		).toEqual({ ...NONE, rows: 2, same: 2 });
		expect(counts(await tell([{ id, truth: 'no' }]))).toEqual({ ...NONE, rows: 1, corrected: 1 });
		// One that is asked with it afterwards takes nothing over.
		const later = await asked('order 1');
		expect(await truthOf([id, later])).toEqual(['no', null]);
	});

	it("is so among truths by answers' own ids and by keys, and where the id tells a time as ours do", async () => {
		const dated = nextId();
		const ids = [await asked(dated), await asked('order 6'), await asked('order 7'), await asked('order 8', { key: 'claim 8' })];
		expect(counts(await tell([{ id: dated, truth: 'yes' }]))).toEqual({ ...NONE, rows: 1, taken: 1 });
		const all = [{ id: 'order 6' }, { id: ids[2] }, { key: 'claim 8' }, { id: dated }, { id: 'order 9' }];
		const told = await tell(all.map((whose) => ({ ...whose, truth: 'yes' })));
		expect(counts(told)).toEqual({ ...NONE, rows: 5, taken: 3, same: 1, unknown: 1 });
		expect(await truthOf(ids)).toEqual(['yes', 'yes', 'yes', 'yes']);
	});

	it('is refused where several were asked with it, and says so', async () => {
		const ids = [await asked('order 2'), await asked('order 2')];
		const { refusals, ...told } = await tell([
			{ id: 'order 2', truth: 'yes' },
			{ id: ids[0], truth: 'yes' },
		]);
		expect(counts(told as Told)).toEqual({ ...NONE, rows: 2, taken: 1, refused: 1 });
		expect(refusals[0].error.details).toMatchObject({
			column: 'id',
			expected: `an id that means one answer: 2 were asked with this one. Each has an id of its own, such as ${ids[1]}`,
			found: 'order 2',
		});
		expect(await truthOf(ids)).toEqual(['yes', null]);
	});

	it('means the answer of the model that is named, or that the teller may speak of; unseen and failed ones are none', async () => {
		const other = await asked('order 3', { model: 'elsewhere@1' });
		const id = await asked('order 3');
		await asked('order 3', { arm: 'shadow-2' });
		await asked('order 3', { error: 'no' });
		const [refused] = (await tell([{ id: 'order 3', truth: 'yes' }])).refusals;
		expect(refused.error.details.expected).toContain('2 were asked with this one, of the models elsewhere, illness.');
		expect(counts(await tell([{ id: 'order 3', model: 'illness', truth: 'yes' }]))).toMatchObject({ taken: 1 });
		expect(counts(await tell([{ id: 'order 3', truth: 'yes' }], { models: ['illness'] }))).toMatchObject({ same: 1 });
		expect([await truthOf([id]), await truthOf([other], 'elsewhere')]).toEqual([['yes'], [null]]);
	});

	it('that was told before its answer is there counts once one is, unless several are', async () => {
		expect(counts(await tell(['order 4', 'order 5'].map((id) => ({ id, truth: 'yes' }))))).toEqual({ ...NONE, rows: 2, unknown: 2 });
		const ids = [await asked('order 4'), await asked('order 5'), await asked('order 5')];
		expect(await truthOf(ids)).toEqual(['yes', null, null]);
	});

	it('is read from segments of before there were such ids, beside newer ones', async () => {
		const home = await freshFolder();
		const before = await openStore({ kind: 'folder', home });
		const line = (id: string, more: object = {}) =>
			Buffer.from(
				`${JSON.stringify({ at: new Date().toISOString(), id, model: 'illness', version: 1, digest: illness.digest, input: {}, prediction: 'no', score: [0.1], ...more })}\n`,
			);
		const first = before.log.writer('answers');
		await first.append(line('old'), { durable: true });
		await first.close({ seal: true });
		await before.log.recover();
		const [{ file }] = await before.log.sealed('answers');
		await withDuck({}, async (duck) => {
			await duck.run(
				`COPY (SELECT * EXCLUDE (request) FROM read_parquet('${join(home, file)}')) TO '${join(home, 'old.parquet')}' (FORMAT parquet)`,
			);
		});
		await rename(join(home, 'old.parquet'), join(home, file));
		const read = async () => await before.log.query((from) => `SELECT id, request FROM ${from} ORDER BY id`, 'answers');
		expect(await read()).toEqual([['old', null]]);
		const second = before.log.writer('answers');
		await second.append(line('new', { request: 'order 6' }), { durable: true });
		expect(await read()).toEqual([
			['new', 'order 6'],
			['old', null],
		]);
		await second.close({ seal: true });
		await before.log.recover();
		expect(await before.log.sealed('answers')).toHaveLength(2);
		expect(await read()).toEqual([
			['new', 'order 6'],
			['old', null],
		]);
		await before.close();
	});
});

describe('by key and time', () => {
	const at = (hour: number): string => new Date(Date.UTC(2026, 0, 15, hour)).toISOString();
	const answer = async (key: string, hour: number, model = 'illness@1', more: object = {}): Promise<string> => {
		const requestId = `${key} at ${hour}, ${model}`;
		await store.logPredictions([
			{ at: at(hour), model, digest: illness.digest, requestId, input: row(0.5), prediction: 'no', score: [0.4], key, ...more },
		]);
		return requestId;
	};

	it('is about the last answer at or before it; without a time about the newest one', async () => {
		const ids = [await answer('anna', 8), await answer('anna', 12), await answer('anna', 16)];
		expect(counts(await tell([{ key: 'anna', time: at(13), truth: 'yes' }]))).toEqual({ ...NONE, rows: 1, taken: 1 });
		expect(await truthOf(ids)).toEqual([null, 'yes', null]);
		expect(
			counts(
				await tell([
					{ key: 'anna', time: at(8), truth: 'no' },
					{ key: 'anna', truth: 'yes' },
				]),
			),
		).toEqual({ ...NONE, rows: 2, taken: 2 });
		expect(await truthOf(ids)).toEqual(['no', 'yes', 'yes']);
		expect(counts(await tell([{ key: 'anna', time: at(7), truth: 'no' }]))).toEqual({ ...NONE, rows: 1, unknown: 1 });
		// By its id, too: both ways lead to the same answer.
		expect(
			counts(
				await tell([
					{ id: ids[1], truth: 'no' },
					{ key: 'anna', time: at(13), truth: 'no' },
				]),
			),
		).toEqual({ ...NONE, rows: 2, corrected: 1, same: 1 });
	});

	it('a later answer takes no truth over that was told before', async () => {
		const first = await answer('berta', 8);
		await tell([{ key: 'berta', truth: 'yes' }]);
		const [later] = await ask(store, illness, [row(0.3)], ['berta']);
		expect(await truthOf([first, later])).toEqual(['yes', null]);
		expect(counts(await tell([{ key: 'berta', truth: 'yes' }]))).toEqual({ ...NONE, rows: 1, taken: 1 });
		expect(await truthOf([first, later])).toEqual(['yes', 'yes']);
	});

	it('takes times of all zones and programs, and refuses what could be two moments', async () => {
		const id = await answer('carla', 12);
		const same = [
			'2026-01-15T13:00:00+01:00',
			'2026-01-15 12:00',
			Date.UTC(2026, 0, 15, 12),
			Date.UTC(2026, 0, 15, 12) / 1000,
			'1768478400',
			new Date(at(12)),
		];
		for (const time of same)
			expect([time, counts(await tell([{ key: 'carla', time, truth: 'yes' }]))]).toEqual([
				time,
				expect.objectContaining({ unknown: 0, refused: 0 }),
			]);
		expect(await truthOf([id])).toEqual(['yes']);
		for (const time of ['01/02/2026', 'yesterday', 20260115, true, '2026-02-30', new Date(Date.now() + 3 * 86_400_000)]) {
			const { refusals } = await tell([{ key: 'carla', time, truth: 'no' }]);
			expect([time, refusals[0]?.error]).toEqual([
				time,
				expect.objectContaining({ code: 'truth.invalid', details: expect.objectContaining({ row: 1, column: 'time' }) }),
			]);
		}
		expect(await truthOf([id])).toEqual(['yes']);
	});

	it.each([
		['the day after', Date.UTC(2026, 2, 10, 1), Date.UTC(2026, 2, 10) - 1],
		['on that day: until now, whenever that is', Date.UTC(2026, 2, 9, 15), undefined],
		['where that day has begun elsewhere', Date.UTC(2026, 2, 8, 15), undefined],
	])('a date alone is its whole day, told %s', (_, told, time) => {
		expect(checkTruth({ key: 'frida', time: ' 2026-03-09 ', truth: 'yes' }, 1, told, {}).time).toBe(time);
	});

	it('about a key that two models answered asks for the model', async () => {
		const ours = await answer('dora', 8);
		await answer('dora', 9, 'upsell@1');
		const { refusals } = await tell([{ key: 'dora', truth: 'yes' }]);
		expect(refusals).toMatchObject([
			{ row: 1, error: { details: { column: 'model', expected: 'the model: illness, upsell answered about "dora"' } } },
		]);
		expect(counts(await tell([{ key: 'dora', truth: 'yes', model: 'illness' }]))).toEqual({ ...NONE, rows: 1, taken: 1 });
		expect(await truthOf([ours])).toEqual(['yes']);
		expect(await truthOf(['dora at 9, upsell@1'], 'upsell')).toEqual([null]);
	});

	it('told again in bulk nothing is new, whether time and model are named or not', async () => {
		const keys = Array.from({ length: 50 }, (_, i) => `bulk ${i}`);
		for (const key of keys) for (const hour of [8, 12]) await answer(key, hour);
		const truths = keys.flatMap((key, i) => [
			{ key, time: at(9), model: 'illness', truth: i % 2 ? 'yes' : 'no' },
			{ key, time: at(10), truth: i % 2 ? 'yes' : 'no' },
			{ key, truth: i % 3 ? 'yes' : 'no' },
			{ key, model: 'illness', truth: i % 3 ? 'yes' : 'no' },
			// Not known yet, and not of a time when it was.
			{ key, time: at(7), truth: 'yes' },
		]);
		const first = await tell(truths);
		expect(counts(first)).toEqual({ ...NONE, rows: 250, taken: 100, same: 100, unknown: 50 });
		const before = await events();
		for (const again of [truths, truths.toReversed()]) expect(counts(await tell(again))).toEqual({ ...NONE, rows: 250, same: 250 });
		expect(await events()).toEqual(before);
		const ids = ['8', '12'].map((hour) => `bulk 4 at ${hour}, illness@1`);
		expect(await truthOf(ids)).toEqual(['no', 'yes']);
	});

	it('an answer that nobody saw shares the truth of the one that was seen; a failed one has none', async () => {
		const id = await answer('emil', 8, 'illness@1', { rollout: 'r1', arm: 'stable' });
		const later = new Date(Date.parse(at(8)) + 7).toISOString();
		await answer('emil', 8, 'illness@1', { rollout: 'r1', arm: 'shadow-2', at: later });
		await answer('emil', 9, 'illness@1', { error: 'The row lacks the column "ward".' });
		await tell([{ key: 'emil', truth: 'yes' }]);
		expect(counts(await tell([{ id, truth: 'yes' }]))).toMatchObject({ same: 1 });
		await withDuck({}, async (duck) => {
			await tableWithTruth(duck, store.log, 'found', { model: 'illness', rollout: 'r1' });
			expect(await duck.rows('SELECT id, arm, truth FROM found ORDER BY arm')).toEqual([
				{ id, arm: 'shadow-2', truth: '"yes"' },
				{ id, arm: 'stable', truth: '"yes"' },
			]);
		});
	});
});

it('a bad row names row, field, value and what was expected, and stops no other', async () => {
	const [id] = await ask(store, illness, [row(0.4)]);
	const told = await tell([
		{ id, truth: 'yes' },
		'yes',
		null,
		{ truth: 'yes' },
		{ id },
		{ id, truth: ['yes'] },
		{ id, truth: '' },
		{ id, truth: Number.NaN },
		{ id: { a: 1 }, truth: 'yes' },
		{ id: 'x'.repeat(1_001), truth: 'yes' },
		{ id, truth: 'no', model: 'nobody' },
	]);
	expect(counts(told)).toEqual({ ...NONE, rows: 11, taken: 1, unknown: 0, refused: 10 });
	expect(told.refusals.map(({ row: n, error: { code, details } }) => [n, code, details.column, details.found])).toEqual([
		[2, 'truth.invalid', 'row', 'yes'],
		[3, 'truth.invalid', 'row', 'null'],
		[4, 'truth.invalid', 'id', 'nothing'],
		[5, 'truth.invalid', 'truth', 'nothing'],
		[6, 'truth.invalid', 'truth', '["yes"]'],
		[7, 'truth.invalid', 'truth', ''],
		[8, 'truth.invalid', 'truth', 'NaN'],
		[9, 'truth.invalid', 'id', '{"a":1}'],
		[10, 'truth.invalid', 'id', 'x'.repeat(200)],
		[11, 'truth.invalid', 'model', 'nobody'],
	]);
	expect(await truthOf([id])).toEqual(['yes']);
});

it('keeps a class that the model does not know, and says so', async () => {
	const ids = await ask(store, illness, [row(0.4), row(0.5)]);
	const told = await tell(ids.map((id) => ({ id, truth: 'maybe' })));
	expect(counts(told)).toEqual({ ...NONE, rows: 2, taken: 2 });
	expect(told.unknownClasses).toEqual([{ value: 'maybe', rows: 2 }]);
	expect(told.notes.map(({ code }) => code)).toEqual(['truth.unknown_class']);
	expect(await truthOf(ids)).toEqual(['maybe', 'maybe']);
});

it('rows of a table in which nothing stands yet are left out; null takes nothing back there', async () => {
	const [id] = await ask(store, illness, [row(0.4)]);
	await tell([{ id, truth: 'yes' }]);
	expect(
		counts(
			await tell(
				[
					{ id, truth: null },
					{ id, truth: '' },
					{ id, truth: 'NA' },
				],
				{ gaps: true },
			),
		),
	).toEqual({ ...NONE, rows: 3, empty: 3 });
	expect(await truthOf([id])).toEqual(['yes']);
});

it('who may speak of some models alone is refused for others', async () => {
	const [id] = await ask(store, illness, [row(0.4)], ['frieda']);
	expect(
		counts(
			await tell(
				[
					{ id, truth: 'yes' },
					{ key: 'frieda', truth: 'yes' },
					{ id, truth: 'yes', model: 'illness' },
				],
				{ models: ['upsell'] },
			),
		),
	).toMatchObject({ taken: 0, refused: 3 });
	expect(counts(await tell([{ id, truth: 'yes' }], { models: ['upsell', 'other'] }))).toMatchObject({ refused: 1 });
	expect(await truthOf([id])).toEqual([null]);
	expect(counts(await tell([{ id, truth: 'yes' }], { models: ['illness', 'upsell'] }))).toMatchObject({ taken: 1 });
});

it('told at once by many, each truth is taken once', async () => {
	const ids = await ask(
		store,
		illness,
		Array.from({ length: 20 }, () => row(0.5)),
	);
	const all = await Promise.all(Array.from({ length: 5 }, async () => await tell(ids.map((id) => ({ id, truth: 'no' })))));
	expect(all.map(({ taken }) => taken).sort((a, b) => a - b)).toEqual([0, 0, 0, 0, 20]);
	expect(all.reduce((sum, { same }) => sum + same, 0)).toBe(80);
});
