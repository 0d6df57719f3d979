import { MlopsError } from '../../../domain/errors.js';
import { fromState, toState, type Ensemble } from '../ensemble.js';
import type { Tree } from '../tree.js';

export const refuse = (format: string, what: string, remedy?: string) =>
	new MlopsError('learn.model_invalid', `This ${format} model cannot be read: ${what}.`, {
		remedy: remedy ?? 'Save the model again and import the new file.',
	});

/**
 * Puts the nodes of a tree in our order (parents before children) and checks that it is a tree.
 * `children` answers the two children of a node, or undefined for a leaf.
 */
export function ordered(
	count: number,
	children: (node: number) => readonly [number, number] | undefined,
	fail: (what: string) => Error,
): Int32Array {
	const order: number[] = [0];
	const seen = new Uint8Array(count);
	if (count < 1) throw fail('a tree has no nodes');
	seen[0] = 1;
	for (let at = 0; at < order.length; at++) {
		const pair = children(order[at]);
		if (!pair) continue;
		for (const child of pair) {
			if (!Number.isInteger(child) || child < 0 || child >= count) throw fail('a node leads nowhere');
			if (seen[child]++) throw fail('a node can be reached in two ways');
			order.push(child);
		}
	}
	const place = new Int32Array(count).fill(-1);
	order.forEach((node, i) => {
		place[node] = i;
	});
	return place;
}

/** Trees in the order of our ensembles (tree i belongs to output i % outputs), from the output of each. */
export function interleave(trees: Tree[], outputOf: (index: number) => number, outputs: number, fail: (what: string) => Error): Tree[] {
	const by: Tree[][] = Array.from({ length: outputs }, () => []);
	trees.forEach((tree, i) => {
		const k = outputOf(i);
		if (!Number.isInteger(k) || k < 0 || k >= outputs) throw fail(`tree ${i + 1} belongs to no class`);
		by[k].push(tree);
	});
	if (by.some((list) => list.length !== by[0].length)) throw fail('the classes have different numbers of trees');
	return by[0].flatMap((_, i) => by.map((list) => list[i]));
}

export const numbered = (names: readonly string[] | undefined, count: number): Ensemble['columns'] =>
	Array.from({ length: count }, (_, i) => ({ name: names?.[i] ?? `f${i}`, kind: 'number' as const }));

/** The model after the checks that our own files go through: numbers are finite, categories in bounds. @throws `learn.model_invalid` */
export const checked = (model: Ensemble): Ensemble => fromState(toState(model));
