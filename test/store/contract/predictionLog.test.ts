import type { PredictionLogEntry } from '../../../lib/store/contract.js';
import { describeStores } from './places.js';

const entry = (i: number, model = 'churn@1'): PredictionLogEntry => ({
	at: new Date(Date.UTC(2026, 0, 1, 0, 0, i)).toISOString(),
	model,
	digest: 'd',
	requestId: String(i),
	input: { age: i, name: 'Ann' },
	prediction: i % 2 === 0,
	score: [0.25, 0.75],
});
const ids = (entries: PredictionLogEntry[]): number[] => entries.map((e) => Number(e.requestId));

describeStores('the prediction log', (stage) => {
	it('gives back what was logged, oldest first', async () => {
		const entries = [entry(1), { ...entry(0), alias: 'champion', error: 'age is missing', prediction: null }];
		await stage.store.logPredictions(entries);
		expect(await stage.store.predictions({})).toEqual([entries[1], entries[0]]);
		await stage.store.logPredictions([]);
	});

	it('filters by version, by name, by time and by number', async () => {
		await stage.store.logPredictions([entry(0), entry(1, 'churn@2'), entry(2, 'churns@1'), entry(3), entry(4, 'chur@1')]);
		expect(ids(await stage.store.predictions({ model: 'churn@1' }))).toEqual([0, 3]);
		expect(ids(await stage.store.predictions({ model: 'churn' }))).toEqual([0, 1, 3]);
		expect(ids(await stage.store.predictions({ since: '2026-01-01T00:00:01Z', until: '2026-01-01T01:00:03+01:00' }))).toEqual([1, 2]);
		expect(ids(await stage.store.predictions({ limit: 2 }))).toEqual([0, 1]);
	});

	it('takes many at once and many calls at once', async () => {
		await Promise.all(Array.from({ length: 50 }, (_, i) => stage.store.logPredictions([entry(i)])));
		await stage.store.logPredictions(Array.from({ length: 5000 }, (_, i) => entry(50 + i)));
		expect(ids(await stage.store.predictions({}))).toEqual(Array.from({ length: 5050 }, (_, i) => i));
	});

	it('keeps the order of logging among entries of the same moment, over several versions', async () => {
		const same = Array.from({ length: 4500 }, (_, i) => ({ ...entry(i, `churn@${(i % 2) + 1}`), at: '2026-01-01T00:00:00.000Z' }));
		await stage.store.logPredictions([...same, entry(1, 'churn@1')]);
		expect(ids(await stage.store.predictions({ model: 'churn', limit: 4500 }))).toEqual(same.map((_, i) => i));
		expect(ids(await stage.store.predictions({ model: 'churn@2' }))).toEqual(Array.from({ length: 2250 }, (_, i) => 2 * i + 1));
		expect(ids(await stage.store.predictions({ since: '2026-01-01', until: '2026-01-01T00:00:01Z' }))).toHaveLength(4500);
	});

	it('refuses a moment that is none, and keeps nothing of that call', async () => {
		await expect(stage.store.logPredictions([entry(0), { ...entry(1), at: 'yesterday' }])).rejects.toMatchObject({ code: 'input.invalid' });
		expect(await stage.store.predictions({})).toEqual([]);
	});

	it('is there after the store was closed while it was writing', async () => {
		const writing = stage.store.logPredictions(Array.from({ length: 3000 }, (_, i) => entry(i)));
		await stage.reopen();
		await writing;
		expect(await stage.store.predictions({})).toHaveLength(3000);
	});
});
