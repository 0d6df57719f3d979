import type { JobContext } from '../compute/contract.js';
import { ColumnFile, filed } from '../data/columnFile.js';
import { KEPT_ROWS, lengthOf, letGo, workedOutFrom } from '../data/derived.js';
import type { Vector } from '../data/frame.js';
import { throwIfCancelled } from '../domain/cancel.js';
import { isNumeric } from '../domain/column.js';
import type { DatasetRecord } from '../domain/dataset.js';
import type { StoreRef } from '../domain/storeRef.js';
import type { Store } from '../store/contract.js';
import { withStore } from './withStore.js';

/** Tables up to this size lie in memory while a job works on them; of a job with little memory less. */
const IN_MEMORY = 64 * 2 ** 20;
const SHARE = 1 / 32;

/**
 * Where the tables that a job works on lie: in memory as a rule, large ones in a file that goes with the job. What comes out is the same.
 */
export class ColumnRoom {
	#file: ColumnFile | undefined;
	#reached: number;

	constructor(
		private readonly store: Pick<Store, 'artifacts'>,
		private readonly context: Pick<JobContext, 'memoryBytes' | 'cancelled' | 'progress'>,
		/** Which part of the job's progress reading is. */
		private stages: { from: number; to: number },
	) {
		this.#reached = stages.from;
	}

	/** Whether a table of so many rows is to lie in memory. */
	fits({ rows, columns }: Pick<DatasetRecord, 'rows' | 'columns'>): boolean {
		const bytes = rows * columns.reduce((sum, c) => sum + (isNumeric(c.type) ? 8 : 4), 8);
		return bytes <= Math.min(IN_MEMORY, this.context.memoryBytes * SHARE);
	}

	/** The file for tables that do not fit. */
	async file(): Promise<ColumnFile> {
		return (this.#file ??= new ColumnFile(await this.store.artifacts.temporary('columns')));
	}

	/** A column of a table, in memory or not, at its place; short ones stay in memory. */
	readonly put = (vector: Vector): Vector =>
		this.#file && lengthOf(vector) > KEPT_ROWS && workedOutFrom(vector) !== 'elsewhere' ? filed(this.#file, vector) : vector;

	/** What is read from now on is another part of the job's progress. */
	readsIn(stages: { from: number; to: number }): void {
		this.stages = stages;
		this.#reached = stages.from;
	}

	/** Says how far the reading of a table is, and stops it where that is wished. */
	reading({ rows }: Pick<DatasetRecord, 'rows'>): (done: number) => void {
		// How many tables are to come nobody knows: each has half of what is left.
		const from = this.#reached;
		const to = from + (this.stages.to - from) / 2;
		this.#reached = to;
		return (done) => {
			throwIfCancelled(this.context, 'The reading of the rows');
			this.context.progress({ stage: `Reading ${rows.toLocaleString('en')} rows`, share: from + ((to - from) * done) / Math.max(1, rows) });
		};
	}

	close(): void {
		letGo();
		this.#file?.close();
	}
}

/** Opens the store of a job for the length of `work`, with room for large tables. @param stages which part of its progress reading is */
export async function withRoom<T>(
	ref: StoreRef,
	context: JobContext,
	stages: { from: number; to: number },
	work: (store: Store, room: ColumnRoom) => Promise<T>,
): Promise<T> {
	return await withStore(ref, async (store) => {
		const room = new ColumnRoom(store, context, stages);
		try {
			return await work(store, room);
		} finally {
			room.close();
		}
	});
}
