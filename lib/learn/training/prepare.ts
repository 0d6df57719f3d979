import { MlopsError } from '../../domain/errors.js';
import type { Recipe, FittedRecipe } from '../../domain/recipe.js';
import { numbersOf, type Frame, type Vector } from '../../data/frame.js';
import { lengthOf } from '../../data/derived.js';
import { takeRows } from '../../data/takeRows.js';
import type { RecipeCrew } from '../../recipe/recipeCrew.js';
import { encode, encodeBy, featuresOf, fitEncoder, fitEncoderBy, type EncoderState } from '../../recipe/encode.js';
import { fitRecipe, transformRecipe } from '../../recipe/fit.js';
import { missingCount } from '../../recipe/stats.js';
import type { Labels, Matrix, Needs } from '../contract.js';
import { balanced } from '../learners/logisticRegression.js';
import type { Target } from '../../task/contract.js';

/** What is learnt from: all rows with their labels; parts are rows by index. */
export interface Source {
	frame: Frame;
	recipe: Recipe;
	target: Target;
	/** Weight of each row, if a column has that role. */
	weight?: Float64Array;
	classWeight: 'none' | 'balanced';
	seed: number;
	note(code: string, text: string): void;
	/** Who works on the columns of large tables, besides the calling thread. */
	crew?: RecipeCrew;
}

/** Rows after the recipe, before encoding; the encodings of all learners start here. */
export interface Prepared {
	fitted: FittedRecipe;
	features: string[];
	train: Frame;
	labels: Labels;
	valid?: { frame: Frame; labels: Labels };
	crew?: RecipeCrew;
}

/** Fits the recipe on the training rows and applies it to the validation rows. @throws `learn.no_features`, `learn.too_few_rows` */
export async function prepare(source: Source, train: Uint32Array, valid?: Uint32Array): Promise<Prepared> {
	const { target, recipe, seed, note, crew } = source;
	if (train.length === 0)
		throw new MlopsError('learn.too_few_rows', 'No row is left to train on.', {
			expected: 'at least 1',
			found: '0',
			remedy: 'Check the split, the filters and the gaps in the target.',
		});
	const rows = takeRows(source.frame, train);
	const y = gather(target.y, train);
	const { fitted, frame } = await fitRecipe(rows, recipe, { target: y, classes: target.classes.length, seed, crew });
	// Steps for training rows only (outliers) may have dropped some; both lists of ids are in the same order.
	const kept =
		frame.rows === train.length
			? train
			: train.filter(
					(
						(next) => (_: number, i: number) =>
							next < frame.rows && rows.rowId[i] === frame.rowId[next] && ++next > 0
					)(0),
				);
	if (kept.length !== frame.rows) throw new MlopsError('internal', 'A step changed the order or the ids of rows.');
	if (kept.length === 0)
		throw new MlopsError('learn.too_few_rows', 'The steps dropped all training rows.', { remedy: 'Look at the steps that drop rows.' });
	if (kept.length < train.length)
		note(
			'learn.training_rows_dropped',
			`Steps that drop rows for training alone left out ${(train.length - kept.length).toLocaleString('en')} of ` +
				`${train.length.toLocaleString('en')} training rows.`,
		);
	const features = usableFeatures(frame, target.name, note);
	return {
		fitted,
		features,
		train: only(frame, features),
		labels: labelsOf(source, kept),
		valid: valid?.length
			? {
					frame: only(await transformRecipe(takeRows(source.frame, valid), fitted, { labelled: false }), features),
					labels: { y: gather(target.y, valid), classes: target.classes.length },
				}
			: undefined,
		crew,
	};
}

/** Lets go of columns that no learner will ask for. */
const only = (frame: Frame, names: readonly string[]): Frame => {
	const wanted = new Set(names);
	const keep = frame.schema.map((_, i) => i).filter((i) => wanted.has(frame.schema[i].name));
	return { ...frame, schema: keep.map((i) => frame.schema[i]), vectors: keep.map((i) => frame.vectors[i]) };
};

const gather = (from: Float64Array, rows: Uint32Array): Float64Array => {
	const out = new Float64Array(rows.length);
	for (let i = 0, n = rows.length; i < n; i++) out[i] = from[rows[i]];
	return out;
};

function labelsOf({ target, weight, classWeight }: Source, rows: Uint32Array): Labels {
	const labels: Labels = { y: gather(target.y, rows), classes: target.classes.length, weight: weight && gather(weight, rows) };
	return classWeight === 'balanced' && target.classes.length ? balanced(labels) : labels;
}

function usableFeatures(frame: Frame, target: string, note: Source['note']): string[] {
	const candidates = featuresOf(frame.schema).filter((name) => name !== target);
	const text = frame.schema.filter((c) => c.role === 'feature' && c.type === 'text' && c.name !== target).map((c) => c.name);
	if (text.length)
		note(
			'learn.text_left_out',
			`Free text is no use to a learner as it is, so ${list(text)} ${text.length === 1 ? 'was' : 'were'} left out.`,
		);
	const empty = candidates.filter((name) => isEmpty(frame.vectors[frame.schema.findIndex((c) => c.name === name)]));
	if (empty.length)
		note(
			'learn.empty_left_out',
			`${list(empty)} ${empty.length === 1 ? 'has' : 'have'} no value in any training row and ` +
				`${empty.length === 1 ? 'was' : 'were'} left out.`,
		);
	const features = candidates.filter((name) => !empty.includes(name));
	if (!features.length)
		throw new MlopsError('learn.no_features', 'No column is left to learn from.', {
			remedy: 'Keep at least one column with the role "feature" that has values and is not free text.',
		});
	return features;
}

const list = (names: string[]): string =>
	names
		.slice(0, 5)
		.map((n) => `"${n}"`)
		.join(', ') + (names.length > 5 ? ` and ${names.length - 5} more` : '');

function isEmpty(v: Vector): boolean {
	return missingCount(v) === lengthOf(v);
}

export interface Encoded {
	encoder: EncoderState;
	train: Matrix;
	valid?: Matrix;
}

/**
 * Encodes once for all learners with the same needs. Unless `keepAll`, only the last encoding stays, so that two large ones never lie in
 * memory together.
 */
export class Encodings {
	readonly #encoded = new Map<string, Encoded>();

	constructor(
		private readonly prepared: Prepared,
		private readonly keepAll = false,
	) {}

	async get(needs: Needs): Promise<Encoded> {
		const anew = needs.byColumn ?? false;
		// Embeddings start from codes too.
		const key = JSON.stringify([needs.categories === 'onehot', needs.missing, needs.scaled, anew, needs.pairs ?? 0]);
		const known = this.#encoded.get(key);
		if (known) return known;
		if (!this.keepAll) this.#encoded.clear();
		const { train, valid, features, labels, crew } = this.prepared;
		const encoder = crew ? await fitEncoderBy(crew, train, features, needs, labels) : fitEncoder(train, features, needs, labels);
		// 64 bits, so that a row at prediction meets exactly the numbers that were learnt from.
		const matrix = async (frame: Frame, options: { anew?: boolean }): Promise<Matrix> =>
			crew ? await encodeBy(crew, frame, encoder, { float: 64, ...options }) : encode(frame, encoder, { float: 64, ...options });
		const encoded: Encoded = { encoder, train: await matrix(train, { anew }), valid: valid && (await matrix(valid.frame, {})) };
		this.#encoded.set(key, encoded);
		return encoded;
	}
}

/** Weights from the column with that role. @throws `learn.weights_invalid` */
export function weightsOf(frame: Frame): Float64Array | undefined {
	const column = frame.schema.find((c) => c.role === 'weight');
	if (!column) return undefined;
	const weight = numbersOf(frame, column.name);
	const bad = weight.findIndex((w) => !(w >= 0) || w === Infinity);
	if (bad >= 0)
		throw new MlopsError('learn.weights_invalid', `Column "${column.name}" is to weigh the rows, but holds something that is no weight.`, {
			column: column.name,
			row: frame.rowId[bad] + 1,
			expected: '0 or more',
			found: Number.isNaN(weight[bad]) ? 'missing' : String(weight[bad]),
			remedy: 'Fill or correct the weights, or give the column another role.',
		});
	return weight;
}

/**
 * Rows of weight 0 are as good as not there, so what is left to learn from has to be something.
 * @param learned the rows to learn from
 * @throws `learn.weights_invalid` where all of them weigh nothing, or all but those of one class
 */
export function checkWeights(frame: Frame, weight: Float64Array, { classes, y, name }: Target, learned: Uint32Array): void {
	const weighed = learned.filter((row) => weight[row] > 0);
	const left = new Set(weighed.map((row) => y[row])).size;
	if (weighed.length && (classes.length === 0 || left > 1)) return;
	const column = frame.schema.find((c) => c.role === 'weight')!.name;
	throw new MlopsError(
		'learn.weights_invalid',
		weighed.length
			? `All rows to learn from that "${column}" gives a weight above 0 have the same value in the target "${name}".`
			: `"${column}" gives all rows to learn from the weight 0.`,
		{
			column,
			expected: classes.length ? 'weights above 0 for rows of at least two classes' : 'a weight above 0 for some rows',
			remedy: 'Correct the weights, or give the column another role.',
		},
	);
}
