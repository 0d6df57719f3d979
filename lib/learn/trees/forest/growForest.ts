import { stopAsked } from '../../../domain/cancel.js';
import type { FitContext, Labels, Matrix } from '../../contract.js';
import { planBins } from '../binning.js';
import { checkLabels } from '../checkLabels.js';
import { kernelModule } from '../hire.js';
import { weightedMean } from '../losses/loss.js';
import type { Ensemble } from '../ensemble.js';
import type { FinishedTree } from '../tree.js';
import { soloCrew, workerCrew, type Crew } from './forestCrew.js';
import { toTrees } from './grown.js';
import { breakGround, KernelGrower } from './kernelGrower.js';
import { PlainGrower } from './plainGrower.js';
import { planForest, visitsOf, type ForestParams, type ForestPlan } from './planForest.js';

export interface ForestInput {
	train: Matrix;
	labels: Labels;
	params: ForestParams;
	context: Pick<FitContext, 'threads' | 'cancelled' | 'progress' | 'note'>;
	/** For comparisons: the plain path, and how much work is worth a thread. */
	plain?: boolean;
	visitsPerThread?: number;
}

export interface Forest {
	model: Ensemble;
	stopped: 'done' | 'cancelled';
	backend: string;
}

/**
 * A random forest (Breiman 2001) on binned columns: each tree on a bootstrap sample, each split the best of a few random columns.
 * The split maximises the fall of the squared error of the class indicators (Gini impurity) or of the value (variance).
 * Every tree depends on the seed and its own number only, and is grown by one thread: the model is the same whatever their number.
 * @throws `MlopsError` for labels or values that cannot be learned from, and `compute.cancelled`
 */
export async function growForest(input: ForestInput): Promise<Forest> {
	const { train, labels, params, context } = input;
	checkLabels(train, labels);
	const bins = planBins(train, params.maxBin, params.seed);
	// Numbers far from zero would lose their differences in the squares of their sums: trees learn the distance from the mean.
	const mean = labels.classes > 0 ? 0 : weightedMean(labels.y, labels.weight, train.rows);
	const plan = planForest(train.rows, bins, labels, mean === 0 ? labels.y : labels.y.map((v) => v - mean), params);
	const crew = hire(plan, input);
	const grown: FinishedTree[][] = [];
	let count = 0;
	const stop = (): boolean => {
		// Asked to keep the best so far, there must be something to keep.
		return stopAsked(context, 'The training') && count > 0;
	};
	await crew.grow(params.numTrees, stop, (number, tree) => {
		grown[number] = toTrees(tree, plan);
		count++;
		context.progress({ stage: 'Training trees', share: count / params.numTrees });
	});
	const model: Ensemble = {
		loss: 'forest',
		outputs: plan.outputs,
		initial: new Array<number>(plan.outputs).fill(mean),
		average: true,
		trees: grown.flat(),
		columns: bins.map((b, i) =>
			b.kind === 'number'
				? { name: train.columns[i].name, kind: 'number' }
				: { name: train.columns[i].name, kind: 'category', levels: b.binOf.length, seen: b.codes },
		),
	};
	return { model, stopped: count < params.numTrees ? 'cancelled' : 'done', backend: crew.backend() };
}

/** Chooses kernel and threads by what the platform has and by the size of the work. The model does not depend on the choice. */
function hire(plan: ForestPlan, { train: { columns }, context, plain, visitsPerThread = 5e6 }: ForestInput): Crew {
	const module = plain || typeof SharedArrayBuffer === 'undefined' ? null : kernelModule();
	if (!module) {
		if (!plain)
			context.note(
				'trees.plain_kernel',
				'The fast kernel is not available here (it needs WebAssembly SIMD, threads and shared memory): training runs in plain ' +
					'JavaScript, several times slower.',
			);
		return soloCrew(new PlainGrower(plan, columns), 'plain');
	}
	const threads = Math.max(1, Math.min(context.threads, plan.seeds.length, Math.floor(visitsOf(plan) / visitsPerThread), 64));
	const ground = breakGround(plan, columns, module, threads);
	if (!ground) {
		context.note('trees.plain_kernel', 'The data are larger than the fast kernel can address: training runs in plain JavaScript.');
		return soloCrew(new PlainGrower(plan, columns), 'plain');
	}
	return ground.layout.growers.length > 1 ? workerCrew(ground, context) : soloCrew(new KernelGrower(ground), 'wasm');
}
