import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inARow, itemsOf, node, wire, type TestN8n } from './n8n.js';

interface Message {
	role: string;
	content: string | null;
	tool_call_id?: string;
}
interface Asked {
	messages: Message[];
	tools?: Array<{ function: { name: string; description: string; parameters: { properties: Record<string, unknown> } } }>;
	stream?: boolean;
}

const PENGUIN = {
	Island: 'Biscoe',
	'Beak Length (mm)': 46.1,
	'Beak Depth (mm)': 13.2,
	'Flipper Length (mm)': 211,
	'Body Mass (g)': 4500,
	Sex: 'FEMALE',
};

/** A language model's address that always acts alike: it asks for each tool once, then answers with what the tools gave. */
class StandIn {
	readonly asked: Asked[] = [];
	private server!: Server;

	async start(): Promise<string> {
		this.server = createServer((request, response) => {
			let text = '';
			request
				.setEncoding('utf8')
				.on('data', (part: string) => (text += part))
				.on('end', () => {
					const asked = JSON.parse(text) as Asked;
					this.asked.push(asked);
					response.setHeader('content-type', 'application/json');
					response.end(
						JSON.stringify({
							id: 'c1',
							object: 'chat.completion',
							created: 1,
							model: 'stand-in',
							choices: [this.choose(asked)],
							usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
						}),
					);
				});
		});
		await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
	}

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}

	/** What the tools gave, in the order of the calls. */
	results(): string[] {
		return this.asked
			.at(-1)!
			.messages.filter((m) => m.role === 'tool')
			.map((m) => m.content ?? '');
	}

	private choose({ messages, tools = [] }: Asked): object {
		const done = messages.filter((m) => m.role === 'tool');
		const next = [
			{ of: /predict/i, given: { row: PENGUIN } },
			{ of: /drift/i, given: {} },
		][done.length];
		if (!next)
			return {
				index: 0,
				finish_reason: 'stop',
				message: { role: 'assistant', content: `The tools said: ${done.map((m) => m.content).join(' and ')}` },
			};
		const name = tools.find((tool) => next.of.test(tool.function.name))?.function.name ?? 'missing';
		const call = { id: `call_${done.length}`, type: 'function', function: { name, arguments: JSON.stringify(next.given) } };
		return { index: 0, finish_reason: 'tool_calls', message: { role: 'assistant', content: null, tool_calls: [call] } };
	}
}

/** n8n's own Agent with Predict and Monitor Drift as tools, on the deployed penguins model. */
export function agentTools(n8n: () => TestN8n): void {
	const model = new StandIn();
	let credential: { id: string; name: string };
	beforeAll(async () => {
		const url = await model.start();
		credential = (await n8n().call('POST', '/rest/credentials', {
			name: 'Stand-in',
			type: 'openAiApi',
			data: { apiKey: 'none', url },
		})) as typeof credential;
	}, 60_000);
	afterAll(async () => await model.stop());

	/** An agent with both tools; a review stands between it and the first one where `review` is given. */
	const ask = async (modelName: string, review = false) => {
		model.asked.length = 0;
		const workflow = await n8n().add({
			name: `Agent asks ${modelName}`,
			nodes: inARow([
				node('Start', 'n8n-nodes-base.manualTrigger'),
				node('Agent', '@n8n/n8n-nodes-langchain.agent@3.1', {
					promptType: 'define',
					text: 'Which species is this penguin, and can the model be trusted?',
				}),
				node(
					'Chat model',
					'@n8n/n8n-nodes-langchain.lmChatOpenAi@1.2',
					{ model: { mode: 'id', value: 'stand-in' } },
					{ credentials: { openAiApi: { id: credential.id, name: credential.name } } },
				),
				node('Predict species', 'n8n-nodes-mlops.mlopsPredictTool', {
					modelSource: 'registry',
					model: modelName,
					alias: 'champion',
					input: 'items',
					row: "={{ $fromAI('row', 'Measurements of one penguin by column name', 'json') }}",
				}),
				node('Watch drift', 'n8n-nodes-mlops.mlopsMonitorDriftTool', {
					current: 'dataset',
					datasetSource: 'name',
					datasetName: 'penguins',
					reference: 'model',
					referenceModel: 'penguins',
				}),
				...(review
					? [node('Review', 'n8n-nodes-mlops.mlopsNotifyHitlTool', { operation: 'sendAndWait', channel: 'log', approvers: 'ana' })]
					: []),
			]),
			connections: wire(
				['Start', 'Agent'],
				['Chat model', 'Agent', 0, 'ai_languageModel'],
				['Watch drift', 'Agent', 0, 'ai_tool'],
				...(review
					? ([
							['Predict species', 'Review', 0, 'ai_tool'],
							['Review', 'Agent', 0, 'ai_tool'],
						] as Array<[string, string, number, string]>)
					: [['Predict species', 'Agent', 0, 'ai_tool'] as [string, string, number, string]]),
			),
		});
		return await n8n().until(await n8n().begin(workflow), ['success', 'error'], 120);
	};

	it('predicts a row that the agent names, and tells it whether the data drifted', async () => {
		const execution = await ask('penguins');
		expect(execution.status).toBe('success');
		const [first] = model.asked;
		expect(first.tools!.map((tool) => tool.function.name).sort()).toEqual(['Predict_species', 'Watch_drift']);
		for (const tool of first.tools!) expect(tool.function.description.length).toBeGreaterThan(20);

		const [prediction, drift] = model.results();
		expect(prediction).toContain('"prediction":"Gentoo"');
		expect(prediction).toContain('probability');
		expect(drift).toMatch(/"drifted":(true|false)/);
		expect(drift).toContain('summary');
		for (const result of [prediction, drift]) expect(result.length).toBeLessThan(4_096);
		expect(itemsOf(execution, 'Agent')[0].json.output).toContain('Gentoo');
	}, 180_000);

	it('tells the agent in words what was wrong with its question, so that it can ask again', async () => {
		await ask('whales');
		expect(model.results()[0]).toContain('There is no registered model named');
		expect(model.results()[0]).toContain('whales');
	}, 180_000);

	it('lets nothing through where MLOps Notify was put as the review of a tool', async () => {
		const answered = async () => await n8n().store(async (store) => (await store.predictions({ model: 'penguins' })).length);
		const before = await answered();
		await ask('penguins', true);
		expect(
			model.asked
				.flatMap((asked) => asked.messages)
				.map((message) => message.content)
				.join(),
		).not.toContain('Gentoo');
		expect(await answered()).toBe(before);
	}, 180_000);
}
