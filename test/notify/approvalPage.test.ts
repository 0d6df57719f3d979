import {
	alreadyDecidedPage,
	APPROVAL_HEADERS,
	approvalPage,
	decidedPage,
	expiredPage,
	invalidLinkPage,
} from '../../lib/notify/approvalPage';
import { approvalView } from '../../lib/notify/approvalView';
import { ENGLISH } from '../../lib/notify/approvalStrings';
import type { Approval } from '../../lib/domain/approval';
import { evaluation, regressionEvaluation, run } from '../report/fixtures';

const approval: Approval = {
	id: 'x',
	status: 'pending',
	createdAt: '2026-11-23T21:00:00Z',
	subject: { title: 'flights version 4', modelName: 'flights' },
	approvers: ['Dana'],
	expiresAt: '2026-11-26T21:00:00Z',
	items: 'x',
};
const hostile = '<img src=x onerror=alert(1)>"\'`';
/** All that could load, run or send something by itself. */
const ACTIVE = /<script|<iframe|<object|<embed|<link|<img|\son\w+\s*=|javascript:|url\((?!#)|@import|src=/i;

it('shows the question, both models, the rules, the charts, who decides and until when, and sends nothing by itself', async () => {
	const page = approvalPage(await approvalView(approval, evaluation(), run(), { approver: 'Dana Whitfield' }));
	for (const text of [
		'Should the new “flights” model take over?',
		'0.702',
		'0.687',
		'Better than flight-delays version 3',
		'Dana Whitfield',
		'26 Nov 2026, 21:00\u00a0UTC',
		'at least 0.65 was asked for',
		'ranks a “late = yes” case above',
	])
		expect(page).toContain(text);
	expect(page.match(/<svg /g)?.length).toBeGreaterThanOrEqual(6);
	expect(page).toContain('<form method="post"');
	expect(page).toMatch(/name="decision" value="approved"/);
	expect(page).toMatch(/name="decision" value="rejected"/);
	expect(page).not.toMatch(ACTIVE);
	expect(Buffer.byteLength(page)).toBeLessThan(500_000);
});

it('warns beside the scores when a rule failed, and says so when there is nothing to compare with', async () => {
	const page = approvalPage(await approvalView(approval, regressionEvaluation(), run(), { approver: 'Dana' }));
	expect(page).toContain(ENGLISH.gateWarning);
	expect(page).toContain(ENGLISH.noChampion);
});

it('says which rows were judged, and that too few rows are no failure', async () => {
	const page = async (gate: ReturnType<typeof evaluation>['gate']) =>
		approvalPage(await approvalView(approval, evaluation({ gate }), run(), { approver: 'Dana' }));
	const judged = '240 rows of orchard version 1, none seen in training.';
	const refused = await page({ passed: false, refused: true, judged, reasons: [{ passed: false, text: 'There are only 1 of "yes".' }] });
	for (const text of [`Judged on ${judged}`, ENGLISH.gateRefused, ENGLISH.refusedWarning, ENGLISH.refusedHint, ENGLISH.approveAnyway])
		expect(refused).toContain(text);
	for (const text of [ENGLISH.gateFailed, ENGLISH.gateWarning, ENGLISH.failedHint]) expect(refused).not.toContain(text);
	const failed = await page({ passed: false, judged, reasons: [{ passed: false, text: 'No better.' }] });
	for (const text of [`Judged on ${judged}`, ENGLISH.gateFailed, ENGLISH.gateWarning, ENGLISH.failedHint]) expect(failed).toContain(text);
	expect(failed).not.toContain(ENGLISH.gateRefused);
});

it('compares scores by what was measured on the same rows, and calls only clear differences better or worse', async () => {
	const { comparison } = evaluation();
	const paired = (metric: string, theirs: number, low: number, high: number) => ({
		...comparison!,
		metric,
		theirs,
		difference: { value: (low + high) / 2, low, high },
	});
	const measured = evaluation({
		comparisons: [paired('accuracy', 0.7, 0.05, 0.1), paired('logLoss', 0.3, -0.2, -0.1), paired('recall', 0.561, -0.01, 0.01)],
	});
	const { scores } = await approvalView(approval, measured, run(), { approver: 'Dana', champion: 'flights@3' });
	const of = (label: string) => scores.find((s) => s.label === label);
	expect(of('Accuracy')).toMatchObject({ theirs: '70.0\u00a0%', verdict: 'better' });
	expect(of('Log loss')).toMatchObject({ verdict: 'worse', lowerIsBetter: true });
	expect(of('Recall')).toMatchObject({ verdict: 'same' });
	expect(of('Precision')?.theirs).toBeUndefined();
});

it('claims only what is known about the rows of the comparison', async () => {
	const page = async (e: ReturnType<typeof evaluation>, champion?: string) =>
		approvalPage(await approvalView(approval, e, run(), { approver: 'Dana', champion }));
	expect(await page(evaluation(), 'flights@3')).toContain('that neither has learned from');
	const unsure = await page(evaluation({ comparison: { ...evaluation().comparison!, seenUnknown: true } }), 'flights@3');
	expect(unsure).not.toContain('that neither has learned from');
	expect(unsure).toContain('may have learned from some of them');
	const apart = await page(evaluation({ comparison: undefined }), 'flights@3');
	expect(apart).toContain('flights@3 is in use, but the two were not compared');
	expect(apart).not.toContain(ENGLISH.noChampion);
});

it('says why guessing may have the higher accuracy, and only where it has', async () => {
	const page = async (accuracy: number) =>
		approvalPage(
			await approvalView(approval, evaluation({ baseline: { ...evaluation().baseline, accuracy } }), run(), { approver: 'Dana' }),
		);
	expect(await page(0.999)).toContain(ENGLISH.guessingHint);
	expect(await page(0.1)).not.toContain(ENGLISH.guessingHint);
});

it('works for a request that is about no model', async () => {
	const page = approvalPage(await approvalView(approval, undefined, undefined, { approver: 'Dana', onApprove: 'The report is sent.' }));
	expect(page).toContain('The report is sent.');
	expect(page).toContain('name="comment"');
});

it('shows hostile names as text everywhere', async () => {
	const bad: Approval = {
		...approval,
		status: 'approved',
		subject: { title: hostile, modelName: hostile },
		decidedBy: hostile,
		decidedAt: approval.createdAt,
		comment: hostile,
	};
	const e = evaluation({
		target: hostile,
		importance: [{ feature: hostile, drop: 1, std: 0 }],
		comparison: { ...(evaluation().comparison as NonNullable<ReturnType<typeof evaluation>['comparison']>), against: hostile },
		gate: { passed: false, reasons: [{ passed: false, text: hostile }] },
	});
	const pages = [
		approvalPage(await approvalView(bad, e, run({ learner: hostile }), { approver: hostile, action: hostile, onApprove: hostile })),
		decidedPage(bad),
		alreadyDecidedPage(bad, hostile),
		alreadyDecidedPage(bad, 'Lee'),
		expiredPage(bad),
		invalidLinkPage(),
	];
	for (const page of pages) {
		expect(page).not.toContain('<img');
		expect(page.replace(/"[^"]*"/g, '""')).not.toMatch(/<[^>]*\sonerror/i);
	}
});

it('names the first decider politely, and tells a stale, closed or broken link what happened', () => {
	const decided: Approval = { ...approval, status: 'rejected', decidedBy: 'Lee', decidedAt: '2026-11-24T08:12:00Z' };
	expect(alreadyDecidedPage(decided, 'Dana')).toContain('Lee rejected this on 24 Nov 2026, 08:12\u00a0UTC');
	expect(alreadyDecidedPage(decided, 'Lee')).toContain('You rejected this on 24 Nov 2026, 08:12\u00a0UTC');
	expect(decidedPage(decided)).toContain('Rejected');
	expect(expiredPage({ ...approval, status: 'expired' })).toContain('This request has run out');
	expect(expiredPage({ ...approval, status: 'closed' })).toContain('This request was closed');
	expect(invalidLinkPage()).not.toContain('flights');
});

it('takes another language as one object', async () => {
	const german = { ...ENGLISH, lang: 'de', approve: 'Zustimmen', reject: 'Ablehnen' };
	const page = approvalPage(await approvalView(approval, undefined, undefined, { approver: 'Dana' }), german);
	expect(page).toContain('<html lang="de">');
	expect(page).toContain('>Zustimmen</button>');
});

it('is never cached, framed or named to others', () => {
	expect(APPROVAL_HEADERS).toMatchObject({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' });
	expect(APPROVAL_HEADERS['Content-Security-Policy']).toContain("frame-ancestors 'none'");
	expect(APPROVAL_HEADERS['Content-Security-Policy']).toContain("default-src 'none'");
});

it('offers rejecting as the main button where a rule failed, and approving where none did', async () => {
	const main = (page: string) =>
		[...page.matchAll(/<button class="[^"]*\bmain\b[^"]*" name="decision" value="(\w+)"/g)].map(([, value]) => value);
	expect(main(approvalPage(await approvalView(approval, evaluation(), run(), { approver: 'Dana' })))).toEqual(['approved']);
	const failed = approvalPage(await approvalView(approval, regressionEvaluation(), run(), { approver: 'Dana' }));
	expect(main(failed)).toEqual(['rejected']);
	expect(failed).toContain(ENGLISH.failedHint);
	expect(failed).toContain(`>${ENGLISH.approveAnyway}</button>`);
});

it('says of every score where lower is better, and gives the better of two the longer bar', async () => {
	const { comparison } = evaluation();
	const e = regressionEvaluation();
	const paired = evaluation({
		...e,
		comparisons: [{ ...comparison!, metric: 'rmse', ours: 2, theirs: 4, difference: { value: 2, low: 1, high: 3 } }],
	});
	const view = await approvalView(approval, paired, run(), { approver: 'Dana', champion: 'x@1' });
	const rmse = view.scores.find((s) => s.label.includes('RMSE'))!;
	expect(rmse).toMatchObject({ lowerIsBetter: true, verdict: 'better', bars: { ours: 1, theirs: 0.5 } });
	expect(approvalPage(view)).toMatch(/RMSE\) <span class="hint">\(lower is better\)/);
});
