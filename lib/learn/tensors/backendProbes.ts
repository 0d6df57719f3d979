import type { Tensor1D } from '@tensorflow/tfjs';
import { MlopsError } from '../../domain/errors.js';
import { mulberry32 } from '../../domain/random.js';
import type { Labels, Matrix } from '../contract.js';
import { costOf, secondsText, type Cost, type Kind, type Measured, type Timed } from './backendCosts.js';
import { DeviceTable } from './deviceTable.js';
import { multiplicationsOf as plainMultiplications, shapeOf } from './network.js';
import { multiplicationsOf, type Form } from './tabular/networkForm.js';
import { TabularTrainer } from './tabular/tabularTrainer.js';
import { openBackend, type Backend, type BackendId } from './tensorBackends.js';
import { Trainer } from './trainer.js';

/** Additions and products of a multiplication, forward alone, and with the way back. */
export const FORWARD_OPERATIONS = 2;
export const TRAINING_OPERATIONS = 6;

interface Size {
	rows: number;
	columns: number;
	hidden: number[];
}

/** A step that costs next to nothing by its size, and one as large as networks on tables have them. */
const SMALL: Size = { rows: 32, columns: 4, hidden: [8, 8] };
const LARGE: Size = { rows: 256, columns: 20, hidden: [128, 128] };
/** A large step that takes not even twice as long as a small one says nothing of operations: then it gets four times the rows. */
const [TOLD, GROWTH, MOST_ROWS] = [2, 4, 16_384];

/** Rounds a size is timed for at most, and seconds after which no further one begins; the best counts. */
const [ROUNDS, SECONDS] = [6, 0.1];
/** Steps between two waits for the device, as in a training, which waits once an epoch. */
const STEPS = 4;

/** Seconds that a first small step may take. */
const PATIENCE = 5;

/** What is timed: a round of so many steps begins anew, and ends when the device is done. */
interface Probe {
	/** Operations of one step. */
	operations: number;
	round(steps: number): Promise<void>;
	dispose(): void;
}

/**
 * Opens a backend and times a few steps on it, of each of these kinds. A driver in software is not measured, since WebAssembly computes on
 * the processor without the detour, nor is what is as slow; `however`: both are.
 * @throws `learn.backend_missing`, and what the backend throws
 */
export async function measureBackend(id: BackendId, kinds: readonly Kind[], however = false): Promise<Measured> {
	const started = performance.now();
	const backend = await openBackend(id);
	const open = since(started);
	if (backend.software !== undefined && !however)
		throw slow(id, `its driver, ${backend.software}, computes on the processor`, 'Install the driver of a graphics card.');
	const costs: Cost[] = [];
	for (const kind of kinds) costs.push(await measureKind(backend, kind, however));
	return { id, at: new Date().toISOString(), open, costs };
}

const slow = (expected: BackendId, why: string, remedy: string): MlopsError =>
	new MlopsError('learn.backend_missing', `The backend "${expected}" is too slow: ${why}.`, { expected, remedy });

async function measureKind(backend: Backend, kind: Kind, however: boolean): Promise<Cost> {
	const { first, ...small } = await timed(PROBES[kind](backend, SMALL));
	if (first > PATIENCE && !however)
		throw slow(
			backend.id,
			`its first small step took ${secondsText(first)}`,
			'A machine that was busy: "mlops doctor --measure" tries again.',
		);
	let { rows } = LARGE;
	let large = await timed(PROBES[kind](backend, LARGE));
	while (large.seconds < TOLD * small.seconds && rows < MOST_ROWS) {
		rows *= GROWTH;
		large = await timed(PROBES[kind](backend, { ...LARGE, rows }));
	}
	return { kind, first: Math.max(0, first - small.seconds) + Math.max(0, large.first - large.seconds), ...costOf(small, large) };
}

/** Seconds of the first step and of the best one later. */
async function timed(probe: Probe): Promise<Timed & { first: number }> {
	try {
		const started = performance.now();
		await probe.round(1);
		const first = since(started);
		let seconds = Infinity;
		for (let round = 0; round < ROUNDS && (round === 0 || since(started) < SECONDS); round++) {
			const steps = seconds * STEPS < SECONDS ? STEPS : 1;
			const from = performance.now();
			await probe.round(steps);
			seconds = Math.min(seconds, since(from) / steps);
		}
		return { operations: probe.operations, seconds, first };
	} finally {
		probe.dispose();
	}
}

const since = (from: number): number => (performance.now() - from) / 1000;

/** Numbers between -1 and 1, and two classes. */
function rowsOf({ rows, columns }: Size): { x: Matrix; labels: Labels } {
	const random = mulberry32(1);
	const column = (j: number): Matrix['columns'][number] => ({
		name: `x${j}`,
		kind: 'number',
		data: Float32Array.from({ length: rows }, () => 2 * random() - 1),
	});
	return {
		x: { rows, columns: Array.from({ length: columns }, (_, j) => column(j)) },
		labels: { y: Float64Array.from({ length: rows }, (_, i) => i % 2), classes: 2, weight: new Float64Array(rows).fill(1) },
	};
}

const formOf = ({ columns, hidden }: Size): Form => ({
	columns: Array.from({ length: columns }, (_, j) => `x${j}`),
	inputs: Array.from({ length: columns }, () => ({ kind: 'number', center: 0, factor: 1 })),
	periodic: true,
	hidden,
	activation: 'selu',
	outputs: 1,
	output: 'probability',
	target: { center: 0, scale: 1, low: 0, high: 0 },
});

function tabularOf(backend: Backend, size: Size): { trainer: TabularTrainer; multiplications: number } {
	const form = formOf(size);
	const options = { learningRate: 0.01, dropout: 0.15, weightDecay: 0.01, labelSmoothing: 0, seed: 1 };
	return { trainer: new TabularTrainer(backend, form, options), multiplications: multiplicationsOf(form) * size.rows };
}

function plainOf(backend: Backend, size: Size, x: Matrix): { trainer: Trainer; multiplications: number } {
	const shape = shapeOf(x.columns, size.hidden, 1, 'relu');
	const options = { learningRate: 0.01, dropout: 0, alpha: 0.01, loss: 'logistic', seed: 1 } as const;
	return { trainer: new Trainer(backend, shape, options), multiplications: plainMultiplications(shape) * size.rows };
}

/** The same rows, step after step. */
const again = (rows: number): Uint32Array => Uint32Array.from({ length: rows * STEPS }, (_, i) => i % rows);

/** Reads back all that a network answers of rows, uploaded for that, as answering a batch does. */
function answering(
	{ tf }: Backend,
	{ rows }: Size,
	x: Matrix,
	of: { trainer: Pick<Trainer | TabularTrainer, 'dispose' | 'forward'>; multiplications: number },
): Probe {
	return {
		operations: of.multiplications * FORWARD_OPERATIONS,
		async round(steps) {
			for (let k = 0; k < steps; k++) {
				const table = new DeviceTable(tf, x);
				const at = tf.range(0, rows, 1, 'int32') as Tensor1D;
				await of.trainer.forward(table, at, rows);
				at.dispose();
				table.dispose();
			}
		},
		dispose: () => of.trainer.dispose(),
	};
}

const PROBES: Record<Kind, (backend: Backend, size: Size) => Probe> = {
	tabular(backend, size) {
		const { x, labels } = rowsOf(size);
		const { trainer, multiplications } = tabularOf(backend, size);
		const table = new DeviceTable(backend.tf, x, labels);
		const order = again(size.rows);
		return {
			operations: multiplications * TRAINING_OPERATIONS,
			async round(steps) {
				trainer.begin(order, size.rows, 1, 4);
				for (let k = 0; k < steps; k++) trainer.step(table, k);
				await trainer.losses();
			},
			dispose() {
				trainer.dispose();
				table.dispose();
			},
		};
	},
	plain(backend, size) {
		const { tf } = backend;
		const { x, labels } = rowsOf(size);
		const { trainer, multiplications } = plainOf(backend, size, x);
		const table = new DeviceTable(tf, x, { ...labels, weight: undefined });
		const order = again(size.rows);
		const one = tf.tensor1d([0], 'int32');
		return {
			operations: multiplications * TRAINING_OPERATIONS,
			async round(steps) {
				trainer.begin(order, size.rows, labels);
				for (let k = 0; k < steps; k++) trainer.step(table, k);
				await trainer.forward(table, one);
			},
			dispose() {
				trainer.dispose();
				tf.dispose(one);
				table.dispose();
			},
		};
	},
	tabularAnswers: (backend, size) => answering(backend, size, rowsOf(size).x, tabularOf(backend, size)),
	plainAnswers(backend, size) {
		const { x } = rowsOf(size);
		return answering(backend, size, x, plainOf(backend, size, x));
	},
};
