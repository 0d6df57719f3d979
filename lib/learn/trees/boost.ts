import { stopAsked, throwIfCancelled } from '../../domain/cancel.js';
import type { FitContext, Labels, Matrix } from '../contract.js';
import { planBins, recount } from './binning.js';
import { checkLabels } from './checkLabels.js';
import { joinEqualRows } from './equalRows.js';
import { hireCrew } from './hire.js';
import { growTree } from './grow.js';
import { drawByGradient } from './goss.js';
import { BLOCK, MOST_OUTPUTS, planLayout } from './layout.js';
import type { Loss, LossRows } from './losses/index.js';
import type { Ensemble } from './ensemble.js';
import type { TreeParams } from './treeParams.js';
import { murmurMix, murmurPairs } from '../../domain/random.js';
import { sample } from '../../task/statistics/sampling.js';
import type { Shard } from './treeCrew.js';
import { fillSparse } from './sparseRows.js';
import { compile } from './compileTrees.js';
import { rawBatch } from './rawScore.js';
import type { Tree } from './tree.js';

/** Between one word of progress and the next. */
const PROGRESS_MS = 200;
const HURRIED_MS = 20;

/** What early stopping watches on the validation rows. */
export interface Watch {
	name: string;
	higherIsBetter: boolean;
	evaluate(rows: LossRows): number;
}

export interface BoostInput {
	train: Matrix;
	labels: Labels;
	valid?: { x: Matrix; labels: Labels };
	loss: Loss;
	params: TreeParams;
	init?: Ensemble;
	/** In the place of the loss. */
	watch?: Watch;
	/** Whether the trees of an iteration may use a column; by default they may use all. */
	turns?(column: number, iteration: number): boolean;
	/** For comparisons: the plain kernel, and how much work is worth a thread. */
	plain?: boolean;
	cellsPerThread?: number;
	/** For comparisons: no column as lists, and no row that stands for several. */
	dense?: boolean;
	apart?: boolean;
	context: Pick<FitContext, 'threads' | 'cancelled' | 'hurried' | 'progress' | 'note'>;
}

export interface Boosted {
	model: Ensemble;
	stopped: 'done' | 'early' | 'cancelled';
	bestIteration: number;
	backend: string;
}

/** Trains a boosted ensemble: typed arrays in, trees out; the same trees for the same data and seed whatever the number of threads. */
// eslint-disable-next-line max-lines-per-function -- one training over one arena: its steps share some twenty arrays
export async function boost(input: BoostInput): Promise<Boosted> {
	const { loss, params, context } = input;
	checkLabels(input.train, input.labels, loss);
	const allBins = planBins(input.train, params.maxBin, params.seed, params.catRareShare);
	// Draws are of original rows, and so are coarse levels: a row that stands for many would have them to itself.
	const single = params.sampling === 'goss' || params.numGradQuantBins > 0 || (params.baggingFreq > 0 && params.baggingFraction < 1);
	const joined = single || input.apart ? undefined : joinEqualRows(input.train, input.labels, loss, params.seed);
	const { train, labels } = joined ?? input;
	const bins = joined ? recount(allBins, train) : allBins;
	const rows = train.rows;
	const mostEqual = joined ? joined.counts.reduce((a, b) => Math.max(a, b)) : 1;
	const valid = input.valid && input.valid.x.rows ? input.valid : undefined;
	const validRows = valid ? valid.x.rows : 0;
	const outputs = loss.outputs(labels.classes);
	const weighted = Boolean(labels.weight ?? valid?.labels.weight);
	const crew = hireCrew({
		context,
		cells: rows * train.columns.length,
		plain: input.plain,
		cellsPerThread: input.cellsPerThread,
		plan: (threads, start) =>
			planLayout({
				rows,
				validRows,
				outputs,
				bins,
				weighted,
				joined: joined !== undefined,
				threads,
				start,
				dense: input.dense,
				histSlots: Math.max(2, Math.min(params.numLeaves, rows)),
				leaves: params.numLeaves,
				monotone: params.monotone,
			}),
	});
	try {
		const { layout, arena } = crew;
		const { f32, f64 } = arena;
		for (const f of layout.features) {
			crew.bin(f, train.columns[f.column], 0, rows);
			if (valid) crew.bin(f, valid.x.columns[f.column], rows, validRows);
		}
		crew.fillRows();
		fillSparse(arena, layout);

		const view = (at: number, length: number) => f64.subarray(at >>> 3, (at >>> 3) + length);
		const label = view(layout.label, layout.total);
		label.set(labels.y);
		const weight = weighted ? view(layout.weight, layout.total).fill(1) : undefined;
		if (weight && labels.weight) weight.set(labels.weight);
		if (joined) arena.u16.set(joined.counts, layout.counts >>> 1);
		if (valid) {
			label.set(valid.labels.y, rows);
			if (weight && valid.labels.weight) weight.set(valid.labels.weight, rows);
		}
		const initial = input.init ? input.init.initial : loss.initial(label, weight, rows, labels.classes);
		const scores = initial.map((s, k) => view(layout.score + k * layout.total * 8, layout.total).fill(s));
		addOffsets(scores[0], labels.offset, valid?.labels.offset, rows);
		if (input.init) addEarlier(input.init, train, valid?.x, scores, rows);
		const part = (from: number, length: number): LossRows => ({
			rows: length,
			score: scores.map((s) => s.subarray(from, from + length)),
			y: label.subarray(from, from + length),
			weight: weight?.subarray(from, from + length),
		});
		const trainPart = part(0, rows);
		const validPart = valid ? part(rows, validRows) : undefined;
		const g = scores.map((_, k) => f32.subarray((layout.gradient >>> 2) + k * rows, (layout.gradient >>> 2) + (k + 1) * rows));
		const h = scores.map((_, k) => f32.subarray((layout.hessian >>> 2) + k * rows, (layout.hessian >>> 2) + (k + 1) * rows));

		const kernelLoss = outputs <= MOST_OUTPUTS ? loss.kernel : undefined;
		const renew = loss.renew && renewFrom(loss.renew);
		const marks = params.sampling === 'goss' ? new Uint8Array(rows) : undefined;
		const watch = input.watch ?? { name: loss.metric, higherIsBetter: false, evaluate: loss.evaluate };
		const trees: Tree[] = [];
		let best = Infinity;
		let bestIteration = 0;
		let iteration = 0;
		let stopped: Boosted['stopped'] = 'done';
		let said = 0;
		const poll = () => throwIfCancelled(context, 'The training');
		for (; iteration < params.numIterations && layout.features.length > 0; iteration++) {
			// One round is the least there is to keep.
			if (stopAsked(context, 'The training') && iteration > 0) {
				stopped = 'cancelled';
				break;
			}
			if (!kernelLoss) loss.gradients(trainPart, g, h);
			const drawn = params.sampling === 'goss' && iteration >= Math.floor(1 / params.learningRate) ? drawRows(iteration) : undefined;
			const mayUse = layout.order.filter((f) => input.turns?.(layout.features[f].column, iteration) ?? true);
			const allowed = drawFeatures(layout.order.length, mayUse, params, iteration);
			let grown = false;
			for (let k = 0; k < outputs; k++) {
				const { scaleG, scaleH, coarse } = scales(k, drawn !== undefined);
				crew.quantise(k, scaleG, scaleH, coarse ? murmurMix(params.seed ^ 0x3c6ef372, iteration * outputs + k) | 1 : 0);
				const root = rootShards(iteration, drawn);
				const tree = growTree({
					crew,
					params,
					allowed,
					unitG: 1 / scaleG,
					unitH: 1 / scaleH,
					root,
					rows: joined ? input.train.rows : countOf(root),
					output: k,
					draw: murmurMix(params.seed ^ 0x2545f491, iteration * outputs + k),
					poll,
					renew,
				});
				if (tree.feature.length > 1) grown = true;
				trees.push(tree);
			}
			let value: number | undefined;
			if (validPart) {
				value = watch.evaluate(validPart);
				const cost = watch.higherIsBetter ? -value : value;
				if (cost < best) {
					best = cost;
					bestIteration = iteration;
				}
			}
			const now = Date.now();
			if (now - said > (context.hurried ? HURRIED_MS : PROGRESS_MS) || iteration + 1 === params.numIterations) {
				said = now;
				context.progress({
					stage: 'Training trees',
					share: (iteration + 1) / params.numIterations,
					metric: value === undefined ? undefined : { name: watch.name, value },
					curve: { step: iteration + 1, validation: value },
				});
			}
			if (!grown) {
				iteration++;
				break;
			}
			if (validPart && params.earlyStoppingRounds > 0 && iteration - bestIteration >= params.earlyStoppingRounds) {
				stopped = 'early';
				iteration++;
				break;
			}
		}
		const keep = validPart && params.earlyStoppingRounds > 0 && trees.length ? bestIteration + 1 : iteration;
		const earlier = input.init ? input.init.trees : [];
		const model: Ensemble = {
			loss: loss.id,
			outputs,
			initial,
			average: false,
			trees: [...earlier, ...trees.slice(0, keep * outputs)],
			columns: bins.map((b, i) =>
				b.kind === 'number'
					? { name: train.columns[i].name, kind: 'number' }
					: { name: train.columns[i].name, kind: 'category', levels: b.binOf.length, seen: b.codes.slice().sort() },
			),
		};
		return { model, stopped, bestIteration: earlier.length / outputs + keep, backend: crew.backend };

		/** Residuals of a leaf's rows in the order of the rows, whatever the shards. */
		function renewFrom(of: NonNullable<Loss['renew']>) {
			return (leafRows: Uint32Array[]): number => {
				const list = leafRows.flatMap((part) => [...part]).filter((r) => !weight || weight[r] > 0);
				if (marks) list.sort((a, b) => a - b);
				if (!list.length) return 0;
				return of(
					Float64Array.from(list, (r) => label[r] - scores[0][r]),
					weight && Float64Array.from(list, (r) => weight[r]),
				);
			};
		}

		/** Largest scales at which no sum of rounded values can overflow its cell. */
		function scales(k: number, sampled: boolean): { scaleG: number; scaleH: number; coarse: boolean } {
			crew.gradients(sampled || k > 0 ? undefined : kernelLoss, k);
			let sumG = 0;
			let sumH = 0;
			let maxG = 0;
			let maxH = 0;
			for (let b = 0; b * BLOCK < rows; b++) {
				const at = (layout.blocks >>> 3) + b * 4;
				sumG += f64[at];
				sumH += f64[at + 1];
				maxG = Math.max(maxG, f64[at + 2]);
				maxH = Math.max(maxH, f64[at + 3]);
			}
			const levels = params.numGradQuantBins;
			// Hessians that are all the same stay exact.
			const even = sumH > 0.999999 * maxH * rows;
			// A row is rounded by up to one, or up to one if it is less, and by what single precision adds.
			const scaleG = maxG > 0 ? Math.min((levels > 0 ? levels / 2 : 32767) / maxG, (2 ** 31 - 1024 - 2 * rows) / sumG) : 1;
			const scaleH = maxH > 0 ? Math.min((levels > 0 && !even ? levels : 65534) / maxH, (2 ** 32 - 1024 - 3 * rows) / sumH) : 1;
			// A whole number keeps unit hessians exact: then the hessian sum counts rows.
			// With many rows, or some that stand for many, a unit is coarse, and many rows share a score: rounding them all the same way would
			// add up.
			return { scaleG, scaleH: scaleH > 1 ? Math.floor(scaleH) : scaleH, coarse: levels > 0 || scaleG * maxG < 32766 || mostEqual > 4 };
		}

		function drawRows(step: number): Uint8Array | undefined {
			if (kernelLoss) crew.gradients(kernelLoss, 0);
			if (marks) drawByGradient(g, h, params.topRate, params.otherRate, murmurMix(params.seed ^ 0x1b873593, step), marks);
			return marks;
		}

		/** The rows of each shard, those drawn for this tree first. */
		function rootShards(step: number, drawn: Uint8Array | undefined): Shard[] {
			const { u32 } = arena;
			const first = layout.index >>> 2;
			const bagging = drawn !== undefined || (params.sampling === 'bagging' && params.baggingFreq > 0 && params.baggingFraction < 1);
			const draw = bagging && !drawn ? murmurMix(params.seed ^ 0x5bd1e995, Math.floor(step / params.baggingFreq)) : 0;
			const limit = params.baggingFraction * 4294967296;
			crew.identity(!bagging);
			return crew.shards.map(({ train: [from, to], valid: [vFrom, vTo] }): Shard => {
				const all: Shard = [
					{ begin: from, count: to - from },
					{ begin: to, count: 0 },
					{ begin: vFrom, count: vTo - vFrom },
				];
				if (!bagging) return all;
				let head = from;
				let tail = to;
				const takes = drawn ? (i: number) => drawn[i] === 1 : (i: number) => murmurMix(draw, i) < limit;
				for (let i = from; i < to; i++) if (takes(i)) u32[first + head++] = i;
				for (let i = to - 1; i >= from; i--) if (!takes(i)) u32[first + --tail] = i;
				return [{ begin: from, count: head - from }, { begin: head, count: to - head }, all[2]];
			});
		}
	} finally {
		crew.close();
	}
}

const countOf = (shards: readonly Shard[]): number => shards.reduce((sum, shard) => sum + shard[0].count, 0);

/** Marks the features that this iteration's trees may use. */
function drawFeatures(features: number, mayUse: Uint32Array, params: TreeParams, iteration: number): Uint8Array {
	const allowed = new Uint8Array(features);
	const count = mayUse.length;
	const take = Math.max(1, Math.round(count * params.featureFraction));
	const drawn =
		params.featureFraction < 1 ? sample(count, take, murmurPairs(murmurMix(params.seed ^ 0x27d4eb2f, iteration))) : mayUse.keys();
	for (const f of drawn) allowed[mayUse[f]] = 1;
	return allowed;
}

function addOffsets(score: Float64Array, offset: Float64Array | undefined, validOffset: Float64Array | undefined, rows: number): void {
	if (offset) for (let i = 0; i < rows; i++) score[i] += offset[i];
	if (validOffset) for (let i = 0, n = validOffset.length; i < n; i++) score[rows + i] += validOffset[i];
}

function addEarlier(model: Ensemble, train: Matrix, valid: Matrix | undefined, scores: Float64Array[], rows: number): void {
	const add = (x: Matrix, from: number) => {
		const raw = rawBatch(compile(model), x);
		for (let i = 0; i < x.rows; i++)
			for (let k = 0; k < scores.length; k++) scores[k][from + i] += raw[i * scores.length + k] - model.initial[k];
	};
	add({ ...train, columns: train.columns.map((c) => ({ ...c })) }, 0);
	if (valid) add(valid, rows);
}
