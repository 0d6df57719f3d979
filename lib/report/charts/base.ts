import type { EChartsOption } from 'echarts';
import { shorten, visible, wrap } from '../format.js';
import type { Chart, Tip } from '../render.js';
import { COLOR, FONT } from '../theme.js';

export const WIDTH = 600;

export interface Frame {
	name: string;
	/** What is seen, as a sentence. */
	title: string;
	/** How to read it, smaller. */
	subtitle?: string;
	alt?: string;
	width?: number;
	/** Height of the drawing area below the titles. */
	height: number;
	left?: number;
	right?: number;
	bottom?: number;
	tips?: Tip[];
}

/** The look all charts share: title block, margins, fonts. `parts` adds axes and series (plain ECharts options, whose published types are narrower than what ECharts takes); the height grows with the title. */
export function chart(frame: Frame, parts: Record<string, unknown>): Chart {
	const width = frame.width ?? WIDTH;
	const text = { title: shorten(frame.title, 240), subtitle: shorten(frame.subtitle ?? '', 400) };
	const title = wrap(text.title, Math.floor((width - 40) / 8.4)).slice(0, 3);
	const subtitle = text.subtitle ? wrap(text.subtitle, Math.floor((width - 40) / 6.1)).slice(0, 3) : [];
	const top = 18 + title.length * 21 + (subtitle.length ? 6 + subtitle.length * 17 : 0) + 20;
	const bottom = frame.bottom ?? 56;
	return {
		name: frame.name,
		title: text.title,
		alt: visible(frame.alt ?? `${text.title}. ${text.subtitle}`.trim()),
		width,
		height: top + frame.height + bottom,
		top,
		subtitle: text.subtitle,
		tips: (frame.tips ?? []).map((tip) => ({ ...tip, text: shorten(tip.text, 200) })),
		option: {
			backgroundColor: COLOR.paper,
			textStyle: { fontFamily: FONT, color: COLOR.soft, fontSize: 12 },
			title: {
				left: 16,
				top: 14,
				padding: 0,
				itemGap: 8,
				text: title.join('\n'),
				textStyle: { fontFamily: FONT, fontSize: 16, lineHeight: 21, fontWeight: 600, color: COLOR.ink },
				...(subtitle.length
					? { subtext: subtitle.join('\n'), subtextStyle: { fontFamily: FONT, fontSize: 12, lineHeight: 17, color: COLOR.muted } }
					: {}),
			},
			grid: { left: frame.left ?? 64, right: frame.right ?? 28, top, height: frame.height, containLabel: false },
			...parts,
		} as EChartsOption,
	};
}

/** A name short enough to stand along an axis. */
export const axisName = (name: string): string => shorten(name, 56);

const axisText = { color: COLOR.muted, fontSize: 12, fontFamily: FONT };

/** A number axis with its name. */
export const valueAxis = (name: string, place: 'x' | 'y', extra: Record<string, unknown> = {}) => ({
	type: 'value' as const,
	name: axisName(name),
	nameLocation: 'middle' as const,
	nameGap: place === 'x' ? 32 : 46,
	nameTextStyle: { ...axisText, color: COLOR.soft },
	axisLabel: { ...axisText, formatter: shortNumber, hideOverlap: true },
	axisLine: { show: place === 'x', lineStyle: { color: COLOR.line } },
	axisTick: { show: false },
	splitLine: { lineStyle: { color: COLOR.line, width: 1 } },
	splitNumber: 5,
	...extra,
});

/** An axis of names; long ones lose their middle. */
export const nameAxis = (names: readonly string[], extra: Record<string, unknown> = {}, length = 22) => ({
	type: 'category' as const,
	data: names.map((name) => shorten(name, 80)),
	axisLabel: { ...axisText, color: COLOR.soft, interval: 0, formatter: (text: string) => shorten(text, length) },
	axisLine: { lineStyle: { color: COLOR.line } },
	axisTick: { show: false },
	...extra,
});

/** `percentAxis` runs from 0 to 1 and is labelled 0 % to 100 %. */
export const percentAxis = (name: string, place: 'x' | 'y', extra: Record<string, unknown> = {}) =>
	valueAxis(name, place, {
		min: 0,
		max: 1,
		interval: 0.2,
		axisLabel: { ...axisText, hideOverlap: true, formatter: (v: number) => `${Math.round(v * 100)} %` },
		...extra,
	});

export const legend = (names: string[], extra: Record<string, unknown> = {}) => ({
	data: names,
	bottom: 6,
	left: 'center',
	itemWidth: 16,
	itemHeight: 8,
	itemGap: 18,
	icon: 'roundRect',
	selectedMode: false,
	textStyle: { ...axisText, color: COLOR.soft },
	formatter: (text: string) => shorten(text, 36),
	...extra,
});

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

/** Room for names on the left of a bar chart, by the longest. */
export const nameRoom = (names: readonly string[], length = 22): number =>
	Math.min(190, Math.max(48, 18 + Math.max(0, ...names.map((n) => Math.min(length, [...n].length))) * 7));
