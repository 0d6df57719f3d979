import type { Learner, Matrix } from '../../../lib/learn/contract.js';
import { fitCalibrations, type Calibration } from '../../../lib/learn/ensemble/answerCalibration.js';
import { ensembleState, type Member } from '../../../lib/learn/ensemble/ensembleLearner.js';
import { ENSEMBLE, learnerById } from '../../../lib/learn/learners/index.js';
import { writeModel } from '../../../lib/learn/onnx/graph.js';
import { context, labelsOf, makeData, rowOf } from '../trees/helpers/data.js';
import { onnxRuntime } from '../trees/helpers/onnxRuntime.js';

const runtime = onnxRuntime();
afterAll(() => runtime.close());

type Kind = 'binary' | 'multiclass' | 'regression';
const KINDS = ['binary', 'multiclass', 'regression'] as const;
const ROWS = 500;

async function fitted(task: Kind, id: string, params: object, picks: number[], weight: number): Promise<Member> {
	const made = makeData(ROWS, task, 3);
	const learner: Learner = learnerById(id);
	const x = { rows: ROWS, columns: picks.map((j) => made.x.columns[j]) };
	const { state } = await learner.fit({ task, train: x, labels: labelsOf(made, task) }, learner.params.parse(params), context());
	return { learner: id, weight, picks, names: x.columns.map((c) => c.name), state };
}

/** Columns in orders of their own; the linear model and the networks take none with gaps. */
const simple = async (task: Kind): Promise<Member[]> => [
	await fitted(task, 'gradientBoosting', { n_estimators: 20 }, [0, 1, 2, 3], 0.5),
	await fitted(task, 'randomForest', { n_estimators: 10 }, [2, 1, 0], 0.3),
	await fitted(task, task === 'regression' ? 'linearRegression' : 'logisticRegression', {}, [3, 1, 2], 0.2),
];
const withNetworks = async (task: Kind): Promise<Member[]> => [
	await fitted(task, 'tabularNetwork', { epochs: 3, hidden_layer_sizes: [16, 16], backend: 'wasm' }, [2, 3, 1], 0.4),
	await fitted(task, 'gradientBoosting', { n_estimators: 20 }, [0, 1, 2, 3], 0.35),
	await fitted(task, 'neuralNetwork', { epochs: 3, backend: 'cpu' }, [1, 2], 0.25),
];

/** Other rows than those of the training, gaps in the column that has them and codes that no row had. */
function asked(task: Kind): Matrix {
	const { x } = makeData(300, task, 9);
	const [, , category] = x.columns;
	for (let i = 0; i < x.rows; i += 5) category.data[i] = [0, 1, 8][(i / 5) % 3];
	expect(Array.from(x.columns[0].data).some(Number.isNaN)).toBe(true);
	return x;
}

/** The file's answers and those of our row form. */
async function answers(task: Kind, members: Member[], calibration?: Calibration) {
	const x = asked(task);
	const names = x.columns.map((c) => c.name);
	const outputs = task === 'multiclass' ? 3 : 1;
	const state = ENSEMBLE.validate(ensembleState(names, outputs, members, calibration));
	const predictor = await ENSEMBLE.predictor(state, names);
	const one = new Float64Array(outputs);
	const rows = Array.from({ length: x.rows }, (_, i) => rowOf(x, i));
	const ours = rows.flatMap((row) => {
		predictor.row(row, one);
		return Array.from(one);
	});
	const flat = Float64Array.from(rows.flatMap((row) => Array.from(row)));
	const theirs = await runtime.run(writeModel(ENSEMBLE.onnx!(state)), flat, names.length);
	expect(theirs).toHaveLength(ours.length);
	expect(new Set(ours).size).toBeGreaterThan(200);
	const off = Math.max(...ours.map((v, i) => Math.abs(theirs[i] - v) / Math.max(1, Math.abs(v))));
	return { ours, theirs, off, state };
}

it.each(KINDS)('%s: an ensemble of trees and a linear model answers in ONNX Runtime as here', async (task) => {
	const { off } = await answers(task, await simple(task));
	expect(off).toBeLessThan(1e-6);
});

it.each(KINDS)('%s: one with networks in it does, as far as 32 bits tell', async (task) => {
	const { off } = await answers(task, await withNetworks(task));
	expect(off).toBeLessThan(1e-5);
});

describe('its probabilities are put right in the file as they are here', () => {
	/** Members that ran too far, so that something is to be put right. */
	const bold = async (task: Kind): Promise<Member[]> => [
		await fitted(task, 'gradientBoosting', { n_estimators: 60, learning_rate: 0.5 }, [0, 1, 2], 0.6),
		await fitted(task, 'randomForest', { n_estimators: 3 }, [2, 0], 0.4),
	];

	it.each(['temperature', 'beta', 'isotonic'] as const)('%s, of two classes', async (kind) => {
		const members = await bold('binary');
		const before = await answers('binary', members);
		const { y } = makeData(300, 'binary', 9);
		const how = fitCalibrations(y, Float64Array.from(before.ours), 1).find((c) => c.kind === kind)!;
		const { ours, off } = await answers('binary', members, how);
		expect(off).toBeLessThan(1e-6);
		// Something was put right, which the file has to do as well.
		expect(Math.max(...ours.map((v, i) => Math.abs(v - before.ours[i])))).toBeGreaterThan(0.03);
	});

	it('temperature, of several classes', async () => {
		const members = await bold('multiclass');
		const before = await answers('multiclass', members);
		const { ours, theirs, off } = await answers('multiclass', members, { kind: 'temperature', t: 1.7 });
		expect(off).toBeLessThan(1e-6);
		expect(Math.max(...ours.map((v, i) => Math.abs(v - before.ours[i])))).toBeGreaterThan(0.03);
		for (let i = 0; i < theirs.length; i += 3) expect(theirs[i] + theirs[i + 1] + theirs[i + 2]).toBeCloseTo(1, 12);
	});

	it('isotonic, before the first point and behind the last', async () => {
		const { off, ours } = await answers('binary', await bold('binary'), { kind: 'isotonic', x: [0.3, 0.5, 0.6], y: [0.1, 0.2, 0.9] });
		expect(off).toBeLessThan(1e-6);
		expect(ours.some((p) => p < 0.1005) && ours.some((p) => p > 0.8995)).toBe(true);
	});
});

it('the file says which columns it takes, by the names of the ensemble, and which members it has', async () => {
	const members = await simple('binary');
	const state = ensembleState(['a', 'b_2', 'c', 'noise'], 1, members, { kind: 'temperature', t: 1.3 });
	const { metadata, columns, gaps } = ENSEMBLE.onnx!(state);
	expect(columns).toEqual([
		{ name: 'a', kind: 'number' },
		{ name: 'b_2', kind: 'number' },
		{ name: 'c', kind: 'category', levels: 9 },
		{ name: 'noise', kind: 'number' },
	]);
	expect(gaps).toBe(true);
	expect(JSON.parse(metadata.members)).toEqual([
		{ learner: 'gradientBoosting', weight: 0.5 },
		{ learner: 'randomForest', weight: 0.3 },
		{ learner: 'logisticRegression', weight: 0.2 },
	]);
	expect(JSON.parse(metadata.calibration)).toEqual({ kind: 'temperature', t: 1.3 });
});

it('one with a member that has no ONNX form is refused by that name, with what to do', async () => {
	const members = [
		await fitted('binary', 'gradientBoosting', { n_estimators: 5 }, [0, 1], 0.9),
		await fitted('binary', 'dummy', {}, [0, 1], 0.1),
	];
	const state = ensembleState(['a', 'b'], 1, members, undefined);
	expect(() => ENSEMBLE.onnx!(state)).toThrow(
		expect.objectContaining({
			code: 'learn.no_onnx',
			message: 'This ensemble cannot be written as ONNX: its members of the kind "Baseline (no learning)" have no such form.',
			details: expect.objectContaining({ remedy: expect.stringContaining('One Fast Model Only') as string }) as object,
		}),
	);
});

it('a state whose members do not fit is refused', async () => {
	const members = await simple('binary');
	const file = (change: Partial<Member>, calibration?: Calibration, outputs = 1) =>
		ENSEMBLE.onnx!(ensembleState(['a', 'b', 'c', 'noise'], outputs, [{ ...members[0], ...change, weight: 1 }], calibration));
	expect(() => file({ names: ['a', 'b', 'c', 'd'] })).toThrow(expect.objectContaining({ code: 'learn.columns_mismatch' }));
	expect(() => file({}, undefined, 3)).toThrow(expect.objectContaining({ code: 'learn.model_invalid' }));
	const [classes] = await simple('multiclass');
	expect(() => file(classes, { kind: 'beta', a: 1, b: 1, c: 0 }, 3)).toThrow(expect.objectContaining({ code: 'learn.model_invalid' }));
});
