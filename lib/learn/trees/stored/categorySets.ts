import { damaged } from './treeDamage.js';

/** Sets of codes that were seen, each once. */
export class SetTable {
	readonly sets: Uint32Array[] = [];
	readonly #places = new Map<number, number[]>();
	readonly #known = new Map<Uint32Array, number>();

	/** The place of a set, which is added where it is new. */
	place(set: Uint32Array): number {
		const known = this.#known.get(set);
		if (known !== undefined) return known;
		let hash = set.length;
		for (let k = 0, n = set.length; k < n; k++) hash = (Math.imul(hash, 31) + set[k]) | 0;
		const places = this.#places.get(hash) ?? [];
		let place = places.find((at) => equal(this.sets[at], set));
		if (place === undefined) {
			place = this.sets.push(set) - 1;
			places.push(place);
			this.#places.set(hash, places);
		}
		this.#known.set(set, place);
		return place;
	}
}

const equal = (a: Uint32Array, b: Uint32Array): boolean => a.length === b.length && a.every((code, k) => code === b[k]);

/**
 * Sorted codes as bytes, set after set: a number that says how many codes follow (doubled), or of how many bytes a bit a code is (doubled
 * and one more), whichever is shorter; then these bytes, or each code less the one before it, less one. Numbers are seven bits a byte, the
 * lowest first, with the eighth where more follow.
 */
export function writeSets(sets: readonly Uint32Array[]): Uint8Array {
	let bytes = new Uint8Array(1024);
	let at = 0;
	const reserve = (more: number): void => {
		if (at + more <= bytes.length) return;
		const larger = new Uint8Array(2 * (at + more));
		larger.set(bytes);
		bytes = larger;
	};
	const put = (value: number): void => {
		let rest = value;
		for (; rest > 127; rest = Math.floor(rest / 128)) bytes[at++] = (rest & 127) | 128;
		bytes[at++] = rest;
	};
	for (const set of sets) {
		const n = set.length;
		const width = n ? Math.floor(set[n - 1] / 8) + 1 : 0;
		let listed = 0;
		for (let k = 0; k < n; k++) listed += lengthOf(set[k] - (k ? set[k - 1] + 1 : 0));
		const asBits = width < listed;
		reserve(10 + Math.min(width, listed));
		put(2 * (asBits ? width : n) + +asBits);
		if (asBits) {
			for (let k = 0; k < n; k++) bytes[at + (set[k] >>> 3)] |= 1 << (set[k] & 7);
			at += width;
		} else for (let k = 0; k < n; k++) put(set[k] - (k ? set[k - 1] + 1 : 0));
	}
	return bytes.slice(0, at);
}

const lengthOf = (value: number): number => (value < 128 ? 1 : value < 16_384 ? 2 : value < 2_097_152 ? 3 : value < 268_435_456 ? 4 : 5);

/** Reads `count` sets of codes up to `most[i]` each. @throws `learn.model_invalid` */
export function readSets(bytes: ArrayLike<number>, most: ArrayLike<number>): Uint32Array[] {
	const end = bytes.length;
	let at = 0;
	const take = (): number => {
		let value = 0;
		for (let scale = 1; scale <= 2 ** 35; scale *= 128) {
			if (at >= end) break;
			const byte = bytes[at++];
			value += (byte & 127) * scale;
			if (byte < 128) return value;
		}
		throw damaged('its categories end too early');
	};
	const out: Uint32Array[] = [];
	for (let s = 0, count = most.length; s < count; s++) {
		const head = take();
		const length = Math.floor(head / 2);
		// Of either kind there is at least a byte for each.
		if (length > end - at) throw damaged('its categories end too early');
		out.push(head % 2 ? bitsIn(bytes, at, length) : listed(length));
		if (head % 2) at += length;
		const set = out[s];
		if (set.length && set[set.length - 1] > most[s]) throw damaged('it has categories that do not exist');
	}
	if (at !== end) throw damaged('its categories do not fit its nodes');
	return out;

	function listed(length: number): Uint32Array {
		const set = new Uint32Array(length);
		let next = 0;
		for (let k = 0; k < length; k++) {
			next += take();
			if (next > 0xffffffff) throw damaged('it has categories that do not exist');
			set[k] = next++;
		}
		return set;
	}
}

function bitsIn(bytes: ArrayLike<number>, from: number, length: number): Uint32Array {
	const codes: number[] = [];
	for (let i = 0; i < length; i++)
		for (let rest = bytes[from + i]; rest !== 0; rest &= rest - 1) codes.push(8 * i + 31 - Math.clz32(rest & -rest));
	return Uint32Array.from(codes);
}
