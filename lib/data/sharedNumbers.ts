import { allNumbers, isInMemory, numberPlan, plannedNumbers, type Change } from './derived.js';
import type { NumberVector } from './frame.js';

/** A column of numbers on its way to a thread: its arrays lie in shared memory, its changes are plain data. */
export interface SharedNumbers {
	rows: number;
	indices?: Uint32Array;
	from: { data: Float64Array; changes: readonly object[] } | { codes: Uint32Array; table: Float64Array };
}

/** The copy of an array in shared memory, made once. */
const copies = new WeakMap<object, Float64Array | Uint32Array>();

function sharedArray<T extends Float64Array | Uint32Array>(array: T): T {
	if (array.buffer instanceof SharedArrayBuffer) return array;
	const known = copies.get(array);
	if (known) return known as T;
	const memory = new SharedArrayBuffer(array.byteLength);
	const copy = array instanceof Float64Array ? new Float64Array(memory) : new Uint32Array(memory);
	copy.set(array);
	copies.set(array, copy);
	return copy as T;
}

/** A column for threads. Nothing is copied where it lies in shared memory and its changes can be made again. */
export function shareNumbers(v: NumberVector): SharedNumbers {
	const plan = numberPlan(v);
	if (!isInMemory(plan)) return { rows: plan.rows, from: { data: sharedArray(allNumbers(v)), changes: [] } };
	const { rows, indices, from } = plan;
	const picked = indices ? { rows, indices: sharedArray(indices) } : { rows };
	if ('table' in from) return { ...picked, from: { codes: sharedArray(from.codes), table: from.table } };
	const changes = from.changes.flatMap(({ again }) => again ?? []);
	if (changes.length === from.changes.length) return { ...picked, from: { data: sharedArray(from.data), changes } };
	return { rows, from: { data: sharedArray(allNumbers(v)), changes: [] } };
}

/** The column of `shareNumbers` in a thread. @param changeOf makes a change again */
export function openNumbers({ from, ...picked }: SharedNumbers, changeOf: (again: object) => Change): NumberVector {
	if ('table' in from) return plannedNumbers({ ...picked, from });
	if (!from.changes.length && !picked.indices) return { data: from.data };
	return plannedNumbers({
		...picked,
		from: { data: from.data, changes: from.changes.map((again) => ({ change: changeOf(again), again })) },
	});
}
