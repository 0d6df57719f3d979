import { ACCENT_SCALE, COLOR, FONT, SERIES, SIGNED_SCALE } from '../theme.js';
import type { Part } from './axes.js';
import type {
	BarsMark,
	BoxesMark,
	CellsMark,
	Chart,
	DotsMark,
	GuideMark,
	IntervalsMark,
	LimitMark,
	LineMark,
	Mark,
	Point,
} from './chart.js';
import { rowHeight } from './axes.js';

/** A text that belongs to a place. */
export interface Tip {
	at: Point;
	text: string;
}

/** What a mark adds to an ECharts option. */
interface Drawing {
	series: Part[];
	tips?: Tip[];
	/** Names for the legend. */
	names?: string[];
	visualMap?: Part;
}

/** Gives custom series the pixels of a place. */
interface Api {
	coord(point: readonly number[]): number[];
}

const tipsAt = (places: readonly Point[], texts: ReadonlyArray<string | null> = []): Tip[] =>
	places.flatMap((at, i) => {
		const text = texts[i] ?? null;
		return text === null ? [] : [{ at, text }];
	});

/** A place on a line with its word. */
function noteOf({ at, text, place, end }: NonNullable<LineMark['note']>): Part {
	const position = { right: 'right', above: 'top', below: 'bottom' }[place];
	return {
		symbol: 'circle',
		symbolSize: 10,
		itemStyle: { color: COLOR.paper, borderColor: COLOR.accentDark, borderWidth: 3 },
		label: {
			show: true,
			formatter: text,
			position,
			...(place === 'right' ? { offset: [4, 12] } : { distance: 8 }),
			...(end ? { align: 'right' } : {}),
			color: COLOR.ink,
			fontSize: 12,
		},
		data: [{ coord: at }],
	};
}

function line(mark: LineMark, chart: Chart): Drawing {
	const uncoloured = chart.marks.filter((m) => m.mark === 'line' && m.color === undefined);
	const color = mark.color ? COLOR[mark.color] : SERIES[uncoloured.indexOf(mark) % SERIES.length];
	const { dots } = mark;
	return {
		names: mark.name === undefined ? [] : [mark.name],
		tips: tipsAt(mark.points, mark.tips),
		series: [
			{
				type: 'line',
				silent: true,
				data: mark.points,
				...(mark.name === undefined ? {} : { name: mark.name }),
				lineStyle: { color, width: mark.width ?? 2.5 },
				...(dots
					? {
							symbol: 'circle',
							showAllSymbol: true,
							symbolSize: (_: unknown, at: { dataIndex: number }) => 6 + 12 * Math.sqrt(dots[at.dataIndex]),
							itemStyle: { color: COLOR.accent, borderColor: COLOR.paper, borderWidth: 1.5 },
						}
					: { showSymbol: mark.points.length === 1, itemStyle: { color } }),
				...(mark.filled ? { areaStyle: { color: COLOR.accentPale, opacity: 0.7 } } : {}),
				...(mark.note ? { markPoint: noteOf(mark.note) } : {}),
			},
		],
	};
}

const guide = ({ from, to }: GuideMark): Drawing => ({
	series: [
		{
			type: 'line',
			silent: true,
			data: [from, to],
			showSymbol: false,
			lineStyle: { color: COLOR.neutral, width: 1.5, type: 'dashed' },
		},
	],
});

/** A line across at a place between two bins, which ECharts would move to the middle of one. */
const limitAmongBins = (x: number): Part => ({
	type: 'custom',
	silent: true,
	data: [[0, 0]],
	renderItem: ({ coordSys: box }: { coordSys: { x: number; y: number; width: number; height: number } }, api: Api) => {
		const [first, second] = [0, 1].map((bin) => api.coord([bin, 0])[0]);
		const at = first + (second - first) * x;
		if (at < box.x - 0.5 || at > box.x + box.width + 0.5) return undefined;
		return {
			type: 'line',
			shape: { x1: at, y1: box.y, x2: at, y2: box.y + box.height },
			style: { stroke: LIMIT.color, lineWidth: LIMIT.width, lineDash: [4, 3] },
		};
	},
});

const LIMIT = { color: COLOR.ink, type: 'dashed', width: 1.2 };

const limit = ({ x, y, behind }: LimitMark, chart: Chart): Drawing => ({
	series: [
		x !== undefined && chart.x.kind === 'bins'
			? limitAmongBins(x)
			: {
					type: 'scatter',
					silent: true,
					data: [],
					markLine: {
						silent: true,
						symbol: 'none',
						label: { show: false },
						lineStyle: LIMIT,
						data: [x === undefined ? { yAxis: y } : { xAxis: x }],
						...(behind ? { z: 1 } : {}),
					},
				},
	],
});

function bars(mark: BarsMark, chart: Chart): Drawing {
	const lying = chart.y.kind === 'names';
	const groups = mark.series.length;
	const round = groups > 1 ? 2 : 3;
	const borderRadius = lying ? [0, 4, 4, 0] : [round, round, 0, 0];
	const { labels } = mark;
	const limited = chart.marks.some((m) => m.mark === 'limit');
	const label = labels && {
		show: true,
		position: lying ? 'right' : 'top',
		...(mark.strong ? { color: COLOR.ink, fontSize: 13, fontWeight: 600 } : { color: COLOR.soft, fontSize: 12 }),
		// A dashed line may pass behind it.
		...(limited ? { backgroundColor: COLOR.paper, padding: [1, 3] } : {}),
		formatter: (at: { dataIndex: number }) => labels[at.dataIndex],
	};
	const longest = (mark.series[0]?.values ?? []).map((_, i) => Math.max(...mark.series.map((s) => s.values[i])));
	return {
		names: mark.series.flatMap((s) => (s.name === undefined ? [] : [s.name])),
		tips: tipsAt(
			longest.map((value, i): Point => (lying ? [value, i] : [i, value])),
			mark.tips,
		),
		series: mark.series.map(({ name, values, color }) => ({
			type: 'bar',
			silent: true,
			...(name === undefined ? {} : { name }),
			...(lying ? { barWidth: Math.round(0.53 * rowHeight(chart)) } : { barGap: '0%', barCategoryGap: groups > 1 ? '18%' : '6%' }),
			...(mark.track ? { showBackground: true, backgroundStyle: { color: COLOR.faint, borderRadius: 4 } } : {}),
			// The first colour is that of the legend.
			itemStyle: { borderRadius, color: COLOR[typeof color === 'string' ? color : color[0]] },
			data: typeof color === 'string' ? values : values.map((value, i) => ({ value, itemStyle: { color: COLOR[color[i]] } })),
			...(label ? { label } : {}),
		})),
	};
}

const dots = ({ points, size, faint, tips }: DotsMark): Drawing => ({
	tips: tipsAt(points, tips),
	series: [
		{
			type: 'scatter',
			silent: true,
			symbolSize: size,
			itemStyle: { color: COLOR.accent, ...(faint ? { opacity: 0.45 } : {}) },
			data: points,
		},
	],
});

const intervals = ({ rows }: IntervalsMark): Drawing => ({
	series: [
		{
			type: 'custom',
			silent: true,
			data: rows.map((r, i) => [r.low, r.high, i]),
			encode: { x: [0, 1], y: 2 },
			renderItem: ({ dataIndex: i }: { dataIndex: number }, api: Api) => {
				const { low, high, label } = rows[i];
				const [x1, y] = api.coord([low, i]);
				const [x2] = api.coord([high, i]);
				return {
					type: 'group',
					children: [
						...(high > low ? [{ type: 'line', shape: { x1, y1: y, x2, y2: y }, style: { stroke: COLOR.accentDark, lineWidth: 1.5 } }] : []),
						...(label === undefined
							? []
							: [{ type: 'text', x: x2 + 7, y, style: { text: label, fill: COLOR.soft, fontSize: 12, verticalAlign: 'middle' } }]),
					],
				};
			},
		},
	],
});

/** Shades of a table of cells, and from which values on a text has to be light. */
const SCALES = {
	share: { min: 0, max: 1, colors: ACCENT_SCALE, dark: (v: number) => v > 0.45 },
	signed: { min: -1, max: 1, colors: SIGNED_SCALE, dark: (v: number) => v > 0.6 || v < -0.75 },
};

function cells(mark: CellsMark, chart: Chart): Drawing {
	const { min, max, colors, dark } = SCALES[mark.scale];
	const all = mark.values.flatMap((row, i) => row.map((value, j) => ({ i, j, value })));
	const { texts } = mark;
	return {
		visualMap: { show: false, min, max, dimension: 2, inRange: { color: [...colors] } },
		tips: tipsAt(
			all.map(({ i, j }): Point => [j, i]),
			all.map(({ i, j }) => mark.tips?.[i][j] ?? null),
		),
		series: [
			{
				type: 'heatmap',
				silent: true,
				itemStyle: { borderColor: COLOR.paper, borderWidth: 2 },
				data: all.map(({ i, j, value }) => ({ value: [j, i, value], label: { color: dark(value) ? COLOR.paper : COLOR.ink } })),
				label: {
					show: texts !== undefined,
					fontSize: rowHeight(chart) >= 60 ? 13 : 11,
					...(texts?.some((row) => row.some((text) => text.includes('\n'))) ? { lineHeight: 16 } : {}),
					formatter: ({ dataIndex }: { dataIndex: number }) => texts?.[all[dataIndex].i][all[dataIndex].j] ?? '',
				},
			},
		],
	};
}

const BOX = { width: 128, height: 50, gap: 18, line: 15 };

type Box = BoxesMark['boxes'][number];

/** The curve to a box, and the word at its end. */
function edgeShapes({ from, text, above, weight }: NonNullable<Box['edge']>, [x, y]: number[], width: number, api: Api): Part[] {
	const [px, py] = api.coord(from);
	const [start, end] = [px + width / 2, x - width / 2];
	const middle = (start + end) / 2;
	return [
		{
			type: 'bezierCurve',
			z2: -1,
			shape: { x1: start, y1: py, x2: end, y2: y, cpx1: middle, cpy1: py, cpx2: middle, cpy2: y },
			style: { stroke: COLOR.neutral, lineWidth: 1 + 2 * weight, fill: 'none' },
		},
		{
			type: 'text',
			x: end - 2,
			y: y + (above ? -9 : 10),
			style: { text, align: 'right', verticalAlign: 'middle', fontFamily: FONT, fontSize: 10, fill: COLOR.muted },
		},
	];
}

function boxShapes(box: Box, api: Api): Part[] {
	const [x, y] = api.coord(box.at);
	// Fewer pixels on a phone: boxes become narrower, not the gaps.
	const width = Math.min(BOX.width, api.coord([1, 0])[0] - api.coord([0, 0])[0] - BOX.gap);
	const last = box.lines.length - 1;
	return [
		...(box.edge ? edgeShapes(box.edge, [x, y], width, api) : []),
		{
			type: 'rect',
			shape: { x: x - width / 2, y: y - BOX.height / 2, width, height: BOX.height, r: 6 },
			style: {
				fill: box.look.tinted ? COLOR.accentPale : COLOR.faint,
				stroke: box.look.tinted ? COLOR.accentMid : COLOR.line,
				lineDash: box.look.open ? [3, 3] : undefined,
			},
		},
		...box.lines.map((text, i) => ({
			type: 'text',
			x,
			y: y + (i - last / 2) * BOX.line,
			style: {
				text,
				align: 'center',
				verticalAlign: 'middle',
				fontFamily: FONT,
				width: width - 8,
				overflow: 'truncate',
				...(i < last ? { fontSize: 11.5, fontWeight: 600, fill: COLOR.ink } : { fontSize: 10.5, fill: COLOR.muted }),
			},
		})),
	];
}

const boxes = ({ boxes: all }: BoxesMark): Drawing => ({
	tips: tipsAt(
		all.map((b) => b.at),
		all.map((b) => b.tip ?? null),
	),
	series: [
		{
			type: 'custom',
			silent: true,
			data: all.map((b) => b.at),
			renderItem: ({ dataIndex }: { dataIndex: number }, api: Api) => ({ type: 'group', children: boxShapes(all[dataIndex], api) }),
		},
	],
});

const MARKS: { [K in Mark['mark']]: (mark: Extract<Mark, { mark: K }>, chart: Chart) => Drawing } = {
	line,
	guide,
	limit,
	bars,
	dots,
	intervals,
	cells,
	boxes,
};

/** All marks of a chart for ECharts, and what explains them. */
export function marksOf(chart: Chart): Required<Omit<Drawing, 'visualMap'>> & Pick<Drawing, 'visualMap'> {
	const drawn = chart.marks.map((mark) => (MARKS[mark.mark] as (mark: Mark, chart: Chart) => Drawing)(mark, chart));
	return {
		series: drawn.flatMap((d) => d.series),
		tips: drawn.flatMap((d) => d.tips ?? []),
		names: drawn.flatMap((d) => d.names ?? []),
		visualMap: drawn.find((d) => d.visualMap)?.visualMap,
	};
}
