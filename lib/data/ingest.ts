import { z } from 'zod/v4';
import { dictionaryOf, own } from '../domain/dictionary.js';
import { columnRole, columnType, taskType, type ColumnRole, type ColumnSchema, type ColumnType, type TaskType } from '../domain/column.js';
import { throwIfCancelled, type Cancellable } from '../domain/cancel.js';
import { MlopsError } from '../domain/errors.js';
import type { Profile } from '../domain/profile.js';
import { parseParams } from '../domain/params.js';
import type { Progress } from '../domain/progress.js';
import { forward } from '../domain/steadyProgress.js';
import { addRows, isFromText, type Added, type Base } from './append.js';
import { withDuck, type Duck } from './duck.js';
import { explained } from './explained.js';
import { columnIndex } from './frame.js';
import { countedMoments, mistakenMoments } from './countedMoments.js';
import { guessRoles } from './roles.js';
import { guessTarget, taskOf } from './target.js';
import { assertColumns } from './mostColumns.js';
import { profileStored, type StoredProfile } from './profile.js';
import { sourceById } from './sources/index.js';
import { listStrays } from './strays.js';
import { IN_TABLE, READING, SURVEYED, type RawTable, type SourceContext, type SourceStore } from './sources/contract.js';
import { typeTable } from './typeTable.js';
import { dropTables } from './typedTable.js';
import type { TypedColumn, TypingOptions } from './typing.js';
import { writeTyped } from './writeTyped.js';

/** What to bring in. Everything but the source is optional and then decided from the data. */
export const ingestInput = z.object({
	/** Id of a source. */
	source: z.string(),
	/** Parameters of that source. */
	params: z.unknown(),
	name: z.string().optional(),
	target: z.string().optional(),
	task: taskType.optional(),
	roles: dictionaryOf(columnRole).optional(),
	types: dictionaryOf(columnType).optional(),
	/**
	 * Share of cells (0 to 1) that may be unreadable in a column of numbers, dates or yes/no; they become gaps and are listed. Without it 5
	 * %, and 1 % of codes; in yes/no a word that comes back is a class.
	 */
	strayShare: z.number().min(0).max(1).optional(),
	/** Names of columns that differ only by case count as the same, and the second is renamed. */
	caselessNames: z.boolean().optional(),
});
export type IngestInput = z.infer<typeof ingestInput>;

/** Where an ingestion may write and how much it may use. */
export interface IngestIo extends Cancellable {
	/** A fresh path for a file. */
	temporary(extension: string): Promise<string>;
	/** Hears of the file with the rows once all of it is written: what remains to be found out takes a while. */
	written?(path: string): void;
	/** Hears, once, that the database will be at work for a while without us. */
	meanwhile?(): void;
	threads: number;
	memoryBytes: number;
	/** Where DuckDB spills to. */
	temporaryDirectory?: string;
	/** For sources that read from the store. */
	store?: SourceStore;
	/** The version to which the rows are added. */
	base?: Base;
}

export interface IngestReport {
	progress(progress: Progress): void;
	note(code: string, text: string): void;
}

export interface IngestResult {
	/** Parquet file: `__row`, then the columns in schema order. */
	dataPath: string;
	/** The file stands behind so many files of the version that the rows were added to, and has so many rows. */
	behind?: { kept: number; rows: number };
	rows: number;
	columns: ColumnSchema[];
	/** Name that the source suggests, if the input had none. */
	name?: string;
	target?: string;
	task?: TaskType;
	/** SHA-256 of names, types and ordered values; the same for the same content, whatever source it came from. */
	content: string;
	/** Columns whose texts are kept beside their values. */
	texts?: string[];
	/** Columns of numbers and dates that were text in the source, and so in somebody's notation. */
	fromText?: string[];
	/** NDJSON file of `{ row, reason, text }`, if rows were refused. */
	quarantinePath?: string;
	quarantined: number;
	source: { type: string; description: string };
	profile: Profile;
	notes: Array<{ code: string; text: string }>;
}

/**
 * Reads a source into one typed Parquet file with `__row` first, decides types, roles, target and task, and profiles it.
 * Rows that cannot be read or typed are kept apart in the quarantine file.
 * @throws MlopsError `data.*`, `learn.target_*`
 */
export async function ingest(input: IngestInput, io: IngestIo, outer: IngestReport): Promise<IngestResult> {
	const { notes, note, more } = notesOf(outer);
	const progress = forward(outer.progress);
	const endings: Array<() => Promise<void>> = [];
	const source = sourceById(input.source);
	const params = parseParams(source.params, input.params ?? {}, source.label);
	return withDuck(
		{ threads: io.threads, memoryBytes: Math.floor(io.memoryBytes / 2), temporaryDirectory: io.temporaryDirectory },
		async (duck) => {
			const context = contextOf(duck, input, io, { note, progress }, endings);
			progress({ stage: READING, share: 0 });
			const read = await source.read(params, context);
			context.check();
			assertColumns(read.columns.length, read.description);
			return await explained(read, async () => {
				const stored = await storeTyped(read, input, io, context);
				more();
				return { ...stored, notes };
			});
		},
	).finally(async () => {
		for (const end of endings) await end();
	});
}

/** Notes of one kind that are told one by one; of a wide table each column may have one. */
const TOLD = 50;

/** Collects notes and passes them on; of those of one kind that are too many, `more` tells the number. */
function notesOf(outer: IngestReport) {
	const notes: IngestResult['notes'] = [];
	const kinds = new Map<string, number>();
	const add = (code: string, text: string): void => {
		notes.push({ code, text });
		outer.note(code, text);
	};
	return {
		notes,
		note: (code: string, text: string): void => {
			const told = (kinds.get(code) ?? 0) + 1;
			kinds.set(code, told);
			if (told <= TOLD) add(code, text);
		},
		more: (): void => {
			for (const [code, count] of kinds)
				if (count > TOLD) add(code, `Of ${count} notes of this kind the first ${TOLD} are told; ${count - TOLD} are left out.`);
		},
	};
}

/** Types, stores and profiles what a source read. */
async function storeTyped(read: RawTable, input: IngestInput, io: IngestIo, context: SourceContext): Promise<Omit<IngestResult, 'notes'>> {
	const { duck, note } = context;
	const staged = stagesOf(duck, context.progress, io.meanwhile);
	const forced = { ...read.types, ...input.types };
	const { raw, typed, added } = await staged(
		'Finding column types',
		read.unread ? SURVEYED : IN_TABLE,
		0.45,
		async () => await typeRows(read, forced, io.base, context, { strayShare: input.strayShare }),
	);
	context.check();
	const written = added?.written ?? (await staged('Storing', 0.45, 0.6, async () => await writeTyped(raw, typed, context)));
	context.check();
	context.progress({ stage: 'Profiling', share: 0.6 });
	const strays = await listStrays(raw, typed, context);
	const made = typed.flatMap(({ made }) => made?.table ?? []);
	await dropTables([...(raw.table ? [raw.table] : []), ...(written.pending ? [] : made)], duck);
	const { files, schema, texts, fromText, undecided } = added?.whole ?? tableOf(typed, written.path);
	const stored = await profileStored(duck, files, schema, {
		memoryBytes: io.memoryBytes,
		threads: io.threads,
		texts,
		pending: written.pending,
		undecided,
		check: context.check,
		progress: (share) => context.progress({ stage: 'Profiling', share: 0.6 + 0.35 * share }),
	});
	io.written?.(written.path);
	await dropTables(made, duck);
	const decided = decide(input, raw, stored, note);
	return {
		dataPath: written.path,
		...(added ? { behind: added.behind } : {}),
		rows: stored.rows,
		columns: decided.columns,
		name: input.name || raw.name,
		target: decided.target,
		task: decided.task,
		content: stored.content,
		...(texts.length ? { texts } : {}),
		...(fromText.length ? { fromText } : {}),
		quarantinePath: written.quarantinePath,
		quarantined: written.quarantined,
		source: { type: input.source, description: raw.description },
		profile: await stored.finish(decided.columns, {
			target: decided.target,
			task: decided.task,
			strays: added?.strays(strays) ?? strays,
		}),
	};
}

/** What a source may use, and where it says what it does. @param endings what it wants done once all is over */
const contextOf = (
	duck: Duck,
	input: IngestInput,
	io: IngestIo,
	said: Pick<SourceContext, 'note' | 'progress'>,
	endings: Array<() => Promise<void>>,
): SourceContext => ({
	duck,
	...said,
	caseless: input.caselessNames,
	threads: io.threads,
	temporary: io.temporary,
	...(io.store ? { store: io.store } : {}),
	finally: (work) => {
		endings.push(work);
	},
	check() {
		throwIfCancelled(io, 'Reading');
	},
});

/**
 * Stages of the work, each from one share of it to another: one statement may read, type and store the whole of a large table, so it says
 * how far it is.
 */
function stagesOf(duck: Duck, tell: (progress: Progress) => void, meanwhile?: () => void) {
	let waits = meanwhile;
	return async <T>(stage: string, from: number, to: number, work: () => Promise<T>): Promise<T> => {
		let share = from;
		tell({ stage, share });
		return await duck.watched(work, (done) => {
			waits?.();
			waits = undefined;
			share = Math.max(share, from + (to - from) * done);
			tell({ stage, share });
		});
	};
}

/** Types of what a source read: as in the version that it is added to, where these hold for it, or found in it. */
async function typeRows(
	read: RawTable,
	forced: Record<string, ColumnType>,
	base: Base | undefined,
	context: SourceContext,
	options: TypingOptions,
): Promise<{ raw: RawTable; typed: TypedColumn[]; added?: Added }> {
	const adding = base && (await addRows(base, read, forced, context, options));
	if (!adding) return await typeTable(read, forced, context, options);
	if ('together' in adding) return await typeTable(adding.together, forced, context, options);
	return { ...adding, added: adding };
}

/** What a table is that lies in one file. */
const tableOf = (typed: readonly TypedColumn[], path: string): Added['whole'] => ({
	files: path,
	schema: typed.map((t) => t.schema),
	texts: typed.filter((t) => t.kept > 0).map((t) => t.schema.name),
	fromText: typed.filter(isFromText).map((t) => t.schema.name),
	undecided: new Set(typed.filter((t) => t.undecided).map((t) => t.schema.name)),
});

/** Roles, target and task: what the person says, else what the source suggests, else what the data look like. */
function decide(
	input: IngestInput,
	raw: RawTable,
	stored: StoredProfile,
	note: IngestReport['note'],
): { columns: ColumnSchema[]; target?: string; task?: TaskType } {
	const { schema } = stored;
	const said = input.roles ?? {};
	for (const name of [...Object.keys(said), ...Object.keys(input.types ?? {})]) columnIndex(schema, name);
	const targetOfRoles = Object.entries(said).find(([, role]) => role === 'target')?.[0];
	if (input.target) requireTarget(schema, input.target);
	const suggested = raw.target && schema.some((c) => c.name === raw.target) ? raw.target : undefined;
	let target = input.target ?? targetOfRoles ?? suggested;
	if (!target && !input.target) {
		target = guessTarget(schema.map((c) => c.name));
		if (target) note('data.target_guessed', `"${target}" is taken as the target because of its name.`);
	}
	for (const facts of stored.facts) {
		const counted = countedMoments(facts);
		if (counted) note('data.counted_moments', `"${facts.name}" ${counted}.`);
		const mistaken = own(input.types ?? {}, facts.name) === 'datetime' ? mistakenMoments(facts) : undefined;
		if (mistaken) note('data.counted_moments', `"${facts.name}" ${mistaken}.`);
	}
	const guesses = guessRoles(stored.facts);
	const reasons = new Map<string, string[]>();
	const columns = schema.map((column, i): ColumnSchema => {
		if (column.name === target) return { ...column, role: 'target' };
		const given: ColumnRole | undefined = own(said, column.name) ?? own(raw.roles, column.name);
		if (given) return { ...column, role: given };
		const { role, why } = guesses[i];
		if (why) reasons.set(why, [...(reasons.get(why) ?? []), column.name]);
		return { ...column, role };
	});
	for (const [why, names] of reasons) {
		const { role } = guesses.find((g) => g.why === why)!;
		if (names.length === 1) note('data.role_guessed', `"${names[0]}" ${why}; its role is "${role}".`);
		else
			note(
				'data.role_guessed',
				`${names.length} columns have the role "${role}", since each ${why}: ${names
					.slice(0, 10)
					.map((n) => `"${n}"`)
					.join(', ')}${names.length > 10 ? ', ...' : ''}.`,
			);
	}
	if (!target) return { columns };
	const at = columnIndex(columns, target);
	const wanted = input.task ?? (target === raw.target ? raw.task : undefined);
	return { columns, target, task: wanted ?? taskFor(columns[at], stored.facts[at].distinct, note) };
}

/** The task that fits the target; a note where none does, since only Train needs one: rows that are to be predicted have no answer yet. */
function taskFor(column: ColumnSchema, distinct: number, note: IngestReport['note']): TaskType | undefined {
	try {
		return taskOf(column, distinct);
	} catch (thrown) {
		const { message } = MlopsError.from(thrown);
		note('data.target_unfit', `${message} The data can be used, but not to train a model for this target.`);
		return undefined;
	}
}

function requireTarget(schema: readonly ColumnSchema[], target: string): void {
	if (schema.some((c) => c.name === target)) return;
	const near = schema.find((c) => c.name.toLowerCase().trim() === target.toLowerCase().trim());
	throw new MlopsError('learn.target_unknown', `There is no column "${target}" to predict.`, {
		column: target,
		expected: near
			? `perhaps "${near.name}"`
			: `one of: ${schema
					.slice(0, 20)
					.map((c) => c.name)
					.join(', ')}`,
		remedy: 'Pick the target from the list of columns.',
	});
}
