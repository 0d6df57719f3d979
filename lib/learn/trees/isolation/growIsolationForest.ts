import { stopAsked } from '../../../domain/cancel.js';
import type { FitContext, Matrix } from '../../contract.js';
import { breathe } from '../../check.js';
import type { Ensemble, ModelColumn } from '../ensemble.js';
import { murmurMix, murmurPairs } from '../../../domain/random.js';
import { sample } from '../../../task/statistics/sampling.js';
import type { FinishedTree } from '../tree.js';
import { drawRows } from './drawRows.js';
import { growIsolationTree } from './isolationTree.js';

/** What an isolation forest is asked for, in absolute numbers. */
export interface IsolationParams {
	numTrees: number;
	/** Rows that a tree sees. */
	sample: number;
	/** Columns that a tree may divide by. */
	columns: number;
	bootstrap: boolean;
	seed: number;
}

/** Rows looked at between two looks at whether to stop. */
const VISITS = 500_000;

/**
 * An isolation forest as an ensemble of the tree engine: the raw score of a row is the mean of its leaves (`isolationValue`), the link
 * `isolation` makes it the paper's score. Each tree depends on the seed and its number only. A tree of 256 rows takes a fraction of a
 * millisecond, so they are grown one after the other, by one thread.
 * @throws `compute.cancelled`
 */
export async function growIsolationForest(
	train: Matrix,
	weight: Float64Array | undefined,
	params: IsolationParams,
	context: Pick<FitContext, 'cancelled' | 'progress'>,
): Promise<{ model: Ensemble; stopped: 'done' | 'cancelled' }> {
	const { numTrees, seed } = params;
	const trees: FinishedTree[] = [];
	const all = train.columns.map((_, j) => j);
	let visits = 0;
	const look = (more: number): void => {
		visits += more;
		if (visits < VISITS) return;
		visits = 0;
		stopAsked(context, 'The training');
	};
	while (trees.length < numTrees && !(stopAsked(context, 'The training') && trees.length)) {
		const random = murmurPairs(murmurMix(seed ^ 0x1f0235b1, trees.length));
		const rows = drawRows(train.rows, params.sample, { bootstrap: params.bootstrap, weight }, random);
		const tried = params.columns < all.length ? Array.from(sample(all.length, params.columns, random)) : all;
		trees.push(growIsolationTree(train.columns, rows, tried, random, look));
		context.progress({ stage: 'Training trees', share: trees.length / numTrees });
		if (trees.length % 16 === 0) await breathe();
	}
	return {
		model: { loss: 'isolation', outputs: 1, initial: [0], average: true, trees, columns: train.columns.map(modelColumn) },
		stopped: trees.length < numTrees ? 'cancelled' : 'done',
	};

	function modelColumn(column: Matrix['columns'][number]): ModelColumn {
		if (column.kind === 'number') return { name: column.name, kind: 'number' };
		const used = new Uint8Array(column.levels);
		for (let i = 0; i < train.rows; i++) used[column.data[i]] = 1;
		return { name: column.name, kind: 'category', levels: column.levels, seen: Uint32Array.from(used.keys()).filter((code) => used[code]) };
	}
}
