import { checkColumns, codeOutOfRange } from '../../check.js';
import type { Dictionary } from '../../../domain/dictionary.js';
import type { Column, Predictor, State } from '../../contract.js';
import { sigmoid } from '../../linear/model.js';
import { answeredOnBackends } from '../manyRows.js';
import { softmaxInto, type Answering } from '../network.js';
import { compileNetwork, type CategoryTable, type CompiledNetwork } from './compileNetwork.js';
import { fastRow, fastRows, type FastRow, type FastRows } from './fastAnswer.js';
import { FREQUENCIES, formOf, multiplicationsOf, numbersOf, validateTabular, widthsOf, type Form } from './networkForm.js';
import { networkMatrix } from './networkInputs.js';
import { plainAnswer } from './plainAnswer.js';
import { TabularTrainer } from './tabularTrainer.js';

/** Rows from which they are answered together. */
const TOGETHER = 32;
/** Multiplications from which every further thread is worth its call. */
const PER_THREAD = 2e7;

/**
 * The network's answers without a tensor library: by the WebAssembly kernel, one row or many, or in plain JavaScript where there is none
 * (or it is asked for, to compare). All have the same bits. Very many rows may be answered by a backend, see `answeredOnBackends`.
 */
export function tabularPredictor(state: State, given: readonly string[], plain = false): Predictor {
	const form = formOf(validateTabular(state));
	checkColumns(form.columns, given);
	const own = ownPredictor(state, form, plain);
	const { inputs } = form;
	const levels = inputs.map((input) => (input.kind === 'number' ? 0 : input.levels));
	const seen = { inputs, slots: new Map(levels.flatMap((l, j) => (l > 0 ? [[j, state.arrays[`m${j}`] as Int32Array] as const] : []))) };
	const options = { learningRate: 0, dropout: 0, weightDecay: 0, labelSmoothing: 0, seed: 0 };
	return answeredOnBackends(own, {
		kind: 'tabularAnswers',
		multiplications: multiplicationsOf(form),
		widest: Math.max(...widthsOf(form), form.periodic ? numbersOf(form) * FREQUENCIES : 0),
		columns: form.columns,
		levels,
		usual(column) {
			const input = inputs[column];
			return input.kind === 'number' && input.factor > 0 ? { center: input.center, spread: 1 / input.factor } : { center: 0, spread: 1 };
		},
		place: (backend) => new TabularTrainer(backend, form, options, state.arrays as Dictionary<Float32Array>),
		ready: (x) => networkMatrix(x, seen),
		answer: answerOf(form),
	});
}

function ownPredictor(state: State, form: Form, plain: boolean): Predictor {
	const c = compileNetwork(form, state.arrays);
	const { outputs } = c;
	const answer = answerOf(form);
	const one = (plain ? undefined : fastRow(c)) ?? slowRow(c);
	let many: FastRows | undefined;
	const row = (values: Float64Array, out: Float64Array, to: number): void => {
		for (let k = 0; k < c.numbers.length; k++) one.values[k] = values[c.numbers[k].column];
		for (let t = 0; t < c.tables.length; t++) one.slots[t] = slotOf(c, c.tables[t], values[c.tables[t].column]);
		answer(one.answer(), 0, out, to);
	};
	const gathered = new Float64Array(c.columns.length);
	return {
		outputs,
		row: (values, out) => row(values, out, 0),
		batch(x, out, threads) {
			if (!plain && x.rows >= TOGETHER) many ??= fastRows(c);
			if (!many || x.rows < TOGETHER) {
				for (let i = 0; i < x.rows; i++) {
					for (let j = 0, n = gathered.length; j < n; j++) gathered[j] = x.columns[j].data[i];
					row(gathered, out, i * outputs);
				}
				return;
			}
			const hands = Math.min(threads, Math.ceil((x.rows * multiplicationsOf(form)) / PER_THREAD));
			for (let from = 0; from < x.rows; from += many.most) {
				const rows = Math.min(many.most, x.rows - from);
				fill(c, many, x.columns, from, rows);
				const raw = many.answer(rows, hands);
				for (let at = 0, n = raw.length; at < n; at += outputs) answer(raw, at, out, from * outputs + at);
			}
		},
	};
}

/** Plain JavaScript as the kernel's single row. */
function slowRow(c: CompiledNetwork): FastRow {
	const compute = plainAnswer(c);
	const values = new Float64Array(c.numbers.length);
	const slots = new Int32Array(c.tables.length);
	return { values, slots, answer: () => compute(values, slots) };
}

function slotOf({ columns }: CompiledNetwork, { column, slots }: CategoryTable, code: number): number {
	if (!(code >= 0 && code < slots.length)) throw codeOutOfRange(columns[column], code, slots.length);
	return slots[code];
}

function fill(c: CompiledNetwork, to: FastRows, columns: readonly Column[], from: number, rows: number): void {
	c.numbers.forEach(({ column }, k) => {
		to.values(k).set(columns[column].data.subarray(from, from + rows));
	});
	c.tables.forEach((table, t) => {
		const { data } = columns[table.column];
		const slots = to.slots(t);
		for (let i = 0; i < rows; i++) slots[i] = slotOf(c, table, data[from + i]);
	});
}

/** Turns raw outputs, those from `from` on, into answers. */
export function answerOf({ output, outputs, target }: Form): Answering {
	const { center, scale, low, high } = target;
	if (output === 'value')
		return (raw, from, out, to) => {
			out[to] = Math.min(high, Math.max(low, raw[from] * scale + center));
		};
	if (output === 'probability')
		return (raw, from, out, to) => {
			out[to] = sigmoid(raw[from]);
		};
	return (raw, from, out, to) => softmaxInto(raw, from, out, to, outputs);
}
