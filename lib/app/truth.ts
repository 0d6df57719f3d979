import { randomUUID } from 'node:crypto';
import type { AskedTruth, KnownTruth } from '../data/truth/resolve.js';
import type { TruthReading, TruthValue } from '../data/truth/readTruth.js';
import { columnText, cutText } from '../domain/text.js';
import { MlopsError, type MlopsErrorJson } from '../domain/errors.js';
import type { Store } from '../store/contract.js';
import type { SegmentWriter, TruthLine } from '../store/log/contract.js';
import type { Note } from './calls/outcome.js';
import type { Session } from './session.js';
import { asAsked, lookUp, type LookedUp } from './truthLookup.js';
import { inTurn } from './truthTurn.js';
import { createTruthReaders, type TruthReaders } from './truthReaders.js';
import { checkTruth, invalidTruth, UnreadRow, type CheckedTruth, type TruthFields } from './truthRows.js';

/** Rows that say what turned out to be true. */
export interface Telling {
	/** Objects with the fields `id`, `key`, `time`, `model` and `truth`, or those that `fields` names. */
	truths: Iterable<unknown> | AsyncIterable<unknown>;
	/** Which of a row's fields say what, where they are called otherwise. */
	fields?: TruthFields;
	/** The model that rows are about which name none. */
	model?: string;
	/** The models that whoever tells may speak of; absent: all. */
	models?: readonly string[];
	/** Who tells: a key of the server, a workflow, a command. */
	by: string;
	/** Id of the call or file; made where there is none. */
	batch?: string;
	/**
	 * Rows in which no truth stands are left out, as tables have them before it is known. Otherwise null takes back what was said, and
	 * nothing at all is refused.
	 */
	gaps?: boolean;
	/** Hears of each row, counted from 1, what became of it. */
	each?(row: number, outcome: TruthOutcome): void;
}

/** What became of a row. `unknown`: kept, but there is no such answer (yet). */
export const TRUTH_OUTCOMES = ['taken', 'same', 'corrected', 'unknown', 'empty', 'refused'] as const;
export type TruthOutcome = (typeof TRUTH_OUTCOMES)[number];

/** A row that was refused, counted from 1, and why. */
export interface RefusedTruth {
	row: number;
	error: MlopsErrorJson;
}

export type TruthCounts = Record<TruthOutcome, number>;
export interface Told extends TruthCounts {
	batch: string;
	rows: number;
	/** The first thousand of those that were refused. */
	refusals: RefusedTruth[];
	/** Classes that the models do not know, the first twenty; they are kept as they came. */
	unknownClasses: Array<{ value: string; rows: number }>;
	notes: Note[];
}

/** Rows that are looked up and written together. */
const PIECE = 50_000;
const MOST_REFUSALS = 1_000;
const MOST_CLASSES = 20;

type TellingSession = Pick<Session, 'store' | 'context'>;

/** Truths are told one batch after the other in a process, and piece by piece among processes: the same told twice at once is told once. */
const turns = new WeakMap<Store, Promise<unknown>>();

/**
 * Keeps what turned out to be true of answers, found by their ids, or by the caller's key and time (lib/data/truth/resolve.ts says which
 * answer that is). Bad rows are refused one by one; what was told before changes nothing; a correction is a later line, so that the history
 * stays. When this resolves, all that was taken is on the disk.
 * @throws `store.full`, `store.unwritable`, `store.unreachable`; telling the same again is safe
 */
export async function tellTruth(session: TellingSession, telling: Telling): Promise<Told> {
	const before = turns.get(session.store) ?? Promise.resolve();
	const own = before.then(async () => await tell(session, telling));
	turns.set(
		session.store,
		own.catch(() => {}),
	);
	return await own;
}

async function tell(
	{ store, context }: TellingSession,
	{ truths, fields, models, by, batch = randomUUID(), each, ...asked }: Telling,
): Promise<Told> {
	const tally = createTally(batch, each);
	const writer = store.log.writer('truth');
	const work: Batch = {
		store,
		writer,
		readers: createTruthReaders(store),
		models,
		by,
		batch,
		tally,
		gaps: asked.gaps ?? false,
		lines: new Map(),
		signal: context.signal,
	};
	let piece: CheckedTruth[] = [];
	const told = new Date();
	try {
		for await (const given of truths) {
			const row = ++tally.told.rows;
			try {
				if (given instanceof UnreadRow) throw invalidTruth(given.row, 'row', given.text, given.expected);
				piece.push(checkTruth(given, row, told.getTime(), { fields, ...asked }));
			} catch (thrown) {
				tally.refuse(row, thrown);
			}
			if (piece.length < PIECE) continue;
			await keep(piece, work);
			piece = [];
			context.progress({ stage: `Taking what turned out to be true: ${tally.told.rows.toLocaleString('en')} rows` });
		}
		await keep(piece, work);
	} finally {
		await writer.close();
		await fileEvents(store, work);
	}
	return tally.end();
}

interface Batch {
	store: Store;
	writer: SegmentWriter;
	readers: TruthReaders;
	models: readonly string[] | undefined;
	by: string;
	batch: string;
	tally: Tally;
	gaps: boolean;
	/** Lines written, by model; empty where none is known. */
	lines: Map<string, number>;
	signal: AbortSignal;
}

/** One audit event a batch for each model that it is about; `truth` where no answer is known. */
async function fileEvents(store: Store, { lines, by, batch }: Batch): Promise<void> {
	for (const [model, rows] of lines)
		await store.audit({
			actor: by,
			action: 'truth.told',
			subject: model || 'truth',
			details: { batch, rows, by, ...(model ? { models: { [model]: rows } } : {}) },
		});
}

/** What was said last of an answer, or under an address, while a piece is worked through. */
interface Said {
	value: TruthValue | null | undefined;
	/** When the last line about it was told (ms). */
	at: number;
}

async function keep(piece: readonly CheckedTruth[], work: Batch): Promise<void> {
	if (piece.length === 0) return;
	await inTurn(work.store, work.signal, async (still) => {
		let found: LookedUp[];
		do found = await lookUp(piece, work);
		while (!(await still()));
		await write(found, work);
	});
}

async function write(found: readonly LookedUp[], work: Batch): Promise<void> {
	const saidOf = new Map<string, Said>();
	const lines: string[] = [];
	for (const { truth, known } of found) {
		try {
			if (known instanceof MlopsError) throw known;
			const line = await decide(truth, known, saidOf, work);
			if (!line) continue;
			lines.push(`${JSON.stringify(line)}\n`);
			const model = known.answer?.model ?? line.model ?? '';
			work.lines.set(model, (work.lines.get(model) ?? 0) + 1);
		} catch (thrown) {
			work.tally.refuse(truth.row, thrown);
		}
	}
	if (lines.length > 0) await work.writer.append(Buffer.from(lines.join('')), { durable: true });
}

/** The line to write, if any. @throws `truth.invalid` */
async function decide(truth: CheckedTruth, known: KnownTruth, saidOf: Map<string, Said>, work: Batch): Promise<TruthLine | undefined> {
	const { tally, readers, by, batch } = work;
	const asked = asAsked(truth, work);
	const { id, key, time, model } = asked;
	const { answer } = known;
	mayTell(truth, asked, known, work.models);
	const read = answer ? await readers.ofDigest(answer.digest) : model === undefined ? readers.raw : await readers.ofModel(model, truth);
	const value = valueOf(truth, read(truth.truth), work);
	if (value === undefined) {
		tally.count(truth.row, 'empty');
		return undefined;
	}
	const parsed = (json: string | undefined): TruthValue | null | undefined => (json === undefined ? undefined : readAgain(read, json));
	const atAddress = sayings(saidOf, JSON.stringify([id ?? null, key, time, model]), () => ({ value: parsed(known.saidOf), at: 0 }));
	const ofAnswer = answer
		? sayings(saidOf, JSON.stringify(answer), () => ({ value: parsed(known.current), at: known.currentAt ?? 0 }))
		: undefined;
	const before = ofAnswer ? ofAnswer.value : atAddress.value;
	const same = value === (before ?? null);
	// Said before under this very address; where the answer is not known yet, a key without a time may mean another one each time.
	const repeated =
		value === (atAddress.value ?? null) && (answer !== undefined || id !== undefined || time !== undefined || value === null);
	const kept = answer === undefined ? 'unknown' : 'taken';
	const outcome = same && (answer !== undefined || repeated) ? 'same' : same || (before ?? null) === null ? kept : 'corrected';
	tally.count(truth.row, outcome);
	if (same && repeated) return undefined;
	const at = Math.max(truth.told, (ofAnswer?.at ?? 0) + 1, atAddress.at + 1);
	for (const said of [atAddress, ofAnswer]) if (said) Object.assign(said, { value, at });
	return {
		at: new Date(at).toISOString(),
		...(id === undefined ? { key } : { id }),
		...(id === undefined && time !== undefined ? { time: new Date(time).toISOString() } : {}),
		...(model === undefined ? {} : { model }),
		truth: value,
		by: columnText(by),
		batch,
	};
}

function sayings(saidOf: Map<string, Said>, of: string, first: () => Said): Said {
	let said = saidOf.get(of);
	if (!said) saidOf.set(of, (said = first()));
	return said;
}

/** An earlier line as it counts now: one that came before its answer was kept as it was told. */
function readAgain(read: (value: unknown) => TruthReading, json: string): TruthValue | null {
	const value = JSON.parse(json) as unknown;
	const reading = read(value);
	return 'value' in reading ? reading.value : (value as TruthValue | null);
}

/** Null takes back; undefined: nothing stands there. @throws `truth.invalid` */
function valueOf(truth: CheckedTruth, reading: TruthReading, { gaps, tally }: Batch): TruthValue | null | undefined {
	if ('value' in reading) {
		if (reading.unknown) tally.unknownClass(reading.value);
		// As the log can hold it.
		return typeof reading.value === 'string' ? columnText(reading.value) : reading.value;
	}
	if ('unreadable' in reading) throw invalidTruth(truth.row, truth.column, truth.truth, reading.expected);
	if (gaps) return undefined;
	if (truth.truth === null) return null;
	throw invalidTruth(truth.row, truth.column, truth.truth, 'what turned out to be true; null takes back what was said before');
}

/** @throws `truth.invalid` where it is not clear, or not allowed, to say whose answer this is about */
function mayTell(
	{ row, columns }: CheckedTruth,
	{ model, key }: AskedTruth,
	known: KnownTruth,
	models: readonly string[] | undefined,
): void {
	if (models && model !== undefined && !models.includes(model))
		throw invalidTruth(row, columns.model, model, `a model that this key is good for: ${models.join(', ')}`);
	if (models && model === undefined && !models.includes(known.answer?.model ?? ''))
		throw invalidTruth(row, columns.model, undefined, `the model, one that this key is good for: ${models.join(', ')}`);
	if (known.models.length > 1)
		throw invalidTruth(row, columns.model, undefined, `the model: ${known.models.join(', ')} answered about "${key}"`);
}

type Tally = ReturnType<typeof createTally>;

function createTally(batch: string, each?: Telling['each']) {
	const told: Told = {
		batch,
		rows: 0,
		taken: 0,
		same: 0,
		corrected: 0,
		unknown: 0,
		empty: 0,
		refused: 0,
		refusals: [],
		unknownClasses: [],
		notes: [],
	};
	const classes = new Map<string, number>();
	return {
		told,
		count(row: number, outcome: TruthOutcome): void {
			told[outcome]++;
			each?.(row, outcome);
		},
		refuse(row: number, thrown: unknown): void {
			const error = MlopsError.from(thrown);
			if (error.code !== 'truth.invalid') throw error;
			told.refused++;
			each?.(row, 'refused');
			if (told.refusals.length < MOST_REFUSALS) told.refusals.push({ row, error: error.toJSON() });
		},
		unknownClass(value: TruthValue): void {
			classes.set(String(value), (classes.get(String(value)) ?? 0) + 1);
		},
		end(): Told {
			told.refusals.sort((a, b) => a.row - b.row);
			told.unknownClasses = [...classes].slice(0, MOST_CLASSES).map(([value, rows]) => ({ value, rows }));
			told.notes = notesOf(told, classes);
			return told;
		},
	};
}

function notesOf(told: TruthCounts, classes: ReadonlyMap<string, number>): Note[] {
	const figure = (n: number, one: string, many: string): string => `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
	const notes: Note[] = [];
	if (told.unknown > 0)
		notes.push({
			code: 'truth.unknown_answer',
			text: `${figure(told.unknown, 'truth is about an answer that is', 'truths are about answers that are')} not in the log (yet): kept.`,
		});
	if (classes.size > 0)
		notes.push({
			code: 'truth.unknown_class',
			text:
				`The model does not know ${[...classes.keys()]
					.slice(0, 5)
					.map((c) => `"${cutText(c, 80)}"`)
					.join(', ')}` + `${classes.size > 5 ? ` and ${classes.size - 5} more classes` : ''}: kept as told, for the next training.`,
		});
	if (told.empty > 0)
		notes.push({
			code: 'truth.empty',
			text: `${figure(told.empty, 'row has', 'rows have')} no truth yet and ${told.empty === 1 ? 'was' : 'were'} left out.`,
		});
	if (told.refused > 0)
		notes.push({ code: 'truth.refused', text: `${figure(told.refused, 'row was', 'rows were')} refused; the others were taken.` });
	return notes;
}
