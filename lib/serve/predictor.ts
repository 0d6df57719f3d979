import { castRaw } from '../data/castRaw.js';
import { rowReader, type ReadingWarning } from '../data/reading/index.js';
import type { ChangedAnswer } from '../domain/changes.js';
import { MlopsError } from '../domain/errors.js';
import type { ModelManifest } from '../domain/model.js';
import type { Row } from '../data/frame.js';
import { loadModel, type Contribution, type LoadedModel } from '../learn/score.js';
import type { Store } from '../store/contract.js';
import { isAnswer } from '../task/answerColumn.js';
import type { Verdict } from '../task/contract.js';
import { taskById } from '../task/index.js';
import { usualWords } from './reasonWords.js';
import { requireColumns, requiredNames } from './requireColumns.js';
import { toldValue } from './toldValue.js';

export interface Reason {
	feature: string;
	value: unknown;
	contribution: number;
	/** Standard error of the contribution, where the model was asked many times for it. */
	error?: number;
	/** How many columns this is of, where it is of several. */
	columns?: number;
	/** What is usual there, in words, where the model knows. */
	usual?: string;
}

/** The answer for one row. */
export interface Answer extends Verdict {
	/** Columns that moved this answer most, strongest first (sign: towards the positive class or a larger value). */
	reasons?: Reason[];
	/** Probability of the positive class from which on the prediction is that class; for two classes, by models of version 2. */
	threshold?: number;
	/**
	 * What to know before relying on it: values that no training row had or that lie far outside of them. Absent if there is nothing to say.
	 */
	warnings?: ReadingWarning[];
	/** What would change the answer, where that was asked (`changes.ts`). */
	changes?: ChangedAnswer[];
	/** Raw outputs: probability of the positive class, one a class, or the value. */
	score: number[];
}

/** A model ready to answer rows as people send them. Compiled once; a row costs microseconds. */
export interface RowPredictor {
	manifest: ModelManifest;
	digest: string;
	/** How reasons are told: `asked` takes thousands of answers, some 50 ms a row. */
	reasons: LoadedModel['reasons'];
	/** What it takes in memory, about. */
	residentBytes: number;
	/** The row as the model reads it. @throws `predict.input_invalid` */
	typed(raw: Record<string, unknown>): Row;
	/** @throws `predict.input_invalid` naming column, value and what was expected */
	answer(raw: Record<string, unknown>, reasons: number): Answer;
}

export async function createPredictor(bytes: Uint8Array, digest: string): Promise<RowPredictor> {
	const model = await loadModel(bytes);
	const { manifest } = model;
	if (!model.rowFunction) throw noRowForm(manifest);
	const read = readerOf(manifest);
	const task = taskById(manifest.task);
	const threshold = manifest.v !== 1 && task.threshold ? manifest.threshold : undefined;
	const score = model.rowFunction();
	const required = requiredNames(manifest);
	const words = reasonsInWords(model);
	return {
		manifest,
		digest,
		reasons: model.reasons,
		residentBytes: model.residentBytes,
		typed: (raw) => read(raw, []),
		answer: (raw, reasons) => {
			const warnings: ReadingWarning[] = [];
			const row = read(raw, warnings);
			for (const name of required) if (row[name] === null && !Object.hasOwn(raw, name)) refuseAbsent(required, raw);
			const result = score(row);
			if (!isAnswer(result.score)) throw noNumber();
			// A row costs microseconds: fields are set one by one, since each spread makes an object of its own.
			const answer = task.answer(result.score, manifest) as Answer;
			if (threshold !== undefined) answer.threshold = threshold;
			if (reasons > 0 && result.contributions) answer.reasons = words(strongest(result.contributions(), reasons));
			if (warnings.length) answer.warnings = warnings;
			answer.score = numbers(result.score);
			return answer;
		},
	};
}

/** @throws `predict.input_invalid` */
const refuseAbsent = (required: readonly string[], raw: Record<string, unknown>): void =>
	requireColumns(
		required,
		(name) => Object.hasOwn(raw, name),
		'row',
		() => Object.keys(raw),
	);

/** `Array.from` asks a typed array's iterator for each. */
function numbers(from: Float64Array): number[] {
	const out = new Array<number>(from.length);
	for (let k = 0; k < from.length; k++) out[k] = from[k];
	return out;
}

/** Models of version 1 read rows as they always did, and say nothing about values. */
function readerOf({ v, signature, seen }: ModelManifest): ReturnType<typeof rowReader> {
	return v === 1 ? castRaw(signature) : rowReader(signature, seen);
}

/** Why a model cannot answer single rows. */
export const noRowForm = (manifest: ModelManifest): MlopsError =>
	new MlopsError(
		'recipe.no_row_form',
		`This model's recipe has a step that cannot work on single rows (${manifest.recipe.steps.map((s) => s.step).join(', ')}).`,
		{
			remedy: 'Predict a whole dataset instead of items, or train without that step.',
		},
	);

const noNumber = (): MlopsError =>
	new MlopsError('predict.input_invalid', 'The model gave no number for this row.', {
		remedy: 'Look for a value that is far too large or too small.',
	});

/**
 * Reasons as people read them: values as they were written (`toldValue`), and what is usual, by the types of the columns. Models of
 * version 1 say values as they always did.
 */
export function reasonsInWords({
	manifest,
	reasons,
}: Pick<LoadedModel, 'manifest' | 'reasons'>): (all: readonly Contribution[]) => Reason[] {
	const { v, signature, recipe } = manifest;
	// Exact reasons are of what the recipe makes.
	const columns = new Map((reasons === 'asked' ? signature : recipe.output).map((c) => [c.name, c]));
	return (all) =>
		all.map(({ usual, ...reason }) => {
			const column = columns.get(reason.feature);
			const words = usualWords(usual, reason.value, column?.type);
			const value = v === 1 ? reason.value : toldValue(reason.value, column);
			return { ...reason, value, ...(words === undefined ? {} : { usual: words }) };
		});
}

/** The reasons that moved an answer most, strongest first. */
export const strongest = (all: readonly Contribution[], count: number): Contribution[] =>
	[...all].sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution)).slice(0, count);

const MAX_CACHED = 16;
const cache = new Map<string, Promise<RowPredictor>>();

/** The compiled predictor of a model package, kept by digest (16 at most, least recently used goes first). */
export async function predictorOf(store: Store, digest: string): Promise<RowPredictor> {
	let known = cache.get(digest);
	if (known) cache.delete(digest);
	else known = store.artifacts.get(digest).then(async (bytes) => await createPredictor(bytes, digest));
	cache.set(digest, known);
	if (cache.size > MAX_CACHED) cache.delete(cache.keys().next().value!);
	known.catch(() => cache.delete(digest));
	return await known;
}
