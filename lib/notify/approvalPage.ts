import type { Approval } from '../domain/approval.js';
import { date } from '../report/formatting.js';
import { fluid } from '../report/makeReport.js';
import { html, trusted, type Content } from '../report/markup.js';
import { ENGLISH, type ApprovalStrings } from './approvalStrings.js';
import { approvalStyle, type Look } from './approvalStyle.js';
import type { ApprovalScore, ApprovalView } from './approvalView.js';

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
/** Of the page itself, where it is opened from a file. */
const POLICY = "default-src 'none';style-src 'unsafe-inline';img-src data:;base-uri 'none'";

const page = (title: string, body: Content, strings: ApprovalStrings, look?: Look): string =>
	html`<!doctype html>
		<html lang="${strings.lang}">
		<head>
			<meta charset="utf-8">
			<meta name="viewport" content="width=device-width,initial-scale=1">
			<meta name="referrer" content="no-referrer">
			<meta name="robots" content="noindex">
			<meta http-equiv="Content-Security-Policy" content="${trusted(POLICY)}">
			<title>${title}</title>
			<style>${trusted(approvalStyle(look))}</style>
		</head>
		<body><main>${body}</main></body>
		</html>`.text;

function barOf(share: number | undefined, other = false): Content {
	if (share === undefined) return '';
	const percent = Math.max(0, Math.min(1, Number.isFinite(share) ? share : 0)) * 100;
	return html`<div class="bar"><i${other ? trusted(' class="o"') : ''} style="width:${percent.toFixed(1)}%"></i></div>`;
}

/** The name of a score, and what a reader should know of it: the direction, the verdict; on phones what guessing would give, too. */
function scoreName(score: ApprovalScore, main: boolean, s: ApprovalStrings): Content {
	const words = { better: [s.verdictBetter, 'good'], worse: [s.verdictWorse, 'bad'], same: [s.verdictSame, 'same'] } as const;
	const [word, tone] = words[score.verdict ?? 'same'];
	const verdict = score.verdict && (score.verdict !== 'same' || main);
	return html`${score.label}
		${score.lowerIsBetter ? html` <span class="hint">(${s.lowerIsBetter})</span>` : ''}
		${score.guessing === undefined ? '' : html`<span class="gn hint">${s.guessing}: ${score.guessing}</span>`}
		${verdict ? html`<br><span class="tag ${tone}">${word}</span>` : ''}`;
}

function scoreRows(view: ApprovalView, s: ApprovalStrings): Content {
	const theirs = view.scores.some((r) => r.theirs !== undefined);
	const guess = view.scores.some((r) => r.guessing !== undefined);
	const rows = view.scores.map(
		(r, i) => html`<tr>
			<td>${scoreName(r, i === 0, s)}</td>
			<td class="v"><b>${r.ours}</b>${barOf(r.bars?.ours)}</td>
			${theirs ? html`<td class="v">${r.theirs ?? '–'}${barOf(r.bars?.theirs, true)}</td>` : ''}
			${guess ? html`<td class="v g soft">${r.guessing ?? '–'}</td>` : ''}
		</tr>`,
	);
	return html`<table>
			<thead><tr>
				<th scope="col">${s.score}</th>
				<th scope="col">${s.challenger}</th>
				${theirs ? html`<th scope="col">${s.champion}</th>` : ''}
				${guess ? html`<th scope="col" class="g">${s.guessing}</th>` : ''}
			</tr></thead>
			<tbody>${rows}</tbody>
		</table>
		${view.guessingLooksGood ? html`<p class="hint">${s.guessingHint}</p>` : ''}`;
}

/** What failed its rules is not offered with "Approve" as the button that catches the eye: there, rejecting is the main one. */
function buttons(view: ApprovalView, s: ApprovalStrings): Content {
	const failed = view.gate !== undefined && !view.gate.passed;
	const [no, yes] = failed ? [' main', 'plain'] : ['', 'main'];
	return html`${failed ? html`<p class="say bad">${view.gate?.refused ? s.refusedHint : s.failedHint}</p>` : ''}
		<div class="buttons">
			<button class="no${no}" name="decision" value="rejected">${s.reject}</button>
			<button class="yes ${yes}" name="decision" value="approved">${failed ? s.approveAnyway : s.approve}</button>
		</div>`;
}

/** What the one who looks is asked; nothing where the page is looked at alone. */
const decision = (view: ApprovalView, s: ApprovalStrings): Content =>
	view.approver === undefined
		? ''
		: html`<aside class="card d"><form method="post" action="${view.action ?? ''}">
				<h2>${s.decideTitle}</h2>
				<p class="hint">${s.whoYouAre(view.approver)}</p>
				<div class="effects">
					<p><b>${s.onApprove}:</b> ${view.onApprove ?? s.approveEffect(view.modelName)}</p>
					<p><b>${s.onReject}:</b> ${view.onReject ?? s.rejectEffect(view.modelName)}</p>
				</div>
				<label for="comment">${s.comment}</label>
				<textarea id="comment" name="comment" maxlength="2000" placeholder="${s.commentHint}"></textarea>
				${buttons(view, s)}
				<p class="hint">${s.expires(date(view.expiresAt, true))} ${s.once}</p>
			</form></aside>`;

/** The rules, what each of them found, and on which rows. Where there were too few rows, nothing was failed. */
function gateCard(gate: NonNullable<ApprovalView['gate']>, s: ApprovalStrings): Content {
	const word = (passed: boolean): string => (passed ? s.gatePassed : gate.refused ? s.gateRefused : s.gateFailed);
	const reasons = gate.reasons.map((r) => html`<p class="say ${r.passed ? 'good' : 'bad'}"><b>${word(r.passed)}</b> ${r.text}</p>`);
	return html`<section class="card">
		<h2>${s.gateTitle}</h2>
		${gate.judged ? html`<p class="hint">${s.judgedOn(gate.judged)}</p>` : ''}
		${reasons.length ? reasons : html`<p class="hint">${s.gateNone}</p>`}
	</section>`;
}

/** What programs that call the model will meet; before all scores, since no score tells of it. */
const changesCard = (changes: readonly string[], s: ApprovalStrings): Content =>
	html`<section class="card over">
		<h2>${s.changesTitle}</h2>
		${changes.map((sentence) => html`<p class="say bad">${sentence}</p>`)}
		<p class="hint">${s.changesHint}</p>
	</section>`;

const TONES = { better: 'good', worse: 'bad', same: 'same' } as const;

/** The scores beside those of the model in use, and what is known about the rows of both. */
function scoresCard(view: ApprovalView, s: ApprovalStrings): Content {
	const { gate, comparison } = view;
	const compared = view.comparedOn === 'perhaps_seen' ? s.compareHintSeen : s.compareHint;
	const alone = view.notCompared ? s.notCompared(view.notCompared) : s.noChampion;
	return html`<section class="card a">
		<h2>${view.hasChampion ? s.compareTitle : s.aloneTitle}</h2>
		<p class="hint">${view.hasChampion ? compared(view.rows ?? '') : alone}</p>
		${gate && !gate.passed ? html`<p class="say bad">${gate.refused ? s.refusedWarning : s.gateWarning}</p>` : ''}
		${comparison ? html`<p class="say ${TONES[comparison.verdict]}">${comparison.text}</p>` : ''}
		${scoreRows(view, s)}
	</section>`;
}

const figure = ({ wide, narrow }: ApprovalView['charts'][number]): Content =>
	html`<figure>
		<figcaption><b>${wide.title}</b><span>${wide.subtitle}</span></figcaption>
		<div class="wide" role="img" aria-label="${wide.alt}">${trusted(fluid(wide.svg))}</div>
		<div class="narrow" role="img" aria-label="${wide.alt}">${trusted(fluid(narrow.svg))}</div>
	</figure>`;

const detail = ({ label, value }: ApprovalView['details'][number]): Content => html`<dt>${label}</dt><dd>${value}</dd>`;

/**
 * The page behind an approval link: complete HTML, no script, nothing from elsewhere. Showing it changes nothing; the form sends
 * `decision` (`approved` or `rejected`) and `comment` by POST to the page's own address.
 */
export function approvalPage(view: ApprovalView, strings: ApprovalStrings = ENGLISH): string {
	const s = strings;
	const question = s.question(view.modelName);
	const { scores, gate, charts, details } = view;
	return page(
		`${s.eyebrow}: ${view.title}`,
		html`<header class="head">
				<p class="eyebrow">${s.eyebrow}</p>
				<h1>${scores.length ? question : view.title}</h1>
				${scores.length && view.title !== question ? html`<p class="hint">${view.title}</p>` : ''}
				${view.sentence ? html`<p class="lead">${view.sentence}</p>` : ''}
			</header>
			${view.changes.length ? changesCard(view.changes, s) : ''}
			<div class="${view.approver === undefined ? 'grid facts' : 'grid'}">
				${scores.length ? scoresCard(view, s) : ''}
				${decision(view, s)}
				<div class="b">
					${gate ? gateCard(gate, s) : ''}
					${charts.length ? html`<section class="card"><h2>${s.chartsTitle}</h2>${charts.map(figure)}</section>` : ''}
					${details.length ? html`<section class="card"><h2>${s.detailsTitle}</h2><dl>${details.map(detail)}</dl></section>` : ''}
				</div>
			</div>`,
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
		html`<p class="soft">${approval.subject.title}</p>
			<p>${strings.decidedText(approval.decidedBy ?? '', decidedAt(approval))}</p>
			${quoted(approval, strings)}
			<p class="hint">${strings.decidedNext}</p>`,
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
		html`<p class="soft">${approval.subject.title}</p>
			<p>${text}</p>
			${quoted(approval, strings)}
			${about ? html`<dl>${detail({ label: strings.model, value: about })}</dl>` : ''}
			<p class="hint">${strings.closePage}</p>`,
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
		html`<p class="soft">${approval.subject.title}</p>
			<p>${closed ? strings.closedText : strings.expiredText(date(approval.expiresAt, true))}</p>
			<p class="hint">${strings.closePage}</p>`,
		strings,
	);
}

/** Shown for a link whose signature or approval is unknown. Tells nothing about any request. */
export const invalidLinkPage = (strings: ApprovalStrings = ENGLISH): string =>
	message('bad', '!', strings.invalidTitle, html`<p>${strings.invalidText}</p>`, strings);
