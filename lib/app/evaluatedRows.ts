import { contentKeys, findCopies, placeIn } from '../data/copies.js';
import { vectorOf, withColumns, type Frame, type Vector } from '../data/frame.js';
import { joined } from '../data/joined.js';
import { takeRows } from '../data/takeRows.js';
import { MlopsError } from '../domain/errors.js';
import type { ModelManifest } from '../domain/model.js';
import type { RunRecord } from '../domain/run.js';
import { PART } from '../domain/split.js';
import type { LoadedModel } from '../learn/score.js';
import { datasetPass } from '../recipe/fit.js';
import { requireColumns, requiredNames } from '../serve/requireColumns.js';
import { taskById } from '../task/index.js';
import type { Store, StoredRecord } from '../store/contract.js';
import type { ColumnRoom } from './columnRoom.js';
import { readRows, storedRows, type ReadingNote } from './frameForModel.js';
import { labelsIn } from './labelsIn.js';
import { indicesWhere, rowsInParts, splitRows, trainedOn } from './splitRows.js';

/** Rows that a model is asked about, with their answers. */
export interface EvaluatedRows {
	dataset: StoredRecord<'dataset'>;
	/** All of the dataset, and the rows that are judged. */
	raw: Frame;
	frame: Frame;
	labels: Float64Array;
	/** Which rows these are, in words. */
	judged: string;
	notes: ReadingNote[];
}

const count = (n: number, what = 'row'): string => `${n.toLocaleString('en-US')} ${what}${n === 1 ? '' : 's'}`;
const called = ({ name, version }: { name: string; version: number }): string => `${name} version ${version}`;

/** The rows that Train kept apart. @throws `evaluate.no_rows` for an imported model, which has none */
export async function testRows(
	dataset: StoredRecord<'dataset'>,
	raw: Frame,
	split: { frame: Frame; marks: Uint8Array },
	run: RunRecord,
	model: LoadedModel,
	room?: ColumnRoom,
): Promise<EvaluatedRows> {
	if (run.imported)
		throw new MlopsError(
			'evaluate.no_rows',
			`No rows were kept apart for this model, since it was imported from ${run.imported.program}.`,
			{
				expected: 'a dataset with answers that it never saw',
				remedy: 'Choose "Another Dataset" under "Rows".',
			},
		);
	const read = readRows(rowsInParts(split, [PART.test]), model.manifest, undefined, room);
	const { frame, labels } = await rowsToJudge(read.frame, model.manifest);
	return { dataset, raw, frame, labels, judged: `${count(frame.rows, 'test row')} of ${called(dataset)}, kept apart by Train.`, notes: [] };
}

/**
 * All rows of another dataset that have an answer and were not learned from, read as the model reads: types, spellings and classes are
 * those of the training. The recipe's steps that drop rows run here as they did there. @throws `evaluate.no_rows` when none is left,
 * `data.schema_mismatch` when the model needs columns that there are not
 */
export async function otherRows(
	store: Store,
	datasetId: string,
	run: StoredRecord<'run'>,
	model: LoadedModel,
	room?: ColumnRoom,
): Promise<EvaluatedRows> {
	const { manifest } = model;
	const dataset = await store.get('dataset', datasetId);
	const raw = await storedRows(store, dataset, room);
	const read = readRows(raw, manifest, undefined, room);
	const there = raw.schema.map((c) => c.name);
	requireColumns(
		requiredNames(manifest),
		(name) => there.includes(name),
		'dataset',
		() => there,
	);
	const { frame: kept } = await datasetPass(withGaps(read.frame, manifest), run.body.recipe);
	const labelled = await rowsToJudge(kept, manifest);
	if (labelled.frame.rows === 0) {
		throw new MlopsError('evaluate.no_rows', `No row of ${called(dataset)} has an answer in "${manifest.target}" that the model knows.`, {
			column: manifest.target,
			expected: manifest.classes.length ? `one of: ${manifest.classes.slice(0, 20).map(String).join(', ')}` : 'numbers',
			remedy: 'Bring in a table that has the target column, with the values it had in training.',
		});
	}
	const { seen, sure, equal } = await learnedFrom(store, labelled.frame, raw, dataset, run, manifest, room);
	const fresh = indicesWhere(seen, (s) => s === 0);
	const left = seen.length - fresh.length;
	if (fresh.length === 0)
		throw new MlopsError(
			'evaluate.no_rows',
			`The model was trained on all ${count(seen.length)} of ${called(dataset)} that have an answer.`,
			{ remedy: 'Evaluate on rows that it never saw.' },
		);
	const notes = [...read.notes];
	if (left)
		notes.push({
			code: 'rows_seen',
			text:
				`${count(left)} of ${called(dataset)} ${left === 1 ? 'was' : 'were'} left out, since the model was trained on ` +
				`${left === 1 ? 'it' : 'them'}.`,
		});
	if (equal)
		notes.push({
			code: 'rows_equal',
			text:
				`${count(equal)} of ${called(dataset)} ${equal === 1 ? 'is' : 'are'} equal to rows that were learned from, as chance ` +
				`makes them in a table like this; they were judged too.`,
		});
	const silent = kept.rows - labelled.frame.rows;
	if (silent)
		notes.push({
			code: 'rows_unlabelled',
			text:
				`${count(silent)} of ${called(dataset)} ${silent === 1 ? 'has' : 'have'} no answer that the model knows and ` +
				`${silent === 1 ? 'was' : 'were'} left out.`,
		});
	if (raw.rows > kept.rows)
		notes.push({
			code: 'rows_dropped',
			text: `The steps that drop rows left out ${count(raw.rows - kept.rows)} of ${called(dataset)}, as in training.`,
		});
	const frame = left ? takeRows(labelled.frame, fresh) : labelled.frame;
	const told = !sure
		? 'it is not known whether some were seen in training'
		: left
			? `none seen in training (${left.toLocaleString('en-US')} that were, left out)`
			: 'none seen in training';
	return {
		dataset,
		raw,
		frame,
		labels: left ? Float64Array.from(fresh, (i) => labelled.labels[i]) : labelled.labels,
		judged: `${count(frame.rows)} of ${called(dataset)}, ${told}.`,
		notes,
	};
}

/** The frame with a gap for each column that the recipe was fitted with and these rows do not have; no feature is made of those. */
function withGaps(frame: Frame, { recipe, target }: ModelManifest): Frame {
	const lacking = recipe.input.filter((c) => c.name !== target && !frame.schema.some((own) => own.name === c.name));
	const gap = (type: string): Vector =>
		type === 'category' || type === 'text'
			? { codes: new Uint32Array(frame.rows), dictionary: [] }
			: { data: new Float64Array(frame.rows).fill(NaN) };
	return lacking.length
		? withColumns(
				frame,
				lacking.map((schema) => ({ schema, vector: gap(schema.type) })),
			)
		: frame;
}

/** Rows that can be judged: those whose answer is known, or all where a model learns without answers. */
export async function rowsToJudge(frame: Frame, manifest: ModelManifest): Promise<{ frame: Frame; labels: Float64Array }> {
	const labels = (await labelsIn(frame, manifest)) ?? new Float64Array(frame.rows).fill(NaN);
	if (taskById(manifest.task).labels === 'none') return { frame, labels };
	const known = indicesWhere(labels, (y) => !Number.isNaN(y));
	return known.length === labels.length
		? { frame, labels }
		: { frame: takeRows(frame, known), labels: Float64Array.from(known, (i) => labels[i]) };
}

/**
 * Marks the rows that a run's model was trained on (1). Another version of the same dataset goes by `trainedOn`; in data full of copies
 * also by what the rows say, as any other: the same values in all columns that the model reads, and the same id where both have one. Rows
 * of few different values are equal by chance: then (`equal`) they are not taken for seen.
 */
export async function learnedFrom(
	store: Store,
	frame: Frame,
	raw: Frame,
	dataset: StoredRecord<'dataset'>,
	run: StoredRecord<'run'> | { body: RunRecord },
	manifest: ModelManifest,
	room?: ColumnRoom,
): Promise<{ seen: Uint8Array; sure: boolean; equal: number }> {
	if (run.body.imported) return { seen: new Uint8Array(frame.rows), sure: false, equal: 0 };
	const theirs = await store.get('dataset', run.body.datasetId);
	const marked = sameData(dataset, theirs)
		? await trainedOn(store, frame, raw, dataset.body.content, { run: run.body, dataset: theirs.body }, room)
		: undefined;
	// Where copies were kept on one side, a new copy of a row that was learned from is on that side too.
	const { copies, used } = run.body.split;
	if (marked && !(copies && used === 'random' && dataset.body.content !== theirs.body.content))
		return { seen: marked, sure: true, equal: 0 };
	const stored = await storedRows(store, theirs, room);
	const taken = rowsInParts(await splitRows(store, stored, run.body), [PART.train, PART.validation]);
	const learned = readRows(taken, manifest, undefined, room).frame;
	const names = manifest.signature
		.map((c) => c.name)
		.filter((name) => name !== manifest.target && frame.schema.some((c) => c.name === name));
	if (marked) {
		const known = among(contentKeys(learned, names), contentKeys(frame, names));
		return { seen: marked.map((mark, i) => known[i] || mark), sure: true, equal: 0 };
	}
	const ids = frame.schema
		.filter((c) => c.role === 'id' && learned.schema.some((o) => o.name === c.name && o.role === 'id'))
		.map((c) => c.name);
	const columns = [...new Set([...names, ...ids])];
	if (columns.length === 0) return { seen: new Uint8Array(frame.rows), sure: false, equal: 0 };
	const seen = among(contentKeys(learned, columns), contentKeys(frame, columns));
	const equal = seen.reduce((n, s) => n + s, 0);
	if (equal === 0 || ids.length) return { seen, sure: true, equal: 0 };
	const beyond = findCopies(stacked(learned, frame, names, room))?.beyondChance ?? false;
	return beyond ? { seen, sure: true, equal: 0 } : { seen: new Uint8Array(frame.rows), sure: true, equal };
}

const sameData = (a: StoredRecord<'dataset'>, b: StoredRecord<'dataset'>): boolean =>
	a.body.content === b.body.content || a.name === b.name;

/** Which of `keys` are among the known ones (1). */
function among(known: Float64Array, keys: Float64Array): Uint8Array {
	const rising = known.sort();
	return Uint8Array.from(keys, (key) => Number(placeIn(rising, key) !== undefined));
}

/** Some columns of two frames, one below the other, as features. */
function stacked(a: Frame, b: Frame, names: readonly string[], room?: ColumnRoom): Frame {
	const schema = names.map((name) => ({ ...a.schema.find((c) => c.name === name)!, role: 'feature' as const }));
	const rows = a.rows + b.rows;
	const put = room?.put ?? ((vector: Vector) => vector);
	return {
		rows,
		schema,
		rowId: Float64Array.from({ length: rows }, (_, i) => i),
		vectors: names.map((name) => put(joined([vectorOf(a, name), vectorOf(b, name)], rows))),
	};
}
