import { z } from 'zod/v4';
import { dictionary, dictionaryOf } from '../../domain/dictionary.js';
import { MlopsError } from '../../domain/errors.js';
import { checkColumns, checkState, modelInvalid, residentBytesOf } from '../check.js';
import { defineLearner, type Column, type Learner, type Matrix, type Predictor, type State } from '../contract.js';
import { inAnswers, throughCalibration } from './answerReasons.js';
import { calibration, calibrator, type Calibration } from './answerCalibration.js';
import { ensembleToOnnx } from './ensembleToOnnx.js';

const FORMAT = 'ensemble';
const VERSION = 1;

const ensembleMember = z.object({
	learner: z.string(),
	params: dictionaryOf(z.unknown()),
	weight: z.number().positive(),
	/** How many times it is fitted, each with a seed of its own; their mean is its answer. Once where absent. */
	repeats: z.number().int().min(1).max(100).optional(),
});
export type EnsembleMember = z.infer<typeof ensembleMember>;
const params = z.object({ members: z.array(ensembleMember).default([]), calibration: calibration.optional() });
export type EnsembleParams = z.infer<typeof params>;

/** The members that a run's parameters name; nothing where its model is a single one that was fitted once. */
export function membersOf(given: unknown): EnsembleMember[] | undefined {
	const read = params.safeParse(given);
	if (!read.success) return undefined;
	const { members } = read.data;
	return members.length > 1 || members.some(({ repeats = 1 }) => repeats > 1) ? members : undefined;
}

/** The one member of a model that is an ensemble for its calibration or its repeated fits alone. */
export function soleMember(given: unknown): EnsembleMember | undefined {
	const read = params.safeParse(given);
	return read.success && read.data.members.length === 1 ? read.data.members[0] : undefined;
}

const meta = z.object({
	columns: z.array(z.string()),
	outputs: z.number().int().min(1),
	members: z
		.array(
			z.object({
				learner: z.string(),
				weight: z.number().positive(),
				/** Places of its columns among those of the ensemble, and its own names of them. */
				picks: z.array(z.number().int().nonnegative()),
				names: z.array(z.string()),
				format: z.string(),
				version: z.number().int(),
				meta: dictionaryOf(z.unknown()),
			}),
		)
		.min(1),
	calibration: calibration.optional(),
});
type Meta = z.infer<typeof meta>;

export interface Member {
	learner: string;
	weight: number;
	picks: number[];
	names: string[];
	state: State;
}

/** Fitted models as one state; the arrays of member 2 are `2/...`. */
export function ensembleState(columns: string[], outputs: number, members: readonly Member[], how: Calibration | undefined): State {
	const arrays = dictionary<State['arrays'][string]>();
	for (const [m, { state }] of members.entries()) for (const [name, array] of Object.entries(state.arrays)) arrays[`${m}/${name}`] = array;
	const described = members.map(({ state, ...member }) => ({ ...member, format: state.format, version: state.version, meta: state.meta }));
	return {
		format: FORMAT,
		version: VERSION,
		meta: { columns, outputs, members: described, ...(how ? { calibration: how } : {}) },
		arrays,
	};
}

/**
 * The weighted mean of the answers of several models, its probabilities put right by a calibration. Automatic makes it of fitted models;
 * nobody chooses it, and it fits nothing itself. `learnerById` knows the kinds that members may have.
 */
export function ensembleOf(learnerById: (id: string) => Learner): Learner<EnsembleParams> {
	const fittedOf = (state: State, { members }: Meta) =>
		members.map((member, m) => ({ ...member, learner: learnerById(member.learner), state: stateOf(state, member, m) }));
	return defineLearner<EnsembleParams>({
		id: 'ensemble',
		label: 'Ensemble',
		description: 'The weighted mean of several models that Automatic found, with calibrated probabilities.',
		outputs: ['probability', 'probabilities', 'value'],
		params,
		searchSpace: {},
		manifestVersion: 3,
		needs: () => ({ categories: 'codes', missing: 'native', scaled: false }),
		estimate: () => ({ bytes: 0 }),
		fit: () => Promise.reject(new MlopsError('internal', 'An ensemble is made of fitted models.')),
		validate(state) {
			const { members } = metaOf(state);
			for (const [m, member] of members.entries()) learnerById(member.learner).validate(stateOf(state, member, m));
			return state;
		},
		rowMicroseconds: (state) =>
			metaOf(state).members.reduce(
				(sum, member, m) => sum + (learnerById(member.learner).rowMicroseconds?.(stateOf(state, member, m)) ?? 1),
				0,
			),
		residentBytes: (state) =>
			metaOf(state).members.reduce((sum, member, m) => sum + residentBytesOf(learnerById(member.learner), stateOf(state, member, m)), 0),
		async predictor(state, given) {
			const known = metaOf(state);
			checkColumns(known.columns, given);
			const predictors: Part[] = [];
			for (const { learner, state: own, names, picks, weight } of fittedOf(state, known))
				predictors.push({ by: await learner.predictor(own, names), names, picks, weight, values: new Float64Array(picks.length) });
			return ensemblePredictor(predictors, known);
		},
		onnx(state) {
			const known = metaOf(state);
			return ensembleToOnnx(known, fittedOf(state, known));
		},
	});
}

/** @throws `learn.model_invalid`, `store.version_newer` */
function metaOf(state: State): Meta {
	const read = meta.safeParse(checkState(state, FORMAT, VERSION, []).meta);
	if (!read.success) throw modelInvalid(`an ensemble that cannot be read (${read.error.issues[0].message})`);
	const { members, columns, calibration: how } = read.data;
	for (const { picks, names, learner } of members) {
		if (learner === FORMAT) throw modelInvalid('an ensemble within an ensemble');
		if (picks.length !== names.length || picks.some((at) => at >= columns.length)) throw modelInvalid('a member with other columns');
	}
	if (Math.abs(members.reduce((sum, m) => sum + m.weight, 0) - 1) > 1e-9) throw modelInvalid('weights that do not add up to 1');
	if (how?.kind === 'isotonic' && (how.x.length !== how.y.length || how.x.some((x, i) => i > 0 && x <= how.x[i - 1])))
		throw modelInvalid('a calibration out of order');
	return read.data;
}

function stateOf(state: State, { format, version, meta: own }: Meta['members'][number], m: number): State {
	const arrays = dictionary<State['arrays'][string]>();
	for (const [name, array] of Object.entries(state.arrays)) if (name.startsWith(`${m}/`)) arrays[name.slice(`${m}/`.length)] = array;
	return { format, version, meta: own, arrays };
}

interface Part {
	by: Predictor;
	/** What it calls its columns: of two that differ in form alone, the ensemble had to name one anew. */
	names: readonly string[];
	picks: readonly number[];
	weight: number;
	values: Float64Array;
}

/** The same column by another name; its values may be worked out each time they are read. */
function called(name: string, column: Column): Column {
	if (column.name === name) return column;
	return Object.create(column, { name: { value: name, enumerable: true } }) as Column;
}

/** Both forms add up the members in the same order, so that they are equal bit for bit where those of the members are. */
function ensemblePredictor(parts: readonly Part[], { columns, outputs, calibration: how }: Meta): Predictor {
	for (const { by } of parts) if (by.outputs !== outputs) throw modelInvalid('a member with another number of answers');
	const put = how && calibrator(how);
	const one = new Float64Array(outputs);
	const pick = ({ picks, values }: Part, row: Float64Array): Float64Array => {
		for (let j = 0; j < picks.length; j++) values[j] = row[picks[j]];
		return values;
	};
	/** Of the mean: for each of the classes asked for the contributions of the columns, then what is expected. */
	const ofMean = (row: Float64Array, classes: readonly number[]): Float64Array[] => {
		const sums = classes.map(() => new Float64Array(columns.length + 1));
		for (const part of parts) {
			const values = pick(part, row).slice();
			part.by.row(values, one);
			const all = Array.from({ length: outputs }, (_, k) => part.by.contributions!(values, k));
			for (const [n, k] of classes.entries()) {
				const own = inAnswers(all, k, one[k]);
				part.picks.forEach((at, j) => {
					sums[n][at] += part.weight * own[j];
				});
				sums[n][columns.length] += part.weight * own[own.length - 1];
			}
		}
		return sums;
	};
	const contributions = (row: Float64Array, output: number): Float64Array => {
		const asked = outputs > 1 ? output : 0;
		if (!put) return ofMean(row, [asked])[0];
		const all = Array.from({ length: outputs }, (_, k) => k);
		return throughCalibration(ofMean(row, all), asked, (p) => put(p, 0, outputs));
	};
	return {
		outputs,
		row(row, out) {
			out.fill(0, 0, outputs);
			for (const part of parts) {
				part.by.row(pick(part, row), one);
				for (let k = 0; k < outputs; k++) out[k] += part.weight * one[k];
			}
			put?.(out, 0, outputs);
		},
		async batch(x: Matrix, out, threads) {
			const own = new Float64Array(x.rows * outputs);
			out.fill(0, 0, own.length);
			for (const { by, names, picks, weight } of parts) {
				await by.batch({ ...x, columns: picks.map((at, j) => called(names[j], x.columns[at])) }, own, threads);
				for (let i = 0, n = own.length; i < n; i++) out[i] += weight * own[i];
			}
			if (put) for (let i = 0, n = own.length; i < n; i += outputs) put(out, i, outputs);
		},
		async prepare(rows, threads, backend, failed) {
			const said = new Set<string>();
			// One after the other: each measures.
			for (const { by } of parts) {
				const text = await by.prepare?.(rows, threads, backend, failed);
				if (text !== undefined) said.add(text);
			}
			return said.size ? [...said].join(' ') : undefined;
		},
		...(parts.every(({ by }) => by.contributions) ? { contributions } : {}),
		dispose: () => {
			for (const { by } of parts) by.dispose?.();
		},
	};
}
