import { workerData } from 'node:worker_threads';
import { END, sumsIn, takeStrips, WORD, type ThreadData } from './crew.js';

/** What a thread of `crew.ts` runs: it waits for a pass over the rows and takes strips of it, until it is told to end. */
const data = workerData as ThreadData;
const { control, design, slots } = data;
const sums = sumsIn(slots, design.outputs * design.width);
for (let seen = 0; ; ) {
	Atomics.wait(control, WORD.sequence, seen);
	seen = Atomics.load(control, WORD.sequence);
	if (Atomics.load(control, WORD.find) === END) break;
	try {
		takeStrips(data, (strip) => sums[strip]);
	} catch {
		Atomics.store(control, WORD.failed, 1);
		Atomics.notify(control, WORD.left);
		break;
	}
}
