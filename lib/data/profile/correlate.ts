export interface CorrelationInput {
	name: string;
	data: Float64Array;
}

/** A column without gaps, whose own sums are the same beside every other such column. */
interface Whole {
	mean: number;
	squares: number;
}

/** From here on the sum of two numbers may be none. */
const LARGE = Number.MAX_VALUE / 2;

/** Pearson's correlation of each pair on the rows where both are there; null where one of them does not vary. */
export function correlate(columns: readonly CorrelationInput[]): { columns: string[]; matrix: Array<Array<number | null>>; rows: number } {
	const matrix = columns.map((): Array<number | null> => Array(columns.length).fill(null));
	const wholes = columns.map(({ data }) => wholeOf(data));
	for (let i = 0; i < columns.length; i++) {
		matrix[i][i] = 1;
		for (let j = 0; j < i; j++) {
			const [x, y] = [columns[i].data, columns[j].data];
			const [a, b] = [wholes[i], wholes[j]];
			matrix[i][j] = matrix[j][i] = a && b ? pearsonOfWhole(x, a, y, b) : pearson(x, y);
		}
	}
	return { columns: columns.map((c) => c.name), matrix, rows: columns[0].data.length };
}

/** Mean and squares around it where every number is finite, and stays so beside another such. */
function wholeOf(data: Float64Array): Whole | undefined {
	let sum = 0;
	for (let i = 0, n = data.length; i < n; i++) {
		if (!(Math.abs(data[i]) <= LARGE)) return undefined;
		sum += data[i];
	}
	const mean = sum / data.length;
	let squares = 0;
	for (let i = 0, n = data.length; i < n; i++) {
		const away = data[i] - mean;
		squares += away * away;
	}
	return { mean, squares };
}

/** `pearson`, to the bit, of two columns that have a number in every row. */
function pearsonOfWhole(x: Float64Array, a: Whole, y: Float64Array, b: Whole): number | null {
	if (x.length < 3) return null;
	let both = 0;
	for (let i = 0, n = x.length; i < n; i++) both += (x[i] - a.mean) * (y[i] - b.mean);
	return bounded(both / Math.sqrt(a.squares * b.squares));
}

const bounded = (r: number): number | null => (Number.isFinite(r) ? Math.max(-1, Math.min(1, r)) : null);

/**
 * Rows that a loop takes at a time. One over all rows is compiled while it runs for the first time, knows nothing of what comes after it,
 * and is thrown away at its end, pair after pair; one that comes to its end often is compiled once.
 */
const STRIP = 1024;

/** Pearson's r over pairs of finite values, by two passes; null when undefined. */
export function pearson(x: Float64Array, y: Float64Array): number | null {
	const sums: Sums = { n: 0, x: 0, y: 0 };
	for (let from = 0; from < x.length; from += STRIP) addPairs(sums, x, y, from, Math.min(x.length, from + STRIP));
	const { n } = sums;
	if (n < 3) return null;
	const squares: Squares = { mx: sums.x / n, my: sums.y / n, xx: 0, yy: 0, xy: 0 };
	for (let from = 0; from < x.length; from += STRIP) addSquares(squares, x, y, from, Math.min(x.length, from + STRIP));
	return bounded(squares.xy / Math.sqrt(squares.xx * squares.yy));
}

interface Sums {
	n: number;
	x: number;
	y: number;
}

function addPairs(sums: Sums, x: Float64Array, y: Float64Array, from: number, to: number): void {
	let { n, x: sx, y: sy } = sums;
	for (let i = from; i < to; i++) {
		const s = x[i] + y[i];
		if (s - s !== 0) continue;
		n++;
		sx += x[i];
		sy += y[i];
	}
	sums.n = n;
	sums.x = sx;
	sums.y = sy;
}

interface Squares {
	mx: number;
	my: number;
	xx: number;
	yy: number;
	xy: number;
}

function addSquares(squares: Squares, x: Float64Array, y: Float64Array, from: number, to: number): void {
	const { mx, my } = squares;
	let { xx, yy, xy } = squares;
	for (let i = from; i < to; i++) {
		const s = x[i] + y[i];
		if (s - s !== 0) continue;
		const a = x[i] - mx;
		const b = y[i] - my;
		xx += a * a;
		yy += b * b;
		xy += a * b;
	}
	squares.xx = xx;
	squares.yy = yy;
	squares.xy = xy;
}
