import { isNumeric, type ColumnSchema } from '../../domain/column.js';
import type { DatasetRecord } from '../../domain/dataset.js';
import type { ModelManifest, SeenColumn } from '../../domain/model.js';
import { eachCodes, numbersOfCodes, recoded, workedOutFrom } from '../derived.js';
import { formatOf } from '../format.js';
import { cellText } from '../grammar/cell.js';
import { readNumberCell } from '../grammar/number.js';
import { isNumberVector, type Frame, type FrameSource, type StringVector, type Value, type Vector } from '../frame.js';
import { cellReader, type CellReader, type Finding } from './readCell.js';
import { shown } from './readingWarnings.js';
import { seenByName } from './rowReader.js';

type Texts = FrameSource['texts'];
const NO_SOURCE: FrameSource = { texts: () => undefined, fromText: new Set() };

/** What reading found in a cell: it is no value of its column (a gap then), or what `Finding` says. */
export type CellFinding = Finding | 'unread';
const FINDINGS: readonly CellFinding[] = ['unread', 'unknown', 'outside', 'case'];

/** A cell as it was before reading: its text, or the typed value where that says as much. */
export type Cell = string | number | null;

/** What reading found in one column. */
export interface ColumnFindings {
	column: ColumnSchema;
	/** Rows for each finding, and some of the cells, each once. */
	found: Record<CellFinding, { rows: number; examples: string[] }>;
	/** What was found in each row (1 and up: position in `FINDINGS` + 1), and the cell as it came. */
	marks: Uint8Array;
	seen?: SeenColumn;
	cellAt(row: number): Cell;
}

export interface ReadFrame {
	/** The rows with the columns of the model read as it learned them; other columns as they were. */
	frame: Frame;
	/** One entry for each column of the signature (and the target) in which something was found. */
	findings: ColumnFindings[];
}

/** Cells of a kind that are kept of a column. */
export const MOST_EXAMPLES = 5;

/** The name of what was found in a row, if anything. */
export const findingAt = ({ marks }: ColumnFindings, row: number): CellFinding | undefined => FINDINGS[marks[row] - 1];

/**
 * Rows of any dataset as a model reads them, cell by cell, whatever types the dataset's own columns have got: the twin of `rowReader` for
 * whole columns. A column with the model's own type and reading is taken as it is. A cell that is no value of its column becomes a gap.
 * Models of version 1 get the rows unchanged.
 * @param put where a column that was read is to lie
 */
export function readFrame(
	frame: Frame,
	manifest: Pick<ModelManifest, 'v' | 'seen' | 'signature' | 'recipe' | 'target' | 'classes'>,
	notation: ReadonlySet<string> = new OtherNotation(frame.schema, frame.source, manifest).look(frame).columns(),
	put: (vector: Vector) => Vector = (vector) => vector,
): ReadFrame {
	if (manifest.v === 1) return { frame, findings: [] };
	const { source: { texts } = NO_SOURCE, ...rows } = frame;
	const known = seenByName(manifest.seen);
	const watched = new Set([...manifest.signature.map((c) => c.name), manifest.target]);
	const inputs = new Map(manifest.recipe.input.map((c) => [c.name, c]));
	const findings: ColumnFindings[] = [];
	const schema = [...frame.schema];
	const vectors = [...frame.vectors];
	frame.schema.forEach((own, j) => {
		const column = inputs.get(own.name);
		if (!column) return;
		// The answers' spellings are the classes'.
		const classes = own.name === manifest.target && manifest.classes.length ? manifest.classes.map(String) : undefined;
		const seen =
			known.get(own.name) ?? (classes ? { name: own.name, missing: 0, levels: { values: classes, rows: [], more: 0 } } : undefined);
		const tally = new Tally(frame.rows);
		const read = readVector(
			{ own, vector: vectors[j], rowId: frame.rowId, text: texts(own.name), again: notation.has(own.name) },
			cellReader(column, seen),
			tally,
		);
		if (read !== vectors[j]) vectors[j] = put(read);
		schema[j] = { ...column, role: own.role };
		const { marks, found } = tally;
		if (marks && watched.has(own.name))
			findings.push({ column, seen, marks, found, cellAt: cellsOf(own, frame.vectors[j], frame.rowId, texts(own.name)) });
	});
	return { frame: { ...rows, schema, vectors }, findings };
}

/**
 * Finds the columns whose texts are to be read in the model's notation, since nothing in all of the rows says that theirs is another. A
 * table that comes in parts is looked at part by part.
 */
export class OtherNotation {
	/** Columns of whole or other numbers and of dates that the model writes differently. */
	readonly #open: Set<string>;
	readonly #readers: Map<string, CellReader>;
	readonly #dates: Set<string>;
	/** Whether some numbers say themselves which mark is the decimal one. */
	#marked = false;

	constructor(
		schema: readonly ColumnSchema[],
		source: Pick<FrameSource, 'fromText'> | undefined,
		{ v, recipe }: Pick<ModelManifest, 'v' | 'recipe'>,
	) {
		const inputs = new Map(recipe.input.map((c) => [c.name, c]));
		const other = schema.filter((own) => {
			const column = inputs.get(own.name);
			if (v === 1 || !column || !source?.fromText.has(own.name) || own.format === column.format) return false;
			return own.type === 'datetime' ? column.type === 'datetime' : isPlain(own.type) && isPlain(column.type);
		});
		this.#open = new Set(other.map((c) => c.name));
		this.#dates = new Set(other.filter((c) => c.type === 'datetime').map((c) => c.name));
		this.#readers = new Map(other.map((c) => [c.name, cellReader(inputs.get(c.name)!)]));
	}

	/** Whether all rows are to be looked at. */
	get matters(): boolean {
		return this.#open.size > 0;
	}

	look({ schema, vectors, rowId, source: { texts, fromText } = NO_SOURCE, rows }: Frame): this {
		if (!this.matters) return this;
		this.#marked ||= saysMark({ schema, vectors, rowId, rows }, texts, fromText);
		schema.forEach((own, j) => {
			const vector = vectors[j];
			if (!this.#open.has(own.name) || !isNumberVector(vector)) return;
			const source = { own, vector, rowId, text: texts(own.name), again: true };
			if (!readAgain(source, vector.data, this.#readers.get(own.name)!)) this.#open.delete(own.name);
		});
		return this;
	}

	/** The columns, once all rows were looked at. */
	columns(): ReadonlySet<string> {
		if (!this.#marked) return this.#open;
		return new Set([...this.#open].filter((name) => this.#dates.has(name)));
	}
}

/** Counts what is found, and marks the rows once there is anything. */
class Tally {
	marks: Uint8Array | undefined;
	readonly found = Object.fromEntries(FINDINGS.map((f) => [f, { rows: 0, examples: [] as string[] }])) as ColumnFindings['found'];

	constructor(private readonly rows: number) {}

	add(finding: CellFinding, row: number, cell: unknown): void {
		(this.marks ??= new Uint8Array(this.rows))[row] = FINDINGS.indexOf(finding) + 1;
		const entry = this.found[finding];
		entry.rows++;
		if (entry.examples.length < MOST_EXAMPLES) {
			const example = shown(cell);
			if (!entry.examples.includes(example)) entry.examples.push(example);
		}
	}
}

interface Source {
	own: ColumnSchema;
	vector: Vector;
	rowId: Float64Array;
	text: ReturnType<Texts>;
	/** Whether its texts are to be read in the model's notation, since they do not say themselves which is theirs. */
	again: boolean;
}

function readVector(source: Source, reader: CellReader, tally: Tally): Vector {
	const { vector } = source;
	if (!isNumberVector(vector)) return readStrings(vector, reader, tally);
	return isNumeric(reader.column.type)
		? readNumbers(source, vector.data, reader, tally)
		: collect(vector.data.length, textCells(source, vector.data, reader, tally));
}

/** Each different text is read once. */
function readStrings(vector: StringVector, reader: CellReader, tally: Tally): Vector {
	const { dictionary } = vector;
	const read = dictionary.map((text) => reader.read(text));
	const found = dictionary.map((text, k): CellFinding | undefined => {
		const value = read[k];
		return value === undefined ? 'unread' : value === null ? undefined : reader.check(text, value);
	});
	if (found.some((f) => f !== undefined)) {
		const { codes } = vector;
		for (let i = 0, n = codes.length; i < n; i++) {
			const k = codes[i] - 1;
			if (k >= 0 && found[k]) tally.add(found[k], i, dictionary[k]);
		}
	}
	if (isNumeric(reader.column.type)) {
		const values = [NaN, ...read.map((v) => (typeof v === 'number' ? v : NaN))];
		return workedOutFrom(vector) === 'elsewhere'
			? numbersOfCodes(vector, Float64Array.from(values))
			: { data: Float64Array.from(vector.codes, (c) => values[c]) };
	}
	if (read.every((v, k) => v === dictionary[k])) return vector;
	return recodedTo(vector, read);
}

/** Another value, or none, for each text; the dictionary in order of first appearance. */
function recodedTo(vector: StringVector, values: ReadonlyArray<Value | undefined>): StringVector {
	const index = new Map<string, number>();
	const table = new Uint32Array(values.length + 1);
	const done = new Uint8Array(values.length + 1);
	eachCodes(vector, (codes) => {
		for (const code of codes) {
			if (code === 0 || done[code]) continue;
			done[code] = 1;
			const value = values[code - 1] ?? null;
			if (value === null) continue;
			const text = String(value);
			table[code] = index.get(text) ?? (index.set(text, index.size + 1), index.size);
		}
	});
	return recoded(vector, table, [...index.keys()]);
}

/** Text of values, coded; the dictionary in order of first appearance. */
function collect(rows: number, at: (row: number) => Value): StringVector {
	const index = new Map<string, number>();
	const codes = new Uint32Array(rows);
	for (let i = 0; i < rows; i++) {
		const value = at(i);
		if (value === null) continue;
		const text = String(value);
		let code = index.get(text);
		if (code === undefined) index.set(text, (code = index.size + 1));
		codes[i] = code;
	}
	return { codes, dictionary: [...index.keys()] };
}

/**
 * A typed value as its column writes it: what the cell held, if its text was not kept. A plain number stays one, since it has no spelling
 * of its own.
 */
function written(column: ColumnSchema): (value: number) => string | number {
	const { type, format } = column;
	const { places, point, group, before, after, percent, decimal } = formatOf(column);
	const plain =
		(type === 'number' || type === 'integer') && (!format || !(places || point || group || before || after || percent || decimal));
	return plain ? (value) => value : cellText(column);
}

/** Numbers, dates and yes/no of the dataset for a column that the model knows as text. */
function textCells({ own, rowId, text }: Source, data: Float64Array, reader: CellReader, tally: Tally): (row: number) => Value {
	const write = written(own);
	const known = new Map<string | number, { value: Value; finding?: CellFinding }>();
	const readOnce = (cell: string | number) => {
		let entry = known.get(cell);
		if (!entry) {
			const value = reader.read(cell);
			const finding = value === undefined ? 'unread' : value === null ? undefined : reader.check(cell, value);
			known.set(cell, (entry = { value: value ?? null, finding }));
		}
		return entry;
	};
	return (i) => {
		const cell = text?.(rowId[i]) ?? (Number.isNaN(data[i]) ? undefined : write(data[i]));
		if (cell === undefined) return null;
		const { value, finding } = readOnce(cell);
		if (finding) tally.add(finding, i, cell);
		return value;
	};
}

const isPlain = (type: ColumnSchema['type']): boolean => type === 'number' || type === 'integer';

const areAlike = (own: ColumnSchema, column: ColumnSchema): boolean =>
	own.type === column.type || (isPlain(own.type) && isPlain(column.type)) || (own.type === 'boolean' && isPlain(column.type));

/**
 * Whether `readFrame` leaves a dataset's column as it is, for a model that has seen no values of it, but for texts that mean "missing" to
 * the model: then its values need not lie in memory to be read.
 */
export function isTakenAsItIs(
	own: ColumnSchema,
	column: ColumnSchema,
	{ texts = [], fromText = [] }: Pick<DatasetRecord, 'texts' | 'fromText'>,
): boolean {
	if (!isNumeric(own.type)) return !isNumeric(column.type);
	return areAlike(own, column) && !texts.includes(own.name) && (!fromText.includes(own.name) || own.format === column.format);
}

/** Numbers for a column of numbers, dates or yes/no. */
function readNumbers(source: Source, data: Float64Array, reader: CellReader, tally: Tally): Vector {
	const { own, rowId, text } = source;
	const { column } = reader;
	const alike = areAlike(own, column);
	const base = (alike && source.again && readAgain(source, data, reader)) || data;
	const out = alike && !text ? base : new Float64Array(data.length);
	const write = written(own);
	for (let i = 0, n = data.length; i < n; i++) {
		let value: Value | undefined = base[i];
		let cell: unknown = value;
		if (!alike || (text && Number.isNaN(value))) {
			// A date is no number and a number no date, but a moment may be counted in milliseconds, as in items.
			cell = text?.(rowId[i]) ?? (Number.isNaN(data[i]) ? null : write(data[i]));
			value = reader.read(cell);
		}
		if (value === undefined) tally.add('unread', i, cell);
		else {
			const finding = value === null ? undefined : reader.check(cell, value);
			if (finding) tally.add(finding, i, cell);
		}
		if (out !== base) out[i] = typeof value === 'number' ? value : NaN;
	}
	return out === data && base === data ? source.vector : { data: out };
}

/** The texts of a column read in the model's notation; undefined where one of them says that this is not how they were written. */
function readAgain({ own, rowId, text }: Source, data: Float64Array, reader: CellReader): Float64Array | undefined {
	const write = cellText(own);
	const known = new Map<number, Value | undefined>();
	const out = new Float64Array(data.length).fill(NaN);
	for (let i = 0, n = data.length; i < n; i++) {
		const x = data[i];
		if (Number.isNaN(x)) continue;
		const kept = text?.(rowId[i]);
		let value = kept === undefined ? known.get(x) : reader.read(kept);
		if (kept === undefined && value === undefined) known.set(x, (value = reader.read(write(x))));
		if (typeof value !== 'number') return undefined;
		out[i] = value;
	}
	return out;
}

/**
 * Whether the numbers of these rows say themselves which mark is the decimal one: then the rows were read rightly, whatever the model is
 * used to.
 */
function saysMark({ schema, vectors, rowId }: Frame, texts: Texts, fromText: ReadonlySet<string>): boolean {
	return schema.some((own, j) => {
		const vector = vectors[j];
		const text = texts(own.name);
		if (!fromText.has(own.name) || !isPlain(own.type) || !isNumberVector(vector) || (own.type === 'integer' && !own.format && !text))
			return false;
		const { decimal = '.' } = formatOf(own);
		const write = cellText(own);
		return vector.data.some((x, i) => {
			const cell = text?.(rowId[i]) ?? (Number.isNaN(x) ? undefined : write(x));
			const mark = cell === undefined ? undefined : readNumberCell(cell, decimal)?.mark;
			return mark !== undefined && mark !== 'either';
		});
	});
}

function cellsOf(own: ColumnSchema, vector: Vector, rowId: Float64Array, text: ReturnType<Texts>): (row: number) => Cell {
	const write = written(own);
	return (row) => {
		const kept = text?.(rowId[row]);
		if (kept !== undefined) return kept;
		if (isNumberVector(vector)) return Number.isNaN(vector.data[row]) ? null : write(vector.data[row]);
		return vector.codes[row] === 0 ? null : vector.dictionary[vector.codes[row] - 1];
	};
}
