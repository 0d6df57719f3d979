import fs from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { MlopsError, type MlopsErrorJson } from '../domain/errors.js';
import type { Frame } from '../data/frame.js';
import type { ColumnCrew, ColumnTask } from './contract.js';

/** What threads are asked: tasks by their index, which they take from `next` in turn; one without a description is not theirs. */
export interface Round {
	round: number;
	tasks: ReadonlyArray<ColumnTask | undefined>;
	/** How many were taken, shared. */
	next: Int32Array;
}
export type Done = { round: number } & ({ over: true } | { index: number; answer: unknown } | { index: number; error: MlopsErrorJson });

/** Values in the table for each thread: starting one takes as long as a few passes over so many. */
const CELLS_PER_THREAD = 2_000_000;

/** How many threads are worth their start, the calling one included. */
export const recipeThreads = ({ rows, schema }: Pick<Frame, 'rows' | 'schema'>, most: number): number =>
	threadFile() === undefined ? 1 : Math.max(1, Math.min(most, Math.floor((rows * schema.length) / CELLS_PER_THREAD)));

/** `<root>/dist/lib/recipe/crewThread.js`, whether this file runs from `lib/` (tests) or `dist/lib/`; nothing where it was not built. */
function threadFile(): string | undefined {
	const places = [path.join(__dirname, 'crewThread.js'), path.join(__dirname, '..', '..', 'dist', 'lib', 'recipe', 'crewThread.js')];
	return places.find((file) => fs.existsSync(file));
}

interface Member {
	worker: Worker;
	/** Ends the wait for it: nothing is left for it to take, or it is lost. */
	over(): void;
}

/**
 * The threads that fit and apply recipes to large tables: columns are dealt out one by one, and what is worked out of a column depends on
 * nothing else, so the bits do not depend on the number of threads. The calling thread takes its share; it does all where others are lost.
 */
export class RecipeCrew implements ColumnCrew {
	private readonly members = new Set<Member>();
	private rounds = 0;
	private answered: (done: Done) => void = () => {};

	/** @param threads the calling one included */
	constructor(threads: number) {
		const file = threads > 1 ? threadFile() : undefined;
		for (let t = 1; file !== undefined && t < threads; t++) {
			const member: Member = { worker: new Worker(file, { name: 'recipe' }), over: () => {} };
			this.members.add(member);
			member.worker.unref();
			member.worker.on('message', (done: Done) => ('over' in done ? member.over() : this.answered(done)));
			member.worker.on('error', () => {});
			member.worker.on('exit', () => {
				this.members.delete(member);
				member.over();
			});
		}
	}

	async run<T>(tasks: ReadonlyArray<ColumnTask | undefined>, own: (index: number) => T): Promise<T[]> {
		const round = ++this.rounds;
		const answers = new Array<T>(tasks.length);
		const failures = new Map<number, unknown>();
		const open = new Set(tasks.keys());
		const close = (index: number, work: () => T): void => {
			open.delete(index);
			try {
				answers[index] = work();
			} catch (thrown) {
				failures.set(index, thrown);
			}
		};
		this.answered = (done) => {
			if (done.round !== round || !('index' in done)) return;
			close(done.index, () => {
				if ('error' in done) throw MlopsError.fromJSON(done.error);
				return done.answer as T;
			});
		};
		const next = new Int32Array(new SharedArrayBuffer(4));
		const asked: Round = { round, tasks, next };
		const all = [...this.members].map(
			(member) =>
				new Promise<void>((resolve) => {
					member.over = resolve;
					member.worker.postMessage(asked);
				}),
		);
		for (const [index, task] of tasks.entries()) if (!task) close(index, () => own(index));
		for (let index = Atomics.add(next, 0, 1); index < tasks.length; index = Atomics.add(next, 0, 1))
			if (tasks[index]) close(index, () => own(index));
		await Promise.all(all);
		// What a thread had taken that was lost.
		for (const index of [...open]) close(index, () => own(index));
		if (failures.size) throw failures.get(Math.min(...failures.keys()));
		return answers;
	}

	/** Ends the threads. */
	async close(): Promise<void> {
		await Promise.all([...this.members].map(async ({ worker }) => await worker.terminate()));
	}
}
