import type { ColumnType } from '../domain/column.js';
import { murmurTwice } from '../domain/random.js';
import { isNumberVector, type Frame, type Vector } from '../data/frame.js';
import { inMemory, takeRows } from '../data/takeRows.js';
import { sample } from '../task/statistics/sampling.js';

/** How answers depend on one column: what they are where all rows have the same value there. */
export interface Dependence {
	column: string;
	type: ColumnType;
	/** In rising order; texts the most frequent first. */
	values: Array<number | string>;
	/**
	 * Rows that lie in each of the even parts between the first and the last number (those beyond in the outermost); of texts, yes and no: of
	 * each value.
	 */
	spread: number[];
	/** Rows averaged over. */
	rows: number;
	/** Mean answer at each value, of each class that is told; its name where there are several. */
	means: Array<{ name?: string; values: number[] }>;
	/** The answers of single rows, where there is one answer a row. */
	curves: number[][];
}

export interface DependenceInput {
	frame: Frame;
	columns: readonly string[];
	/** Names of the classes where answers are one number a class. */
	classes: readonly string[];
	outputs: number;
	/** Scores of a frame, as the model gives them. */
	scoreFrame(frame: Frame): Promise<Float64Array>;
	/** Called before each column; throws to stop. */
	progress?(share: number): void;
}

/** Rows averaged over, and those whose own curve is kept. */
const ROWS = 500;
const CURVES = 12;
/** Values that a column gets: numbers between these quantiles, as scikit-learn's, and texts. */
const NUMBERS = 16;
const TEXTS = 10;
const [LOW, HIGH] = [0.05, 0.95];
const PARTS = 20;
/** Classes that are told, of many. */
const CLASSES = 5;

/**
 * Partial dependence (Friedman 2001) and individual curves (Goldstein, Kapelner, Bleich and Pitkin 2015) of any model, by asking it: an
 * even sample of the rows gets each value of the column in turn, all else as it is. Mean answers are what scikit-learn's
 * `partial_dependence` gives for the same rows and values (`method='brute'`). Columns of one value are left out.
 */
export async function partialDependence(input: DependenceInput): Promise<Dependence[]> {
	const { frame, columns, progress } = input;
	const picked = inMemory(frame.rows > ROWS ? takeRows(frame, sample(frame.rows, ROWS, murmurTwice(1))) : frame);
	const found: Dependence[] = [];
	for (const [f, column] of columns.entries()) {
		progress?.(f / columns.length);
		const at = frame.schema.findIndex((c) => c.name === column);
		if (at < 0) continue;
		const { type } = frame.schema[at];
		const { values, spread } = gridOf(frame.vectors[at], type);
		if (values.length < 2) continue;
		const answers = await answersAt(input, picked, at, values);
		found.push({ column, type, values, spread, rows: picked.rows, ...meansOf(input, picked.rows, answers) });
	}
	return found;
}

/** Scores of the rows at each value. */
async function answersAt(
	{ scoreFrame }: Pick<DependenceInput, 'scoreFrame'>,
	frame: Frame,
	at: number,
	values: ReadonlyArray<number | string>,
): Promise<Float64Array[]> {
	const answers: Float64Array[] = [];
	for (const value of values) {
		const same: Vector =
			typeof value === 'string'
				? { codes: new Uint32Array(frame.rows).fill(1), dictionary: [value] }
				: { data: new Float64Array(frame.rows).fill(value) };
		answers.push(await scoreFrame({ ...frame, vectors: frame.vectors.map((v, i) => (i === at ? same : v)) }));
	}
	return answers;
}

function meansOf(
	{ classes, outputs }: DependenceInput,
	rows: number,
	answers: readonly Float64Array[],
): Pick<Dependence, 'means' | 'curves'> {
	const means = Array.from({ length: outputs }, (_, k) => ({
		...(outputs > 1 ? { name: classes[k] } : {}),
		values: answers.map((scores) => {
			let sum = 0;
			for (let i = 0; i < rows; i++) sum += scores[i * outputs + k];
			return sum / rows;
		}),
	}));
	// Of many classes those whose answers move most.
	const moved = ({ values }: { values: number[] }): number => Math.max(...values) - Math.min(...values);
	const told = new Set([...means].sort((a, b) => moved(b) - moved(a)).slice(0, CLASSES));
	const step = Math.max(1, Math.floor(rows / CURVES));
	const single = outputs > 1 ? 0 : Math.min(rows, CURVES);
	return {
		means: means.filter((mean) => told.has(mean)),
		curves: Array.from({ length: single }, (_, i) => answers.map((scores) => Number(scores[i * step].toPrecision(6)))),
	};
}

function gridOf(vector: Vector, type: ColumnType): Pick<Dependence, 'values' | 'spread'> {
	if (!isNumberVector(vector)) return textGrid(vector.codes, vector.dictionary);
	const sorted = vector.data.filter(Number.isFinite).sort();
	if (sorted.length === 0) return { values: [], spread: [] };
	const different = Array.from(new Set(sorted));
	if (type === 'boolean' || different.length <= NUMBERS) return numberGrid(sorted, different, type);
	const at = (q: number): number => sorted[Math.round(q * (sorted.length - 1))];
	const values = Array.from({ length: NUMBERS }, (_, k) => at(LOW + ((HIGH - LOW) * k) / (NUMBERS - 1)));
	return numberGrid(sorted, Array.from(new Set(values)), type);
}

function numberGrid(sorted: Float64Array, values: number[], type: ColumnType): Pick<Dependence, 'values' | 'spread'> {
	const [from, to] = [values[0], values[values.length - 1]];
	const parts = type === 'boolean' ? 2 : PARTS;
	const spread = new Array<number>(parts).fill(0);
	for (const v of sorted) spread[Math.min(parts - 1, Math.max(0, Math.floor(((v - from) / (to - from || 1)) * parts)))]++;
	return { values, spread };
}

function textGrid(codes: Uint32Array, dictionary: readonly string[]): Pick<Dependence, 'values' | 'spread'> {
	const counts = new Uint32Array(dictionary.length + 1);
	for (const code of codes) counts[code]++;
	const order = dictionary.flatMap((value, k) => (counts[k + 1] ? [{ value, rows: counts[k + 1] }] : []));
	const top = order.sort((a, b) => b.rows - a.rows || (a.value < b.value ? -1 : 1)).slice(0, TEXTS);
	return { values: top.map((t) => t.value), spread: top.map((t) => t.rows) };
}
