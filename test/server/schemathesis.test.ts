import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeKey } from '../../lib/app/apiKeys.js';
import { SCOPES } from '../../lib/domain/apiKey.js';
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
];

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- JSON of the server, which its own schema describes
type Document = any;

let missing: string | undefined;
let home: string;
let store: Store;
let server: Served;
let key: string;
beforeAll(async () => {
	missing = await contractChecks.missing();
	if (missing) console.warn(`Skipped, the server is not held against its OpenAPI document by schemathesis: ${missing}.`);
	home = await freshFolder();
	store = await openStore({ kind: 'folder', home });
	for (const [name, target] of [
		['fruit & more', 'good'],
		['odd', ''],
	] as const) {
		await registerPackage(store, name, (await modelOf(target, target ? 'gradientBoosting' : undefined)).bytes);
		await store.moveAlias(name, 'champion', 1, { actor: 'test' });
	}
	({ key } = await makeKey({ store, actor: 'test' }, { label: 'schemathesis', scopes: [...SCOPES] }));
	server = await startServe(home, []);
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
	const fixed = ['--seed', '1', '--no-color', '--generation-database', 'none', '-n', '8'];
	try {
		const { stdout } = await run(contractChecks.python, [...args, ...fixed, ...more], { cwd: home, maxBuffer: 1 << 26 });
		return { code: 0, text: stdout };
	} catch (thrown) {
		const { code, stdout, stderr } = thrown as { code: number; stdout: string; stderr: string };
		return { code, text: `${stdout}${stderr}`.slice(-6_000) };
	}
}

describe('schemathesis, against a real mlops serve', () => {
	it('finds no server error and no answer outside of its schema, whatever it sends', async () => {
		if (missing) return;
		const { body } = await ask(`${server.url}/openapi.json`, undefined, { 'X-API-Key': key });
		const asked = { ...body, components: { ...body.components, schemas: closed(body.components.schemas) } };
		const { code, text } = await schemathesis(asked, ['--phases', 'examples,coverage,fuzzing', '--exclude-path-regex', '/aliases/']);
		expect([code, text]).toEqual([0, expect.stringMatching(/\d{3,} generated, \d+ passed/)]);
	}, 180_000);

	it('would find an answer that is not as described', async () => {
		if (missing) return;
		const { body } = await ask(`${server.url}/openapi.json`, undefined, { 'X-API-Key': key });
		const document = body as Document;
		document.components.schemas.Models.properties.models.items = { type: 'string' };
		const paths = { '/v1/models': document.paths['/v1/models'] };
		const { code, text } = await schemathesis({ ...document, paths }, ['--phases', 'coverage']);
		expect([code, text]).toEqual([1, expect.stringContaining('Response violates schema')]);
	}, 60_000);
});

/** Requests may say more of a row than its columns. */
const closed = (schemas: Record<string, unknown>): Record<string, unknown> =>
	Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, /_(Row|Request)$/.test(name) ? schema : strict(schema)]));
