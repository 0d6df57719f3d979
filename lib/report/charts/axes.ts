import { date, percent, shorten } from '../formatting.js';
import { COLOR, FONT } from '../theme.js';
import type { Axis, BinAxis, Chart, NameAxis, NumberAxis } from './chart.js';

/** A part of an ECharts option. Its published types are narrower than what ECharts takes. */
export type Part = Record<string, unknown>;

const TEXT = { color: COLOR.muted, fontSize: 12, fontFamily: FONT };
const LETTERS = 22;
const ROW = 26;
/** Angle of slanted names in degrees, and what they need below the drawing. */
const SLANT = 40;
const SLANT_ROOM = 36;
const LEGEND_ROOM = 28;
/** About so many figures stand along bins. */
const BIN_FIGURES = { numbers: 6, dates: 4 };

/** `1,200,000` as `1.2M` for axis labels. */
export function shortNumber(value: number): string {
	const size = Math.abs(value);
	const trim = (n: number) => String(Number(n.toPrecision(3)));
	const sign = value < 0 ? '−' : '';
	if (size >= 1e12) return sign + size.toExponential(1).replace('e+', 'e');
	if (size >= 1e9) return `${sign}${trim(size / 1e9)}G`;
	if (size >= 1e6) return `${sign}${trim(size / 1e6)}M`;
	if (size >= 1e4) return `${sign}${trim(size / 1e3)}k`;
	if (size > 0 && size < 1e-3) return sign + size.toExponential(1);
	return sign + trim(size);
}

/** Edges of bins in words. */
const edgeTexts = ({ edges, dates }: Pick<BinAxis, 'edges' | 'dates'>): string[] => edges.map((v) => (dates ? date(v) : shortNumber(v)));

/** Bins as `from – to`. */
export function binNames(axis: Pick<BinAxis, 'edges' | 'dates'>): string[] {
	const texts = edgeTexts(axis);
	return texts.slice(1).map((to, i) => `${texts[i]} – ${to}`);
}

/** Room for names on the left of a drawing, by the longest. */
const nameRoom = ({ names, letters = LETTERS }: NameAxis): number =>
	Math.min(190, Math.max(48, 18 + Math.max(0, ...names.map((n) => Math.min(letters, [...n].length))) * 7));

/** Height of a row of names along a drawing's side. */
export const rowHeight = (chart: Chart): number => (chart.y.kind === 'names' ? (chart.y.row ?? ROW) : ROW);

const isWhole = (axis: NumberAxis): boolean => axis.unit === 'share' && axis.from === 0 && axis.to === 1;

/** Pixels around the drawing, and its height. */
export function roomOf(chart: Chart, legend: boolean): { left: number; right: number; bottom: number; height: number } {
	const { x, y } = chart;
	const bare = x.kind === 'bare';
	return {
		left: y.kind === 'names' ? nameRoom(y) + (y.title ? 34 : 0) : bare ? 16 : y.kind === 'number' && y.free ? 70 : 64,
		right: chart.right ?? (bare ? 16 : 28),
		bottom: bare ? 16 : 56 + (x.kind === 'names' && x.slanted ? SLANT_ROOM : 0) + (legend ? LEGEND_ROOM : 0),
		height: chart.height ?? (y.kind === 'names' ? Math.max(60, y.names.length * rowHeight(chart)) : 300),
	};
}

const figure = (axis: NumberAxis) => (v: number) =>
	axis.unit === 'share'
		? // ECharts takes other blanks for wide letters: labels that have room would be hidden, and the drawing moved to the right.
			percent(v).replace('\u00a0', ' ')
		: axis.unit === 'times'
			? axis.most !== undefined && v >= axis.most
				? `${shortNumber(axis.most)}×+`
				: `${shortNumber(v)}×`
			: shortNumber(v / (axis.per ?? 1));

const titled = (title: string | undefined, nameGap: number): Part =>
	title === undefined ? {} : { name: shorten(title, 56), nameLocation: 'middle', nameGap, nameTextStyle: { ...TEXT, color: COLOR.soft } };

const numberAxis = (axis: NumberAxis, place: 'x' | 'y'): Part => ({
	type: 'value',
	...titled(axis.title, place === 'x' ? 32 : isWhole(axis) ? 50 : 46),
	axisLabel: { ...TEXT, formatter: figure(axis), hideOverlap: axis.unit === undefined || isWhole(axis) },
	axisLine: { show: place === 'x', lineStyle: { color: COLOR.line } },
	axisTick: { show: false },
	splitLine: { show: axis.lines !== false, lineStyle: { color: COLOR.line, width: 1 } },
	splitNumber: 5,
	scale: axis.free ?? false,
	...(axis.from === undefined ? {} : { min: axis.from }),
	...(axis.to === undefined ? {} : { max: axis.to }),
	...(isWhole(axis) ? { interval: 0.2 } : {}),
});

const categories = (data: string[], axisLabel: Part): Part => ({
	type: 'category',
	data,
	axisLabel: { ...TEXT, ...axisLabel },
	axisLine: { lineStyle: { color: COLOR.line } },
	axisTick: { show: false },
});

function nameAxis(axis: NameAxis, place: 'x' | 'y'): Part {
	const { names, letters = LETTERS, slanted = false, title } = axis;
	return {
		...categories(
			names.map((name) => shorten(name, 80)),
			{
				color: COLOR.soft,
				interval: 0,
				hideOverlap: place === 'x',
				rotate: slanted ? SLANT : 0,
				formatter: (text: string) => shorten(text, letters),
			},
		),
		...titled(title, place === 'y' ? nameRoom(axis) + 16 : slanted ? 30 + SLANT_ROOM : 32),
		inverse: place === 'y',
	};
}

function binAxis(axis: BinAxis): Part {
	const names = binNames(axis);
	const figures = axis.dates ? BIN_FIGURES.dates : BIN_FIGURES.numbers;
	return {
		...categories(names, {
			hideOverlap: true,
			interval: Math.max(0, Math.ceil(names.length / figures) - 1),
			formatter: (text: string) => text.split(' – ')[0],
		}),
		...titled(axis.title, 32),
	};
}

/** An axis for ECharts. */
export function axisPart(axis: Axis, place: 'x' | 'y'): Part {
	if (axis.kind === 'names') return nameAxis(axis, place);
	if (axis.kind === 'bins') return binAxis(axis);
	if (axis.kind === 'number') return numberAxis(axis, place);
	return { type: 'value', min: axis.from, max: axis.to, show: false, inverse: place === 'y' };
}

/** Names of lines and groups of bars, below everything. */
export const legendPart = (names: string[]): Part => ({
	data: names,
	bottom: 6,
	left: 'center',
	itemWidth: 16,
	itemHeight: 8,
	itemGap: 18,
	icon: 'roundRect',
	selectedMode: false,
	textStyle: { ...TEXT, color: COLOR.soft },
	formatter: (text: string) => shorten(text, 36),
});
