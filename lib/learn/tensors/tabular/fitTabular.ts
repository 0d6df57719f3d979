import type { Tensor1D } from '@tensorflow/tfjs';
import { stopAsked } from '../../../domain/cancel.js';
import type { Dictionary } from '../../../domain/dictionary.js';
import { MlopsError } from '../../../domain/errors.js';
import { mulberry32 } from '../../../domain/random.js';
import { checkMetric, metricsFor } from '../../../task/measure.js';
import { breathe } from '../../check.js';
import type { FitContext, FitInput, Fitted, Labels, Matrix } from '../../contract.js';
import { DeviceTable } from '../deviceTable.js';
import { shuffle, watchedRows } from '../order.js';
import type { Backend } from '../tensorBackends.js';
import type { Form } from './networkForm.js';
import { answerOf } from './tabularPredictor.js';
import { TabularTrainer, type EpochLoss, type TabularOptions, type Weights } from './tabularTrainer.js';

/** What a tabular network learns from: rows as it takes them. */
export interface Lesson extends TabularOptions {
	task: FitInput['task'];
	form: Form;
	train: Matrix;
	labels: Labels;
	valid?: { x: Matrix; labels: Labels };
	batchSize: number;
	epochs: number;
	/** Whether the best epoch is kept, and nothing awaited where a whole wave of rates brought no better one. */
	early: boolean;
	/** What is best: a metric's id, or `loss`. */
	metric: string;
	/** What is kept; `auto` finds it by the validation rows, and takes those of the last step without any. */
	weights: 'auto' | Weights;
}

/** Epochs after which the rates begin anew, as shares of all: there a network is as good as it gets before it learns on. */
const VALLEYS = [1 / 15, 3 / 15, 7 / 15, 1];
/** Patience beyond twice the best epoch, as a share of all: a wave is a little more than twice as long as all before it. */
const PATIENCE = 0.08;

/** `epochs`: how many were begun. */
type Trained = Pick<Fitted, 'stopped'> & { weights: Weights; arrays: Dictionary<Float32Array>; bestEpoch: number; epochs: number };

/** Trains a network of a form. Leaves no tensor behind. */
export async function fitTabular(backend: Backend, lesson: Lesson, context: FitContext): Promise<Trained> {
	const { form, train, labels, valid } = lesson;
	const { tf } = backend;
	const table = new DeviceTable(tf, train, deviceLabels(labels, form));
	const trainer = new TabularTrainer(backend, form, lesson);
	const held = valid && holdBack(backend, valid, form);
	try {
		return await trainEpochs(trainer, table, held, lesson, context);
	} finally {
		trainer.dispose();
		table.dispose();
		if (held) {
			held.table.dispose();
			held.at.dispose();
		}
	}
}

/** Labels as the device holds them: standardised values, and a weight for each row. */
function deviceLabels({ y, weight, classes }: Labels, { target }: Form): Labels {
	return {
		y: classes ? y : y.map((v) => (v - target.center) / target.scale),
		classes,
		weight: weight ?? new Float64Array(y.length).fill(1),
	};
}

/** Validation rows on the device: those that are looked at. */
interface Held {
	table: DeviceTable;
	at: Tensor1D;
	watched: Uint32Array;
	labels: Labels;
}

function holdBack({ tf }: Backend, { x, labels }: { x: Matrix; labels: Labels }, form: Form): Held {
	const watched = watchedRows(x.rows);
	return {
		table: new DeviceTable(tf, x, deviceLabels(labels, form)),
		at: tf.tensor1d(Int32Array.from(watched), 'int32'),
		watched,
		labels,
	};
}

async function trainEpochs(
	trainer: TabularTrainer,
	table: DeviceTable,
	held: Held | undefined,
	lesson: Lesson,
	context: FitContext,
): Promise<Trained> {
	const { epochs, early, batchSize, weights: asked } = lesson;
	const kinds: readonly Weights[] = asked === 'auto' ? (held ? ['last', 'mean'] : ['last']) : [asked];
	const order = Uint32Array.from({ length: table.rows }, (_, i) => i);
	const random = mulberry32(context.seed ^ 0xba7c);
	const best = new Best(kinds, held ? CLEARLY / Math.sqrt(held.watched.length) : 0);
	const judged = held && early ? held : undefined;
	let stopped: Fitted['stopped'] = 'done';
	let epoch = 0;
	try {
		while (stopped === 'done' && ++epoch <= epochs) {
			shuffle(order, random);
			trainer.begin(order, batchSize, epoch, epochs);
			stopped = await steps(trainer, table, Math.ceil(order.length / batchSize), { epoch, epochs }, context);
			// Of an epoch that was cut short nothing is kept, unless there is nothing else.
			if (stopped === 'cancelled' && (best.chosen || epoch > 1)) break;
			const loss = await trainer.losses(held);
			const { train, validation, ofMean } = loss;
			if (![train, validation ?? 0, ofMean ?? 0].every(Number.isFinite)) {
				diverged(best.chosen?.epoch, epoch, context);
				stopped = 'early';
				break;
			}
			// What is most likely kept is what people see.
			const shown = kinds.includes('mean') ? ofMean : validation;
			const metric = { name: 'loss', value: shown ?? train };
			context.progress({ stage: STAGE, share: epoch / epochs, metric, curve: { step: epoch, train, validation: shown } });
			if (judged) {
				for (const weights of kinds) best.offer(trainer, epoch, weights, await badness(trainer, judged, loss, weights, lesson));
				if (stopped === 'done' && epoch > 2 * best.chosen!.epoch + PATIENCE * epochs) stopped = 'early';
			} else if (VALLEYS.some((share) => epoch === Math.round(share * epochs))) best.take(trainer, epoch, loss);
			await breathe();
			if (stopped === 'done' && stopAsked(context, 'The training')) stopped = 'cancelled';
		}
		const { chosen } = best;
		if (judged && stopped === 'done' && chosen!.epoch < epochs) stopped = 'early';
		const weights = chosen?.weights ?? 'last';
		if (chosen && kinds.length > 1 && weights === 'last') context.note('learn.last_weights', LAST_KEPT);
		const arrays = await trainer.arrays(chosen?.tensors);
		return { arrays, stopped, bestEpoch: chosen?.epoch ?? epoch, epochs: Math.min(epoch, epochs), weights };
	} finally {
		best.dispose();
	}
}

const STAGE = 'Training the network';
const LAST_KEPT =
	'The network keeps the weights of one step: on the validation rows they were clearly better than the mean of many steps, ' +
	'which is kept otherwise.';
/**
 * How much better the weights of a last step have to be than a mean, as a share of its loss: so much by the root of the rows that judge.
 * They jump from epoch to epoch, so the best of them owes more to luck, of which few rows leave much.
 */
const CLEARLY = 0.5;

/** Without validation rows nothing is better than anything else: the later one is kept. */
const lossOf = ({ validation, ofMean }: EpochLoss, weights: Weights): number => (weights === 'mean' ? ofMean : validation) ?? 0;

/** The loss of epoch `now` is no number: says so, or fails where no earlier epoch was kept. */
function diverged(kept: number | undefined, now: number, context: FitContext): void {
	const remedy = 'Choose a smaller learning rate or weight decay; 0 as the learning rate takes one that suits most tables.';
	if (!kept) throw new MlopsError('learn.diverged', 'The training ran away: its loss is no number.', { found: `epoch ${now}`, remedy });
	context.note(
		'learn.diverged',
		`The training ran away in epoch ${now}: its loss was no number. What it knew after epoch ${kept} is kept. ${remedy}`,
	);
}

/** The steps of one epoch; says whether somebody ended them. */
async function steps(
	trainer: TabularTrainer,
	table: DeviceTable,
	count: number,
	{ epoch, epochs }: { epoch: number; epochs: number },
	context: FitContext,
): Promise<'done' | 'cancelled'> {
	let since = performance.now();
	for (let k = 0; k < count; k++) {
		trainer.step(table, k);
		if (performance.now() - since < 40) continue;
		if (stopAsked(context, 'The training')) return 'cancelled';
		context.progress({ stage: STAGE, share: Math.min(1, (epoch - 1 + k / count) / epochs) });
		await breathe();
		since = performance.now();
	}
	return 'done';
}

/** Weights that were the best of their kind, on the device. */
interface Kept {
	weights: Weights;
	epoch: number;
	bad: number;
	tensors: Tensor1D[];
}

/** The best weights so far: of those of last steps, and of means. */
class Best {
	readonly #kept = new Map<Weights, Kept>();

	/** `clearly`: how much less bad last steps have to be than means, as a share. */
	constructor(
		private readonly kinds: readonly Weights[],
		private readonly clearly: number,
	) {}

	/** Of equally good ones the later: it has learned longer. */
	offer(trainer: TabularTrainer, epoch: number, weights: Weights, bad: number): void {
		const known = this.#kept.get(weights);
		if (known && !(bad <= known.bad)) return;
		this.#let(known);
		// A metric without a value is no obstacle to a later one.
		this.#kept.set(weights, { weights, epoch, bad: Number.isNaN(bad) ? Number.MAX_VALUE : bad, tensors: trainer.keep(weights) });
	}

	/** Instead of what was kept. */
	take(trainer: TabularTrainer, epoch: number, loss: EpochLoss): void {
		this.dispose();
		for (const weights of this.kinds) this.offer(trainer, epoch, weights, lossOf(loss, weights));
	}

	get chosen(): Kept | undefined {
		const [last, mean] = (['last', 'mean'] as const).map((weights) => this.#kept.get(weights));
		return last && mean && mean.bad - last.bad > this.clearly * Math.abs(mean.bad) ? last : (mean ?? last);
	}

	#let(kept: Kept | undefined): void {
		for (const tensor of kept?.tensors ?? []) tensor.dispose();
	}

	dispose(): void {
		for (const kept of this.#kept.values()) this.#let(kept);
		this.#kept.clear();
	}
}

/** What the best epoch has least of: the loss, or how far the metric is from good. */
async function badness(
	trainer: TabularTrainer,
	{ table, at, watched, labels }: Held,
	loss: EpochLoss,
	weights: Weights,
	{ metric, task, form }: Lesson,
): Promise<number> {
	if (metric === 'loss') return lossOf(loss, weights);
	const { outputs } = form;
	const raw = await trainer.forward(table, at, undefined, weights);
	const answer = answerOf(form);
	const scores = new Float64Array(raw.length);
	for (let i = 0, n = raw.length; i < n; i += outputs) answer(raw, i, scores, i);
	const y = Float64Array.from(watched, (row) => labels.y[row]);
	const weight = labels.weight && Float64Array.from(watched, (row) => labels.weight![row]);
	const { better } = checkMetric(metric, task);
	const value = metricsFor(task, y, scores, labels.classes, { weight, only: [metric] })[metric];
	if (value === undefined)
		throw new MlopsError('learn.parameter_invalid', `The metric "${metric}" cannot be computed on the validation rows.`, {
			remedy: 'Keep more validation rows, so that each class occurs, or choose the loss for stopping early.',
		});
	return better === 'lower' ? value : -value;
}
