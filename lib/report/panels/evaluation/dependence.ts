import { z } from 'zod/v4';
import { columnType } from '../../../domain/column.js';
import { featureText } from '../../../domain/text.js';
import { taskById } from '../../../task/index.js';
import type { Axis, Chart, LineMark, Point } from '../../charts/chart.js';
import { count, number, percent, plain, score } from '../../formatting.js';
import { table } from '../../safeHtml.js';
import { definePanel } from '../panel.js';
import type { EvaluationInput } from './input.js';

/** As lib/evaluate/dependence.ts makes it. */
const columns = z.array(
	z.object({
		column: z.string(),
		type: columnType,
		values: z.array(z.union([z.number(), z.string()])).min(2),
		spread: z.array(z.number()),
		rows: z.number(),
		means: z.array(z.object({ name: z.string().optional(), values: z.array(z.number()) })).min(1),
		curves: z.array(z.array(z.number())),
	}),
);
type Column = z.infer<typeof columns>[number];

interface Dependences {
	columns: Column[];
	/** What an answer is, in words. */
	answer: string;
	/** Whether answers are probabilities. */
	shares: boolean;
}

const said = (value: number | string, type: Column['type']): string =>
	typeof value === 'string'
		? value
		: type === 'boolean'
			? value === 1
				? 'yes'
				: 'no'
			: type === 'datetime'
				? new Date(value).toISOString().slice(0, 10)
				: number(value, 4);

/** The mean answer and some single rows at each value; along the bottom, how many rows there are. */
function dependenceChart({ column, type, values, spread, rows, means, curves }: Column, { answer, shares }: Dependences, k: number): Chart {
	const figure = shares ? percent : (v: number): string => score(v);
	const all = [...means, ...curves.map((c) => ({ values: c }))].flatMap((line) => line.values);
	const [low, high] = [Math.min(...all), Math.max(...all)];
	const room = 0.12 * (high - low || Math.abs(high) || 1);
	const bottom = shares && low - room < 0.05 ? 0 : low - room;
	const along = typeof values[0] === 'number' && type !== 'boolean' && type !== 'datetime';
	const place = (i: number): number => (along ? (values[i] as number) : i);
	const points = (line: readonly number[]): Point[] => line.map((v, i) => [place(i), v]);
	const main = strongest({ means });
	const x: Axis = along
		? { kind: 'number', title: column, free: true, from: values[0] as number, to: values[values.length - 1] as number }
		: { kind: 'names', title: column, names: values.map((v) => said(v, type)), letters: 14, slanted: values.length > 5 };
	return {
		name: `dependence_${k + 1}`,
		height: 240,
		title:
			`With “${column}” alone ${main.name ? `“${main.name}”` : answer} lies between ` +
			`${figure(Math.min(...main.values))} and ${figure(Math.max(...main.values))}`,
		subtitle:
			`Mean answer of ${count(rows, 'test row')}, were “${column}” the same in all of them` +
			`${curves.length ? `; thin lines are ${curves.length} of the rows` : ''}. The larger a dot at the bottom, the more rows lie there.`,
		x,
		y: { kind: 'number', title: shares ? 'Probability' : answer, free: true, from: bottom, ...(shares ? { unit: 'share' as const } : {}) },
		marks: [
			...curves.map((curve): LineMark => ({ mark: 'line', points: points(curve), color: 'accentSoft', width: 1 })),
			...means.map(
				(mean): LineMark => ({
					mark: 'line',
					points: points(mean.values),
					...(mean.name === undefined ? { color: 'accent' as const } : { name: mean.name }),
					tips: mean.values.map((v, i) => `${featureText(column, said(values[i], type))}: ${figure(v)}`),
				}),
			),
			...rug(values, spread, along, bottom),
		],
	};
}

const span = (values: readonly number[]): number => Math.max(...values) - Math.min(...values);

/** The class whose answers move most. */
const strongest = ({ means }: Pick<Column, 'means'>): Column['means'][number] =>
	means.reduce((most, mean) => (span(mean.values) > span(most.values) ? mean : most));

/** Dots whose size is the number of rows. */
function rug(values: Column['values'], spread: readonly number[], along: boolean, bottom: number): LineMark[] {
	const most = Math.max(...spread);
	const [from, to] = [Number(values[0]), Number(values[values.length - 1])];
	const places = spread
		.map((rows, i) => ({ rows, at: along ? from + ((i + 0.5) / spread.length) * (to - from) : i }))
		.filter((p) => p.rows > 0);
	return places.length === 0
		? []
		: [
				{
					mark: 'line',
					points: places.map(({ at }): Point => [at, bottom]),
					color: 'neutral',
					width: 1,
					dots: places.map(({ rows }) => rows / most),
					tips: places.map(({ rows }) => count(rows, 'row')),
				},
			];
}

/** Partial dependence and individual curves of the columns that matter most. */
export const dependence = definePanel<EvaluationInput, Dependences>({
	id: 'dependence',
	data: ({ evaluation: { panels, task, target, classes } }) => {
		const found = columns.safeParse(panels?.dependence);
		if (!found.success || found.data.length === 0) return undefined;
		const value = taskById(task).output === 'value';
		return { columns: found.data, answer: value ? target : `“${target} = ${classes[1] ?? ''}”`, shares: !value };
	},
	draw: (found) => ({
		title: 'How the answers change with each column',
		hint: 'Each column by itself, all else as it is. Where columns go together, some of these rows would never occur.',
		charts: found.columns.map((column, k) => dependenceChart(column, found, k)),
		body: table(
			[{ head: 'Column' }, { head: 'Answer' }, { head: 'Lowest' }, { head: 'Highest' }],
			found.columns.map((column) => {
				const main = strongest(column);
				const at = (best: number): string => {
					const figure = found.shares ? percent(best) : score(best);
					return `${figure} at ${said(column.values[main.values.indexOf(best)], column.type)}`;
				};
				const answer = main.name ?? found.answer;
				return [
					plain(column.column, 60),
					plain(answer, 60),
					...[Math.min(...main.values), Math.max(...main.values)].map((v) => plain(at(v), 80)),
				];
			}),
		),
	}),
});
