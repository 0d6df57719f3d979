import type { Finding } from '../../lib/domain/monitor.js';
import { columnsByDays } from '../../lib/report/columnsByDays.js';
import { chartSvg } from '../../lib/report/charts/draw.js';
import { columnsByDaysPanel } from '../../lib/report/panels/watch/columnsByDays.js';
import { sectionsOf } from '../../lib/report/panels/panel.js';

const at = (day: number): string => new Date(Date.UTC(2026, 4, 1 + day)).toISOString();
const found = (about: string, effect: number, weight: number, more: Partial<Finding> = {}): Finding => ({
	about,
	value: effect / 10,
	effect,
	weight,
	...more,
});
const window = (day: number, findings: Finding[]) => ({ from: at(day), until: at(day + 1), findings });

const windows = [
	window(1, [
		found('age', 0.2, 0.1),
		found('ward', 2.5, 0.6, { why: '"ward": it changed.' }),
		found('age', 0.1, 0.01, { segment: 'north' }),
	]),
	window(0, [found('age', 0.3, 0.2), found('ward', 0.1, 0.1), { about: 'auc', value: 0.7 }]),
	window(2, [found('ward', 4, 0.9, { why: '"ward": it changed.' })]),
];

it('has a row for each column, by importance times drift, and a place for each window in the order of time', () => {
	expect(columnsByDays(windows)).toEqual({
		windows: [0, 1, 2].map((day) => ({ from: at(day), until: at(day + 1) })),
		columns: [
			{ about: 'ward', changes: [0.1, 2.5, 4], why: [null, '"ward": it changed.', '"ward": it changed.'] },
			{ about: 'age', changes: [0.3, 0.2, null], why: [null, null, null] },
			{ about: 'age', segment: 'north', changes: [null, 0.1, null], why: [null, null, null] },
		],
		leftOut: 0,
	});
	expect(columnsByDays(windows, 1)).toMatchObject({ columns: [{ about: 'ward' }], leftOut: 2 });
});

it('is a chart of shades in reports, which says what is off now', async () => {
	const [section] = sectionsOf([columnsByDaysPanel], { watch: 'data', windows: [...windows].sort((a, b) => (a.from < b.from ? -1 : 1)) });
	expect(section.title).toBe('Which columns, and when');
	const [chart] = section.charts!;
	expect(chart.title).toBe('In the last window, ward is off');
	expect(chart.marks).toMatchObject([
		{
			mark: 'cells',
			values: [
				[0.1 / 3, 2.5 / 3, 1],
				[0.3 / 3, 0.2 / 3, 0],
				[0, 0.1 / 3, 0],
			],
		},
	]);
	const svg = await chartSvg(chart);
	for (const text of ['ward', 'age (north)', '1 May 2026', '3 May 2026']) expect(svg).toContain(text);
	// A single window, or one of other figures, has no such table.
	expect(sectionsOf([columnsByDaysPanel], { watch: 'data', windows: windows.slice(0, 1) })).toEqual([]);
	expect(sectionsOf([columnsByDaysPanel], { watch: 'quality', windows })).toEqual([]);
});
