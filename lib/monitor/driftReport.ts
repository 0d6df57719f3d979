import type { ColumnDrift, ColumnReading, DriftRecord } from '../domain/drift.js';
import { throwIfCancelled, type Cancellable } from '../domain/cancel.js';
import { MlopsError } from '../domain/errors.js';
import type { Context } from '../domain/progress.js';
import type { ColumnRole } from '../domain/column.js';
import { columnIndex, isNumberVector, type Frame } from '../data/frame.js';
import { nearNames, nearText } from '../data/nearNames.js';
import { columnData, distinctOf, present, type ColumnData } from './columnData.js';
import { comparable, defaultVerdict, discoveryLimit, missingP, type Candidate } from './defaultMode.js';
import type { DriftParams } from './driftParams.js';
import { evidentlyKind, evidentlyVerdict } from './evidentlyMode.js';
import { histogramOf } from './histogram.js';
import { sketchedColumn, type ReferenceSketch } from './sketch.js';
import { DRIFT_TESTS } from './tests/index.js';
import type { Verdict } from './verdict.js';
import { emptyReason, list, reasonOf, summaryOf } from './words.js';

/** Who is compared with whom, for people and for lineage. */
export interface DriftAbout {
	reference?: { description: string; id?: string };
	current?: { description: string; id?: string };
	modelName?: string;
	/**
	 * Columns that a model needs: where one is gone, its feed is dead. A dataset alone has columns that nobody asks for, such as the answers.
	 */
	needed?: readonly string[];
	/** Whether callers sent the current rows to a model: then only what the model asks for can be there. */
	asked?: boolean;
	/** What reading the current rows found, and how many requests had failed before. */
	reading?: ColumnReading[];
	failedRequests?: number;
}

type Notes = DriftRecord['notes'];
const FEW_ROWS = 30;
/** Fewer rows than this on a side cannot be judged: even a great change could be chance, and a dead feed would pass as stable. */
const LEAST_ROWS = 10;
/** Where less than this share of the reference's columns is there, the rows are those of another table. */
const LEAST_COLUMNS = 1 / 3;
/** Columns that are mostly different values say nothing about a distribution. */
const MOSTLY_DIFFERENT = 0.5;

/**
 * Compares current rows with reference rows, or with a stored sketch of them, column by column. What the reference has is watched, whatever
 * the current rows look like by themselves. Columns that are gone, empty or stuck make the dataset drift, however few they are.
 * @throws `data.column_unknown`, `data.schema_mismatch`, `monitor.no_reference`, `monitor.too_few_rows`, `monitor.other_table`,
 * `monitor.nothing_compared`, `compute.cancelled`
 */
export async function driftReport(
	reference: Frame | ReferenceSketch,
	current: Frame,
	params: DriftParams,
	context: Pick<Context, 'progress' | 'note'> & Cancellable,
	about: DriftAbout = {},
): Promise<DriftRecord> {
	const started = performance.now();
	const failed = about.failedRequests ?? 0;
	// A feed that gets nothing but errors is dead, however few answers are left to compare.
	const mostFailed = failed > current.rows && failed + current.rows >= LEAST_ROWS;
	const onlyErrors = mostFailed && current.rows < LEAST_ROWS;
	enoughRows(reference.rows, onlyErrors ? LEAST_ROWS : current.rows, failed);
	const notes: Notes = [];
	const { names, notCompared } = onlyErrors ? { names: [], notCompared: [] } : columnsOf(reference, current, params, about);
	if (!params.columns.length) sameTable(names, current);
	const pairs: ColumnPair[] = [];
	for (const [i, name] of names.entries()) {
		throwIfCancelled(context, 'The drift check');
		context.progress({ stage: 'Comparing columns', share: i / names.length });
		const pair = readPair(name, reference, current);
		if (pair.current && present(pair.reference) + present(pair.current) === 0)
			notCompared.push({ column: name, why: 'it has no value on either side' });
		else pairs.push(pair);
		await Promise.resolve();
	}
	const dead = deadColumns(pairs, new Set(about.needed ?? (isSketch(reference) ? names : [])));
	const compared =
		params.mode === 'evidently' ? evidentlyColumns(pairs, params, notes, notCompared, dead) : defaultColumns(pairs, params, notes);
	if (!compared.length && !onlyErrors) throw nothingCompared(notCompared);
	// A dead column has drifted, whatever its test says.
	const columns = compared.map((c) => (dead.some((d) => d.column === c.column) ? { ...c, drifted: true } : c));
	const driftedColumns = columns.filter((c) => c.drifted).map((c) => c.column);
	const share = driftedColumns.length / Math.max(1, columns.length);
	if (failed)
		notes.push({
			code: 'requests_failed',
			text:
				`${failed.toLocaleString('en')} of ${(failed + current.rows).toLocaleString('en')} requests in the log got an error ` +
				`instead of an answer and are not among the rows compared.`,
		});
	const drifted = dead.length > 0 || mostFailed || (driftedColumns.length > 0 && share >= params.share);
	const said = { reference: about.reference?.description ?? 'the reference', current: about.current?.description ?? 'the current rows' };
	for (const note of notes) context.note(note.code, note.text);
	return {
		mode: params.mode,
		reference: { ...about.reference, description: said.reference, rows: reference.rows },
		current: { ...about.current, description: said.current, rows: current.rows },
		columns,
		driftedColumns,
		...(dead.length ? { dead } : {}),
		...(notCompared.length ? { notCompared } : {}),
		...(about.reading?.length ? { reading: about.reading } : {}),
		...(failed ? { failedRequests: failed } : {}),
		share,
		shareThreshold: params.share,
		drifted,
		summary: summaryOf({ columns: columns.length, drifted: driftedColumns, datasetDrifted: drifted, dead, mostFailed, about: said }),
		...(about.modelName ? { modelName: about.modelName } : {}),
		seconds: (performance.now() - started) / 1000,
		notes,
	};
}

interface ColumnPair {
	reference: ColumnData;
	current: ColumnData | undefined;
}
type NotCompared = NonNullable<DriftRecord['notCompared']>;
type Dead = NonNullable<DriftRecord['dead']>;

function enoughRows(reference: number, current: number, failed: number): void {
	const least = Math.min(reference, current);
	if (least >= LEAST_ROWS) return;
	const side = current === least ? 'current' : 'reference';
	throw new MlopsError(
		'monitor.too_few_rows',
		least === 0
			? `There are no ${side} rows to compare.`
			: `${least} ${side} row${least === 1 ? ' is' : 's are'} too few to judge: it takes at least ${LEAST_ROWS}.`,
		{
			expected: `at least ${LEAST_ROWS} rows`,
			found: failed ? `${least}, beside ${failed} request${failed === 1 ? '' : 's'} that got an error` : String(least),
			remedy: 'Widen the window, or wait for more rows.',
		},
	);
}

/**
 * @throws `monitor.other_table` where none, or few, of the reference's columns are there: then it is no drift but something else that was
 * given
 */
function sameTable(names: readonly string[], current: Frame): void {
	const there = new Set(current.schema.map((c) => c.name));
	const found = names.filter((name) => there.has(name));
	if (!names.length || (found.length > 0 && found.length >= names.length * LEAST_COLUMNS)) return;
	const near = nearText(
		nearNames(
			names.filter((name) => !there.has(name)),
			[...there],
		),
	);
	throw new MlopsError(
		'monitor.other_table',
		`This is another table: ${found.length ? `only ${found.length}` : 'none'} of the ${names.length} columns that are ` +
			`watched ${found.length > 1 ? 'are' : 'is'} in the current rows.`,
		{
			expected: `columns such as ${list(names, 10)}`,
			found: list([...there], 10) || 'no columns',
			remedy: near || 'Give the rows that belong to this reference, or name the columns that both have.',
		},
	);
}

function nothingCompared(notCompared: NotCompared): MlopsError {
	return new MlopsError('monitor.nothing_compared', 'Nothing could be compared, so nothing can be said about drift.', {
		found: notCompared.length
			? list(
					notCompared.map(({ column, why }) => `"${column}": ${why}`),
					5,
				)
			: 'no columns',
		remedy: 'Look at the roles of the columns in the reference, or name the columns to compare.',
	});
}

/** Different values from which on a column that stands still is stuck, and the chance below which that is none. */
const MANY_VALUES = 20;
const NO_CHANCE = 1e-6;
/** A column that holds a value in this share of the rows at most is as good as empty. */
const HARDLY_ANY = 0.05;

/** Columns from which nothing comes any more, though most reference rows had a value. */
function deadColumns(pairs: readonly ColumnPair[], needed: ReadonlySet<string>): Dead {
	return pairs.flatMap(({ reference, current }): Dead => {
		if (!current) return needed.has(reference.name) ? [{ column: reference.name, how: 'gone' }] : [];
		const share = present(reference) / reference.rows;
		// The rows that still have a value can be picked in at most rows to the power of their number ways.
		const chance = current.missing * Math.log(1 - share) + present(current) * Math.log(current.rows);
		if (present(current) <= HARDLY_ANY * current.rows)
			return share >= 0.5 && chance < Math.log(NO_CHANCE) ? [{ column: reference.name, how: 'empty' }] : [];
		if (!comparable(reference, current) || distinctOf(reference) <= MANY_VALUES || distinctOf(current) > 1) return [];
		const usual = Math.max(1, rowsWith(reference, current)) / present(reference);
		return present(current) >= LEAST_ROWS && usual ** present(current) < NO_CHANCE ? [{ column: reference.name, how: 'stuck' }] : [];
	});
}

/** How many reference rows hold the one value that a column holds now; of values that a sketch did not keep, all together. */
function rowsWith({ values }: ColumnData, { values: now }: ColumnData): number {
	if (values.kind === 'numbers')
		return now.kind === 'numbers' ? (values.numbers.counts[values.numbers.values.indexOf(now.numbers.values[0])] ?? 0) : 0;
	const at = now.kind === 'levels' ? values.levels.keys.indexOf(now.levels.keys[0]) : -1;
	return at < 0 ? values.levels.otherRows : values.levels.counts[at];
}

const isSketch = (reference: Frame | ReferenceSketch): reference is ReferenceSketch => 'kind' in reference;

const LEFT_OUT: Partial<Record<ColumnRole, string>> = {
	id: 'it names rows',
	time: 'it says when a row happened',
	ignore: 'it is ignored in the reference',
};

/**
 * The columns named, else all of the reference but ids, times and ignored ones. What a column of the current rows looks like by itself
 * (constant, empty, different in every row) is no reason to leave it out. Answers that are not known yet are not compared.
 */
function columnsOf(
	reference: Frame | ReferenceSketch,
	current: Frame,
	params: DriftParams,
	{ needed, asked }: DriftAbout,
): { names: string[]; notCompared: NotCompared } {
	if (params.columns.length) return { names: params.columns, notCompared: [] };
	if (isSketch(reference)) return { names: reference.columns.map((c) => c.name), notCompared: [] };
	const notCompared: NotCompared = [];
	const names = reference.schema.flatMap(({ name, type, role }) => {
		const why =
			LEFT_OUT[role] ??
			(asked && !needed?.includes(name)
				? 'the model does not ask for it'
				: type === 'datetime'
					? 'it holds dates, which move on by themselves'
					: role === 'target' && !hasValues(current, name)
						? 'the answers are not known yet'
						: undefined);
		if (why === undefined) return [name];
		notCompared.push({ column: name, why });
		return [];
	});
	return { names, notCompared };
}

function hasValues(frame: Frame, name: string): boolean {
	const at = frame.schema.findIndex((c) => c.name === name);
	if (at < 0) return false;
	const vector = frame.vectors[at];
	return isNumberVector(vector) ? vector.data.some((x) => !Number.isNaN(x)) : vector.codes.some((c) => c > 0);
}

function readPair(name: string, reference: Frame | ReferenceSketch, current: Frame): ColumnPair {
	const there = current.schema.find((c) => c.name === name);
	let before: ColumnData;
	if (isSketch(reference)) {
		const sketched = reference.columns.find((c) => c.name === name);
		if (!sketched)
			throw new MlopsError('data.column_unknown', `The reference kept with the model has no column "${name}".`, {
				column: name,
				expected: `one of: ${reference.columns
					.slice(0, 20)
					.map((c) => c.name)
					.join(', ')}`,
			});
		before = sketchedColumn(sketched);
	} else before = columnData(reference, reference.schema[columnIndex(reference.schema, name)]);
	const now = there && columnData(current, there);
	// A column without any value is of no kind: it is the reference's, empty.
	return { reference: before, current: now && present(now) === 0 ? { ...now, type: before.type, values: emptyValues(before) } : now };
}

const emptyValues = ({ values }: ColumnData): ColumnData['values'] =>
	values.kind === 'numbers'
		? { kind: 'numbers', numbers: { values: new Float64Array(), counts: new Float64Array(), n: 0 } }
		: { kind: 'levels', levels: { keys: [], counts: new Float64Array(), otherRows: 0 } };

function evidentlyColumns(
	pairs: readonly ColumnPair[],
	params: DriftParams,
	notes: Notes,
	notCompared: NotCompared,
	dead: Dead,
): ColumnDrift[] {
	const out: ColumnDrift[] = [];
	for (const { reference, current } of pairs) {
		if (!current) {
			if (params.columns.length)
				throw new MlopsError('data.column_unknown', `The current rows have no column "${reference.name}".`, {
					column: reference.name,
					remedy: 'Choose the columns that both have, or the default mode, which counts a lost column as drift.',
				});
			out.push(lost(reference, current));
			continue;
		}
		if (dead.some((d) => d.column === reference.name && d.how === 'empty')) {
			// Evidently would pass it over; a feed that is dead must not.
			out.push(untested(reference, current, { ...missingOf(reference, current, 1), drifted: true }));
			continue;
		}
		if (present(reference) === 0 || present(current) === 0) {
			// One column that is seldom filled must not keep the others from being judged.
			const why = `it has no values in the ${present(current) === 0 ? 'current' : 'reference'} rows`;
			notCompared.push({ column: reference.name, why });
			notes.push({ code: 'column_left_out', text: `Column "${reference.name}" is left out: ${why}.` });
			continue;
		}
		const kind = evidentlyKind(current);
		if ('leftOut' in kind) {
			notCompared.push({ column: reference.name, why: kind.leftOut });
			notes.push({ code: 'column_left_out', text: `Column "${reference.name}" is left out: ${kind.leftOut}.` });
			continue;
		}
		const verdict = evidentlyVerdict(reference, current, kind.kind, params);
		const missing = missingOf(reference, current, 1);
		if (missing.pValue < 0.001 && Math.abs(missing.reference - missing.current) >= params.minMissing) {
			notes.push({
				code: 'missing_changed',
				text: `The share of missing values of "${reference.name}" changed, which this mode does not look at.`,
			});
		}
		out.push(entry(reference.name, verdict, { ...missing, drifted: false }));
	}
	return out;
}

/** New values that a record names. */
const MOST_VALUES = 20;

function missingOf(reference: ColumnData, current: ColumnData, pValue: number): { reference: number; current: number; pValue: number } {
	return {
		reference: reference.missing / reference.rows,
		current: current.missing / current.rows,
		pValue: pValue === 1 ? missingP(reference, current) : pValue,
	};
}

function entry(column: string, v: Verdict, missing: ColumnDrift['missing']): ColumnDrift {
	const decidedByP = DRIFT_TESTS.find((t) => t.id === v.test)?.decides === 'pValue';
	return {
		column,
		type: v.kind === 'numeric' ? 'numeric' : 'categorical',
		test: v.test,
		score: v.score,
		threshold: v.threshold,
		drifted: v.drifted || missing.drifted,
		...(v.pValue === undefined ? {} : { pValue: v.pValue }),
		...(v.floor === undefined ? {} : { floor: v.floor }),
		missing,
		...(v.newLevels
			? {
					newValues: {
						share: v.newLevels.share,
						values: v.newLevels.names.slice(0, MOST_VALUES),
						drifted: v.drifted && v.newLevels.many === true,
					},
				}
			: {}),
		histogram: histogramOf(v.pair),
		reason: reasonOf(v, missing, decidedByP),
	};
}

function defaultColumns(pairs: readonly ColumnPair[], params: DriftParams, notes: Notes): ColumnDrift[] {
	const judged = pairs.map(({ reference, current }) => {
		if (!current || !comparable(reference, current)) return { reference, current, broken: true as const };
		const pMissing = missingP(reference, current);
		const testable = present(reference) > 0 && present(current) > 0 && !mostlyDifferent(reference, current);
		if (testable) fewRows(reference, current, notes);
		return {
			reference,
			current,
			broken: false as const,
			pMissing,
			verdict: testable ? defaultVerdict(reference, current, params) : undefined,
		};
	});
	const family = judged.flatMap((j) => (j.broken ? [] : [j.pMissing, ...(j.verdict && !j.verdict.chosen ? [j.verdict.p] : [])]));
	const limit = discoveryLimit(family, params.alpha);
	return judged.map((j) => {
		if (j.broken) return lost(j.reference, j.current);
		const missing = missingOf(j.reference, j.current, j.pMissing);
		const judgedMissing = {
			...missing,
			drifted: j.pMissing <= limit && Math.abs(missing.reference - missing.current) >= params.minMissing,
		};
		if (!j.verdict) return untested(j.reference, j.current, judgedMissing);
		const verdict: Candidate = {
			...j.verdict,
			drifted: j.verdict.chosen ? j.verdict.drifted : j.verdict.candidate && j.verdict.p <= limit,
		};
		if (verdict.unsure)
			notes.push({
				code: 'near_threshold',
				text:
					`Column "${j.reference.name}" is so near its limit that the summary kept of the reference cannot tell; compare with ` +
					`the reference dataset itself.`,
			});
		return entry(j.reference.name, verdict, judgedMissing);
	});
}

function fewRows(reference: ColumnData, current: ColumnData, notes: Notes): void {
	const least = Math.min(present(reference), present(current));
	if (least < FEW_ROWS)
		notes.push({
			code: 'few_rows',
			text: `Column "${reference.name}" has only ${least} values on one side: only a great change would show.`,
		});
}

function mostlyDifferent(reference: ColumnData, current: ColumnData): boolean {
	return (
		current.values.kind === 'levels' &&
		[reference, current].every((c) => present(c) >= FEW_ROWS && distinctOf(c) > MOSTLY_DIFFERENT * present(c))
	);
}

/** A column that the current rows lack, or hold as another kind: drift that needs no statistics. */
function lost(reference: ColumnData, current: ColumnData | undefined): ColumnDrift {
	const share = reference.missing / reference.rows;
	return {
		column: reference.name,
		type: reference.values.kind === 'numbers' ? 'numeric' : 'categorical',
		test: 'schema',
		score: 1,
		threshold: 0.5,
		drifted: true,
		missing: { reference: share, current: current ? current.missing / current.rows : 1, drifted: !current, pValue: current ? 1 : 0 },
		reason: current
			? `The column held ${reference.type} values and holds ${current.type} values now.`
			: 'The column is gone from the current rows.',
	};
}

function untested(reference: ColumnData, current: ColumnData, missing: ColumnDrift['missing']): ColumnDrift {
	const empty = present(reference) === 0 || present(current) === 0;
	const words = empty
		? emptyReason(reference, current)
		: missing.drifted
			? 'The share of missing values changed.'
			: 'Nearly every value is different, so only missing values are watched.';
	return {
		column: reference.name,
		type: reference.values.kind === 'numbers' ? 'numeric' : 'categorical',
		test: 'missing',
		drifted: missing.drifted,
		score: Math.abs(missing.reference - missing.current),
		threshold: 1,
		pValue: missing.pValue,
		missing,
		reason: words,
	};
}
