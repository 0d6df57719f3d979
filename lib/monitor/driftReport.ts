import type { ColumnDrift, ColumnReading, DriftRecord } from '../domain/drift.js';
import type { Cancellable } from '../domain/cancel.js';
import { MlopsError } from '../domain/errors.js';
import type { Context } from '../domain/progress.js';
import type { ColumnRole } from '../domain/column.js';
import { isNumberVector } from '../data/frame.js';
import { nearNames, nearText } from '../data/nearNames.js';
import { present, type ColumnFacts } from './columnData.js';
import { discoveryLimit } from './defaultMode.js';
import type { DriftParams } from './driftParams.js';
import { FEW_ROWS, LEAST_ROWS } from './judge.js';
import { judgeAll } from './judgeAll.js';
import { judgeStored } from './judgeStored.js';
import { isSketch, type ReferenceSketch } from './sketch.js';
import { isStored, someValue, type Table } from './storedTable.js';
import { DRIFT_TESTS } from './tests/index.js';
import type { Judged, Told } from './verdict.js';
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
/** Where less than this share of the reference's columns is there, the rows are those of another table. */
const LEAST_COLUMNS = 1 / 3;
/**
 * Compares current rows with reference rows, or with a stored sketch of them, column by column. What the reference has is watched, whatever
 * the current rows look like by themselves. Columns that are gone, empty or stuck make the dataset drift, however few they are.
 * @throws `data.column_unknown`, `data.schema_mismatch`, `monitor.no_reference`, `monitor.too_few_rows`, `monitor.other_table`,
 * `monitor.nothing_compared`, `compute.cancelled`
 */
export async function driftReport(
	reference: Table | ReferenceSketch,
	current: Table,
	params: DriftParams,
	context: JudgeContext & Pick<Context, 'note'>,
	about: DriftAbout = {},
): Promise<DriftRecord> {
	const started = performance.now();
	const failed = about.failedRequests ?? 0;
	// A feed that gets nothing but errors is dead, however few answers are left to compare.
	const mostFailed = failed > current.rows && failed + current.rows >= LEAST_ROWS;
	const onlyErrors = mostFailed && current.rows < LEAST_ROWS;
	enoughRows(reference.rows, onlyErrors ? LEAST_ROWS : current.rows, failed);
	const notes: Notes = [];
	const { names, notCompared } = onlyErrors ? { names: [], notCompared: [] } : await columnsOf(reference, current, params, about);
	if (!params.columns.length) sameTable(names, current);
	const judged: Judged[] = [];
	for (const one of await judgeEach(names, reference, current, params, context)) {
		const empty = one.current && present(one.reference) + present(one.current) === 0;
		if (empty) notCompared.push({ column: one.reference.name, why: 'it has no value on either side' });
		else judged.push(one);
	}
	const dead = deadColumns(judged, new Set(about.needed ?? (isSketch(reference) ? names : [])));
	const compared =
		params.mode === 'evidently' ? evidentlyColumns(judged, params, notes, notCompared) : defaultColumns(judged, params, notes);
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

type JudgeContext = Pick<Context, 'progress'> & Cancellable & { threads?: number; memoryBytes?: number };

async function judgeEach(
	names: readonly string[],
	reference: Table | ReferenceSketch,
	current: Table,
	params: DriftParams,
	context: JudgeContext,
): Promise<Judged[]> {
	if (isStored(reference) && isStored(current)) return await judgeStored(names, { reference, current, params }, context);
	if (isStored(reference) || isStored(current)) throw new Error('both tables lie in files, or none of them');
	return await judgeAll(names, reference, current, params, context);
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
function sameTable(names: readonly string[], current: Table): void {
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

/** Columns from which nothing comes any more, though most reference rows had a value. */
const deadColumns = (judged: readonly Judged[], needed: ReadonlySet<string>): Dead =>
	judged.flatMap(({ reference, current, dead }): Dead => {
		const how = dead ?? (!current && needed.has(reference.name) ? 'gone' : undefined);
		return how ? [{ column: reference.name, how }] : [];
	});

const LEFT_OUT: Partial<Record<ColumnRole, string>> = {
	id: 'it names rows',
	time: 'it says when a row happened',
	ignore: 'it is ignored in the reference',
};

/**
 * The columns named, else all of the reference but ids, times and ignored ones. What a column of the current rows looks like by itself
 * (constant, empty, different in every row) is no reason to leave it out. Answers that are not known yet are not compared.
 */
async function columnsOf(
	reference: Table | ReferenceSketch,
	current: Table,
	params: DriftParams,
	{ needed, asked }: DriftAbout,
): Promise<{ names: string[]; notCompared: NotCompared }> {
	if (params.columns.length) return { names: params.columns, notCompared: [] };
	if (isSketch(reference)) return { names: reference.columns.map((c) => c.name), notCompared: [] };
	const notCompared: NotCompared = [];
	const target = reference.schema.find(({ role }) => role === 'target')?.name;
	const unanswered = target !== undefined && !(await hasValues(current, target));
	const names = reference.schema.flatMap(({ name, type, role }) => {
		const why =
			LEFT_OUT[role] ??
			(asked && !needed?.includes(name)
				? 'the model does not ask for it'
				: type === 'datetime'
					? 'it holds dates, which move on by themselves'
					: role === 'target' && unanswered
						? 'the answers are not known yet'
						: undefined);
		if (why === undefined) return [name];
		notCompared.push({ column: name, why });
		return [];
	});
	return { names, notCompared };
}

async function hasValues(frame: Table, name: string): Promise<boolean> {
	if (isStored(frame)) return await someValue(frame, name);
	const at = frame.schema.findIndex((c) => c.name === name);
	if (at < 0) return false;
	const vector = frame.vectors[at];
	return isNumberVector(vector) ? vector.data.some((x) => !Number.isNaN(x)) : vector.codes.some((c) => c > 0);
}

function evidentlyColumns(judged: readonly Judged[], params: DriftParams, notes: Notes, notCompared: NotCompared): ColumnDrift[] {
	const out: ColumnDrift[] = [];
	for (const { reference, current, dead, leftOut, missingP, verdict } of judged) {
		if (!current) {
			if (params.columns.length)
				throw new MlopsError('data.column_unknown', `The current rows have no column "${reference.name}".`, {
					column: reference.name,
					remedy: 'Choose the columns that both have, or the default mode, which counts a lost column as drift.',
				});
			out.push(lost(reference, current));
			continue;
		}
		const missing = missingOf(reference, current, missingP);
		if (dead === 'empty') {
			// Evidently would pass it over; a feed that is dead must not.
			out.push(untested(reference, current, { ...missing, drifted: true }));
			continue;
		}
		if (!verdict) {
			// One column that is seldom filled must not keep the others from being judged.
			const why = leftOut ?? `it has no values in the ${present(current) === 0 ? 'current' : 'reference'} rows`;
			notCompared.push({ column: reference.name, why });
			notes.push({ code: 'column_left_out', text: `Column "${reference.name}" is left out: ${why}.` });
			continue;
		}
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

function missingOf(reference: ColumnFacts, current: ColumnFacts, pValue: number): { reference: number; current: number; pValue: number } {
	return { reference: reference.missing / reference.rows, current: current.missing / current.rows, pValue };
}

function entry(column: string, v: Told, missing: ColumnDrift['missing']): ColumnDrift {
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
		histogram: v.histogram,
		reason: reasonOf(v, missing, decidedByP),
	};
}

function defaultColumns(judged: readonly Judged[], params: DriftParams, notes: Notes): ColumnDrift[] {
	for (const { reference, current, candidate } of judged) if (current && candidate) fewRows(reference, current, notes);
	const family = judged.flatMap((j) => (j.comparable ? [j.missingP, ...(j.candidate && !j.candidate.chosen ? [j.candidate.p] : [])] : []));
	const limit = discoveryLimit(family, params.alpha);
	return judged.map(({ reference, current, comparable, missingP, candidate }) => {
		if (!current || !comparable) return lost(reference, current);
		const shares = missingOf(reference, current, missingP);
		const missing = { ...shares, drifted: missingP <= limit && Math.abs(shares.reference - shares.current) >= params.minMissing };
		if (!candidate) return untested(reference, current, missing);
		const drifted = candidate.chosen ? candidate.drifted : candidate.candidate && candidate.p <= limit;
		if (candidate.unsure)
			notes.push({
				code: 'near_threshold',
				text:
					`Column "${reference.name}" is so near its limit that the summary kept of the reference cannot tell; compare with ` +
					`the reference dataset itself.`,
			});
		return entry(reference.name, { ...candidate, drifted }, missing);
	});
}

function fewRows(reference: ColumnFacts, current: ColumnFacts, notes: Notes): void {
	const least = Math.min(present(reference), present(current));
	if (least < FEW_ROWS)
		notes.push({
			code: 'few_rows',
			text: `Column "${reference.name}" has only ${least} values on one side: only a great change would show.`,
		});
}

/** A column that the current rows lack, or hold as another kind: drift that needs no statistics. */
function lost(reference: ColumnFacts, current: ColumnFacts | undefined): ColumnDrift {
	const share = reference.missing / reference.rows;
	return {
		column: reference.name,
		type: reference.kind === 'numbers' ? 'numeric' : 'categorical',
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

function untested(reference: ColumnFacts, current: ColumnFacts, missing: ColumnDrift['missing']): ColumnDrift {
	const empty = present(reference) === 0 || present(current) === 0;
	const words = empty
		? emptyReason(reference, current)
		: missing.drifted
			? 'The share of missing values changed.'
			: 'Nearly every value is different, so only missing values are watched.';
	return {
		column: reference.name,
		type: reference.kind === 'numbers' ? 'numeric' : 'categorical',
		test: 'missing',
		drifted: missing.drifted,
		score: Math.abs(missing.reference - missing.current),
		threshold: 1,
		pValue: missing.pValue,
		missing,
		reason: words,
	};
}
