import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { makeKey } from '../../lib/app/apiKeys.js';
import { predictAtServer } from '../../lib/app/predictAtServer.js';
import { predictRows } from '../../lib/app/predictRows.js';
import { modelServer, testServerAccess } from '../../lib/app/serverAccess.js';
import { servedModel, servedNames } from '../../lib/app/servedModels.js';
import type { Scope } from '../../lib/domain/apiKey.js';
import { MlopsError } from '../../lib/domain/errors.js';
import type { Store } from '../../lib/store/contract.js';
import { fruitStore, ROW, startServe, type Served } from '../server/served.js';
import { freshFolder, removeFolders } from '../store/records.js';

const openssl = spawnSync('openssl', ['version']).status === 0;

let home: string;
let store: Store;
let server: Served;
const keys: Record<string, string> = {};
const open: Server[] = [];

/** Another program that answers over HTTP. */
async function other(listener: RequestListener): Promise<string> {
	const program = createServer(listener).listen(0, '127.0.0.1');
	open.push(program);
	await once(program, 'listening');
	return `http://127.0.0.1:${(program.address() as AddressInfo).port}`;
}

beforeAll(async () => {
	({ home, store } = await fruitStore(2));
	const scopes: Record<string, Scope[]> = { all: ['predict', 'read'], feedback: ['feedback'] };
	for (const [name, list] of Object.entries(scopes))
		keys[name] = (await makeKey({ store, actor: 'ann' }, { label: name, scopes: list })).key;
	server = await startServe(home, ['--max-rows', '300']);
}, 60_000);
afterAll(async () => {
	for (const program of open) program.close();
	await server.stop();
	await store.close();
	await removeFolders();
});

const failure = async (work: Promise<unknown>): Promise<MlopsError> => {
	const thrown = await work.then(
		() => undefined,
		(e: unknown) => e,
	);
	if (!(thrown instanceof MlopsError)) throw new Error('it did not fail as it should', { cause: thrown });
	return thrown;
};
const access = (more: object = {}) => ({ url: server.url, apiKey: keys.all, ...more });

describe("n8n's test of the credential", () => {
	it('says what a good key opens', async () => {
		expect(await testServerAccess(access())).toMatch(
			/^Connected\. The key "all" opens predict, read for all models until \d{4}-\d\d-\d\d\.$/,
		);
		expect(await testServerAccess(access({ url: `  ${server.url}/ ` }))).toMatch(/^Connected/);
		expect(await testServerAccess(access({ apiKey: keys.feedback }))).toContain('opens feedback');
	});

	it('says so where the server asks for no key', async () => {
		const unlocked = await startServe(home, ['--no-keys']);
		expect(await testServerAccess({ url: unlocked.url, apiKey: '' })).toBe('Connected. This server asks nobody for a key.');
		await unlocked.stop();
	}, 30_000);

	it.each<[string, object, string, RegExp]>([
		['a wrong key', { apiKey: `mlops_0123456789abcdef_${'y'.repeat(43)}` }, 'serve.key_invalid', /^The API key is not known here\.$/],
		['half a key', { apiKey: 'mlops_0123456789abcdef_yyyyyy' }, 'serve.key_invalid', /not whole/],
		['no key', { apiKey: '' }, 'serve.key_missing', /wants an API key/],
		['a key with a line end in it', { apiKey: 'mlops_01\nyyyyyyyy' }, 'input.invalid', /signs that no key has/],
		['no address', { url: '' }, 'input.invalid', /no web address/],
		['an address without http', { url: 'localhost:8080' }, 'input.invalid', /no web address/],
		['a key in the address', { url: 'http://me:yyyyyyyy@localhost:8080' }, 'input.invalid', /holds a name or a password/],
		['nobody at the port', { url: 'http://127.0.0.1:1' }, 'serve.unreachable', /^No model server answers at 127\.0\.0\.1:1\.$/],
		[
			'a host that there is not',
			{ url: 'http://nowhere.invalid:8080' },
			'serve.unreachable',
			/^No model server answers at nowhere\.invalid/,
		],
		['a certificate that is none', { ca: 'secret yyyyyyyy' }, 'input.invalid', /CA certificate is no certificate/],
	])('says in a sentence that it is %s', async (_, more, code, words) => {
		const error = await failure(testServerAccess(access(more)));
		expect([error.code, error.message]).toEqual([code, expect.stringMatching(words)]);
		expect(error.details.remedy ?? '').not.toBe('');
		expect(JSON.stringify([error, error.stack])).not.toContain('yyyyyy');
	});

	it('tells a wrong path, another program, a way on to elsewhere, and https from one another', async () => {
		const path = await failure(testServerAccess(access({ url: `${server.url}/v1/models` })));
		expect([path.code, path.message]).toEqual([
			'serve.answer_invalid',
			expect.stringMatching(/has nothing at \/v1\/models\/v1\/whoami\.$/),
		]);
		for (const [url, found] of [
			[await other((_q, r) => r.end('<html>Welcome</html>')), 'HTTP 200'],
			[await other((_q, r) => r.writeHead(404).end('{"detail":"Not Found"}')), 'HTTP 404'],
			[await other((_q, r) => r.writeHead(302, { location: server.url }).end()), 'it sends us on to another address (HTTP 302)'],
		]) {
			const error = await failure(testServerAccess(access({ url })));
			expect([error.code, error.details.found]).toEqual(['serve.answer_invalid', found]);
			expect(error.message).toMatch(/is no model server of this package\.$/);
		}
		const json = await failure(testServerAccess(access({ url: await other((_q, r) => r.end('{"ok":true}')) })));
		expect(json).toMatchObject({ code: 'serve.answer_invalid', message: 'The model server gave an answer that cannot be read.' });
		const https = await failure(testServerAccess(access({ url: server.url.replace('http:', 'https:') })));
		expect(https).toMatchObject({ code: 'serve.unreachable', message: expect.stringMatching(/does not speak https\.$/) as string });
	});

	(openssl ? it : it.skip)(
		"trusts a certificate of one's own authority, and says so of one that it does not trust",
		async () => {
			const folder = await freshFolder();
			const [tlsKey, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
			const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
			execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...names, '-keyout', tlsKey, '-out', cert], {
				stdio: 'pipe',
			});
			const secure = await startServe(home, ['--tls-cert', cert, '--tls-key', tlsKey]);
			try {
				const ca = readFileSync(cert, 'utf8');
				expect(await testServerAccess(access({ url: secure.url, ca }))).toMatch(/^Connected/);
				const error = await failure(testServerAccess(access({ url: secure.url })));
				expect([error.code, error.message]).toEqual([
					'serve.unreachable',
					expect.stringMatching(/^The certificate of .* is not trusted\.$/),
				]);
				const plain = await failure(testServerAccess(access({ url: secure.url.replace('https:', 'http:') })));
				expect([plain.code, plain.details.remedy]).toEqual(['serve.unreachable', expect.stringMatching(/https:\/\//)]);
			} finally {
				await secure.stop();
			}
		},
		30_000,
	);

	it('asks no address that n8n keeps requests from, and gives the key to nobody but the server', async () => {
		let got: unknown;
		const elsewhere = await other((request, response) => {
			got = request.headers.authorization;
			response.end('{}');
		});
		const url = await other((_q, r) => r.writeHead(307, { location: elsewhere }).end());
		await failure(testServerAccess(access({ url })));
		expect(got).toBeUndefined();
		process.env.N8N_SSRF_PROTECTION_ENABLED = 'true';
		try {
			expect(await failure(testServerAccess(access()))).toMatchObject({
				code: 'data.source_refused',
				message: 'n8n does not allow requests to 127.0.0.1.',
			});
		} finally {
			delete process.env.N8N_SSRF_PROTECTION_ENABLED;
		}
	});
});

describe('asking a model server', () => {
	const rows = Array.from({ length: 700 }, (_, i) => ({ ...ROW, weight: i % 10 === 3 ? 'heavy' : (i * 37) % 100, days: i % 11 }));
	const here = async (version = 1) => {
		const { digest } = (await store.find('modelVersion', 'fruit', version))!.body;
		return await predictRows(store, { name: 'fruit', version, digest }, rows, { reasons: 2, log: false });
	};

	it('gives what asking here gives, row by row and in order, although it takes fewer rows at a time', async () => {
		const results = await predictAtServer(modelServer(access()), { model: { name: 'fruit', alias: 'champion' }, rows, reasons: 2 });
		const local = (await here()).map((r) => ('answer' in r ? { answer: { ...r.answer, score: [] } } : r));
		expect(results.map(({ result: { id: _id, ...result } }) => result)).toEqual(JSON.parse(JSON.stringify(local)));
		expect(new Set(results.map(({ result: { id } }) => id)).size).toBe(700);
		expect(results[0]).toMatchObject({ model: { name: 'fruit', version: 1 }, server: { version: 1 } });
		expect(results[3].result).toMatchObject({ error: { code: 'predict.input_invalid', details: { column: 'weight', found: '"heavy"' } } });
	});

	it('asks for a version by its number', async () => {
		const results = await predictAtServer(modelServer(access()), {
			model: { name: 'fruit', version: 2 },
			rows: [ROW],
			reasons: 0,
			key: 'c 1',
		});
		expect(results).toMatchObject([{ model: { name: 'fruit', version: 2 }, server: { version: 2 } }]);
		expect(results[0].result).not.toHaveProperty('answer.reasons');
	});

	it('hands on what the server refuses, in its own words', async () => {
		const ask = async (name: string, apiKey = keys.all) =>
			await failure(predictAtServer(modelServer(access({ apiKey })), { model: { name, alias: 'champion' }, rows: [ROW], reasons: 0 }));
		expect(await ask('fruits/../x?y')).toMatchObject({
			code: 'serve.model_unknown',
			message: 'No model called "fruits/../x?y" is served here.',
		});
		expect(await ask('fruit', keys.feedback)).toMatchObject({
			code: 'serve.scope_missing',
			details: { expected: 'predict', found: 'feedback' },
		});
	});

	it('knows the models and what their rows look like', async () => {
		expect(await servedNames(modelServer(access()))).toEqual(['fruit']);
		const { signature, example } = await servedModel(modelServer(access()), 'fruit');
		expect(signature.map(({ name }) => name)).toEqual(Object.keys(ROW));
		expect(Object.keys(example!).sort()).toEqual(Object.keys(ROW).sort());
	});

	it('waits as long as a busy server asks for, and gives up in the end', async () => {
		const asked: number[] = [];
		const url = await other((_q, r) => {
			asked.push(performance.now());
			if (asked.length < 3) r.writeHead(503, { 'retry-after': '0' }).end('{"error":{"code":"serve.overloaded","message":"Busy."}}');
			else r.end('{"keys":false,"scopes":[]}');
		});
		await modelServer(access({ url })).ask('v1/whoami');
		expect(asked).toHaveLength(3);
		let times = 0;
		const busy = await other((_q, r) => {
			times++;
			r.writeHead(503, { 'retry-after': '0' }).end('{"error":{"code":"serve.overloaded","message":"Busy."}}');
		});
		expect(await failure(modelServer(access({ url: busy })).ask('v1/whoami'))).toMatchObject({
			code: 'serve.overloaded',
			message: 'Busy.',
		});
		expect(times).toBe(4);
	});

	it('asks once where asking again cannot help', async () => {
		let times = 0;
		const url = await other((_q, r) => {
			times++;
			r.writeHead(401).end('{"error":{"code":"serve.key_invalid","message":"No."}}');
		});
		await failure(modelServer(access({ url })).ask('v1/whoami'));
		expect(times).toBe(1);
	});

	it('stops when a person does', async () => {
		const url = await other(() => {});
		const stop = new AbortController();
		const context = { progress: () => {}, note: () => {}, signal: stop.signal };
		const asking = failure(modelServer(access({ url }), { context }).ask('v1/whoami'));
		stop.abort();
		expect((await asking).code).toBe('compute.cancelled');
	});
});
