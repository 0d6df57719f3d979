import { readPackage } from '../formats/modelPackage.js';
import { readEncoder, type EncoderState } from '../recipe/encode.js';
import { fromState, TREES_FORMAT } from './trees/ensemble.js';
import { plotTree, type PlotNode } from './trees/plot.js';

/** A package larger than this, or that takes more once it is unpacked, is not read only to show a tree. */
const MOST_BYTES = 64e6;
const MOST_NODES = 1e6;

export interface ShownTree {
	root: PlotNode;
	trees: number;
	average: boolean;
}

/**
 * The first tree of a model package with categories by name, `depth` questions deep; nothing for models of another kind, very large ones,
 * or where the first tree asks nothing. @throws `learn.model_invalid`
 */
export function firstTree(bytes: Uint8Array, depth: number): ShownTree | undefined {
	if (bytes.byteLength > MOST_BYTES) return undefined;
	const { manifest, state } = readPackage(bytes);
	if (state.format !== TREES_FORMAT) return undefined;
	if (Number(state.meta.nodes) > MOST_NODES) return undefined;
	const model = fromState(state);
	if (!model.trees.length) return undefined;
	const levels = levelsIn(readEncoder(manifest.encoder));
	const label = (column: string, code: number) =>
		code === 0 ? 'missing' : code === 1 ? 'new' : (levels.get(column)?.[code - 2] ?? String(code));
	// Divisions at random places gain nothing, and tell nobody anything.
	if (Array.from(model.trees[0].gain).every((gain) => gain === 0)) return undefined;
	const root = plotTree(model, 0, { depth, label, names: 3 });
	return root.split ? { root, trees: model.trees.length, average: model.average } : undefined;
}

/** Names of the categories of each encoded column that has some, in the order of their codes. */
function levelsIn({ parts }: EncoderState): Map<string, readonly string[]> {
	const levels = new Map<string, readonly string[]>();
	for (const part of parts) {
		if (part.kind === 'codes') levels.set(part.name, part.levels);
		else if (part.kind === 'pair')
			levels.set(
				part.name,
				part.levels.map((level) => level.map((value) => value ?? 'missing').join(' with ')),
			);
	}
	return levels;
}
