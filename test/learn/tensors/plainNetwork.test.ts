import { createHash } from 'node:crypto';
import type { Labels, Matrix, State } from '../../../lib/learn/contract.js';
import { neuralNetwork } from '../../../lib/learn/learners/neuralNetwork.js';
import { DeviceTable } from '../../../lib/learn/tensors/deviceTable.js';
import { shapeOf } from '../../../lib/learn/tensors/network.js';
import { openBackend } from '../../../lib/learn/tensors/tensorBackends.js';
import { Trainer } from '../../../lib/learn/tensors/trainer.js';
import { mulberry32 } from '../../../lib/domain/random.js';
import { matrixOf, quietContext } from '../fitting.js';
import { counted } from './counting.js';

const random = mulberry32(11);
const rows = Array.from({ length: 150 }, () => [random() * 2 - 1, random() * 2 - 1, random()]);
const codes = rows.map(() => 2 + Math.floor(random() * 3));
const x: Matrix = matrixOf(rows, [{ codes, levels: 6 }]);
const weight = Float64Array.from(rows, () => 0.1 + random());
const labels: Record<string, Labels> = {
	binary: { y: Float64Array.from(rows, ([a, b]) => Number(a * b > 0.1)), classes: 2 },
	multiclass: { y: Float64Array.from(rows, ([a, b]) => Number(a > 0) + Number(b > 0.3)), classes: 3 },
	regression: { y: Float64Array.from(rows, ([a, b, c], i) => a * b + c + codes[i]), classes: 0 },
};

function digest({ arrays }: State): string {
	const hash = createHash('sha256');
	for (const name of Object.keys(arrays).sort()) hash.update(name).update(new Uint8Array(arrays[name].buffer.slice(0)));
	return hash.digest('hex').slice(0, 16);
}

describe('the plain network', () => {
	test.each([
		['binary', {}, false, 'a2281a8a1d62a45e'],
		['binary', { dropout: 0.3 }, true, '7cc8856b48fde98a'],
		['multiclass', { activation: 'tanh' }, true, '394b90a18acc923d'],
		['regression', { alpha: 0.01 }, false, 'aa450a0ca9a1347f'],
	] as const)('%s with %j: the weights that 1.0 learned, to the bit', async (task, params, weighted, expected) => {
		const given = weighted ? { ...labels[task], weight } : labels[task];
		const { state } = await neuralNetwork.fit(
			{ task, train: x, labels: given, valid: { x, labels: labels[task] } },
			neuralNetwork.params.parse({ backend: 'wasm', epochs: 4, hidden_layer_sizes: [8, 4], ...params }),
			quietContext({ seed: 5 }),
		);
		expect(digest(state)).toBe(expected);
	});

	test.each(['wasm', 'cpu'] as const)(
		'on %s the device holds the data: steps upload nothing, read nothing and leave nothing',
		async (id) => {
			const backend = await openBackend(id);
			const { tf } = backend;
			const before = tf.memory().numTensors;
			const table = new DeviceTable(tf, x, labels.multiclass);
			const options = { learningRate: 0.01, dropout: 0, alpha: 0.01, loss: 'softmax', seed: 1 } as const;
			const trainer = new Trainer(backend, shapeOf(x.columns, [8], 3, 'relu'), options);
			const order = Uint32Array.from(rows, (_, i) => i);
			const begun = await counted(tf, () => trainer.begin(order, 30, labels.multiclass));
			expect(begun).toEqual({ uploads: 3, uploaded: 150 + 2 * 5 + 150, readbacks: 0 });
			const { numTensors, numBytes } = tf.memory();
			const steps = await counted(tf, () => {
				for (let step = 0; step < 1000; step++) {
					trainer.step(table, step % 5);
					if (step % 100 === 0) expect(tf.memory()).toMatchObject({ numTensors, numBytes });
				}
			});
			expect(steps).toEqual({ uploads: 0, uploaded: 0, readbacks: 0 });
			expect(tf.memory()).toMatchObject({ numTensors, numBytes });
			const at = tf.range(0, x.rows, 1, 'int32');
			expect(await counted(tf, async () => void (await trainer.forward(table, at)))).toEqual({ uploads: 0, uploaded: 0, readbacks: 1 });
			at.dispose();
			trainer.dispose();
			table.dispose();
			expect(tf.memory().numTensors).toBe(before);
		},
	);

	test('a table that is too large for one tensor lies in parts by columns, and gives the same rows', async () => {
		const { tf } = await openBackend('wasm');
		const at = tf.tensor1d([149, 0, 7], 'int32');
		const [whole, parts] = [new DeviceTable(tf, x), new DeviceTable(tf, x, undefined, 2 * 4 * x.rows)];
		expect(await parts.numbers(at)!.array()).toEqual(await whole.numbers(at)!.array());
		expect((await parts.numbers(at)!.array())[0]).toEqual(Array.from(rows[149], Math.fround));
	});

	test('a training leaves no tensor behind', async () => {
		const { tf } = await openBackend('wasm');
		const before = tf.memory().numTensors;
		const params = neuralNetwork.params.parse({ backend: 'wasm', epochs: 3, hidden_layer_sizes: [4] });
		const y = labels.binary;
		await neuralNetwork.fit({ task: 'binary', train: x, labels: y, valid: { x, labels: y } }, params, quietContext());
		expect(tf.memory().numTensors).toBe(before);
	});
});
