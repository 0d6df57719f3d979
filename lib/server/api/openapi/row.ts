import { formatOf } from '../../../data/format.js';
import { isoText } from '../../../data/isoText.js';
import { seenByName } from '../../../data/reading/rowReader.js';
import type { ColumnSchema, ColumnType } from '../../../domain/column.js';
import { dictionary, own, type Dictionary } from '../../../domain/dictionary.js';
import type { ModelManifest, SeenColumn } from '../../../domain/model.js';

/** A schema of JSON Schema 2020-12, which OpenAPI 3.1 speaks. */
export type Schema = { readonly [keyword: string]: unknown };

/** Known values of a column that are listed, the most frequent ones. */
const MOST_LEVELS = 100;
/** Of these, the ones that stand in its description. */
const NAMED_LEVELS = 12;

/**
 * What a caller sends for one column. A model answers values that it never saw, with a warning: so ranges and known values are described
 * and given as examples, never demanded. Only the type is.
 */
const TYPES: Record<ColumnType, Schema> = {
	number: { type: ['number', 'null'] },
	// A column of whole numbers takes fractions: they are numbers too.
	integer: { type: ['number', 'null'] },
	boolean: { type: ['boolean', 'null'] },
	datetime: { anyOf: [{ type: 'string', format: 'date-time' }, { type: 'string', format: 'date' }, { type: 'null' }] },
	category: { type: ['string', 'null'] },
	text: { type: ['string', 'null'] },
};

const WORDS: Record<ColumnType, string> = {
	number: 'A number.',
	integer: 'A whole number.',
	boolean: 'Yes or no.',
	datetime: 'A date such as 2024-05-31, or a moment such as 2024-05-31T12:00:00Z (without an offset: UTC).',
	category: 'Text.',
	text: 'Free text.',
};

/** The row that a model reads: every column of its signature, with what its training rows held there, and an example that works. */
export function rowSchema({ signature, seen, example }: ModelManifest): Schema {
	const known = seenByName(seen);
	return {
		type: 'object',
		required: signature.filter((c) => c.required).map((c) => c.name),
		properties: dictionary(signature.map((c) => [c.name, columnSchemaOf(c, known.get(c.name), own(example, c.name))] as const)),
		description:
			'Values by column. `null` says that a value is not known. Columns that are not listed are left out of account; ' +
			'a value that the training data did not have is answered, with a warning.',
		...(example ? { examples: [exampleRow({ signature, example })] } : {}),
	};
}

/** A row that the model answers: its own example, complete. */
export function exampleRow({ signature, example }: Pick<ModelManifest, 'signature' | 'example'>): Dictionary<unknown> {
	return dictionary(signature.map((c) => [c.name, own(example, c.name) ?? null] as const));
}

/** A value of a column, without its words. */
export const cellSchema = ({ type }: Pick<ColumnSchema, 'type'>): Schema => TYPES[type];

function columnSchemaOf(column: ColumnSchema, seen: SeenColumn | undefined, example: unknown): Schema {
	const examples = examplesOf(column, seen, example);
	return {
		...cellSchema(column),
		description: [WORDS[column.type], ...sentences(column, seen)].join(' '),
		...(examples.length ? { examples } : {}),
		// What forms need beside the type: which kind of number or text it is, and what is usual.
		'x-column': {
			type: column.type,
			...(seen?.range ? { min: rangeEnd(column, seen.range.min), max: rangeEnd(column, seen.range.max) } : {}),
			...(seen?.levels ? { levels: seen.levels.values.length + seen.levels.more } : {}),
		},
	};
}

const rangeEnd = ({ type }: ColumnSchema, x: number): string | number => (type === 'datetime' ? isoText(x) : x);

/** The example first, then known values of text, the most frequent first. */
function examplesOf({ type }: ColumnSchema, seen: SeenColumn | undefined, example: unknown): unknown[] {
	const first = example === undefined || example === null ? [] : [example];
	if (type !== 'category') return first;
	return [...first, ...frequent(seen).filter((value) => value !== example)].slice(0, MOST_LEVELS);
}

function frequent(seen: SeenColumn | undefined): string[] {
	if (!seen?.levels) return [];
	const { values, rows } = seen.levels;
	return values
		.map((value, k) => ({ value, rows: rows[k] ?? 0 }))
		.sort((a, b) => b.rows - a.rows)
		.slice(0, MOST_LEVELS)
		.map((l) => l.value);
}

function* sentences(column: ColumnSchema, seen: SeenColumn | undefined): Generator<string> {
	const { yes, no } = formatOf(column);
	if (column.type === 'boolean' && yes && no) yield `The training data says \`${yes}\` and \`${no}\`, which are read too.`;
	if (!seen) return;
	const { range, levels, missing } = seen;
	if (range) {
		const [least, most] = [rangeEnd(column, range.min), rangeEnd(column, range.max)];
		yield least === most ? `Always ${least} in the training data.` : `From ${least} to ${most} in the training data.`;
	}
	if (levels) {
		const values = frequent(seen).slice(0, NAMED_LEVELS);
		const more = levels.values.length + levels.more - values.length;
		if (values.length) yield `Known values: ${values.map((v) => JSON.stringify(v)).join(', ')}${more > 0 ? ` and ${more} more` : ''}.`;
	}
	if (missing > 0) yield `Missing in ${(100 * missing).toLocaleString('en', { maximumSignificantDigits: 2 })} % of the training rows.`;
}
