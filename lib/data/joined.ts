import { MlopsError } from '../domain/errors.js';
import { isNumberVector, type Vector } from './frame.js';

/** One column of the parts of a table, `rows` in all; the dictionary is in the order of the parts'. */
export function joined(parts: readonly Vector[], rows: number): Vector {
	let at = 0;
	if (parts.every(isNumberVector)) {
		const data = new Float64Array(rows);
		for (const part of parts) {
			data.set(part.data, at);
			at += part.data.length;
		}
		return { data };
	}
	const codes = new Uint32Array(rows);
	const index = new Map<string, number>();
	for (const part of parts) {
		if (isNumberVector(part)) throw new MlopsError('internal', 'A column changed its kind between two parts of a table.');
		const table = [0, ...part.dictionary.map((text) => index.get(text) ?? (index.set(text, index.size + 1), index.size))];
		for (const code of part.codes) codes[at++] = table[code];
	}
	return { codes, dictionary: [...index.keys()] };
}
