import { chain, createEngine, disposeEngine, type Engine } from './engine.js';

let engine: Engine;
beforeAll(async () => {
	engine = await createEngine();
	process.env.EXECUTIONS_MODE = 'queue';
});
afterAll(async () => {
	delete process.env.EXECUTIONS_MODE;
	await disposeEngine();
});

it.each(['Ingest', 'Clean', 'FeatureEngineer', 'Train', 'Evaluate', 'Deploy', 'Predict', 'MonitorDrift'])(
	'in queue mode %s refuses and says what to set',
	async (type) => {
		const { run } = await engine.execute(
			chain({ name: 'Node', type: `mlops${type}`, parameters: type === 'Predict' ? { model: 'any' } : {} }),
		);
		const { message, description } = run.data.resultData.runData.Node[0].error!;
		expect(`${message} ${description}`).toMatch(/queue mode.*EXECUTIONS_MODE=regular/s);
	},
);
