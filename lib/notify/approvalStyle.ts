import { COLOR, FONT } from '../report/theme.js';

/** Colours of the page, where they are not as the reader's device says. */
export type Look = 'light' | 'dark';

const LIGHT =
	`--page:#eef1f8;--card:#fff;--ink:${COLOR.ink};--soft:${COLOR.soft};--muted:#5c6478;--line:${COLOR.line};` +
	`--faint:${COLOR.faint};--edge:#c9d0e0;--accent:${COLOR.accent};--accent-dark:${COLOR.accentDark};` +
	`--accent-mid:${COLOR.accentMid};--accent-pale:${COLOR.accentPale};--on-accent:#fff;--neutral:${COLOR.neutral};` +
	`--good:#15714b;--good-pale:${COLOR.goodPale};--bad:${COLOR.bad};--bad-pale:${COLOR.badPale};--bad-edge:#e3b9b5`;
/** The same roles on a dark screen; each text has a contrast of at least 4.5 against what it stands on. */
const DARK =
	'--page:#11151f;--card:#1a2030;--ink:#e8ebf4;--soft:#c2c9da;--muted:#9aa4ba;--line:#303a50;--faint:#222a3d;--edge:#46516b;' +
	'--accent:#8fa0f5;--accent-dark:#b7c2fb;--accent-mid:#6d80e0;--accent-pale:#28325a;--on-accent:#10152b;--neutral:#7d88a3;' +
	'--good:#6fd3a4;--good-pale:#15352a;--bad:#f19b94;--bad-pale:#40211f;--bad-edge:#7a443f';

/** Charts are drawn for paper. */
const DARK_RULES = `:root{${DARK}}.wide,.narrow{background:#fff;border-radius:10px;padding:8px;margin-top:8px}`;
const LOOKS: Record<Look | 'auto', string> = {
	auto: `:root{color-scheme:light dark;${LIGHT}}@media(prefers-color-scheme:dark){${DARK_RULES}}`,
	light: `:root{color-scheme:light;${LIGHT}}`,
	dark: `:root{color-scheme:dark}${DARK_RULES}`,
};

const STYLE = `
*{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);font:15px/1.55 ${FONT};-webkit-text-size-adjust:100%}
main{max-width:1080px;margin:0 auto;padding:36px 20px 60px}
.head{padding:0 6px 22px}.eyebrow{color:var(--accent);font-weight:600;font-size:13px;margin:0 0 6px}
h1{font-size:28px;line-height:1.22;letter-spacing:-.015em;font-weight:700;margin:0 0 8px;overflow-wrap:anywhere;text-wrap:balance}
h2{font-size:16px;line-height:1.3;font-weight:650;margin:0 0 4px}
p{margin:0 0 10px;overflow-wrap:anywhere}.soft{color:var(--soft)}table+.hint{margin-top:14px}.hint{color:var(--muted);font-size:13px}
.lead{font-size:17px;color:var(--soft);max-width:64ch;margin:0}
.grid{display:grid;grid-template-columns:minmax(0,1fr) 336px;grid-template-areas:"a d" "b d";gap:18px;
align-items:start;grid-template-rows:auto 1fr}
.grid.facts{grid-template-columns:minmax(0,1fr);grid-template-areas:"a" "b"}
.over{margin-bottom:18px}.a{grid-area:a}.b{grid-area:b;display:grid;gap:18px}.d{grid-area:d;position:sticky;top:18px}
.card{background:var(--card);border-radius:16px;padding:24px 26px;box-shadow:0 1px 2px rgba(29,36,51,.06),0 8px 24px rgba(29,36,51,.05)}
.say{border-radius:10px;padding:10px 14px;margin:10px 0 0}.good{background:var(--good-pale);color:var(--good)}
.bad{background:var(--bad-pale);color:var(--bad)}.same{background:var(--accent-pale);color:var(--accent-dark)}
table{border-collapse:collapse;width:100%;margin-top:12px;font-size:14px}
th{text-align:left;font-weight:500;font-size:12.5px;color:var(--muted);padding:0 10px 8px 0;border-bottom:1px solid var(--line)}
td{padding:12px 10px 12px 0;border-bottom:1px solid var(--line);vertical-align:top}tr:last-child td{border-bottom:0;padding-bottom:0}
td.v{font-variant-numeric:tabular-nums;white-space:nowrap;min-width:84px}td.v b{font-size:15.5px;font-weight:650}
.bar{height:6px;border-radius:3px;background:var(--accent-pale);margin-top:6px;overflow:hidden}
.bar i{display:block;height:6px;border-radius:3px;background:var(--accent)}.bar i.o{background:var(--neutral)}
.tag{display:inline-block;border-radius:99px;font-size:12px;font-weight:600;padding:1px 9px;margin-top:3px}
label{display:block;font-size:13px;font-weight:600;margin:14px 0 5px}
textarea{width:100%;min-height:84px;font:inherit;color:inherit;padding:9px 12px;
border:1px solid var(--edge);border-radius:10px;resize:vertical;background:var(--card)}
textarea:focus-visible,button:focus-visible{outline:3px solid var(--accent-mid);outline-offset:2px}
.buttons{display:grid;grid-template-columns:1fr 1fr;gap:10px;margin:14px 0 12px}
button{font:inherit;font-weight:650;border-radius:10px;padding:12px 14px;min-height:48px;cursor:pointer;border:1.5px solid transparent}
.main{background:var(--accent);color:var(--on-accent)}.main:hover{background:var(--accent-dark)}
.plain{background:var(--card);color:var(--accent-dark);border-color:var(--edge)}.plain:hover{background:var(--accent-pale)}
.no.main{background:var(--bad);color:var(--card);border-color:transparent}.no.main:hover{filter:brightness(.92)}
.no{background:var(--card);color:var(--bad);border-color:var(--bad-edge)}.no:hover{background:var(--bad-pale)}
dl{margin:8px 0 0;display:grid;grid-template-columns:minmax(92px,auto) 1fr;gap:6px 16px;font-size:14px}dt{color:var(--muted)}
dd{margin:0;overflow-wrap:anywhere}
.effects{font-size:13.5px;color:var(--soft)}.effects b{color:var(--ink);font-weight:600}
figure{margin:0;padding:14px 0 6px;border-top:1px solid var(--line)}figure:first-of-type{border-top:0}figcaption{font-size:14.5px}
figcaption b{font-weight:600}figcaption span{display:block;color:var(--muted);font-size:13px}
.narrow,.gn{display:none}
.one{max-width:560px;margin:9vh auto 0;text-align:left}
.one .mark{width:52px;height:52px;border-radius:50%;display:grid;place-items:center;font-size:26px;margin:0 0 16px}
.one h1{font-size:25px}
blockquote{margin:14px 0;padding:10px 16px;background:var(--faint);border-radius:10px;white-space:pre-wrap;overflow-wrap:anywhere}
@media(max-width:820px){
main{padding:22px 12px 36px}
.grid{grid-template-columns:minmax(0,1fr);grid-template-areas:"a" "d" "b";grid-template-rows:none}.d{position:static}h1{font-size:23px}
.lead{font-size:16px}.card{padding:20px 18px;border-radius:14px}.one{margin-top:4vh}
}
@media(max-width:560px){
.wide{display:none}.narrow{display:block}figure{margin:0 -6px}th.g,td.g{display:none}.gn{display:block}
td.v{min-width:64px}td,th{padding-right:8px}
}
@media(prefers-reduced-motion:no-preference){button{transition:background .12s}}
@media print{:root{${LIGHT}}.d{display:none}body{background:#fff}}
`.replace(/\n/g, '');

/** The style sheet of all pages of an approval. */
export const approvalStyle = (look: Look | undefined): string => LOOKS[look ?? 'auto'] + STYLE;
