import { answersOf, isNumeric } from '../../../domain/column.js';
import type { ColumnProfile, Profile } from '../../../domain/profile.js';
import type { Chart } from '../../charts/chart.js';
import { date, number, percent, plain } from '../../formatting.js';
import { badge, bar, html, spark, table, type Content } from '../../safeHtml.js';
import { COLOR } from '../../theme.js';
import { definePanel } from '../panel.js';
import { spreadChart } from '../spreadChart.js';
import { correlationChart, missingChart } from './columnCharts.js';
import type { DatasetInput } from './input.js';

/** Columns shown in tables; the rest is counted. */
const MOST = 50;

const ROLES: Record<string, string> = {
	target: 'to predict',
	time: 'time',
	group: 'group',
	weight: 'weight',
	id: 'id',
	ignore: 'left out',
	feature: '',
};
const TYPES: Record<string, string> = {
	number: 'number',
	integer: 'whole number',
	boolean: 'yes/no',
	datetime: 'date',
	category: 'category',
	text: 'text',
};

/** What a person wants to see first: the target, special roles, columns with warnings, gaps, then the order of the data. */
const interest = (column: ColumnProfile): number =>
	(column.role === 'target' ? 8 : 0) +
	(column.role === 'time' || column.role === 'group' ? 4 : 0) +
	(column.warnings.length ? 2 : 0) +
	(column.missing > 0 ? 1 : 0);

/** The columns that a report shows, the most interesting first. */
export const shownColumns = ({ columns }: Profile): ColumnProfile[] =>
	columns
		.map((c, i) => ({ c, i }))
		.sort((a, b) => interest(b.c) - interest(a.c) || a.i - b.i)
		.slice(0, MOST)
		.map(({ c }) => c);

/** What is to be predicted, if that is known. */
export const targetOf = ({ record, profile }: DatasetInput): ColumnProfile | undefined =>
	profile.columns.find((c) => c.role === 'target' || c.name === (record.target ?? profile.target));

/** Whether what is to be predicted are classes, as far as that is known. */
export const isClassed = ({ task }: Pick<Profile, 'task'>): boolean => !task || answersOf(task) === 'classes';

const value = (column: ColumnProfile, v: number | undefined): string =>
	v === undefined ? '–' : column.type === 'datetime' ? date(v) : column.type === 'boolean' ? percent(v) : number(v);

function range(column: ColumnProfile, rows: number): string {
	if (column.type === 'boolean' && column.mean !== undefined) return `${percent(column.mean)} yes`;
	if (isNumeric(column.type)) {
		if (column.min === undefined || column.max === undefined) return 'no values';
		return column.min === column.max
			? `always ${value(column, column.min)}`
			: `${value(column, column.min)} to ${value(column, column.max)}`;
	}
	const top = column.top?.[0];
	return top ? `${plain(top.value, 24)} (${percent(rows - column.missing > 0 ? top.count / (rows - column.missing) : 0)})` : 'no values';
}

const shape = (column: ColumnProfile): Content =>
	column.histogram && column.histogram.counts.length > 1
		? spark(column.histogram.counts)
		: column.top && column.top.length > 1
			? spark(column.top.slice(0, 12).map((t) => t.count))
			: '';

function targetChart(target: ColumnProfile | undefined, profile: Profile): Chart[] {
	if (!target) return [];
	const about = { column: target.name, name: 'target' };
	const { histogram, top } = target;
	if (histogram?.counts.length && (!isClassed(profile) || !top))
		return [spreadChart({ ...about, ...histogram, dates: target.type === 'datetime' })];
	return top || histogram ? [spreadChart({ ...about, top: top ?? [] })] : [];
}

const nameCell = (c: ColumnProfile): Content =>
	html`<b>${plain(c.name, 60)}</b> ${ROLES[c.role] ? badge(ROLES[c.role], c.role === 'target' ? 'plain' : 'good') : ''}
		${c.warnings.length ? html` ${badge('look', 'warn')}` : ''}
		<br><span class="q">${TYPES[c.type] ?? c.type}</span>`;

const columnTable = (shown: readonly ColumnProfile[], rows: number): Content =>
	table(
		[{ head: 'Column' }, { head: 'Missing', number: true }, { head: 'Different', number: true }, { head: 'Typical or range' }],
		shown.map((c) => [
			nameCell(c),
			html`${percent(rows ? c.missing / rows : 0)}${c.missing > 0 ? bar(rows ? c.missing / rows : 0, COLOR.accentMid) : ''}`,
			number(c.distinct),
			html`${range(c, rows)}${shape(c)}`,
		]),
	);

/** Each column's type, role, gaps and values; what is to be predicted, gaps and correlations as charts. */
export const datasetColumns = definePanel<DatasetInput, { profile: Profile; target?: ColumnProfile }>({
	id: 'dataset_columns',
	data: (input) => ({ profile: input.profile, target: targetOf(input) }),
	draw({ profile, target }) {
		const shown = shownColumns(profile);
		const more = profile.columns.length - shown.length;
		const { correlations } = profile;
		return {
			title: 'Columns',
			charts: [
				...targetChart(target, profile),
				...(profile.columns.some((c) => c.missing > 0) ? [missingChart(profile)] : []),
				...(correlations && correlations.columns.length > 1 ? [correlationChart(correlations, profile)] : []),
			],
			body: [
				columnTable(shown, profile.rows),
				more > 0
					? html`<p class="hint">${number(more)} more columns are not shown; those with a role, a warning or gaps come first.</p>`
					: '',
				profile.sampled === undefined ? '' : html`<p class="hint">${sampledText(profile.sampled, profile.rows)}</p>`,
			],
		};
	},
});

const sampledText = (sampled: number, rows: number): string =>
	`Counts, quantiles and most frequent values are those of all rows. Correlations, and columns that give the target away, were ` +
	`looked for in ${number(sampled)} of the ${number(rows)} rows, evenly spaced.`;
