import { z } from 'zod/v4';
import { columnsParam } from '../../domain/ui.js';
import { isNumberVector, type StringVector, type Vector } from '../../data/frame.js';
import { columnStep } from '../columnStep.js';
import { hashNumber } from '../rows.js';
import { levelsOf } from '../stats.js';

const params = z.object({
	columns: columnsParam({
		title: 'Columns',
		description: 'Categories to encode. Leave empty for all categories that are features.',
		accepts: ['category', 'text'],
	}),
	smooth: z
		.union([z.literal('auto'), z.number().min(0)])
		.default('auto')
		.meta({
			title: 'Smoothing',
			description: 'How strongly rare values are pulled to the overall mean: a number of rows, or "auto" to take it from the data.',
			advanced: true,
		}),
	cv: z.number().int().min(2).max(20).default(5).meta({
		title: 'Folds',
		description: 'Training rows get values learned from the other folds, so that no row sees its own answer.',
		advanced: true,
	}),
});
type Params = z.infer<typeof params>;
/** `values[o][k]`: encoding of level k for output o; `missing[o]` is that of missing values, `unseen[o]` that of new ones. */
interface Encoding {
	levels: string[];
	values: number[][];
	missing: number[];
	unseen: number[];
}

/** Keeps folds apart from those of cross-validation, which hash the same row ids. */
const SALT = 0x7e4c0de;

/**
 * Target encoding after Micci-Barreca (2001), with the empirical Bayes smoothing of scikit-learn's TargetEncoder. Classes beyond two get a
 * column each. Training rows are encoded out of fold; a row's fold follows from its id, so it stays the same when rows are added.
 */
export const targetEncode = columnStep<Params, Encoding>({
	id: 'target_encode',
	version: 1,
	label: 'Target encoding',
	group: 'feature',
	stage: 'fold',
	needsTarget: true,
	params,
	description:
		'Replaces each value of a category by the average target of rows with that value; good for categories with very many values.',
	columns: (p) => p.columns,
	accepts: ['category', 'text'],
	fit({ vector }, p, context) {
		if (isNumberVector(vector) || !context.target) return undefined;
		const stats = collect(vector, context.target, outputsOf(context.classes), new Uint8Array(context.target.length), 1);
		const whole = encodeFold(stats, (fold) => fold === 0, p);
		const seen = levelsOf(vector);
		const code = new Map(vector.dictionary.map((level, k) => [level, k + 1]));
		const levels = seen.levels.map((l) => l.level);
		return {
			levels,
			values: whole.map(({ values }) => levels.map((level) => values[code.get(level) ?? 0])),
			missing: whole.map(({ values, mean }) => (seen.missing ? values[0] : mean)),
			unseen: whole.map(({ mean }) => mean),
		};
	},
	make(column, _, state) {
		const outputs = state?.values ?? [[]];
		return {
			made: outputs.map((values, o) => {
				const encoding = new Map((state?.levels ?? []).map((level, k) => [level, values[k]]));
				const missing = state?.missing[o] ?? NaN;
				const unseen = state?.unseen[o] ?? NaN;
				return {
					schema:
						outputs.length === 1 ? { ...column, type: 'number' } : { name: `${column.name}_class_${o}`, type: 'number', role: 'feature' },
					derive: { from: 'text', to: 'number', map: (s) => (s === null ? missing : (encoding.get(s) ?? unseen)) },
				};
			}),
		};
	},
	ownValues({ vector, frame }, p, _, context): Vector[] {
		if (isNumberVector(vector) || !context.target) return [];
		const { rowId } = frame;
		const { codes } = vector;
		const folds = new Uint8Array(rowId.length);
		for (let i = 0, n = folds.length; i < n; i++) folds[i] = hashNumber(rowId[i], context.seed ^ SALT) % p.cv;
		const stats = collect(vector, context.target, outputsOf(context.classes), folds, p.cv);
		const tables = Array.from({ length: p.cv }, (_f, held) => encodeFold(stats, (fold) => fold !== held, p));
		return outputsOf(context.classes).map((_f, o) => {
			const table = new Float64Array(p.cv * stats.codes);
			for (const [fold, encoded] of tables.entries()) table.set(encoded[o].values, fold * stats.codes);
			const data = new Float64Array(codes.length);
			for (let i = 0, n = data.length; i < n; i++) data[i] = table[folds[i] * stats.codes + codes[i]];
			return { data };
		});
	},
	explain: (_, state) =>
		`Replaces ${state?.columns.map((c) => c.name).join(', ') || 'categories'} by the average target of each value, out of ` +
		`fold for training rows.`,
});

type Output = (y: number) => number;
const itself: Output = (y) => y;
/** Binary and regression have one output, the target itself; more classes one indicator each. */
const outputsOf = (classes: number): Output[] =>
	classes > 2
		? Array.from(
				{ length: classes },
				(_, c): Output =>
					(y) =>
						y === c ? 1 : 0,
			)
		: [itself];

/** Numbers of a code in a fold: count, sum and sum of squares lie beside each other, so that a row finds them at one place. */
const WIDTH = 3;

interface Collected {
	/**
	 * Codes, 0 for missing included. After the last one of each fold come all its rows together, summed in row order, so that the order of a
	 * dictionary cannot change a bit.
	 */
	codes: number;
	folds: number;
	shift: number[];
	/** By output: fold after fold. */
	sums: Float64Array[];
}

/**
 * Counts, sums and sums of squares for each fold and code, around the overall mean so that squares keep their digits. Rows without target
 * do not count.
 */
function collect(
	{ codes, dictionary }: StringVector,
	target: Float64Array,
	outputs: Output[],
	foldOf: Uint8Array,
	folds: number,
): Collected {
	const size = dictionary.length + 1;
	const collected: Collected = { codes: size, folds, shift: [], sums: [] };
	for (const output of outputs) {
		const y = output === itself ? target : target.map((value) => (value === value ? output(value) : value));
		const shift = meanOf(y);
		const sums = new Float64Array(WIDTH * (size + 1) * folds);
		addRows(sums, { codes, foldOf, y, shift, size });
		collected.shift.push(shift);
		collected.sums.push(sums);
	}
	return collected;
}

function meanOf(y: Float64Array): number {
	let count = 0;
	let sum = 0;
	for (let i = 0, n = y.length; i < n; i++) {
		if (y[i] !== y[i]) continue;
		sum += y[i];
		count++;
	}
	return count ? sum / count : 0;
}

interface Rows {
	codes: Uint32Array;
	foldOf: Uint8Array;
	y: Float64Array;
	shift: number;
	size: number;
}

function addRows(sums: Float64Array, { codes, foldOf, y, shift, size }: Rows): void {
	for (let i = 0, n = codes.length; i < n; i++) {
		if (y[i] !== y[i]) continue;
		const first = foldOf[i] * (size + 1);
		const d = y[i] - shift;
		const own = WIDTH * (first + codes[i]);
		sums[own]++;
		sums[own + 1] += d;
		sums[own + 2] += d * d;
		const all = WIDTH * (first + size);
		sums[all]++;
		sums[all + 1] += d;
		sums[all + 2] += d * d;
	}
}

/** Encodings (by code) and overall mean learned from the folds that `uses` allows, for each output. */
function encodeFold(
	{ codes, folds, shift, sums }: Collected,
	uses: (fold: number) => boolean,
	p: Params,
): Array<{ values: Float64Array; mean: number }> {
	return sums.map((parts, o) => {
		const size = WIDTH * (codes + 1);
		const total = new Float64Array(size);
		for (let fold = 0; fold < folds; fold++) if (uses(fold)) addTo(total, parts.subarray(fold * size, (fold + 1) * size));
		const [n, sum, squares] = total.subarray(WIDTH * codes);
		const mean = n ? sum / n : 0;
		const variance = n ? Math.max(0, squares / n - mean * mean) : 0;
		const values = new Float64Array(codes);
		for (let c = 0, at = 0; c < codes; c++, at += WIDTH)
			values[c] = shift[o] + (total[at] ? smoothed(total[at], total[at + 1], total[at + 2], mean, variance, p.smooth) : mean);
		return { values, mean: shift[o] + mean };
	});
}

function addTo(total: Float64Array, part: Float64Array): void {
	for (let i = 0, n = total.length; i < n; i++) total[i] += part[i];
}

function smoothed(count: number, sum: number, squares: number, mean: number, variance: number, smooth: Params['smooth']): number {
	if (smooth !== 'auto') return (sum + smooth * mean) / (count + smooth);
	const own = sum / count;
	const within = Math.max(0, squares - count * own * own) / count;
	const weight = (variance * count) / (variance * count + within);
	return Number.isNaN(weight) ? mean : weight * own + (1 - weight) * mean;
}
