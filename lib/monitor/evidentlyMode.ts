import { own } from '../domain/dictionary.js';
import { MlopsError } from '../domain/errors.js';
import { distinctOf, isExact, levelsPair, numericPair, present, type ColumnData } from './columnData.js';
import { decides } from './defineDriftTest.js';
import type { DriftParams } from './driftParams.js';
import { asCategories, distinctTogether, type Pair } from './table.js';
import { driftTest } from './tests/index.js';
import type { Verdict } from './verdict.js';

/** Whole-number columns with at most this many different values are categories to Evidently. */
const FEW_INTEGERS = 10;
const FEW_NUMBERS = 5;
const SMALL_REFERENCE = 1000;

/** What Evidently takes a column of the current rows for; `undefined`: it leaves the column out. */
export function evidentlyKind(column: ColumnData): { kind: 'numeric' | 'categorical' } | { leftOut: string } {
	const { type } = column;
	if (type === 'datetime') return { leftOut: 'it holds dates' };
	if (type === 'boolean') return column.missing ? { leftOut: 'it holds yes/no values with gaps' } : { kind: 'categorical' };
	if (type === 'number') return { kind: 'numeric' };
	// pandas reads whole numbers with gaps as floats.
	if (type === 'integer') return { kind: column.missing || distinctOf(column) > FEW_INTEGERS ? 'numeric' : 'categorical' };
	if (present(column) === 0) return { leftOut: 'it is empty' };
	return distinctOf(column) > present(column) / 2
		? { leftOut: 'it holds free text, for which Evidently trains a classifier' }
		: { kind: 'categorical' };
}

/**
 * One column as `Report([DataDriftPreset()])` of Evidently 0.7.23 decides it: rows without a value are left out; the test follows from the
 * reference's rows and the number of different values; thresholds are the package's.
 * @throws `monitor.no_reference` when the reference is a lossy sketch, `monitor.too_few_rows` when a side has no values
 */
export function evidentlyVerdict(
	reference: ColumnData,
	current: ColumnData,
	kind: 'numeric' | 'categorical',
	params: DriftParams,
): Verdict {
	const column = reference.name;
	if (!isExact(reference)) {
		throw new MlopsError(
			'monitor.no_reference',
			`Column "${column}" of the reference is kept as a summary, but mode "evidently" needs its rows.`,
			{ column, remedy: 'Give the reference as a dataset, or choose the default mode.' },
		);
	}
	for (const [side, data] of [
		['reference', reference],
		['current', current],
	] as const) {
		if (present(data) === 0)
			throw new MlopsError('monitor.too_few_rows', `Column "${column}" has no values in the ${side} rows.`, {
				column,
				remedy: 'Leave the column out, or choose the default mode, which counts missing values.',
			});
	}
	const numbers = numericPair(reference, current);
	if (!numbers && reference.values.kind !== current.values.kind) {
		throw new MlopsError(
			'data.schema_mismatch',
			`Column "${column}" holds ${reference.type} values in the reference and ${current.type} values now.`,
			{ column, remedy: 'Read both with the same types.' },
		);
	}
	const pair: Pair = numbers ? (kind === 'numeric' ? numbers : asCategories(numbers)) : levelsPair(levelsOf(reference), levelsOf(current));
	const distinct = numbers
		? distinctTogether(numbers.reference, numbers.current, FEW_NUMBERS)
		: pair.kind === 'categorical'
			? pair.keys.length
			: 0;
	const id = own(params.tests, column) ?? chooseTest(kind, present(reference), distinct);
	const test = driftTest(id);
	const threshold = own(params.thresholds, column) ?? test.threshold;
	// Tests of categories take numbers with few values as categories.
	const fitting = test.kind === 'categorical' && pair.kind === 'numeric' ? asCategories(pair) : pair;
	if (test.kind === 'numeric' && fitting.kind !== 'numeric')
		throw new MlopsError('input.invalid', `Test "${id}" compares numbers, but column "${column}" holds categories.`, { column });
	const run = test.run as (p: Pair) => ReturnType<typeof test.run>;
	const { score, pValue } = run(fitting);
	return { kind, pair: fitting, test: id, score, threshold, drifted: decides(test, score, threshold), pValue };
}

function levelsOf(column: ColumnData) {
	if (column.values.kind === 'levels') return column.values.levels;
	throw new MlopsError('data.column_type', `Column "${column.name}" holds numbers.`, { column: column.name, expected: 'text' });
}

function chooseTest(kind: 'numeric' | 'categorical', rows: number, distinct: number): string {
	const many = kind === 'numeric' && distinct > FEW_NUMBERS;
	if (rows > SMALL_REFERENCE) return many ? 'wasserstein' : 'jensenshannon';
	if (many) return 'ks';
	return distinct > 2 ? 'chisquare' : 'z';
}
