import { own } from '../../domain/dictionary.js';
import { answersOf, isNumeric, type ColumnSchema } from '../../domain/column.js';
import type { DatasetRecord } from '../../domain/dataset.js';
import type { ColumnProfile, Profile } from '../../domain/profile.js';
import { correlationChart } from '../charts/correlation.js';
import { histogramChart } from '../charts/histogram.js';
import { missingChart } from '../charts/missing.js';
import { count, date, list, number, percent, plain } from '../format.js';
import type { Chart } from '../render.js';
import { makeReport, type Report } from '../report.js';
import { badge, bar, facts, html, say, spark, table, type Content } from '../safeHtml.js';
import { COLOR } from '../theme.js';

/** A few rows to look at; `rows` are objects by column name. */
export interface Preview {
	columns: ReadonlyArray<string | ColumnSchema>;
	rows: ReadonlyArray<Record<string, unknown>>;
}

/** Columns shown in tables; the rest is counted. */
export const MAX_COLUMNS = 50;
const MAX_PREVIEW = { rows: 10, columns: 20 };

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

export const byInterest = (columns: readonly ColumnProfile[]): ColumnProfile[] =>
	columns
		.map((c, i) => ({ c, i }))
		.sort((a, b) => interest(b.c) - interest(a.c) || a.i - b.i)
		.map(({ c }) => c);

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

/** A table of example rows, at most 10 by 20. */
export function previewTable(preview: Preview): Content {
	const names = preview.columns.map((c) => (typeof c === 'string' ? c : c.name));
	const dates = new Set(preview.columns.flatMap((c) => (typeof c !== 'string' && c.type === 'datetime' ? [c.name] : [])));
	const shown = names.slice(0, MAX_PREVIEW.columns);
	const cell = (name: string, v: unknown) =>
		dates.has(name) && (typeof v === 'number' || typeof v === 'string') ? date(v, true) : plain(v, 40);
	return html`${table(
		shown.map((head) => ({ head })),
		preview.rows.slice(0, MAX_PREVIEW.rows).map((row) => shown.map((name) => cell(name, own(row, name)))),
		{ kind: 'preview' },
	)}${names.length > shown.length ? html`<p class="hint">${number(names.length - shown.length)} more columns are not shown.</p>` : ''}`;
}

const MAX_STRAYS = 12;

/** Cells that were no value of their column's type, by column. */
function straySection(columns: readonly ColumnProfile[]): Array<{ title: string; body: Content[] }> {
	const found = columns.filter((c) => c.strays);
	if (found.length === 0) return [];
	const cells = found.flatMap((c) => c.strays!.cells.map((cell) => ({ column: c.name, ...cell })));
	const total = found.reduce((sum, c) => sum + c.strays!.count, 0);
	const shown = cells.slice(0, MAX_STRAYS);
	const rest = total - shown.reduce((sum, c) => sum + c.count, 0);
	return [
		{
			title: 'Cells that could not be read',
			body: [
				html`<p>${count(total, 'cell')} in ${count(found.length, 'column')} held something else than the rest of the column and ${total === 1 ? 'is' : 'are'} empty now.</p>`,
				table(
					[{ head: 'Column' }, { head: 'Cell' }, { head: 'Times', number: true }, { head: 'First in row', number: true }],
					shown.map((c) => [plain(c.column, 60), plain(c.value, 60), number(c.count), number(c.row)]),
				),
				rest > 0 ? html`<p class="hint">${count(rest, 'more cell')} ${rest === 1 ? 'is' : 'are'} not listed.</p>` : '',
			],
		},
	];
}

/** What is in a dataset version and what to look at before training. */
export function datasetReport(record: DatasetRecord & { version?: number }, profile: Profile, preview?: Preview): Promise<Report> {
	const columns = byInterest(profile.columns);
	const shown = columns.slice(0, MAX_COLUMNS);
	const missing = profile.columns.reduce((sum, c) => sum + c.missing, 0);
	const cells = profile.rows * profile.columns.length;
	const target = profile.columns.find((c) => c.role === 'target' || c.name === (record.target ?? profile.target));
	const warnings = profile.warnings;
	const classed = !profile.task || answersOf(profile.task) === 'classes';
	const first = `“${record.name}” holds ${count(record.rows, 'row')} and ${count(record.columns.length, 'column')}${missing ? `; ${percent(cells ? missing / cells : 0)} of the cells are empty` : ' without gaps'}.`;
	const features = profile.columns.filter((c) => c.role === 'feature').length;
	const goal = target
		? `${number(features)} columns can be used to predict “${target.name}”${target.top?.[0] && classed ? `, which is most often “${plain(target.top[0].value, 30)}”` : ''}.`
		: 'No column to predict has been chosen yet: pick one in Train, or in the options of Ingest.';
	const charts: Chart[] = [];
	if (target && (target.histogram || target.top))
		charts.push({
			...histogramChart({
				column: target.name,
				histogram: !classed || !target.top ? target.histogram : undefined,
				top: target.top,
				dates: target.type === 'datetime',
			}),
			name: 'target',
		});
	if (missing > 0) charts.push(missingChart(profile));
	if (profile.correlations && profile.correlations.columns.length > 1) charts.push(correlationChart(profile.correlations));
	return makeReport({
		title: `Dataset ${record.name}`,
		eyebrow: `Dataset${record.version ? ` · version ${record.version}` : ''} · ${record.source.description}`,
		sentence: first,
		lead: goal,
		verdict: warnings.length
			? { text: count(warnings.length, 'thing to look at', 'things to look at'), tone: 'warn' }
			: { text: 'nothing stands out', tone: 'good' },
		facts: facts([
			{ label: 'rows', value: number(record.rows) },
			{ label: 'columns', value: number(record.columns.length) },
			{ label: 'empty cells', value: number(missing) },
			{ label: 'repeated rows', value: number(profile.duplicates) },
			record.quarantined > 0 && { label: 'rows that could not be read', value: number(record.quarantined) },
		]),
		sections: [
			...(warnings.length
				? [
						{
							title: 'Look at these before training',
							body: [
								warnings
									.slice(0, 12)
									.map((w) => say('warn', html`${w.text} ${w.remedy}`, w.column ? `${plain(w.column, 60)}:` : undefined)),
								warnings.length > 12
									? html`<p class="hint">${number(warnings.length - 12)} more of the same kind${list([...new Set(warnings.slice(12).flatMap((w) => (w.column ? [w.column] : [])))], 5) ? `, in ${list([...new Set(warnings.slice(12).flatMap((w) => (w.column ? [w.column] : [])))], 5)}` : ''}.</p>`
									: '',
							],
						},
					]
				: []),
			{
				title: 'Columns',
				charts,
				body: [
					table(
						[{ head: 'Column' }, { head: 'Missing', number: true }, { head: 'Different', number: true }, { head: 'Typical or range' }],
						shown.map((c) => [
							html`<b>${plain(c.name, 60)}</b> ${ROLES[c.role] ? badge(ROLES[c.role], c.role === 'target' ? 'plain' : 'good') : ''}${c.warnings.length ? html` ${badge('look', 'warn')}` : ''}<br><span class="q">${TYPES[c.type] ?? c.type}</span>`,
							html`${percent(profile.rows ? c.missing / profile.rows : 0)}${c.missing > 0 ? bar(profile.rows ? c.missing / profile.rows : 0, COLOR.accentMid) : ''}`,
							number(c.distinct),
							html`${range(c, profile.rows)}${shape(c)}`,
						]),
					),
					columns.length > shown.length
						? html`<p class="hint">${number(columns.length - shown.length)} more columns are not shown; those with a role, a warning or gaps come first.</p>`
						: '',
				],
			},
			...straySection(shown),
			...(preview && preview.rows.length ? [{ title: 'First rows', body: previewTable(preview) }] : []),
		],
	});
}
