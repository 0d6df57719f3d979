import { rmSync } from 'node:fs';
import { predictRows } from '../../lib/app/predictRows.js';
import { rowJson, valueJson } from '../../lib/domain/json.js';
import type { PredictionLogEntry, Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { unpackStore, v1 } from '../fixtures/v1/open.js';
import { shortened } from '../../nodes/shared/shortened.js';

const home = unpackStore();
let store: Store;
beforeAll(async () => {
	store = await openStore({ kind: 'folder', home });
});
afterAll(async () => {
	await store.close();
	rmSync(home, { recursive: true });
});

/** A list in a list in a list... */
function nested(depth: number): unknown {
	let value: unknown = 1;
	for (let i = 0; i < depth; i++) value = i % 2 ? { a: value } : [value];
	return value;
}
const circle: Record<string, unknown> = { name: 'circle' };
circle.itself = [circle];
const VALUES: Array<[string, unknown]> = [
	['nested 100,000 deep', nested(100_000)],
	['circular', circle],
	['a BigInt inside', { n: 12345678901234567890n }],
	[
		'a circle of lists',
		(() => {
			const list: unknown[] = [];
			list.push(list);
			return list;
		})(),
	],
	[
		'refusing to be written',
		{
			toJSON() {
				throw new Error('no');
			},
		},
	],
];

describe('a row that no file can hold', () => {
	const { digest, rows } = v1().packages.find((p) => p.rows.some((r) => r.answer))!;
	const good = rows.find((r) => r.answer)!;
	const model = { name: 'hard', version: 1, digest };

	it.each(VALUES)("is its own error, not the batch's: %s in any column", async (_, value) => {
		for (const column of Object.keys(good.row)) {
			const before = (await store.predictions({ model: 'hard' })).length;
			const results = await predictRows(store, model, [good.row, { ...good.row, [column]: value }, good.row], { reasons: 1, log: true });
			expect([results[0], results[2]]).toEqual([
				{ id: expect.any(String), answer: expect.objectContaining({ prediction: good.answer!.prediction }) },
				{ id: expect.any(String), answer: expect.objectContaining({ prediction: good.answer!.prediction }) },
			]);
			// A column that the model has no use for may hold anything.
			if ('error' in results[1]) {
				expect(results[1].error).toMatchObject({ code: 'predict.input_invalid', details: { column } });
				expect(JSON.stringify(results[1].error).length).toBeLessThan(2_000);
			}
			const logged = (await store.predictions({ model: 'hard' })).slice(before);
			expect(logged).toHaveLength(3);
			expect(logged.filter((e) => e.error !== undefined)).toHaveLength('error' in results[1] ? 1 : 0);
		}
		expect((await store.predictions({ model: 'hard' })).some((e) => e.error)).toBe(true);
	});

	it('may hold a BigInt, a getter that throws or a symbol: the others are answered and logged', async () => {
		const odd: Array<Record<string, unknown>> = Object.keys(good.row).flatMap((column) => [
			{ ...good.row, [column]: 5n },
			{ ...good.row, [column]: Symbol('x') },
			Object.defineProperty({ ...good.row }, column, {
				enumerable: true,
				get() {
					throw new Error('no');
				},
			}),
		]);
		const results = await predictRows(store, { ...model, version: 2 }, [good.row, ...odd, good.row], { reasons: 0, log: true });
		expect(results).toHaveLength(odd.length + 2);
		for (const at of [0, results.length - 1]) expect(results[at]).toMatchObject({ answer: { prediction: good.answer!.prediction } });
		expect(await store.predictions({ model: 'hard@2' })).toHaveLength(odd.length + 2);
	});

	it('as JSON: only the value is left out, and named', () => {
		for (const [, value] of VALUES.filter(([name]) => !name.includes('BigInt'))) {
			expect(valueJson(value)).toBeUndefined();
			expect(rowJson({ a: 1, bad: value, c: 'x' })).toEqual({ text: '{"a":1,"bad":null,"c":"x"}', left: ['bad'] });
		}
		expect(rowJson({ n: 5n, long: 2n ** 70n, deep: nested(400), none: undefined }).left).toEqual([]);
		expect(JSON.parse(rowJson({ n: 5n, long: 2n ** 70n }).text)).toEqual({ n: 5, long: String(2n ** 70n) });
		expect(rowJson({ deep: '[{['.repeat(10_000) })).toMatchObject({ left: [] });
	});

	it('is cut for an agent, too', () => {
		for (const [, value] of VALUES.slice(0, 4))
			expect(Buffer.byteLength(valueJson(shortened({ value, kept: 'yes' } as never, 2_000))!)).toBeLessThan(2_000);
		expect(shortened({ value: circle, kept: 'yes' } as never, 2_000)).toMatchObject({ kept: 'yes' });
	});
});

it('100,000 answers are logged while this thread goes on with other things; how long it was held is shown', async () => {
	const entries: PredictionLogEntry[] = Array.from({ length: 100_000 }, (_, i) => ({
		at: new Date(Date.UTC(2026, 0, 1) + i).toISOString(),
		model: 'many@1',
		digest: 'd',
		requestId: String(i),
		input: Object.fromEntries(Array.from({ length: 12 }, (__, k) => [`column ${k}`, k % 2 ? i * k : `some text ${i}`])),
		prediction: 'yes',
		score: [i / 100_000],
	}));
	await store.logPredictions(entries.slice(0, 1));
	let turns = 0;
	let longest = { wall: 0, work: 0 };
	// Other programs on the machine hold a thread too; its own work is what it can be blamed for.
	const work = (): number => {
		const { user, system } = process.threadCpuUsage();
		return (user + system) / 1000;
	};
	let last = { wall: performance.now(), work: work() };
	const timer = setInterval(() => {
		const now = { wall: performance.now(), work: work() };
		longest = { wall: Math.max(longest.wall, now.wall - last.wall), work: Math.max(longest.work, now.work - last.work) };
		last = now;
		turns++;
	}, 1);
	const from = performance.now();
	await store.logPredictions(entries.slice(1));
	const took = performance.now() - from;
	clearInterval(timer);
	process.stdout.write(
		`100,000 log entries: ${took.toFixed(0)} ms; this thread worked at most ${longest.work.toFixed(1)} ms at a time (${longest.wall.toFixed(1)} ms on the clock), ${turns} turns of a timer in between\n`,
	);
	// One piece of at most 1,000 rows at a time, and turns in between: written in one go, there would be one or two.
	expect(turns).toBeGreaterThan(50);
	expect(await store.predictions({ model: 'many@1', since: '2026-01-01T00:01:39Z' })).toHaveLength(1_000);
}, 120_000);
