import type { StoreRef } from '../../../lib/domain/storeRef.js';
import { openStore, type RecordBodies, type Store } from '../../../lib/store/index.js';

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

async function main(): Promise<void> {
	const store = await openStore(JSON.parse(ref) as StoreRef);
	if (mode === 'promote') await promote(store);
	else if (mode === 'register') await register(store);
	else await decide(store, mode);
	await store.close();
}

void main();
