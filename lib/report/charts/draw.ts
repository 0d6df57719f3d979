import { join } from 'node:path';
import type { ECharts, EChartsOption } from 'echarts';
import { shorten, visible, wrap } from '../formatting.js';
import { COLOR, FONT } from '../theme.js';
import { axisPart, legendPart, roomOf, type Part } from './axes.js';
import type { Chart } from './chart.js';
import { BARE_TOP, fitted } from './fitted.js';
import { marksOf, type Tip } from './marks.js';
import { markTexts, unmark } from './markTexts.js';
import { encodePng } from './png.js';
import { inLargerUnits } from './tinyFigures.js';

/** A finished chart for a page of our own: the SVG and its tips in pixels. */
export interface Drawn {
	title: string;
	/** How to read it; may be empty. */
	subtitle: string;
	/** Both in one, for people who cannot see the chart. */
	alt: string;
	width: number;
	height: number;
	svg: string;
	tips: Array<{ x: number; y: number; text: string }>;
}

/** Width of a picture in CSS pixels. */
const WIDTH = 600;
/** A picture has so many times more pixels, so that it stays sharp. */
const SHARP = 2;
const TITLE = { lines: 3, letter: 8.4, height: 21, most: 240 };
const SUBTITLE = { lines: 3, letter: 6.1, height: 17, most: 400 };

const FONT_FILES = ['Inter-Regular.ttf', 'Inter-SemiBold.ttf'].map((name) => join(__dirname, 'fonts', name));
/** What the shipped fonts have glyphs for; anything else asks the system's fonts, if there are any. */
const COVERED = new RegExp(
	String.raw`^[\u0009-\u024f\u02c6-\u02dd\u0370-\u045f\u0490\u0491\u1e00-\u1eff\u2010-\u2027\u202f-\u203a\u2044\u2070-\u209c\u20ac` +
		String.raw`\u2122\u2190-\u2199\u2211\u2212\u221e\u2248\u2260\u2264\u2265\u25b2\u25bc\u25cf\u2713\u2717]*$`,
);

/** A chart in ECharts' words. */
interface Plan {
	/** Without titles, as if `top` pixels were above the drawing. */
	option: Part;
	tips: Tip[];
	title: string;
	subtitle: string;
	alt: string;
	/** Lines of the titles as a picture has them. */
	lines: { title: string[]; subtitle: string[] };
	/** Pixels above the drawing for titles, and all others. */
	top: number;
	rest: number;
}

function planOf(asked: Chart): Plan {
	const chart = inLargerUnits(asked);
	const title = shorten(chart.title, TITLE.most);
	const subtitle = shorten(chart.subtitle ?? '', SUBTITLE.most);
	const lined = (text: string, { letter, lines }: typeof TITLE) =>
		text ? wrap(text, Math.floor((WIDTH - 40) / letter)).slice(0, lines) : [];
	const lines = { title: lined(title, TITLE), subtitle: lined(subtitle, SUBTITLE) };
	const top = 18 + lines.title.length * TITLE.height + (lines.subtitle.length ? 6 + lines.subtitle.length * SUBTITLE.height : 0) + 20;
	const { series, tips, names, visualMap } = marksOf(chart);
	const { left, right, bottom, height } = roomOf(chart, names.length > 0);
	return {
		title,
		subtitle,
		alt: visible(`${title}. ${subtitle}`.trim()),
		lines,
		top,
		rest: height + bottom,
		tips: tips.map((tip) => ({ ...tip, text: shorten(tip.text, 200) })),
		option: {
			animation: false,
			backgroundColor: COLOR.paper,
			textStyle: { fontFamily: FONT, color: COLOR.soft, fontSize: 12 },
			grid: { left, right, top, height, containLabel: false },
			xAxis: axisPart(chart.x, 'x'),
			yAxis: axisPart(chart.y, 'y'),
			...(names.length ? { legend: legendPart(names) } : {}),
			...(visualMap ? { visualMap } : {}),
			series,
		},
	};
}

const titlePart = ({ title, subtitle }: Plan['lines']): Part => ({
	left: 16,
	top: 14,
	padding: 0,
	itemGap: 8,
	text: title.join('\n'),
	textStyle: { fontFamily: FONT, fontSize: 16, lineHeight: TITLE.height, fontWeight: 600, color: COLOR.ink },
	...(subtitle.length
		? {
				subtext: subtitle.join('\n'),
				subtextStyle: { fontFamily: FONT, fontSize: 12, lineHeight: SUBTITLE.height, color: COLOR.muted },
			}
		: {}),
});

async function withECharts<T>(
	option: Part,
	size: { width: number; height: number },
	use: (echart: Pick<ECharts, 'renderToSVGString' | 'convertToPixel'>) => T,
): Promise<T> {
	const { init } = await import('echarts');
	const echart = init(null, null, { renderer: 'svg', ssr: true, ...size });
	try {
		echart.setOption(markTexts(option) as EChartsOption);
		return use(echart);
	} finally {
		echart.dispose();
	}
}

/**
 * The SVG without what ECharts adds for its own script (hover styles, series numbers), and with the chart's own prefix on ids of
 * clip paths: several charts share a page, and equal input gives equal text in every process. Control characters, which XML forbids, are
 * replaced.
 */
const clean = (svg: string, prefix: string): string =>
	visible(unmark(svg))
		.replace(/<style\s*>[\s\S]*?<\/style>/g, '')
		.replace(/ (?:class="zr\d+-cls-\d+"|ecmeta_\w+="[^"]*"|pointer-events="visible")/g, '')
		.replace(/\bzr\d+-/g, `${prefix}-`)
		.replace(/\n+/g, '\n');

/** SVG text as PNG of the given width. Needs no fonts on the machine: the shipped ones cover Latin, Greek and Cyrillic script. */
export async function svgToPng(svg: string, width: number): Promise<Buffer> {
	const { renderAsync } = await import('@resvg/resvg-js');
	const image = await renderAsync(svg, {
		fitTo: { mode: 'width', value: Math.round(width) },
		background: '#ffffff',
		font: { fontFiles: FONT_FILES, loadSystemFonts: !COVERED.test(svg), defaultFontFamily: 'Inter', sansSerifFamily: 'Inter' },
	});
	return await encodePng(image.pixels, image.width, image.height);
}

/** A chart as a picture with its titles: SVG text, the same for the same chart. */
export async function chartSvg(chart: Chart): Promise<string> {
	const { option, lines, top, rest } = planOf(chart);
	return await withECharts({ ...option, title: titlePart(lines) }, { width: WIDTH, height: top + rest }, (echart) =>
		clean(echart.renderToSVGString(), 'c'),
	);
}

/** `chartSvg` as PNG. */
export const chartPng = async (chart: Chart): Promise<Buffer> => await svgToPng(await chartSvg(chart), SHARP * WIDTH);

/**
 * A chart as SVG with its tips placed, for pages of our own: without titles, which the page sets in its own font.
 * @param width in CSS pixels; what has to give way in a narrow drawing does
 */
export async function drawChart(chart: Chart, width = WIDTH): Promise<Drawn> {
	const { option, tips, title, subtitle, alt, rest } = planOf(chart);
	const { option: changed, extra } = fitted(option as Parameters<typeof fitted>[0], width);
	const height = rest + BARE_TOP + extra;
	const prefix = width === WIDTH ? chart.name : `${chart.name}-${width}`;
	return await withECharts({ ...option, ...changed }, { width, height }, (echart) => ({
		title,
		subtitle,
		alt,
		width,
		height,
		svg: clean(echart.renderToSVGString(), prefix),
		tips: tips.flatMap(({ at, text }) => {
			const pixel = echart.convertToPixel({ gridIndex: 0 }, [...at]) as number[] | undefined;
			return pixel?.every(Number.isFinite) ? [{ x: Math.round(pixel[0] * 10) / 10, y: Math.round(pixel[1] * 10) / 10, text }] : [];
		}),
	}));
}

/** A chart that nobody sees: the first that is drawn takes as long as the next six. */
const TRIED: Chart = {
	name: 'tried',
	title: 'Tried',
	x: { kind: 'number', title: 'x' },
	y: { kind: 'names', names: ['a', 'b'] },
	marks: [{ mark: 'bars', series: [{ values: [1, 2], color: 'accent' }] }],
};

/** Loads what draws, and draws once, for whoever has time before there is something to draw. */
export async function readyDrawing(): Promise<void> {
	await chartPng(TRIED);
	await drawChart(TRIED);
}
