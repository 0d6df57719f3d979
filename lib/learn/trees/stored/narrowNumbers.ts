import type { State, Typed } from '../../contract.js';
import { damaged } from './treeDamage.js';

type Arrays = State['arrays'];

/** A table of more values takes longer to look up than it saves. */
const MOST_VALUES = 65_536;
/** More are in no file: nothing is allocated on the word of a damaged one. */
const MOST_NUMBERS = 2 ** 28;
/** What a list of numbers may be stored as. */
const KINDS = ['Uint8Array', 'Uint16Array', 'Uint32Array', 'Float32Array', 'Float64Array'];

/** Whole numbers from 0 in the narrowest array that holds them. */
export function narrowWhole(values: ArrayLike<number>): Uint8Array | Uint16Array | Uint32Array {
	let most = 0;
	for (let i = 0, n = values.length; i < n; i++) if (values[i] > most) most = values[i];
	return most < 256 ? new Uint8Array(values) : most < 65_536 ? new Uint16Array(values) : new Uint32Array(values);
}

/** The same numbers in the narrowest array that keeps every bit of them. */
function narrow(values: Float64Array): Typed {
	let whole = true;
	let single = true;
	for (let i = 0, n = values.length; (whole || single) && i < n; i++) {
		const v = values[i];
		// Of an integer array 0 comes back as 0, never as -0.
		if (whole && !(v >= 0 && v <= 0xffffffff && Math.floor(v) === v && (v !== 0 || 1 / v > 0))) whole = false;
		if (single && Math.fround(v) !== v) single = false;
	}
	if (whole) return narrowWhole(values);
	return single ? new Float32Array(values) : values;
}

/** Different values in rising order, where they are few enough for a table to pay; -0 is another one than 0, so it stands in no table. */
function fewValues(values: Float64Array, bytes: number): Float64Array | undefined {
	const n = values.length;
	const most = bytes === 1 ? 1 : Math.min(MOST_VALUES, (n * (bytes - 1)) / bytes);
	const found = new Set<number>();
	for (let i = 0; i < n; i++) {
		const v = values[i];
		if (v === 0 && 1 / v < 0) return undefined;
		found.add(v);
		if (found.size > most) return undefined;
	}
	const index = found.size === 1 ? 0 : found.size <= 256 ? 1 : 2;
	return found.size * bytes + n * index < n * bytes ? Float64Array.from(found).sort() : undefined;
}

/**
 * Writes finite numbers in the fewest bytes that lose no bit: whole ones as 8, 16 or 32 bits, others as single or double precision, or as
 * places in the table `<name>Table` of their different values. A list of one value has the table alone.
 */
export function writeNumbers(arrays: Arrays, name: string, values: Float64Array): void {
	const direct = narrow(values);
	const table = values.length ? fewValues(values, direct.BYTES_PER_ELEMENT) : undefined;
	if (!table) {
		arrays[name] = direct;
		return;
	}
	arrays[`${name}Table`] = narrow(table);
	if (table.length === 1) return;
	const place = new Map<number, number>();
	for (let i = 0, n = table.length; i < n; i++) place.set(table[i], i);
	const index = table.length <= 256 ? new Uint8Array(values.length) : new Uint16Array(values.length);
	for (let i = 0, n = values.length; i < n; i++) index[i] = place.get(values[i])!;
	arrays[name] = index;
}

/** What `writeNumbers` wrote: a view of the state's own array where it has no table. @throws `learn.model_invalid` */
export function readNumbers(state: State, name: string, length: number): Typed {
	if (!(length <= MOST_NUMBERS)) throw damaged(`the array "${name}" would be too long`);
	const table = hasList(state, `${name}Table`) ? listIn(state, `${name}Table`) : undefined;
	if (!table) return sized(listIn(state, name), name, length);
	const out = new (table.constructor as new (n: number) => Typed)(length);
	if (table.length === 1 && !hasList(state, name)) return out.fill(table[0]);
	const index = sized(listIn(state, name), name, length);
	for (let i = 0, n = table.length; i < length; i++) {
		const at = index[i];
		if (!(at < n)) throw damaged(`the array "${name}" names a value that is not there`);
		out[i] = table[at];
	}
	return out;
}

/** Whether an array is there. */
export const hasList = (state: State, name: string): boolean => Object.hasOwn(state.arrays, name);

/** Whether a list of numbers was written. */
export const hasNumbers = (state: State, name: string): boolean => hasList(state, name) || hasList(state, `${name}Table`);

/** A list of numbers of any kind. @throws `learn.model_invalid` */
export function listIn(state: State, name: string): Typed {
	const found = hasList(state, name) ? state.arrays[name] : undefined;
	const kind = Object.prototype.toString.call(found).slice(8, -1);
	if (!found || !KINDS.includes(kind)) throw damaged(`the array "${name}" is missing or of another type`);
	return found;
}

function sized(list: Typed, name: string, length: number): Typed {
	if (list.length !== length) throw damaged(`the array "${name}" has the wrong length`);
	return list;
}

/** A whole number from 0 for each, all below `limit`. @throws `learn.model_invalid` */
export function readWhole(state: State, name: string, length: number, limit: number): Typed {
	const list = readNumbers(state, name, length);
	const whole = list.constructor !== Float32Array && list.constructor !== Float64Array;
	for (let i = 0; i < length; i++) {
		if (!(list[i] < limit) || !(whole || (Number.isInteger(list[i]) && list[i] >= 0)))
			throw damaged(`the array "${name}" holds an impossible number`);
	}
	return list;
}

/** Ones and zeros, eight in a byte, the first in the lowest bit; `at` are the places of those to pack. */
export function packBits(flags: Uint8Array, at?: Uint32Array): Uint8Array {
	const length = at ? at.length : flags.length;
	const out = new Uint8Array(Math.ceil(length / 8));
	for (let i = 0; i < length; i++) out[i >>> 3] |= flags[at ? at[i] : i] << (i & 7);
	return out;
}

/** What `packBits` packed. @throws `learn.model_invalid` */
export function readBits(state: State, name: string, length: number): Uint8Array {
	const packed = listIn(state, name);
	if (!(packed instanceof Uint8Array) && packed.constructor.name !== 'Uint8Array') throw damaged(`the array "${name}" is of another type`);
	sized(packed, name, Math.ceil(length / 8));
	const out = new Uint8Array(length);
	for (let i = 0; i < length; i++) out[i] = (packed[i >>> 3] >>> (i & 7)) & 1;
	return out;
}
