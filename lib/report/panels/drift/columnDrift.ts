import { own } from '../../../domain/dictionary.js';
import type { ColumnDrift, DriftRecord } from '../../../domain/drift.js';
import type { Chart } from '../../charts/chart.js';
import { list, number, percent, plain, score } from '../../formatting.js';
import { badge, bar, html, table, type Content } from '../../safeHtml.js';
import { COLOR } from '../../theme.js';
import { definePanel } from '../panel.js';
import { byPValue, byStrength, detailed, driftStrength } from './strength.js';
import { thenAndNowChart } from './thenAndNow.js';

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
const testName = (id: string): string => own(TESTS, id.toLowerCase().replace(/[^a-z]/g, '')) ?? id.replace(/_/g, ' ');

const MOST = { listed: 50, drawn: 20 };
/** So many times the alarm limit, or more: how much more matters no longer. */
const FAR = 5;

/** All columns beside each other, as a multiple of the limit that raises the alarm; the strongest 20. */
function strengthChart({ columns, driftedColumns, current, reference }: DriftRecord): Chart {
	const rows = byStrength(columns).slice(0, MOST.drawn);
	const values = rows.map((c) => Math.min(driftStrength(c), FAR));
	const n = driftedColumns.length;
	return {
		name: 'drift',
		right: 116,
		title:
			n === 0
				? `None of ${number(columns.length)} columns changed`
				: `${number(n)} of ${number(columns.length)} columns changed: ${list(driftedColumns, 3)}`,
		subtitle: `${current.description} against ${reference.description}. Past the dashed line a change is too large to be chance.`,
		x: {
			kind: 'number',
			title: 'Change, as a multiple of the alarm limit',
			unit: 'times',
			from: 0,
			to: Math.max(1.5, Math.ceil(Math.max(...values, 1) * 2) / 2),
			most: FAR,
		},
		y: { kind: 'names', names: rows.map((c) => c.column) },
		marks: [
			{
				mark: 'bars',
				series: [{ values, color: rows.map((c) => (c.drifted ? 'accent' : 'accentSoft')) }],
				labels: rows.map((c) => `${byPValue(c) ? `p ${number(c.score, 2)}` : score(c.score, 3)}${c.drifted ? '  drifted' : ''}`),
				tips: rows.map((c) => `${c.column}: ${c.reason}`),
			},
			{ mark: 'limit', x: 1, behind: true },
		],
	};
}

/** How near its alarm a column is, and by what. */
function strengthCell(c: ColumnDrift): Content {
	const strength = driftStrength(c);
	const figures = byPValue(c)
		? `p = ${number(c.score, 2)}, alarm below ${number(c.threshold)}`
		: `${score(c.score)}, alarm from ${number(c.threshold)}`;
	return html`${strength >= FAR ? `${number(FAR)} × and more` : `${score(strength, 1)} ×`}
		${bar(strength / 2, c.drifted ? COLOR.accent : COLOR.accentMid)}
		<span class="q">${figures}</span>`;
}

const gaps = ({ missing: { drifted, reference, current } }: ColumnDrift): string =>
	drifted ? ` Missing values went from ${percent(reference)} to ${percent(current)}.` : '';

const columnTable = (columns: readonly ColumnDrift[]): Content =>
	table(
		[{ head: 'Column' }, { head: 'Towards the alarm' }, { head: 'What happened' }],
		columns.map((c) => [
			html`<b>${plain(c.column, 60)}</b><br>${c.drifted ? badge('drifted', 'bad') : badge('stable', 'good')}`,
			strengthCell(c),
			html`${c.reason}${gaps(c)}<br><span class="q">${testName(c.test)}</span>`,
		]),
	);

/** Each column and how near it is to its alarm, those that changed first. */
export const columnDrift = definePanel<DriftRecord, DriftRecord>({
	id: 'column_drift',
	data: (drift) => drift,
	draw(drift) {
		const more = drift.columns.length - MOST.listed;
		return {
			title: 'Column by column',
			charts: [strengthChart(drift), ...detailed(drift.columns).map((c) => thenAndNowChart(c, drift))],
			body: [
				columnTable(byStrength(drift.columns).slice(0, MOST.listed)),
				more > 0 ? html`<p class="hint">${number(more)} more columns are not shown; those that changed come first.</p>` : '',
			],
		};
	},
});
