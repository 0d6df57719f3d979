import { dateParser } from '../data/dates.js';
import { trimBlank } from '../data/parse.js';
import { idAsMade } from '../domain/answerId.js';
import { own } from '../domain/dictionary.js';
import { MlopsError } from '../domain/errors.js';
import { columnText, cutText } from '../domain/text.js';

type Field = 'id' | 'key' | 'time' | 'model' | 'truth';
/** What a row's fields are called. */
export type TruthFields = Partial<Record<Field, string>>;

/** A row whose address is in order; its truth is read when the model is known. */
export interface CheckedTruth {
	row: number;
	id?: string;
	key?: string;
	/** Milliseconds since 1970. */
	time?: number;
	told: number;
	model?: string;
	truth: unknown;
	/** The field that holds the truth. */
	column: string;
	columns: Record<Field, string>;
}

/** A row of a file that is none. */
export class UnreadRow {
	constructor(
		readonly row: number,
		readonly text: string,
		readonly expected: string,
	) {}
}

const LONGEST = 1_000;
/** Times of programs: seconds since 1970 have ten digits, milliseconds thirteen, from 2001 to 2286. */
const SECONDS = { from: 1e9, below: 1e10 };
const DAY_MS = 86_400_000;
/** A date alone is its whole day; today lasts until the truth is told. */
const DAY = /^\d{4}-\d{1,2}-\d{1,2}$/;
const TIME =
	'an ISO 8601 date and time such as 2026-01-31T14:03:00Z (without a zone it is UTC; a date alone is its whole day), ' +
	'or seconds or milliseconds since 1970';

const iso = dateParser('iso');

export function invalidTruth(row: number, column: string, found: unknown, expected: string): MlopsError {
	const shown =
		found === undefined
			? 'nothing'
			: typeof found === 'string'
				? found
				: typeof found === 'number'
					? String(found)
					: (JSON.stringify(found) ?? typeof found);
	return new MlopsError('truth.invalid', `Row ${row} cannot be taken: "${column}" is not as it should be.`, {
		row,
		column,
		expected,
		found: cutText(shown, 200),
		remedy: 'Correct this row and tell it again; the others were taken.',
	});
}

/** Checks the address of a row. @throws `truth.invalid` naming row, field, value and what was expected */
export function checkTruth(
	given: unknown,
	row: number,
	told: number,
	{ fields = {}, model: other }: { fields?: TruthFields; model?: string },
): CheckedTruth {
	const columns = columnsOf(fields);
	if (typeof given !== 'object' || given === null || Array.isArray(given))
		throw invalidTruth(row, 'row', given, 'an object with an id or a key, and a truth');
	const values = given as Record<string, unknown>;
	const name = (field: 'id' | 'key' | 'model'): string | undefined => nameOf(own(values, columns[field]), row, columns[field]);
	const named = name('id');
	const id = named === undefined ? undefined : idAsMade(named);
	const key = id === undefined ? name('key') : undefined;
	if (id === undefined && key === undefined)
		throw invalidTruth(row, columns.id || columns.key, undefined, 'the id of an answer, or the key that it was asked with');
	if (!Object.hasOwn(values, columns.truth)) throw invalidTruth(row, columns.truth, undefined, 'what turned out to be true');
	const time = id === undefined ? timeOf(own(values, columns.time), row, columns.time, told) : undefined;
	const model = name('model') ?? other;
	return {
		row,
		...(id === undefined ? { key } : { id }),
		...(time === undefined ? {} : { time }),
		told,
		...(model === undefined ? {} : { model }),
		truth: own(values, columns.truth),
		column: columns.truth,
		columns,
	};
}

/** What is called by no name is looked up under its own; of id and key only what is named, where one of them is. */
export function columnsOf(fields: TruthFields): CheckedTruth['columns'] {
	const named = fields.id !== undefined || fields.key !== undefined;
	return {
		id: fields.id ?? (named ? '' : 'id'),
		key: fields.key ?? (named ? '' : 'key'),
		time: fields.time ?? 'time',
		model: fields.model ?? 'model',
		truth: fields.truth ?? 'truth',
	};
}

/**
 * An id or a key as text: 42 is "42"; undefined where nothing stands. A number whose digits are not all kept is refused, since it could be
 * another answer's.
 */
function nameOf(value: unknown, row: number, column: string): string | undefined {
	if (value === undefined || value === null || value === '') return undefined;
	if (typeof value === 'string' && value.length <= LONGEST) return columnText(value);
	if (typeof value === 'bigint') return String(value);
	if (typeof value === 'number' && Number.isFinite(value)) {
		if (!Number.isInteger(value) || Number.isSafeInteger(value)) return String(value);
		throw invalidTruth(row, column, value, 'a text: numbers in JSON do not keep so many digits');
	}
	throw invalidTruth(row, column, value, `a text of at most ${LONGEST.toLocaleString('en')} characters, or a number`);
}

function timeOf(value: unknown, row: number, column: string, told: number): number | undefined {
	if (value === undefined || value === null || value === '') return undefined;
	const time = momentOf(value);
	if (time === undefined || Number.isNaN(time)) throw invalidTruth(row, column, value, TIME);
	// Another zone taken for UTC is at most so far ahead.
	if (time > told + DAY_MS) throw invalidTruth(row, column, value, 'a moment that is past');
	if (typeof value !== 'string' || !DAY.test(trimBlank(value))) return time;
	// Its first moment would leave out what was answered on it, or mean an answer of days before.
	const last = time + DAY_MS - 1;
	return last < told ? last : undefined;
}

function momentOf(value: unknown): number | undefined {
	if (value instanceof Date) return value.getTime();
	if (typeof value === 'string') {
		const text = trimBlank(value);
		return /^\d{10}(?:\d{3})?(?:\.\d+)?$/.test(text) ? momentOf(Number(text)) : iso(text);
	}
	if (typeof value !== 'number') return undefined;
	if (value >= SECONDS.from && value < SECONDS.below) return Math.round(value * 1_000);
	return value >= SECONDS.from * 1_000 && value < SECONDS.below * 1_000 ? Math.round(value) : undefined;
}
