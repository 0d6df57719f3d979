import { murmurMix, murmurPairs } from '../../../domain/random.js';
import { shuffled } from '../../../task/statistics/sampling.js';
import type { Column, FitContext, Labels, Matrix } from '../../contract.js';
import type { Ensemble, ModelColumn } from '../ensemble.js';
import { checkCodes } from '../matchColumns.js';
import type { FinishedTree } from '../tree.js';
import { binOf, orderedValues, targetStatistic, type TargetStatistic } from './statistics.js';

/** Orders of the rows. A tree sees the statistics of one, the next tree those of the next, so that no row is always among the first. */
const ORDERS = 4;
/** Of more classes the most frequent ones have statistics. */
const MOST_CLASSES = 10;
/** Each split names the categories that go left. Columns of more categories stay as they are. */
const MOST_LEVELS = 10_000;

type CategoryColumn = Column & { kind: 'category' };

interface Statistic {
	/** Place of the category's column. */
	from: number;
	/** The bin of each code, and that of codes without rows. */
	bins: Uint8Array;
	unseen: number;
}

/** A training whose wide categories are told by what their rows answered. */
export interface OrderedColumns {
	/** The columns as they were, those that have statistics emptied, then the statistics: one for each order of the rows. */
	train: Matrix;
	/** The same columns of other rows, by the statistics of all training rows. */
	others(x: Matrix): Matrix;
	/** Whether the trees of an iteration may use a column. */
	turns(column: number, iteration: number): boolean;
	/** Places of the statistics of a column. */
	statisticsOf(column: number): number[];
	/** The model with each split by a statistic written as the categories that it sends left: a model like any other. */
	asCategories(model: Ensemble): Ensemble;
}

export interface OrderedOptions {
	/** Columns of so many categories at most stay as they are. */
	oneHotMaxSize: number;
	seed: number;
	note: FitContext['note'];
}

/** Undefined where no column has enough categories. @throws `learn.code_out_of_range` naming the column */
export function orderedColumns(train: Matrix, labels: Labels, options: OrderedOptions): OrderedColumns | undefined {
	const { rows } = train;
	const base = train.columns.length;
	const seen = new Map<number, Uint32Array>();
	const statistics: Statistic[] = [];
	const columns: Column[] = [...train.columns];
	const targets = targetsOf(labels);
	const orders = Array.from({ length: ORDERS }, (_, n) => shuffled(rows, murmurPairs(murmurMix(options.seed ^ 0x0c7a3d51, n))));
	for (const [from, column] of train.columns.entries()) {
		const wide = column.kind === 'category' ? wideCategory(column, rows, options) : undefined;
		if (!wide) continue;
		seen.set(from, wide.seen);
		columns[from] = numbers(column.name, () => new Float32Array(rows));
		for (const [k, target] of targets.entries()) {
			const of = { codes: wide.codes, levels: wide.levels, target, weight: labels.weight };
			const all = targetStatistic(of);
			statistics.push(statistic(from, all));
			for (const order of orders) {
				const bins = Uint8Array.from(orderedValues(of, all.prior, order), (value) => binOf(all, value));
				columns.push(numbers(`${column.name} ${k}`, () => Float32Array.from(bins)));
			}
		}
	}
	if (!statistics.length) return undefined;
	const statisticAt = (column: number): Statistic => statistics[Math.floor((column - base) / ORDERS)];
	return {
		train: { ...train, columns },
		others: (x) => ({
			...x,
			columns: columns.map(({ name }, j) => {
				if (j < base) return seen.has(j) ? numbers(name, () => new Float32Array(x.rows)) : x.columns[j];
				const { from, bins } = statisticAt(j);
				checkCodes(x.columns[from], 0, x.rows);
				return numbers(name, () => Float32Array.from(x.columns[from].data, (code) => bins[code]));
			}),
		}),
		turns: (column, iteration) => column < base || (column - base) % ORDERS === iteration % ORDERS,
		statisticsOf: (column) => [...columns.keys()].filter((j) => j >= base && statisticAt(j).from === column),
		asCategories: (model) => ({
			...model,
			columns: train.columns.map((column, j): ModelColumn => {
				const codes = seen.get(j);
				return codes && column.kind === 'category'
					? { name: column.name, kind: 'category', levels: column.levels, seen: codes }
					: model.columns[j];
			}),
			trees: model.trees.map((tree) => treeOfCategories(tree, base, statisticAt, seen)),
		}),
	};
}

/** A column's codes once, where it has enough categories and not too many. */
function wideCategory(column: CategoryColumn, rows: number, { oneHotMaxSize, note }: OrderedOptions) {
	checkCodes(column, 0, rows);
	const { name, levels, data: codes } = column;
	const there = new Uint8Array(levels);
	for (let i = 0; i < rows; i++) there[codes[i]] = 1;
	const seen = Uint32Array.from(there.keys()).filter((code) => there[code] === 1);
	if (seen.length <= oneHotMaxSize) return undefined;
	if (seen.length <= MOST_LEVELS) return { codes, levels, seen };
	note(
		'learn.statistics_left_out',
		`Column "${name}" has ${seen.length.toLocaleString('en')} different values, and its trees divide them as they are: ` +
			`statistics of answers are made of at most ${MOST_LEVELS.toLocaleString('en')}.`,
	);
	return undefined;
}

/** What means are taken of: the target; of several classes whether it is this one. */
function targetsOf({ y, classes }: Labels): Float64Array[] {
	if (classes <= 2) return [y];
	const counts = new Uint32Array(classes);
	for (const v of y) counts[v]++;
	const most = [...counts.keys()].sort((a, b) => counts[b] - counts[a] || a - b).slice(0, MOST_CLASSES);
	return most.map((c) => Float64Array.from(y, (v) => Number(v === c)));
}

const statistic = (from: number, all: TargetStatistic): Statistic => ({
	from,
	bins: Uint8Array.from(all.values, (value) => binOf(all, value)),
	unseen: binOf(all, all.prior),
});

/** A column whose numbers are made each time they are read. */
const numbers = (name: string, data: () => Float32Array): Column =>
	Object.defineProperty({ name, kind: 'number', anew: true }, 'data', { get: data, enumerable: true }) as unknown as Column;

function treeOfCategories(
	tree: FinishedTree,
	base: number,
	statisticAt: (column: number) => Statistic,
	seen: ReadonlyMap<number, Uint32Array>,
): FinishedTree {
	const feature = Array.from(tree.feature);
	const threshold = Array.from(tree.threshold);
	const defaultLeft = Array.from(tree.defaultLeft);
	const codes = feature.map((_, n) => tree.codes[n]);
	for (let n = 0; n < feature.length; n++) {
		if (feature[n] < base) continue;
		const { from, bins, unseen } = statisticAt(feature[n]);
		feature[n] = from;
		codes[n] = seen.get(from)!.filter((code) => bins[code] <= tree.threshold[n]);
		defaultLeft[n] = Number(unseen <= tree.threshold[n]);
		threshold[n] = 0;
	}
	return { ...tree, feature, threshold, defaultLeft, codes };
}
