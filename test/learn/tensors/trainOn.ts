/** Run as a script of its own: trains a small network on the backend named, and prints how it went as JSON. */
import { formOf } from '../../../lib/learn/tensors/tabular/networkForm.js';
import { fitInputs, networkMatrix } from '../../../lib/learn/tensors/tabular/networkInputs.js';
import { TabularTrainer } from '../../../lib/learn/tensors/tabular/tabularTrainer.js';
import type { Labels, Matrix, Predictor } from '../../../lib/learn/contract.js';
import { tabularNetwork } from '../../../lib/learn/learners/tabularNetwork.js';
import { neuralNetwork } from '../../../lib/learn/learners/neuralNetwork.js';
import { rocArea } from '../../../lib/task/metrics/ranks.js';
import { measureBackend } from '../../../lib/learn/tensors/backendProbes.js';
import { BackendMemory } from '../../../lib/learn/tensors/backendMemory.js';
import { chooseBackend } from '../../../lib/learn/tensors/chooseBackend.js';
import { openBackend, type BackendId } from '../../../lib/learn/tensors/tensorBackends.js';
import { readMeta, type Arrays } from '../../../lib/learn/tensors/network.js';
import { DeviceTable } from '../../../lib/learn/tensors/deviceTable.js';
import { Trainer } from '../../../lib/learn/tensors/trainer.js';
import { mulberry32 } from '../../../lib/domain/random.js';
import { matrixOf, quietContext } from '../fitting.js';

async function main(backend: BackendId): Promise<void> {
	const random = mulberry32(2);
	const rows = Array.from({ length: 256 }, () => [random() * 2 - 1, random() * 2 - 1]);
	const codes = rows.map((_, i) => 2 + (i % 3));
	const x = matrixOf(rows, [{ codes, levels: 5 }]);
	const y = Float64Array.from(rows, ([a, b], i) => (a * b + 0.1 * codes[i] > 0.3 ? 1 : 0));
	const params = neuralNetwork.params.parse({
		backend,
		hidden_layer_sizes: [16, 8],
		epochs: Number(process.argv[3]),
		batch_size: 64,
		learning_rate: 0.03,
	});
	const fitted = await neuralNetwork.fit({ task: 'binary', train: x, labels: { y, classes: 2 } }, params, quietContext());
	const predictor = await neuralNetwork.predictor(
		fitted.state,
		x.columns.map((c) => c.name),
	);
	const ours = new Float64Array(rows.length);
	await predictor.batch(x, ours, 1);
	const opened = await openBackend(backend);
	const trainer = new Trainer(
		opened,
		readMeta(fitted.state).shape,
		{ learningRate: 0, dropout: 0, alpha: 0, loss: 'logistic', seed: 0 },
		fitted.state.arrays as Arrays,
	);
	const raw = await trainer.forward(new DeviceTable(opened.tf, x), opened.tf.range(0, rows.length, 1, 'int32'));
	const difference = Math.max(...Array.from(raw, (s, i) => Math.abs(1 / (1 + Math.exp(-s)) - ours[i])));
	const tabular = await tabularDifference(backend, x, { y, classes: 2 });
	const many = await manyDifference(predictor, x, ours, backend);
	const { costs } = await measureBackend(backend, ['plain'], true);
	// Work that any measured GPU is worth: what is known of this backend then stands in the file.
	const { backend: chosen, why } = await chooseBackend('auto', { kind: 'plain', steps: 1000, operations: 1e15 }, quietContext());
	const known = (await new BackendMemory().read()).find(({ id }) => id === backend);
	console.log(
		JSON.stringify({ backend: fitted.backend, difference, tabular, many, auc: rocArea(y, ours), costs, chosen: chosen.id, why, known }),
	);
	process.exit(0);
}

/** How far the answers of a tabular network's plain JavaScript are from those of the backend that trained it, at most. */
async function tabularDifference(backend: BackendId, x: Matrix, labels: Labels): Promise<number> {
	const params = tabularNetwork.params.parse({ backend, hidden_layer_sizes: [16, 8], epochs: Number(process.argv[3]), batch_size: 64 });
	const { state } = await tabularNetwork.fit({ task: 'binary', train: x, labels }, params, quietContext());
	const predictor = await tabularNetwork.predictor(
		state,
		x.columns.map((c) => c.name),
	);
	const ours = new Float64Array(x.rows);
	await predictor.batch(x, ours, 1);
	const opened = await openBackend(backend);
	const options = { learningRate: 0, dropout: 0, weightDecay: 0, labelSmoothing: 0, seed: 0 };
	const trainer = new TabularTrainer(opened, formOf(state), options, state.arrays as Record<string, Float32Array>);
	const raw = await trainer.forward(new DeviceTable(opened.tf, networkMatrix(x, fitInputs(x))), opened.tf.range(0, x.rows, 1, 'int32'));
	const many = await manyDifference(predictor, x, ours, backend);
	return Math.max(many, ...Array.from(raw, (s, i) => Math.abs(1 / (1 + Math.exp(-s)) - ours[i])));
}

/** How far answers are from ours, at most, when the backend answers all rows. */
async function manyDifference(predictor: Predictor, x: Matrix, ours: Float64Array, backend: BackendId): Promise<number> {
	await predictor.prepare!(x.rows, 1, backend);
	const out = new Float64Array(x.rows);
	await predictor.batch(x, out, 1);
	return Math.max(...out.map((v, i) => Math.abs(v - ours[i])));
}

main(process.argv[2] as BackendId).catch((error: unknown) => {
	const { code, message } = error as { code?: string; message: string };
	console.log(JSON.stringify({ code, message }));
	process.exit(1);
});
