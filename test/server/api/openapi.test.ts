import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { openApiDocument } from '../../../lib/server/api/openapi/document.js';
import { labelOf } from '../../../lib/server/api/openapi/modelPaths.js';
import { exampleRow } from '../../../lib/server/api/openapi/row.js';
import type { ModelManifest } from '../../../lib/domain/model.js';
import { EVIL_NAMES } from '../../evilNames.js';
import { contractChecks } from '../contractChecks.js';
import { modelOf } from './models.js';

/** What the built-in JSON of a document looks like to a reader. */
type Any = any; // eslint-disable-line @typescript-eslint/no-explicit-any

const options = { version: '1.2.3', left: [], whole: true };
const described = (name: string, manifest: ModelManifest, aliases = ['champion']) => ({
	name,
	version: 1,
	manifest,
	aliases,
	byNumber: true,
});
const read = (document: unknown): Any => JSON.parse(JSON.stringify(document));

const TARGETS = ['good', 'grade', 'price', ''] as const;
const models = new Map<string, Awaited<ReturnType<typeof modelOf>>>();
beforeAll(async () => {
	for (const target of TARGETS) models.set(target, await modelOf(target));
});
const manifestOf = (target: string): ModelManifest => models.get(target)!.predictor.manifest;

describe('the OpenAPI document of a model', () => {
	it('says of every column its type, what the training data held, and an example', () => {
		const { components } = read(openApiDocument([described('fruit', manifestOf('good'))], options));
		const row = components.schemas.fruit_v1_Row;
		expect(row.required).toEqual(['weight', 'days', 'colour <b>', 'since', 'ripe']);
		expect(row.properties.weight).toMatchObject({ type: ['number', 'null'], 'x-column': { type: 'number', min: 0.25, max: 99.25 } });
		expect(row.properties.weight.description).toMatch(
			/From 0\.25 to 99\.25 in the training data\. Missing in \d+(\.\d+)? % of the training rows\./,
		);
		expect(row.properties['colour <b>'].examples).toEqual(expect.arrayContaining(['red', 'green', 'blue', 'Größe, "gelb"']));
		expect(row.properties['colour <b>'].enum).toBeUndefined();
		expect(row.properties.since.anyOf[0]).toEqual({ type: 'string', format: 'date-time' });
		expect(row.properties.ripe.type).toEqual(['boolean', 'null']);
	});

	it.each(TARGETS)('has an example row that the model answers (%s)', (target) => {
		const { predictor } = models.get(target)!;
		const answer = predictor.answer(exampleRow(predictor.manifest), 3);
		expect(answer.warnings).toBeUndefined();
	});

	it('names the classes of an answer, or its type', () => {
		const schemas = (target: string, what: string): Any =>
			read(openApiDocument([described('m', manifestOf(target))], options)).components.schemas[`m_v1_${what}`].properties;
		expect(schemas('good', 'Answer').prediction.enum).toEqual(['no', 'yes']);
		expect(schemas('grade', 'Answer').prediction.enum).toEqual([1, 2, 3]);
		expect(schemas('grade', 'Answer').probabilities.required).toEqual(['1', '2', '3']);
		expect(schemas('price', 'Answer').prediction.type).toBe('number');
		expect(schemas('price', 'Answer').probability).toBeUndefined();
		expect(schemas('', 'Answer')).toMatchObject({
			prediction: { type: 'string' },
			anomaly: { type: 'boolean' },
			anomaly_score: { type: 'number' },
		});
	});

	it('has an address for the champion, each alias and the version, and keeps names apart that differ in odd signs alone', () => {
		const one = described('a b/ü', manifestOf('good'), ['champion', 'try me']);
		const other = { ...described('a_b_ü', manifestOf('price'), []), version: 2 };
		const { paths, components } = read(openApiDocument([one, other], options));
		expect(Object.keys(paths).filter((p) => p.startsWith('/v1/models/') && p.endsWith('/predict'))).toEqual([
			'/v1/models/a%20b%2F%C3%BC/predict',
			'/v1/models/a%20b%2F%C3%BC/aliases/champion/predict',
			'/v1/models/a%20b%2F%C3%BC/aliases/try%20me/predict',
			'/v1/models/a%20b%2F%C3%BC/versions/1/predict',
			'/v1/models/a_b_%C3%BC/versions/2/predict',
		]);
		expect(labelOf(one)).not.toBe(labelOf({ ...other, version: 1 }));
		expect(Object.keys(components.schemas).every((name) => /^[A-Za-z0-9._-]+$/.test(name))).toBe(true);
	});

	it('lists the headers by which callers name what they ask about, and their request', () => {
		const { paths, components } = read(openApiDocument([described('m', manifestOf('good'))], options));
		const named = (path: string): unknown[] =>
			paths[path].post.parameters.map(({ $ref }: { $ref: string }) => components.parameters[$ref.split('/').at(-1)!].name);
		expect(named('/v1/models/m/predict')).toEqual(['reasons', 'X-MLOps-Key', 'X-Request-Id']);
		expect(named('/v1/models/m/versions/1/explain')).toEqual(['X-MLOps-Key', 'X-Request-Id']);
	});

	it('says what cannot answer, and why', () => {
		const { info } = read(openApiDocument([], { ...options, left: [{ name: 'fruit, version 3', reason: 'The file is cut off.' }] }));
		expect(info.description).toContain('fruit, version 3 (The file is cut off.)');
	});
});

describe('the OpenAPI document of a whole server', () => {
	const document = read(openApiDocument([], options));

	it('says how the truth is told, in each form that is taken', () => {
		const { requestBody, parameters, security } = document.paths['/v1/feedback'].post;
		expect(Object.keys(requestBody.content)).toEqual(['application/json', 'application/x-ndjson', 'text/csv']);
		expect(parameters.find((p: Any) => p.name === 'empty').schema.enum).toEqual(['leave', 'takeBack']);
		expect(security).toEqual([{ bearer: ['feedback'] }, { apiKey: ['feedback'] }]);
	});

	it('says what starts a rollout of each kind as the form of Deploy does, without what only forms need', () => {
		const { Start_canary: canary, Start_shadow: shadow, Start_ab: ab } = document.components.schemas;
		expect(canary.properties.shares).toMatchObject({ type: 'array', default: [5, 25, 50] });
		expect(canary.required).toEqual(['kind', 'version']);
		expect(shadow.properties.kind).toEqual({ const: 'shadow' });
		expect(ab.properties.answers.default).toBe(20_000);
		expect(JSON.stringify(document)).not.toMatch(/"(ui|labels|advanced)":/);
	});

	it('leaves protocols of others to their own specifications, and links to them', () => {
		expect(Object.keys(document.paths).filter((path) => /^\/(v2|invocations|ping)/.test(path))).toEqual([]);
		for (const name of ['open-inference-protocol', 'tensorflow.org', 'mlflow.org', 'sagemaker', 'vertex-ai'])
			expect(document.info.description).toContain(name);
	});
});

/** A model all of whose names are hostile. */
function evil(): ModelManifest {
	const manifest = manifestOf('good');
	const [first] = manifest.signature;
	const names = EVIL_NAMES.map((name) => name.toWellFormed());
	return {
		...manifest,
		signature: names.map((name) => ({ ...first, name })),
		seen: names.map((name) => ({ name, missing: 0, levels: { values: names, rows: names.map(() => 1), more: 0 } })),
		classes: names,
		example: Object.fromEntries(names.map((name) => [name, 1])),
	};
}

it('holds every column and class whatever they are called', () => {
	const { components } = read(openApiDocument([described('<script>', evil())], options));
	const label = labelOf({ name: '<script>', version: 1 });
	for (const name of EVIL_NAMES) expect(Object.hasOwn(components.schemas[`${label}_Row`].properties, name.toWellFormed())).toBe(true);
	expect(components.schemas[`${label}_Answer`].properties.probabilities.required).toHaveLength(EVIL_NAMES.length);
});

/** Its command line reads YAML, whose parser takes some signs in names for line ends. */
const VALIDATE = `
import json, sys
from openapi_spec_validator import OpenAPIV31SpecValidator
OpenAPIV31SpecValidator(json.load(sys.stdin)).validate()
print('valid 3.1')`;

describe('a validator that we did not write (openapi-spec-validator)', () => {
	let missing: string | undefined;
	beforeAll(async () => {
		missing = await contractChecks.missing();
		if (missing) console.warn(`Skipped, the document is not checked by openapi-spec-validator: ${missing}.`);
	}, 300_000);

	const validate = async (document: unknown): Promise<void> => {
		if (missing) return;
		const child = promisify(execFile)(contractChecks.python, ['-c', VALIDATE]);
		child.child.stdin!.end(JSON.stringify(document));
		expect((await child).stdout).toBe('valid 3.1\n');
	};

	it('finds the document of all kinds of models to be OpenAPI 3.1', async () => {
		await validate(
			openApiDocument(
				TARGETS.map((t) => described(`model ${t}`, manifestOf(t), ['champion', 'staging'])),
				options,
			),
		);
	});

	it('finds it valid with hostile names', async () => {
		await validate(openApiDocument([described('__proto__', evil()), described('{x}', evil())], options));
	});

	it('would find a fault', async () => {
		if (missing) return;
		await expect(validate({ ...openApiDocument([], options), paths: { nothing: 1 } })).rejects.toThrow();
	});
});
