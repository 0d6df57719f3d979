import { z } from 'zod/v4';
import { checkState, modelInvalid } from '../../check.js';
import type { State } from '../../contract.js';

/*
 * A network for tables in the manner of RealMLP-TD (Holzmüller, Grinsztajn and Steinwart, "Better by default: strong pre-tuned MLPs and
 * boosted trees on tabular data", 2024). A row goes through it like this:
 *
 *     number   x = (value - center) * factor, then x / sqrt(1 + (x / 3)^2): robustly scaled, smoothly kept within -3..3
 *              with a periodic embedding also three numbers lin = cos(x * pw + pb) * lw + lb (Gorishniy, Rubachev and Babenko 2022)
 *     category its slot (`m<column>`), of few slots as 0 and 1, of many as a row of the table `e<column>`
 *     all      times `scale`, then layer by layer h * w + b; between layers z + a * (f(z) - z), `a` a number for each unit
 */

export const FORMAT = 'tabularNetwork';
export const VERSION = 1;
/** Frequencies of a number's periodic embedding, and the numbers that are made of them. */
export const FREQUENCIES = 16;
export const EMBEDDED = 3;
/** Width of the embedding of a category. */
export const WIDTH = 8;
/** Numbers are kept within minus and plus this. */
export const CLIP = 3;

const size = z.number().int().min(1).max(1e6);
const input = z.discriminatedUnion('kind', [
	z.object({ kind: z.literal('number'), center: z.number(), factor: z.number() }),
	/** `levels`: codes of the column; `slots`: what they are mapped to. */
	z.object({ kind: z.literal('onehot'), levels: size, slots: z.number().int().min(0).max(1e6) }),
	z.object({ kind: z.literal('embedding'), levels: size, slots: size }),
]);
export type Input = z.infer<typeof input>;

const form = z.object({
	columns: z.array(z.string()),
	inputs: z.array(input),
	/** Whether numbers have a periodic embedding. */
	periodic: z.boolean(),
	hidden: z.array(size.max(4096)).max(8),
	activation: z.enum(['selu', 'mish']),
	outputs: size,
	output: z.enum(['probability', 'probabilities', 'value']),
	/** The target was standardised with these, and no answer leaves what was seen. */
	target: z.object({ center: z.number(), scale: z.number(), low: z.number(), high: z.number() }),
});
export type Form = z.infer<typeof form>;

/** An array that is learned. */
export interface Part {
	name: string;
	shape: number[];
	/** Its rate, as a share of that of the weights. */
	rate: number;
	/** Whether it decays. */
	decays: boolean;
}

export const numbersOf = ({ inputs }: Form): number => inputs.filter((i) => i.kind === 'number').length;
export const oneHotOf = ({ inputs }: Form): number => inputs.reduce((sum, i) => sum + (i.kind === 'onehot' ? i.slots : 0), 0);
const embeddingsOf = ({ inputs }: Form): number => inputs.filter((i) => i.kind === 'embedding').length;

/** Widths of all layers, inputs first: numbers, their embeddings, categories of few levels, embeddings of many. */
export const widthsOf = (f: Form): number[] => [
	numbersOf(f) * (f.periodic ? 1 + EMBEDDED : 1) + oneHotOf(f) + embeddingsOf(f) * WIDTH,
	...f.hidden,
	f.outputs,
];

/**
 * All arrays that are learned. Rates as in RealMLP-TD; its "neural tangent" division of each layer by the root of its width is a rate and
 * a start that are smaller by as much, which Adam makes the same.
 */
export function partsOf(f: Form): Part[] {
	const widths = widthsOf(f);
	const numbers = f.periodic ? numbersOf(f) : 0;
	const part = (name: string, shape: number[], rate: number, decays = false): Part => ({ name, shape, rate, decays });
	const periodic = [
		part('pw', [numbers, 1, FREQUENCIES], 0.1 * 2 * Math.PI),
		part('pb', [numbers, 1, FREQUENCIES], 0.1),
		part('lw', [numbers, FREQUENCIES, EMBEDDED], 0.1),
		part('lb', [numbers, 1, EMBEDDED], 0.1),
	];
	return [
		...(numbers ? periodic : []),
		...f.inputs.flatMap((i, j) => (i.kind === 'embedding' ? [part(`e${j}`, [i.slots, WIDTH], 1, true)] : [])),
		part('scale', [1, widths[0]], 6),
		...widths
			.slice(1)
			.flatMap((out, l) => [
				part(`w${l}`, [widths[l], out], 1 / Math.sqrt(widths[l]), true),
				part(`b${l}`, [1, out], 0.1),
				...(l < f.hidden.length ? [part(`a${l}`, [1, out], 0.1)] : []),
			]),
	];
}

export const lengthOf = ({ shape }: Part): number => shape.reduce((a, b) => a * b, 1);

/** Multiplications of one row, forward. */
export const multiplicationsOf = (f: Form): number =>
	widthsOf(f).reduce((sum, w, l, all) => (l ? sum + w * all[l - 1] : 0), 0) +
	(f.periodic ? numbersOf(f) * FREQUENCIES * (EMBEDDED + 1) : 0);

/** @throws `learn.model_invalid`, `store.version_newer` */
export function formOf(state: State): Form {
	const read = form.safeParse(checkState(state, FORMAT, VERSION, []).meta);
	if (!read.success) throw modelInvalid(`a network that cannot be read (${read.error.issues[0].message})`);
	const f = read.data;
	if (f.inputs.length !== f.columns.length) throw modelInvalid('inputs that do not match the columns');
	if (f.output !== 'probabilities' && f.outputs !== 1) throw modelInvalid(`${f.outputs} outputs`);
	return f;
}

/** Checks all arrays of a state. @throws `learn.model_invalid`, `store.version_newer` */
export function validateTabular(state: State): State {
	const f = formOf(state);
	f.inputs.forEach((i, j) => {
		if (i.kind === 'number') return;
		const slots = state.arrays[`m${j}`];
		if (
			!(slots instanceof Int32Array) ||
			slots.length !== i.levels ||
			slots.some((s) => s < (i.kind === 'onehot' ? -1 : 0) || s >= i.slots)
		)
			throw modelInvalid(`slots of column ${j} that do not fit`);
	});
	for (const part of partsOf(f)) {
		const a = state.arrays[part.name];
		if (!(a instanceof Float32Array) || a.length !== lengthOf(part)) throw modelInvalid(`array "${part.name}" of the wrong size`);
		for (let i = 0, n = a.length; i < n; i++)
			if (!Number.isFinite(a[i])) throw modelInvalid(`array "${part.name}" with something that is no number`);
	}
	return state;
}
