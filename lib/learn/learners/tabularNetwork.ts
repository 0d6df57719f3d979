import { z } from 'zod/v4';
import { taskById } from '../../task/index.js';
import { checkInput } from '../check.js';
import { defineLearner, type State } from '../contract.js';
import { backendParam } from '../tensors/backendParam.js';
import { TRAINING_OPERATIONS } from '../tensors/backendProbes.js';
import { chooseBackend, trainedText } from '../tensors/chooseBackend.js';
import { fitTabular } from '../tensors/tabular/fitTabular.js';
import { FORMAT, formOf, multiplicationsOf, validateTabular, VERSION, WIDTH, type Form } from '../tensors/tabular/networkForm.js';
import { fillOthers, fitInputs, networkMatrix, targetOf } from '../tensors/tabular/networkInputs.js';
import { cool, temperatureOf } from '../tensors/tabular/sureness.js';
import { tabularPredictor } from '../tensors/tabular/tabularPredictor.js';
import { tabularToOnnx } from '../tensors/tabular/tabularToOnnx.js';
import { params as boosting } from './boostingParams.js';

const params = z.object({
	hidden_layer_sizes: z.array(z.number().int().min(1).max(4096)).min(1).max(8).default([128, 128, 128]).meta({
		title: 'Hidden layers',
		description: 'Number of units of each hidden layer. 256, 256, 256 is a little better on large tables and takes longer.',
	}),
	epochs: z
		.number()
		.int()
		.min(0)
		.max(10_000)
		.default(0)
		.meta({
			title: 'Epochs',
			description:
				'How often all rows are gone through; 0 chooses by the size of the data: 128 times where they are few, 16 times where they are ' +
				'many. The rates rise and fall in four waves over all epochs.',
		}),
	learning_rate: z.number().min(0).max(1).default(0).meta({
		title: 'Learning rate',
		description: 'Size of a step where the rate is highest; 0 takes 0.04 for classes and 0.2 for numbers.',
	}),
	dropout: z
		.number()
		.min(0)
		.max(0.9)
		.default(0.15)
		.meta({ title: 'Dropout', description: 'Share of units that rest in each step: a cure for learning by heart.' }),
	weight_decay: z
		.number()
		.min(0)
		.max(10)
		.default(0.02)
		.meta({ title: 'Weight decay', description: 'Pulls all weights towards zero.', advanced: true }),
	label_smoothing: z.number().min(0).max(0.5).default(0).meta({
		title: 'Label smoothing',
		description: 'Share of each class that the others get in training. May name more rows right, with probabilities that are less sure.',
		advanced: true,
	}),
	temperature: z
		.number()
		.min(0)
		.max(20)
		.default(0)
		.meta({
			title: 'Temperature',
			description:
				'What raw answers about classes are divided by: 2 makes probabilities less sure, 1 leaves them. 0 finds what the validation rows ' +
				'bear out, from 1 to 5.',
			advanced: true,
		}),
	objective: z
		.enum(['regression', 'quantile'])
		.default('regression')
		.meta({
			title: 'Error to minimise (numbers)',
			description: 'What counts as a good prediction when the target is a number. Ignored when the target is a class.',
			labels: { regression: 'Squared error: the mean', quantile: 'Quantile: a value that a share of rows stays below' },
			advanced: true,
		}),
	alpha: z
		.number()
		.gt(0)
		.lt(1)
		.default(0.9)
		.meta({ title: 'Quantile', description: 'The share of rows that stay below.', advanced: true, when: { objective: ['quantile'] } }),
	num_embedding: z
		.enum(['auto', 'periodic', 'none'])
		.default('auto')
		.meta({
			title: 'Embedding of numbers',
			description: 'Whether each number also comes as waves, which lets the network bend sharply. "Automatic" does so up to 100 columns.',
			labels: { auto: 'Automatic', periodic: 'Waves', none: 'None' },
			advanced: true,
		}),
	batch_size: z
		.number()
		.int()
		.min(0)
		.max(1_000_000)
		.default(0)
		.meta({ title: 'Batch size', description: 'Rows a step; 0 chooses by the size of the data.', advanced: true }),
	early_stopping: z.boolean().default(true).meta({
		title: 'Keep the best epoch',
		description: 'Whether to keep the epoch that was best on the validation rows, and to stop where no better one is to come.',
	}),
	early_stopping_metric: boosting.shape.early_stopping_metric,
	weights: z
		.enum(['auto', 'mean', 'last'])
		.default('auto')
		.meta({
			title: 'Weights to keep',
			description:
				'Those of one step, or their mean since the learning rate was last highest, which owes less to chance. "Automatic" takes the ' +
				'mean unless the validation rows clearly speak against it, and those of one step where there are no such rows.',
			labels: { auto: 'Automatic', mean: 'Mean', last: 'Of one step' },
			advanced: true,
		}),
	backend: backendParam,
});
type Params = z.infer<typeof params>;

/** Columns of numbers up to which waves pay what they cost. */
const PERIODIC_UP_TO = 100;
/** A multiplication of one row, activations and waves with it, in microseconds. */
const MULTIPLICATION = 0.0001;

const batchSizeOf = (p: Params, rows: number): number =>
	p.batch_size || (rows < 10_000 ? 64 : rows < 40_000 ? 128 : rows < 150_000 ? 256 : 1024);

/** Steps that few rows get, and epochs at least and at most. */
const STEPS = 2048;
const [LEAST_EPOCHS, MOST_EPOCHS] = [16, 128];

const epochsOf = (p: Params, rows: number): number =>
	p.epochs || Math.max(LEAST_EPOCHS, Math.min(MOST_EPOCHS, Math.round(STEPS / Math.ceil(rows / batchSizeOf(p, rows)))));

/** A network in the manner of RealMLP-TD, trained by TensorFlow.js and used as plain JavaScript. */
export const tabularNetwork = defineLearner<Params>({
	id: 'tabularNetwork',
	label: 'Tabular network',
	description:
		'A deeper network made for tables: numbers as waves, embeddings for categories, rates that rise and fall. Often as good as trees ' +
		'and wrong elsewhere, so it goes well with them; takes much longer.',
	outputs: ['probability', 'probabilities', 'value'],
	params,
	searchSpace: {
		hidden_layer_sizes: [
			[128, 128, 128],
			[256, 256, 256],
			[64, 64],
		],
		epochs: [0, 128],
		dropout: [0.15, 0, 0.3],
		label_smoothing: [0, 0.1],
		weight_decay: [0.02, 0.1],
	},
	needs: () => ({ categories: 'embedding', missing: 'imputed', scaled: false }),
	manifestVersion: 4,
	estimate(rows, columns, p) {
		const widths = [columns * WIDTH, ...p.hidden_layer_sizes];
		const weights = widths.reduce((sum, w, i) => (i ? sum + w * widths[i - 1] : 0), 0);
		const batch = batchSizeOf(p, rows) * (columns * 80 + widths.reduce((a, b) => a + b, 0) * 12);
		// The rows as the network takes them, here and on the device; weights, Adam's memories, gradients, their mean and the best so far.
		return { bytes: 96e6 + rows * (columns * 8 + 20) + weights * 4 * 12 + batch * 4 };
	},
	async fit(input, p, context) {
		checkInput(input, { missing: false });
		const { train, labels, valid } = input;
		const task = taskById(input.task);
		const seen = fitInputs(train);
		const numbers = seen.inputs.filter((i) => i.kind === 'number').length;
		const output = task.output as Form['output'];
		const form: Form = {
			columns: train.columns.map((c) => c.name),
			inputs: seen.inputs,
			periodic: numbers > 0 && (p.num_embedding === 'periodic' || (p.num_embedding === 'auto' && numbers <= PERIODIC_UP_TO)),
			hidden: p.hidden_layer_sizes,
			activation: output === 'value' ? 'mish' : 'selu',
			outputs: task.outputs(labels.classes),
			output,
			target: targetOf(labels),
		};
		const epochs = epochsOf(p, train.rows);
		const batchSize = batchSizeOf(p, train.rows);
		const operations = multiplicationsOf(form) * TRAINING_OPERATIONS * train.rows * epochs;
		const choice = await chooseBackend(
			p.backend,
			{ kind: 'tabular', steps: Math.ceil(train.rows / batchSize) * epochs, operations },
			context,
		);
		const started = performance.now();
		const {
			arrays,
			stopped,
			bestEpoch,
			weights,
			epochs: begun,
		} = await fitTabular(
			choice.backend,
			{
				task: input.task,
				form,
				train: networkMatrix(train, seen),
				labels,
				valid: valid && { x: networkMatrix(valid.x, seen), labels: valid.labels },
				batchSize,
				epochs,
				early: p.early_stopping,
				metric: p.early_stopping_metric,
				weights: p.weights,
				learningRate: p.learning_rate || (output === 'value' ? 0.2 : 0.04),
				dropout: p.dropout,
				weightDecay: p.weight_decay,
				labelSmoothing: p.label_smoothing,
				quantile: output === 'value' && p.objective === 'quantile' ? p.alpha : undefined,
				seed: context.seed,
			},
			context,
		);
		const computedOn = trainedText(choice, begun * train.rows, (performance.now() - started) / 1000);
		fillOthers(arrays, seen, train);
		for (const [j, slots] of seen.slots) Object.assign(arrays, { [`m${j}`]: slots });
		const state: State = { format: FORMAT, version: VERSION, meta: { ...form }, arrays };
		const temperature = output === 'value' ? undefined : p.temperature || (await temperatureOf(state, valid, context.threads));
		if (temperature !== undefined) cool(arrays, form, temperature);
		return { state, stopped, bestIteration: bestEpoch, temperature, weights, backend: `tensorflow.js ${choice.backend.id}`, computedOn };
	},
	validate: validateTabular,
	predictor: tabularPredictor,
	draws: () => true,
	onnx: tabularToOnnx,
	rowMicroseconds: (state) => 1 + MULTIPLICATION * multiplicationsOf(formOf(state)),
});
