import type { State } from '../../contract.js';
import { EMBEDDED, FREQUENCIES, numbersOf, oneHotOf, WIDTH, widthsOf, type Form } from './networkForm.js';

/** Units whose weights lie side by side. */
export const FOUR = 4;
/** Half turns of an angle that are told apart at most: those of a network that learned are a few. */
const MOST_TURNS = 2 ** 14;
/**
 * Numbers of a column's waves: frequencies and phases in half turns, four weights a frequency, four numbers to begin with; the fourth is
 * nobody's.
 */
export const WAVE = 2 * FREQUENCIES + FOUR * FREQUENCIES + FOUR;

/** One layer. Units that it has beyond `out`, up to the next four, have no weight and feed nothing. */
export interface CompiledLayer {
	into: number;
	out: number;
	fours: number;
	/** Four after four; of each the weights of what goes in, one after the other. */
	w: Float32Array;
	bias: Float32Array;
	/** How much of the activation each unit takes; absent where there is none. */
	a?: Float32Array;
}

/** What a category adds to the first layer: a row of `4 * fours` numbers for each slot, since what goes into the layer is known. */
export interface CategoryTable {
	column: number;
	/** The slot of each code. The last one adds nothing. */
	slots: Int32Array;
	rows: Float32Array;
}

/** A network as its answers are computed from it, in 32 bits as it was trained. */
export interface CompiledNetwork {
	columns: readonly string[];
	numbers: Array<{ column: number; center: number; factor: number }>;
	/** `WAVE` numbers for each column of numbers; absent where these have no waves. */
	waves?: Float32Array;
	tables: CategoryTable[];
	/** The first takes the numbers alone, with `scale` multiplied into it. */
	layers: CompiledLayer[];
	activation: Form['activation'];
	outputs: number;
}

type Arrays = State['arrays'];

/** `arrays` as `validateTabular` saw them. */
export function compileNetwork(form: Form, arrays: Arrays): CompiledNetwork {
	const widths = widthsOf(form);
	const numbers = numbersOf(form) * (form.periodic ? 1 + EMBEDDED : 1);
	return {
		columns: form.columns,
		numbers: form.inputs.flatMap((input, column) =>
			input.kind === 'number' ? [{ column, center: input.center, factor: input.factor }] : [],
		),
		waves: form.periodic ? wavesOf(numbersOf(form), arrays) : undefined,
		tables: tablesOf(form, arrays),
		layers: widths.slice(1).map((out, l) => layerOf(l, l === 0 ? numbers : widths[l], out, l < form.hidden.length, arrays)),
		activation: form.activation,
		outputs: form.outputs,
	};
}

function wavesOf(numbers: number, { pw, pb, lw, lb }: Arrays): Float32Array {
	const waves = new Float32Array(numbers * WAVE);
	for (let c = 0; c < numbers; c++) {
		const mine = waves.subarray(c * WAVE, (c + 1) * WAVE);
		for (let k = 0; k < FREQUENCIES; k++) {
			mine[k] = halfTurns(pw[c * FREQUENCIES + k]);
			mine[FREQUENCIES + k] = halfTurns(pb[c * FREQUENCIES + k]);
			for (let d = 0; d < EMBEDDED; d++) mine[2 * FREQUENCIES + k * FOUR + d] = lw[(c * FREQUENCIES + k) * EMBEDDED + d];
		}
		for (let d = 0; d < EMBEDDED; d++) mine[WAVE - FOUR + d] = lb[c * EMBEDDED + d];
	}
	return waves;
}

const halfTurns = (angle: number): number => Math.min(MOST_TURNS, Math.max(-MOST_TURNS, angle / Math.PI));

/** An angle as it is used. */
export const angleOf = (angle: number): number => halfTurns(angle) * Math.PI;

function layerOf(l: number, into: number, out: number, hidden: boolean, arrays: Arrays): CompiledLayer {
	const fours = Math.ceil(out / FOUR);
	const given = arrays[`w${l}`];
	const w = new Float32Array(fours * into * FOUR);
	for (let i = 0; i < into; i++) {
		const scale = l === 0 ? arrays.scale[i] : 1;
		for (let o = 0; o < out; o++) w[(Math.floor(o / FOUR) * into + i) * FOUR + (o % FOUR)] = given[i * out + o] * scale;
	}
	const padded = (name: string): Float32Array => {
		const all = new Float32Array(fours * FOUR);
		all.set(arrays[name] as Float32Array);
		return all;
	};
	return { into, out, fours, w, bias: padded(`b${l}`), a: hidden ? padded(`a${l}`) : undefined };
}

function tablesOf(form: Form, arrays: Arrays): CategoryTable[] {
	const width = widthsOf(form)[1];
	const apart = Math.ceil(width / FOUR) * FOUR;
	const w = arrays.w0;
	let flag = numbersOf(form) * (form.periodic ? 1 + EMBEDDED : 1);
	let embedding = flag + oneHotOf(form);
	return form.inputs.flatMap((input, column): CategoryTable[] => {
		if (input.kind === 'number') return [];
		// Summed in 64 bits, and rounded once.
		const sums = new Float64Array((input.slots + 1) * apart);
		const add = (slot: number, from: number, value: number): void => {
			for (let o = 0; o < width; o++) sums[slot * apart + o] += value * arrays.scale[from] * w[from * width + o];
		};
		for (let slot = 0; slot < input.slots; slot++) {
			if (input.kind === 'onehot') add(slot, flag + slot, 1);
			else for (let d = 0; d < WIDTH; d++) add(slot, embedding + d, arrays[`e${column}`][slot * WIDTH + d]);
		}
		if (input.kind === 'onehot') flag += input.slots;
		else embedding += WIDTH;
		const slots = Int32Array.from(arrays[`m${column}`], (slot) => (slot < 0 ? input.slots : slot));
		return [{ column, slots, rows: Float32Array.from(sums) }];
	});
}
