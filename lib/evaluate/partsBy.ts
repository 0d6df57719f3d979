import { own } from '../domain/dictionary.js';
import { MlopsError } from '../domain/errors.js';
import type { EvaluationRecord, SidePeriod } from '../domain/evaluation.js';
import type { TaskType } from '../domain/column.js';
import { isNumberVector, vectorOf, type Frame } from '../data/frame.js';
import { takeRows } from '../data/takeRows.js';
import { taskById } from '../task/index.js';
import { metricsFor } from '../task/measure.js';
import { effectiveUnits } from './compareModels.js';
import { tooFewToJudge } from './enough.js';
import { exactIntervals } from './exactIntervals.js';
import { intervals } from './intervals.js';
import { unitsOf } from './resampling.js';
import { tally } from './predictionTally.js';

export interface PartsInput {
	task: TaskType;
	classes: readonly string[];
	scores: Float64Array;
	labels: Float64Array;
	threshold: number;
	frame: Frame;
	primary: string;
	timeColumn?: string;
	groupColumn?: string;
}

type Side = NonNullable<EvaluationRecord['side']>;

/** More values than this are no sites and no months. */
const MOST_VALUES = 500;
/** Parts that are shown: the largest, or the latest. */
const MOST_PARTS = 60;

/**
 * The primary metric with its 95 % interval in parts of the rows, side by side: one part for each value of a column, or for each month,
 * quarter or year (UTC) of a time. Parts in which rows (or rows of a class) are too few to judge have a count and no figure. @throws
 * `data.column_unknown`, `learn.parameter_invalid` for a column of too many values
 */
export function partsBy(input: PartsInput, column: string, period: SidePeriod): Side {
	const { parts, isTime } = partsIn(input.frame, column, period);
	const measured = parts.map(({ value, rows }) => ({ value, rows: rows.length, ...measure(input, rows) }));
	const shown = isTime ? measured.slice(-MOST_PARTS) : measured.slice(0, MOST_PARTS);
	return { column, ...(isTime ? { period } : {}), metric: input.primary, parts: shown, leftOut: measured.length - shown.length };
}

function partsIn(
	frame: Frame,
	column: string,
	period: SidePeriod,
): { parts: Array<{ value: string; rows: Uint32Array }>; isTime: boolean } {
	const vector = vectorOf(frame, column);
	const schema = frame.schema.find((c) => c.name === column);
	const isTime = schema?.type === 'datetime';
	const values = isNumberVector(vector) ? vector.data : vector.codes;
	const nameOf = (i: number): string => {
		const v = values[i];
		if (!isNumberVector(vector)) return v === 0 ? '(missing)' : vector.dictionary[v - 1];
		if (Number.isNaN(v)) return '(missing)';
		return isTime ? periodOf(v, period) : schema?.type === 'boolean' ? (v === 1 ? 'yes' : 'no') : String(v);
	};
	const groups = new Map<string, number[]>();
	for (let i = 0; i < frame.rows; i++) {
		const name = nameOf(i);
		const rows = groups.get(name);
		if (rows) rows.push(i);
		else {
			if (groups.size >= MOST_VALUES) {
				throw new MlopsError(
					'learn.parameter_invalid',
					`Column "${column}" has more than ${MOST_VALUES} different values, too many to stand side by side.`,
					{
						column,
						expected: 'a column of few values, such as a site, or a time',
						remedy: 'Choose another column under "Side by Side".',
					},
				);
			}
			groups.set(name, [i]);
		}
	}
	const parts = [...groups].map(([value, rows]) => ({ value, rows: Uint32Array.from(rows) }));
	// Times in their order, rows without one last; values by how many rows they have.
	const late = (value: string): number => (value === '(missing)' ? 1 : 0);
	parts.sort((a, b) =>
		isTime ? late(a.value) - late(b.value) || (a.value < b.value ? -1 : 1) : b.rows.length - a.rows.length || (a.value < b.value ? -1 : 1),
	);
	return { parts, isTime };
}

/** `2024-03`, `2024 Q1`, `2024`. */
function periodOf(time: number, period: SidePeriod): string {
	const date = new Date(time);
	const year = String(date.getUTCFullYear()).padStart(4, '0');
	const month = date.getUTCMonth();
	return period === 'year'
		? year
		: period === 'quarter'
			? `${year} Q${Math.floor(month / 3) + 1}`
			: `${year}-${String(month + 1).padStart(2, '0')}`;
}

function measure(input: PartsInput, rows: Uint32Array): { classRows?: number[]; metric?: number; low?: number; high?: number } {
	const { task, classes, threshold, primary } = input;
	const outputs = taskById(task).outputs(classes.length);
	const labels = Float64Array.from(rows, (i) => input.labels[i]);
	const scores = new Float64Array(rows.length * outputs);
	rows.forEach((row, i) => {
		for (let k = 0; k < outputs; k++) scores[i * outputs + k] = input.scores[row * outputs + k];
	});
	const counted = !classes.length ? {} : { classRows: classes.map((_, c) => labels.reduce((n, y) => n + Number(y === c), 0)) };
	if (tooFewToJudge(classes, labels, [primary])) return counted;
	const common = { task, classes: classes.length, scores, labels, threshold };
	const all = metricsFor(task, labels, scores, classes.length, { threshold });
	if (own(all, primary) === undefined) return counted;
	const units = unitsOf(takeRows(input.frame, rows), input, []);
	const found = intervals(all, tally({ ...common, units }), units, {
		exactly: exactIntervals(all, { ...common, units }),
		effective: effectiveUnits(labels, classes.length, units),
	});
	const primaryOne = own(found, primary);
	return primaryOne ? { ...counted, metric: primaryOne.value, low: primaryOne.low, high: primaryOne.high } : counted;
}
