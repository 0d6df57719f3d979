import { own } from '../../domain/dictionary.js';
import type { DriftRecord } from '../../domain/drift.js';
import { byPValue, driftChart, driftHistogramChart, driftStrength } from '../charts/drift.js';
import { number, percent, plain, score } from '../format.js';
import { makeReport, type Report } from '../report.js';
import { badge, bar, facts, html, say, table } from '../safeHtml.js';
import { COLOR } from '../theme.js';

/** Names of the tests for people. */
const TESTS: Record<string, string> = {
	ks: 'Kolmogorov-Smirnov',
	wasserstein: 'Wasserstein distance',
	jensenshannon: 'Jensen-Shannon distance',
	chisquare: 'chi-squared',
	contingency: 'contingency test',
	z: 'two-proportion Z',
	psi: 'population stability index',
};
export const testName = (id: string): string => own(TESTS, id.toLowerCase().replace(/[^a-z]/g, '')) ?? id.replace(/_/g, ' ');

const DEAD = {
	gone: 'it is gone',
	empty: 'it holds no value any more, or next to none',
	stuck: 'it holds the same value in every row',
} as const;

/** What changed between then and now, and whether it matters. */
export function driftReportHtml(drift: DriftRecord): Promise<Report> {
	const rows = [...drift.columns].sort((a, b) => Number(b.drifted) - Number(a.drifted) || driftStrength(b) - driftStrength(a));
	const shown = rows.slice(0, 50);
	const detail = rows.filter((c) => c.histogram && c.histogram.reference.length > 0).slice(0, 6);
	const n = drift.driftedColumns.length;
	const newValues = drift.columns
		.filter((c) => c.newValues)
		.sort((a, b) => b.newValues!.share - a.newValues!.share)
		.slice(0, 30);
	return makeReport({
		title: `Drift ${drift.modelName ?? ''}`.trim(),
		eyebrow: `Drift check${drift.modelName ? ` · ${drift.modelName}` : ''} · ${drift.current.description} against ${drift.reference.description}`,
		sentence: drift.summary,
		verdict: drift.drifted ? { text: 'drifted', tone: 'bad' } : { text: 'stable', tone: 'good' },
		lead: `${n === 0 ? 'No column' : `${percent(drift.share)} of the columns`} changed; from ${percent(drift.shareThreshold)} on the data as a whole count as drifted.${drift.mode === 'evidently' ? ' Decided by Evidently’s rules.' : ''}`,
		facts: facts([
			{ label: 'columns changed', value: `${number(n)} of ${number(drift.columns.length)}` },
			{ label: 'rows then', value: number(drift.reference.rows) },
			{ label: 'rows now', value: number(drift.current.rows) },
		]),
		sections: [
			...(drift.dead?.length
				? [
						{
							title: 'Dead columns',
							body: [
								say('warn', 'Nothing comes from these columns any more. However few they are, that is drift.'),
								table(
									[{ head: 'Column' }, { head: 'What is wrong' }],
									drift.dead.slice(0, 50).map((d) => [html`<b>${plain(d.column, 60)}</b>`, DEAD[d.how]]),
								),
							],
						},
					]
				: []),
			...(drift.columns.length === 0
				? [
						{
							title: 'Nothing to compare',
							body: say(
								'warn',
								drift.failedRequests
									? 'Most requests got an error, and too few answers are left to compare.'
									: 'No column occurs in both data sets.',
							),
						},
					]
				: []),
			{
				title: 'Column by column',
				charts: [
					driftChart(drift),
					...detail.map((c) => driftHistogramChart(c, { reference: drift.reference.description, current: drift.current.description })),
				],
				body: html`${table(
					[{ head: 'Column' }, { head: 'Towards the alarm' }, { head: 'What happened' }],
					shown.map((c) => [
						html`<b>${plain(c.column, 60)}</b><br>${c.drifted ? badge('drifted', 'bad') : badge('stable', 'good')}`,
						html`${driftStrength(c) >= 5 ? '5 × and more' : `${score(driftStrength(c), 1)} ×`}${bar(driftStrength(c) / 2, c.drifted ? COLOR.accent : COLOR.accentMid)}<span class="q">${byPValue(c) ? `p = ${number(c.score, 2)}, alarm below ${number(c.threshold)}` : `${score(c.score)}, alarm from ${number(c.threshold)}`}</span>`,
						html`${c.reason}${c.missing.drifted ? html` Missing values went from ${percent(c.missing.reference)} to ${percent(c.missing.current)}.` : ''}<br><span class="q">${testName(c.test)}</span>`,
					]),
				)}${rows.length > shown.length ? html`<p class="hint">${number(rows.length - shown.length)} more columns are not shown; those that changed come first.</p>` : ''}`,
			},
			...detail
				.filter((c) => c.drifted)
				.map((c) => ({
					title: `“${plain(c.column, 60)}” then and now`,
					only: 'safe' as const,
					body: table(
						[{ head: c.histogram?.labels ? 'Value' : 'From' }, { head: 'Then' }, { head: 'Now' }],
						bins(c).map((b) => [
							plain(b.label, 30),
							html`${percent(b.reference)}${bar(b.reference / b.most, COLOR.accentSoft)}`,
							html`${percent(b.current)}${bar(b.current / b.most)}`,
						]),
					),
				})),
			...(drift.reading?.length
				? [
						{
							title: 'Values the model does not know',
							body: table(
								[
									{ head: 'Column' },
									{ head: 'Unreadable', number: true },
									{ head: 'Unknown', number: true },
									{ head: 'Far outside', number: true },
									{ head: 'For example' },
								],
								drift.reading
									.slice(0, 50)
									.map((r) => [
										html`<b>${plain(r.column, 60)}</b>`,
										...[r.unread, r.unknown, r.outside].map((n) => `${number(n)} (${percent(n / Math.max(1, drift.current.rows))})`),
										r.examples.map((e) => plain(e, 40)).join(', '),
									]),
							),
						},
					]
				: []),
			...(newValues.length
				? [
						{
							title: 'Values never seen before',
							body: table(
								[{ head: 'Column' }, { head: 'Share of the rows', number: true }, { head: '' }, { head: 'The most frequent' }],
								newValues.map((c) => [
									html`<b>${plain(c.column, 60)}</b>`,
									percent(c.newValues!.share),
									c.newValues!.drifted ? badge('drifted', 'bad') : badge('few', 'good'),
									c
										.newValues!.values.slice(0, 8)
										.map((v) => plain(v, 40))
										.join(', '),
								]),
							),
						},
					]
				: []),
			...(drift.notCompared?.length
				? [
						{
							title: 'Not compared',
							body: table(
								[{ head: 'Column' }, { head: 'Why' }],
								drift.notCompared.slice(0, 50).map((c) => [plain(c.column, 60), c.why]),
							),
						},
					]
				: []),
			...(drift.notes.length ? [{ title: 'Good to know', body: drift.notes.slice(0, 20).map((note) => say('plain', note.text)) }] : []),
		],
	});
}

/** Shares of rows in at most 12 bins or values. */
function bins(column: DriftRecord['columns'][number]): Array<{ label: string; reference: number; current: number; most: number }> {
	const h = column.histogram ?? { reference: [], current: [] };
	const [r, c] = [h.reference, h.current].map((a) => a.reduce((x, y) => x + y, 0) || 1);
	const all = h.reference.map((v, i) => ({
		label: h.labels?.[i] ?? number(h.edges?.[i]),
		reference: v / r,
		current: (h.current[i] ?? 0) / c,
	}));
	const shown = h.labels
		? all.sort((a, b) => b.reference + b.current - a.reference - a.current).slice(0, 12)
		: all.length > 12
			? all.filter((b) => b.reference + b.current > 0.002).slice(0, 16)
			: all;
	const most = Math.max(...shown.flatMap((b) => [b.reference, b.current]), 1e-9);
	return shown.map((b) => ({ ...b, most }));
}
