import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeKey } from '../../lib/app/apiKeys.js';
import { SCOPES, type Scope } from '../../lib/domain/apiKey.js';
import type { Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { freshFolder, removeFolders } from '../store/records.js';
import { modelOf } from './api/models.js';
import { contractChecks } from './contractChecks.js';
import { ask, registerPackage, startServe, type Served } from './served.js';

const run = promisify(execFile);
const CHECKS = [
	'not_a_server_error',
	'status_code_conformance',
	'content_type_conformance',
	'response_headers_conformance',
	'response_schema_conformance',
	'unsupported_method',
];

/** It sends JSON by itself; bodies of these types as text. */
const HOOKS = `
import schemathesis

@schemathesis.serializer("text/csv", "application/x-ndjson")
def as_text(ctx, value):
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
`;

const NUMBER = { type: 'number' };
const FIELDS = ['id', 'key', 'time', 'truth'];

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- JSON of the server, which its own schema describes
type Document = any;

let missing: string | undefined;
let home: string;
let store: Store;
let server: Served;
let key: string;
/** Keys with all scopes but one. */
const without = {} as Record<Scope, string>;
/** A shadow of one of the models, to be read while everything is tried. */
let rollout: string;
beforeAll(async () => {
	missing = await contractChecks.missing();
	if (missing) console.warn(`Skipped, the server is not held against its OpenAPI document by schemathesis: ${missing}.`);
	home = await freshFolder();
	store = await openStore({ kind: 'folder', home });
	for (const [name, target] of [
		['fruit & more', 'good'],
		['odd', ''],
	] as const) {
		for (const learner of target ? ['gradientBoosting', 'decisionTree'] : [undefined])
			await registerPackage(store, name, (await modelOf(target, learner)).bytes);
		await store.moveAlias(name, 'champion', 1, { actor: 'test' });
	}
	({ key } = await makeKey({ store, actor: 'test' }, { label: 'schemathesis', scopes: [...SCOPES] }));
	for (const scope of SCOPES) {
		const others = SCOPES.filter((s) => s !== scope);
		without[scope] = (await makeKey({ store, actor: 'test' }, { label: `all but ${scope}`, scopes: others })).key;
	}
	server = await startServe(home, []);
	const started = await ask(`${server.url}/v1/models/fruit%20%26%20more/rollouts`, { kind: 'shadow', version: 2 }, { 'X-API-Key': key });
	expect(started).toMatchObject({ status: 201, body: { state: 'running' } });
	rollout = String(started.body.id);
	writeFileSync(join(home, 'hooks.py'), HOOKS);
}, 300_000);
afterAll(async () => {
	await server?.stop();
	await store?.close();
	await removeFolders();
});

/** A document in which no answer may have a field that it does not name: what is told must be described. */
function strict(document: unknown): unknown {
	if (Array.isArray(document)) return document.map(strict);
	if (typeof document !== 'object' || document === null) return document;
	const made = Object.fromEntries(Object.entries(document).map(([name, value]) => [name, strict(value)]));
	const open = made.type === 'object' && made.properties && made.additionalProperties === undefined;
	return open ? { ...made, additionalProperties: false } : made;
}

async function schemathesis(document: Document, more: string[]): Promise<{ code: number; text: string }> {
	const file = join(home, `openapi-${more.length}-${Object.keys(document.paths).length}.json`);
	writeFileSync(file, JSON.stringify(document));
	const args = ['-m', 'schemathesis.cli', 'run', file, '--url', server.url, '-H', `X-API-Key: ${key}`, '-c', CHECKS.join(',')];
	// Whether an answer is quick is not what is asked here.
	const fixed = ['--seed', '1', '--no-color', '--generation-database', 'none', '-n', '8', '--request-timeout', '120'];
	try {
		const { stdout } = await run(contractChecks.python, [...args, ...fixed, ...more], {
			cwd: home,
			maxBuffer: 1 << 26,
			env: { ...process.env, SCHEMATHESIS_HOOKS: 'hooks' },
		});
		return { code: 0, text: stdout };
	} catch (thrown) {
		const { code, stdout, stderr } = thrown as { code: number; stdout: string; stderr: string };
		// Names made of thousands of letters would hide what is wrong.
		const text = `${stdout}${stderr}`.replace(/(?:%[0-9A-F]{2}){20,}/g, '...');
		return { code, text: text.slice(Math.max(0, text.search(/=+ (?:FAILURES|ERRORS) =+/))).slice(0, 12_000) };
	}
}

it('the document says which scope each address asks for', async () => {
	const { body } = await ask(`${server.url}/openapi.json`, undefined, { 'X-API-Key': key });
	let scoped = 0;
	for (const [path, operations] of Object.entries(body.paths as Record<string, Document>))
		for (const method of ['get', 'post'].filter((m) => m in operations)) {
			const [scope] = (operations[method].security[0]?.bearer ?? []) as Scope[];
			if (scope === undefined) continue;
			scoped++;
			const url = server.url + path.replace('{model}', 'odd').replace('{id}', 'nobody');
			for (const [sent, refused] of [
				[without[scope], true],
				[key, false],
			] as const) {
				const headers = { 'X-API-Key': sent, 'content-type': 'application/json' };
				const { status } = await fetch(url, { method, headers, ...(method === 'post' ? { body: '[' } : {}) });
				expect([path, method, scope, status === 403]).toEqual([path, method, scope, refused]);
			}
		}
	expect(scoped).toBeGreaterThanOrEqual(20);
});

describe('schemathesis, against a real mlops serve', () => {
	it('finds no server error and no answer outside of its schema, whatever it sends', async () => {
		if (missing) return;
		const { body } = await ask(`${server.url}/openapi.json`, undefined, { 'X-API-Key': key });
		const schemas = closed(body.components.schemas);
		const asked = { ...body, paths: aimed(body.paths), components: { ...body.components, schemas } };
		const { code, text } = await schemathesis(asked, ['--phases', 'examples,coverage,fuzzing', '--exclude-path-regex', '/aliases/']);
		for (const path of ['/v1/feedback', '/v1/whoami', '/v1/models/{model}/rollouts', '/v1/models/{model}/rollouts/{id}'])
			expect(Object.keys(body.paths)).toContain(path);
		expect([code, text]).toEqual([0, expect.stringMatching(/\d{3,} generated, \d+ passed/)]);
	}, 180_000);

	it.each([
		['/v1/models', 'Models', { models: NUMBER }],
		['/v1/whoami', 'Whoami', { keys: NUMBER }],
		['/v1/models/{model}/rollouts', 'Rollouts', { rollouts: NUMBER }],
		['/v1/models/{model}/rollouts/{id}', 'Rollout', { id: NUMBER }],
		['/v1/feedback', 'Told', { batch: NUMBER }],
	])(
		'would find that what %s answers is not as described',
		async (path, schema, wrong) => {
			if (missing) return;
			const { body } = await ask(`${server.url}/openapi.json`, undefined, { 'X-API-Key': key });
			const document = body as Document;
			Object.assign(document.components.schemas[schema].properties, wrong);
			const paths = aimed({ [path]: document.paths[path] });
			const { code, text } = await schemathesis({ ...document, paths }, ['--phases', 'coverage,fuzzing']);
			expect([code, text]).toEqual([1, expect.stringContaining('Response violates schema')]);
		},
		60_000,
	);
});

/**
 * Names what is there, where chance would find nothing: models with rollouts, and fields that hold a truth. But rollouts are started and
 * changed only where nothing can come of it (of the model "odd" there is but the version that its alias points to), since what is served
 * must stay as the document says.
 */
function aimed(paths: Document): Document {
	const all = ['fruit & more', 'odd', 'nobody'];
	const places: Record<string, string[]> = { ...Object.fromEntries(FIELDS.map((name) => [name, [name, 'Größe <b>']])), model: all };
	const choose = ({ parameters = [], ...operation }: Document, names: Record<string, string[]>): Document => ({
		...operation,
		parameters: parameters.map((p: Document) => (names[p.name] ? { ...p, schema: { enum: names[p.name] } } : p)),
	});
	return Object.fromEntries(
		Object.entries(paths as Record<string, Document>).map(([path, { parameters, ...operations }]) => {
			const known = path === '/v1/feedback' ? places : path.includes('/rollouts') ? { model: all, id: [rollout, 'nobody'] } : undefined;
			if (!known) return [path, paths[path]];
			const aim = ([method, operation]: [string, Document]) => {
				const names = method === 'post' && path.includes('/rollouts') ? { ...known, model: all.slice(1) } : known;
				return [method, choose({ ...operation, parameters: operation.parameters ?? parameters }, names as Record<string, string[]>)];
			};
			return [path, Object.fromEntries(Object.entries(operations as Record<string, Document>).map(aim))];
		}),
	);
}

/** Requests may say more of a row than its columns. */
const closed = (schemas: Record<string, unknown>): Record<string, unknown> =>
	Object.fromEntries(
		Object.entries(schemas).map(([name, schema]) => [name, /(_Row|_Request|^Truth|^Start_\w+)$/.test(name) ? schema : strict(schema)]),
	);
