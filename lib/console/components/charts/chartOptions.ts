import { count, number } from '../../data/inWords.js';
import type { Option } from './echarts.js';
import type { Palette } from './palette.js';

const FONT = "Inter, system-ui, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";

/** How text, lines and tips look, whatever is drawn. */
export function basics({ ink, soft, line, paper }: Palette) {
	return {
		textStyle: { fontFamily: FONT, color: soft, fontSize: 12 },
		grid: { left: 8, right: 16, top: 28, bottom: 8, containLabel: true },
		tooltip: {
			trigger: 'axis' as const,
			confine: true,
			backgroundColor: paper,
			borderColor: line,
			borderWidth: 1,
			padding: 10,
			textStyle: { color: ink, fontSize: 12, fontFamily: FONT },
		},
		axis: {
			axisLine: { lineStyle: { color: line } },
			axisTick: { show: false },
			axisLabel: { color: soft, fontSize: 11, hideOverlap: true },
			splitLine: { lineStyle: { color: line, opacity: 0.6 } },
			nameTextStyle: { color: soft, fontSize: 11, align: 'left' as const },
		},
		legend: {
			top: 0,
			left: 0,
			itemWidth: 14,
			itemHeight: 8,
			icon: 'roundRect',
			type: 'scroll' as const,
			textStyle: { color: soft, fontSize: 12 },
		},
	};
}

/** Points of a line: a moment (ms), a number or a category, and what is there; `null` leaves a gap. */
export type Point = readonly [x: number | string, y: number | null];

export interface Line {
	name: string;
	points: readonly Point[];
	/** An interval around it: lower and upper end of each point. */
	band?: ReadonlyArray<readonly [x: number | string, low: number | null, high: number | null]>;
	/** By the place in the list unless it is said. */
	tone?: 'accent' | 'neutral' | 'good' | 'warn' | 'bad';
	dashed?: boolean;
}

export interface LinesSpec {
	/** What is along the bottom: moments in the reader's zone, numbers, or names. */
	x: 'time' | 'value' | 'category';
	xName?: string;
	/** What a value of the lines is measured in; stands over the axis. */
	unit?: string;
	lines: readonly Line[];
	/** Values at which a line goes across: limits, references. */
	levels?: ReadonlyArray<{ name: string; value: number; tone?: 'neutral' | 'warn' | 'bad' }>;
	/** Moments that something happened at. */
	moments?: ReadonlyArray<{ name: string; at: number | string; tone?: 'accent' | 'warn' | 'bad' }>;
	/** The axis begins at nought. */
	fromZero?: boolean;
	/** The axis ends here (1 for shares). */
	max?: number;
	format?: (value: number) => string;
}

/** Lines over time or numbers, with intervals, limits, and moments of note. */
export const lines =
	({ x, xName, unit, lines: drawn, levels = [], moments = [], fromZero = false, max, format = number }: LinesSpec) =>
	(colours: Palette): Option => {
		const { axis, ...look } = basics(colours);
		const shown = drawn.length > 1;
		const marks = [
			...levels.map(({ name, value, tone = 'neutral' }) => ({
				name,
				yAxis: value,
				lineStyle: { color: colours[tone] },
				// Beside the line's end there is no room for words.
				label: { position: 'insideEndTop' as const },
			})),
			...moments.map(({ name, at, tone = 'accent' }) => ({ name, xAxis: at, lineStyle: { color: colours[tone] } })),
		];
		return {
			...look,
			grid: { ...look.grid, top: shown ? 48 : 28 },
			...(shown ? { legend: { ...look.legend, data: drawn.map(({ name }) => name) } } : { legend: undefined }),
			tooltip: { ...look.tooltip, valueFormatter: (value) => (value == null ? '–' : format(Number(value))) },
			xAxis: {
				...axis,
				type: x,
				name: xName,
				nameLocation: 'middle',
				nameGap: 26,
				splitLine: { show: false },
				...(x === 'value' ? { min: 'dataMin' } : {}),
			},
			yAxis: {
				...axis,
				type: 'value',
				name: unit,
				scale: !fromZero,
				max,
				axisLabel: { ...axis.axisLabel, formatter: (value: number) => format(value) },
			},
			series: drawn.flatMap((line, i) => {
				const color = line.tone ? colours[line.tone] : colours.series[i % colours.series.length];
				return [
					...band(line, color),
					{
						type: 'line' as const,
						name: line.name,
						data: line.points.map((point) => [...point]),
						// A value between gaps is seen by its symbol alone.
						showSymbol: line.points.filter(([, y]) => y !== null).length < 40,
						symbolSize: 5,
						lineStyle: { width: 2, type: line.dashed ? ('dashed' as const) : ('solid' as const) },
						color,
						...(i === 0 && marks.length
							? { markLine: { symbol: 'none', label: { formatter: '{b}', color: colours.soft, fontSize: 11 }, data: marks, silent: true } }
							: {}),
					},
				];
			}),
		};
	};

/** An interval is two lines that nobody sees, the upper stacked on the lower, with what is between them filled. */
function band({ name, band: points }: Line, color: string) {
	if (!points) return [];
	const shared = {
		type: 'line' as const,
		symbol: 'none',
		lineStyle: { opacity: 0 },
		stack: `interval ${name}`,
		silent: true,
		tooltip: { show: false },
	};
	return [
		{ ...shared, name: `${name}, lower end`, data: points.map(([at, low]) => [at, low]) },
		{
			...shared,
			name: `${name}, width`,
			data: points.map(([at, low, high]) => [at, low === null || high === null ? null : high - low]),
			areaStyle: { color, opacity: 0.16 },
		},
	];
}

export interface BarsSpec {
	/** Names under (or beside) the bars. */
	names: readonly string[];
	groups: ReadonlyArray<{ name: string; values: ReadonlyArray<number | null> }>;
	unit?: string;
	/** Names stand at the left, bars lie. For long names. */
	lying?: boolean;
	/** Bars stand close together, as those of a histogram. */
	histogram?: boolean;
	format?: (value: number) => string;
}

/** Bars by names, one group or several side by side. */
export const bars =
	({ names, groups, unit, lying = false, histogram = false, format = count }: BarsSpec) =>
	(colours: Palette): Option => {
		const { axis, ...look } = basics(colours);
		const shown = groups.length > 1;
		const category = {
			...axis,
			type: 'category' as const,
			data: [...names],
			splitLine: { show: false },
			inverse: lying,
			axisLabel: { ...axis.axisLabel, width: lying ? 160 : 90, overflow: 'truncate' as const },
		};
		const value = {
			...axis,
			type: 'value' as const,
			name: unit,
			axisLabel: { ...axis.axisLabel, formatter: (value: number) => format(value) },
		};
		return {
			...look,
			grid: { ...look.grid, top: shown ? 48 : 28 },
			...(shown ? {} : { legend: undefined }),
			tooltip: { ...look.tooltip, axisPointer: { type: 'shadow' }, valueFormatter: (v) => (v == null ? '–' : format(Number(v))) },
			xAxis: lying ? value : category,
			yAxis: lying ? category : value,
			series: groups.map(({ name, values }, i) => ({
				type: 'bar' as const,
				name,
				data: [...values],
				color: colours.series[i % colours.series.length],
				barMaxWidth: histogram ? undefined : 28,
				...(histogram ? { barCategoryGap: '4%', barGap: '0%' } : {}),
				itemStyle: { borderRadius: lying ? [0, 2, 2, 0] : [2, 2, 0, 0], opacity: shown && histogram ? 0.8 : 1 },
			})),
		};
	};

export interface CellsSpec {
	/** Names below, and at the left from the top. */
	columns: readonly string[];
	rows: readonly string[];
	/** Place from the left, from the top, and how much; `null` is left empty. */
	values: ReadonlyArray<readonly [column: number, row: number, value: number | null]>;
	/** From here on it is as dark as can be. */
	most: number;
	/** What stands in the tip of a cell. */
	tip: (column: number, row: number) => string;
}

/** A table of shades: from nothing to `most`. */
export const cells =
	({ columns, rows, values, most, tip }: CellsSpec) =>
	(colours: Palette): Option => {
		const { axis, ...look } = basics(colours);
		return {
			...look,
			legend: undefined,
			tooltip: {
				...look.tooltip,
				trigger: 'item',
				// Text that is drawn, not markup.
				renderMode: 'richText',
				formatter: (item) => {
					const [column, row] = (item as { value: number[] }).value;
					return tip(column, row);
				},
			},
			grid: { ...look.grid, top: 4 },
			visualMap: { show: false, min: 0, max: most, dimension: 2, inRange: { color: [...colours.scale] } },
			xAxis: { ...axis, type: 'category', data: [...columns], splitLine: { show: false } },
			yAxis: {
				...axis,
				type: 'category',
				data: [...rows],
				inverse: true,
				splitLine: { show: false },
				axisLabel: { ...axis.axisLabel, width: 140, overflow: 'truncate', interval: 0, hideOverlap: false },
			},
			series: [
				{
					type: 'heatmap',
					data: values.filter(([, , value]) => value !== null).map(([column, row, value]) => [column, row, value!]),
					itemStyle: { borderColor: colours.paper, borderWidth: 1 },
				},
			],
		};
	};
