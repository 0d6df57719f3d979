import type { Finding } from '../../../lib/domain/monitor.js';
import { AlarmProcess, alarmOver, type SeenWindow } from '../../../lib/monitor/alarm/alarm.js';
import { eValue, givenReference, referenceBound } from '../../../lib/monitor/alarm/evidence.js';
import { mulberry32 } from '../../../lib/domain/random.js';

const DAYS = { falseAlarmsAYear: 1, windowsAYear: 365 };
const day = (i: number): string => new Date(Date.UTC(2026, 0, 1 + i)).toISOString();
const windowOf = (i: number, findings: Finding[], more: Partial<SeenWindow> = {}): SeenWindow => ({
	from: day(i),
	until: day(i + 1),
	findings,
	...more,
});
const column = (about: string, pValue: number, more: Partial<Finding> = {}): Finding => ({ about, value: 0, pValue, ...more });
/** Days of some columns, each day's p-values from `p`. */
const history = (days: number, columns: number, p: (day: number, column: number) => number): SeenWindow[] =>
	Array.from({ length: days }, (_, i) =>
		windowOf(
			i,
			Array.from({ length: columns }, (__, k) => column(`c${k}`, p(i, k))),
		),
	);

describe('e-values', () => {
	it('are those of Vovk and Wang, and of mean one', () => {
		// scipy 1.17.1: integrate.quad(lambda k: k * p ** (k - 1), 0, 1)
		for (const [p, e] of [
			[0.001, 20.79113],
			[0.05, 1.78332],
			[0.5, 0.63867],
		])
			expect(eValue(p)).toBeCloseTo(e, 3);
		let mean = 0;
		const n = 400_000;
		for (let i = 0; i < n; i++) mean += eValue((i + 0.5) / n) / n;
		expect(mean).toBeLessThanOrEqual(1);
		expect(mean).toBeGreaterThan(0.9);
		expect(Number.isFinite(eValue(0))).toBe(true);
	});

	it('know that the reference is a sample: what it explains is no evidence', () => {
		// Of 1,000 rows against 1,000 half of the chance is the reference's; with 100 columns it may well be 3.5 standard errors off.
		expect(referenceBound(100)).toBeCloseTo(3.480756, 5); // scipy 1.17.1: norm.isf(0.025 / 100)
		expect(givenReference(0.02, 0.5, referenceBound(100))).toBe(1);
		// scipy 1.17.1: 2 * norm.sf((norm.isf(5e-5) - 0.3 * 3) / 0.91 ** 0.5)
		expect(givenReference(1e-4, 0.09, 3)).toBeCloseTo(0.00171859, 6);
		expect(givenReference(1e-4, 0, 3)).toBe(1e-4);
		expect(givenReference(0.3, 1, 3)).toBe(1);
	});
});

describe('alarms', () => {
	it('say nothing of p-values as chance makes them, and see a change of one column among a hundred', () => {
		const random = mulberry32(7);
		const quiet = history(365, 100, () => random());
		expect(alarmOver(quiet, DAYS)).toEqual({ alarm: false, raised: false, ended: false, causes: [], judged: 365, summary: '' });
		const changed = history(12, 100, (i, k) => (k === 17 && i >= 5 ? 1e-4 : 0.2 + 0.6 * random()));
		const alarm = alarmOver(changed, DAYS);
		expect(alarm).toMatchObject({ alarm: true, since: day(5), summary: 'Since 6 January 2026, "c17" is not as before.' });
		expect(alarm.causes).toMatchObject([{ about: 'c17', since: day(5), share: 1 }]);
	});

	it('are raised once, stay while it lasts, end after calm days, and can come again', () => {
		const p = (i: number): number => (i < 10 || (i >= 20 && i < 60) || i >= 80 ? 0.5 : 1e-6);
		const process = new AlarmProcess(DAYS);
		const seen = history(100, 3, (i) => p(i)).map((w) => process.see(w));
		expect(seen.flatMap((a, i) => (a.raised ? [i] : []))).toEqual([10, 60]);
		const ended = seen.flatMap((a, i) => (a.ended ? [i] : []));
		expect(ended).toHaveLength(2);
		expect(ended[0]).toBeGreaterThanOrEqual(26);
		expect(ended[0]).toBeLessThanOrEqual(31);
		expect(seen.map((a) => a.alarm).filter(Boolean)).toHaveLength(ended[0] - 10 + (ended[1] - 60));
	});

	it('take in what joins, and let go of what is over, as one alarm', () => {
		const p = (i: number, k: number): number => ((k === 0 && i >= 5 && i < 20) || (k === 1 && i >= 15) ? 1e-9 : 0.6);
		const process = new AlarmProcess(DAYS);
		const seen = history(40, 20, p).map((w) => process.see(w));
		expect(seen.filter((a) => a.raised)).toHaveLength(1);
		expect(seen[5].causes.map((c) => [c.about, c.fresh])).toEqual([['c0', true]]);
		expect(seen[15].causes.map((c) => [c.about, c.since, c.fresh])).toEqual([
			['c0', day(5), false],
			['c1', day(15), true],
		]);
		expect(seen[39].causes.map((c) => c.about)).toEqual(['c1']);
		expect(seen[39]).toMatchObject({ alarm: true, since: day(15), raisedAt: day(6) });
	});

	it('go by many small changes together, and name those that stand out', () => {
		const one = history(4, 100, (_, k) => (k < 1 ? 0.004 : 0.7));
		const many = history(4, 100, (_, k) => (k < 50 ? 0.004 : 0.7));
		expect(alarmOver(one, DAYS).alarm).toBe(false);
		const alarm = alarmOver(many, DAYS);
		expect(alarm.alarm).toBe(true);
		expect(alarm.causes).toHaveLength(50);
		expect(alarm.summary).toBe('Since 1 January 2026, "c0", "c1", "c10" and 47 more are not as before.');
	});

	it('pass over what is certain but too small to matter', () => {
		const small = Array.from({ length: 400 }, (_, i) => windowOf(i, [column('age', 1e-12, { effect: 0.4 })]));
		expect(alarmOver(small, DAYS).alarm).toBe(false);
		const large = small.map((w) => ({ ...w, findings: [column('age', 1e-12, { effect: 1.2, why: 'The mean went from 40 to 46.' })] }));
		expect(alarmOver(large, DAYS).summary).toBe('Since 1 January 2026, "age" is not as before. The mean went from 40 to 46.');
	});

	it('see a p-value of 0 at once, also among thousands of columns', () => {
		expect(
			alarmOver(
				history(1, 20_000, (_, k) => (k === 3 ? 0 : 0.8)),
				DAYS,
			),
		).toMatchObject({ alarm: true, raised: true });
	});

	it('hear nothing from windows that wait, are missing, or have nothing that was tested', () => {
		const windows = [
			windowOf(0, [column('auc', 1e-3)]),
			windowOf(1, [column('auc', 1e-9)], { verdict: 'waiting' }),
			windowOf(2, [column('auc', 1e-9)], { verdict: 'unknown' }),
			windowOf(40, [{ about: 'auc', value: 0.8 }]),
			windowOf(41, [column('auc', NaN)]),
			windowOf(42, [column('brier', 0, { weight: 0 })]),
		];
		const alone = alarmOver(windows.slice(0, 1), DAYS);
		expect(alarmOver(windows, DAYS)).toEqual(alone);
		const raised = [...windows, windowOf(50, [column('auc', 1e-9)])];
		expect(alarmOver(raised, DAYS)).toMatchObject({ alarm: true, raised: true, since: day(0) });
		// While the next window waits, it goes on being an alarm, but is not raised again.
		expect(alarmOver([...raised, windowOf(51, [], { verdict: 'waiting' })], DAYS)).toMatchObject({ alarm: true, raised: false });
	});

	it('begin anew with another reference', () => {
		const old = Array.from({ length: 9 }, (_, i) => windowOf(i, [column('age', 1e-6)], { reference: 'run-1' }));
		expect(alarmOver(old, DAYS).alarm).toBe(true);
		const now = [...old, windowOf(9, [column('age', 0.4)], { reference: 'run-2' })];
		expect(alarmOver(now, DAYS)).toMatchObject({ alarm: false, ended: true, judged: 1 });
		const still = [...old, windowOf(9, [column('age', 0)], { reference: 'run-2' })];
		expect(alarmOver(still, DAYS)).toMatchObject({ alarm: true, raised: true, ended: true, judged: 1, since: day(9) });
	});

	it('do not last for a part of the answers that is no more', () => {
		const there = Array.from({ length: 5 }, (_, i) => windowOf(i, [column('age', 1e-6, { segment: 'north' }), column('age', 0.4)]));
		expect(alarmOver(there, DAYS).summary).toBe('Since 1 January 2026, "age" (north) is not as before.');
		const gone = Array.from({ length: 7 }, (_, i) => windowOf(5 + i, [column('age', 0.4)]));
		expect(alarmOver([...there, ...gone], DAYS).alarm).toBe(false);
	});

	it('are the same whatever the order in which windows are told, and count a window once', () => {
		const random = mulberry32(3);
		const windows = history(30, 10, (i, k) => (k < 2 && i > 20 ? 1e-3 : random()));
		const expected = alarmOver(windows, DAYS);
		expect(alarmOver([...windows].reverse(), DAYS)).toEqual(expected);
		const twice = [windowOf(25, [column('c0', 0.9)]), ...windows];
		expect(alarmOver(twice, DAYS)).toEqual(expected);
	});

	it('need more where fewer false alarms are allowed', () => {
		const windows = history(3, 10, (_, k) => (k === 0 ? 1e-3 : 0.7));
		expect(alarmOver(windows, { falseAlarmsAYear: 4, windowsAYear: 52 }).alarm).toBe(true);
		expect(alarmOver(windows, { falseAlarmsAYear: 0.01, windowsAYear: 8760 }).alarm).toBe(false);
		expect(() => new AlarmProcess({ falseAlarmsAYear: 0, windowsAYear: 365 })).toThrow(RangeError);
	});
});
