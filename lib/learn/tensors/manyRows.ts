import type { Tensor1D } from '@tensorflow/tfjs';
import { MlopsError } from '../../domain/errors.js';
import { codeOutOfRange } from '../check.js';
import type { Column, Matrix, Predictor } from '../contract.js';
import { costText, ranked, secondsText, type Kind, type Work } from './backendCosts.js';
import { FORWARD_OPERATIONS } from './backendProbes.js';
import { BackendMemory } from './backendMemory.js';
import { DeviceTable } from './deviceTable.js';
import { candidates, measuredBackends, unusableText, type Known } from './measuredBackends.js';
import type { Answering } from './network.js';
import { BACKENDS, openBackend, type Backend, type BackendId } from './tensorBackends.js';

/** Operations of all rows together below which no backend is looked at: our own code has answered them in a second or two. */
const WORTH_A_LOOK = 2e10;
/** Rows of a batch, as tables are scored. */
const BATCH = 65_536;
/** Rows that are answered both ways before a backend answers any by itself, and that show how fast our own code is. */
const SAMPLE = 2048;
const ROUNDS = 3;
/** By how much answers of 32 bits may differ from our own, as a share where they are large. */
const NEAR = 1e-5;
/** Bytes of the largest tensor of rows that are answered together, and so many rows at least. */
const [TOGETHER_BYTES, LEAST_TOGETHER] = [2 ** 25, 64];

/** A network on a backend: raw outputs of rows of a table there, so many at a time. */
interface Placed {
	forward(table: DeviceTable, rows: Tensor1D, together: number): Promise<Float32Array>;
	dispose(): void;
}

/** What a network's predictor hands over, so that a backend can answer in its place. */
export interface OnBackend {
	kind: Kind;
	/** Multiplications of a row. */
	multiplications: number;
	/** Numbers that the largest layer of a row takes. */
	widest: number;
	columns: readonly string[];
	/** Codes of each column, 0 for numbers; and numbers of each that are usual. */
	levels: readonly number[];
	usual(column: number): { center: number; spread: number };
	place(backend: Backend): Placed;
	/** Rows as the network takes them. */
	ready(x: Matrix): Matrix;
	/** Turns raw outputs into answers. */
	answer: Answering;
}

/** A backend that answers. */
interface Taken {
	backend: Backend;
	placed: Placed;
}

/** Backends that failed in this process, and why, where it could not be remembered for others. */
const failedHere = new Map<BackendId, string>();

/**
 * A network's predictor whose batches a backend may answer, once `prepare` said so: where that is expected to take less time than our own
 * code, by what was measured of the backend on this machine before, and of our own code on a few rows now. The backend answers these rows
 * first; one whose answers are others is not taken. Until then, for single rows, and from a batch on that the backend fails at, our own
 * code answers.
 */
export function answeredOnBackends(own: Predictor, network: OnBackend): Predictor {
	let taken: Taken | undefined;
	let [answered, failed] = [0, (_text: string): void => {}];
	const release = (): void => {
		const before = taken;
		taken = undefined;
		before?.placed.dispose();
	};
	const take = async (id: BackendId): Promise<void> => {
		const backend = await openBackend(id);
		const mine = { backend, placed: network.place(backend) };
		try {
			await agree(own, network, mine);
		} catch (thrown) {
			mine.placed.dispose();
			throw thrown;
		}
		taken = mine;
	};
	return {
		...own,
		async batch(x, out, threads) {
			if (!taken) return await own.batch(x, out, threads);
			const { id } = taken.backend;
			// What is wrong with the rows is not the backend's fault.
			checkCodes(network, x);
			try {
				await answerOn(taken, network, x, out, own.outputs);
				answered += x.rows;
			} catch (thrown) {
				const why = MlopsError.from(thrown).message;
				// What lies on a device that was lost may not even be freed.
				const unfreed = problemOf(release);
				failed(await failedText(id, answered, unfreed === undefined ? why : `${why} ${unfreed}`));
				await own.batch(x, out, threads);
			}
		},
		async prepare(rows, threads, asked, tell = () => {}) {
			release();
			[answered, failed] = [0, tell];
			if (asked !== undefined) {
				const id = BACKENDS.find((one) => one === asked);
				if (!id) throw new MlopsError('input.invalid', `There is no backend "${asked}".`, { expected: BACKENDS.join(', '), found: asked });
				await take(id);
				return `The network answered on ${id}, as was asked for.`;
			}
			const operations = rows * network.multiplications * FORWARD_OPERATIONS;
			const others = operations < WORTH_A_LOOK ? [] : candidates();
			if (others.length === 0) return undefined;
			const known = await measuredBackends(
				others.filter((id) => !failedHere.has(id)),
				[network.kind],
			);
			for (const [id, why] of failedHere) if (others.includes(id)) known.unusable.push({ id, why });
			const work = { kind: network.kind, steps: Math.ceil(rows / Math.min(BATCH, togetherOf(network))), operations };
			return await takeFastest(known, work, await ownSeconds(own, network, rows, threads), take);
		},
		dispose() {
			release();
			own.dispose?.();
		},
	};
}

/** Takes the backend that is expected to be done before our own code; says what was compared, and what went wrong. */
async function takeFastest(known: Known, work: Work, seconds: number, take: (id: BackendId) => Promise<void>): Promise<string> {
	const [best] = ranked(known.measured, work);
	const refused = unusableText(known, ' ');
	if (!best) return `The network answered all rows by this package's own code.${refused}`;
	const { id, costs } = best.measured;
	const compared =
		`expected to take ${secondsText(best.seconds)} on ${id} (${costText(costs.find(({ kind }) => kind === work.kind)!)}) and ` +
		`${secondsText(seconds)} by this package's own code, by what was measured on this machine.${refused}`;
	if (best.seconds >= seconds) return `The network answered all rows by this package's own code: ${compared}`;
	try {
		await take(id);
	} catch (thrown) {
		return `The network answered all rows by this package's own code. ${MlopsError.from(thrown).message}${refused}`;
	}
	return `The network answered on ${id}, within ${NEAR} of what single rows are answered: ${compared}`;
}

/** Remembers that a backend failed, so that it is not taken again until it is measured anew; what people should know of it. */
async function failedText(id: BackendId, answered: number, reason: string): Promise<string> {
	const why = `The backend "${id}" failed while a network answered on it: ${reason.replace(/[.\s]*$/, '')}.`;
	const unwritten = await new BackendMemory().put({ state: 'failed', id, at: new Date().toISOString(), why });
	if (unwritten !== undefined) failedHere.set(id, why);
	return (
		`${why} It had answered ${answered.toLocaleString('en')} rows; this package's own code answered all others, within ${NEAR} of what ` +
		'it would have. ' +
		(unwritten === undefined
			? 'It is not taken again for a week: "mlops doctor --measure" tries it before.'
			: `That could not be kept for the next run: ${unwritten}`)
	);
}

function problemOf(task: () => void): string | undefined {
	try {
		task();
		return undefined;
	} catch (thrown) {
		return MlopsError.from(thrown).message;
	}
}

/** How long our own code would take for so many rows, by the best of a few rounds over some. */
async function ownSeconds(own: Predictor, network: OnBackend, rows: number, threads: number): Promise<number> {
	const x = someRows(network);
	const out = new Float64Array(x.rows * own.outputs);
	let best = Infinity;
	for (let round = 0; round < ROUNDS; round++) {
		const from = performance.now();
		await own.batch(x, out, threads);
		best = Math.min(best, performance.now() - from);
	}
	return (best / 1000 / x.rows) * rows;
}

/** Rows such as the network learned from, the same each time. */
function someRows({ columns, levels, usual }: OnBackend): Matrix {
	return {
		rows: SAMPLE,
		columns: columns.map((name, j): Column => {
			if (levels[j] > 0)
				return {
					name,
					kind: 'category',
					data: Uint32Array.from({ length: SAMPLE }, (_, i) => (i * (j + 1)) % levels[j]),
					levels: levels[j],
				};
			const { center, spread } = usual(j);
			// A number between -2 and 2 that repeats in no column as in another.
			const data = Float64Array.from({ length: SAMPLE }, (_, i) => center + spread * (4 * (((i + 1) * (0.618_034 + j * 0.013)) % 1) - 2));
			return { name, kind: 'number', data };
		}),
	};
}

/** @throws `internal` where a backend answers a few rows otherwise than our own code does */
async function agree(own: Predictor, network: OnBackend, taken: Taken): Promise<void> {
	const x = someRows(network);
	const [ours, theirs] = [new Float64Array(x.rows * own.outputs), new Float64Array(x.rows * own.outputs)];
	await own.batch(x, ours, 1);
	await answerOn(taken, network, x, theirs, own.outputs);
	for (let i = 0, n = ours.length; i < n; i++)
		if (!(Math.abs(ours[i] - theirs[i]) <= NEAR * Math.max(1, Math.abs(ours[i]))))
			throw new MlopsError('internal', `The backend "${taken.backend.id}" computes wrongly: ${theirs[i]} instead of ${ours[i]}.`, {
				remedy: 'Update its package or driver.',
			});
}

async function answerOn({ backend, placed }: Taken, network: OnBackend, x: Matrix, out: Float64Array, outputs: number): Promise<void> {
	// It may be open and yet not the one that computes.
	const { tf } = await openBackend(backend.id);
	const table = new DeviceTable(tf, network.ready(x));
	const rows = tf.range(0, x.rows, 1, 'int32') as Tensor1D;
	try {
		const raw = await placed.forward(table, rows, togetherOf(network));
		for (let at = 0, n = raw.length; at < n; at += outputs) network.answer(raw, at, out, at);
	} finally {
		rows.dispose();
		table.dispose();
	}
}

/** Rows that go through the network at a time. */
const togetherOf = ({ widest }: OnBackend): number => Math.max(LEAST_TOGETHER, Math.floor(TOGETHER_BYTES / 4 / widest));

/** A backend would answer codes that there are not with anything. */
function checkCodes({ columns, levels }: OnBackend, x: Matrix): void {
	for (const [j, column] of x.columns.entries()) {
		if (column.kind === 'number') continue;
		for (let i = 0; i < x.rows; i++)
			if (!(column.data[i] >= 0 && column.data[i] < levels[j])) throw codeOutOfRange(columns[j], column.data[i], levels[j]);
	}
}
