import cases from '../../cases/doors/cases.json';
import { served, type Served } from './served.js';

/** One entry of the folder's cases.json, in the manner of a public report. */
interface Case {
	title: string;
	ask: { path: string; body?: object; text?: string; type?: string };
	answer: {
		status: number;
		/** Part of the sentence of a refusal. */
		says?: string;
		/** What was asked about: its predictions are the predictor's. */
		rows?: Array<Record<string, unknown>>;
		model?: 'fruit' | 'price';
		json?: object;
		header?: Record<string, string>;
	};
}

let server: Served;
beforeAll(async () => {
	server = await served();
});
afterAll(async () => await server.close());

/** The predictions of an answer, whatever its protocol. */
function predictionsIn(json: unknown): unknown[] {
	const { predictions, outputs } = json as { predictions?: unknown[]; outputs?: Array<{ data: unknown[] }> };
	return outputs
		? outputs[0].data
		: predictions!.map((one) => (typeof one === 'object' ? (one as { prediction: unknown }).prediction : one));
}

it.each(cases as Case[])('$title', async ({ ask: { path, body, text, type }, answer }) => {
	const { status, json, headers } = await server.post(path, text ?? body, type ? { 'content-type': type } : {});
	expect(status).toBe(answer.status);
	if (answer.says) {
		const { error, message } = json as { error?: string; message?: string };
		expect(error ?? message).toMatch(new RegExp(answer.says));
	}
	for (const [name, value] of Object.entries(answer.header ?? {})) expect(headers.get(name)).toBe(value);
	if (answer.json) expect(json).toMatchObject(answer.json);
	if (answer.rows && answer.model) {
		const { predictor } = server.models[answer.model];
		expect(predictionsIn(json)).toEqual(answer.rows.map((row) => predictor.answer(row, 0).prediction));
	}
	expect((await server.get('/v2/health/live')).status).toBe(200);
});
