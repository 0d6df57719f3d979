import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { trafficOf } from '../../lib/app/traffic.js';
import { withDuck } from '../../lib/data/duck.js';
import type { PredictionLogEntry, Store } from '../../lib/store/contract.js';
import { answerText } from '../../lib/store/log/lines.js';
import { openStore } from '../../lib/store/openStore.js';
import { mlops } from '../cli/program.js';
import { freshFolder, removeFolders } from '../store/records.js';

let store: Store;
let home: string;
beforeEach(async () => {
	home = await freshFolder();
	store = await openStore({ kind: 'folder', home });
});
afterEach(async () => await store.close());
afterAll(removeFolders);

const entry = (minute: number, more: Partial<PredictionLogEntry> = {}): PredictionLogEntry => ({
	at: new Date(Date.UTC(2026, 0, 1, 0, minute, 7)).toISOString(),
	model: 'churn@1',
	digest: 'd',
	requestId: 'r',
	input: {},
	prediction: 'yes',
	score: [0.75, 0.25],
	arm: 'stable',
	door: 'own',
	ms: 1,
	...more,
});
/** Appends, and seals where it is asked to. */
async function write(seal: boolean, entries: PredictionLogEntry[]): Promise<void> {
	const writer = store.log.writer('answers');
	await writer.append(Buffer.from(entries.map(answerText).join('')));
	await writer.close({ seal });
	await store.log.recover();
}
const day = { since: '2026-01-01', until: '2026-01-02' };

it('counts by step, version, arm and door, over sealed and open segments alike', async () => {
	await write(true, [
		entry(0),
		entry(0, { prediction: 'no', score: [0.25], ms: 100 }),
		entry(0, { arm: 'candidate-2', model: 'churn@2', ms: undefined }),
		entry(1, { error: 'no row', prediction: null, score: [] }),
		entry(1, { model: 'other@1' }),
	]);
	await write(false, [
		entry(1, { warnings: [{ code: 'x' }], prediction: true }),
		entry(2, { prediction: 7.5, score: [7.5] }),
		entry(2, { error: 'gap', prediction: { unlogged: 12 }, score: [], ms: undefined, arm: undefined, door: undefined }),
	]);
	const traffic = await trafficOf(store, { model: 'churn', ...day });
	const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
	const shared = { version: 1, arm: 'stable', door: 'own' };
	const key = (t: { at: string; version?: number; arm?: string }): string => `${t.at} ${t.version} ${t.arm ?? ''}`;
	expect([...traffic].sort((a, b) => (key(a) < key(b) ? -1 : 1))).toMatchObject([
		{ at: at(0), ...shared, answers: 2, errors: 0, score: { mean: 0.5, deviation: 0.25 }, ms: { mean: 50.5 } },
		{ at: at(0), version: 2, arm: 'candidate-2', answers: 1, classes: [{ class: 'yes', count: 1 }] },
		{ at: at(1), ...shared, answers: 2, errors: 1, warnings: 1, classes: [{ class: 'true', count: 1 }], score: { mean: 0.75 } },
		{ at: at(2), version: 1, answers: 0, errors: 0, unlogged: 12 },
		{ at: at(2), ...shared, answers: 1, score: { mean: 7.5 }, classes: [] },
	]);
	const [first] = traffic.filter((t) => t.at === at(0) && t.version === 1);
	expect(first.classes).toEqual([
		{ class: 'no', count: 1 },
		{ class: 'yes', count: 1 },
	]);
	expect(first.ms!.p50).toBeGreaterThan(0.9);
	expect(first.ms!.p50).toBeLessThan(1.2);
	expect(Math.abs(first.ms!.p99 / 100 - 1)).toBeLessThan(0.1);
	expect(traffic.find((t) => t.version === 2)!.ms).toBeUndefined();
	const whole = await trafficOf(store, { model: 'churn', ...day, step: 60 });
	expect(whole.reduce((sum, t) => sum + t.answers, 0)).toBe(6);
	expect(whole.filter((t) => t.version === 1 && t.arm === 'stable')).toMatchObject([{ answers: 5, errors: 1, warnings: 1 }]);
	expect(await trafficOf(store, { model: "o'ther", ...day })).toEqual([]);
	expect(await trafficOf(store, { model: 'churn', since: '2026-01-01T00:01:00Z', until: '2026-01-01T00:02:00Z' })).toHaveLength(1);
});

it('stays when segments are removed for their size, is made again where it is missing, and goes when it is too old', async () => {
	await write(true, [entry(0), entry(1)]);
	await rm(join(home, 'answers', 'minutes-by-alias'), { recursive: true });
	const was = await trafficOf(store, { model: 'churn', ...day });
	expect(was).toHaveLength(2);
	await store.log.retain({ bytes: 1 });
	expect(await store.predictions({})).toEqual([]);
	expect(await trafficOf(store, { model: 'churn', ...day })).toEqual(was);
	await store.log.retain({ days: 1 / 24 });
	expect(await trafficOf(store, { model: 'churn', ...day })).toEqual([]);
});

it('reads roll-ups of before aliases were in them, and makes those anew whose segments are there', async () => {
	const folder = join(home, 'answers', 'minutes-by-alias');
	await write(true, [entry(0, { alias: 'champion' }), entry(1, { alias: 'champion' })]);
	const was = await trafficOf(store, { model: 'churn', ...day });
	const [name] = await readdir(folder);
	const old = join(home, 'answers', 'minutes');
	await mkdir(old);
	await withDuck({}, async (duck) => {
		await duck.run(`COPY (SELECT * EXCLUDE (alias) FROM '${join(folder, name)}') TO '${join(old, name)}' (FORMAT parquet)`);
	});
	const aliases = async () =>
		await store.log.query((minutes) => `SELECT DISTINCT alias FROM ${minutes} WHERE answers > 0`, 'minutes', { since: '2026-01-01' });
	await rm(folder, { recursive: true });
	expect(await aliases()).toEqual([['champion']]);
	expect([await readdir(folder), await readdir(old)]).toEqual([[name], []]);
	// Of a segment that is gone the old roll-up is all there is.
	await rename(join(folder, name), join(old, name));
	await store.log.retain({ bytes: 1 });
	await withDuck({}, async (duck) => {
		await duck.run(`COPY (SELECT * EXCLUDE (alias) FROM read_parquet('${join(old, name)}')) TO '${join(old, 'x')}' (FORMAT parquet)`);
	});
	await rename(join(old, 'x'), join(old, name));
	expect(await aliases()).toEqual([[null]]);
	expect(await trafficOf(store, { model: 'churn', ...day })).toEqual(was);
});

it('a class more than fifty in a minute costs the rarest ones; quantiles are within a tenth', async () => {
	const entries = Array.from({ length: 600 }, (_, i) => entry(0, { prediction: `class ${i < 500 ? i % 50 : 50 + (i % 50)}`, ms: 1 + i }));
	await write(true, entries);
	const [traffic] = await trafficOf(store, { model: 'churn', ...day });
	expect(traffic.classes).toHaveLength(50);
	expect(traffic.classes.every(({ count }) => count === 10)).toBe(true);
	for (const [p, exact] of [
		['p50', 300.5],
		['p90', 540.1],
		['p99', 594.01],
	] as const)
		expect(Math.abs(traffic.ms![p] / exact - 1)).toBeLessThan(0.1);
});

it('is a command: a table for people, and JSON', async () => {
	await write(false, [entry(0), entry(0, { error: 'no row', prediction: null, score: [] })]);
	const asked = ['traffic', 'churn', '--since', '2026-01-01', '--until', '2026-01-02'];
	expect((await mlops(asked, { home })).stdout).toMatch(/^2026-01-01 00:00 +1 +stable +own +2 +1 +0 +0 /m);
	expect(JSON.parse((await mlops([...asked, '--json'], { home })).stdout)).toMatchObject([{ answers: 2, errors: 1 }]);
	expect((await mlops(['traffic', 'churns'], { home })).stdout).toContain('Nothing was answered then');
	expect((await mlops([...asked, '--step', '0'], { home })).exit).toBe(2);
});

it('a step that is none, or too many steps, are refused', async () => {
	for (const step of [0, 0.5, Number.NaN])
		await expect(trafficOf(store, { model: 'm', step })).rejects.toMatchObject({ code: 'input.invalid' });
	await expect(trafficOf(store, { model: 'm', since: '2020-01-01', until: '2026-01-01' })).rejects.toMatchObject({ code: 'input.invalid' });
});
