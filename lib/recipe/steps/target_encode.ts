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
		const folds = new Uint8Array(rowId.length);
		for (let i = 0; i < folds.length; i++) folds[i] = hashNumber(rowId[i], context.seed ^ SALT) % p.cv;
		const stats = collect(vector, context.target, outputsOf(context.classes), folds, p.cv);
		const out = outputsOf(context.classes).map(() => new Float64Array(vector.codes.length));
		const tables = Array.from({ length: p.cv }, (_f, held) => encodeFold(stats, (fold) => fold !== held, p));
		out.forEach((data, o) => {
			for (let i = 0; i < data.length; i++) data[i] = tables[folds[i]][o].values[vector.codes[i]];
		});
		return out.map((data) => ({ data }));
	},
	explain: (_, state) =>
		`Replaces ${state?.columns.map((c) => c.name).join(', ') || 'categories'} by the average target of each value, out of ` +
		`fold for training rows.`,
});

type Output = (y: number) => number;
/** Binary and regression have one output, the target itself; more classes one indicator each. */
const outputsOf = (classes: number): Output[] =>
	classes > 2
		? Array.from(
				{ length: classes },
				(_, c): Output =>
					(y) =>
						y === c ? 1 : 0,
			)
		: [(y) => y];

/** Index 0..: by code; the last entry: all rows together, summed in row order so that the order of a dictionary cannot change a bit. */
interface Sums {
	count: Float64Array;
	sum: Float64Array;
	squares: Float64Array;
}
interface Collected {
	codes: number;
	shift: number[] /** By output, then by fold. */;
	folds: Sums[][];
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
	const all = size;
	const shift = outputs.map((f) => {
		let n = 0;
		let s = 0;
		for (let i = 0; i < target.length; i++)
			if (target[i] === target[i]) {
				s += f(target[i]);
				n++;
			}
		return n ? s / n : 0;
	});
	const sums = outputs.map((f, o) => {
		const parts = Array.from(
			{ length: folds },
			(): Sums => ({ count: new Float64Array(size + 1), sum: new Float64Array(size + 1), squares: new Float64Array(size + 1) }),
		);
		for (let i = 0; i < codes.length; i++) {
			const y = target[i];
			if (y !== y) continue;
			const part = parts[foldOf[i]];
			const d = f(y) - shift[o];
			const k = codes[i];
			part.count[k]++;
			part.sum[k] += d;
			part.squares[k] += d * d;
			part.count[all]++;
			part.sum[all] += d;
			part.squares[all] += d * d;
		}
		return parts;
	});
	return { codes: size, shift, folds: sums };
}

/** Encodings (by code) and overall mean learned from the folds that `uses` allows, for each output. */
function encodeFold(
	{ codes, shift, folds }: Collected,
	uses: (fold: number) => boolean,
	p: Params,
): Array<{ values: Float64Array; mean: number }> {
	return folds.map((parts, o) => {
		const total: Sums = { count: new Float64Array(codes + 1), sum: new Float64Array(codes + 1), squares: new Float64Array(codes + 1) };
		parts.forEach((part, fold) => {
			if (!uses(fold)) return;
			for (let c = 0; c <= codes; c++) {
				total.count[c] += part.count[c];
				total.sum[c] += part.sum[c];
				total.squares[c] += part.squares[c];
			}
		});
		const n = total.count[codes];
		const mean = n ? total.sum[codes] / n : 0;
		const variance = n ? Math.max(0, total.squares[codes] / n - mean * mean) : 0;
		const values = new Float64Array(codes);
		for (let c = 0; c < codes; c++)
			values[c] = shift[o] + (total.count[c] ? smoothed(total.count[c], total.sum[c], total.squares[c], mean, variance, p.smooth) : mean);
		return { values, mean: shift[o] + mean };
	});
}

function smoothed(count: number, sum: number, squares: number, mean: number, variance: number, smooth: Params['smooth']): number {
	if (smooth !== 'auto') return (sum + smooth * mean) / (count + smooth);
	const own = sum / count;
	const within = Math.max(0, squares - count * own * own) / count;
	const weight = (variance * count) / (variance * count + within);
	return Number.isNaN(weight) ? mean : weight * own + (1 - weight) * mean;
}
