import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import { stopAsked } from '../../domain/cancel.js';
import type { Dictionary } from '../../domain/dictionary.js';
import { z } from 'zod/v4';
import { taskById } from '../../task/index.js';
import { breathe, checkInput } from '../check.js';
import { defineLearner, type FitContext, type Fitted, type Labels, type Matrix, type State } from '../contract.js';
import { backendParam } from '../tensors/backendParam.js';
import { DeviceTable } from '../tensors/deviceTable.js';
import { TRAINING_OPERATIONS } from '../tensors/backendProbes.js';
import { chooseBackend, trainedText } from '../tensors/chooseBackend.js';
import type { Backend } from '../tensors/tensorBackends.js';
import {
	activations,
	dimensionsOf,
	FORMAT,
	multiplicationsOf,
	shapeOf,
	validateNetwork,
	VERSION,
	type Arrays,
	type Output,
	type Shape,
} from '../tensors/network.js';
import { networkToOnnx } from '../tensors/networkToOnnx.js';
import { shuffle, watchedRows } from '../tensors/order.js';
import { plainPredictor } from '../tensors/plainPredictor.js';
import { Trainer, type TrainerOptions } from '../tensors/trainer.js';
import { mulberry32 } from '../../domain/random.js';

const params = z.object({
	hidden_layer_sizes: z
		.array(z.number().int().min(1).max(4096))
		.max(8)
		.default([64, 32])
		.meta({ title: 'Hidden layers', description: 'Number of units of each hidden layer, for example 64, 32.' }),
	activation: z
		.enum(activations)
		.default('relu')
		.meta({
			title: 'Activation',
			description: 'What each unit does with its sum.',
			labels: { relu: 'ReLU', tanh: 'Tanh', sigmoid: 'Sigmoid' },
			advanced: true,
		}),
	learning_rate: z
		.number()
		.positive()
		.max(1)
		.default(0.003)
		.meta({ title: 'Learning rate', description: 'Size of a step. Smaller is steadier and needs more epochs.' }),
	batch_size: z
		.number()
		.int()
		.min(0)
		.max(1_000_000)
		.default(0)
		.meta({ title: 'Batch size', description: 'Rows a step; 0 chooses by the size of the data.', advanced: true }),
	epochs: z
		.number()
		.int()
		.min(1)
		.max(10_000)
		.default(50)
		.meta({ title: 'Epochs', description: 'How often all rows are gone through at most.' }),
	dropout: z
		.number()
		.min(0)
		.max(0.9)
		.default(0)
		.meta({ title: 'Dropout', description: 'Share of units that rest in each step: a cure for learning by heart.' }),
	alpha: z
		.number()
		.min(0)
		.max(10)
		.default(0.0001)
		.meta({ title: 'Weight decay', description: 'Pulls all weights towards zero.', advanced: true }),
	early_stopping: z
		.boolean()
		.default(true)
		.meta({ title: 'Stop early', description: 'Whether to stop when the validation rows no longer improve, and keep the best.' }),
	n_iter_no_change: z
		.number()
		.int()
		.min(1)
		.max(1000)
		.default(8)
		.meta({ title: 'Patience', description: 'Epochs without improvement before stopping.', advanced: true }),
	backend: backendParam,
});
type Params = z.infer<typeof params>;

const LOSSES = { probability: 'logistic', probabilities: 'softmax', value: 'squared' } as const;

/** A multi-layer perceptron with embeddings for categories, trained by TensorFlow.js and used as plain JavaScript. */
export const neuralNetwork = defineLearner<Params>({
	id: 'neuralNetwork',
	label: 'Neural network',
	description: 'Layers of simple units that find smooth combinations of columns; wants many rows, and takes longer than trees.',
	outputs: ['probability', 'probabilities', 'value'],
	params,
	searchSpace: {
		hidden_layer_sizes: [[64, 32], [128, 64], [32]],
		learning_rate: [0.003, 0.001, 0.01],
		dropout: [0, 0.2],
		alpha: [0.0001, 0.01],
	},
	needs: () => ({ categories: 'embedding', missing: 'imputed', scaled: true }),
	estimate: (rows, columns, p) => {
		const widths = [columns * 8, ...p.hidden_layer_sizes, 1];
		const weights = widths.reduce((sum, w, i) => (i ? sum + w * widths[i - 1] : 0), columns * 300 * 20);
		const batch = batchSize(p, rows);
		return {
			bytes: 64e6 + rows * 4 * (columns + 3) + weights * 4 * 8 + batch * (columns * 300 + widths.reduce((a, b) => a + b, 0)) * 4 * 4,
		};
	},
	async fit(input, p, context) {
		checkInput(input, { missing: false });
		const { train } = input;
		const task = taskById(input.task);
		const output = task.output as Output;
		const { labels, center, scale } = output === 'value' ? standardised(input.labels) : { labels: input.labels, center: 0, scale: 1 };
		const valid = input.valid && {
			x: input.valid.x,
			labels: output === 'value' ? rescaled(input.valid.labels, center, scale) : input.valid.labels,
		};
		const shape = shapeOf(train.columns, p.hidden_layer_sizes, task.outputs(labels.classes), p.activation);
		const operations = multiplicationsOf(shape) * TRAINING_OPERATIONS * train.rows * p.epochs;
		const steps = Math.ceil(train.rows / batchSize(p, train.rows)) * p.epochs;
		const choice = await chooseBackend(p.backend, { kind: 'plain', steps, operations }, context);
		const { backend } = choice;
		if (backend.id === 'wasm' && shape.levels.some((l) => l > 0))
			context.note(
				'learn.embedding_one_hot',
				'The WebAssembly backend has no gradient for embeddings, so they are trained as products with one-hot rows: the same ' +
					'network, a little slower.',
			);
		const options: TrainerOptions = {
			learningRate: p.learning_rate,
			dropout: p.dropout,
			alpha: p.alpha,
			seed: context.seed,
			loss: LOSSES[output],
		};
		const trainer = new Trainer(backend, shape, options);
		const parts = { train: partOf(backend, train, labels), valid: valid && partOf(backend, valid.x, valid.labels) };
		const started = performance.now();
		try {
			const { arrays, stopped, bestEpoch, epochs } = await trainEpochs(trainer, { ...parts, p, loss: options.loss }, context);
			const computedOn = trainedText(choice, epochs * train.rows, (performance.now() - started) / 1000);
			fillUntrained(arrays, shape, train);
			const state: State = {
				format: FORMAT,
				version: VERSION,
				meta: { columns: train.columns.map((c) => c.name), shape, output, center, scale },
				arrays,
			};
			return { state, stopped, bestIteration: bestEpoch, backend: `tensorflow.js ${backend.id}`, computedOn };
		} finally {
			trainer.dispose();
			for (const part of [parts.train, parts.valid]) {
				part?.table.dispose();
				part?.at.dispose();
			}
		}
	},
	validate: validateNetwork,
	predictor: plainPredictor,
	draws: () => true,
	onnx: networkToOnnx,
	rowMicroseconds: ({ meta }) => 0.001 * multiplicationsOf(meta.shape as Shape),
});

/** What a network learns from, or what shows how good it is, on the device. */
interface Part {
	table: DeviceTable;
	labels: Labels;
	/** The rows whose loss is looked at. */
	watched: Uint32Array;
	at: Tensor1D;
}

function partOf({ tf }: Backend, x: Matrix, labels: Labels): Part {
	const watched = watchedRows(x.rows);
	return {
		table: new DeviceTable(tf, x, { ...labels, weight: undefined }),
		labels,
		watched,
		at: tf.tensor1d(Int32Array.from(watched), 'int32'),
	};
}

interface Lesson {
	train: Part;
	valid?: Part;
	p: Params;
	loss: TrainerOptions['loss'];
}

/** Epoch after epoch, until all are done, the validation loss no longer falls, or somebody stops it; the best weights are kept. */
async function trainEpochs(
	trainer: Trainer,
	{ train, valid, p, loss: lossName }: Lesson,
	context: FitContext,
): Promise<{ arrays: Arrays; stopped: Fitted['stopped']; bestEpoch: number; epochs: number }> {
	const { rows } = train.table;
	const size = batchSize(p, rows);
	const order = Uint32Array.from({ length: rows }, (_, i) => i);
	const random = mulberry32(context.seed ^ 0xba7c);
	let best: { weights: Dictionary<Tensor2D>; loss: number; epoch: number } | undefined;
	let stopped: Fitted['stopped'] = 'done';
	let last = 0;
	for (let epoch = 1; epoch <= p.epochs && stopped === 'done'; epoch++) {
		shuffle(order, random);
		trainer.begin(order, size, train.labels);
		let spent = performance.now();
		for (let from = 0, n = order.length; from < n; from += size) {
			trainer.step(train.table, from / size);
			if (performance.now() - spent < 40) continue;
			if (stopAsked(context, 'The training')) {
				stopped = 'cancelled';
				break;
			}
			context.progress({ stage: 'Training the network', share: Math.min(1, (epoch - 1 + from / order.length) / p.epochs) });
			await breathe();
			spent = performance.now();
		}
		last = epoch;
		const loss = {
			train: await lossOf(trainer, train, lossName),
			validation: valid && (await lossOf(trainer, valid, lossName)),
		};
		context.progress({
			stage: 'Training the network',
			share: epoch / p.epochs,
			metric: { name: 'loss', value: loss.validation ?? loss.train },
			curve: { step: epoch, ...loss },
		});
		await breathe();
		if (stopped === 'done' && stopAsked(context, 'The training')) stopped = 'cancelled';
		if (loss.validation === undefined || !p.early_stopping) continue;
		if (!best || loss.validation < best.loss) {
			for (const weights of Object.values(best?.weights ?? {})) weights?.dispose();
			best = { weights: trainer.keep(), loss: loss.validation, epoch };
		} else if (stopped === 'done' && epoch - best.epoch >= p.n_iter_no_change) stopped = 'early';
	}
	const arrays = await trainer.arrays(best?.weights);
	for (const weights of Object.values(best?.weights ?? {})) weights?.dispose();
	return { arrays, stopped, bestEpoch: best?.epoch ?? last, epochs: last };
}

const batchSize = (p: Params, rows: number): number =>
	p.batch_size || (rows < 2000 ? 32 : rows < 20_000 ? 128 : rows < 200_000 ? 512 : 2048);

/** Mean loss of the rows that are watched. */
async function lossOf(trainer: Trainer, { table, labels, watched, at }: Part, loss: TrainerOptions['loss']): Promise<number> {
	const { y, weight, classes } = labels;
	const raw = await trainer.forward(table, at);
	let sum = 0;
	let total = 0;
	for (let i = 0, n = watched.length; i < n; i++) {
		const w = weight ? weight[watched[i]] : 1;
		const truth = y[watched[i]];
		total += w;
		if (loss === 'squared') sum += w * (raw[i] - truth) ** 2;
		else if (loss === 'logistic') sum += w * (Math.log1p(Math.exp(-Math.abs(raw[i]))) + Math.max(raw[i], 0) - truth * raw[i]);
		else {
			let top = -Infinity;
			for (let k = 0; k < classes; k++) top = Math.max(top, raw[i * classes + k]);
			let norm = 0;
			for (let k = 0; k < classes; k++) norm += Math.exp(raw[i * classes + k] - top);
			sum += w * (top + Math.log(norm) - raw[i * classes + truth]);
		}
	}
	return total > 0 ? sum / total : 0;
}

function standardised(labels: Labels): { labels: Labels; center: number; scale: number } {
	const { y } = labels;
	const center = y.reduce((a, b) => a + b, 0) / y.length;
	const scale = Math.sqrt(y.reduce((a, b) => a + (b - center) ** 2, 0) / y.length) || 1;
	return { labels: rescaled(labels, center, scale), center, scale };
}

const rescaled = (labels: Labels, center: number, scale: number): Labels => ({ ...labels, y: labels.y.map((v) => (v - center) / scale) });

/** Codes that no training row had (missing, unseen) get the mean embedding of those that were seen, instead of random numbers. */
function fillUntrained(arrays: Arrays, shape: Shape, train: Matrix): void {
	for (const { name, rows, columns } of dimensionsOf(shape)) {
		if (!name.startsWith('e')) continue;
		const { data } = train.columns[Number(name.slice(1))];
		const seen = new Float64Array(rows);
		for (let i = 0; i < train.rows; i++) seen[data[i]]++;
		const mean = new Float64Array(columns);
		for (let k = 0; k < rows; k++) for (let d = 0; d < columns; d++) mean[d] += (seen[k] / train.rows) * arrays[name][k * columns + d];
		for (let k = 0; k < rows; k++) if (seen[k] === 0) arrays[name].set(mean, k * columns);
	}
}
