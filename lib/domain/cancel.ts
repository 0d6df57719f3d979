import { MlopsError } from './errors.js';

/**
 * What carries the wish that work stops: a signal for work that waits (for a server, a process), and a flag in shared memory for work that
 * is too busy to hear a signal. All that may take long gets one of them, and looks at it by the functions of this file.
 */
export interface Cancellable {
	readonly signal?: AbortSignal;
	readonly cancelled?: Int32Array;
}

/** What the flag says: go on, stop at once, or stop and keep the best so far. */
export const WISH = { goOn: 0, stop: 1, keepBest: 2 } as const;

/** A flag that other threads see. */
export const newFlag = (): Int32Array<SharedArrayBuffer> => new Int32Array(new SharedArrayBuffer(4));

/** Sets a flag. */
export function wish(flag: Int32Array, what: number): void {
	Atomics.store(flag, 0, what);
}

/** Takes back the wish to keep the best, once what was to be kept is found and is to be made in full. @returns whether there was one */
export const takeKeepBest = (flag: Int32Array): boolean => Atomics.compareExchange(flag, 0, WISH.keepBest, WISH.goOn) === WISH.keepBest;

/** Wishes that the best is kept, unless all is to stop. */
export const wishBest = (flag: Int32Array): void => {
	Atomics.compareExchange(flag, 0, WISH.goOn, WISH.keepBest);
};

/** What is wished at the moment, one of `WISH`. */
export function wished({ signal, cancelled }: Cancellable): number {
	if (signal?.aborted) return WISH.stop;
	return cancelled ? Atomics.load(cancelled, 0) : WISH.goOn;
}

/** What is thrown where work was stopped, and by whom where that is known: `what` begins the sentence (`The training`). */
export const cancelledError = (what: string, by?: string): MlopsError =>
	new MlopsError('compute.cancelled', `${what} was stopped${by === undefined ? '' : ` by ${by}`}.`);

/** To be called now and then by work that takes long. @throws `compute.cancelled` when it is to stop at once */
export function throwIfCancelled(by: Cancellable, what: string): void {
	if (wished(by) === WISH.stop) throw cancelledError(what);
}

/** The same for work that has something to keep: true when it is to stop and keep the best so far. @throws `compute.cancelled` */
export function stopAsked(by: Cancellable, what: string): boolean {
	throwIfCancelled(by, what);
	return wished(by) === WISH.keepBest;
}
