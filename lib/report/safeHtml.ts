import { html, join, trusted, type Content, type Markup } from './markup.js';
import { COLOR, FONT } from './theme.js';

/**
 * Building blocks for reports that n8n shows in its output panel. Its sanitiser keeps tables, headings, lists, `class` and `style`,
 * and drops SVG, scripts, `data:` images, `details`, `progress` and `colspan`; bars here are boxes with a width.
 */

export type Tone = 'good' | 'bad' | 'warn' | 'plain';

const TONES: Record<Tone, [string, string]> = {
	good: [COLOR.good, COLOR.goodPale],
	bad: [COLOR.bad, COLOR.badPale],
	warn: [COLOR.warn, COLOR.warnPale],
	plain: [COLOR.accentDark, COLOR.accentPale],
};

export const STYLE = `
body{margin:0;background:${COLOR.paper};color:${COLOR.ink};font:14px/1.5 ${FONT};-webkit-text-size-adjust:100%}
.r{max-width:920px;margin:0 auto;padding:20px 20px 40px}
.eyebrow{color:${COLOR.muted};font-size:12px;letter-spacing:.02em;margin:0 0 4px}
h1{font-size:21px;line-height:1.3;font-weight:650;margin:0 0 6px;letter-spacing:-.01em;overflow-wrap:break-word}
h2{font-size:15px;line-height:1.35;font-weight:650;margin:30px 0 8px}
h3{font-size:13px;font-weight:650;margin:16px 0 4px}
p{margin:0 0 8px;overflow-wrap:break-word}
.lead{color:${COLOR.soft};max-width:70ch}
.hint{color:${COLOR.muted};font-size:12.5px;max-width:80ch}
.facts{display:flex;flex-wrap:wrap;gap:8px;margin:16px 0 4px}
.fact{background:${COLOR.faint};border-radius:8px;padding:8px 14px;min-width:84px}
.fact b{display:block;font-size:17px;font-weight:650;line-height:1.35;overflow-wrap:break-word;max-width:260px}
.fact span{color:${COLOR.muted};font-size:12px}
.badge{display:inline-block;border-radius:99px;padding:1px 9px;font-size:12px;font-weight:600;white-space:nowrap}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:13px}
th{text-align:left;color:${COLOR.muted};font-size:12px;font-weight:500;padding:6px 10px 6px 0;
border-bottom:1px solid ${COLOR.line};vertical-align:bottom}
td{padding:6px 10px 6px 0;border-bottom:1px solid ${COLOR.line};vertical-align:top;overflow-wrap:break-word}
.long{overflow-wrap:anywhere;min-width:200px}
td:first-child{min-width:92px}tr:last-child td{border-bottom:0}
.n{text-align:right;padding-right:14px;font-variant-numeric:tabular-nums}td.n{white-space:nowrap}
.q{color:${COLOR.muted}}
.bar{background:${COLOR.accentPale};border-radius:4px;height:10px;min-width:48px;overflow:hidden;margin-top:5px}
.bar div{height:10px;border-radius:4px}
.spark{white-space:nowrap;line-height:0;height:26px}
.spark span{display:inline-block;vertical-align:bottom;width:5px;margin-right:1px;background:${COLOR.accentMid};border-radius:1px 1px 0 0}
.say{border-radius:8px;padding:9px 14px;margin:0 0 6px;overflow-wrap:break-word}
.say b{font-weight:650}
.preview td,.preview th{white-space:nowrap;max-width:220px;overflow:hidden;text-overflow:ellipsis;padding-right:16px}
ol,ul{margin:4px 0 8px;padding-left:22px}li{margin:3px 0;overflow-wrap:break-word}
code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:12.5px}
`.replace(/\n/g, '');

/** The whole safe document. */
export const safePage = (title: string, body: Content): string =>
	html`<!doctype html>
		<html lang="en">
		<head><meta charset="utf-8"><title>${title}</title><style>${trusted(STYLE)}</style></head>
		<body><div class="r">${body}</div></body>
		</html>`.text;

export const badge = (text: string, tone: Tone): Markup =>
	html`<span class="badge" style="color:${TONES[tone][0]};background:${TONES[tone][1]}">${text}</span>`;

/** Big first lines: what this is, the conclusion in one sentence, what stands behind it. */
export const headline = (input: { eyebrow: string; sentence: string; lead?: Content; verdict?: { text: string; tone: Tone } }): Markup =>
	html`<p class="eyebrow">${input.eyebrow}${input.verdict ? html` &nbsp;${badge(input.verdict.text, input.verdict.tone)}` : ''}</p>
		<h1>${input.sentence}</h1>
		${input.lead ? html`<p class="lead">${input.lead}</p>` : ''}`;

/** A row of figures with what they count. */
export const facts = (items: Array<{ label: string; value: string } | undefined | false>): Markup =>
	html`<div class="facts">
		${items.map((f) => (f ? html`<div class="fact"><b>${f.value}</b><span>${f.label}</span></div>` : ''))}
	</div>`;

export interface TableColumn {
	head: string;
	number?: boolean;
	width?: string;
}

/**
 * A table; cells that are no `Markup` are escaped. `preview` (rows of data) and `matrix` may be wider than the page, and are scrolled then.
 */
export function table(columns: TableColumn[], rows: Content[][], options: { kind?: 'sortable' | 'preview' | 'matrix' } = {}): Markup {
	const ofNumbers = (column: TableColumn | undefined): Content => (column?.number ? trusted(' class="n"') : '');
	const width = (column: TableColumn): Content => (column.width ? html` style="width:${column.width}"` : '');
	return html`<div class="scroll"><table class="${options.kind ?? 'sortable'}">
		<thead><tr>${columns.map((c) => html`<th${ofNumbers(c)}${width(c)}>${c.head}</th>`)}</tr></thead>
		<tbody>${rows.map((row) => html`<tr>${row.map((cell, i) => html`<td${ofNumbers(columns[i])}>${cell}</td>`)}</tr>`)}</tbody>
	</table></div>`;
}

/** A horizontal bar, `share` of its cell (0 to 1). */
export function bar(share: number, color: string = COLOR.accent): Markup {
	const percent = Math.max(0, Math.min(1, Number.isFinite(share) ? share : 0)) * 100;
	return html`<div class="bar"><div style="width:${percent.toFixed(1)}%;background:${color}"></div></div>`;
}

/** A small histogram of boxes; at most 24 bars, neighbours joined. */
export function spark(counts: readonly number[]): Markup {
	const step = Math.ceil(counts.length / 24) || 1;
	const joined: number[] = [];
	for (let i = 0; i < counts.length; i += step) joined.push(counts.slice(i, i + step).reduce((a, b) => a + b, 0));
	const most = Math.max(1, ...joined);
	const height = (n: number): string => String(n === 0 ? 1 : Math.max(2, Math.round((24 * n) / most)));
	return html`<div class="spark">${joined.map((n) => html`<span style="height:${height(n)}px"></span>`)}</div>`;
}

/** A sentence in a coloured box: a warning, a passed or failed rule. */
export function say(tone: Tone, text: Content, strong?: string): Markup {
	const [color, background] = TONES[tone];
	const ink = tone === 'plain' ? COLOR.ink : color;
	return html`<p class="say" style="background:${background};color:${ink}">${strong ? html`<b>${strong}</b> ` : ''}${text}</p>`;
}

export const section = (title: string | undefined, body: Content, hint?: string): Markup =>
	html`${title === undefined ? '' : html`<h2>${title}</h2>`}${hint ? html`<p class="hint">${hint}</p>` : ''}${body}`;

/** Names and values, two columns. */
export const pairs = (items: Array<[string, Content]>): Markup =>
	html`<div class="scroll"><table><tbody>
		${items.map(([name, value]) => html`<tr><td class="q" style="width:34%">${name}</td><td>${value}</td></tr>`)}
	</tbody></table></div>`;

export const bullets = (items: Content[]): Markup => html`<ul>${items.map((item) => html`<li>${item}</li>`)}</ul>`;

export { html, join, trusted, type Content, type Markup };
