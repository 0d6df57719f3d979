import { parentPort } from 'node:worker_threads';
import { MlopsError } from '../domain/errors.js';
import type { Done, Round } from './recipeCrew.js';
import { doTask, type CrewTask } from './crewTasks.js';
import { stepById } from './steps/index.js';

/** What a thread of `recipeCrew.ts` runs: it takes tasks of a round until none is left, and says what came out of each. */
const port = parentPort!;
port.on('message', ({ round, tasks, next }: Round) => {
	const say = (done: Done): void => port.postMessage(done);
	for (let index = Atomics.add(next, 0, 1); index < tasks.length; index = Atomics.add(next, 0, 1)) {
		const task = tasks[index];
		if (!task) continue;
		try {
			say({ round, index, answer: doTask(task as CrewTask, stepById) });
		} catch (thrown) {
			say({ round, index, error: MlopsError.from(thrown).toJSON() });
		}
	}
	say({ round, over: true });
});
