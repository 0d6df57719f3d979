/** Run as a script of its own: trains a small network on the backend named, and prints how it went as JSON. */
import { formOf } from '../../../lib/learn/tensors/tabular/networkForm.js';
import { fitInputs, networkMatrix } from '../../../lib/learn/tensors/tabular/networkInputs.js';
import { TabularTrainer } from '../../../lib/learn/tensors/tabular/tabularTrainer.js';
import type { Labels, Matrix, Predictor } from '../../../lib/learn/contract.js';
import { tabularNetwork } from '../../../lib/learn/learners/tabularNetwork.js';
import { neuralNetwork } from '../../../lib/learn/learners/neuralNetwork.js';
import { rocArea } from '../../../lib/task/metrics/ranks.js';
import { KINDS } from '../../../lib/learn/tensors/backendCosts.js';
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
	const trained = { backend: fitted.backend, difference, tabular, many, auc: rocArea(y, ours) };
	console.log(JSON.stringify({ ...trained, ...(await chosenBy(backend, predictor, x, ours)) }));
	process.exit(0);
}

/** What Automatic knows of this backend, what it chooses for a large training, and what once the backend is known to be very fast. */
async function chosenBy(backend: BackendId, predictor: Predictor, x: Matrix, ours: Float64Array): Promise<object> {
	const { costs: steps } = await measureBackend(backend, ['plain'], true);
	const automatic = () => chooseBackend('auto', { kind: 'plain', steps: 1000, operations: 1e15 }, quietContext());
	const { backend: chosen, why } = await automatic();
	const memory = new BackendMemory();
	const known = (await memory.read()).find(({ id }) => id === backend);
	const costs = KINDS.map((kind) => ({ kind, first: 0, step: 0, operation: 0 }));
	await memory.put({ state: 'measured', id: backend, at: new Date().toISOString(), open: 0, costs });
	const fast = {
		chosen: (await automatic()).backend.id,
		told: await predictor.prepare!(1e9, 1),
		many: await manyDifference(predictor, x, ours),
	};
	return { steps, chosen: chosen.id, why, known, fast };
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

/** How far a batch's answers are from ours, at most; on this backend where one is given. */
async function manyDifference(predictor: Predictor, x: Matrix, ours: Float64Array, backend?: BackendId): Promise<number> {
	if (backend) await predictor.prepare!(x.rows, 1, backend);
	const out = new Float64Array(x.rows);
	await predictor.batch(x, out, 1);
	return Math.max(...out.map((v, i) => Math.abs(v - ours[i])));
}

main(process.argv[2] as BackendId).catch((error: unknown) => {
	const { code, message } = error as { code?: string; message: string };
	console.log(JSON.stringify({ code, message }));
	process.exit(1);
});
