// A hundred columns whose rows are drawn by tables: every number is a step of a tenth of a standard deviation, so a day is the counts of
// its values, and drawing a row is one look-up a column.
import { normalQuantile } from './core.mts';

export const NUMBERS = 50;
export const COLUMNS = 100;
/** Columns of a block hang together: half of the variance of each is the block's. */
const BLOCKS = 4;
const SHARED = Math.sqrt(0.5);
/** Different values of a number at most; those outside of the middle 8 standard deviations are at the edges. */
const VALUES = 80;
const STEP = 0.1;
const FACTOR_LEVELS = 8;
const ATOMS = 1024;
/** Levels of the categories in turn, shares falling as 1 / rank. */
const LEVELS = [2, 3, 4, 5, 8, 12, 20, 50];

export const isNumber = (column: number): boolean => column < NUMBERS;
/** Every fifth number is skewed (lognormal). */
const isSkewed = (column: number): boolean => column % 5 === 4;
export const levelsOf = (column: number): number => LEVELS[(column - NUMBERS) % LEVELS.length];
export const valuesOf = (column: number): number => (isNumber(column) ? VALUES : levelsOf(column));

/** What is different from the reference: by how many standard deviations numbers moved, which share of the rows left the first level. */
export interface Change {
	columns: ReadonlySet<number>;
	numbers: number;
	share: number;
}

const quantiles = (n: number): number[] => Array.from({ length: n }, (_, i) => normalQuantile((i + 0.5) / n));
const factors = quantiles(FACTOR_LEVELS);
const own = quantiles(ATOMS);

/** The value of a row, by the block's factor and chance: [factor level][atom]. */
function tableOf(column: number, change: Change | undefined): Uint8Array {
	const table = new Uint8Array(FACTOR_LEVELS * ATOMS);
	const changed = change?.columns.has(column);
	const sigma = 0.5;
	const mean = Math.exp((sigma * sigma) / 2);
	const spread = mean * Math.sqrt(Math.exp(sigma * sigma) - 1);
	const bounds = isNumber(column) ? [] : boundsOf(levelsOf(column), changed ? change!.share : 0);
	for (let level = 0; level < FACTOR_LEVELS; level++) {
		for (let atom = 0; atom < ATOMS; atom++) {
			const latent = SHARED * factors[level] + SHARED * own[atom];
			let code: number;
			if (isNumber(column)) {
				const value = (isSkewed(column) ? (Math.exp(sigma * latent) - mean) / spread : latent) + (changed ? change!.numbers : 0);
				code = Math.max(0, Math.min(VALUES - 1, Math.round(value / STEP) + VALUES / 2));
			} else {
				code = bounds.findIndex((bound) => latent < bound);
				if (code < 0) code = bounds.length - 1;
			}
			table[level * ATOMS + atom] = code;
		}
	}
	return table;
}

/** Where a level ends on the scale of a normal; `moved` of all rows go from the first level to the second. */
function boundsOf(levels: number, moved: number): number[] {
	const weights = Array.from({ length: levels }, (_, i) => 1 / (i + 1));
	const total = weights.reduce((a, b) => a + b);
	const shares = weights.map((w) => w / total);
	shares[0] -= moved;
	shares[1] += moved;
	let sum = 0;
	return shares.map((s) => normalQuantile(Math.min(1, (sum += s))));
}

const unchanged = Array.from({ length: COLUMNS }, (_, k) => tableOf(k, undefined));

export type Tables = readonly Uint8Array[];
export const tables = (change?: Change): Tables => unchanged.map((table, k) => (change?.columns.has(k) ? tableOf(k, change) : table));

/** xoshiro128** of Blackman and Vigna (2018), seeded by splitmix. */
export function generator(seed: number): () => number {
	let x = seed >>> 0;
	const next = (): number => {
		x = (x + 0x9e3779b9) | 0;
		let z = x ^ (x >>> 16);
		z = Math.imul(z, 0x21f0aaad);
		z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
		return z ^ (z >>> 15);
	};
	let [a, b, c, d] = [next(), next(), next(), next() | 1];
	return () => {
		const five = Math.imul(b, 5);
		const result = Math.imul((five << 7) | (five >>> 25), 9);
		const t = b << 9;
		c ^= a;
		d ^= b;
		b ^= c;
		a ^= d;
		c ^= t;
		d = (d << 11) | (d >>> 21);
		return result >>> 0;
	};
}

/** Rows of a day, each value counted: one array a column. */
export function draw(from: Tables, rows: number, random: () => number): Uint32Array[] {
	const factors = Array.from({ length: BLOCKS }, () => {
		const of = new Uint16Array(rows);
		for (let row = 0; row < rows; ) {
			let bits = random();
			for (let i = 0; i < 10 && row < rows; i++, bits >>>= 3) of[row++] = (bits & (FACTOR_LEVELS - 1)) * ATOMS;
		}
		return of;
	});
	// Columns of a block lie apart, so that each has numbers and categories.
	return from.map((table, k) => {
		const counts = new Uint32Array(valuesOf(k));
		const factor = factors[k % BLOCKS];
		for (let row = 0; row < rows; ) {
			let bits = random();
			for (let i = 0; i < 3 && row < rows; i++, bits >>>= 10) counts[table[factor[row++] + (bits & (ATOMS - 1))]]++;
		}
		return counts;
	});
}
