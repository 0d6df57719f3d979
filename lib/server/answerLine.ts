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

const told = (name: string, value: string | undefined): string => (value === undefined ? '' : `,"${name}":${JSON.stringify(value)}`);

/** A whole line of the log, with its end. */
export function answerLine(
	head: LineHead,
	id: string,
	key: string | undefined,
	row: Row,
	columns: ReadonlySet<string>,
	result: RowResult,
): string {
	const { model, version, digest, alias, rollout, arm, door, ms } = head;
	const answer =
		'answer' in result
			? `"prediction":${JSON.stringify(result.answer.prediction)},"score":${JSON.stringify(result.answer.score)}` +
				(result.answer.warnings ? `,"warnings":${JSON.stringify(result.answer.warnings)}` : '')
			: `"prediction":null,"score":[]${told('error', result.error.message)}`;
	return (
		`{"at":"${now()}","id":"${id}","model":${JSON.stringify(model)},"version":${version},"digest":"${digest}"${told('alias', alias)}` +
		`${told('rollout', rollout)}${told('arm', arm)},"door":"${door}"${told('key', key)},"ms":${Math.round(ms * 1000) / 1000},` +
		`"input":${inputJson(row, columns)},${answer}}\n`
	);
}

/** The columns that the model knows, as they were sent. */
function inputJson(row: Row, columns: ReadonlySet<string>): string {
	let input = row;
	for (const name in row) {
		if (columns.has(name)) continue;
		input = dictionary();
		for (const column of columns) if (Object.hasOwn(row, column)) input[column] = row[column];
		break;
	}
	try {
		return JSON.stringify(input);
	} catch {
		// A value that nests too deep for it costs that value alone.
		return rowJson(input).text;
	}
}
