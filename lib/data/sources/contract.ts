import type { z } from 'zod/v4';
import type { MlopsError } from '../../domain/errors.js';
import type { ColumnRole, ColumnType, TaskType } from '../../domain/column.js';
import type { Progress } from '../../domain/progress.js';
import type { FieldMeta } from '../../domain/ui.js';
import type { Store } from '../../store/contract.js';
import type { Duck } from '../duck.js';

/** What a source may read of a store. */
export type SourceStore = Pick<Store, 'artifacts' | 'find' | 'names' | 'log' | 'predictions'>;

/**
 * What is said while a source reads, and the share of all work that is done once the bytes of its files were looked at,
 * and once they are a table.
 */
export const READING = 'Reading the source';
export const SURVEYED = 0.1;
export const IN_TABLE = 0.3;

/** What a source gets besides its parameters. */
export interface SourceContext {
	/** The session in which the relation it returns is read. */
	duck: Duck;
	/** How many threads may work at a time; one if absent. */
	threads?: number;
	/** A fresh path for a file that lives as long as the ingestion. */
	temporary(extension: string): Promise<string>;
	progress(progress: Progress): void;
	note(code: string, text: string): void;
	/**
	 * Column names that differ only by case count as the same: what the first version of Ingest did, for workflows that were made with it.
	 */
	caseless?: boolean;
	/** Resolves the person's cancellation: throws `compute.cancelled` when asked to stop. */
	check(): void;
	/** The store that the rows go to, for what is read from there; absent where there is none. */
	store?: SourceStore;
	/** Does something when the ingestion is over, however it ends. */
	finally(work: () => Promise<void>): void;
}

/** A row that could not be read: kept word for word. */
export interface BadRow {
	/** 1-based line or record number in the source. */
	row: number;
	reason: string;
	text: string;
}

export interface RawColumn {
	/** Column of the relation. */
	key: string;
	/** Name in the dataset, unique and not empty. */
	name: string;
	/**
	 * `text`: VARCHAR whose type is to be inferred; `string`: VARCHAR that the source says is text;
	 * `native`: the relation's own type counts.
	 */
	kind: 'text' | 'string' | 'native';
	/** Its numbers are texts in a source that could have written numbers: somebody's notation. */
	strings?: boolean;
	/** DuckDB type of a native column. */
	duckType?: string;
}

/** A cell that lacks forms which all others of its column have: its row (the first is 0), and its text. */
export interface OddCell {
	row: number;
	text: string;
	/** Bits of the forms that it lacks. */
	lacks: number;
}

/** What the cells of each column have in common. */
export interface CellForms {
	/** Lines that were looked at, those without anything included. */
	rows: number;
	/** Bits of `Form` that the texts of the column have, gaps and what is in `odd` aside. */
	forms: Uint8Array;
	/** 1 where a word stands for "missing". */
	words: Uint8Array;
	/** By column: a few cells that the database reads too, but that are not as all others. */
	odd: OddCell[][];
}

/** What is believed of a relation that nobody has read in whole yet, so that one pass both reads and types it. */
export interface Unread {
	rows: number;
	/** Relation of the rows that `sampleTexts` looks at first, in order. */
	sample: string;
	/** SQL, true for rows that must not be there. */
	hollow: string;
	/** What the texts of each column have in common in all rows; nothing where it cannot be told. */
	forms(): Promise<CellForms | undefined>;
	/**
	 * The relation with some columns (by place) in a type of the database, of which all texts have the form, and gaps where one of the words
	 * stands; and the SQL for rows of it that must not be there.
	 */
	typed(reads: ReadonlyMap<number, string>, words: readonly string[]): { relation: string; hollow: string };
	/** Whether the first pass found what was believed: so many rows, and so many of them that must not be there. */
	confirm(found: { rows: number; hollow: number }): Promise<boolean>;
	/** Reads with all care what is not as it was believed to be. */
	carefully(): Promise<RawTable>;
}

/** What a source read, ready for typing: a relation in the session, in source order. */
export interface RawTable {
	/** Something to stand after FROM. It can be scanned repeatedly and gives rows in the same order each time. */
	relation: string;
	/** The table of the session that it is, for whoever reads it last to drop. */
	table?: string;
	/** SQL for the 0-based position of a row in the relation, if it has one that costs nothing. */
	position?: string;
	columns: RawColumn[];
	/** Words for "missing" beside or instead of the usual ones. */
	nulls?: readonly string[];
	/** What separates the values of the text file it comes from. */
	delimiter?: string;
	/** Numbers in text were written by a program, with a decimal point: JSON, spreadsheets. */
	plainNumbers?: boolean;
	/** The source has values: their text is a driver's, and nothing that people wrote. */
	valuesOnly?: boolean;
	/** Decimal mark a person named. */
	decimal?: '.' | ',';
	/** The relation is read for the first time when its columns are typed. */
	unread?: Unread;
	/** What a failure while the relation is read says of the source; nothing where it is no fault of the source. */
	whyFailed?(thrown: unknown): Promise<MlopsError | undefined>;
	/** Rows the reader itself had to refuse. */
	bad: AsyncIterable<BadRow> | Iterable<BadRow>;
	badCount: number;
	/** What was found of why rows were refused, in a sentence. */
	whyBad?: string;
	/** How many of all rows may be kept apart, in percent; 10 if absent. */
	maxBadPercent?: number;
	/** One line for people: what was read. Never holds a password. */
	description: string;
	/** Suggestions of the source, used where a person said nothing. */
	name?: string;
	target?: string;
	task?: TaskType;
	roles?: Record<string, ColumnRole>;
	types?: Record<string, ColumnType>;
}

/** One kind of source: one file under lib/data/sources/, listed in its index.ts. */
export interface Source<P = unknown> {
	id: string;
	label: string;
	/** One sentence for a newcomer. */
	description: string;
	/** The only description of its parameters. */
	params: z.ZodType<P>;
	/** Parameters that nobody is asked for: whoever calls fills them in, as the fields below say. */
	filled?: readonly string[];
	/** It reads all rows that came in as one table: they are handed over as a file of one JSON object a line. */
	takesRows?: boolean;
	/**
	 * A parameter that names a file. Whoever calls looks up what may be read, and puts it into `into`: the one path, or of a pattern the list
	 * of files.
	 */
	file?: { param: string; into: string; pattern: boolean; when?: FieldMeta['when'] };
	/** n8n's own credential types, of which the one whose condition is met says how to connect. */
	credentials?: ReadonlyArray<{ name: string; when?: Record<string, readonly string[]> }>;
	/** The parameters with what a credential says. @throws `input.invalid` for one that cannot be used */
	connect?(params: Record<string, unknown>, fields: Readonly<Record<string, unknown>>): Record<string, unknown>;
	/** What a dataset is called that nobody named, as far as the parameters tell before anything is read. */
	nameOf?(params: Readonly<Record<string, unknown>>): string | undefined;
	/** Reads into the session. @throws MlopsError with a `data.*` code a person can act on */
	read(params: P, context: SourceContext): Promise<RawTable>;
}

/** Identity function that gives an extension its type. */
export const defineSource = <P>(source: Source<P>): Source<P> => source;
