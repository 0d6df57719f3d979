import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { TaskType } from '../../../lib/domain/column.js';
import { mulberry32 } from '../../../lib/domain/random.js';
import type { Labels, Matrix, Predictor, State } from '../../../lib/learn/contract.js';
import { ensembleState } from '../../../lib/learn/ensemble/ensembleLearner.js';
import { learnerById } from '../../../lib/learn/learners/index.js';
import { answeredOnBackends } from '../../../lib/learn/tensors/manyRows.js';
import { measuredBackends } from '../../../lib/learn/tensors/measuredBackends.js';
import { answerOf, multiplicationsOf, networkPredictor, readMeta, type Arrays } from '../../../lib/learn/tensors/network.js';
import { openBackend } from '../../../lib/learn/tensors/tensorBackends.js';
import { Trainer } from '../../../lib/learn/tensors/trainer.js';
import { matrixOf, quietContext } from '../fitting.js';

const random = mulberry32(23);
const table = (count: number): Matrix => {
	const rows = Array.from({ length: count }, () => [random() * 2 - 1, random() * 20 + 100, random() - 0.5]);
	const few = rows.map(() => 2 + Math.floor(random() * 3));
	const many = rows.map(() => 2 + Math.floor(random() * 28));
	return matrixOf(rows, [
		{ codes: few, levels: 6 },
		{ codes: many, levels: 32 },
	]);
};
const x = table(400);
const names = x.columns.map((c) => c.name);
const [a, b] = [x.columns[0].data, x.columns[3].data];
const labels: Record<string, Labels> = {
	binary: { y: Float64Array.from(a, (v, i) => Number(v > 0.1 * b[i] - 0.3)), classes: 2 },
	multiclass: { y: Float64Array.from(a, (v) => Number(v > -0.3) + Number(v > 0.3)), classes: 3 },
	regression: { y: Float64Array.from(a, (v, i) => 1000 + 50 * v + b[i]), classes: 0 },
};
const PARAMS = {
	tabularNetwork: { hidden_layer_sizes: [16, 8], epochs: 4, batch_size: 32 },
	neuralNetwork: { hidden_layer_sizes: [16, 8], epochs: 4, batch_size: 32 },
} as const;

async function fit(id: keyof typeof PARAMS, task: TaskType): Promise<State> {
	const learner = learnerById(id);
	return (
		await learner.fit({ task, train: x, labels: labels[task] }, learner.params.parse({ ...PARAMS[id], backend: 'wasm' }), quietContext())
	).state;
}

async function answersOf(by: Predictor, rows: Matrix): Promise<Float64Array> {
	const out = new Float64Array(rows.rows * by.outputs);
	await by.batch(rows, out, 1);
	return out;
}

const near = (got: Float64Array, want: Float64Array): void => {
	expect(got).toHaveLength(want.length);
	want.forEach((w, i) => expect(Math.abs(got[i] - w)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(w))));
};

const every = (['tabularNetwork', 'neuralNetwork'] as const).flatMap((id) =>
	(['binary', 'multiclass', 'regression'] as const).flatMap((task) => (['wasm', 'cpu'] as const).map((backend) => ({ id, task, backend }))),
);

test.each(every)(
	'$id, $task: many rows on $backend are answered as single rows are, and nothing stays there',
	async ({ id, task, backend }) => {
		const state = await fit(id, task);
		const { tf } = await openBackend(backend);
		const before = tf.memory().numTensors;
		const predictor = await learnerById(id).predictor(state, names);
		const rows = table(3000);
		const own = await answersOf(predictor, rows);
		expect(await predictor.prepare!(3000, 1, backend)).toBe(`The network answered on ${backend}, as was asked for.`);
		const theirs = await answersOf(predictor, rows);
		near(theirs, own);
		// Another computation it was: 32 bits in another order.
		expect(theirs).not.toEqual(own);
		const one = new Float64Array(predictor.outputs);
		for (const i of [0, 1500, 2999]) {
			predictor.row(
				Float64Array.from(rows.columns, (c) => c.data[i]),
				one,
			);
			expect([...one]).toEqual([...own.subarray(i * one.length, (i + 1) * one.length)]);
		}
		// Batches of another size, and another backend in between.
		await openBackend(backend === 'cpu' ? 'wasm' : 'cpu');
		const few = { rows: 7, columns: rows.columns.map((c) => ({ ...c, data: c.data.slice(0, 7) }) as (typeof rows.columns)[number]) };
		near(await answersOf(predictor, few), own.subarray(0, 7 * predictor.outputs));
		predictor.dispose!();
		expect(tf.memory().numTensors).toBe(before);
		expect(await answersOf(predictor, rows)).toEqual(own);
	},
);

test.each(['tabularNetwork', 'neuralNetwork'] as const)('%s: a code that there is not is refused on a backend as elsewhere', async (id) => {
	const predictor = await learnerById(id).predictor(await fit(id, 'binary'), names);
	await predictor.prepare!(10, 1, 'wasm');
	const rows = table(10);
	rows.columns[4].data[3] = 40;
	await expect(answersOf(predictor, rows)).rejects.toMatchObject({ code: 'learn.code_out_of_range' });
	await expect(predictor.prepare!(10, 1, 'abacus')).rejects.toMatchObject({ code: 'input.invalid' });
	predictor.dispose!();
});

test('few rows are answered by our own code, and nobody is told of a choice', async () => {
	const predictor = await learnerById('tabularNetwork').predictor(await fit('tabularNetwork', 'binary'), names);
	const own = await answersOf(predictor, x);
	expect(await predictor.prepare!(1000, 1)).toBeUndefined();
	expect(await answersOf(predictor, x)).toEqual(own);
});

/** A plain network whose batches are answered on backends by these weights. */
function answeredBy(state: State, arrays: Arrays): Predictor {
	const meta = readMeta(state);
	return answeredOnBackends(networkPredictor(state, names), {
		kind: 'plainAnswers',
		multiplications: multiplicationsOf(meta.shape),
		widest: 32,
		columns: meta.columns,
		levels: meta.shape.levels,
		usual: () => ({ center: 0, spread: 1 }),
		place: (backend) => new Trainer(backend, meta.shape, { learningRate: 0, dropout: 0, alpha: 0, loss: 'squared', seed: 0 }, arrays),
		ready: (rows) => rows,
		answer: answerOf(meta),
	});
}

test('a backend whose answers are others is not taken', async () => {
	const [state, other] = [await fit('neuralNetwork', 'binary'), await fit('neuralNetwork', 'binary')];
	const arrays = other.arrays as Arrays;
	arrays.w1 = arrays.w1.map((v) => v * 1.01);
	const predictor = answeredBy(state, arrays);
	const { tf } = await openBackend('wasm');
	const before = tf.memory().numTensors;
	await expect(predictor.prepare!(1e6, 1, 'wasm')).rejects.toThrow(/The backend "wasm" computes wrongly: .* instead of /);
	expect(tf.memory().numTensors).toBe(before);
	expect(await answersOf(predictor, x)).toEqual(await answersOf(networkPredictor(state, names), x));
});

describe('a backend that is lost amid the rows', () => {
	const before = process.env['XDG_CACHE_HOME'];
	let folder: string;
	beforeEach(async () => {
		folder = await fs.mkdtemp(path.join(os.tmpdir(), 'mlops-many-'));
		process.env['XDG_CACHE_HOME'] = folder;
	});
	afterEach(async () => {
		if (before === undefined) delete process.env['XDG_CACHE_HOME'];
		else process.env['XDG_CACHE_HOME'] = before;
		await fs.rm(folder, { recursive: true, force: true });
	});

	/** Takes a backend away from TensorFlow.js with all that lies on it, as a driver that is lost does. */
	async function losing<T>(backend: 'wasm' | 'cpu', then: () => Promise<T>): Promise<T> {
		const { tf } = await openBackend(backend);
		const open = tf.findBackendFactory(backend);
		tf.removeBackend(backend);
		try {
			return await then();
		} finally {
			tf.registerBackend(backend, open);
		}
	}

	test.each(every.filter(({ task }) => task !== 'regression'))(
		'$id, $task, $backend: our own code answers the others, and says so once',
		async ({ id, task, backend }) => {
			const predictor = await learnerById(id).predictor(await fit(id, task), names);
			const own = await answersOf(predictor, x);
			const said: string[] = [];
			await predictor.prepare!(3 * x.rows, 1, backend, (text) => said.push(text));
			const first = await answersOf(predictor, x);
			expect(first).not.toEqual(own);
			near(first, own);
			await losing(backend, async () => {
				expect(await answersOf(predictor, x)).toEqual(own);
				expect(await answersOf(predictor, x)).toEqual(own);
			});
			// Nor is it taken again once it is back: that is for a measurement to say.
			expect(await answersOf(predictor, x)).toEqual(own);
			expect(said).toEqual([
				expect.stringMatching(
					new RegExp(
						`^The backend "${backend}" failed while a network answered on it: .+\\. It had answered 400 rows; this package's own code answered ` +
							'all others, .+ It is not taken again for a week: "mlops doctor --measure" tries it before\\.$',
					),
				),
			]);
			const { measured, unusable } = await measuredBackends([backend], ['plainAnswers']);
			expect(measured).toEqual([]);
			expect(unusable[0].why).toContain('failed while a network answered');
			predictor.dispose!();
		},
	);

	test('where that cannot be remembered, it is said', async () => {
		const file = path.join(folder, 'file');
		await fs.writeFile(file, '');
		process.env['XDG_CACHE_HOME'] = file;
		const predictor = await learnerById('neuralNetwork').predictor(await fit('neuralNetwork', 'binary'), names);
		const own = await answersOf(predictor, x);
		const said: string[] = [];
		await predictor.prepare!(x.rows, 1, 'cpu', (text) => said.push(text));
		await losing('cpu', async () => expect(await answersOf(predictor, x)).toEqual(own));
		expect(said).toEqual([
			expect.stringMatching(/It had answered 0 rows; .* That could not be kept for the next run: .*(ENOTDIR|not a dir|EEXIST)/),
		]);
	});

	test('of an ensemble, each network that was answered there goes on by our own code', async () => {
		const predictor = await bothNetworks();
		const own = await answersOf(predictor, x);
		const said: string[] = [];
		await predictor.prepare!(x.rows, 1, 'wasm', (text) => said.push(text));
		await losing('wasm', async () => expect(await answersOf(predictor, x)).toEqual(own));
		expect(said).toHaveLength(2);
		predictor.dispose!();
	});
});

/** An ensemble of a network of each kind. */
async function bothNetworks(): Promise<Predictor> {
	const states = await Promise.all([fit('tabularNetwork', 'binary'), fit('neuralNetwork', 'binary')]);
	const members = (['tabularNetwork', 'neuralNetwork'] as const).map((learner, m) => ({
		learner,
		weight: 0.5,
		picks: names.map((_, j) => j),
		names,
		state: states[m],
	}));
	const ensemble = learnerById('ensemble');
	return await ensemble.predictor(ensembleState(names, 1, members, undefined), names);
}

test('the networks of an ensemble are answered on a backend too', async () => {
	const predictor = await bothNetworks();
	const own = await answersOf(predictor, x);
	expect(await predictor.prepare!(x.rows, 1, 'wasm')).toBe('The network answered on wasm, as was asked for.');
	const theirs = await answersOf(predictor, x);
	near(theirs, own);
	expect(theirs).not.toEqual(own);
	predictor.dispose!();
});
