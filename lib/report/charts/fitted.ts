import { shorten, wrap } from '../formatting.js';
import type { Part } from './axes.js';

/** Space above a drawing whose titles are text of the page. */
export const BARE_TOP = 16;

type Parts = Record<'grid' | 'xAxis' | 'yAxis' | 'legend', Part | undefined>;

/** Names beside bars may take this share of a narrow drawing. */
const MOST_LEFT = 0.42;
/** Width of a letter of axis and legend text, and what else an entry of a legend takes, in pixels. */
const LETTER = 6.4;
const ENTRY = 16 + 5 + 18;
/** Names along an axis that would be shorter than this are set on a slant. */
const SHORTEST = 9;
/** Height of a line more of a legend or an axis name. */
const LINE = 19;

/**
 * What has to give way in a drawing of another width: names are cut, an axis name and a legend take more lines, for which the picture grows
 * by `extra`.
 */
export function fitted({ grid, xAxis, yAxis, legend }: Parts, width: number): { option: Partial<Parts>; extra: number } {
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
