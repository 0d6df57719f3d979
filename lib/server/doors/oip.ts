import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { packageVersion } from '../../app/codeVersion.js';
import type { ColumnType } from '../../domain/column.js';
import type { ModelManifest } from '../../domain/model.js';
import { modelsFor } from '../api/registerModels.js';
import type { Door, Serving, Target } from '../contract.js';
import { readTensors, rowsOf } from './oip/request.js';
import { outputsOf, respond, USUAL_REASONS, wantedOutputs } from './oip/oipOutputs.js';
import { askAll, askParams, errorText, told, versionOf } from './shared/ask.js';
import { withBytes } from './shared/bodies.js';
import { bytesOf, invalid, readJson, textOf } from './shared/jsonBody.js';
import { assertUnpacked } from '../readJson.js';
import { cutText } from '../../domain/text.js';

const HEADER_LENGTH = 'inference-header-content-length';

interface Address {
	Params: { model: string; version?: string };
}

const targetOf = ({ model, version }: Address['Params']): Target => ({ model, ...versionOf(version) });

/**
 * The Open Inference Protocol, version 2, over HTTP, with binary tensor data: what KServe, Triton, MLServer and their clients speak. A
 * version in an address may also be an alias. Missing values are null in JSON and NaN in floating-point data; empty text is read as the
 * model reads empty cells.
 */
export const oip: Door = {
	id: 'oip',
	label: 'Open Inference Protocol V2 (REST)',
	under: { path: '/v2/', failure: errorText },
	register(app, serving, guard) {
		const config = { door: 'oip', failure: errorText };
		const probe = { config: { ...config, always: true } };
		app.get('/v2/health/live', probe, () => ({ live: true }));
		app.get('/v2/health/ready', probe, (_request, reply) => {
			const ready = serving.allReady();
			return reply.code(ready ? 200 : 503).send({ live: true, ready });
		});
		const asked = { config, ...guard('predict') };
		const server = { name: 'n8n-nodes-mlops', version: packageVersion(), extensions: ['binary_tensor_data'] };
		app.get('/v2', asked, () => server);
		app.get('/v2/', asked, () => server);
		// Not in the specification; KServe's own server has it.
		app.get('/v2/models', asked, ({ apiKey }) => ({ models: modelsFor(serving, apiKey).map(({ name }) => name) }));
		for (const path of ['/v2/models/:model', '/v2/models/:model/versions/:version']) {
			app.get<Address>(path, asked, async ({ params }) => await metadata(serving, targetOf(params)));
			// What looks after containers has no key: it may ask of a name that it knows.
			app.get<Address>(`${path}/ready`, probe, ({ params }, reply) => {
				const ready = serving.ready(targetOf(params));
				return reply.code(ready ? 200 : 503).send({ name: params.model, ready });
			});
			withBytes(app, (scope: FastifyInstance) => {
				scope.post<Address>(`${path}/infer`, asked, async (request, reply) => await infer(serving, request, reply));
			});
		}
	},
};

async function infer(serving: Serving, request: FastifyRequest<Address>, reply: FastifyReply): Promise<FastifyReply> {
	const target = targetOf(request.params);
	const { manifest, key } = await serving.manifest(target);
	const [head, binary] = halves(request);
	const question = readJson(textOf(request, head));
	const { id } = question;
	if (id !== undefined && id !== null && (typeof id !== 'string' || id.length > 500))
		throw invalid('"id" should be a text of at most 500 characters.');
	const params = askParams(question.parameters, 'parameters');
	const wanted = wantedOutputs(question, manifest, params.reasons !== undefined && params.reasons !== 0);
	const { rows } = rowsOf(readTensors(question, binary), { signature: manifest.signature, mostRows: serving.maxRows, key });
	const reasons = params.reasons ?? (wanted.some(({ name }) => name === 'reasons') ? USUAL_REASONS : 0);
	const answered = await askAll(serving, request, {
		...target,
		...params,
		rows,
		reasons,
		door: 'oip',
		requestId: id?.toWellFormed() || undefined,
	});
	const { json, binary: data } = respond(answered, wanted, answered.requestId);
	void told(reply, answered);
	if (!data.length) return reply.send(json);
	const text = Buffer.from(JSON.stringify(json), 'utf8');
	return reply
		.header(HEADER_LENGTH, String(text.length))
		.type('application/octet-stream')
		.send(Buffer.concat([text, ...data]));
}

/** The JSON object of a body, and the binary data behind it. @throws `serve.request_invalid` where the header lies */
function halves({ body, headers }: FastifyRequest): [head: Buffer, binary: Buffer] {
	// Its length is that of what was packed.
	assertUnpacked(headers);
	const bytes = bytesOf(body);
	const length = headers[HEADER_LENGTH];
	if (length === undefined) return [bytes, bytes.subarray(bytes.length)];
	const n = typeof length === 'string' && /^\d{1,15}$/.test(length) ? Number(length) : NaN;
	if (n <= bytes.length) return [bytes.subarray(0, n), bytes.subarray(n)];
	throw invalid('The header Inference-Header-Content-Length should be the length of the JSON object in bytes.', {
		expected: `at most ${bytes.length}`,
		found: cutText(String(length), 60),
	});
}

async function metadata(serving: Serving, target: Target): Promise<Record<string, unknown>> {
	const { manifest } = await serving.manifest(target);
	const { name, versions } = serving.model(target.model);
	return {
		name,
		versions: Object.keys(versions),
		platform: 'n8n-nodes-mlops',
		inputs: manifest.signature.map((column) => ({ name: column.name, datatype: datatypeOf(column, manifest), shape: [-1] })),
		outputs: outputsOf(manifest).map((output) => ({ name: output.name, datatype: output.datatype, shape: [-1] })),
	};
}

/** Dates are text, as people write them. */
const DATATYPE: Record<ColumnType, string> = {
	number: 'FP64',
	integer: 'INT64',
	boolean: 'BOOL',
	datetime: 'BYTES',
	category: 'BYTES',
	text: 'BYTES',
};

/** Whole numbers that may be missing are FP64, since INT64 has no value for "missing". */
function datatypeOf({ name, type }: ModelManifest['signature'][number], { seen = [] }: ModelManifest): string {
	const gaps = type === 'integer' && seen.some((column) => column.name === name && column.missing > 0);
	return gaps ? 'FP64' : DATATYPE[type];
}
