import { tellTruth } from '../../../lib/app/truth.js';
import type { Looked, Span } from '../../../lib/app/watches/contract.js';
import { quality } from '../../../lib/app/watches/qualityWatch.js';
import { parseParams } from '../../../lib/domain/params.js';
import { silentContext } from '../../../lib/domain/progress.js';
import type { Store } from '../../../lib/store/contract.js';
import { openStore } from '../../../lib/store/openStore.js';
import { freshFolder, removeFolders } from '../../store/records.js';
import { deployed, patients, row, type Deployed } from '../truthModels.js';

let store: Store;
let first: Deployed;
let second: Deployed;
beforeAll(async () => {
	store = await openStore({ kind: 'folder', home: await freshFolder() });
	first = await deployed(store, 'illness', patients(400, ['no', 'yes']));
	second = await deployed(store, 'illness', patients(400, ['no', 'yes'], 2));
}, 60_000);
afterAll(async () => {
	await store.close();
	await removeFolders();
});

const DAY = 86_400_000;
const midnight = (day: number): string => new Date(Date.UTC(2026, 2, 28) + day * DAY).toISOString();
const day = (n: number): Span => ({ from: midnight(n), until: midnight(n + 1) });

interface Given {
	day: number;
	id: string;
	score: number;
	by?: Deployed;
	[more: string]: unknown;
}
const answered = async (answers: Given[]): Promise<void> =>
	await store.logPredictions(
		answers.map(({ day: n, id, score, by = first, ...more }, i) => ({
			at: new Date(Date.UTC(2026, 2, 28) + n * DAY + (i + 1) * 60_000).toISOString(),
			model: `illness@${by.version}`,
			digest: by.digest,
			requestId: id,
			input: row(score),
			prediction: score >= 0.5 ? 'yes' : 'no',
			score: [score],
			alias: 'champion',
			...more,
		})),
	);
const tell = async (truths: unknown[]) => await tellTruth({ store, context: silentContext() }, { truths, by: 'a test' });

const look = async (windows: Span[], params: object = {}, more: object = {}): Promise<Looked[]> =>
	await quality.lookOver!(
		store,
		{ model: 'illness', segments: [], now: midnight(40), ...more },
		windows,
		parseParams(quality.params, params, 'quality') as never,
		silentContext(),
	);
const of = (looked: Looked, about: string) => looked.findings.find((f) => f.about === about && f.segment === undefined);

/** So many answers of a day, of which `right` per cent turn out to be right. */
const dayOf = async (n: number, rows: number, right: number, more: object = {}): Promise<void> => {
	const scores = Array.from({ length: rows }, (_, i) => ((i * 37) % 100) / 100 + 0.001);
	await answered(scores.map((score, i) => ({ day: n, id: `d${n}-${i}${JSON.stringify(more).length}`, score, ...more })));
	await tell(
		scores.map((score, i) => {
			const yes = score >= 0.5;
			return { id: `d${n}-${i}${JSON.stringify(more).length}`, truth: (i % 100 < right ? yes : !yes) ? 'yes' : 'no' };
		}),
	);
};

it('measures each day by what turned out to be true, and says where it is worse than on the test rows', async () => {
	await dayOf(0, 200, 90);
	await dayOf(1, 200, 55);
	const [good, bad, none] = await look([day(0), day(1), day(2)], { metric: 'accuracy' });
	expect(good).toMatchObject({ rows: 200, known: 200, versions: [1] });
	expect(good.waiting).toBeUndefined();
	expect(of(good, 'accuracy')).toMatchObject({ value: 0.9, version: 1, weight: 1 });
	expect(of(bad, 'accuracy')).toMatchObject({ value: 0.55 });
	// The other version's test rows gave about 0.72, and intervals are those of Evaluate.
	expect(of(good, 'accuracy')!.pValue).toBeGreaterThan(0.99);
	expect(of(bad, 'accuracy')!.pValue).toBeLessThan(0.02);
	expect(of(bad, 'accuracy')!.effect).toBeGreaterThan(1);
	expect(of(bad, 'accuracy')!.why).toMatch(/^Accuracy is 55\.0.% \(47\.\d.% to 62\.\d.%\), where the test rows gave 71\.6.%$/);
	expect(of(good, 'accuracy')!.why).toBeUndefined();
	expect(good.summary).toMatch(/^Accuracy is 90\.0.% by 200 answers whose truth is known, where 71\.6.% was to be expected\.$/);
	expect(bad.summary).toBe(`${of(bad, 'accuracy')!.why}.`);
	expect(good.findings.filter(({ weight }) => weight !== 0)).toHaveLength(1);
	for (const { interval, value } of good.findings) expect(interval![1] - interval![0]).toBeGreaterThan(0.01 * Math.abs(value!));
	expect(none.waiting).toMatch(/Nobody/);
	expect(none.waitsUntil).toBeUndefined();
});

it('waits for truth, and then judges by what is known, or says that it never came', async () => {
	const scores = Array.from({ length: 200 }, (_, i) => ((i * 37) % 100) / 100);
	await answered(scores.map((score, i) => ({ day: 4, id: `w${i}`, score })));
	const at = async (now: number, params: object = {}) =>
		(await look([day(4)], { metric: 'accuracy', ...params }, { now: midnight(now) }))[0];
	expect(await at(5)).toMatchObject({ rows: 200, known: 0, waiting: expect.stringMatching(/50 are needed/), waitsUntil: midnight(19) });
	await tell(scores.slice(0, 80).map((score, i) => ({ id: `w${i}`, truth: score >= 0.5 ? 'yes' : 'no' })));
	const waits = await at(6);
	expect(waits).toMatchObject({
		known: 80,
		waitsUntil: midnight(19),
		waiting: expect.stringMatching(/40.% of 200.answers.*fewer than the 50.%/),
	});
	// What is known so far is shown, and judged by nobody.
	expect(of(waits, 'accuracy')).toMatchObject({ value: 1, weight: 0 });
	expect(waits.findings.every(({ pValue }) => pValue === undefined)).toBe(true);
	const over = await at(20);
	expect(over.waiting).toBeUndefined();
	expect(over.notes).toEqual(expect.arrayContaining([{ code: 'partial_truth', text: expect.stringMatching(/may not be like the rest/) }]));
	expect((await at(6, { leastKnown: 0.4 })).waiting).toBeUndefined();
	expect((await at(20, { leastRows: 100 })).waiting).toMatch(/100 are needed/);
	expect(await at(20, { leastRows: 500 })).toMatchObject({ waiting: expect.stringMatching(/only 200.answers/) });
	expect((await at(20, { leastRows: 500 })).waitsUntil).toBeUndefined();
});

it('truths that were corrected or withdrawn count as they stand, in whatever order they came', async () => {
	const scores = Array.from({ length: 60 }, (_, i) => (i % 2 ? 0.9 : 0.1));
	await answered(scores.map((score, i) => ({ day: 6, id: `c${i}`, score })));
	await tell(scores.map((score, i) => ({ id: `c${i}`, truth: score > 0.5 ? 'no' : 'yes' })));
	expect(of((await look([day(6)], { metric: 'accuracy' }))[0], 'accuracy')).toMatchObject({ value: 0 });
	await tell(scores.map((score, i) => ({ id: `c${i}`, truth: score > 0.5 ? 'yes' : 'no' })));
	expect(of((await look([day(6)], { metric: 'accuracy' }))[0], 'accuracy')).toMatchObject({ value: 1 });
	await tell([0, 1, 2, 3].map((i) => ({ id: `c${i}`, truth: null })));
	expect((await look([day(6)]))[0]).toMatchObject({ rows: 60, known: 56 });
});

it('one class alone, an unknown class, and truths that cannot be read', async () => {
	await answered(Array.from({ length: 120 }, (_, i) => ({ day: 8, id: `o${i}`, score: 0.2 })));
	await tell(Array.from({ length: 100 }, (_, i) => ({ id: `o${i}`, truth: 'no' })));
	// AUC has no value where one class occurs; accuracy has.
	const [one] = await look([day(8)], { metric: 'auc' });
	expect(one.waiting).toMatch(/too few of a class/);
	expect(of(one, 'auc')).toBeUndefined();
	expect(of(one, 'accuracy')).toMatchObject({ value: 1 });
	await tell(Array.from({ length: 20 }, (_, i) => ({ id: `o${100 + i}`, truth: i < 15 ? 'perhaps' : 'yes' })));
	const [strange] = await look([day(8)], { metric: 'accuracy' });
	expect(strange).toMatchObject({ rows: 120, known: 120 });
	expect(of(strange, 'unknown_class')).toMatchObject({ value: 15 / 120, why: expect.stringMatching(/^13.%/) });
	expect(strange.notes).toEqual(expect.arrayContaining([{ code: 'unknown_class', text: expect.stringMatching(/15.truths .*“perhaps”/) }]));
	expect(of(strange, 'accuracy')!.value).toBeCloseTo(100 / 105, 12);
});

it('two versions in a window are measured each by itself; shadows and failures are left out and said', async () => {
	await dayOf(10, 200, 95);
	await dayOf(10, 200, 60, { by: second, arm: 'candidate-2', rollout: 'r' });
	await answered([
		{ day: 10, id: 'd10-0', score: 0.9, by: second, arm: 'shadow-2', rollout: 'r' },
		{ day: 10, id: 'broken', score: 0.9, error: 'The row lacks the column "marker".' },
	]);
	const [both] = await look([day(10)], { metric: 'accuracy' }, { alias: 'champion' });
	expect(both).toMatchObject({ rows: 400, known: 400, versions: [1, 2] });
	// The alias points to version 2 by now, but not when that window ended.
	const parts = both.findings.filter(({ about }) => about === 'accuracy');
	expect(parts.map(({ version, value }) => [version, value])).toEqual([
		[1, 0.95],
		[2, 0.6],
	]);
	expect(parts.reduce((sum, { weight }) => sum + weight!, 0)).toBeCloseTo(1, 12);
	expect(parts.map(({ segment }) => segment).filter((s) => s !== undefined)).toHaveLength(1);
	expect(both.notes.map(({ code }) => code)).toEqual(expect.arrayContaining(['failed_answers', 'unseen_answers']));
	// One version alone.
	expect((await look([day(10)], { metric: 'accuracy' }, { versions: [2] }))[0]).toMatchObject({ rows: 200, versions: [2] });
});

it('each segment is compared with the same segment of the test rows', async () => {
	const scores = Array.from({ length: 400 }, (_, i) => ((i * 37) % 100) / 100 + 0.001);
	await answered(scores.map((score, i) => ({ day: 12, id: `s${i}`, score, input: row(score, { ward: i < 200 ? 'north' : 'south' }) })));
	await tell(scores.map((score, i) => ({ id: `s${i}`, truth: (i < 200 || i % 10 === 0 ? score >= 0.5 : score < 0.5) ? 'yes' : 'no' })));
	const [found] = await look([day(12)], { metric: 'accuracy' }, { segments: ['ward', 'marker', 'nothing'] });
	const wards = found.findings.filter(({ about, segment }) => about === 'accuracy' && segment?.startsWith('ward'));
	expect(wards.map(({ segment, value }) => [segment, value])).toEqual([
		['ward = north', 1],
		['ward = south', 0.1],
	]);
	expect(wards[1].why).toMatch(/for ward = south/);
	expect(wards.every(({ reference }) => reference! > 0.5)).toBe(true);
	expect(found.findings.some(({ segment }) => segment?.startsWith('marker up to'))).toBe(true);
	expect(found.findings.reduce((sum, { weight = 0 }) => sum + weight, 0)).toBeCloseTo(1, 12);
	expect(found.notes).toEqual(expect.arrayContaining([{ code: 'no_segments', text: expect.stringContaining('nothing') }]));
});

it('the version before, and a limit of one’s own, are what it may be compared with', async () => {
	// Version 2 has been champion since this test began, version 1 before.
	const now = Date.now();
	const at = (ms: number) => new Date(now + ms).toISOString();
	const scores = Array.from({ length: 100 }, (_, i) => ((i * 37) % 100) / 100 + 0.001);
	await answered(scores.map((score, i) => ({ day: 0, id: `b${i}`, score, at: at(-DAY - i) })));
	await answered(scores.map((score, i) => ({ day: 0, id: `a${i}`, score, by: second, at: at(3_600_000 + i) })));
	await tell(
		scores.flatMap((score, i) =>
			['a', 'b'].map((name) => ({ id: `${name}${i}`, truth: score >= 0.5 === (name === 'b' || i % 4 > 0) ? 'yes' : 'no' })),
		),
	);
	const span = { from: at(3_000_000), until: at(4_000_000) };
	const asked = { now: at(5_000_000) };
	const [found] = await look([span], { metric: 'accuracy', against: 'before' }, asked);
	expect(of(found, 'accuracy')).toMatchObject({ value: 0.75, reference: 1, before: { version: 1, value: 1, rows: 100 } });
	expect(of(found, 'accuracy')!.why).toMatch(/where version 1 had/);
	const [limited] = await look([span], { metric: 'accuracy', against: 'limit', limit: 0.9 }, asked);
	expect(of(limited, 'accuracy')).toMatchObject({ reference: 0.9, why: expect.stringMatching(/the limit is/) });
	expect(of(limited, 'accuracy')!.shared).toBeUndefined();
	const [well] = await look([span], { metric: 'accuracy', against: 'limit', limit: 0.5 }, asked);
	expect(of(well, 'accuracy')!.pValue).toBeGreaterThan(0.99);
});

it('without any truth it says what to do', async () => {
	const empty = await openStore({ kind: 'folder', home: await freshFolder() });
	await expect(
		quality.look(
			empty,
			{ model: 'illness', segments: [], ...day(0) },
			parseParams(quality.params, {}, 'quality') as never,
			silentContext(),
		),
	).rejects.toMatchObject({ code: 'monitor.no_truth', details: { remedy: expect.stringContaining('MLOps Feedback') } });
	await empty.close();
});
