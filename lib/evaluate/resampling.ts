import type { EvaluationRecord } from '../domain/evaluation.js';
import { findCopies } from '../data/copies.js';
import { isNumberVector, vectorOf, type Frame } from '../data/frame.js';
import { murmurTwice } from '../domain/random.js';
import { shuffled } from '../task/statistics/sampling.js';

/** Which rows are drawn together when an interval is estimated: `unit[row]`, numbered 0..count-1. */
export interface Units {
	by: 'rows' | 'day' | 'group' | 'copies';
	unit: Uint32Array;
	count: number;
}

type Notes = EvaluationRecord['notes'];
const DAY = 86_400_000;
/** Fewer days or groups than this say nothing about how days or groups differ. */
export const LEAST_UNITS = 4;
/** With fewer than this intervals are wide, whatever the rows. */
const FEW_UNITS = 8;
/** More rows than this are drawn in as many random blocks: the spread between blocks is that between rows, and replicates cost less. */
const MOST_ROW_UNITS = 5000;

/**
 * Whole days or groups where the data have them, since rows of one day or one customer resemble each other; else single rows, each with its
 * copies.
 */
export function unitsOf(
	frame: Frame,
	{ timeColumn, groupColumn, copied }: { timeColumn?: string; groupColumn?: string; copied?: boolean },
	notes: Notes,
): Units {
	for (const [by, column] of [
		['group', groupColumn],
		['day', timeColumn],
	] as const) {
		if (!column || !frame.schema.some((c) => c.name === column)) continue;
		const units = numbered(frame, column, by);
		if (units.count >= FEW_UNITS) return units;
		if (units.count >= LEAST_UNITS) {
			notes.push({
				code: 'few_units',
				text:
					`The test rows come from only ${units.count} ${by}s, and rows of one ${by} resemble each other: intervals are wide, ` +
					`however many rows there are.`,
			});
			return units;
		}
		notes.push({
			code: 'few_units',
			text:
				`The test rows span only ${units.count} ${by}${units.count === 1 ? '' : 's'}, too few to resample: intervals take rows ` +
				`as independent and are probably too narrow.`,
		});
	}
	const copies = copyUnits(frame, copied);
	if (!copies) return rowUnits(frame.rows);
	notes.push({
		code: 'copies_together',
		text:
			`The ${frame.rows.toLocaleString('en-US')} test rows are ${copies.count.toLocaleString('en-US')} different ones and copies of ` +
			'these. A copy is no new evidence, so a row and its copies count as one where chance is looked at.',
	});
	return copies;
}

/**
 * A unit for each row and its copies, where there are more of them than chance makes; `copied`: that is known of the table that the rows
 * are part of.
 */
function copyUnits(frame: Frame, copied = false): Units | undefined {
	const found = findCopies(frame);
	if (!found || !(copied || found.beyondChance)) return undefined;
	// The number of each first row, which comes before its copies.
	const number = new Uint32Array(frame.rows);
	let count = 0;
	const unit = Uint32Array.from(found.first, (row, i) => (row === i ? (number[i] = count++) : number[row]));
	return { by: 'copies', unit, count };
}

/** The labels without those that only repeat another row's: how many rows of a class there really are. */
export function withoutCopies(labels: Float64Array, { by, unit, count }: Units): Float64Array {
	if (by !== 'copies') return labels;
	// Most copies have the same label: only others need a set.
	const first = new Float64Array(count).fill(NaN);
	const others = new Set<string>();
	return labels.filter((y, i) => {
		if (Number.isNaN(first[unit[i]])) {
			first[unit[i]] = y;
			return true;
		}
		if (first[unit[i]] === y) return false;
		const key = `${unit[i]} ${y}`;
		return !others.has(key) && others.add(key) !== undefined;
	});
}

export function rowUnits(rows: number): Units {
	if (rows <= MOST_ROW_UNITS) return { by: 'rows', unit: Uint32Array.from({ length: rows }, (_, i) => i), count: rows };
	const unit = new Uint32Array(rows);
	shuffled(rows, murmurTwice(20)).forEach((row, place) => {
		unit[row] = place % MOST_ROW_UNITS;
	});
	return { by: 'rows', unit, count: MOST_ROW_UNITS };
}

/** The groups of the rows. */
export const groupUnits = (frame: Frame, column: string): Units => numbered(frame, column, 'group');

function numbered(frame: Frame, column: string, by: 'day' | 'group'): Units {
	const vector = vectorOf(frame, column);
	const unit = new Uint32Array(frame.rows);
	const seen = new Map<number, number>();
	const values = isNumberVector(vector) ? vector.data : vector.codes;
	const days = by === 'day' && isNumberVector(vector);
	for (let i = 0; i < frame.rows; i++) {
		const raw = days ? Math.floor(values[i] / DAY) : values[i];
		let id = seen.get(raw); // a Map finds NaN, so rows without a day are one unit
		if (id === undefined) seen.set(raw, (id = seen.size));
		unit[i] = id;
	}
	return { by, unit, count: seen.size };
}

/** The same units for a selection of rows, numbered anew. */
export function unitsAt({ by, unit }: Units, rows: Uint32Array): Units {
	const seen = new Map<number, number>();
	const out = Uint32Array.from(rows, (row) => {
		let id = seen.get(unit[row]);
		if (id === undefined) seen.set(unit[row], (id = seen.size));
		return id;
	});
	return { by, unit: out, count: seen.size };
}

/**
 * How often each unit was drawn, `replicates` times: as many draws as there are units, with replacement. The same array each time, filled
 * anew.
 */
export function* draws(count: number, replicates: number, seed: number): Generator<Float64Array> {
	const { floor } = Math;
	const random = murmurTwice(seed);
	const weight = new Float64Array(count);
	for (let r = 0; r < replicates; r++) {
		weight.fill(0);
		for (let i = 0; i < count; i++) weight[floor(random() * count)]++;
		yield weight;
	}
}

/** Linear between order statistics, as numpy's default. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
	const at = (sorted.length - 1) * share;
	const low = Math.floor(at);
	return sorted[low] + (at - low) * (sorted[Math.min(low + 1, sorted.length - 1)] - sorted[low]);
}
