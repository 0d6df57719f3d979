import { distinctOf, present, type ColumnData, type ColumnFacts } from './columnData.js';
import { comparable, defaultVerdict, missingP } from './defaultMode.js';
import type { DriftParams } from './driftParams.js';
import { evidentlyKind, evidentlyVerdict } from './evidentlyMode.js';
import { histogramOf } from './histogram.js';
import type { Judged, Told, Verdict } from './verdict.js';
import { changeOf } from './words.js';

/** Fewer rows than this on a side cannot be judged: even a great change could be chance, and a dead feed would pass as stable. */
export const LEAST_ROWS = 10;
/** Fewer rows than this are few. */
export const FEW_ROWS = 30;
/** Columns that are mostly different values say nothing about a distribution. */
const MOSTLY_DIFFERENT = 0.5;
/** Different values from which on a column that stands still is stuck, and the chance below which that is none. */
const MANY_VALUES = 20;
const NO_CHANCE = 1e-6;
/** A column that holds a value in this share of the rows at most is as good as empty. */
const HARDLY_ANY = 0.05;

/** Judges one column by the mode's rule. @throws what `evidentlyVerdict` and tests that a person chose throw */
export function judge(reference: ColumnData, current: ColumnData | undefined, params: DriftParams): Judged {
	if (!current) return { reference: factsOf(reference), comparable: false, missingP: 0 };
	const base: Judged = {
		reference: factsOf(reference),
		current: factsOf(current),
		comparable: comparable(reference, current),
		dead: deadOf(reference, current),
		missingP: missingP(reference, current),
	};
	const testable = present(reference) > 0 && present(current) > 0;
	if (params.mode === 'default') {
		if (!base.comparable || !testable || mostlyDifferent(reference, current)) return base;
		return { ...base, candidate: told(defaultVerdict(reference, current, params)) };
	}
	if (!testable || base.dead === 'empty') return base;
	const kind = evidentlyKind(current);
	if ('leftOut' in kind) return { ...base, leftOut: kind.leftOut };
	return { ...base, verdict: told(evidentlyVerdict(reference, current, kind.kind, params)) };
}

const factsOf = ({ values, ...facts }: ColumnData): ColumnFacts => ({ ...facts, kind: values.kind });

const told = <V extends Verdict>({ pair, ...verdict }: V): Told<V> => ({
	...verdict,
	histogram: histogramOf(pair),
	change: changeOf(pair),
});

/** Whether nothing comes from a column any more, though most reference rows had a value. */
function deadOf(reference: ColumnData, current: ColumnData): Judged['dead'] {
	const share = present(reference) / reference.rows;
	// The rows that still have a value can be picked in at most rows to the power of their number ways.
	const chance = current.missing * Math.log(1 - share) + present(current) * Math.log(current.rows);
	if (present(current) <= HARDLY_ANY * current.rows) return share >= 0.5 && chance < Math.log(NO_CHANCE) ? 'empty' : undefined;
	if (!comparable(reference, current) || distinctOf(reference) <= MANY_VALUES || distinctOf(current) > 1) return undefined;
	const usual = Math.max(1, rowsWith(reference, current)) / present(reference);
	return present(current) >= LEAST_ROWS && usual ** present(current) < NO_CHANCE ? 'stuck' : undefined;
}

/** How many reference rows hold the one value that a column holds now; of values that a sketch did not keep, all together. */
function rowsWith({ values }: ColumnData, { values: now }: ColumnData): number {
	if (values.kind === 'numbers')
		return now.kind === 'numbers' ? (values.numbers.counts[values.numbers.values.indexOf(now.numbers.values[0])] ?? 0) : 0;
	const at = now.kind === 'levels' ? values.levels.keys.indexOf(now.levels.keys[0]) : -1;
	return at < 0 ? values.levels.otherRows : values.levels.counts[at];
}

function mostlyDifferent(reference: ColumnData, current: ColumnData): boolean {
	return (
		current.values.kind === 'levels' &&
		[reference, current].every((c) => present(c) >= FEW_ROWS && distinctOf(c) > MOSTLY_DIFFERENT * present(c))
	);
}
