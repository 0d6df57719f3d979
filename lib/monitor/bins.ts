import { asCategories, merge, sum, type Pair, type Weighted } from './table.js';

/** More different reference values than this and a numeric column is binned; else each value is a bin. */
const BINNED_ABOVE = 20;

/**
 * Shares of rows in the bins that distances compare. Numbers with many values: equal widths over both samples by Sturges' rule, as
 * `numpy.histogram_bin_edges(bins='sturges')` of numpy 2 lays them; else one bin a value.
 */
export function binnedShares(pair: Pair): { reference: Float64Array; current: Float64Array } {
	if (pair.kind === 'numeric' && pair.reference.values.length > BINNED_ABOVE) {
		const n = pair.reference.n + pair.current.n;
		const { values: a } = pair.reference;
		const { values: b } = pair.current;
		const edges = sturgesEdges(Math.min(a[0], b[0]), Math.max(a[a.length - 1], b[b.length - 1]), n, pair.integers);
		return { reference: shares(countInto(pair.reference, edges)), current: shares(countInto(pair.current, edges)) };
	}
	const levels = pair.kind === 'numeric' ? asCategories(pair) : pair;
	return { reference: shares(levels.reference), current: shares(levels.current) };
}

function shares(counts: Float64Array): Float64Array {
	const total = sum(counts);
	return counts.map((c) => c / total);
}

/** Edges of equal bins. Whole numbers get bins at least 1 wide, as numpy 2 gives them. */
export function sturgesEdges(min: number, max: number, n: number, integers: boolean): Float64Array {
	const from = min === max ? min - 0.5 : min;
	const to = min === max ? max + 0.5 : max;
	let bins = 1;
	if (max > min) {
		const width = (max - min) / (Math.log2(n) + 1);
		bins = Math.ceil((max - min) / (integers ? Math.max(1, width) : width));
	}
	return linspace(from, to, bins);
}

export function linspace(from: number, to: number, bins: number): Float64Array {
	const step = (to - from) / bins;
	return Float64Array.from({ length: bins + 1 }, (_, i) => (i === bins ? to : i * step + from));
}

/** Rows in each bin; a bin holds its left edge, the last one both. Values outside are not counted. */
export function countInto({ values, counts }: Weighted, edges: Float64Array): Float64Array {
	const out = new Float64Array(edges.length - 1);
	const last = edges[edges.length - 1];
	let from = firstFrom(values, edges[0], 0);
	for (let bin = 0, n = out.length; bin < n; bin++) {
		let to = firstFrom(values, edges[bin + 1], from);
		if (bin === out.length - 1) while (to < values.length && values[to] === last) to++;
		let rows = 0;
		for (let i = from; i < to; i++) rows += counts[i];
		out[bin] = rows;
		from = to;
	}
	return out;
}

/** Place of the first value that is not below `edge`, at `from` or behind it. */
function firstFrom(values: Float64Array, edge: number, from: number): number {
	let to = values.length;
	while (from < to) {
		const middle = (from + to) >>> 1;
		if (values[middle] < edge) from = middle + 1;
		else to = middle;
	}
	return from;
}

/**
 * Empty bins get a small share, so that logarithms exist: 0.0001, or a millionth of the smallest share where that is smaller than 0.0001.
 */
export function withoutZeros(share: Float64Array): Float64Array {
	let least = Infinity;
	for (const s of share) if (s > 0 && s < least) least = s;
	const fill = least <= 0.0001 ? least / 1e6 : 0.0001;
	return share.map((s) => (s === 0 ? fill : s));
}

/** Different values of both samples in rising order. */
export function distinctValues(a: Weighted, b: Weighted): Float64Array {
	const out: number[] = [];
	merge(a, b, (value) => {
		out.push(value);
	});
	return Float64Array.from(out);
}
