import { buildReference, driftParams, driftReport } from '../../../lib/monitor/index.js';
import { mulberry32 } from '../../../lib/domain/random.js';
import { silentContext } from '../../../lib/domain/progress.js';
import type { ColumnSchema } from '../../../lib/domain/column.js';
import type { Finding } from '../../../lib/domain/monitor.js';
import { AlarmProcess, alarmOver, type Alarm, type SeenWindow } from '../../../lib/monitor/alarm/alarm.js';
import { findingOf } from '../../../lib/monitor/findings.js';
import { frameOf } from '../../data/frames.js';

const OPTIONS = { falseAlarmsAYear: 1, windowsAYear: 365 };
const at = (day: number): string => new Date(Date.UTC(2026, 0, 5 + day)).toISOString();
const day = (n: number, findings: Finding[], more: Partial<SeenWindow> = {}): SeenWindow => ({
	from: at(n),
	until: at(n + 1),
	findings,
	...more,
});
const column = (pValue: number, more: Partial<Finding> = {}): Finding => ({ about: 'age', value: 0, pValue, ...more });
const days = (n: number, of: (day: number) => Finding[]): SeenWindow[] => Array.from({ length: n }, (_, i) => day(i, of(i)));
const seen = (windows: readonly SeenWindow[]): Alarm[] => {
	const process = new AlarmProcess(OPTIONS);
	return windows.map((w) => process.see(w));
};
const raised = (windows: readonly SeenWindow[]): number => seen(windows).filter((a) => a.raised).length;

/** What a comparison of rows makes of each column. */
async function findings(before: Record<string, Array<number | string | null>>, now: typeof before): Promise<Finding[]> {
	const frames = [before, now].map((values) =>
		frameOf(
			Object.entries(values).map(
				([name, [, first]]): ColumnSchema => ({ name, type: typeof first === 'string' ? 'category' : 'number', role: 'feature' }),
			),
			values as never,
		),
	);
	const { columns } = await driftReport(buildReference(frames[0]), frames[1], driftParams.parse({}), silentContext());
	const rows = { reference: frames[0].rows, current: frames[1].rows };
	return columns.map((c) => findingOf(c, { rows, minMissing: 0.02, importance: 1, dead: false }));
}

it('passes over what is certain and tiny', () => {
	expect(raised(days(365, () => [column(0, { effect: 0.3 })]))).toBe(0);
});

it('bears a hundred columns a day, also where all of them say the same', () => {
	const random = mulberry32(11);
	const years = 20;
	let apart = 0;
	let alike = 0;
	for (let year = 0; year < years; year++) {
		if (year < 2) apart += raised(days(365, () => Array.from({ length: 100 }, (_, k) => column(random(), { about: `c${k}` }))));
		alike += raised(
			days(365, () => {
				const p = random();
				return Array.from({ length: 5 }, (_, k) => column(p, { about: `c${k}` }));
			}),
		);
	}
	expect(apart).toBeLessThanOrEqual(2);
	expect(alike).toBeLessThanOrEqual(years);
});

it('hears nothing from a window with a single row', () => {
	const calm = days(5, () => [column(0.4)]);
	expect(alarmOver([...calm, day(5, [column(0)], { verdict: 'waiting' })], OPTIONS)).toEqual(alarmOver(calm, OPTIONS));
});

it('raises nothing for one odd column on one day', () => {
	const windows = days(60, (n) => Array.from({ length: 100 }, (_, k) => column(n === 30 && k === 5 ? 1e-4 : 0.6, { about: `c${k}` })));
	expect(raised(windows)).toBe(0);
});

it('is one alarm where a figure dances around its limit, and no single calm look ends it', () => {
	const dancing = seen(days(60, (n) => [column(n % 2 ? 0.7 : 1e-4)]));
	expect(dancing.filter((a) => a.raised)).toHaveLength(1);
	expect(dancing.at(-1)!.alarm).toBe(true);
	const pause = seen(days(20, (n) => [column(n === 10 ? 0.9 : 1e-4)]));
	expect(pause.filter((a) => a.raised || a.ended)).toHaveLength(1);
	const over = seen(days(20, (n) => [column(n < 10 ? 1e-4 : 0.9)]));
	expect(over.filter((a) => a.ended)).toHaveLength(1);
});

it('puts nothing down to the world that a reference off by chance explains', () => {
	// 1,000 rows against 1,000: two standard errors every day are the reference's bad luck.
	expect(raised(days(365, () => [column(0.046, { shared: 0.5, effect: 1.2 })]))).toBe(0);
	// Of a reference that is known exactly they would be a change.
	expect(raised(days(365, () => [column(0.046, { shared: 0, effect: 1.2 })]))).toBe(1);
});

it('is one alarm where weekends are another world, and none by weeks', () => {
	const byDays = days(364, (n) => [column(n % 7 >= 5 ? 1e-12 : 0.6, { effect: n % 7 >= 5 ? 2 : 0.2 })]);
	expect(raised(byDays)).toBe(1);
	const weeks = days(52, () => [column(0.5, { effect: 0.3 })]);
	expect(alarmOver(weeks, { falseAlarmsAYear: 1, windowsAYear: 52 }).alarm).toBe(false);
});

it('can end again after a p-value of 0, and stays while nobody hears anything', () => {
	const windows = [day(0, [column(0)]), ...[1, 2, 3].map((n) => day(n, [column(0)])), day(9, [column(0)])];
	expect(alarmOver(windows, OPTIONS)).toMatchObject({ alarm: true, since: at(0) });
	expect(alarmOver([...windows, ...[40, 41].map((n) => day(n, [], { verdict: 'waiting' }))], OPTIONS).alarm).toBe(true);
	expect(alarmOver([...windows, ...Array.from({ length: 7 }, (_, i) => day(10 + i, [column(0.8)]))], OPTIONS).alarm).toBe(false);
});

it('sees gaps where the values that are there look as before, and nothing in a column of one value', async () => {
	const numbers = Array.from({ length: 2000 }, (_, i) => (i * 37) % 100);
	const gaps = numbers.slice(0, 500).map((x, i) => (i % 5 === 0 ? null : x));
	const ones = numbers.map(() => 1);
	const [age, one] = await findings({ age: numbers, one: ones }, { age: gaps, one: ones.slice(0, 500) });
	expect(age.effect).toBeGreaterThan(5);
	expect(alarmOver([day(0, [age, one])], OPTIONS)).toMatchObject({ alarm: true, causes: [{ about: 'age' }] });
	expect(one).toMatchObject({ pValue: 1, effect: 0 });
});

it('begins anew when the model was trained on the changed world', () => {
	const before = days(5, () => [column(0)]).map((w) => ({ ...w, reference: 'run-1' }));
	expect(alarmOver([...before, day(5, [column(0.5)], { reference: 'run-2' })], OPTIONS)).toMatchObject({ alarm: false, ended: true });
});
