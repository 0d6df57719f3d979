import { isOutOfMemory } from '../../domain/outOfMemory.js';
import type { Duck } from '../duck.js';

/** A piece of work that has a session for itself. It calls the check between its steps. */
export type LaneTask = (lane: Duck) => Promise<void>;

/** How often it is asked whether work is to stop, while the database computes. */
const LOOK_MS = 200;
/** What a query that is done counts of its task, which may have others, and what is to be made of the rows. */
const PART = 0.9;

/**
 * Does tasks, `width` at a time, each in a session of its own beside `duck`. What finds too little memory beside others is done once more
 * when it is alone. All are over when this ends, whatever happens; the first failure is what is thrown.
 * @param check throws when all is to stop; then the queries that run are ended too
 * @param tell hears now and then how many of the tasks are done, with parts of those that run; never fewer than before
 */
export async function inLanes(
	duck: Duck,
	width: number,
	tasks: readonly LaneTask[],
	check: () => void,
	tell: (done: number) => void = () => {},
): Promise<void> {
	const done = new Done(tell);
	const alone = await runLanes(duck, width, tasks, check, done);
	for (const { task, thrown } of alone) {
		if (width === 1) throw thrown;
		const [again] = await runLanes(duck, 1, [task], check, done);
		if (again) throw again.thrown;
	}
}

/** How much of the tasks is done. */
class Done {
	private whole = 0;
	/** Of those that run, what was seen of them so far: a task has several queries, each of which begins anew. */
	private readonly parts = new Map<Duck, number>();
	private told = 0;

	constructor(private readonly tell: (done: number) => void) {}

	begin(lane: Duck): void {
		this.parts.set(lane, 0);
	}

	end(lane: Duck): void {
		this.parts.delete(lane);
		this.whole++;
		this.say();
	}

	/** That of a task that found too little memory is done anew. */
	drop(lane: Duck): void {
		this.parts.delete(lane);
	}

	look(): void {
		for (const [lane, part] of this.parts) this.parts.set(lane, Math.max(part, PART * lane.share()));
		this.say();
	}

	private say(): void {
		this.told = Math.max(
			this.told,
			[...this.parts.values()].reduce((sum, part) => sum + part, this.whole),
		);
		this.tell(this.told);
	}
}

interface Starved {
	task: LaneTask;
	thrown: unknown;
}

/** @returns tasks that found too little memory */
async function runLanes(duck: Duck, width: number, tasks: readonly LaneTask[], check: () => void, done: Done): Promise<Starved[]> {
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
			done.look();
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
					done.begin(lane);
					const begun = async (): Promise<void> => {
						check();
						await task(lane);
					};
					await begun().then(
						() => done.end(lane),
						(thrown: unknown) => {
							done.drop(lane);
							if (isOutOfMemory(thrown)) starved.push({ task, thrown });
							else fail(thrown);
						},
					);
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
