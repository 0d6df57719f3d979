import type { Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import cases from '../cases/requests/cases.json';
import { freshFolder, removeFolders } from '../store/records.js';
import { modelOf } from './api/models.js';
import { registerPackage, startServe, type Served } from './served.js';

/** A row that the model answers without a warning. */
const ROW: Readonly<Record<string, unknown>> = { weight: 71.25, days: 3, 'colour <b>': 'red', since: '2024-03-01', ripe: true };

/** What is sent: that row but for some values, or a body as it stands. */
interface Send {
	/** Other values of columns. */
	row?: Record<string, unknown>;
	/** Other values as JSON text. */
	raw?: Record<string, string>;
	/** Columns whose text is so long. */
	long?: Record<string, number>;
	/** Columns whose list nests so deep. */
	deep?: Record<string, number>;
	without?: string[];
	/** Rows, each with other values. */
	rows?: Array<Record<string, unknown>>;
	body?: string;
	encoding?: string;
	headers?: Record<string, string>;
	path?: string;
}
interface Case {
	title: string;
	right: string;
	send: Send;
	status: number;
	/** Code of the failure. */
	code?: string;
	/** What its sentences say. */
	says?: string[];
	/** Codes of the warnings that the answer has. */
	warns?: string[];
}

/** What came back for one of many rows. */
interface Answer {
	probability?: number;
	error?: { column: string; found: string };
}

let home: string;
let store: Store;
let server: Served;
beforeAll(async () => {
	home = await freshFolder();
	store = await openStore({ kind: 'folder', home });
	await registerPackage(store, 'fruit', (await modelOf('good', 'gradientBoosting')).bytes);
	await store.moveAlias('fruit', 'champion', 1, { actor: 'test' });
	// Bodies of ten megabytes take their time on a busy machine: that others are shed meanwhile is another test's.
	server = await startServe(home, ['--no-keys', '--max-delay', '60000']);
});
afterAll(async () => {
	expect(await server.stop()).toBe(0);
	await store.close();
	await removeFolders();
});

function bodyOf({ row, raw = {}, long = {}, deep = {}, without = [], rows, body }: Send): string {
	if (body !== undefined) return body;
	if (rows) return JSON.stringify({ rows: rows.map((other) => ({ ...ROW, ...other })) });
	const texts = new Map(Object.entries({ ...ROW, ...row }).map(([name, value]) => [name, JSON.stringify(value)]));
	for (const name of without) texts.delete(name);
	for (const [name, text] of Object.entries(raw)) texts.set(name, text);
	for (const [name, length] of Object.entries(long)) texts.set(name, `"${'x'.repeat(length)}"`);
	for (const [name, depth] of Object.entries(deep)) texts.set(name, `${'['.repeat(depth)}${']'.repeat(depth)}`);
	return `{"row":{${[...texts].map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}}`;
}

function bytesOf(send: Send): Buffer {
	const body = bodyOf(send);
	return send.encoding === 'bom' ? Buffer.from(`\ufeff${body}`) : Buffer.from(body, send.encoding as BufferEncoding | undefined);
}

async function ask(send: Send) {
	const response = await fetch(`${server.url}/v1/models/${send.path ?? 'fruit/predict'}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json', ...send.headers },
		body: new Uint8Array(bytesOf(send)),
	});
	const text = await response.text();
	return { status: response.status, type: response.headers.get('content-type'), text, body: JSON.parse(text) };
}

describe('what a request may hold', () => {
	it.each(cases as unknown as Case[])('$title: $right', async ({ send, status, code, says = [], warns = [] }) => {
		const { text, type, body, ...got } = await ask(send);
		expect([got.status, body.error?.code, type]).toEqual([status, code, 'application/json; charset=utf-8']);
		// Nothing of the inside, nothing endless, and no sign that a terminal obeys.
		expect(text).not.toMatch(/node_modules|dist\/|\.js:\d/);
		expect(text.length).toBeLessThan(4_000);
		expect(text).not.toMatch(/[\u0000-\u001f]/);
		if (code) {
			const { message, column, expected = '', found = '', remedy = '', requestId } = body.error;
			const said = [message, column, expected, found, remedy].join(' ');
			for (const words of says) expect(said).toContain(words);
			expect(message).toMatch(/^[A-Z"].*\.$/);
			expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
		} else if (!send.rows) {
			expect(['no', 'yes']).toContain(body.prediction);
			expect((body.warnings ?? []).map((w: { code: string }) => w.code)).toEqual(warns);
		}
	});

	it('answers the rows beside a bad one as it answers them alone', async () => {
		const { body: alone } = await ask({});
		const { body } = await ask({ rows: [{}, { weight: 'heavy' }, { ripe: 'perhaps' }, {}] });
		expect(body.answers.map((a: Answer) => a.probability ?? [a.error?.column, a.error?.found])).toEqual([
			alone.probability,
			['weight', '"heavy"'],
			['ripe', '"perhaps"'],
			alone.probability,
		]);
	});

	it('refuses too many rows before it makes them of columns', async () => {
		const { status, body } = await ask({ body: `{"columns":{"weight":[${'1,'.repeat(2_000_000)}1]}}` });
		expect([status, body.error]).toEqual([413, expect.objectContaining({ code: 'serve.body_too_large', expected: 'at most 10000 rows' })]);
	});

	it('goes on as before', async () => {
		expect((await ask({})).status).toBe(200);
		expect(server.said()).not.toMatch(/Error|at .*:\d+:\d+/);
	});
});
