import type { Chart, Mark } from '../../lib/report/charts/chart.js';
import { chartPng, chartSvg, drawChart, svgToPng } from '../../lib/report/charts/draw.js';

const figures = { kind: 'number', title: 'Figures' } as const;
const names = { kind: 'names', names: ['first', 'second', 'third'] } as const;
const chart = (marks: readonly Mark[], change: Partial<Chart> = {}): Chart => ({
	name: 'example',
	title: 'What is seen',
	subtitle: 'How to read it.',
	x: figures,
	y: figures,
	height: 200,
	marks,
	...change,
});

/** One chart for each kind of mark and axis, with texts that have to be there. */
const kinds: Record<string, { chart: Chart; texts: string[]; tips?: string[] }> = {
	'lines with a legend, a note and a guide': {
		chart: chart([
			{ mark: 'guide', from: [0, 0], to: [4, 4] },
			{
				mark: 'line',
				name: 'one',
				points: [
					[0, 1],
					[2, 3],
					[4, 2],
				],
				tips: ['a', 'b', 'c'],
				note: { at: [2, 3], text: 'the best', place: 'above' },
			},
			{
				mark: 'line',
				name: 'other',
				points: [
					[0, 2],
					[4, 3],
				],
			},
		]),
		texts: ['one', 'other', 'the best', 'Figures', '0', '4'],
		tips: ['a', 'b', 'c'],
	},
	'a line with dots, and shares': {
		chart: chart(
			[
				{
					mark: 'line',
					points: [
						[0.1, 0.2],
						[0.8, 0.7],
					],
					color: 'accentMid',
					dots: [0.2, 1],
					tips: ['few', 'many'],
				},
			],
			{
				x: { kind: 'number', title: 'Promised', unit: 'share', from: 0, to: 1 },
				y: { kind: 'number', title: 'Happened', unit: 'share' },
			},
		),
		texts: ['Promised', 'Happened', '0 %', '60 %', '100 %'],
		tips: ['few', 'many'],
	},
	'lying bars with labels and a limit': {
		chart: chart(
			[
				{
					mark: 'bars',
					series: [{ values: [3, 2, 1], color: ['accent', 'accentSoft', 'line'] }],
					labels: ['three', 'two', 'one'],
					tips: ['x', 'y', 'z'],
				},
				{ mark: 'limit', x: 1, behind: true },
			],
			{ y: names, x: { kind: 'number', title: 'Times', unit: 'times', from: 0, to: 3, most: 3 }, right: 80, height: undefined },
		),
		texts: ['first', 'third', 'three', 'two', 'one', 'Times', '3×+'],
		tips: ['x', 'y', 'z'],
	},
	'groups of bars on bins': {
		chart: chart(
			[
				{
					mark: 'bars',
					series: [
						{ name: 'then', values: [1, 2], color: 'accentSoft' },
						{ name: 'now', values: [3, 1], color: 'accent' },
					],
					tips: ['rose', 'fell'],
				},
			],
			{ x: { kind: 'bins', title: 'Size', edges: [0, 1500, 3_000_000] } },
		),
		texts: ['then', 'now', 'Size', '0', '1500'],
		tips: ['rose', 'fell'],
	},
	'bins of dates': {
		chart: chart([{ mark: 'bars', series: [{ values: [1, 2], color: 'accentMid' }] }], {
			x: { kind: 'bins', title: 'When', edges: [0, 86_400_000, 172_800_000], dates: true },
		}),
		texts: ['1 Jan 1970', '2 Jan 1970'],
	},
	'dots with intervals': {
		chart: chart(
			[
				{
					mark: 'dots',
					size: 9,
					points: [
						[1, 0],
						[2, 1],
						[3, 2],
					],
					tips: ['p', 'q', 'r'],
				},
				{
					mark: 'intervals',
					rows: [
						{ low: 0.5, high: 1.5, label: 'wide' },
						{ low: 2, high: 2, label: 'none' },
						{ low: 2, high: 3.5 },
					],
				},
			],
			{ y: names, x: { ...figures, free: true }, height: undefined },
		),
		texts: ['first', 'wide', 'none'],
		tips: ['p', 'q', 'r'],
	},
	'cells below slanted names': {
		chart: chart([{ mark: 'cells', scale: 'signed', values: [[1, -1, 0]], texts: [['up', 'down', '']], tips: [['t', null, 'u']] }], {
			x: { ...names, slanted: true, title: 'Across' },
			y: { kind: 'names', names: ['row'], title: 'Down' },
			height: undefined,
		}),
		texts: ['up', 'down', 'row', 'Across', 'Down', 'second'],
		tips: ['t', 'u'],
	},
	'boxes with edges': {
		chart: chart(
			[
				{
					mark: 'boxes',
					boxes: [
						{ at: [0, 0.5], lines: ['size', 'below 3?', '100 %'], look: { tinted: true, open: false }, tip: 'root' },
						{
							at: [1, 0],
							lines: ['2', '40 %'],
							look: { tinted: false, open: false },
							edge: { from: [0, 0.5], text: 'yes', above: true, weight: 0.4 },
						},
						{
							at: [1, 1],
							lines: ['5', '60 %'],
							look: { tinted: false, open: true },
							edge: { from: [0, 0.5], text: 'no', above: false, weight: 0.6 },
						},
					],
				},
			],
			{ x: { kind: 'bare', from: -0.5, to: 1.5 }, y: { kind: 'bare', from: -0.5, to: 1.5 } },
		),
		texts: ['size', 'below 3?', '40 %', 'yes', 'no'],
		tips: ['root'],
	},
};

const textsOf = (svg: string): string[] => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((m) => m[1]);
/** Width and height from a PNG's header. */
const size = (png: Buffer) => [png.readUInt32BE(16), png.readUInt32BE(20)];

describe.each(Object.entries(kinds))('%s', (_, { chart: made, texts, tips = [] }) => {
	it('is drawn from plain data, the same every time', async () => {
		const svg = await chartSvg(made);
		expect(await chartSvg(JSON.parse(JSON.stringify(made)) as Chart)).toBe(svg);
		expect(textsOf(svg)).toEqual(expect.arrayContaining(['What is seen', 'How to read it.', ...texts]));
		expect(svg).not.toMatch(/NaN|undefined|Infinity|zr\d+-|ecmeta|<style/);
	});

	it('is a sharp picture, and has its tips inside on a wide screen and on a phone', async () => {
		const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(await chartSvg(made)) as unknown as [string, string, string];
		const png = await chartPng(made);
		expect(png.subarray(1, 4).toString()).toBe('PNG');
		expect(size(png)).toEqual([2 * Number(width), 2 * Number(height)]);
		for (const wide of [600, 340]) {
			const drawn = await drawChart(made, wide);
			expect(drawn.width).toBe(wide);
			expect(drawn.alt).toBe('What is seen. How to read it.');
			expect(textsOf(drawn.svg)).not.toContain('What is seen');
			expect(drawn.tips.map((t) => t.text)).toEqual(tips);
			for (const { x, y } of drawn.tips) {
				expect(x > 0 && x < wide).toBe(true);
				expect(y > 0 && y < drawn.height).toBe(true);
			}
		}
	});
});

it('a tip lies where its mark is: on the point, at the end of the bar, on the longest of a group', async () => {
	const scale = { kind: 'number', title: '', from: 0, to: 10 } as const;
	const tipsOf = async (mark: Mark, axes: Partial<Chart> = {}) => (await drawChart(chart([mark], { x: scale, y: scale, ...axes }))).tips;
	const points = await tipsOf({
		mark: 'dots',
		size: 6,
		points: [
			[0, 0],
			[5, 5],
			[10, 10],
		],
		tips: ['a', 'b', 'c'],
	});
	expect(points[1].x).toBeCloseTo((points[0].x + points[2].x) / 2, 0);
	expect(points[1].y).toBeCloseTo((points[0].y + points[2].y) / 2, 0);
	const lying = await tipsOf({ mark: 'bars', series: [{ values: [10, 5, 0], color: 'accent' }], tips: ['a', 'b', 'c'] }, { y: names });
	expect(lying[1].x).toBeCloseTo((lying[0].x + lying[2].x) / 2, 0);
	expect(lying[0].y).toBeLessThan(lying[2].y);
	const [group] = await tipsOf(
		{
			mark: 'bars',
			series: [
				{ values: [10], color: 'accent' },
				{ values: [1], color: 'accentSoft' },
			],
			tips: ['a'],
		},
		{ x: { kind: 'bins', title: '', edges: [0, 1] } },
	);
	expect(group.y).toBeCloseTo(points[2].y, 0);
});

it('a limit among bins lies at its place, not in the middle of a bin, and a legend has the colour of its bars', async () => {
	const bins = { x: { kind: 'bins' as const, title: 'Score', edges: [0, 1, 2, 3] } };
	const bars: Mark = { mark: 'bars', series: [{ name: 'rows', values: [1, 2, 3], color: ['accentMid', 'accentMid', 'bad'] }] };
	const [left, right, between] = await Promise.all(
		[-0.5, 2.5, 0.25].map(async (x) => {
			const svg = await chartSvg(chart([bars, { mark: 'limit', x }], bins));
			expect(svg).toContain('#8496e8');
			expect(svg).not.toContain('#5070dd');
			return Number(/<path d="M([\d.]+) [^>]*stroke-dasharray/.exec(svg)![1]);
		}),
	);
	expect((between - left) / (right - left)).toBeCloseTo(0.25, 2);
	expect(await chartSvg(chart([bars, { mark: 'limit', x: 7 }], bins))).not.toContain('stroke-dasharray');
});

it.each<[string, Chart]>([
	['bars', chart([{ mark: 'bars', series: [{ values: [], color: 'accent' }], labels: [], tips: [] }], { y: { kind: 'names', names: [] } })],
	['a line', chart([{ mark: 'line', points: [] }])],
	['one point', chart([{ mark: 'line', points: [[1, 1]] }])],
	[
		'dots',
		chart([
			{ mark: 'dots', size: 6, points: [] },
			{ mark: 'limit', y: 0 },
		]),
	],
	['cells', chart([{ mark: 'cells', scale: 'share', values: [] }], { x: { kind: 'names', names: [] }, y: { kind: 'names', names: [] } })],
	['no marks', chart([])],
])('%s without data are an empty drawing with its titles', async (_, empty) => {
	const svg = await chartSvg(empty);
	expect(textsOf(svg)).toContain('What is seen');
	expect(svg).not.toMatch(/NaN|undefined|Infinity/);
});

it('many lines that say no colour have one each, as long as there are colours', async () => {
	const svg = await chartSvg(
		chart(
			Array.from({ length: 6 }, (_, i) => ({
				mark: 'line',
				points: [
					[0, i],
					[1, i + 1],
				],
			})),
		),
	);
	const strokes = new Set([...svg.matchAll(/stroke="(#\w+)" stroke-width="2.5"/g)].map((m) => m[1]));
	expect(strokes.size).toBe(6);
});

it('text does not depend on fonts of the machine', async () => {
	const svg = (text: string, family: string) =>
		`<svg xmlns="http://www.w3.org/2000/svg" width="300" height="40"><text x="5" y="25" font-family="${family}" font-size="18">${text}</text></svg>`;
	const blank = await svgToPng(svg('', 'Inter'), 300);
	for (const text of ['Delay', 'Łódź ñ', 'Ελλάδα', 'Москва', '≥ 70 % · ×']) {
		expect((await svgToPng(svg(text, 'Inter'), 300)).equals(blank)).toBe(false);
		// Another family falls back to the shipped font: no other is loaded for these scripts.
		expect((await svgToPng(svg(text, 'No Such Font'), 300)).equals(await svgToPng(svg(text, 'Inter'), 300))).toBe(true);
	}
});

it('hostile names stay text, and names of any length fit', async () => {
	const bad = '</text><script>alert(1)</script>\u0000\u202e"\'&';
	for (const name of [bad, 'n'.repeat(5000), '', '日本語', '😀'.repeat(100)]) {
		const bars = { mark: 'bars', series: [{ name, values: [1], color: 'accent' }], labels: [name], tips: [name] } as const;
		const along = { kind: 'names', names: [name], title: name } as const;
		for (const [x, y] of [
			[{ ...figures, title: name }, along],
			[
				{ ...along, slanted: true, letters: 12 },
				{ ...figures, title: name },
			],
		] as const) {
			const made = chart([bars], { title: name, subtitle: name, x, y });
			const svg = await chartSvg(made);
			expect(svg).not.toContain('<script');
			expect(svg.isWellFormed()).toBe(true);
			expect(svg.length).toBeLessThan(60_000);
			await expect(svgToPng(svg, 600)).resolves.toBeInstanceOf(Buffer);
			expect((await drawChart(made, 340)).tips[0].text.length).toBeLessThanOrEqual(400);
		}
	}
});

it('texts called like what every object has are drawn as they are, and change no object', async () => {
	const inherited = Object.getOwnPropertyNames(Object.prototype);
	const all = [...inherited, 'a constructor of __proto__s'];
	for (let i = 0; i < 2; i++) {
		const svg = await chartSvg(
			chart(
				[{ mark: 'bars', series: inherited.slice(0, 3).map((name) => ({ name, values: all.map((_, k) => k), color: 'accent' as const })) }],
				{
					y: { kind: 'names', names: all, letters: 40, row: 40 },
					height: undefined,
				},
			),
		);
		for (const name of all) expect(svg).toContain(name);
	}
	const keys: string[] = [];
	for (const key in {}) keys.push(key);
	expect(keys).toEqual([]);
	for (const name of inherited) expect(Object.keys((Object.prototype as unknown as Record<string, object>)[name] ?? {})).toEqual([]);
});

it('figures however small lie where larger ones do, and are written as they are', async () => {
	const free = { ...figures, free: true } as const;
	const tips = ['a', 'b', 'c'];
	const sized = (size: number): Chart[] => {
		const points = [1, 2, 4].map((v) => [v * size, -v * size] as const);
		const rows = [1, 2, 4].map((v) => ({ low: -v * size, high: v * size }));
		return [
			chart(
				[
					{ mark: 'dots', points, size: 8, tips },
					{ mark: 'guide', from: [0, 0], to: [4 * size, -4 * size] },
					{ mark: 'limit', x: 2 * size },
				],
				{ x: free, y: free },
			),
			chart([{ mark: 'line', points, tips, note: { at: points[1], text: 'here', place: 'above' } }]),
			chart([{ mark: 'bars', series: [{ values: [1, 2, 4].map((v) => v * size), color: 'accent' }], tips }], { y: names }),
			chart([{ mark: 'intervals', rows }], { x: { ...free, from: -4 * size, to: 4 * size }, y: names }),
		];
	};
	const drawn = async (charts: Chart[]) => await Promise.all(charts.map(async (one) => await drawChart(one)));
	// Those are as wide in words.
	const usual = await drawn(sized(1e-10));
	for (const exponent of [-13, -25, -99]) {
		const small = await drawn(sized(10 ** exponent));
		expect(small.map((d) => d.tips)).toEqual(usual.map((d) => d.tips));
		for (const { svg } of small) expect(svg).toMatch(new RegExp(`[24]\\.0e${exponent}<`));
	}
});
