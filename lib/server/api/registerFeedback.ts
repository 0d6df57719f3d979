import type { FastifyInstance, FastifyRequest } from 'fastify';
import { MlopsError } from '../../domain/errors.js';
import type { ItemFeedback } from '../../domain/item.js';
import type { Guard, Serving } from '../contract.js';
import { textOf } from '../doors/shared/jsonBody.js';
import { assertUnpacked } from '../readJson.js';
import type { FeedbackCall } from './takeFeedback.js';
import { cutText } from '../../domain/text.js';

/** How rows may come besides JSON. */
const LINES = ['application/x-ndjson', 'application/ndjson', 'application/jsonl', 'application/x-jsonlines'];
const CSV = 'text/csv';
/** A body that is no JSON, and what it is. A table stays as it came: what its bytes mean is found where tables are read. */
class TableBody {
	constructor(readonly content: { lines: string } | { csv: Uint8Array<ArrayBuffer> }) {}
}

const FORMS = 'one truth { "id": ..., "truth": ... }, a list of these, { "truths": [...] }, JSON lines, or CSV';
const NAMES = ['id', 'key', 'time', 'truth', 'model', 'batch', 'empty'] as const;

/**
 * `POST /v1/feedback`: what turned out to be true, of one answer or of many, as JSON, JSON lines (`application/x-ndjson`) or CSV
 * (`text/csv`, in whatever encoding; `?id=`, `?key=`, `?time=` and `?truth=` name its columns). Answers with counts when all that was taken
 * is on the disk; a bad row has its reason and stops no other.
 */
export function registerFeedback(app: FastifyInstance, serving: Serving, guard: Guard): void {
	app.register(async (routes) => {
		const parsed =
			(contentOf: (request: FastifyRequest, body: Buffer) => TableBody['content']) =>
			async (request: FastifyRequest, body: string | Buffer) =>
				new TableBody(contentOf(request, body as Buffer));
		routes.addContentTypeParser(
			LINES,
			{ parseAs: 'buffer' },
			parsed(({ headers }, body) => ({ lines: textOf({ headers, body }) })),
		);
		routes.addContentTypeParser(
			CSV,
			{ parseAs: 'buffer' },
			parsed(({ headers }, body) => {
				assertUnpacked(headers);
				return { csv: new Uint8Array(body) };
			}),
		);
		routes.post('/v1/feedback', { ...guard('feedback'), config: { door: 'feedback' } }, async (request) => {
			const { call, single } = callOf(request);
			const told = (await serving.call('feedback', call)) as ItemFeedback;
			const [refusal] = told.refusals ?? [];
			if (!single || !refusal) return told;
			const { code: _code, message, row: _row, ...details } = refusal;
			throw new MlopsError('truth.invalid', message, details);
		});
	});
}

function callOf(request: FastifyRequest): { call: FeedbackCall; single: boolean } {
	const { apiKey, body } = request;
	const asked = { ...namesIn(request.query), ...(isObject(body) && Array.isArray(body.truths) ? namesIn(body) : {}) };
	const { id, key, time, truth, model, batch, empty } = asked;
	const call = {
		fields: { id, key, time, truth },
		model,
		batch,
		// A table has rows in which nothing stands yet; in JSON null takes back.
		gaps: empty === undefined ? body instanceof TableBody && 'csv' in body.content : empty === 'leave',
		by: apiKey ? `key "${apiKey.label}" (${apiKey.id})` : 'a caller without a key',
		models: apiKey?.models,
	};
	if (body instanceof TableBody) return { call: { ...call, ...body.content }, single: false };
	if (Array.isArray(body)) return { call: { ...call, rows: body }, single: false };
	if (!isObject(body)) throw new MlopsError('serve.request_invalid', 'The body says nothing.', { expected: FORMS });
	return Array.isArray(body.truths)
		? { call: { ...call, rows: body.truths }, single: false }
		: { call: { ...call, rows: [body] }, single: true };
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What addresses or bodies say of all rows; what is misspelt must not be left out without a word. @throws `serve.request_invalid` */
function namesIn(from: unknown): Partial<Record<(typeof NAMES)[number], string>> {
	const said = Object.entries(from as Record<string, unknown>);
	const other = said.find(([name]) => name !== 'truths' && !NAMES.some((known) => known === name));
	if (other)
		throw new MlopsError('serve.request_invalid', `"${cutText(other[0], 100)}" means nothing here.`, { expected: NAMES.join(', ') });
	const given = said.filter(([name, value]) => name !== 'truths' && value !== undefined && value !== null);
	for (const [name, value] of given)
		if (typeof value !== 'string' || value.length > 200 || (name === 'empty' && !['leave', 'takeBack'].includes(value)))
			throw new MlopsError('serve.request_invalid', `"${name}" is not as it should be.`, {
				expected: name === 'empty' ? 'leave or takeBack' : 'a text of at most 200 characters',
			});
	return Object.fromEntries(given);
}
