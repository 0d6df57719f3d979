import type { Looked, Span } from '../../../lib/app/watches/contract.js';
import { watchOf } from '../../../lib/app/watches/index.js';
import { parseParams } from '../../../lib/domain/params.js';
import { silentContext } from '../../../lib/domain/progress.js';
import { mulberry32 } from '../../../lib/domain/random.js';
import { alarmOver } from '../../../lib/monitor/alarm/alarm.js';
import type { Store } from '../../../lib/store/contract.js';
import { openStore } from '../../../lib/store/openStore.js';
import { freshFolder, removeFolders } from '../../store/records.js';
import { deployed, keepDataset, patients, type Deployed } from '../truthModels.js';

let store: Store;
let model: Deployed;
beforeAll(async () => {
	store = await openStore({ kind: 'folder', home: await freshFolder() });
	model = await deployed(store, 'illness', patients(4000, ['no', 'yes']));
}, 60_000);
afterAll(async () => {
	await store.close();
	await removeFolders();
});

const midnight = (day: number): string => new Date(Date.UTC(2026, 2, 1 + day)).toISOString();
const day = (n: number): Span => ({ from: midnight(n), until: midnight(n + 1) });

type Request = Record<string, unknown>;
/** Answers of a day to patients as they were in the training, changed as `change` says. */
async function answersOn(
	n: number,
	rows: number,
	change: (row: Request, i: number) => Request = (row) => row,
	more: object = {},
): Promise<void> {
	const random = mulberry32(100 + n);
	await store.logPredictions(
		Array.from({ length: rows }, (_, i) => {
			const marker = random();
			const input = change({ marker, ward: random() < 0.5 ? 'north' : 'south', visits: Math.floor(random() * 7) }, i);
			const score = typeof input['marker'] === 'number' ? Math.min(1, Math.max(0, input['marker'])) : 0.5;
			return {
				at: new Date(Date.UTC(2026, 2, 1 + n) + i * 1000).toISOString(),
				model: `illness@${model.version}`,
				digest: model.digest,
				requestId: `${n}-${i}-${JSON.stringify(more).length}`,
				input,
				prediction: score >= 0.5 ? 'yes' : 'no',
				score: [score],
				alias: 'champion',
				...more,
			};
		}),
	);
}

const look = async (id: 'data' | 'answers', days: number[], segments: string[] = [], params = {}): Promise<Looked[]> => {
	const watch = watchOf(id);
	const watched = { model: 'illness', alias: 'champion', segments };
	return await watch.lookOver!(store, watched, days.map(day), parseParams(watch.params, params, id), silentContext());
};
const of = (looked: Looked, about: string, segment?: string) => looked.findings.find((f) => f.about === about && f.segment === segment)!;
const alarmOf = (days: number[], looked: Looked[]) =>
	alarmOver(
		looked.map(({ findings, waiting, reference }, i) => ({ ...day(days[i]), findings, reference, verdict: waiting ? 'waiting' : 'ok' })),
		{ falseAlarmsAYear: 1, windowsAYear: 365 },
	);

describe('what is asked, day by day', () => {
	beforeAll(async () => {
		for (let n = 0; n < 4; n++) await answersOn(n, 400);
		await answersOn(4, 400, (row) => ({ ...row, marker: 0.6 + (row['marker'] as number) / 2 }));
		await answersOn(5, 400, ({ visits: _, ...row }) => row);
		await answersOn(6, 400, (row, i) => ({ ...row, ward: i % 5 ? row['ward'] : null }));
		await answersOn(7, 400, (row) => (row['ward'] === 'north' ? { ...row, visits: 6 } : row));
		await answersOn(8, 20);
		await answersOn(9, 400, (row) => ({ patient: row['marker'] }));
	});

	it('is as it was in the training, and says with what it was compared', async () => {
		const days = [0, 1, 2, 3];
		const looked = await look('data', days);
		for (const one of looked) {
			expect(one).toMatchObject({ rows: 400, versions: [1] });
			expect(one.findings.map((f) => f.about).sort()).toEqual(['marker', 'visits', 'ward']);
			for (const f of one.findings) {
				expect(f.effect).toBeLessThan(1);
				expect(f.shared).toBeCloseTo(400 / (400 + 3200), 1);
				expect(f.why).toBeUndefined();
			}
			expect(one.findings.reduce((sum, f) => sum + f.weight!, 0)).toBeCloseTo(1, 9);
			expect(one.reference).toBe((await store.find('modelVersion', 'illness', 1))?.body.runId);
		}
		expect(alarmOf(days, looked).alarm).toBe(false);
	});

	it('shows what moved, from the day on which it did', async () => {
		const days = [0, 1, 2, 3, 4];
		const looked = await look('data', days);
		const moved = of(looked[4], 'marker');
		expect(moved).toMatchObject({ why: expect.stringMatching(/^"marker": The distribution changed: the mean went from 0\.\d+ to 0\.\d+/) });
		expect(moved.pValue).toBeLessThan(1e-12);
		expect(moved.effect).toBeGreaterThan(3);
		expect(moved.weight).toBeGreaterThan(0.5);
		const alarm = alarmOf(days, looked);
		expect(alarm).toMatchObject({ alarm: true, raised: true, since: midnight(4) });
		expect(alarm.causes.map((c) => c.about)).toEqual(['marker']);
	});

	it('shows a column that is gone, and gaps, at once', async () => {
		const [gone, gaps] = await look('data', [5, 6]);
		expect(of(gone, 'visits')).toMatchObject({ pValue: 0, shared: 0, why: expect.stringContaining('gone') });
		expect(of(gaps, 'ward').why).toMatch(/^"ward": Missing values went from 0 % to 20 % of the rows/);
		for (const one of [gone, gaps]) expect(alarmOf([0], [one]).alarm).toBe(true);
		// Where nothing that the model knows is sent any more, it is an alarm about each column, no mistake of whoever looks.
		const [other] = await look('data', [9]);
		expect(other.findings.map((f) => f.pValue)).toEqual([0, 0, 0]);
	});

	it('is looked at by segments as well, each against its own part of the training rows', async () => {
		const [calm, changed] = await look('data', [3, 7], ['ward']);
		expect(new Set(calm.findings.map((f) => f.segment))).toEqual(new Set([undefined, 'ward = north', 'ward = south']));
		expect(of(changed, 'visits', 'ward = north')).toMatchObject({ why: expect.any(String) });
		expect(of(changed, 'visits', 'ward = south').effect).toBeLessThan(1);
		// Half of the training rows are of a ward: that it holds nothing else is no drift of it.
		expect(of(calm, 'ward', 'ward = north').effect).toBeLessThan(1);
		const [unknown] = await look('data', [3], ['planet']);
		expect(unknown.notes).toContainEqual({ code: 'no_segments', text: 'The reference cannot be divided by planet.' });
	});

	it('is compared with rows that somebody chose, where they did', async () => {
		const after = patients(4000, ['no', 'yes']);
		const marker = after.schema.findIndex(({ name }) => name === 'marker');
		const moved = { data: (after.vectors[marker] as { data: Float64Array }).data.map((m) => 0.6 + m / 2) };
		const { id } = await keepDataset(store, 'since March', { ...after, vectors: after.vectors.with(marker, moved) });
		const [usual, changed] = await look('data', [3, 4], [], { reference: 'since March@1' });
		expect([usual, changed].map(({ reference }) => reference)).toEqual([id, id]);
		expect(of(changed, 'marker').effect).toBeLessThan(1);
		expect(of(usual, 'marker').effect).toBeGreaterThan(3);
		const [segmented] = await look('data', [4], ['ward'], { reference: 'since March' });
		expect(of(segmented, 'marker', 'ward = north').effect).toBeLessThan(1);
		await expect(look('data', [4], [], { reference: 'since April' })).rejects.toMatchObject({ code: 'store.not_found' });
	});

	it('waits where too little was asked, and leaves out what failed or nobody saw', async () => {
		const [few, none] = await look('data', [8, 20]);
		expect(few).toMatchObject({
			rows: 20,
			findings: [],
			waiting: expect.stringMatching(/^20\sanswers are too few to compare: it takes at least 100$/),
		});
		expect(none).toMatchObject({ rows: 0, versions: [], waiting: 'nothing was answered in this time' });
		await answersOn(10, 200);
		await answersOn(10, 50, () => ({}), { error: 'It failed.' });
		await answersOn(10, 60, () => ({}), { arm: 'shadow-2' });
		const [left] = await look('data', [10]);
		expect(left.rows).toBe(200);
		expect(left.notes.map((n) => n.text.replaceAll('\u00a0', ' '))).toEqual([
			'50 requests got an error instead of an answer and are left out.',
			'60 answers that nobody saw (of a shadow) are left out.',
		]);
	});
});

describe('what is answered, day by day', () => {
	it('is compared with the answers to the test rows, scores and classes', async () => {
		await answersOn(30, 400);
		await answersOn(31, 400, (row) => ({ ...row, marker: 0.5 + (row['marker'] as number) / 2 }));
		const [, changed] = await look('answers', [30, 31]);
		expect(changed.findings.map((f) => f.about)).toContain('prediction');
		expect(of(changed, 'prediction')).toMatchObject({ why: expect.stringContaining('went from') });
		expect(alarmOf([31], [changed])).toMatchObject({ alarm: true });
	});

	it('can be divided, too', async () => {
		const [divided] = await look('answers', [30], ['ward']);
		expect(divided.findings.map((f) => f.segment)).toEqual(expect.arrayContaining([undefined, 'ward = north', 'ward = south']));
	});
});
