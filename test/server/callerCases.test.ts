import type { Store } from '../../lib/store/contract.js';
import cases from '../cases/callers/cases.json';
import { removeFolders } from '../store/records.js';
import { ask, fruitStore, ROW, startServe, type Loose, type Served } from './served.js';

/** One entry of callers/cases.json: a question, then what is told of its answer. */
interface Case {
	title: string;
	right: string;
	/** ROW stands for a row, LONG for a text that is too long. */
	ask?: { path: string; body?: unknown; text?: string; headers?: Record<string, string>; bytes?: 'latin1' };
	/** A body; ID stands for the id of the answer, CAPITALS for it in capitals. */
	told?: unknown;
	type?: string;
	query?: string;
	/** Of what came last; 200 where nothing else is said. */
	status?: number;
	/** A pattern of what its sentence says. */
	says?: string;
	/** How many truths became what. */
	becomes?: Record<string, number>;
	/** The key that the log has of the answer; null: none. */
	key?: string | null;
}

let store: Store;
let server: Served;
beforeAll(async () => {
	const made = await fruitStore();
	store = made.store;
	// What was answered is in the log when the answer is there.
	server = await startServe(made.home, ['--no-keys', '--log', 'durable']);
});
afterAll(async () => {
	expect(await server.stop()).toBe(0);
	await store.close();
	await removeFolders();
});

/** Headers as bytes: `fetch` writes the signs of a text as Latin-1. */
const onTheWire = (headers: Record<string, string>, bytes: 'latin1' | 'utf8'): Record<string, string> =>
	Object.fromEntries(
		Object.entries(headers).map(([name, value]) => [
			name,
			bytes === 'latin1' ? value : Buffer.from(value.replace('LONG', 'x'.repeat(501)), 'utf8').toString('latin1'),
		]),
	);
const textOf = (body: unknown): string => (typeof body === 'string' ? body : JSON.stringify(body));
const sentence = (body: Loose): string => JSON.stringify(body.error ?? body);

it.each(cases as unknown as Case[])(
	'$title: $right',
	async ({ ask: question, told, type = 'application/json', query = '', status = 200, says, becomes, key }) => {
		let last: Awaited<ReturnType<typeof ask>> | undefined;
		if (question) {
			const { path, body, text = textOf(body).replaceAll('"ROW"', JSON.stringify(ROW)), headers = {}, bytes = 'utf8' } = question;
			last = await ask(`${server.url}${path}`, text.replaceAll('ROW', JSON.stringify(ROW)), onTheWire(headers, bytes));
			if (told !== undefined) expect(last.status).toBe(200);
		}
		const id = (last?.body.id as unknown as string | undefined) ?? last?.headers.get('x-mlops-request-id') ?? '';
		if (told !== undefined) {
			const text = textOf(told).replace('ID', id).replace('CAPITALS', id.toUpperCase());
			last = await ask(`${server.url}/v1/feedback${query}`, text, { 'content-type': type });
		}
		expect([last!.status, sentence(last!.body)]).toEqual([status, says ? expect.stringMatching(says) : expect.any(String)]);
		if (becomes) expect(last!.body).toMatchObject(becomes);
		if (key !== undefined) expect((await store.predictions({})).find((entry) => entry.requestId === id)?.key ?? null).toBe(key);
	},
);
