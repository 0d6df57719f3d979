import { idAsMade } from '../domain/answerId.js';
import { own } from '../domain/dictionary.js';
import { MlopsError } from '../domain/errors.js';
import type { RowResult } from '../app/predictRows.js';
import type { ChangesAsked } from '../domain/changes.js';
import { changesFor } from '../serve/changes.js';
import type { Division } from '../domain/rollout.js';
import { armOf } from '../serve/rollout/arm.js';
import type { Answered, Question, Serving, Target } from './contract.js';
import { assertModel } from './auth.js';
import { tooManyReasons, tooManyRows } from './failures.js';
import { answerLine, type LineHead } from './answerLine.js';
import type { Sink } from './log/sink.js';
import { createLookup } from './lookup.js';
import { AT, countRequest, type Counters } from './metrics/counters.js';
import type { Packages, Ready } from './packages.js';
import type { ServedModel } from './serveTable.js';
import { createQueue, createTurns, type Turns } from './turns.js';

/** What a listener answers with. */
export interface Equipment {
	packages: Packages;
	counters: Counters;
	/** Where lines of the log go; its sink is another one when the log's thread was started again. */
	log: { sink: Sink; durable: boolean } | undefined;
	nextId(): string;
	/** The model that addresses without a name mean. */
	main: string | undefined;
	maxRows: number;
	call: Serving['call'];
	/** Hears of a version that was to answer and cannot be loaded any more, for readiness, metrics and guards. */
	unloadable?(model: string, version: number, why: string): void;
}

interface Chosen {
	model: ServedModel;
	version: number;
	digest: string;
	alias?: string;
	division?: Division;
	arm?: string;
	/** A rollout runs of which it is not known whether it goes on: answered, and kept, as where none runs. */
	held?: boolean;
	shadow?: number;
}

/** One request on its way. */
interface Asking {
	id: string;
	startedAt: number;
	/** Places of its rows in the request, where it is a part of one. */
	at?: readonly number[];
}

/** What a model said to a request's rows. */
interface Told extends Pick<Ready, 'predictor' | 'columns'> {
	/** Where it is counted. */
	slot: Float64Array;
	ids: string[];
	results: RowResult[];
}

/** Rows of a request that one arm answers, and a key that leads to it. */
interface Part {
	key: string;
	at: number[];
}

/** In the counters, the arm of answers that the stable version gave since it was not known whether a rollout goes on. */
const HELD = 'held';
/** Shadows answer after those that people wait for; more than this many requests do not wait for them. */
const MOST_SHADOWED = 256;
/** More rows than these wait for none of them, unless it is a single request. */
const MOST_SHADOWED_ROWS = 20_000;
/** Rows at once that a model is asked thousands of times for (reasons, changes): about 50 ms each, in which nobody else is answered. */
const MOST_ASKED = 4;

type Lookup = ReturnType<typeof createLookup>;

/** @param key whose question it is, for a rollout; else its id stands for the caller */
function choose({ versionOf, divisionOf, isHeld }: Lookup, question: Question, key: string): Chosen {
	const { of, version } = versionOf(question);
	if (question.version !== undefined) return { model: of, version, digest: of.versions[version] };
	const alias = question.alias ?? 'champion';
	const division = divisionOf(question, of);
	if (!division) return { model: of, version, digest: of.versions[version], alias, held: isHeld(question, of) };
	const arm = armOf(division, key);
	// A version that cannot be loaded is no reason to fail: the stable one answers.
	const fit = Object.hasOwn(of.versions, arm.version) && !Object.hasOwn(of.failed, arm.version);
	const by = fit ? arm : { version, arm: 'stable' };
	return { model: of, alias, division, digest: of.versions[by.version], ...by };
}

/**
 * What gives a shadow's answers, for log and counters alone, once the caller has the other's: one request after the other, and only as long
 * in one go as nobody else notices. What it has no time for is counted.
 */
function createShadow({ packages, counters, log }: Pick<Equipment, 'packages' | 'counters' | 'log'>, turns: Turns) {
	let rowsWaiting = 0;
	const inTurn = createQueue();

	async function answerOne(
		question: Question,
		chosen: Chosen,
		slot: Float64Array,
		ids: readonly string[],
		seen: RowResult[],
	): Promise<void> {
		const { model: of, shadow, alias, division } = chosen;
		const digest = of.versions[shadow!];
		const results: RowResult[] = [];
		try {
			const { predictor, columns } = await packages.load(digest);
			const startedAt = performance.now();
			await turns.each(question.rows.length, (i) => {
				results[i] = answerRow(predictor, question.rows[i], 0, slot, () => {});
			});
			const ms = performance.now() - startedAt;
			const arm = `shadow-${shadow}`;
			const head: LineHead = { model: of.name, version: shadow!, digest, alias, rollout: division!.id, arm, door: question.door, ms };
			countRequest(slot, 200, ms / 1000);
			for (const [i, result] of results.entries()) {
				comparePair(slot, seen[i], result);
				log?.sink.offer(answerLine(head, ids[i], { key: keyOf(question, i, division, nameIn) }, question.rows[i], columns, result));
			}
		} catch (thrown) {
			if (MlopsError.from(thrown).code === 'serve.overloaded') slot[AT.skipped] += question.rows.length - results.length;
			else countRequest(slot, 500, 0);
		}
	}

	return function answerUnseen(question: Question, chosen: Chosen, ids: readonly string[], seen: RowResult[]): void {
		const { model: of, shadow } = chosen;
		const version = shadow!;
		const { length: rows } = question.rows;
		const slot = counters.slot({ model: of.name, version: String(version), arm: `shadow-${version}`, door: question.door });
		// The rows are kept until then: of large ones few requests may wait.
		const full = inTurn.waiting >= MOST_SHADOWED || (rowsWaiting > 0 && rowsWaiting + rows > MOST_SHADOWED_ROWS);
		if (!Object.hasOwn(of.versions, version) || full) {
			slot[AT.skipped] += rows;
			return;
		}
		rowsWaiting += rows;
		inTurn.add(async () => {
			await answerOne(question, chosen, slot, ids, seen);
			rowsWaiting -= rows;
		});
	};
}

/** Rows about several callers, each by the arm of its own. */
async function askInParts(
	question: Question,
	parts: readonly Part[],
	ask: (part: Question, key: string, at: number[]) => Answered | Promise<Answered>,
): Promise<Answered> {
	const results: RowResult[] = new Array(question.rows.length);
	const ids: string[] = new Array(question.rows.length);
	const arms: Array<{ version: number; arm?: string }> = new Array(question.rows.length);
	let last: Answered | undefined;
	for (const { key, at } of parts) {
		const part = { ...question, rows: at.map((i) => question.rows[i]), keys: at.map((i) => question.keys?.[i]) };
		last = await ask(part, key, at);
		for (const [j, i] of at.entries()) {
			results[i] = last.results[j];
			ids[i] = last.ids[j];
			arms[i] = { version: last.version, arm: last.arm };
		}
	}
	return { ...last!, results, ids, ...(parts.length > 1 ? { arms } : {}) };
}

/** The heart of a listener: answers questions by the newest table, keeps the log and counts. Nothing here waits but for a model to load. */
// eslint-disable-next-line max-lines-per-function -- all ways to answer share the table of models and the counters
export function createServing({ packages, counters, log, nextId, main, maxRows, call, unloadable }: Equipment) {
	const lookup = createLookup(main);
	const { use, all, model, versionOf, divisionOf, only } = lookup;
	const turns = createTurns();
	const answerUnseen = createShadow({ packages, counters, log }, turns);

	function answer(question: Question, chosen: Chosen, asking: Asking, { predictor, columns }: Ready): Answered | Promise<Answered> {
		const { id, at } = asking;
		const { rows, reasons = 0, door } = question;
		const { model: of, version, arm, held } = chosen;
		const count = reasons === 'all' ? Number.POSITIVE_INFINITY : reasons;
		const asks = question.changes !== undefined || (count > 0 && predictor.reasons === 'asked');
		if (asks && rows.length > MOST_ASKED) throw tooManyReasons(rows.length, MOST_ASKED);
		const labels = { model: of.name, version: String(version), arm: arm ?? (held ? HELD : ''), door };
		const slot = counters.slot(labels);
		const failed = (error: string): void => void counters.slot({ ...labels, error })[AT.errors]++;
		const results: RowResult[] = new Array(rows.length);
		const ids: string[] = new Array(rows.length);
		const work = turns.each(rows.length, (i) => {
			ids[i] = id + rowEnding(i, rows.length, at);
			results[i] = answerRow(predictor, rows[i], count, slot, failed);
			if (question.changes) results[i] = withChanges(results[i], predictor, rows[i], question.changes);
		});
		const told = { predictor, columns, slot, ids, results };
		return work ? work.then(() => tell(question, chosen, asking, told)) : tell(question, chosen, asking, told);
	}

	/** Keeps what was answered, and counts it. */
	function tell(
		question: Question,
		chosen: Chosen,
		{ id, startedAt, at }: Asking,
		{ predictor, columns, slot, ids, results }: Told,
	): Answered {
		const { rows, door } = question;
		const { model: of, version, alias, division, arm } = chosen;
		const ms = performance.now() - startedAt;
		if (log) {
			const head: LineHead = { model: of.name, version, digest: chosen.digest, alias, rollout: division?.id, arm, door, ms };
			for (let i = 0; i < rows.length; i++) {
				const request = question.requestId && idAsMade(question.requestId) + rowEnding(i, rows.length, at);
				const names = { key: keyOf(question, i, division, nameIn), request };
				log.sink.offer(answerLine(head, ids[i], names, rows[i], columns, results[i]));
			}
		}
		countRequest(slot, 200, ms / 1000);
		if (chosen.shadow !== undefined) answerUnseen(question, chosen, ids, results);
		return {
			model: of.name,
			version,
			...(alias === undefined ? {} : { alias }),
			...(division ? { rollout: division.id, arm } : {}),
			requestId: question.requestId ?? id,
			ids,
			manifest: predictor.manifest,
			results,
		};
	}

	function askOne(question: Question, key: string, asking: Asking): Answered | Promise<Answered> {
		return answerBy(question, choose(lookup, question, key), asking);
	}

	function answerBy(question: Question, chosen: Chosen, asking: Asking): Answered | Promise<Answered> {
		const ready = packages.get(chosen.digest);
		if (ready) return answer(question, chosen, asking, ready);
		return packages.load(chosen.digest).then(
			(loaded) => answer(question, chosen, asking, loaded),
			(thrown: unknown) => {
				const { model: of, version, division } = chosen;
				const failure = lost(chosen, of.name, version, thrown);
				if (!division || version === division.stable) throw failure;
				return answerBy(question, { ...chosen, version: division.stable, digest: of.versions[division.stable], arm: 'stable' }, asking);
			},
		);
	}

	/** A version that was ready lost its place in memory to others, and cannot be loaded any more. */
	function lost(by: Pick<Target, 'version' | 'alias'>, name: string, version: number, thrown: unknown): MlopsError {
		// Of a version that was asked by its number alone nobody hears: nothing keeps it ready.
		if (by.alias !== undefined || by.version === undefined) unloadable?.(name, version, MlopsError.from(thrown).message);
		return unready(name, version, thrown);
	}

	const serving: Serving = {
		ask(question) {
			const startedAt = question.startedAt ?? performance.now();
			if (question.rows.length > maxRows) throw tooManyRows(question.rows.length, maxRows);
			if (question.caller) assertModel(question.caller, question.model, 'predict');
			const asking: Asking = { id: nextId(), startedAt };
			const division = divisionOf(question, model(question.model));
			const parts = division && question.rows.length > 1 ? partsOf(question, division, asking.id) : undefined;
			const answered = parts
				? askInParts(question, parts, (part, key, at) => askOne(part, key, { ...asking, at }))
				: askOne(question, (division && keyOf(question, 0, division)) ?? asking.id, asking);
			return log?.durable ? kept(answered, log) : answered;
		},
		models: all,
		model,
		async manifest(target) {
			const { of, version } = versionOf(target);
			const { predictor } = await packages.load(of.versions[version]).catch((thrown: unknown) => {
				throw lost(target, of.name, version, thrown);
			});
			return { manifest: predictor.manifest, version, key: divisionOf(target, of)?.key };
		},
		ready(target) {
			const { of, version } = versionOf(target);
			return !Object.hasOwn(of.failed, version);
		},
		allReady: () => all().every(({ aliases, failed }) => Object.values(aliases).every((v) => !Object.hasOwn(failed, v))),
		only,
		maxRows,
		call,
	};
	return { serving, use };
}

/** What stands behind the id of a request in that of a row's answer: its place among several. */
const rowEnding = (i: number, rows: number, at: readonly number[] | undefined): string => (at ? `-${at[i]}` : rows === 1 ? '' : `-${i}`);

/** Answers go out once their lines are kept. */
async function kept(answered: Answered | Promise<Answered>, { sink }: { sink: Sink }): Promise<Answered> {
	const answer = await answered;
	await sink.flushed();
	return answer;
}

function answerRow(
	predictor: Ready['predictor'],
	row: Question['rows'][number],
	reasons: number,
	slot: Float64Array,
	failed: (code: string) => void,
): RowResult {
	try {
		const answer = predictor.answer(row, reasons);
		slot[AT.rows]++;
		if (answer.warnings) slot[AT.warned]++;
		const [score] = answer.score;
		slot[AT.score] += score;
		slot[AT.score2] += score * score;
		return { answer };
	} catch (thrown) {
		slot[AT.rowErrors]++;
		const error = MlopsError.from(thrown).toJSON();
		failed(error.code);
		return { error };
	}
}

/** The same with what would change the answer; columns or a wish that cannot be are the row's failure. */
function withChanges(result: RowResult, predictor: Ready['predictor'], row: Question['rows'][number], asked: ChangesAsked): RowResult {
	if ('error' in result) return result;
	try {
		return { ...result, answer: { ...result.answer, changes: changesFor(predictor, row, asked) } };
	} catch (thrown) {
		return { error: MlopsError.from(thrown).toJSON() };
	}
}

function comparePair(slot: Float64Array, seen: RowResult, unseen: RowResult): void {
	if (!('answer' in seen) || !('answer' in unseen)) return;
	slot[AT.pairs]++;
	if (seen.answer.prediction === unseen.answer.prediction) slot[AT.agreeing]++;
	slot[AT.difference] += Math.abs(seen.answer.score[0] - unseen.answer.score[0]);
}

/** Whose question a row is: as the caller says, or as the row's own column says. */
const keyOf = (
	{ key, keys, rows }: Question,
	row: number,
	division: Division | undefined,
	ofRow: typeof keyIn = keyIn,
): string | undefined => keys?.[row] ?? key ?? (division && ofRow(rows[row], division));

/** Rows by the arm that answers them; absent where the request is one caller's. */
function partsOf(question: Question, division: Division, id: string): Part[] | undefined {
	if (!question.keys && (question.key !== undefined || division.key === undefined)) return undefined;
	const parts = new Map<string, Part>();
	for (let i = 0; i < question.rows.length; i++) {
		const key = keyOf(question, i, division) ?? `${id}-${i}`;
		const { version, shadow } = armOf(division, key);
		const arm = `${version} ${shadow}`;
		const part = parts.get(arm);
		if (part) part.at.push(i);
		else parts.set(arm, { key, at: [i] });
	}
	return [...parts.values()];
}

/** Whom a row is about, where the rollout says by which column; an empty cell is nobody, as is NaN, the empty cell of binary data. */
function keyIn(row: Question['rows'][number] | undefined, { key }: Division): string | undefined {
	const value = key === undefined ? undefined : own(row, key);
	// Tables send these as texts, which are to be the same caller.
	const isWord = typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
	return isWord || (typeof value === 'string' && value !== '') ? String(value) : undefined;
}

/** The same for the log, which calls nobody by a number without its last digits: JSON keeps them, floating-point tensors do not. */
function nameIn(row: Question['rows'][number] | undefined, division: Division): string | undefined {
	const value = division.key === undefined ? undefined : own(row, division.key);
	return Number.isInteger(value) && !Number.isSafeInteger(value) ? undefined : keyIn(row, division);
}

/** Why a version cannot answer, by its name. */
function unready(name: string, version: number, thrown: unknown): MlopsError {
	const { message, details } = MlopsError.from(thrown);
	return new MlopsError('serve.model_unready', `Version ${version} of the model "${name}" cannot be loaded: ${message}`, {
		remedy: details.remedy,
		cause: thrown,
	});
}
