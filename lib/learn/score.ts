import type { ModelManifest } from '../domain/model.js';
import type { Frame, Value } from '../data/frame.js';
import { rowsBetween } from '../data/takeRows.js';
import { readPackage } from '../formats/modelPackage.js';
import type { Row } from '../recipe/contract.js';
import { encode, encodedNames, readEncoder, encodedFeatures } from '../recipe/encode.js';
import { compileEncoder } from '../recipe/encodeRow.js';
import { compileRecipe } from '../recipe/compileRecipe.js';
import { noRowForms, transformRecipe } from '../recipe/fit.js';
import type { KeptColumns } from '../recipe/keptColumns.js';
import { residentBytesOf, storedBytes } from './check.js';
import type { Predictor, Usual } from './contract.js';
import { columnReasons } from './explain/columnReasons.js';
import { learnerById } from './learners/index.js';

/**
 * Rows that go through recipe and encoder at a time: bounds the memory of scoring whatever the size of the data. Who scores a table part by
 * part takes as many, so that the same rows go through a learner together.
 */
export const ROWS_SCORED_TOGETHER = 65_536;

/** What a byte of recipe, encoder and seen values takes in memory. */
const BESIDE_ARRAYS = 6;

export interface Contribution {
	feature: string;
	value: Value;
	contribution: number;
	/** Standard error of the contribution, where it was found by asking the model many times. */
	error?: number;
	/** How many columns this is of, where it is of several. */
	columns?: number;
	/** What the rows learned from hold in this feature, where the learner keeps it. */
	usual?: Usual;
}

export interface RowScore {
	/** Probability of the positive class, one probability a class, or the value. */
	score: Float64Array;
	/**
	 * How much each feature (by its name after the recipe) moved the raw score of the predicted class or the value. Where the learner has no
	 * exact form: how much each column of the signature moved the answer (`explain/columnReasons.ts`). Absent where neither can be told.
	 */
	contributions?(): Contribution[];
}

export interface ScoreOptions {
	threads?: number;
	/** Called with the rows that are scored so far, before each part of them; throws to stop. */
	each?: (rows: number) => void;
	/** What was made of columns when other tables were scored that have most of these in common. */
	kept?: KeptColumns;
}

export interface LoadedModel {
	manifest: ModelManifest;
	predictor: Predictor;
	/** Whether a step of its recipe looks at all rows at once. */
	wholeTables: boolean;
	/**
	 * Scores typed raw columns, row-major with `predictor.outputs` numbers a row. Columns may be in any order; absent ones count as missing.
	 * @throws `data.schema_mismatch`
	 */
	scoreFrame(frame: Frame, options?: ScoreOptions): Promise<Float64Array>;
	/** The same by two halves of the model that learned apart from each other; absent where a learner has none. */
	scoreByHalves?(frame: Frame): Promise<[Float64Array, Float64Array]>;
	/**
	 * Compiles the same for single typed rows (see lib/data/castRaw.ts); answers equal `scoreFrame`'s. The score's array is fresh for each
	 * row. Absent when a step has no row form.
	 */
	rowFunction?(): (row: Row) => RowScore;
	/** Says that so many rows are to be scored, as `Predictor.prepare` does; absent where there is one way alone to answer them. */
	prepare?(rows: number, threads: number, failed?: (text: string) => void): Promise<string | undefined>;
	/** How row functions tell contributions: `asked` takes thousands of answers for each row. */
	reasons: 'exact' | 'asked' | 'none';
	/** What it takes in memory once it answers, about. */
	residentBytes: number;
}

/** Reads a model package. @throws `learn.model_invalid`, `store.digest_mismatch`, `store.version_newer` */
export async function loadModel(bytes: Uint8Array): Promise<LoadedModel> {
	const { manifest, state } = readPackage(bytes);
	const encoder = readEncoder(manifest.encoder);
	const learner = learnerById(manifest.learner.id);
	const predictor = await learner.predictor(learner.validate(state), encodedNames(encoder));
	const wholeTables = noRowForms(manifest.recipe).length > 0;
	const byAsking =
		wholeTables || predictor.contributions ? undefined : columnReasons(manifest, () => learner.rowMicroseconds?.(state) ?? 1);

	const scoreBy = async (by: readonly Predictor[], frame: Frame, { threads = 1, each, kept }: ScoreOptions): Promise<Float64Array[]> => {
		const out = by.map(() => new Float64Array(frame.rows * predictor.outputs));
		// A step without a row form may look at all rows at once, so it gets them.
		const chunk = wholeTables ? Math.max(1, frame.rows) : ROWS_SCORED_TOGETHER;
		for (let from = 0; from < frame.rows; from += chunk) {
			each?.(from);
			const part = rowsBetween(frame, from, Math.min(frame.rows, from + chunk));
			const ready = await transformRecipe(part, manifest.recipe, { labelled: false, kept });
			const matrix = encode(ready, encoder, { float: 64, kept });
			for (const [k, one] of by.entries())
				await one.batch(matrix, out[k].subarray(from * predictor.outputs, (from + part.rows) * predictor.outputs), threads);
		}
		return out;
	};
	const { halves } = predictor;

	const rowFunction = (): ((row: Row) => RowScore) => {
		const recipe = compileRecipe(manifest.recipe);
		const compiled = compileEncoder(encoder, (name) => recipe.place(name));
		const sources = encodedFeatures(encoder);
		const values = new Float64Array(compiled.columns.length);
		// Few answers are asked for their reasons: these prepare the row once more, since `values` may be another row's by then.
		const contributions = (raw: Row, score: Float64Array): Contribution[] => {
			const own = new Float64Array(values.length);
			compiled.row(recipe.values(raw), own);
			const row = recipe.row(raw);
			const usual = predictor.usual && ((j: number) => predictor.usual!(j, own[j]));
			return bySource(sources, predictor.contributions!(own, mostProbable(score)), row, usual);
		};
		const asking = (raw: Row, score: Float64Array): Contribution[] => {
			const own = new Float64Array(values.length);
			const out = new Float64Array(predictor.outputs);
			const output = mostProbable(score);
			const answer = (row: Row): number => {
				compiled.row(recipe.values(row), own);
				predictor.row(own, out);
				return out[output];
			};
			return byAsking!(raw, answer).reasons;
		};
		const told = predictor.contributions ? contributions : byAsking && asking;
		return (raw) => {
			compiled.row(recipe.values(raw), values);
			const score = new Float64Array(predictor.outputs);
			predictor.row(values, score);
			return told ? { score, contributions: () => told(raw, score) } : { score };
		};
	};
	return {
		manifest,
		predictor,
		scoreFrame: async (frame, options = {}) => (await scoreBy([predictor], frame, options))[0],
		...(halves ? { scoreByHalves: async (frame: Frame) => (await scoreBy(halves(), frame, {})) as [Float64Array, Float64Array] } : {}),
		...(predictor.prepare
			? ({ prepare: (rows, threads, failed) => predictor.prepare!(rows, threads, undefined, failed) } satisfies Partial<LoadedModel>)
			: {}),
		wholeTables,
		...(wholeTables ? {} : { rowFunction }),
		reasons: wholeTables ? 'none' : predictor.contributions ? 'exact' : byAsking ? 'asked' : 'none',
		residentBytes: BESIDE_ARRAYS * (bytes.length - storedBytes(state)) + residentBytesOf(learner, state),
	};
}

function mostProbable(score: Float64Array): number {
	let best = 0;
	for (let k = 1, n = score.length; k < n; k++) if (score[k] > score[best]) best = k;
	return best;
}

/**
 * One entry a feature: what its encoded columns (one-hot, missing indicator) contribute together. What is usual is told of features that
 * are one column.
 */
function bySource(
	sources: ReadonlyArray<readonly string[]>,
	phi: Float64Array,
	row: Row,
	usual?: (column: number) => Usual,
): Contribution[] {
	const sums = new Map<string, number>();
	const places = new Map<string, number[]>();
	for (const [j, of] of sources.entries()) {
		for (const source of of) {
			// What two columns tell together is half of each, as Shapley shares what is won by two alone.
			sums.set(source, (sums.get(source) ?? 0) + phi[j] / of.length);
			places.set(source, [...(places.get(source) ?? []), j]);
		}
	}
	return [...sums].map(([feature, contribution]) => {
		const [at, ...others] = places.get(feature)!;
		const own = usual && others.length === 0 ? { usual: usual(at) } : {};
		return { feature, value: row[feature] ?? null, contribution, ...own };
	});
}
