import { parentPort, workerData } from 'node:worker_threads';
import { MlopsError } from '../domain/errors.js';
import type { ColumnData } from './columnData.js';
import type { FromThread, NumbersSide, ThreadParams, ToThread } from './judgeCrew.js';
import { judge } from './judge.js';
import { countedIn } from './table.js';

/** What a thread of `judgeCrew.ts` runs: it sorts and counts the numbers of a column that lie in shared memory, and judges them. */
const { params } = workerData as ThreadParams;
const scratch = new Map<string, Float64Array>();

/** Memory of this thread that is used again for each column. */
function scratchFor(side: string, numbers: number): Float64Array {
	let held = scratch.get(side);
	if (!held || held.length < numbers) scratch.set(side, (held = new Float64Array(numbers)));
	return held.subarray(0, numbers);
}

function columnOf(side: string, { numbers, ...facts }: NumbersSide): ColumnData {
	if ('values' in numbers) return { ...facts, values: { kind: 'numbers', numbers } };
	const { memory, n } = numbers;
	return { ...facts, values: { kind: 'numbers', numbers: countedIn(new Float64Array(memory, 0, n), scratchFor(side, n)) } };
}

parentPort?.on('message', ({ reference, current }: ToThread) => {
	let answer: FromThread;
	try {
		answer = { judged: judge(columnOf('reference', reference), columnOf('current', current), params) };
	} catch (thrown) {
		answer = { error: MlopsError.from(thrown).toJSON() };
	}
	parentPort?.postMessage(answer);
});
