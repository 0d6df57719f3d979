import { setImmediate as pause } from 'node:timers/promises';
import type { Chart } from './charts/chart.js';
import { chartPng, drawChart, type Drawn } from './charts/draw.js';
import { sectionsOf, type Panel, type Section } from './panels/panel.js';
import { fullPage } from './fullPage.js';
import { headline, html, join, safePage, section, trusted, type Content, type Tone } from './safeHtml.js';
import { cutText } from '../domain/text.js';

/** What every report function gives. */
export interface Report {
	/** Safe for n8n's output panel. */
	html: string;
	charts: Array<{ name: string; png: Buffer }>;
	/** One self-contained page with hover, sortable tables and larger charts. */
	full: string;
}

/** What stands above the sections of a report. */
export interface ReportHead {
	title: string;
	eyebrow: string;
	/** The conclusion, in one sentence. */
	sentence: string;
	lead?: Content;
	verdict?: { text: string; tone: Tone };
	facts?: Content;
}

/** Pictures that are made at a time, besides the one that is begun. */
const BESIDE = 2;

/** Both forms of a report, and its charts as PNG. */
export async function makeReport<Input>(head: ReportHead, panels: ReadonlyArray<Panel<Input>>, input: Input): Promise<Report> {
	const sections = sectionsOf(panels, input);
	const charts = sections.flatMap((s) => s.charts ?? []);
	const names = new Map<string, number>();
	const unique = new Map(
		charts.map((chart) => {
			const n = (names.get(chart.name) ?? 0) + 1;
			names.set(chart.name, n);
			return [chart, n === 1 ? chart.name : `${chart.name}_${n}`];
		}),
	);
	const pictures: Array<Promise<Report['charts'][number]>> = [];
	const drawn = new Map<Chart, Drawing>();
	// One after the other: drawing blocks the thread for some milliseconds each, and between them others get their turn. Pictures are made
	// beside it: of a chart first, so that the last of them is ready with its drawings.
	for (const chart of charts) {
		await pause();
		const named = { ...chart, name: unique.get(chart) as string };
		const picture = chartPng(named).then((png) => ({ name: named.name, png }));
		// It may fail before anybody waits for it; who does is told.
		picture.catch(() => {});
		pictures.push(picture);
		await pause();
		drawn.set(chart, await drawings(named, isAlone(chart, sections)));
		await pictures.at(-1 - BESIDE);
	}
	const top = join([headline(head), head.facts]);
	const figures = (s: Section): Content =>
		s.charts?.length ? html`<div class="charts">${s.charts.map((c) => figure(drawn.get(c) as Drawing))}</div>` : '';
	const safe = sections.flatMap((s) => {
		const body = s.safe ?? s.body;
		return body ? [section(s.title, body, s.hint)] : [];
	});
	const full = sections.flatMap((s) => {
		const body = s.full ?? s.body;
		return body || s.charts?.length ? [section(s.title, join([body, figures(s)]), s.hint)] : [];
	});
	return { html: safePage(head.title, [top, safe]), charts: await Promise.all(pictures), full: fullPage(head.title, [top, full]) };
}

/** A chart as wide screens and as phones show it. */
interface Drawing {
	wide: Drawn;
	narrow: Drawn;
}

/** Widths in CSS pixels: a chart that has the whole page, one of two side by side, one on a phone. */
const PAGE = { whole: 800, half: 400, phone: 340 };

/** The last of an odd number of charts in a section has the width of the page. */
function isAlone(chart: Chart, sections: readonly Section[]): boolean {
	const charts = sections.find((s) => s.charts?.includes(chart))?.charts ?? [];
	return charts.length % 2 === 1 && charts.at(-1) === chart;
}

async function drawings(chart: Chart, alone: boolean): Promise<Drawing> {
	const wide = await drawChart(chart, alone ? PAGE.whole : PAGE.half);
	await pause();
	return { wide, narrow: await drawChart(chart, PAGE.phone) };
}

function plot(chart: Drawn, screen: string): Content {
	const tips = JSON.stringify(chart.tips.map((t) => [t.x, t.y, t.text]));
	const svg = trusted(fluid(chart.svg));
	return html`<div class="plot ${screen}" data-tips="${tips}" data-w="${chart.width}" role="img" aria-label="${chart.alt}">${svg}</div>`;
}

/** A drawn chart with its tips, for pages of our own. */
const figure = ({ wide, narrow }: Drawing): Content =>
	html`<figure class="chart">
		<figcaption><b>${wide.title}</b>${wide.subtitle ? html`<br><span>${wide.subtitle}</span>` : ''}</figcaption>
		${plot(wide, 'wide')}
		${plot(narrow, 'narrow')}
	</figure>`;

/** SVG that takes the width of its box. */
export const fluid = (svg: string): string =>
	svg.replace(
		/<svg ([^>]*?)width="(\d+)" height="(\d+)"/,
		(_, rest: string, w: string, h: string) =>
			`<svg ` +
			`${rest}${/viewBox/.test(cutText(svg, 400)) ? '' : `viewBox="0 0 ${w} ${h}" `}style="width:100%;height:auto;display:block" ` +
			`aria-hidden="true"`,
	);
