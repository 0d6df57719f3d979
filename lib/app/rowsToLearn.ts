import { lengthOf } from '../data/derived.js';
import { valueAt, type Vector } from '../data/frame.js';
import type { DatasetRecord } from '../domain/dataset.js';
import { MlopsError } from '../domain/errors.js';
import type { LeftOut } from '../domain/split.js';
import { murmurTwice } from '../domain/random.js';
import { LEARNERS, learnerById } from '../learn/learners/index.js';
import type { Chosen } from '../learn/training/choose.js';
import { rowsThatFit } from '../learn/training/memory.js';
import { readParams } from '../learn/training/trial.js';
import { AUTOMATIC } from './trainOptions.js';

/** A table of so few rows is never sampled: what it needs is little beside what a process needs at all. */
const SMALL_TABLE = 50_000;
/** Fewer rows than this are no sample of anything: then the memory is too small. */
const LEAST_SAMPLE = 1000;

/** A sample of a dataset's rows that a training is given. */
export interface Sample {
	/** 1 for each row of the dataset that is in it. */
	keep: Uint8Array;
	rows: number;
	leftOut: LeftOut;
}

/** As much of a training's question as its number of rows hangs on. */
export interface Asked {
	learner: string;
	params: Record<string, unknown>;
	mostRows?: number;
	seed: number;
	/** Whether a recipe has steps. */
	steps?: boolean;
}

/**
 * How many of a dataset's rows a training is given: all, as many as a person asked for, or, where nothing was asked and all need more
 * memory than the job may use, as many as fit. Undefined: all. @throws `learn.memory`
 */
export function sampleSize(
	{ rows, columns }: Pick<DatasetRecord, 'rows' | 'columns'>,
	{ learner, params, mostRows = 0, steps = false }: Asked,
	{ threads, memoryBytes }: { threads: number; memoryBytes: number },
): number | undefined {
	if (mostRows > 0) return mostRows < rows ? mostRows : undefined;
	if (rows <= SMALL_TABLE) return undefined;
	const more = steps || learner === AUTOMATIC;
	const table = { rows, schema: columns };
	const fit = Math.min(...learnersOf(learner, params).map((chosen) => rowsThatFit(table, chosen, threads, memoryBytes, more)));
	if (fit >= rows) return undefined;
	if (fit >= LEAST_SAMPLE) return fit;
	throw new MlopsError('learn.memory', 'There is too little memory for a training on these columns.', {
		found: `${(memoryBytes / 2 ** 30).toFixed(1)} GB that a job may use`,
		remedy: 'Give jobs more memory (MLOPS_JOB_MEMORY), or take columns away with MLOps Clean.',
	});
}

/**
 * The learner that was asked for. Automatic gets as many rows as those learners can take that hold no table of their own; what others could
 * not take, they fail at, and are left out.
 */
function learnersOf(learner: string, params: Record<string, unknown>): Chosen[] {
	if (learner !== AUTOMATIC) return [{ learner: learnerById(learner), params: readParams(learnerById(learner), params) }];
	const all = LEARNERS.map((each): Chosen => ({ learner: each, params: each.params.parse({}) }));
	return all.filter((each) => each.learner.needs(each.params).byColumn);
}

/**
 * Draws so many of a dataset's rows, each as likely as any other (selection sampling: Knuth, The Art of Computer Programming 2, 3.4.2 S).
 * @param why the others are left out
 */
export function drawSample(all: number, rows: number, seed: number, why: string): Sample {
	const random = murmurTwice(seed);
	const keep = new Uint8Array(all);
	for (let i = 0, left = rows; left > 0; i++) {
		if (random() * (all - i) >= left) continue;
		keep[i] = 1;
		left--;
	}
	return { keep, rows, leftOut: { rows: all - rows, reason: why } };
}

/** Values that a target may have to be taken for classes, and rows of each that a sample has at least, where there are so many. */
const MOST_CLASSES = 1000;
const LEAST_OF_A_CLASS = 100;

/**
 * The sample with more rows of classes that it has few of: a class that nobody drew would be one that the model does not know.
 * @param target its values part by part, as often as they are asked for
 */
export async function withRareClasses({ keep, rows, leftOut }: Sample, target: () => AsyncIterable<Vector>): Promise<Sample> {
	const drawn = new Map<string | number, number>();
	const eachValue = async (see: (value: string | number, row: number) => void): Promise<void> => {
		let before = 0;
		for await (const part of target()) {
			const length = lengthOf(part);
			for (let i = 0; i < length; i++) {
				const value = valueAt(part, i);
				if (value !== null) see(value, before + i);
			}
			before += length;
			if (drawn.size > MOST_CLASSES) return;
		}
	};
	await eachValue((value, row) => drawn.set(value, (drawn.get(value) ?? 0) + keep[row]));
	if (drawn.size > MOST_CLASSES) return { keep, rows, leftOut };
	const more = keep.slice();
	let added = 0;
	await eachValue((value, row) => {
		const known = drawn.get(value)!;
		if (keep[row] || known >= LEAST_OF_A_CLASS) return;
		more[row] = 1;
		drawn.set(value, known + 1);
		added++;
	});
	return { keep: more, rows: rows + added, leftOut: { ...leftOut, rows: leftOut.rows - added } };
}

/** Why rows that were not drawn are left out, and what to do. */
export const notLearned = (rows: number, asked: number | undefined, { memoryBytes }: { memoryBytes: number }): string =>
	asked
		? `a sample of ${rows.toLocaleString('en')} rows was asked for`
		: `all rows need more than the ${(memoryBytes / 2 ** 30).toFixed(1)} GB of memory that a job may use, so a sample of ` +
			`${rows.toLocaleString('en')} was drawn; with more memory (MLOPS_JOB_MEMORY) more are learned from`;
