import { z } from 'zod/v4';
import { valueAt, vectorOf, withColumns, type Frame } from '../../data/frame.js';
import { takeRows } from '../../data/takeRows.js';
import { withDuck, type Duck } from '../../data/duck.js';
import { throwIfCancelled } from '../../domain/cancel.js';
import { isNumeric } from '../../domain/column.js';
import type { ModelManifest } from '../../domain/model.js';
import type { VerdictRecord } from '../../domain/monitor.js';
import { silentContext, type Context } from '../../domain/progress.js';
import { readPackage } from '../../formats/modelPackage.js';
import { findingOf, inShares } from '../../monitor/findings.js';
import { buildReference, driftParams, driftReport, requestsOf, type LoggedRow, type ReferenceSketch } from '../../monitor/index.js';
import { segmenterOf, segmentsOf, type Segmenter } from '../../monitor/quality/segmenter.js';
import { count, list } from '../../report/formatting.js';
import type { Store, StoredRecord } from '../../store/contract.js';
import { answersIn, MOST_COMPARED, type AnswersOf } from './answersOf.js';
import type { Looked, Span, Watched } from './contract.js';

/** When a change counts, as Monitor Drift's default mode has it. */
export const driftWatchParams = z.object({
	minDistance: z.number().min(0).max(1).default(0.1).meta({
		title: 'Smallest Change',
		description: 'Changes of a distribution below this distance are passed over, however certain they are.',
		advanced: true,
	}),
	minMissing: z.number().min(0).max(1).default(0.02).meta({
		title: 'Smallest Change of Missing Values',
		description: 'Changes of the share of missing values below this are passed over.',
		advanced: true,
	}),
	minNew: z.number().min(0).max(1).default(0.05).meta({
		title: 'Smallest Share of New Values',
		description: 'Values never seen in the reference are passed over below this share of the rows.',
		advanced: true,
	}),
	leastRows: z.number().int().min(10).default(100).meta({
		title: 'Least Answers',
		description: 'A window, or a segment of it, with fewer answers is not judged.',
		advanced: true,
	}),
});
export type DriftWatchParams = z.output<typeof driftWatchParams>;

/** What the answers of a version are compared with. */
export interface DriftReference {
	/** Record that says it, for the history of alarms. */
	id: string;
	/** In words. */
	description: string;
	sketch: ReferenceSketch;
	/** The same by segment, and how rows are told apart. */
	segments: ReadonlyMap<string, ReferenceSketch>;
	segmenters: ReadonlyMap<string, Segmenter>;
	/** Columns whose feed is dead where they are gone. */
	needed: readonly string[];
	/** How much each column matters for the answers; absent: all the same. */
	importance?: ReadonlyMap<string, number>;
	notes: VerdictRecord['notes'];
}

export interface Version {
	record: StoredRecord<'modelVersion'>;
	manifest: ModelManifest;
}

/** What is compared: what was asked, or what was answered. */
export interface Subject {
	reference(store: Store, version: Version, watched: Watched, params: DriftWatchParams): Promise<DriftReference>;
	/** Logged answers as rows of the columns that are compared; as many as there are entries. */
	rows(entries: readonly LoggedRow[], manifest: ModelManifest): Frame;
}

const MOST_SEGMENTS = 20;
/** Of a column that the evaluation found to be of no use, or did not know: what drifts is shown all the same. */
const LEAST_IMPORTANCE = 1e-3;

/** Looks at windows one after the other: each compares the answers of one version with that version's own reference. */
export async function driftOver(
	subject: Subject,
	store: Store,
	watched: Watched,
	windows: readonly Span[],
	params: DriftWatchParams,
	context: Context,
): Promise<Looked[]> {
	return await withDuck({ threads: 2, memoryBytes: 1 << 30 }, async (duck) => {
		const known = new Map<string, Promise<DriftReference & Version>>();
		const referenceOf = (main: NonNullable<AnswersOf['main']>): Promise<DriftReference & Version> => {
			const key = `${main.version} ${main.digest}`;
			if (!known.has(key)) known.set(key, versionOf(subject, store, watched, main, params));
			return known.get(key)!;
		};
		const looked: Looked[] = [];
		for (const [i, span] of windows.entries()) {
			throwIfCancelled(context, 'The look at the answers');
			context.progress({ stage: `Comparing answers: ${span.from.slice(0, 10)}`, share: i / windows.length });
			looked.push(await lookAt(duck, subject, store, watched, span, params, referenceOf));
		}
		return looked;
	});
}

async function versionOf(
	subject: Subject,
	store: Store,
	watched: Watched,
	{ version, digest }: NonNullable<AnswersOf['main']>,
	params: DriftWatchParams,
): Promise<DriftReference & Version> {
	const found = await store.find('modelVersion', watched.model, version);
	const record = await store.get('modelVersion', found?.id ?? '');
	const { manifest } = readPackage(await store.artifacts.get(digest));
	return { ...(await subject.reference(store, { record, manifest }, watched, params)), record, manifest };
}

async function lookAt(
	duck: Duck,
	subject: Subject,
	store: Store,
	watched: Watched,
	span: Span,
	params: DriftWatchParams,
	referenceOf: (main: NonNullable<AnswersOf['main']>) => Promise<DriftReference & Version>,
): Promise<Looked> {
	const { main, read, rows, versions, failed, unseen } = await answersIn(duck, store, watched, span);
	const counted = { rows, versions, notes: leftOut(failed, unseen, rows, main) };
	if (!main || read.length < params.leastRows)
		return {
			...counted,
			findings: [],
			waiting: main
				? `${count(read.length, 'answer')} are too few to compare: it takes at least ${params.leastRows}`
				: 'nothing was answered in this time',
		};
	const reference = await referenceOf(main);
	const frame = subject.rows(read, reference.manifest);
	const about = { span, description: `answers of ${watched.model}@${main.version}` };
	const whole = await compare(reference.sketch, frame, reference, params, about);
	const findings = [...whole.findings];
	for (const [segment, at] of partsOf(read, reference, params)) {
		const sketch = reference.segments.get(segment);
		if (sketch) findings.push(...(await compare(sketch, takeRows(frame, at), reference, params, about, segment)).findings);
	}
	return {
		...counted,
		reference: reference.id,
		findings: inShares(findings),
		notes: [...counted.notes, ...reference.notes, ...whole.record.notes],
		summary: whole.record.summary,
	};
}

async function compare(
	sketch: ReferenceSketch,
	frame: Frame,
	{ needed, description, importance }: DriftReference,
	{ minDistance, minMissing, minNew }: DriftWatchParams,
	about: { span: Span; description: string },
	segment?: string,
) {
	const from = about.span.from.slice(0, 10);
	const now = withLost(sketch, frame);
	const record = await driftReport(sketch, now, driftParams.parse({ minDistance, minMissing, minNew }), silentContext(), {
		reference: { description },
		current: { description: `${about.description} since ${from}` },
		needed,
	});
	const rows = { reference: sketch.rows, current: frame.rows };
	const findings = record.columns.map((column) =>
		findingOf(column, {
			rows,
			minMissing,
			importance: importance ? Math.max(LEAST_IMPORTANCE, importance.get(column.column) ?? 0) : 1,
			dead: record.dead?.some((d) => d.column === column.column) ?? false,
			...(segment === undefined ? {} : { segment }),
		}),
	);
	return { record, findings };
}

/**
 * Answers in which hardly a column of the model is named any more are no other table by mistake, as they would be on the canvas: they did
 * come to this model. What is lost is empty then.
 */
function withLost({ columns }: ReferenceSketch, frame: Frame): Frame {
	const lost = columns.filter(({ name }) => !frame.schema.some((c) => c.name === name));
	if (lost.length * 2 < columns.length) return frame;
	return withColumns(
		frame,
		lost.map(({ name, type }) => ({
			schema: { name, type, role: 'feature' as const },
			vector: isNumeric(type) ? { data: new Float64Array(frame.rows).fill(NaN) } : { codes: new Uint32Array(frame.rows), dictionary: [] },
		})),
	);
}

/** Rows of each segment, those with most rows first. */
function partsOf(read: readonly LoggedRow[], { segmenters, manifest }: DriftReference & Version, { leastRows }: DriftWatchParams) {
	if (segmenters.size === 0) return [];
	return rowsBySegment(requestsOf(read, manifest).frame, segmenters, { least: leastRows, most: MOST_SEGMENTS });
}

function rowsBySegment(
	frame: Frame,
	segmenters: ReadonlyMap<string, Segmenter>,
	limits: { least: number; most: number },
): Array<[string, Uint32Array]> {
	return [...segmenters].flatMap(([name, segmenter]) => {
		if (!frame.schema.some((c) => c.name === name)) return [];
		const vector = vectorOf(frame, name);
		const names = Array.from({ length: frame.rows }, (_, i) => segmenter(valueAt(vector, i)));
		return [...segmentsOf(names, limits).segments].map(([segment, at]): [string, Uint32Array] => [segment, Uint32Array.from(at)]);
	});
}

/**
 * Sketches of reference rows by segment: `inputs` say to which a row belongs, `compared` (the same rows) hold what is compared. Columns by
 * which rows cannot be told apart are named in a note.
 */
export function segmentSketches(
	inputs: Frame,
	compared: Frame,
	manifest: ModelManifest,
	columns: readonly string[],
	{ leastRows }: DriftWatchParams,
): Pick<DriftReference, 'segments' | 'segmenters' | 'notes'> {
	const segmenters = new Map<string, Segmenter>();
	for (const name of columns) {
		const column = manifest.signature.find((c) => c.name === name);
		if (!column || !inputs.schema.some((c) => c.name === name)) continue;
		const vector = vectorOf(inputs, name);
		const numbers = 'data' in vector ? vector.data.filter((x) => !Number.isNaN(x)) : new Float64Array();
		const segmenter = segmenterOf(column, numbers);
		if (segmenter) segmenters.set(name, segmenter);
	}
	const segments = new Map(
		rowsBySegment(inputs, segmenters, { least: leastRows, most: 500 }).map(([segment, at]): [string, ReferenceSketch] => [
			segment,
			buildReference(takeRows(compared, at)),
		]),
	);
	const lost = columns.filter((name) => !segmenters.has(name));
	return { segmenters, segments, notes: lost.length ? [cannotDivide(lost)] : [] };
}

export const cannotDivide = (columns: readonly string[]) => ({
	code: 'no_segments',
	text: `The reference cannot be divided by ${list([...columns])}.`,
});

function leftOut(failed: number, unseen: number, rows: number, main: AnswersOf['main']): VerdictRecord['notes'] {
	return [
		...(failed
			? [{ code: 'requests_failed', text: `${count(failed, 'request')} got an error instead of an answer and are left out.` }]
			: []),
		...(unseen ? [{ code: 'unseen', text: `${count(unseen, 'answer')} that nobody saw (of a shadow) are left out.` }] : []),
		...(main && rows > main.rows
			? [{ code: 'other_versions', text: `${count(rows - main.rows, 'answer')} of other versions than ${main.version} are left out.` }]
			: []),
		...(main && main.rows > MOST_COMPARED
			? [
					{
						code: 'sampled',
						text: `Of ${count(main.rows, 'answer')} an even sample of about ${count(MOST_COMPARED, 'answer')} is compared.`,
					},
				]
			: []),
	];
}
