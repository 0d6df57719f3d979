import { z } from 'zod/v4';
import type { State } from '../../contract.js';
import type { Ensemble, ModelColumn } from '../ensemble.js';
import type { FinishedTree } from '../tree.js';
import { flatten, stemsOf, treesOf } from './flatTrees.js';
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
	const flat = flatten(stems, lists, model.trees);
	const nodes = flat.feature.length;
	const at = Uint32Array.from({ length: nodes }, (_, n) => n);
	const splits = at.filter((n) => flat.feature[n] >= 0);
	const leaves = at.filter((n) => flat.feature[n] < 0);
	const arrays: State['arrays'] = {};
	const order = writeShapes(arrays, flat, splits);
	writeSplits(arrays, flat, splits, model.columns);
	return { arrays, form: { order, shared: lists > 1, ...writeFigures(arrays, flat, { ...flat, splits, leaves }) }, nodes };
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
