import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { MlopsError, type MlopsErrorJson } from '../domain/errors.js';
import type { ColumnData } from './columnData.js';
import type { DriftParams } from './driftParams.js';
import type { Weighted } from './table.js';
import type { Judged } from './verdict.js';

/** One side of a column of numbers on its way to a thread: values of `finiteInto` in shared memory, or a sketch, which is counted. */
export type NumbersSide = Omit<ColumnData, 'values'> & { numbers: Weighted | { memory: SharedArrayBuffer; n: number } };

export interface ThreadParams {
	params: DriftParams;
}
export interface ToThread {
	reference: NumbersSide;
	current: NumbersSide;
}
export type FromThread = { judged: Judged } | { error: MlopsErrorJson };

/** A place at a thread for one column: while one is judged, the next is laid into the memory of another place. */
export interface Seat {
	/** Room for the values of each side. */
	reference: Float64Array<SharedArrayBuffer>;
	current: Float64Array<SharedArrayBuffer>;
	/** Judges a column and frees the place. Nothing comes back from a thread that is lost. @throws what `judge` throws */
	judge(pair: ToThread): Promise<Judged | undefined>;
}

const SEATS = 2;

/** `<root>/dist/lib/monitor/judgeThread.js`, whether this file runs from `lib/` (tests) or from `dist/lib/`. */
function builtThread(): string {
	const beside = join(__dirname, 'judgeThread.js');
	return existsSync(beside) ? beside : join(__dirname, '..', '..', 'dist', 'lib', 'monitor', 'judgeThread.js');
}

/** Threads that judge columns of numbers: sorting these is what takes the time. */
export class Crew {
	private readonly workers: Worker[];
	private readonly free: Seat[] = [];
	private readonly waiting: Array<(seat: Seat | undefined) => void> = [];
	private lost = 0;

	/** @param rows of either side at most */
	constructor(
		private readonly threads: number,
		rows: { reference: number; current: number },
		params: DriftParams,
	) {
		const workerData: ThreadParams = { params };
		this.workers = Array.from({ length: threads }, () => new Worker(builtThread(), { workerData, name: 'drift' }));
		const seats = this.workers.map((worker) => this.seatsAt(worker, rows));
		// In turn, so that the first columns go to different threads.
		for (let k = 0; k < SEATS; k++) for (const own of seats) this.free.push(own[k]);
	}

	private seatsAt(worker: Worker, rows: { reference: number; current: number }): Seat[] {
		const asked: Array<(answer: FromThread | undefined) => void> = [];
		const seats = Array.from({ length: SEATS }, (): Seat => {
			const seat: Seat = {
				reference: new Float64Array(new SharedArrayBuffer(8 * rows.reference)),
				current: new Float64Array(new SharedArrayBuffer(8 * rows.current)),
				judge: async (pair) => {
					const answer = await new Promise<FromThread | undefined>((resolve) => {
						asked.push(resolve);
						worker.postMessage(pair);
					});
					if (answer) this.give(seat);
					if (answer && 'error' in answer) throw MlopsError.fromJSON(answer.error);
					return answer?.judged;
				},
			};
			return seat;
		});
		worker.on('message', (answer: FromThread) => asked.shift()?.(answer));
		worker.on('error', () => {});
		worker.on('exit', () => {
			this.lost++;
			this.free.splice(0, Infinity, ...this.free.filter((seat) => !seats.includes(seat)));
			for (const resolve of asked.splice(0)) resolve(undefined);
			if (this.lost === this.threads) for (const resolve of this.waiting.splice(0)) resolve(undefined);
		});
		return seats;
	}

	/** A place that is free, or nothing where no thread is left. */
	async seat(): Promise<Seat | undefined> {
		const seat = this.free.shift();
		if (seat || this.lost === this.threads) return seat;
		return await new Promise((resolve) => this.waiting.push(resolve));
	}

	private give(seat: Seat): void {
		const next = this.waiting.shift();
		if (next) next(seat);
		else this.free.push(seat);
	}

	/** Ends the threads, whatever they do. */
	async close(): Promise<void> {
		await Promise.all(this.workers.map(async (worker) => await worker.terminate()));
	}
}
