import { isOutOfMemory } from '../../domain/outOfMemory.js';
import type { Duck } from '../duck.js';

/** A piece of work that has a session for itself. It calls the check between its steps. */
export type LaneTask = (lane: Duck) => Promise<void>;

/** How often it is asked whether work is to stop, while the database computes. */
const LOOK_MS = 200;

/**
 * Does tasks, `width` at a time, each in a session of its own beside `duck`. What finds too little memory beside others is done once more
 * when it is alone. All are over when this ends, whatever happens; the first failure is what is thrown.
 * @param check throws when all is to stop; then the queries that run are ended too
 */
export async function inLanes(duck: Duck, width: number, tasks: readonly LaneTask[], check: () => void): Promise<void> {
	const alone = await runLanes(duck, width, tasks, check);
	for (const { task, thrown } of alone) {
		if (width === 1) throw thrown;
		const [again] = await runLanes(duck, 1, [task], check);
		if (again) throw again.thrown;
	}
}

interface Starved {
	task: LaneTask;
	thrown: unknown;
}

/** @returns tasks that found too little memory */
async function runLanes(duck: Duck, width: number, tasks: readonly LaneTask[], check: () => void): Promise<Starved[]> {
	const failed: unknown[] = [];
	const starved: Starved[] = [];
	let next = 0;
	const lanes: Duck[] = [];
	const fail = (error: unknown): void => {
		if (failed.push(error) > 1) return;
		for (const lane of lanes) lane.connection.interrupt();
	};
	const timer = setInterval(() => {
		try {
			check();
		} catch (thrown) {
			fail(thrown);
		}
	}, LOOK_MS);
	try {
		for (let i = 0; i < Math.min(width, tasks.length); i++) lanes.push(await duck.beside());
		await Promise.all(
			lanes.map(async (lane) => {
				while (next < tasks.length && failed.length === 0) {
					const task = tasks[next++];
					await task(lane).catch((thrown: unknown) => {
						if (isOutOfMemory(thrown)) starved.push({ task, thrown });
						else fail(thrown);
					});
				}
			}),
		);
	} finally {
		clearInterval(timer);
		for (const lane of lanes) lane.close();
	}
	if (failed.length) throw failed[0];
	return starved;
}

/** The chunks of a streamed result. */
export async function* chunksOf(lane: Duck, sql: string) {
	const result = await lane.stream(sql);
	for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) yield chunk;
}
