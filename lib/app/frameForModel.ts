import type { Frame } from '../data/frame.js';
import { loadFiled } from '../data/loadFiled.js';
import { loadFrame } from '../data/loadFrame.js';
import { MOST_EXAMPLES, readFrame, type ColumnFindings, type ReadFrame } from '../data/reading/index.js';
import { loadKept } from '../data/texts.js';
import type { ColumnReading } from '../domain/drift.js';
import type { Store, StoredRecord } from '../store/contract.js';
import type { ColumnRoom } from './columnRoom.js';
import { dataFiles } from './dataFiles.js';

/** A note on what came out of reading, for people. */
export interface ReadingNote {
	code: string;
	text: string;
}

/**
 * All rows of a stored dataset as Ingest typed them, with what its typed values have lost kept aside.
 * @param room where a large one lies; without it all do in memory
 */
export async function storedRows(
	store: Pick<Store, 'artifacts'>,
	{ body }: Pick<StoredRecord<'dataset'>, 'body'>,
	room?: ColumnRoom,
): Promise<Frame> {
	const path = await dataFiles(store, body);
	if (room && !room.fits(body)) return await loadFiled(path, body, await room.file(), { each: room.reading(body) });
	const frame = await loadFrame(path, { schema: body.columns });
	return { ...frame, source: { texts: await loadKept(path, body), fromText: new Set(body.fromText) } };
}

/** As much of a model as reading needs. */
export type Reading = Parameters<typeof readFrame>[1];

/**
 * The one way in which rows of a stored dataset become what a model reads, for Predict, Evaluate and Monitor: columns with the model's own
 * type and reading are taken as they are, in all others each cell's text is read by the model's signature. Other columns stay as they are.
 * Models of version 1 get the rows as stored.
 * @param rows from `storedRows`, or some of them
 * @param notation columns to be read in the model's notation, where `rows` are only a part of what is to be looked at for that
 * @param room where columns of a large table lie that have other values then
 */
export function readRows(
	rows: Frame,
	model: Reading,
	notation?: ReadonlySet<string>,
	room?: ColumnRoom,
): ReadFrame & { notes: ReadingNote[] } {
	const read = readFrame(rows, model, notation, room?.put);
	return { ...read, notes: readingNotes(read.findings, rows.rows) };
}

const figure = (n: number): string => n.toLocaleString('en');
const SAID = {
	unread: { code: 'predict.unreadable', text: (type: string) => `cannot be read as ${type} and count as missing` },
	unknown: { code: 'predict.unknown_value', text: () => 'hold a value that no training row had' },
	outside: { code: 'predict.out_of_range', text: () => 'lie far outside of the training data' },
	case: { code: 'predict.other_case', text: () => 'were read as the known value that differs in upper and lower case alone' },
} as const;
const TYPE_NAMES = {
	number: 'a number',
	integer: 'a number',
	boolean: 'yes or no',
	datetime: 'a date',
	category: 'text',
	text: 'text',
} as const;

/** Most notes that a result carries. */
const MOST_NOTES = 30;

/** What was found, a sentence for each column and kind, most rows first. */
export function readingNotes(findings: ReadonlyArray<Pick<ColumnFindings, 'column' | 'found'>>, rows: number): ReadingNote[] {
	const all = findings
		.flatMap(({ column, found }) =>
			(Object.keys(SAID) as Array<keyof typeof SAID>).flatMap((kind) => {
				const { rows: count, examples } = found[kind];
				if (!count) return [];
				const { code, text } = SAID[kind];
				return [
					{
						code,
						count,
						text:
							`"${column.name}": ${figure(count)} of ${figure(rows)} cells ${text(TYPE_NAMES[column.type])} (for example ` +
							`${examples.slice(0, 3).join(', ')}).`,
					},
				];
			}),
		)
		.sort((a, b) => b.count - a.count);
	const notes: ReadingNote[] = all.slice(0, MOST_NOTES).map(({ code, text }) => ({ code, text }));
	if (all.length > MOST_NOTES)
		notes.push({
			code: 'predict.more_notes',
			text: `${all.length - MOST_NOTES} more columns hold values that are unreadable, unknown or far outside.`,
		});
	return notes;
}

/** What was found in the parts of a table, put together as it would have been found in the whole. */
export class FindingsOfParts {
	readonly #found = new Map<string, Pick<ColumnFindings, 'column' | 'found'>>();

	add(findings: readonly ColumnFindings[]): void {
		for (const { column, found } of findings) {
			const known = this.#found.get(column.name)?.found;
			if (!known) {
				this.#found.set(column.name, { column, found: structuredClone(found) });
				continue;
			}
			for (const kind of Object.keys(SAID) as Array<keyof typeof SAID>) {
				known[kind].rows += found[kind].rows;
				known[kind].examples = [...new Set([...known[kind].examples, ...found[kind].examples])].slice(0, MOST_EXAMPLES);
			}
		}
	}

	/** @param schema of the table, whose order they have */
	all(schema: Frame['schema']): Array<Pick<ColumnFindings, 'column' | 'found'>> {
		return schema.flatMap(({ name }) => this.#found.get(name) ?? []);
	}
}

/** What was found, as a drift record keeps it. */
export const columnReadings = (findings: readonly ColumnFindings[]): ColumnReading[] =>
	findings.flatMap(({ column, found: { unread, unknown, outside } }) =>
		unread.rows + unknown.rows + outside.rows === 0
			? []
			: [
					{
						column: column.name,
						unread: unread.rows,
						unknown: unknown.rows,
						outside: outside.rows,
						examples: [...unread.examples, ...unknown.examples, ...outside.examples].slice(0, 5),
					},
				],
	);

/**
 * How to read rows by a dataset's columns, as if a model had learned from all of them. Text stays as it is: who compares two datasets wants
 * to see other spellings.
 */
export function readingOf({ schema }: Frame): Reading {
	return {
		v: 2,
		signature: schema.map((c) => ({ ...c, required: true })),
		recipe: { input: schema, steps: [], output: schema },
		target: '',
		classes: [],
	};
}
