import { isNumeric, type ColumnSchema, type ColumnType } from '../../domain/column.js';
import { dictionary, own } from '../../domain/dictionary.js';
import type { ModelManifest } from '../../domain/model.js';
import { castRaw } from '../castRaw.js';
import { uniqueNames } from '../columnNames.js';
import type { Value } from '../frame.js';
import { cellReader } from '../reading/index.js';
import type { RawColumn, RawTable, SourceContext } from '../sources/contract.js';
import { fillTable, type FilledColumn } from './fillTable.js';
import { truthReader, type TruthValue } from './readTruth.js';

/** Answers that are read in one go. */
const PIECE = 20_000;
const ID = 'answer_id';
const AT = 'answered_at';

/** What was read, as columns of the session's table `read`. */
export interface ReadAnswers {
	/** Cells that the model cannot read, by column; they are gaps. */
	unread: Map<string, number>;
	/** Whole numbers alone, by column of the signature. */
	fractions: Set<string>;
	truths: Set<TruthValue>;
	unknown: Map<string, number>;
	more: boolean;
	rows: number;
}

type CellOf = (input: Readonly<Record<string, unknown>>) => Value | undefined;

/** How the model reads a column: version 1 as ever. */
function cellOf({ v, seen = [] }: ModelManifest, column: ColumnSchema): CellOf {
	if (v === 1) {
		const cast = castRaw([column]);
		return (input) => {
			try {
				return cast(input)[column.name];
			} catch {
				return undefined;
			}
		};
	}
	const { read } = cellReader(
		column,
		seen.find((s) => s.name === column.name),
	);
	return (input) => (Object.hasOwn(input, column.name) ? read(own(input, column.name)) : null);
}

interface FoundRow {
	id: string;
	at: string;
	input: string;
	truth: string | null;
	prediction: string | null;
	score: string | null;
	version: number | null;
	arm: string | null;
	key: string | null;
}

const MORE = ['prediction', 'score', 'version', 'arm', 'key'] as const;

/** Reads so many answers of a table of `tableWithTruth` as the model reads them, into the table `read`. */
export async function readAnswers(
	table: string,
	manifest: ModelManifest,
	{ rows: total, more }: { rows: number; more: boolean },
	{ duck, progress, check }: SourceContext,
): Promise<ReadAnswers> {
	const { signature } = manifest;
	const cells = signature.map((column) => cellOf(manifest, column));
	const readTruth = truthReader(manifest);
	const result: ReadAnswers = { unread: new Map(), fractions: new Set(), truths: new Set(), unknown: new Map(), more, rows: total };
	for (let from = 0; from < total; from += PIECE) {
		check();
		progress({ stage: `Reading answers: ${from.toLocaleString('en')} of ${total.toLocaleString('en')}`, share: 0.3 * (from / total) });
		const rows = await duck.rows<FoundRow>(
			`SELECT id, "at", input, truth, prediction, score, version, arm, key FROM ${table} ` +
				`WHERE rowid >= ${from} AND rowid < ${from + PIECE} ORDER BY rowid`,
		);
		const inputs = rows.map(({ input }) => JSON.parse(input) as Record<string, unknown>);
		const columns = signature.map(({ name, type }, j): FilledColumn => {
			const values = inputs.map((input) => {
				const value = cells[j](input);
				if (value === undefined) result.unread.set(name, (result.unread.get(name) ?? 0) + 1);
				else if (typeof value === 'number' && !Number.isInteger(value)) result.fractions.add(name);
				return value === undefined || Number.isNaN(value) ? null : value;
			});
			return { name: `c${j}`, type: isNumeric(type) ? 'DOUBLE' : 'VARCHAR', values };
		});
		const truths = rows.map(({ truth }) => (truth === null ? null : truthOf(readTruth, truth, result)));
		await fillTable(duck, 'read', [
			...columns,
			{ name: 'id', type: 'VARCHAR', values: rows.map(({ id }) => id) },
			{ name: 'moment', type: 'DOUBLE', values: rows.map(({ at }) => Date.parse(at)) },
			{ name: 'truth', type: 'VARCHAR', values: truths.map((truth) => (truth === null ? null : String(truth))) },
			...MORE.map((name): FilledColumn => ({ name, type: 'VARCHAR', values: rows.map((row) => shownOf(row[name])) })),
		]);
	}
	return result;
}

/** Texts without the quotes of JSON. */
const shownOf = (value: string | number | null): string | null => {
	if (typeof value !== 'string' || !value.startsWith('"')) return value === null ? null : String(value);
	return String(JSON.parse(value));
};

/** A truth that came before its model was known may turn out to be none: it is a gap, and counted. */
function truthOf(read: ReturnType<typeof truthReader>, json: string, result: ReadAnswers): TruthValue | null {
	const reading = read(JSON.parse(json));
	if (!('value' in reading)) {
		result.unread.set('the truth', (result.unread.get('the truth') ?? 0) + 1);
		return null;
	}
	if (reading.unknown) result.unknown.set(String(reading.value), (result.unknown.get(String(reading.value)) ?? 0) + 1);
	// A few tell what they are; a set of all numbers would be as long as the table.
	if (result.truths.size < 10_000 || typeof reading.value !== 'number') result.truths.add(reading.value);
	return reading.value;
}

/** Where a column of the dataset lies in the table `read`, and what it is. */
interface Planned {
	name: string;
	sql: string;
	duckType: string;
	role?: ColumnSchema['role'];
	type?: ColumnType;
}

const NUMBERS: Partial<Record<ColumnType, [duckType: string, cast: (key: string) => string]>> = {
	boolean: ['BOOLEAN', (key) => `${key} <> 0`],
	datetime: ['TIMESTAMP', (key) => `make_timestamp(CAST(round(${key} * 1000) AS BIGINT))`],
};

function plannedCell({ name, type, role }: ColumnSchema, j: number, fractions: ReadonlySet<string>): Planned {
	const key = `c${j}`;
	const plan = { name, role: role === 'target' ? ('feature' as const) : role };
	if (!isNumeric(type)) return { ...plan, sql: key, duckType: 'VARCHAR', type };
	if (type === 'integer' && !fractions.has(name)) return { ...plan, sql: `CAST(${key} AS BIGINT)`, duckType: 'BIGINT' };
	const [duckType, cast] = NUMBERS[type] ?? ['DOUBLE', (sql: string) => sql];
	return { ...plan, sql: cast(key), duckType };
}

/** The truth as numbers, as yes and no, or as classes. */
function plannedTruth(name: string, truths: ReadonlySet<TruthValue>): Planned {
	const all = [...truths];
	if (all.length > 0 && all.every((value) => typeof value === 'number'))
		return all.every(Number.isInteger) && truths.size < 10_000
			? { name, sql: 'CAST(CAST(truth AS DOUBLE) AS BIGINT)', duckType: 'BIGINT' }
			: { name, sql: 'CAST(truth AS DOUBLE)', duckType: 'DOUBLE' };
	if (all.length > 0 && all.every((value) => typeof value === 'boolean')) return { name, sql: "truth = 'true'", duckType: 'BOOLEAN' };
	return { name, sql: 'truth', duckType: 'VARCHAR', type: 'category' };
}

/** What was read as a source's table: the signature, the target, the answer's id and time, and on wish what was answered. */
export async function answersTable(model: string, manifest: ModelManifest, read: ReadAnswers, context: SourceContext): Promise<RawTable> {
	const { signature, target, task } = manifest;
	const hasTime = signature.some(({ role }) => role === 'time');
	const planned: Planned[] = [
		...signature.map((column, j) => plannedCell(column, j, read.fractions)),
		plannedTruth(target || 'truth', read.truths),
		{ name: ID, sql: 'id', duckType: 'VARCHAR', role: 'id' },
		{ name: AT, sql: 'make_timestamp(CAST(moment * 1000 AS BIGINT))', duckType: 'TIMESTAMP', role: hasTime ? 'ignore' : 'time' },
		...(read.more ? MORE.map((name): Planned => ({ name, sql: `"${name}"`, duckType: 'VARCHAR', role: 'ignore' })) : []),
	];
	const names = uniqueNames(
		planned.map(({ name }) => name),
		context,
	);
	await context.duck.run(
		`CREATE OR REPLACE TEMP VIEW answers AS SELECT rowid AS place, ${planned.map(({ sql }, j) => `${sql} AS v${j}`).join(', ')} FROM read`,
	);
	const columns = planned.map(
		({ duckType }, j): RawColumn => ({ key: `v${j}`, name: names[j], kind: duckType === 'VARCHAR' ? 'string' : 'native', duckType }),
	);
	return {
		relation: 'answers',
		position: 'place',
		columns,
		valuesOnly: true,
		bad: [],
		badCount: 0,
		description: `answers of ${model}, with their truth`,
		target: names[signature.length],
		task,
		roles: dictionary(planned.flatMap(({ role }, j) => (role ? [[names[j], role] as const] : []))),
		types: dictionary(planned.flatMap(({ type }, j) => (type ? [[names[j], type] as const] : []))),
	};
}
