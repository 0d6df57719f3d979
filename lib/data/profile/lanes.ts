import type { Duck } from '../duck.js';

/** A piece of work that has a session for itself. It calls the check between its steps. */
export type LaneTask = (lane: Duck) => Promise<void>;

/** How often it is asked whether work is to stop, while the database computes. */
const LOOK_MS = 200;

/**
 * Does tasks in their order, `width` at a time, each in a session of its own beside `duck`. All are over when this ends, whatever happens;
 * the first failure is what is thrown.
 * @param check throws when all is to stop; then the queries that run are ended too
 */
export async function inLanes(duck: Duck, width: number, tasks: readonly LaneTask[], check: () => void): Promise<void> {
	const failed: unknown[] = [];
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
				while (next < tasks.length && failed.length === 0) await tasks[next++](lane).catch(fail);
			}),
		);
	} finally {
		clearInterval(timer);
		for (const lane of lanes) lane.close();
	}
	if (failed.length) throw failed[0];
}

/** The chunks of a streamed result. */
export async function* chunksOf(lane: Duck, sql: string) {
	const result = await lane.stream(sql);
	for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) yield chunk;
}
