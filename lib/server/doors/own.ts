import { dictionary } from '../../domain/dictionary.js';
import type { FastifyInstance } from 'fastify';
import type { RowResult } from '../../app/predictRows.js';
import { changesAsked, type ChangesAsked } from '../../domain/changes.js';
import { MlopsError } from '../../domain/errors.js';
import type { Answered, Door, Question, Row, Serving, Target } from '../contract.js';
import { JSON_TYPE, type DirectRequest } from '../direct/directDoor.js';
import { tooManyRows } from '../failures.js';
import { callerName, headerKey, headerRequestId } from './shared/callerNames.js';
import { cutText } from '../../domain/text.js';

interface Asked {
	Params: { model: string; version?: string; alias?: string };
	/** What stands behind `?`, whatever that is. */
	Querystring: Readonly<Record<string, unknown>>;
}

/** What an answer of this door is made of: a request of the framework, or a plain one. */
interface Asking extends DirectRequest {
	params: Asked['Params'];
	query: Asked['Querystring'];
}

/** Our own protocol: rows by the names of their columns, answers with model, version, arm and the id by which their truth comes back. */
export const own: Door = {
	id: 'own',
	label: 'n8n-nodes-mlops, version 1',
	register(app: FastifyInstance, serving, guard) {
		for (const which of ['', '/versions/:version', '/aliases/:alias']) {
			for (const verb of ['predict', 'explain'] as const) {
				const options = { ...guard(SCOPE), config: { door: own.id } };
				app.post<Asked>(`/v1/models/:model${which}/${verb}`, options, (request, reply) => {
					const { body, apiKey, startedAt, params, query } = request;
					const asking = { body, apiKey, startedAt, params, query, requestId: headerRequestId(request) };
					const said = answerOf(serving, verb, asking, headerKey(request));
					const send = (text: string): unknown => reply.type(JSON_TYPE).send(text);
					return typeof said === 'string' ? send(said) : said.then(send);
				});
			}
		}
	},
	direct(serving) {
		return (target) => {
			const [, model, which, name, verb, reasons] = ADDRESS.exec(target) ?? [];
			if (model === undefined) return undefined;
			const params: Asked['Params'] = { model, ...(which === 'versions' ? { version: name } : which ? { alias: name } : {}) };
			const query: Asked['Querystring'] = reasons === undefined ? {} : { reasons };
			return {
				door: own.id,
				params,
				scope: SCOPE,
				answer: (request) => answerOf(serving, verb, { ...request, params, query }),
			};
		};
	},
};

const SCOPE = 'predict';
/** The addresses above with names that need no decoding. */
const ADDRESS = /^\/v1\/models\/([\w.-]{1,200})(?:\/(versions|aliases)\/([\w.-]{1,200}))?\/(predict|explain)(?:\?reasons=(\d{1,4}))?$/;

function answerOf(
	serving: Serving,
	verb: string,
	{ params, query, body, apiKey, startedAt, requestId }: Asking,
	/** As the header says it; the body goes before it. */
	key?: string,
): string | Promise<string> {
	const explain = verb === 'explain';
	const { question, single } = asked(body, targetOf(params), reasonsOf(query, explain), serving.maxRows);
	question.key ??= key;
	question.requestId ??= requestId;
	question.startedAt = startedAt;
	question.caller = apiKey;
	const answered = serving.ask(question);
	return answered instanceof Promise ? answered.then((done) => text(done, single, explain)) : text(answered, single, explain);
}

function targetOf({ model, version, alias }: Asked['Params']): Target {
	if (version === undefined) return { model, ...(alias === undefined ? {} : { alias }) };
	return { model, version: versionIn(version) };
}

/** The number of a version in an address. @throws `serve.request_invalid` */
export function versionIn(version: string): number {
	if (!/^\d{1,9}$/.test(version))
		throw new MlopsError('serve.request_invalid', `"${cutText(version, 50)}" is no number of a version.`, {
			expected: 'a whole number such as 3; aliases are at /aliases/NAME',
		});
	return Number(version);
}

const MOST_REASONS = 1000;

function reasonsOf(query: Asked['Querystring'], explain: boolean): number | 'all' {
	// What is misspelt, or said of another address, must not be left out without a word.
	for (const name in query)
		if (explain || name !== 'reasons')
			throw new MlopsError('serve.request_invalid', `"${cutText(name, 100)}" means nothing here, behind the "?" of the address.`, {
				expected: explain ? 'nothing: explain tells the share of every column (predict takes ?reasons=3)' : 'reasons, as in ?reasons=3',
				remedy: 'Versions and aliases stand in the path, keys and ids in the body.',
			});
	if (explain) return 'all';
	const { reasons: text } = query;
	if (text === undefined || text === '') return 0;
	const count = Number(text);
	if (Number.isInteger(count) && count >= 0 && count <= MOST_REASONS) return count;
	throw new MlopsError('serve.request_invalid', '"reasons" is no number of reasons.', {
		expected: `a whole number from 0 to ${MOST_REASONS}`,
		found: cutText(String(text), 50),
	});
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

const FORMS = 'one of { "row": {...} }, { "rows": [{...}, ...] } or { "columns": { "name": [...], ... } }';

const FIELDS = ['row', 'rows', 'columns', 'key', 'keys', 'requestId', 'changes'];
const FIELDS_TEXT = 'row, rows or columns, with key, keys, requestId and changes beside; values of columns stand inside of them';

const wrong = (message: string, expected: string = FORMS): MlopsError =>
	new MlopsError('serve.request_invalid', message, { expected, remedy: 'GET /openapi.json shows an example for each model.' });

/** Reads a body. A list alone is rows. */
function asked(body: unknown, target: Target, reasons: number | 'all', maxRows: number): { question: Question; single: boolean } {
	if (Array.isArray(body)) return { question: { ...target, rows: rowsIn(body), reasons, caller: undefined, door: own.id }, single: false };
	if (!isObject(body)) throw wrong('The body holds no question.');
	const { row, rows, columns, key, keys, requestId, changes } = body;
	// A field that is misspelt must not be left out without a word.
	for (const name of Object.keys(body))
		if (!FIELDS.includes(name)) throw wrong(`The body has a field "${cutText(name, 100)}", which means nothing here.`, FIELDS_TEXT);
	const given = Number(row !== undefined) + Number(rows !== undefined) + Number(columns !== undefined);
	if (given !== 1) throw wrong(given === 0 ? 'The body holds no rows.' : 'The body holds rows twice.');
	const question: Question = { ...target, rows: [], reasons, caller: undefined, door: own.id };
	if (row !== undefined) {
		if (!isObject(row)) throw wrong('"row" is no object with values by column.');
		question.rows = [row];
	} else question.rows = rows === undefined ? transposed(columns, maxRows) : rowsIn(rows);
	question.key = callerName('key', key, LONGEST_TEXT);
	if (keys !== undefined && keys !== null) {
		if (!Array.isArray(keys) || keys.length !== question.rows.length)
			throw wrong('"keys" must be a list with one entry a row.', `${question.rows.length} keys`);
		question.keys = keys.map((one) => callerName('keys', one, LONGEST_TEXT));
	}
	if (changes !== undefined && changes !== null) question.changes = changesIn(changes);
	question.requestId = callerName('requestId', requestId, LONGEST_TEXT);
	return { question, single: row !== undefined };
}

/** What would change the answers. @throws `serve.request_invalid` */
function changesIn(value: unknown): ChangesAsked {
	const read = changesAsked.safeParse(value);
	if (read.success) return read.data;
	throw wrong('"changes" does not say which columns may change.', '{ "columns": ["name", ...], "wish": "a class" or ">= 250" }');
}

const LONGEST_TEXT = 256;

function rowsIn(value: unknown): Row[] {
	if (!Array.isArray(value)) throw wrong('"rows" is no list.');
	const at = value.findIndex((one) => !isObject(one));
	if (at >= 0) throw wrong(`Row ${at + 1} is no object with values by column.`);
	return value as Row[];
}

function transposed(columns: unknown, maxRows: number): Row[] {
	if (!isObject(columns)) throw wrong('"columns" is no object with a list of values by column.');
	const entries = Object.entries(columns);
	let count: number | undefined;
	for (const [name, values] of entries) {
		if (!Array.isArray(values)) throw wrong(`The column "${cutText(name, 100)}" is no list.`);
		count ??= values.length;
		if (values.length !== count) {
			const said = `The column "${cutText(name, 100)}" has ${values.length} values, "${cutText(entries[0][0], 100)}" has ${count}.`;
			throw wrong(said, 'as many in each');
		}
	}
	// Before rows are made of them: millions would take seconds.
	if (count !== undefined && count > maxRows) throw tooManyRows(count, maxRows);
	return Array.from({ length: count ?? 0 }, (_, i) => dictionary(entries.map(([name, values]) => [name, (values as unknown[])[i]])));
}

/**
 * One row's answer as people get it. What is undefined does not reach the text: objects with the same fields are quicker than lists of
 * them.
 */
function rowAnswer(id: string, result: RowResult, explain: boolean): Record<string, unknown> {
	if ('error' in result) {
		const { code, message, details } = result.error;
		return { id, error: { code, message, ...details } };
	}
	const { own: more, reasons } = result.answer;
	const told: Record<string, unknown> = { id, ...result.answer, score: undefined };
	if (more) Object.assign(told, { own: undefined }, more);
	if (reasons && explain) Object.assign(told, { reasons: undefined, contributions: reasons });
	return told;
}

function text({ model, version, alias, rollout, arm, arms, requestId, results, ids }: Answered, single: boolean, explain: boolean): string {
	const head = { model, version, alias, rollout, arm, requestId };
	// Rows of several callers say each by whom they were answered.
	const said = (i: number): Record<string, unknown> => ({ ...rowAnswer(ids[i], results[i], explain), ...arms?.[i] });
	if (!single)
		return JSON.stringify({
			...head,
			answers: arms ? results.map((_, i) => said(i)) : results.map((result, i) => rowAnswer(ids[i], result, explain)),
		});
	const [result] = results;
	// The only row is the request: where it is refused, so is this.
	if ('error' in result) throw MlopsError.fromJSON(result.error);
	return JSON.stringify({ ...head, ...rowAnswer(ids[0], result, explain) });
}
