import type { StoreRef } from '../../../lib/domain/storeRef.js';
import { deploy, deployParams } from '../../../lib/app/deploy.js';
import type { RecordBodies, Store } from '../../../lib/store/contract.js';
import { openStore } from '../../../lib/store/openStore.js';

// A process of its own that writes to a store. It says on its standard output what the store has confirmed.
const [, , ref, mode, name] = process.argv as [string, string, string, string, string];
const say = (text: string): void => {
	process.stdout.write(`${text}\n`);
};

const version = async (store: Store, mark: string): Promise<RecordBodies['modelVersion']> => ({
	name: 'churn',
	version: 0,
	runId: 'run',
	digest: await store.artifacts.put(`package ${mark}`),
	tags: { mark },
});

/** Registers and promotes without end. */
async function promote(store: Store): Promise<void> {
	for (let i = 0; ; i++) {
		const added = await store.add('modelVersion', 'churn', await version(store, `${name} ${i}`));
		await store.moveAlias('churn', 'champion', added.version, { actor: name });
		say(String(added.version));
		await store.logPredictions([
			{
				at: new Date().toISOString(),
				model: `churn@${added.version}`,
				digest: 'd',
				requestId: String(i),
				input: {},
				prediction: 1,
				score: [1],
			},
		]);
	}
}

/** Registers ten versions, files a memo for each and logs a prediction. */
async function register(store: Store): Promise<void> {
	for (let i = 0; i < 10; i++) {
		const added = await store.add('modelVersion', 'churn', await version(store, `${name} ${i}`), { memo: `${name} ${i}` });
		await store.logPredictions([
			{
				at: new Date().toISOString(),
				model: `churn@${added.version}`,
				digest: 'd',
				requestId: `${name} ${i}`,
				input: {},
				prediction: 1,
				score: [1],
			},
		]);
		say(String(added.version));
	}
}

/** Decides the approval that is named after it, at the moment when its input ends. */
async function decide(store: Store, id: string): Promise<void> {
	say('ready');
	for await (const _ of process.stdin);
	const { won } = await store.decideApproval(id, 'approved', name);
	say(won ? 'won' : 'lost');
}

/** Deploys a package under a name that is new, at the moment when its input ends. */
async function deployAtOnce(store: Store, run: string): Promise<void> {
	say('ready');
	for await (const _ of process.stdin);
	const { model: digest } = (await store.get('run', run)).body;
	const params = deployParams.parse({ gate: 'not_required', reason: 'try' });
	const { version, moved } = await deploy({ store, actor: name, modelName: 'shop', digest, runId: run, params, preview: false });
	say(`${version} ${moved ? 'moved' : 'was there'}`);
}

async function main(): Promise<void> {
	const store = await openStore(JSON.parse(ref) as StoreRef);
	if (mode === 'promote') await promote(store);
	else if (mode === 'register') await register(store);
	else if (mode.startsWith('deploy ')) await deployAtOnce(store, mode.slice('deploy '.length));
	else await decide(store, mode);
	await store.close();
}

void main();
