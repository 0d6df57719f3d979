import {
	costOf,
	measuredText,
	predictedSeconds,
	ranked,
	winsFrom,
	type Cost,
	type Measured,
} from '../../../lib/learn/tensors/backendCosts.js';
import { fastest, trainedText } from '../../../lib/learn/tensors/chooseBackend.js';
import { openBackend } from '../../../lib/learn/tensors/tensorBackends.js';
import { quietContext } from '../fitting.js';

const cost = (step: number, operation: number, first = 0): Cost => ({ kind: 'tabular', first, step, operation });
const at = '2026-11-29T10:00:00.000Z';
const one = (id: Measured['id'], open: number, own: Cost): Measured => ({ id, at, open, costs: [own] });
/** Quick to begin and slow at large steps; and the other way round. */
const wasm = one('wasm', 0.1, cost(0.002, 4e-10));
const gpu = one('webgpu', 0.8, cost(0.004, 2e-12, 1.1));

test('steps of two sizes give a cost a step and a cost an operation, neither below nothing', () => {
	const plain = costOf({ operations: 1e6, seconds: 0.003 }, { operations: 1.01e8, seconds: 0.043 });
	expect(plain.operation).toBeCloseTo(4e-10, 15);
	expect(plain.step).toBeCloseTo(0.0026, 10);
	// Where the larger step took less, as on a GPU that is not busy with it, operations are free.
	expect(costOf({ operations: 1e6, seconds: 0.003 }, { operations: 1e8, seconds: 0.0029 })).toEqual({ step: 0.003, operation: 0 });
	// Where it took more than its share, a step alone costs nothing.
	expect(costOf({ operations: 1e6, seconds: 0.001 }, { operations: 1e8, seconds: 1 })).toEqual({ step: 0, operation: 1e-8 });
});

test('the time of a training is opening, the first step, its steps and its operations', () => {
	expect(predictedSeconds(gpu, { kind: 'tabular', steps: 1000, operations: 1e11 })).toBeCloseTo(0.8 + 1.1 + 4 + 0.2, 10);
	expect(predictedSeconds(gpu, { kind: 'plain', steps: 1000, operations: 1e11 })).toBeUndefined();
});

test('small trainings go to what opens quickly, large ones to what computes quickly, many small steps to what begins them quickly', () => {
	const first = (steps: number, operations: number) => ranked([gpu, wasm], { kind: 'tabular', steps, operations })[0].measured.id;
	expect(first(100, 1e9)).toBe('wasm');
	expect(first(1000, 1e12)).toBe('webgpu');
	expect(first(1_000_000, 1e12)).toBe('wasm');
	expect(ranked([gpu, wasm], { kind: 'plain', steps: 1, operations: 1 })).toEqual([]);
});

test('doctor says from which size on one is faster than the other', () => {
	expect(winsFrom(gpu.costs[0], wasm.costs[0])).toBeCloseTo(0.002 / 3.98e-10, 0);
	expect(winsFrom(wasm.costs[0], cost(0.01, 4e-9))).toBe(0);
	expect(winsFrom(cost(0.01, 4e-9), wasm.costs[0])).toBe(Infinity);
	expect(measuredText(gpu, wasm)).toBe(
		'measured on 2026-11-29: opens in 800 ms; a tabular network in training: 4.0 ms a step and 500 billion operations a second, ' +
			'from 5 million operations a step on faster than wasm',
	);
});

describe('the backend that is opened', () => {
	const work = { kind: 'tabular', steps: 1000, operations: 1e12 } as const;

	test('is the one that is expected to be done first, and the run says why and by what', async () => {
		const context = quietContext();
		const quick = one('cpu', 0, cost(0.001, 1e-12));
		const choice = await fastest(work, { measured: [wasm, quick], unusable: [] }, context);
		expect(choice.backend.id).toBe('cpu');
		expect(trainedText(choice, 50_000, 2)).toBe(
			'Networks were trained on cpu, about 25,000 rows a second: such a training was expected to take 2.0 s there and 402 s on wasm, by ' +
				'what was measured on this machine (cpu on 2026-11-29: 1.0 ms a step and 1 trillion operations a second; wasm on 2026-11-29: ' +
				'2.0 ms a step and 2.5 billion operations a second). Another machine may choose otherwise: "Compute on" settles it.',
		);
		expect(context.notes).toEqual([]);
	});

	test('is WebAssembly where others are slower, cannot be used, or do not open after all', async () => {
		const slow = one('cpu', 0, cost(1, 1e-6));
		const { backend, why } = await fastest(
			work,
			{ measured: [slow, wasm], unusable: [{ id: 'webgpu', why: 'The backend "webgpu" cannot be used: no graphics driver was found.' }] },
			quietContext(),
		);
		expect(backend.id).toBe('wasm');
		expect(why).toContain('no graphics driver was found');
		const busy = 'The backend "wasm" is being measured by another process.';
		expect(
			await fastest(work, { measured: [one('cpu', 0, cost(0, 0))], unusable: [{ id: 'wasm', why: busy }] }, quietContext()),
		).toMatchObject({ backend: { id: 'wasm' }, why: `there was nothing to compare cpu with. ${busy}` });
		const native = await openBackend('tfjs-node-gpu').then(
			() => undefined,
			(thrown: Error) => thrown.message,
		);
		if (native === undefined) return;
		const gone = await fastest(work, { measured: [one('tfjs-node-gpu', 0, cost(0, 0)), wasm], unusable: [] }, quietContext());
		expect(gone.backend.id).toBe('wasm');
		expect(gone.why).toContain(native);
	});
});
