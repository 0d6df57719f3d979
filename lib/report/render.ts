import { join } from 'node:path';
import type { ECharts, EChartsOption } from 'echarts';
import { shorten, visible, wrap } from './format.js';
import { markTexts, unmark } from './markTexts.js';
import { encodePng } from './png.js';

/** Size in CSS pixels; `scale` multiplies the pixels of a PNG (2 by default, so that it stays sharp). */
export interface Size {
	width: number;
	height: number;
	scale?: number;
}

/** A point that explains itself when the mouse is near: in data coordinates of series `series`. */
export interface Tip {
	series: number;
	at: Array<number | string>;
	text: string;
}

/** One drawing: what is seen, in words, and how ECharts draws it. Made by the functions under charts/. */
export interface Chart {
	/** File name without extension, for example `roc`. */
	name: string;
	title: string;
	/** How to read it; may be empty. */
	subtitle: string;
	/** Height of the titles above the drawing. */
	top: number;
	/** The same in one sentence for people who cannot see it. */
	alt: string;
	width: number;
	height: number;
	option: EChartsOption;
	tips: Tip[];
}

/** A finished chart for a page of our own: the SVG and its tips in pixels. */
export interface Drawn {
	name: string;
	title: string;
	subtitle: string;
	alt: string;
	width: number;
	height: number;
	svg: string;
	tips: Array<{ x: number; y: number; text: string }>;
}

const FONT_FILES = ['Inter-Regular.ttf', 'Inter-SemiBold.ttf'].map((name) => join(__dirname, 'fonts', name));
/** What the shipped fonts have glyphs for; anything else asks the system's fonts, if there are any. */
const COVERED =
	/^[\u0009-\u024f\u02c6-\u02dd\u0370-\u045f\u0490\u0491\u1e00-\u1eff\u2010-\u2027\u202f-\u203a\u2044\u2070-\u209c\u20ac\u2122\u2190-\u2199\u2211\u2212\u221e\u2248\u2260\u2264\u2265\u25b2\u25bc\u25cf\u2713\u2717]*$/;

async function withChart<T>(
	option: EChartsOption,
	size: Size,
	use: (chart: Pick<ECharts, 'renderToSVGString' | 'convertToPixel'>) => T,
): Promise<T> {
	const { init } = await import('echarts');
	const chart = init(null, null, { renderer: 'svg', ssr: true, width: size.width, height: size.height });
	try {
		chart.setOption({ ...markTexts(option), animation: false });
		return use(chart);
	} finally {
		chart.dispose();
	}
}

/**
 * The SVG without what ECharts adds for its own script (hover styles, series numbers), and with the chart's own prefix on ids of
 * clip paths: several charts share a page, and equal input gives equal text in every process. Control characters, which XML forbids, are replaced.
 */
const clean = (svg: string, prefix: string): string =>
	visible(unmark(svg))
		.replace(/<style\s*>[\s\S]*?<\/style>/g, '')
		.replace(/ (?:class="zr\d+-cls-\d+"|ecmeta_\w+="[^"]*"|pointer-events="visible")/g, '')
		.replace(/\bzr\d+-/g, `${prefix}-`)
		.replace(/\n+/g, '\n');

/** An ECharts option as SVG text. The same option and size give the same text. */
export const renderSvg = (option: EChartsOption, size: Size, prefix = 'c'): Promise<string> =>
	withChart(option, size, (chart) => clean(chart.renderToSVGString(), prefix));

/** An ECharts option as PNG. Needs no fonts on the machine: the shipped ones cover Latin, Greek and Cyrillic script. */
export async function renderPng(option: EChartsOption, size: Size): Promise<Buffer> {
	return svgToPng(await renderSvg(option, size), size.width * (size.scale ?? 2));
}

/** SVG text as PNG of the given width. */
export async function svgToPng(svg: string, width: number): Promise<Buffer> {
	const { renderAsync } = await import('@resvg/resvg-js');
	const image = await renderAsync(svg, {
		fitTo: { mode: 'width', value: Math.round(width) },
		background: '#ffffff',
		font: { fontFiles: FONT_FILES, loadSystemFonts: !COVERED.test(svg), defaultFontFamily: 'Inter', sansSerifFamily: 'Inter' },
	});
	return await encodePng(image.pixels, image.width, image.height);
}

/** A chart as PNG, twice the pixels of its size. */
export const chartPng = (chart: Chart): Promise<Buffer> => renderPng(chart.option, { width: chart.width, height: chart.height });

/** Space above a drawing whose titles are text of the page. */
const BARE_TOP = 16;

type Parts = Record<'grid' | 'xAxis' | 'yAxis' | 'legend', Record<string, unknown> | undefined>;

/** Names beside bars may take this share of a narrow drawing. */
const MOST_LEFT = 0.42;
/** Width of a letter of axis and legend text, and what else an entry of a legend takes, in pixels. */
const LETTER = 6.4;
const ENTRY = 16 + 5 + 18;
/** Names along an axis that would be shorter than this are set on a slant. */
const SHORTEST = 9;
/** Height of a line more of a legend or an axis name. */
const LINE = 19;

/** What has to give way in a drawing of another width: names are cut, an axis name and a legend take more lines, for which the picture grows by `extra`. */
function fitted({ grid, xAxis, yAxis, legend }: Parts, width: number): { option: Partial<Parts>; extra: number } {
	const option: Partial<Parts> = { grid: { ...grid, top: BARE_TOP } };
	let extra = 0;
	let left = Number(grid?.left ?? 0);
	if (left > MOST_LEFT * width) {
		const room = Math.floor((MOST_LEFT * width - 12) / LETTER);
		left = Math.round(MOST_LEFT * width);
		option.grid = { ...option.grid, left };
		option.yAxis = {
			...yAxis,
			axisLabel: { ...(yAxis?.axisLabel as object | undefined), formatter: (text: string) => shorten(text, room) },
		};
	}
	const label = xAxis?.axisLabel as { interval?: number; rotate?: number; formatter?: (text: string) => string } | undefined;
	if (xAxis?.type === 'category' && label?.interval === 0 && !label.rotate) {
		const names = xAxis.data as string[];
		const room = Math.floor((width - left - Number(grid?.right ?? 0)) / Math.max(1, names.length) / LETTER);
		if (names.some((name) => (label.formatter?.(name) ?? name).length > room)) {
			const slanted = room < SHORTEST;
			option.xAxis = {
				...xAxis,
				axisLabel: { ...label, formatter: (text: string) => shorten(text, slanted ? SHORTEST : room), ...(slanted ? { rotate: 40 } : {}) },
			};
			if (slanted) extra += 2 * LINE;
		}
	}
	if (typeof xAxis?.name === 'string') {
		const middle = left + (width - left - Number(grid?.right ?? 0)) / 2;
		const lines = wrap(xAxis.name, Math.max(8, Math.floor((2 * Math.min(middle, width - middle) - 8) / LETTER)));
		option.xAxis = {
			...(option.xAxis ?? xAxis),
			name: lines.join('\n'),
			nameTextStyle: { ...(xAxis.nameTextStyle as object | undefined), lineHeight: LINE, verticalAlign: 'top' },
			nameGap: Number(xAxis.nameGap ?? 32) - 6 + (extra > 0 ? 2 * LINE : 0),
		};
		extra += (lines.length - 1) * LINE;
	}
	if (legend) {
		const names = legend.data as string[];
		const format = legend.formatter as (text: string) => string;
		let rows = 1;
		let used = 0;
		for (const name of names) {
			const wide = ENTRY + format(name).length * LETTER * 1.1;
			if (used > 0 && used + wide > width - 24) {
				rows++;
				used = 0;
			}
			used += wide;
		}
		option.legend = { ...legend, width: width - 24 };
		extra += (rows - 1) * LINE;
	}
	return { option, extra };
}

/**
 * A chart as SVG with its tips placed, for pages of our own: without titles, which the page sets in its own font.
 * @param width smaller than the chart's own for phones
 */
export function drawChart(chart: Chart, width = chart.width): Promise<Drawn> {
	const { option, extra } = fitted(chart.option as Parts, width);
	const height = chart.height - chart.top + BARE_TOP + extra;
	return withChart({ ...chart.option, ...option, title: { show: false } } as EChartsOption, { width, height }, (echart) => {
		const tips = chart.tips.flatMap((tip) => {
			const pixel = echart.convertToPixel({ seriesIndex: tip.series }, markTexts(tip.at) as number[]) as number[] | undefined;
			return pixel && pixel.every(Number.isFinite)
				? [{ x: Math.round(pixel[0] * 10) / 10, y: Math.round(pixel[1] * 10) / 10, text: tip.text }]
				: [];
		});
		const { title, subtitle, alt } = chart;
		const name = width === chart.width ? chart.name : `${chart.name}-${width}`;
		return { name, title, subtitle, alt, width, height, svg: clean(echart.renderToSVGString(), name), tips };
	});
}
