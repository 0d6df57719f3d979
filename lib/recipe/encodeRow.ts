import type { Value } from '../data/frame.js';
import type { Row } from './contract.js';
import { encodedNames, FIRST_LEVEL, slots, type EncoderState } from './encode.js';
import { pairCodes } from './encodePairs.js';

/**
 * The encoding of single rows: `row` fills `out` (one number for each of `columns`, codes as numbers) without allocating. Numbers are not
 * rounded to 32 bits.
 * @param place where a column is, if rows come as lists of values (`CompiledRecipe.values`)
 */
export function compileEncoder(state: EncoderState): { columns: string[]; row(row: Row, out: Float64Array): void };
export function compileEncoder(
	state: EncoderState,
	place: (name: string) => number,
): { columns: string[]; row(row: readonly Value[], out: Float64Array): void };
export function compileEncoder(
	state: EncoderState,
	place: (name: string) => number | string = (name) => name,
): { columns: string[]; row(row: never, out: Float64Array): void } {
	// A list is read like a row: its places are the names.
	type Fill = (row: Row, out: Float64Array) => void;
	let next = 0;
	const fills = state.parts.map((p): Fill => {
		const at = next;
		next += p.kind === 'onehot' ? p.names.length : 1;
		if (p.kind === 'pair') {
			const [a, b] = p.sources.map((source) => place(source) as string);
			const code = pairCodes(p, FIRST_LEVEL, 1);
			const text = (v: Value | undefined): string | null => (typeof v === 'string' ? v : null);
			return (row, out) => {
				out[at] = code(text(row[a]), text(row[b]));
			};
		}
		const source = place(p.source) as string;
		switch (p.kind) {
			case 'number': {
				const fill = p.fill ?? NaN;
				const { mean, std } = p;
				return (row, out) => {
					const v = row[source];
					out[at] = ((typeof v === 'number' && !Number.isNaN(v) ? v : fill) - mean) / std;
				};
			}
			case 'indicator': {
				const no = (0 - p.mean) / p.std;
				const yes = (1 - p.mean) / p.std;
				return (row, out) => {
					const v = row[source];
					out[at] = typeof v === 'number' && !Number.isNaN(v) ? no : yes;
				};
			}
			case 'codes': {
				const index = new Map(p.levels.map((level, k) => [level, k + FIRST_LEVEL]));
				return (row, out) => {
					const v = row[source];
					out[at] = typeof v === 'string' ? (index.get(v) ?? 1) : 0;
				};
			}
			case 'onehot': {
				const index = new Map(p.levels.map((level, k) => [level, k + FIRST_LEVEL]));
				const slot = slots(p);
				const off = p.mean.map((m, k) => (0 - m) / p.std[k]);
				const on = p.mean.map((m, k) => (1 - m) / p.std[k]);
				return (row, out) => {
					const v = row[source];
					for (let k = 0; k < off.length; k++) out[at + k] = off[k];
					const k = slot[typeof v === 'string' ? (index.get(v) ?? 1) : 0];
					if (k >= 0) out[at + k] = on[k];
				};
			}
		}
	});
	return {
		columns: encodedNames(state),
		row(row: Row, out: Float64Array) {
			for (const fill of fills) fill(row, out);
		},
	};
}
