import { setImmediate as pause } from 'node:timers/promises';
import type { Approval } from '../domain/approval.js';
import type { EvaluationRecord } from '../domain/evaluation.js';
import type { RunRecord } from '../domain/run.js';
import { drawChart, type Drawn } from '../report/charts/draw.js';
import { evaluationSentence } from '../report/evaluationText.js';
import { count, date, duration, number } from '../report/formatting.js';
import { learnerName } from '../report/learnerName.js';
import { html, trusted, type Content } from '../report/markup.js';
import { comparisonVerdict } from '../report/panels/evaluation/champion.js';
import { fluid } from '../report/makeReport.js';
import { evaluationCharts } from '../report/reports/evaluation.js';
import { splitText } from '../report/splitText.js';
import { COLOR, FONT } from '../report/theme.js';
import { metricValue, metricWords, purposeFact } from '../report/reportWords.js';
import { ENGLISH, type ApprovalStrings } from './approvalStrings.js';

/** One line of the comparison; `share` is the length of its bar (0 to 1). */
export interface ApprovalScore {
	label: string;
	ours: string;
	theirs?: string;
	guessing?: string;
	lowerIsBetter: boolean;
	verdict?: 'better' | 'worse' | 'same';
	bars?: { ours: number; theirs?: number };
}

/** All that the approval page shows. */
export interface ApprovalView {
	title: string;
	modelName?: string;
	/** The conclusion in one sentence. */
	sentence?: string;
	/** New against old in one sentence. */
	comparison?: { text: string; verdict: 'better' | 'worse' | 'same' };
	scores: ApprovalScore[];
	/** Whether guessing has the higher accuracy, as it may where one answer is frequent: that needs a word. */
	guessingLooksGood?: boolean;
	/** Rows both were judged on, for example `512,344 rows`. */
	rows?: string;
	/** Whether the scores of a model in use stand beside, and whether it is known that it never saw these rows. */
	hasChampion: boolean;
	comparedOn?: 'new' | 'perhaps_seen';
	/** The model in use, where the two were not compared. */
	notCompared?: string;
	gate?: EvaluationRecord['gate'];
	/** Each drawn for wide screens and for phones. */
	charts: Array<{ wide: Drawn; narrow: Drawn }>;
	details: Array<{ label: string; value: string }>;
	/** Name from the signed link; absent: the facts alone, without the form. */
	approver?: string;
	/** Colours; else as the reader's device says. */
	look?: Look;
	/** ISO time. */
	expiresAt: string;
	/** Where the form is sent; empty is the page's own address, signature and all. */
	action?: string;
	onApprove?: string;
	onReject?: string;
}

export type Look = 'light' | 'dark';

/** Send these with every approval page: no scripts, no framing, nothing cached, the signed address told to nobody. */
export const APPROVAL_HEADERS: Record<string, string> = {
	'Content-Type': 'text/html; charset=utf-8',
	'Content-Security-Policy':
		"default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	'Cache-Control': 'no-store',
	'Referrer-Policy': 'no-referrer',
	'X-Content-Type-Options': 'nosniff',
	'X-Robots-Tag': 'noindex',
};

/** The same for a page of facts that the console shows within its own: it may stand in a frame there. */
export const FACTS_HEADERS: Record<string, string> = {
	...APPROVAL_HEADERS,
	'Content-Security-Policy':
		"default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'",
};

export interface ApprovalViewOptions {
	/** Name from the signed link of the one who looks; absent: the facts alone. */
	approver?: string;
	look?: Look;
	/**
	 * Name and version of the model in use, if there is one. Its scores come from the evaluation's own comparison, nowhere else: those are of
	 * the same rows.
	 */
	champion?: string;
	action?: string;
	/** What the workflow does next, if it is known better than the page's own words. */
	onApprove?: string;
	onReject?: string;
}

/**
 * Lengths of the bars of two values: the better one has the longer bar, whichever direction the metric has. A value that stands alone has
 * none where lower is better.
 */
function barsOf(better: 'higher' | 'lower', ours: number, theirs: number | undefined): ApprovalScore['bars'] {
	const most = Math.max(Math.abs(ours), Math.abs(theirs ?? 0)) || 1;
	if (better === 'higher') {
		const full = Math.max(1, most);
		return { ours: ours / full, ...(theirs === undefined ? {} : { theirs: theirs / full }) };
	}
	const least = Math.min(ours, theirs ?? Infinity);
	return theirs === undefined || least <= 0 ? undefined : { ours: least / ours, theirs: least / theirs };
}

const CHARTS = ['comparison', 'anomaly_scores', 'importance', 'roc', 'residuals', 'confusion', 'calibration'];

/**
 * The page's content from the records. Everything is optional but the approval: a request that is about no model shows its title,
 * the decider and the buttons.
 */
export async function approvalView(
	approval: Approval,
	evaluation: EvaluationRecord | undefined,
	run: RunRecord | undefined,
	options: ApprovalViewOptions,
): Promise<ApprovalView> {
	const { champion } = options;
	const c = evaluation?.comparison;
	const base = {
		title: approval.subject.title,
		modelName: approval.subject.modelName,
		approver: options.approver,
		look: options.look,
		expiresAt: approval.expiresAt,
		action: options.action,
		onApprove: options.onApprove,
		onReject: options.onReject,
	};
	if (!evaluation) return { ...base, scores: [], charts: [], details: [], hasChampion: false };
	const pairs = new Map([...(evaluation.comparisons ?? []), ...(c ? [c] : [])].map((one) => [one.metric, one]));
	const ids = [evaluation.primary, ...Object.keys(evaluation.metrics).filter((id) => id !== evaluation.primary)]
		.filter((id) => evaluation.metrics[id])
		.slice(0, 6);
	const scores = ids.map((id): ApprovalScore => {
		const ours = evaluation.metrics[id];
		const paired = pairs.get(id);
		const theirs = paired?.theirs;
		const words = metricWords(id);
		const shown = paired?.ours ?? ours.value;
		return {
			label: words.label,
			lowerIsBetter: words.better === 'lower',
			ours: metricValue(id, shown),
			...(theirs === undefined ? {} : { theirs: metricValue(id, theirs) }),
			...(evaluation.baseline[id] === undefined ? {} : { guessing: metricValue(id, evaluation.baseline[id]) }),
			verdict: paired && comparisonVerdict(paired),
			bars: barsOf(words.better, shown, theirs),
		};
	});
	const verdict = c && comparisonVerdict(c);
	const comparison =
		c && verdict
			? {
					verdict,
					text:
						`${{ better: 'Better than', worse: 'Worse than', same: 'About as good as' }[verdict]} ${c.against}: ` +
						`${metricWords(c.metric).label} ${metricValue(c.metric, c.ours)} against ` +
						`${metricValue(c.metric, c.theirs)}${verdict === 'same' ? ', which may be chance' : ''} (p = ${number(c.pValue, 2)}).`,
				}
			: undefined;
	const wanted = evaluationCharts(evaluation)
		.filter((chart) => CHARTS.includes(chart.name))
		.sort((a, b) => CHARTS.indexOf(a.name) - CHARTS.indexOf(b.name))
		.slice(0, 4);
	const charts: ApprovalView['charts'] = [];
	for (const chart of wanted) {
		const wide = await drawChart(chart);
		await pause();
		charts.push({ wide, narrow: await drawChart(chart, 360) });
		await pause();
	}
	return {
		...base,
		sentence: evaluationSentence(evaluation),
		comparison,
		scores,
		guessingLooksGood: ids.includes('accuracy') && evaluation.baseline.accuracy > evaluation.metrics.accuracy.value,
		charts,
		gate: evaluation.gate,
		hasChampion: c !== undefined,
		comparedOn: c?.seenUnknown ? 'perhaps_seen' : 'new',
		notCompared: c ? undefined : champion,
		rows: count(c?.rows ?? evaluation.rows, 'row'),
		details: [
			purposeFact(evaluation),
			...(run
				? [
						{ label: 'Kind of model', value: learnerName(run.learner) },
						{ label: 'Learned from', value: splitText(run.split) },
						{ label: 'Training took', value: duration(run.seconds) },
					]
				: []),
			{ label: 'Model', value: evaluation.model.slice(0, 16) },
			{ label: 'Asked for', value: date(approval.createdAt, true) },
		],
	};
}

const LIGHT =
	`--page:#eef1f8;--card:#fff;--ink:${COLOR.ink};--soft:${COLOR.soft};--muted:#5c6478;--line:${COLOR.line};--faint:${COLOR.faint};--edge:#c9d0e0;` +
	`--accent:${COLOR.accent};--accent-dark:${COLOR.accentDark};--accent-mid:${COLOR.accentMid};--accent-pale:${COLOR.accentPale};--on-accent:#fff;--neutral:${COLOR.neutral};` +
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
.grid{display:grid;grid-template-columns:minmax(0,1fr) 336px;grid-template-areas:"a d" "b d";gap:18px;align-items:start;grid-template-rows:auto 1fr}
.grid.facts{grid-template-columns:minmax(0,1fr);grid-template-areas:"a" "b"}
.a{grid-area:a}.b{grid-area:b;display:grid;gap:18px}.d{grid-area:d;position:sticky;top:18px}
.card{background:var(--card);border-radius:16px;padding:24px 26px;box-shadow:0 1px 2px rgba(29,36,51,.06),0 8px 24px rgba(29,36,51,.05)}
.say{border-radius:10px;padding:10px 14px;margin:10px 0 0}.good{background:var(--good-pale);color:var(--good)}.bad{background:var(--bad-pale);color:var(--bad)}.same{background:var(--accent-pale);color:var(--accent-dark)}
table{border-collapse:collapse;width:100%;margin-top:12px;font-size:14px}
th{text-align:left;font-weight:500;font-size:12.5px;color:var(--muted);padding:0 10px 8px 0;border-bottom:1px solid var(--line)}
td{padding:12px 10px 12px 0;border-bottom:1px solid var(--line);vertical-align:top}tr:last-child td{border-bottom:0;padding-bottom:0}
td.v{font-variant-numeric:tabular-nums;white-space:nowrap;min-width:84px}td.v b{font-size:15.5px;font-weight:650}
.bar{height:6px;border-radius:3px;background:var(--accent-pale);margin-top:6px;overflow:hidden}.bar i{display:block;height:6px;border-radius:3px;background:var(--accent)}.bar i.o{background:var(--neutral)}
.tag{display:inline-block;border-radius:99px;font-size:12px;font-weight:600;padding:1px 9px;margin-top:3px}
label{display:block;font-size:13px;font-weight:600;margin:14px 0 5px}
textarea{width:100%;min-height:84px;font:inherit;color:inherit;padding:9px 12px;border:1px solid var(--edge);border-radius:10px;resize:vertical;background:var(--card)}
textarea:focus-visible,button:focus-visible{outline:3px solid var(--accent-mid);outline-offset:2px}
.buttons{display:grid;grid-template-columns:1fr 1fr;gap:10px;margin:14px 0 12px}
button{font:inherit;font-weight:650;border-radius:10px;padding:12px 14px;min-height:48px;cursor:pointer;border:1.5px solid transparent}
.main{background:var(--accent);color:var(--on-accent)}.main:hover{background:var(--accent-dark)}
.plain{background:var(--card);color:var(--accent-dark);border-color:var(--edge)}.plain:hover{background:var(--accent-pale)}
.no.main{background:var(--bad);color:var(--card);border-color:transparent}.no.main:hover{filter:brightness(.92)}
.no{background:var(--card);color:var(--bad);border-color:var(--bad-edge)}.no:hover{background:var(--bad-pale)}
dl{margin:8px 0 0;display:grid;grid-template-columns:minmax(92px,auto) 1fr;gap:6px 16px;font-size:14px}dt{color:var(--muted)}dd{margin:0;overflow-wrap:anywhere}
.effects{font-size:13.5px;color:var(--soft)}.effects b{color:var(--ink);font-weight:600}
figure{margin:0;padding:14px 0 6px;border-top:1px solid var(--line)}figure:first-of-type{border-top:0}figcaption{font-size:14.5px}figcaption b{font-weight:600}figcaption span{display:block;color:var(--muted);font-size:13px}
.narrow,.gn{display:none}
.one{max-width:560px;margin:9vh auto 0;text-align:left}.one .mark{width:52px;height:52px;border-radius:50%;display:grid;place-items:center;font-size:26px;margin:0 0 16px}
.one h1{font-size:25px}blockquote{margin:14px 0;padding:10px 16px;background:var(--faint);border-radius:10px;white-space:pre-wrap;overflow-wrap:anywhere}
@media(max-width:820px){main{padding:22px 12px 36px}.grid{grid-template-columns:minmax(0,1fr);grid-template-areas:"a" "d" "b";grid-template-rows:none}.d{position:static}h1{font-size:23px}.lead{font-size:16px}.card{padding:20px 18px;border-radius:14px}.one{margin-top:4vh}}
@media(max-width:560px){.wide{display:none}.narrow{display:block}figure{margin:0 -6px}th.g,td.g{display:none}.gn{display:block}td.v{min-width:64px}td,th{padding-right:8px}}
@media(prefers-reduced-motion:no-preference){button{transition:background .12s}}
@media print{:root{${LIGHT}}.d{display:none}body{background:#fff}}
`.replace(/\n/g, '');

const page = (title: string, body: Content, strings: ApprovalStrings, look: Look | 'auto' = 'auto'): string =>
	html`<!doctype html><html lang="${strings.lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="referrer" content="no-referrer"><meta name="robots" content="noindex"><meta http-equiv="Content-Security-Policy" content="default-src 'none';style-src 'unsafe-inline';img-src data:;base-uri 'none'"><title>${title}</title><style>${trusted(LOOKS[look] + STYLE)}</style></head><body><main>${body}</main></body></html>`
		.text;

const barOf = (share: number | undefined, other = false): Content =>
	share === undefined
		? ''
		: html`<div class="bar"><i${other ? trusted(' class="o"') : ''} style="width:${(Math.max(0, Math.min(1, Number.isFinite(share) ? share : 0)) * 100).toFixed(1)}%"></i></div>`;

function scoreRows(view: ApprovalView, s: ApprovalStrings): Content {
	const theirs = view.scores.some((r) => r.theirs !== undefined);
	const guess = view.scores.some((r) => r.guessing !== undefined);
	const words = { better: [s.verdictBetter, 'good'], worse: [s.verdictWorse, 'bad'], same: [s.verdictSame, 'same'] } as const;
	return html`<table><thead><tr><th scope="col">${s.score}</th><th scope="col">${s.challenger}</th>${theirs ? html`<th scope="col">${s.champion}</th>` : ''}${guess ? html`<th scope="col" class="g">${s.guessing}</th>` : ''}</tr></thead><tbody>${view.scores.map((r) => html`<tr><td>${r.label}${r.lowerIsBetter ? html` <span class="hint">(${s.lowerIsBetter})</span>` : ''}${r.guessing === undefined ? '' : html`<span class="gn hint">${s.guessing}: ${r.guessing}</span>`}${r.verdict && (r.verdict !== 'same' || r === view.scores[0]) ? html`<br><span class="tag ${words[r.verdict][1]}">${words[r.verdict][0]}</span>` : ''}</td><td class="v"><b>${r.ours}</b>${barOf(r.bars?.ours)}</td>${theirs ? html`<td class="v">${r.theirs ?? '–'}${barOf(r.bars?.theirs, true)}</td>` : ''}${guess ? html`<td class="v g soft">${r.guessing ?? '–'}</td>` : ''}</tr>`)}</tbody></table>${view.guessingLooksGood ? html`<p class="hint">${s.guessingHint}</p>` : ''}`;
}

/** What failed its rules is not offered with "Approve" as the button that catches the eye: there, rejecting is the main one. */
function buttons(view: ApprovalView, s: ApprovalStrings): Content {
	const failed = view.gate !== undefined && !view.gate.passed;
	return html`${failed ? html`<p class="say bad">${view.gate?.refused ? s.refusedHint : s.failedHint}</p>` : ''}<div class="buttons"><button class="no${failed ? ' main' : ''}" name="decision" value="rejected">${s.reject}</button><button class="yes ${failed ? 'plain' : 'main'}" name="decision" value="approved">${failed ? s.approveAnyway : s.approve}</button></div>`;
}

/** What the one who looks is asked; nothing where the page is looked at alone. */
const decision = (view: ApprovalView, s: ApprovalStrings): Content =>
	view.approver === undefined
		? ''
		: html`<aside class="card d"><form method="post" action="${view.action ?? ''}"><h2>${s.decideTitle}</h2><p class="hint">${s.whoYouAre(view.approver)}</p><div class="effects"><p><b>${s.onApprove}:</b> ${view.onApprove ?? s.approveEffect(view.modelName)}</p><p><b>${s.onReject}:</b> ${view.onReject ?? s.rejectEffect(view.modelName)}</p></div><label for="comment">${s.comment}</label><textarea id="comment" name="comment" maxlength="2000" placeholder="${s.commentHint}"></textarea>${buttons(view, s)}<p class="hint">${s.expires(date(view.expiresAt, true))} ${s.once}</p></form></aside>`;

/** The rules, what each of them found, and on which rows. Where there were too few rows, nothing was failed. */
function gateCard(gate: NonNullable<ApprovalView['gate']>, s: ApprovalStrings): Content {
	const word = (passed: boolean): string => (passed ? s.gatePassed : gate.refused ? s.gateRefused : s.gateFailed);
	const reasons = gate.reasons.map((r) => html`<p class="say ${r.passed ? 'good' : 'bad'}"><b>${word(r.passed)}</b> ${r.text}</p>`);
	const judged = gate.judged ? html`<p class="hint">${s.judgedOn(gate.judged)}</p>` : '';
	return html`<section class="card"><h2>${s.gateTitle}</h2>${judged}${reasons.length ? reasons : html`<p class="hint">${s.gateNone}</p>`}</section>`;
}

/**
 * The page behind an approval link: complete HTML, no script, nothing from elsewhere. Showing it changes nothing; the form sends
 * `decision` (`approved` or `rejected`) and `comment` by POST to the page's own address.
 */
export function approvalPage(view: ApprovalView, strings: ApprovalStrings = ENGLISH): string {
	const s = strings;
	const question = s.question(view.modelName);
	return page(
		`${s.eyebrow}: ${view.title}`,
		html`<header class="head"><p class="eyebrow">${s.eyebrow}</p><h1>${view.scores.length ? question : view.title}</h1>${view.scores.length && view.title !== question ? html`<p class="hint">${view.title}</p>` : ''}${view.sentence ? html`<p class="lead">${view.sentence}</p>` : ''}</header><div class="${view.approver === undefined ? 'grid facts' : 'grid'}">${view.scores.length ? html`<section class="card a"><h2>${view.hasChampion ? s.compareTitle : s.aloneTitle}</h2><p class="hint">${view.hasChampion ? (view.comparedOn === 'perhaps_seen' ? s.compareHintSeen : s.compareHint)(view.rows ?? '') : view.notCompared ? s.notCompared(view.notCompared) : s.noChampion}</p>${view.gate && !view.gate.passed ? html`<p class="say bad">${view.gate.refused ? s.refusedWarning : s.gateWarning}</p>` : ''}${view.comparison ? html`<p class="say ${{ better: 'good', worse: 'bad', same: 'same' }[view.comparison.verdict]}">${view.comparison.text}</p>` : ''}${scoreRows(view, s)}</section>` : ''}${decision(view, s)}<div class="b">${view.gate ? gateCard(view.gate, s) : ''}${view.charts.length ? html`<section class="card"><h2>${s.chartsTitle}</h2>${view.charts.map((c) => html`<figure><figcaption><b>${c.wide.title}</b><span>${c.wide.subtitle}</span></figcaption><div class="wide" role="img" aria-label="${c.wide.alt}">${trusted(fluid(c.wide.svg))}</div><div class="narrow" role="img" aria-label="${c.wide.alt}">${trusted(fluid(c.narrow.svg))}</div></figure>`)}</section>` : ''}${view.details.length ? html`<section class="card"><h2>${s.detailsTitle}</h2><dl>${view.details.map((d) => html`<dt>${d.label}</dt><dd>${d.value}</dd>`)}</dl></section>` : ''}</div></div>`,
		s,
		view.look,
	);
}

const message = (tone: 'good' | 'bad' | 'same', mark: string, title: string, text: Content, s: ApprovalStrings): string =>
	page(title, html`<div class="card one"><div class="mark ${tone}" aria-hidden="true">${mark}</div><h1>${title}</h1>${text}</div>`, s);

const decidedAt = (approval: Approval): string => date(approval.decidedAt ?? new Date().toISOString(), true);
const quoted = (approval: Approval, s: ApprovalStrings): Content =>
	approval.comment ? html`<p class="hint">${s.yourComment}</p><blockquote>${approval.comment}</blockquote>` : '';

/** Shown to the one whose answer counted. */
export function decidedPage(approval: Approval, strings: ApprovalStrings = ENGLISH): string {
	const yes = approval.status === 'approved';
	return message(
		yes ? 'good' : 'bad',
		yes ? '✓' : '✗',
		yes ? strings.approvedTitle : strings.rejectedTitle,
		html`<p class="soft">${approval.subject.title}</p><p>${strings.decidedText(approval.decidedBy ?? '', decidedAt(approval))}</p>${quoted(approval, strings)}<p class="hint">${strings.decidedNext}</p>`,
		strings,
	);
}

/**
 * Shown when a decided link is opened again: who decided what about which model, and when. Whoever opens it may be the one who decided.
 * @param approver name from the link that was opened
 */
export function alreadyDecidedPage(approval: Approval, approver: string | undefined, strings: ApprovalStrings = ENGLISH): string {
	const yes = approval.status === 'approved';
	const decision = yes ? 'approved' : 'rejected';
	const by = approval.decidedBy ?? '';
	const text = approver === by ? strings.yoursText(decision, decidedAt(approval)) : strings.alreadyText(by, decision, decidedAt(approval));
	const about = [approval.subject.modelName, approval.subject.model?.slice(0, 16)].filter(Boolean).join(', ');
	return message(
		'same',
		yes ? '✓' : '✗',
		strings.alreadyTitle(decision),
		html`<p class="soft">${approval.subject.title}</p><p>${text}</p>${quoted(approval, strings)}${about ? html`<dl><dt>${strings.model}</dt><dd>${about}</dd></dl>` : ''}<p class="hint">${strings.closePage}</p>`,
		strings,
	);
}

/** Shown when time ran out, or when the workflow that asked was stopped (`closed`). */
export function expiredPage(approval: Pick<Approval, 'expiresAt' | 'subject' | 'status'>, strings: ApprovalStrings = ENGLISH): string {
	const closed = approval.status === 'closed';
	return message(
		'same',
		'…',
		closed ? strings.closedTitle : strings.expiredTitle,
		html`<p class="soft">${approval.subject.title}</p><p>${closed ? strings.closedText : strings.expiredText(date(approval.expiresAt, true))}</p><p class="hint">${strings.closePage}</p>`,
		strings,
	);
}

/** Shown for a link whose signature or approval is unknown. Tells nothing about any request. */
export const invalidLinkPage = (strings: ApprovalStrings = ENGLISH): string =>
	message('bad', '!', strings.invalidTitle, html`<p>${strings.invalidText}</p>`, strings);
