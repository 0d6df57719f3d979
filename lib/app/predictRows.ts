import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ChangesAsked } from '../domain/changes.js';
import { createIdSource } from '../domain/answerId.js';
import { own } from '../domain/dictionary.js';
import { MlopsError, type MlopsErrorJson } from '../domain/errors.js';
import type { ModelManifest } from '../domain/model.js';
import type { PredictionLogEntry, Store } from '../store/contract.js';
import { isOfReadOnly } from '../store/files.js';
import { modelLabel } from './modelReference.js';
import { changesFor } from '../serve/changes.js';
import { predictorOf, type Answer, type RowPredictor } from '../serve/predictor.js';

/** The longest that rows are answered in one go. */
const TURN_MS = 20;

/** Ids of answers, in the order in which they were given. */
const nextId = createIdSource();

export interface ChosenModel {
	name: string;
	version?: number;
	digest: string;
	alias?: string;
}
/** A column that moved an answer, and by how much. */
export type Reason = NonNullable<Answer['reasons']>[number];
/** `id`: of the entry in the prediction log, by which the truth is told later; absent where nothing is logged. */
export type RowResult = ({ answer: Answer } | { error: MlopsErrorJson }) & { id?: string };

/** Answers that could not be written to the prediction log, and why. */
export interface Unlogged {
	rows: number;
	why: MlopsError;
}
/** What a model's package says of it: which columns it needs, an example. @throws `learn.model_invalid` */
export const manifestOf = async (store: Store, digest: string): Promise<ModelManifest> => (await predictorOf(store, digest)).manifest;

export interface PredictOptions {
	reasons: number;
	/** What would change each answer, where a person asks for it. */
	changes?: ChangesAsked;
	/** What the caller calls each row, where it does. */
	keys?: ReadonlyArray<string | undefined>;
	log: boolean;
	/** Called where the log took no lines: the answers are there all the same. */
	onUnlogged?: (unlogged: Unlogged) => void;
}

/** What there is to do about answers that are not in the log: the log says so later, unless nobody can write to it here. */
const afterUnlogged = (why: MlopsError): string =>
	isOfReadOnly(why)
		? `What is not logged cannot be watched, nor joined with the truth. ${why.details.remedy ?? ''}`
		: 'The log will say so itself as soon as it can be written again.';

/** Sentences for people about answers that are not in the log. */
export const unloggedText = ({ rows, why }: Unlogged): string =>
	`${rows.toLocaleString('en')} ${rows === 1 ? 'answer is' : 'answers are'} not in the prediction log: ` +
	`${why.message} ${afterUnlogged(why)}`;

/**
 * Answers rows one by one; a bad row gets its own error and stops none of the others. Every answer and error is written to the prediction
 * log; where that fails (a full disk), the answers are given all the same, and the store counts the gap.
 */
export async function predictRows(
	store: Store,
	model: ChosenModel,
	rows: Array<Record<string, unknown>>,
	options: PredictOptions,
): Promise<RowResult[]> {
	const predictor = await predictorOf(store, model.digest);
	const columns = predictor.manifest.signature.map((c) => c.name);
	const results: RowResult[] = [];
	const log = createLog(store, options);
	let resumed = performance.now();
	for (const [i, row] of rows.entries()) {
		const result = answerRow(predictor, row, options);
		if (options.log) {
			const entry = logEntry(model, row, result, columns, options.keys?.[i]);
			result.id = entry.requestId;
			const full = log.add(entry);
			if (full) await full;
		}
		results.push(result);
		if (performance.now() - resumed < TURN_MS) continue;
		// This may be n8n's own process: its pages must go on answering.
		await nextTurn();
		resumed = performance.now();
	}
	await log.end();
	return results;
}

/** Entries handed to the log at once: while these are written, the next are answered. */
const LOG_PIECE = 1_000;

/** Writes entries to the log in pieces, at most one on its way, so that many rows do not pile up; counts what the log did not take. */
function createLog(store: Store, { onUnlogged }: PredictOptions) {
	let entries: PredictionLogEntry[] = [];
	let writing: Promise<void> = Promise.resolve();
	let unlogged: Unlogged | undefined;
	async function hand(): Promise<void> {
		const piece = entries;
		entries = [];
		await writing;
		writing = store.logPredictions(piece).catch((thrown: unknown) => {
			unlogged = { rows: piece.length + (unlogged?.rows ?? 0), why: MlopsError.from(thrown) };
		});
	}
	return {
		add(entry: PredictionLogEntry): Promise<void> | undefined {
			return entries.push(entry) < LOG_PIECE ? undefined : hand();
		},
		async end(): Promise<void> {
			if (entries.length > 0) await hand();
			await writing;
			if (unlogged) onUnlogged?.(unlogged);
		},
	};
}

function answerRow(
	predictor: RowPredictor,
	row: Record<string, unknown>,
	{ reasons, changes }: Pick<PredictOptions, 'reasons' | 'changes'>,
): RowResult {
	try {
		const answer = predictor.answer(row, reasons);
		if (changes) answer.changes = changesFor(predictor, row, changes);
		return { answer };
	} catch (thrown) {
		return { error: MlopsError.from(thrown).toJSON() };
	}
}

/** A value that cannot even be read is no value: the row's own error says so. */
function valueOf(row: Record<string, unknown>, column: string): unknown {
	try {
		return own(row, column);
	} catch {
		return null;
	}
}

/** What the prediction log keeps of one row's answer or error: of its inputs only the model's own `columns`. */
export function logEntry(
	model: ChosenModel,
	row: Record<string, unknown>,
	result: RowResult,
	columns: string[],
	key?: string,
): PredictionLogEntry {
	const input = Object.fromEntries(columns.filter((c) => Object.hasOwn(row, c)).map((c) => [c, valueOf(row, c)]));
	const base = {
		at: new Date().toISOString(),
		model: modelLabel(model),
		digest: model.digest,
		requestId: nextId(),
		input,
		...(key === undefined ? {} : { key }),
		...(model.alias ? { alias: model.alias } : {}),
	};
	return 'answer' in result
		? {
				...base,
				prediction: result.answer.prediction,
				score: result.answer.score,
				...(result.answer.warnings ? { warnings: result.answer.warnings } : {}),
			}
		: { ...base, prediction: null, score: [], error: result.error.message };
}
