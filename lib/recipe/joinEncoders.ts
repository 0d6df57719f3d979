import { takeName } from '../data/columnNames.js';
import type { EncoderState } from './encode.js';

export interface Joined {
	encoder: EncoderState;
	/** For each of the encoders the places of its columns among those of the joined one. */
	picks: number[][];
}

/**
 * One encoder that makes the columns of several: what two make alike is made once, columns of one name that differ get names of their own.
 */
export function joinEncoders(encoders: readonly EncoderState[]): Joined {
	const taken = new Set<string>();
	const known = new Map<string, number[]>();
	const features: EncoderState['features'] = [];
	const parts: EncoderState['parts'] = [];
	let width = 0;
	const picks = encoders.map((encoder) => {
		for (const f of encoder.features) if (!features.some((g) => g.name === f.name)) features.push(f);
		return encoder.parts.flatMap((part) => {
			const key = JSON.stringify(part);
			const there = known.get(key);
			if (there) return there;
			const named =
				part.kind === 'onehot'
					? { ...part, names: part.names.map((name) => takeName(name, taken)) }
					: { ...part, name: takeName(part.name, taken) };
			parts.push(named);
			const places = Array.from({ length: part.kind === 'onehot' ? part.names.length : 1 }, () => width++);
			known.set(key, places);
			return places;
		});
	});
	return { encoder: { v: 1, features, parts }, picks };
}
