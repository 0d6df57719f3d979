import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv, { type AnySchema } from 'ajv';
import { parse } from 'yaml';
import { FRUIT_INPUTS } from './oip.js';
import { served, type Reply, type Served } from './served.js';

/** The protocol's own OpenAPI document. */
const FILE = join(__dirname, '../../../../shared/data/open_inference_rest.yaml');

let server: Served;
beforeAll(async () => {
	server = await served();
});
afterAll(async () => await server.close());

interface OpenApi {
	components: { schemas: Record<string, AnySchema> };
	paths: Record<string, object>;
}

(existsSync(FILE) ? describe : describe.skip)("by the Open Inference Protocol's own OpenAPI document", () => {
	const document = existsSync(FILE) ? (parse(readFileSync(FILE, 'utf8')) as OpenApi) : { components: { schemas: {} }, paths: {} };
	const ajv = new Ajv({ strict: false });
	ajv.addSchema(document, 'oip');
	const check = (name: string, value: unknown): unknown => {
		const validate = ajv.getSchema(`oip#/components/schemas/${name}`)!;
		return validate(value) ? undefined : validate.errors;
	};

	it.each<[string, () => Promise<Reply>]>([
		['metadata_server_response', () => server.get('/v2/')],
		['metadata_model_response', () => server.get('/v2/models/fruit')],
		['metadata_model_response', () => server.get('/v2/models/price.v2/versions/1')],
		['metadata_model_error_response', () => server.get('/v2/models/nobody')],
		['inference_response', () => server.post('/v2/models/fruit/infer', { inputs: FRUIT_INPUTS })],
		[
			'inference_response',
			() => server.post('/v2/models/grade/versions/2/infer', { id: '42', inputs: FRUIT_INPUTS, parameters: { reasons: 2 } }),
		],
		['inference_error_response', () => server.post('/v2/models/fruit/infer', { inputs: [] })],
		['inference_error_response', () => server.post('/v2/models/fruit/versions/9/infer', { inputs: FRUIT_INPUTS })],
		['inference_error_response', () => server.post('/v2/models/fruit/infer', '{')],
	])('%s', async (schema, ask) => {
		const { json, status } = await ask();
		expect(check(schema, json)).toBeUndefined();
		expect('error' in (json as object)).toBe(status >= 400);
	});

	it('has each of its addresses', async () => {
		const addresses = Object.entries(document.paths).map(([path, verbs]) => ({
			url: path.replace(/\$\{MODEL_NAME\}/, 'fruit').replace(/\$\{MODEL_VERSION\}/, '1'),
			verb: Object.keys(verbs).find((word) => word === 'get' || word === 'post')!,
		}));
		expect(addresses).toHaveLength(6);
		for (const { url, verb } of addresses) {
			const { status } = verb === 'get' ? await server.get(url) : await server.post(url, { inputs: FRUIT_INPUTS });
			expect([url, status]).toEqual([url, 200]);
		}
	});
});
