import type { FastifyReply, FastifyRequest } from 'fastify';
import { packageVersion } from '../../app/codeVersion.js';
import { assertModel } from '../auth.js';
import { cloudOf } from '../clouds.js';
import type { Door, Serving, Target } from '../contract.js';
import { modelsFor } from '../api/registerModels.js';
import { askAll, askParams, sentence, told, type AskParams } from './shared/ask.js';
import { withBytes } from './shared/bodies.js';
import { headerKey, headerName } from './shared/callerNames.js';
import { csvCells } from './shared/csvCells.js';
import { invalid, readJson, textOf } from './shared/jsonBody.js';
import { records } from './shared/recordBody.js';
import { fromLists, fromRecords, listed, readRows, type Expected, type ReadRows } from './shared/readRows.js';
import { cutText } from '../../domain/text.js';

type Fields = Record<string, unknown>;

/** SageMaker's name for a request, by which its callers bring the truth: of row i of many it is that name with `-i` behind it. */
const INFERENCE_ID = 'x-amzn-sagemaker-inference-id';

/**
 * MLflow's scoring server, which is also SageMaker's contract for containers: `/invocations` with the four forms of JSON, and CSV; `/ping`.
 * Columns that the model does not have are left out, as MLflow does it, and a header says so. A prediction is an object of the columns that
 * our models have as MLflow folders. Of a server with several models, `--model` says which is meant; or the address does, as MLflow's
 * clients of deployments ask (`mlflow.deployments`, at Databricks `/serving-endpoints`): each model is an endpoint of its name.
 */
export const mlflow: Door = {
	id: 'mlflow',
	label: 'MLflow scoring server, SageMaker container',
	register(app, serving, guard) {
		const config = {
			door: 'mlflow',
			failure: (error: Parameters<typeof sentence>[0], status: number) => ({
				error_code: status === 404 ? 'RESOURCE_DOES_NOT_EXIST' : status >= 500 ? 'INTERNAL_ERROR' : 'BAD_REQUEST',
				message: sentence(error),
				code: error.code,
			}),
		};
		for (const path of ['/ping', '/health'])
			app.get(path, { config: { ...config, always: true } }, (_request, reply) => {
				const ready = isReady(serving);
				return reply
					.code(ready ? 200 : 503)
					.type('application/json')
					.send('\n');
			});
		app.get('/version', { config }, (_request, reply) => reply.type('application/json').send(packageVersion()));
		const checked = cloudOf(process.env)?.predictPath === '/invocations';
		withBytes(app, (scope) => {
			scope.post(
				'/invocations',
				{ config, ...(checked ? {} : guard('predict')) },
				async (request, reply) => await invoke(serving, serving.only(), request, reply),
			);
			for (const path of ['/endpoints', '/serving-endpoints'])
				scope.post<Named>(
					`${path}/:model/invocations`,
					{ config, ...guard('predict') },
					async (request, reply) => await invoke(serving, { model: request.params.model }, request, reply),
				);
		});
		const asked = { config, ...guard('predict') };
		// MLflow's client asks with a slash at the end.
		for (const path of [ENDPOINTS, `${ENDPOINTS}/`])
			app.get(path, asked, ({ apiKey }) => ({ endpoints: modelsFor(serving, apiKey).map(({ name }) => endpointOf(name)) }));
		app.get<Named>(`${ENDPOINTS}/:model`, asked, ({ params }) => endpointOf(serving.model(params.model).name));
	},
};

interface Named {
	Params: { model: string };
}

const ENDPOINTS = '/api/2.0/endpoints';

/** A model as MLflow's clients of deployments know it (`mlflow.deployments.server.config.Endpoint`). */
const endpointOf = (name: string) => ({
	name,
	endpoint_type: 'mlflow/v1/invocations',
	model: { name, provider: 'n8n-nodes-mlops' },
	endpoint_url: `/endpoints/${encodeURIComponent(name)}/invocations`,
	limit: null,
});

/** Whether the model that is meant can answer; where none is, whether any can. */
function isReady(serving: Serving): boolean {
	try {
		return serving.ready(serving.only());
	} catch {
		return serving.models().length > 0 && serving.allReady();
	}
}

async function invoke(serving: Serving, target: Target, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
	// Before what is wrong with the rows says which columns the model has.
	if (request.apiKey) assertModel(request.apiKey, target.model, 'predict');
	const { manifest, key } = await serving.manifest(target);
	const expected = { signature: manifest.signature, mostRows: serving.maxRows, key };
	const { rows, unknown, params } = read(request, expected);
	const requestId = headerName(request, INFERENCE_ID);
	// A rollout that knows its callers by a column goes on to do so.
	const called = key !== undefined || (params.key ?? headerKey(request)) !== undefined;
	const keys = requestId === undefined || called ? {} : keysOf(requestId, rows.length);
	const answered = await askAll(serving, request, { ...target, ...params, ...keys, rows, door: 'mlflow', requestId });
	void told(reply, answered, unknown);
	return { predictions: records(answered) };
}

/** The platform merges answers with their truth by its id of the request, so that this is a key where the caller gives none. */
const keysOf = (id: string, rows: number): { key?: string; keys?: string[] } =>
	rows === 1 ? { key: id } : { keys: Array.from({ length: rows }, (_, i) => `${id}-${i}`) };

function read(request: FastifyRequest, expected: Expected): ReadRows & { params: AskParams } {
	const [type, ...more] = (request.headers['content-type'] ?? 'application/json').split(';').map((part) => part.trim().toLowerCase());
	const settings = new Map(more.map((part) => part.split('=').map((side) => side.trim().replace(/^"(.*)"$/, '$1')) as [string, string]));
	const charset = settings.get('charset');
	if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8')
		throw invalid('The body should be UTF-8.', { expected: 'charset=utf-8', found: cutText(charset, 60), remedy: 'Send it in UTF-8.' });
	if (type === 'application/json') return fromJson(readJson(textOf(request)), expected);
	if (type === 'text/csv') return { ...fromCsv(textOf(request), settings.get('header') !== 'absent', expected), params: {} };
	throw invalid(`Bodies of the type "${cutText(type, 100)}" are not read here.`, {
		expected: 'application/json or text/csv',
		remedy: 'Send JSON or CSV.',
	});
}

const FORMS = ['dataframe_split', 'dataframe_records', 'instances', 'inputs'] as const;

function fromJson(question: Fields, expected: Expected): ReadRows & { params: AskParams } {
	const given = FORMS.filter((form) => question[form] !== undefined);
	if (given.length !== 1)
		throw invalid(`The body should have exactly one of ${listed(FORMS)}.`, {
			found: given.length ? listed(given) : listed(Object.keys(question)),
			remedy: 'Send the rows in one of these forms.',
		});
	const [form] = given;
	const params = askParams(question.params, 'params', []);
	const value = question[form];
	if (form === 'dataframe_split') return { ...fromSplit(value, expected), params };
	if (form !== 'dataframe_records') return { ...readRows(value, form, expected), params };
	if (!Array.isArray(value)) throw invalid('"dataframe_records" should be a list of objects.');
	return { ...fromRecords(value, form, expected), params };
}

/** A table as pandas writes it with `orient="split"`; without `columns` the values stand in the order of the signature. */
function fromSplit(value: unknown, expected: Expected): ReadRows {
	const { columns, data } = (typeof value === 'object' && value !== null ? value : {}) as { columns?: unknown; data?: unknown };
	if (!Array.isArray(data) || !data.every(Array.isArray))
		throw invalid('"dataframe_split" should have a list "data" of lists, one a row.', {
			expected: '{ "columns": [...], "data": [[...], ...] }',
		});
	if (columns === undefined || columns === null)
		return fromLists(
			data,
			expected.signature.map(({ name }) => name),
			expected,
		);
	if (!Array.isArray(columns) || !columns.every((name) => typeof name === 'string')) throw invalid('"columns" should be a list of names.');
	return fromLists(data, once(columns), expected);
}

/** @throws `serve.request_invalid` where a column is there twice: which of them counts, nobody knows */
function once(names: readonly string[]): readonly string[] {
	const twice = names.find((name, i) => names.indexOf(name) !== i);
	if (twice === undefined) return names;
	throw invalid(`The column "${twice}" is there twice.`, { column: twice, remedy: 'Send each column once.' });
}

/** SageMaker's own models take CSV without a header; RFC 4180 has a word for it, `text/csv; header=absent`. */
function fromCsv(text: string, header: boolean, expected: Expected): ReadRows {
	const names = expected.signature.map(({ name }) => name);
	const lines = csvCells(text);
	if (!header) return fromLists(lines, names, expected);
	const [first, ...rows] = lines;
	if (!first) throw invalid('The body is empty.', { expected: 'CSV with the names of the columns in its first line' });
	if (!first.some((name) => names.includes(name)))
		throw invalid('The first line of the CSV text names no column of the model.', {
			expected: listed(names),
			found: listed(first),
			remedy: 'Send the names in the first line, or the header "Content-Type: text/csv; header=absent" and the columns in this order.',
		});
	return fromLists(rows, once(first), expected);
}
