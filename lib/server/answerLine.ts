import type { RowResult } from '../app/predictRows.js';
import { dictionary } from '../domain/dictionary.js';
import { rowJson } from '../domain/json.js';
import type { Row } from './contract.js';

/** What the answers of one request have in common in the log (lib/store/log/contract.ts, `AnswerLine`). */
export interface LineHead {
	model: string;
	version: number;
	digest: string;
	alias: string | undefined;
	rollout: string | undefined;
	arm: string | undefined;
	door: string;
	ms: number;
}

let second = 0;
let stamp = '';
/** ISO 8601 in UTC; `toISOString` is called once a millisecond at most. */
function now(): string {
	const at = Date.now();
	if (at !== second) {
		second = at;
		stamp = new Date(at).toISOString();
	}
	return stamp;
}

/** Heads of lines whose text is remembered: a listener answers by few models, versions and arms at a time. */
const REMEMBERED = 8;
const heads: Array<{ of: LineHead; text: string }> = [];
let replaced = 0;

/** What a line says between its id and what differs from answer to answer. */
function headText(head: LineHead): string {
	const { model, version, digest, alias, rollout, arm, door } = head;
	for (const { of, text } of heads)
		if (
			of.digest === digest &&
			of.alias === alias &&
			of.arm === arm &&
			of.door === door &&
			of.version === version &&
			of.model === model &&
			of.rollout === rollout
		)
			return text;
	const text = `,${JSON.stringify({ model, version, digest, alias, rollout, arm, door }).slice(1, -1)},`;
	heads[replaced++ % REMEMBERED] = { of: head, text };
	return text;
}

/** What its caller calls it: what it asks about, and its own id of the request. */
interface LineNames {
	key?: string;
	request?: string;
}

/** A whole line of the log, with its end. */
export function answerLine(
	head: LineHead,
	id: string,
	{ key, request }: LineNames,
	row: Row,
	columns: ReadonlySet<string>,
	result: RowResult,
): string {
	const ms = Math.round(head.ms * 1000) / 1000;
	const input = inputOf(row, columns);
	const told =
		'answer' in result
			? { key, request, ms, input, prediction: result.answer.prediction, score: result.answer.score, warnings: result.answer.warnings }
			: { key, request, ms, input, prediction: null, score: [], error: result.error.message };
	// One text for all that differs: each piece of its own would have to be put together again.
	return `{"at":"${now()}","id":"${id}"${headText(head)}${jsonOf(told).slice(1)}\n`;
}

/** What is undefined does not reach the text. */
function jsonOf(told: { input: Row }): string {
	try {
		return JSON.stringify(told);
	} catch {
		// A value that nests too deep for it costs that value alone.
		return JSON.stringify({ ...told, input: JSON.parse(rowJson(told.input).text) as Row });
	}
}

/** The columns that the model knows, as they were sent. */
function inputOf(row: Row, columns: ReadonlySet<string>): Row {
	for (const name in row) {
		if (columns.has(name)) continue;
		const input = dictionary<unknown>();
		for (const column of columns) if (Object.hasOwn(row, column)) input[column] = row[column];
		return input;
	}
	return row;
}
