import type { ColumnDrift, DriftRecord } from '../domain/drift.js';
import { MlopsError } from '../domain/errors.js';
import type { Context } from '../domain/progress.js';
import { columnIndex, type Frame } from '../data/frame.js';
import { columnData, distinctOf, present, type ColumnData } from './columnData.js';
import { comparable, defaultVerdict, discoveryLimit, missingP, type Candidate } from './defaultMode.js';
import type { DriftParams } from './driftParams.js';
import { evidentlyKind, evidentlyVerdict } from './evidentlyMode.js';
import { histogramOf } from './histogram.js';
import { sketchedColumn, type ReferenceSketch } from './sketch.js';
import { DRIFT_TESTS } from './tests/index.js';
import type { Verdict } from './verdict.js';
import { emptyReason, reasonOf, summaryOf } from './words.js';

/** Who is compared with whom, for people and for lineage. */
export interface DriftAbout {
	reference?: { description: string; id?: string };
	current?: { description: string; id?: string };
	modelName?: string;
}

type Notes = DriftRecord['notes'];
const FEW_ROWS = 30;
/** Columns that are mostly different values say nothing about a distribution. */
const MOSTLY_DIFFERENT = 0.5;

/**
 * Compares current rows with reference rows, or with a stored sketch of them, column by column.
 * @throws `data.column_unknown`, `data.schema_mismatch`, `monitor.no_reference`, `monitor.too_few_rows`, `compute.cancelled`
 */
export async function driftReport(reference: Frame | ReferenceSketch, current: Frame, params: DriftParams, context: Context, about: DriftAbout = {}): Promise<DriftRecord> {
	const started = performance.now();
	if (reference.rows === 0 || current.rows === 0) {
		throw new MlopsError('monitor.too_few_rows', `There are no ${reference.rows === 0 ? 'reference' : 'current'} rows to compare.`, { remedy: 'Widen the window, or wait for more predictions.' });
	}
	const notes: Notes = [];
	const pairs: Array<{ reference: ColumnData; current: ColumnData | undefined }> = [];
	const names = columnsOf(reference, current, params);
	for (const [i, name] of names.entries()) {
		if (context.signal.aborted) throw new MlopsError('compute.cancelled', 'The drift check was stopped.');
		context.report({ stage: 'Comparing columns', share: i / names.length });
		pairs.push(readPair(name, reference, current));
		await Promise.resolve();
	}
	const columns = params.mode === 'evidently' ? evidentlyColumns(pairs, params, notes) : defaultColumns(pairs, params, notes);
	const driftedColumns = columns.filter((c) => c.drifted).map((c) => c.column);
	const share = columns.length ? driftedColumns.length / columns.length : 0;
	const drifted = columns.length > 0 && driftedColumns.length > 0 && share >= params.share;
	const said = { reference: about.reference?.description ?? 'the reference', current: about.current?.description ?? 'the current rows' };
	for (const note of notes) context.note(note.code, note.text);
	return {
		mode: params.mode,
		reference: { ...about.reference, description: said.reference, rows: reference.rows },
		current: { ...about.current, description: said.current, rows: current.rows },
		columns, driftedColumns, share, shareThreshold: params.share, drifted,
		summary: summaryOf(columns.length, driftedColumns, drifted, said),
		...(about.modelName ? { modelName: about.modelName } : {}),
		seconds: (performance.now() - started) / 1000, notes,
	};
}

const isSketch = (reference: Frame | ReferenceSketch): reference is ReferenceSketch => 'kind' in reference;

/** The columns named, else all of the reference but ids, times and ignored ones. */
function columnsOf(reference: Frame | ReferenceSketch, current: Frame, params: DriftParams): string[] {
	if (params.columns.length) return params.columns;
	const roles = new Map([...(isSketch(reference) ? [] : reference.schema), ...current.schema].map((c) => [c.name, c.role]));
	const all: Array<{ name: string; type: string }> = isSketch(reference) ? reference.columns : reference.schema;
	return all.filter((c) => c.type !== 'datetime' && !['id', 'time', 'ignore'].includes(roles.get(c.name) ?? 'feature')).map((c) => c.name);
}

function readPair(name: string, reference: Frame | ReferenceSketch, current: Frame): { reference: ColumnData; current: ColumnData | undefined } {
	const there = current.schema.find((c) => c.name === name);
	let before: ColumnData;
	if (isSketch(reference)) {
		const sketched = reference.columns.find((c) => c.name === name);
		if (!sketched) throw new MlopsError('data.column_unknown', `The reference kept with the model has no column "${name}".`, { column: name, expected: `one of: ${reference.columns.slice(0, 20).map((c) => c.name).join(', ')}` });
		before = sketchedColumn(sketched);
	} else before = columnData(reference, reference.schema[columnIndex(reference.schema, name)]);
	return { reference: before, current: there && columnData(current, there) };
}

function evidentlyColumns(pairs: ReadonlyArray<{ reference: ColumnData; current: ColumnData | undefined }>, params: DriftParams, notes: Notes): ColumnDrift[] {
	const out: ColumnDrift[] = [];
	for (const { reference, current } of pairs) {
		if (!current) throw new MlopsError('data.column_unknown', `The current rows have no column "${reference.name}".`, { column: reference.name, remedy: 'Choose the columns that both have, or the default mode, which counts a lost column as drift.' });
		const kind = evidentlyKind(current);
		if ('leftOut' in kind) {
			notes.push({ code: 'column_left_out', text: `Column "${reference.name}" is left out: ${kind.leftOut}.` });
			continue;
		}
		const verdict = evidentlyVerdict(reference, current, kind.kind, params);
		const missing = missingOf(reference, current, 1);
		if (missing.pValue < 0.001 && Math.abs(missing.reference - missing.current) >= params.minMissing) {
			notes.push({ code: 'missing_changed', text: `The share of missing values of "${reference.name}" changed, which this mode does not look at.` });
		}
		out.push(entry(reference.name, verdict, { ...missing, drifted: false }));
	}
	return out;
}

function missingOf(reference: ColumnData, current: ColumnData, pValue: number): { reference: number; current: number; pValue: number } {
	return { reference: reference.missing / reference.rows, current: current.missing / current.rows, pValue: pValue === 1 ? missingP(reference, current) : pValue };
}

function entry(column: string, v: Verdict, missing: ColumnDrift['missing']): ColumnDrift {
	const decidedByP = DRIFT_TESTS.find((t) => t.id === v.test)?.decides === 'pValue';
	return {
		column, type: v.kind === 'numeric' ? 'numeric' : 'categorical', test: v.test, score: v.score, threshold: v.threshold,
		drifted: v.drifted || missing.drifted,
		...(v.pValue === undefined ? {} : { pValue: v.pValue }), ...(v.floor === undefined ? {} : { floor: v.floor }),
		missing, histogram: histogramOf(v.pair), reason: reasonOf(v, missing, decidedByP),
	};
}

function defaultColumns(pairs: ReadonlyArray<{ reference: ColumnData; current: ColumnData | undefined }>, params: DriftParams, notes: Notes): ColumnDrift[] {
	const judged = pairs.map(({ reference, current }) => {
		if (!current || !comparable(reference, current)) return { reference, current, broken: true as const };
		const pMissing = missingP(reference, current);
		const testable = present(reference) > 0 && present(current) > 0 && !mostlyDifferent(reference, current);
		if (testable) fewRows(reference, current, notes);
		return { reference, current, broken: false as const, pMissing, verdict: testable ? defaultVerdict(reference, current, params) : undefined };
	});
	const family = judged.flatMap((j) => (j.broken ? [] : [j.pMissing, ...(j.verdict && !j.verdict.chosen ? [j.verdict.p] : [])]));
	const limit = discoveryLimit(family, params.alpha);
	return judged.map((j) => {
		if (j.broken) return lost(j.reference, j.current);
		const missing = missingOf(j.reference, j.current, j.pMissing);
		const judgedMissing = { ...missing, drifted: j.pMissing <= limit && Math.abs(missing.reference - missing.current) >= params.minMissing };
		if (!j.verdict) return untested(j.reference, j.current, judgedMissing);
		const verdict: Candidate = { ...j.verdict, drifted: j.verdict.chosen ? j.verdict.drifted : j.verdict.candidate && j.verdict.p <= limit };
		if (verdict.unsure) notes.push({ code: 'near_threshold', text: `Column "${j.reference.name}" is so near its limit that the summary kept of the reference cannot tell; compare with the reference dataset itself.` });
		return entry(j.reference.name, verdict, judgedMissing);
	});
}

function fewRows(reference: ColumnData, current: ColumnData, notes: Notes): void {
	const least = Math.min(present(reference), present(current));
	if (least < FEW_ROWS) notes.push({ code: 'few_rows', text: `Column "${reference.name}" has only ${least} values on one side: only a great change would show.` });
}

function mostlyDifferent(reference: ColumnData, current: ColumnData): boolean {
	return current.values.kind === 'levels' && [reference, current].every((c) => present(c) >= FEW_ROWS && distinctOf(c) > MOSTLY_DIFFERENT * present(c));
}

/** A column that the current rows lack, or hold as another kind: drift that needs no statistics. */
function lost(reference: ColumnData, current: ColumnData | undefined): ColumnDrift {
	const share = reference.missing / reference.rows;
	return {
		column: reference.name, type: reference.values.kind === 'numbers' ? 'numeric' : 'categorical', test: 'schema', score: 1, threshold: 0.5, drifted: true,
		missing: { reference: share, current: current ? current.missing / current.rows : 1, drifted: !current, pValue: current ? 1 : 0 },
		reason: current ? `The column held ${reference.type} values and holds ${current.type} values now.` : 'The column is gone from the current rows.',
	};
}

function untested(reference: ColumnData, current: ColumnData, missing: ColumnDrift['missing']): ColumnDrift {
	const empty = present(reference) === 0 || present(current) === 0;
	const words = empty ? emptyReason(reference, current) : missing.drifted ? 'The share of missing values changed.' : 'Nearly every value is different, so only missing values are watched.';
	return {
		column: reference.name, type: reference.values.kind === 'numbers' ? 'numeric' : 'categorical', test: 'missing', drifted: missing.drifted,
		score: Math.abs(missing.reference - missing.current), threshold: 1, pValue: missing.pValue, missing, reason: words,
	};
}
