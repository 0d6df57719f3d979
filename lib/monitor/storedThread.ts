import { parentPort, workerData } from 'node:worker_threads';
import { MlopsError } from '../domain/errors.js';
import { openDuck } from '../data/duck.js';
import type { FromStoredThread, StoredThreadParams, ToStoredThread } from './judgeStored.js';
import { StoredColumns } from './storedColumns.js';

/** What a thread of `judgeStored.ts` runs: it reads columns of two files, sorts and counts them, and judges them. */
const { pair, memoryBytes } = workerData as StoredThreadParams;
const opened = openDuck({ memoryBytes }).then((duck) => ({ duck, columns: new StoredColumns(duck, pair) }));
opened.catch(() => {});

async function answer(names: string[]): Promise<FromStoredThread> {
	try {
		const settled = await (await opened).columns.judge(names);
		return {
			judged: settled.map((one) => (one.status === 'rejected' ? { error: MlopsError.from(one.reason).toJSON() } : { judged: one.value })),
		};
	} catch (thrown) {
		return { failed: MlopsError.from(thrown).toJSON() };
	}
}

parentPort?.on('message', (asked: ToStoredThread) => {
	if (asked !== 'end') return void answer(asked.names).then((said) => parentPort?.postMessage(said));
	void opened
		.then(({ duck }) => duck.close())
		.catch(() => {})
		.then(() => parentPort?.close());
});
