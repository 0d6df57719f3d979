import { MlopsError } from '../../../domain/errors.js';
import type { State, Typed } from '../../contract.js';

/** The error for stored trees that are not what was written. */
export const damaged = (what: string): MlopsError =>
	new MlopsError('learn.model_invalid', `This tree model is damaged: ${what}.`, {
		remedy: 'Train the model again, or restore its file from a backup.',
	});

/** An array of a state by name and kind. @throws `learn.model_invalid` */
export function arrayIn<T extends Typed>(state: State, name: string, type: new (n: number) => T, length?: number): T {
	const found = state.arrays[name];
	// By tag, not instanceof: arrays that crossed a process or a realm are as good.
	if (Object.prototype.toString.call(found) !== `[object ${type.name}]`) throw damaged(`the array "${name}" is missing or of another type`);
	if (length !== undefined && found.length !== length) throw damaged(`the array "${name}" has the wrong length`);
	return found as T;
}
