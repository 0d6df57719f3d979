import { z } from 'zod/v4';
import { dictionary } from '../../../domain/dictionary.js';
import type { State } from '../../contract.js';
import type { Ensemble, ModelColumn } from '../ensemble.js';
import type { FinishedTree } from '../tree.js';
import { Stems, stemsOf, treesOf } from './flatTrees.js';
import { listIn } from './narrowNumbers.js';
import { figuresForm, readFigures, writeFigures } from './nodeFigures.js';
import { damaged } from './treeDamage.js';
import { readShapes, writeShapes } from './treeShapes.js';
import { readSplits, writeSplits } from './treeSplits.js';

const form = figuresForm.extend({
	order: z.string(),
	/** Whether all outputs of a round share their tree and differ in values alone: it is stored once. */
	shared: z.boolean(),
});

/**
 * The second form of stored trees: what can be worked out of the rest is left out, to the bit, and what remains is as narrow as its content
 * allows. Leaves hold values and rows, splits a column and the place of their question; see treeShapes.ts, treeSplits.ts, nodeFigures.ts.
 * The same trees give the same arrays.
 * @returns arrays and how they are to be read; `nodes` are those that are stored
 */
export function writeCompactForm(model: Ensemble): { arrays: State['arrays']; form: z.infer<typeof form>; nodes: number } {
	const { stems, lists } = stemsOf(model);
	const all = new Stems(stems, model.trees, lists);
	const { nodes, starts } = all;
	const shape = { starts, feature: all.indices('feature'), left: all.indices('left'), right: all.indices('right') };
	const splits = new Uint32Array((nodes - stems.length) / 2);
	const leaves = new Uint32Array(nodes - splits.length);
	for (let n = 0, s = 0, l = 0; n < nodes; n++) {
		if (shape.feature[n] < 0) leaves[l++] = n;
		else splits[s++] = n;
	}
	const arrays: State['arrays'] = dictionary();
	const order = writeShapes(arrays, shape, splits);
	writeSplits(arrays, all, shape.feature, splits, model.columns);
	return { arrays, form: { order, shared: lists > 1, ...writeFigures(arrays, all, { ...shape, splits, leaves }) }, nodes };
}

/** What `writeCompactForm` wrote, checked. @throws `learn.model_invalid` */
export function readCompactForm(state: State, outputs: number, columns: readonly ModelColumn[]): FinishedTree[] {
	const read = form.safeParse(state.meta.form);
	if (!read.success) throw damaged('its form is unknown');
	const lists = read.data.shared ? outputs : 1;
	const { shape, splits, leaves } = readShapes(state, read.data.order);
	const { starts, left, right } = shape;
	const questions = readSplits(state, starts, splits, columns);
	return treesOf({ starts, left, right, ...questions, ...readFigures(state, read.data, lists, { starts, left, right, splits, leaves }) });
}

/** Nodes of each tree of the model. @throws `learn.model_invalid` */
export function compactSizes(state: State, outputs: number): number[] {
	const shared = form.safeParse(state.meta.form).data?.shared ?? false;
	const inner = Array.from(listIn(state, 'inner'));
	return inner.flatMap((splits) => new Array<number>(shared ? outputs : 1).fill(2 * splits + 1));
}
