import type { Point } from './contract.mts';

/** Rows learned a second from the end of the first epoch on: what a backend does once, such as making its programs, lies before. */
export function rowsASecond(curve: readonly Point[], rows: number): number {
	if (curve.length < 2) throw new Error('Fewer than two epochs were done: give more --seconds, or fewer --rows.');
	return ((curve.length - 1) * rows) / (curve.at(-1)!.seconds - curve[0].seconds);
}

/** The least loss that all of these reached. */
export const sameLoss = (...curves: ReadonlyArray<readonly Point[]>): number =>
	Math.max(...curves.map((curve) => Math.min(...curve.map((p) => p.loss))));

/** When a training first reached a loss: between two epochs in proportion, and not before the first one ended. */
export function secondsTo(curve: readonly Point[], loss: number): number {
	const at = curve.findIndex((p) => p.loss <= loss);
	if (at < 0) throw new Error(`The loss ${loss} was never reached.`);
	if (at === 0) return curve[0].seconds;
	const [before, after] = [curve[at - 1], curve[at]];
	return before.seconds + ((after.seconds - before.seconds) * (before.loss - loss)) / (before.loss - after.loss);
}
