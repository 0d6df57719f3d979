import type { TaskType } from '../../domain/column.js';
import type { Interval } from '../../domain/evaluation.js';
import { effectiveUnits } from '../../evaluate/compareModels.js';
import { exactIntervals } from '../../evaluate/exactIntervals.js';
import { intervals } from '../../evaluate/intervals.js';
import { rowUnits, type Units } from '../../evaluate/resampling.js';
import { tally } from '../../evaluate/predictionTally.js';
import { metricsFor, metricsOf } from '../../task/measure.js';

/** Answers whose truth is known. */
export interface KnownAnswers {
	task: TaskType;
	classes: number;
	/** Of the version that answered. */
	threshold: number;
	/** Row-major, as the model gave them. */
	scores: Float64Array;
	/** Class codes or values, none missing. */
	labels: Float64Array;
	/** What was asked about, as a number each: answers about the same thing are no independent evidence. */
	about?: Uint32Array;
}

/** Metrics of such answers with 95 % intervals; those without a value on these rows are left out. */
export interface Measured {
	rows: number;
	/** Independent things that the metrics hang on. */
	effective: number;
	metrics: Readonly<Record<string, Interval>>;
}

/**
 * All metrics of Evaluate with its intervals: whole customers are drawn where callers said whom an answer was about, else single answers.
 */
export function measureKnown({ about, ...rows }: KnownAnswers): Measured {
	const { task, classes, scores, labels, threshold } = rows;
	const judging = metricsOf(task).filter((m) => !m.withoutTruth);
	const exact = metricsFor(task, labels, scores, classes, { threshold, only: judging.map(({ id }) => id) });
	const units = about ? unitsAbout(about) : rowUnits(labels.length);
	const effective = effectiveUnits(labels, classes, units);
	const input = { ...rows, units };
	return {
		rows: labels.length,
		effective,
		metrics: labels.length ? intervals(exact, tally(input), units, { exactly: exactIntervals(exact, input), effective }) : {},
	};
}

function unitsAbout(about: Uint32Array): Units {
	const seen = new Map<number, number>();
	const unit = Uint32Array.from(about, (thing) => seen.get(thing) ?? (seen.set(thing, seen.size), seen.size - 1));
	return seen.size === about.length ? rowUnits(about.length) : { by: 'group', unit, count: seen.size };
}
