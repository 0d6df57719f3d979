// Ingests, trains and deploys in a loop until it is killed. Arguments: home of the store, folder of the built package, first seed.
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [, , home, dist, first] = process.argv;
const require = createRequire(import.meta.url);
const built = (path) => require(join(dist, 'lib', path));
const { openStore } = built('store/openStore.js');
const { jobEngine } = built('app/jobEngine.js');
const { runJob } = built('compute/runJob.js');
const { ingestJob } = built('app/jobs/ingest.js');
const { trainJob } = built('app/jobs/train.js');
const { deploy, deployParams } = built('app/deploy.js');
const { splitParams } = built('domain/split.js');

const context = { progress() {}, note() {}, signal: new AbortController().signal };
const run = (job, input) => runJob(jobEngine(store), job, input, { context });
const store = await openStore({ kind: 'folder', home });
process.stdout.write('ready\n');
let dataset;
for (let i = Number(first); ; i++) {
	try {
		// Sometimes the same again, mostly straight to the next model.
		if (!dataset || i % 5 === 0)
			({ dataset } = await run(ingestJob, {
				store: store.ref,
				name: 'penguins',
				source: 'example',
				params: { example: 'penguins' },
				rowLimit: 0,
			}));
		const { model } = await run(trainJob, {
			store: store.ref,
			datasetId: dataset.id,
			recipe: { steps: [] },
			modelName: 'penguins',
			runAgain: false,
			spec: {
				target: 'Species',
				split: splitParams.parse({}),
				learner: 'logisticRegression',
				params: { C: 1 / (1 + i), max_iter: 50 },
				seed: i,
				crossValidation: 0,
				classWeight: 'none',
				timeBudgetSeconds: 60,
				refit: false,
			},
		});
		const done = await deploy({
			store,
			actor: 'driver',
			modelName: 'penguins',
			digest: model.digest,
			runId: model.runId,
			params: deployParams.parse({ gate: 'not_required' }),
			preview: false,
		});
		process.stdout.write(`deployed ${done.version}\n`);
	} catch (error) {
		process.stdout.write(`failed ${error.code ?? error.stack}\n`);
	}
}
