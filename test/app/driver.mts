// Ingests, trains and deploys in a loop until it is killed. Arguments: home of the store, folder of the built package, first seed.
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [, , home, dist, first] = process.argv;
const require = createRequire(import.meta.url);
const built = <M,>(path: string): M => require(join(dist, 'lib', path)) as M;
const { openStore } = built<typeof import('../../lib/store/openStore.js')>('store/openStore.js');
const { ingestJob } = built<typeof import('../../lib/app/jobs/ingestJob.js')>('app/jobs/ingestJob.js');
const { trainJob } = built<typeof import('../../lib/app/jobs/trainJob.js')>('app/jobs/trainJob.js');
const { deploy, deployParams } = built<typeof import('../../lib/app/deploy.js')>('app/deploy.js');
const { splitParams } = built<typeof import('../../lib/domain/split.js')>('domain/split.js');
const { sessionOn } = built<typeof import('../../lib/app/session.js')>('app/session.js');

const store = await openStore({ kind: 'folder', home });
const { run } = sessionOn(store, { actor: 'driver' });
process.stdout.write('ready\n');
let dataset: { id: string } | undefined;
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
		const { code, stack } = error as { code?: string; stack?: string };
		process.stdout.write(`failed ${code ?? stack}\n`);
	}
}
