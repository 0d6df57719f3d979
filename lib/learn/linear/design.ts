import type { Matrix } from '../contract.js';

/** Rows handled at a time, so that scores and residuals stay in the first cache. */
export const BLOCK = 1024;

/**
 * The design matrix of a linear model, never built: a number column is one coefficient, a category column one coefficient a code
 * (one-hot without the zeros), and the last coefficient is the intercept. So 3 M rows with two columns of 250 levels
 * need no more memory than their codes. Number columns are centred on the fly, which changes no solution
 * (the intercept is free) but makes every solver converge faster.
 */
export class Design {
	/** First coefficient of each column; the last entry is the intercept's place. */
	readonly offsets: Uint32Array;
	/** Coefficients, intercept included. */
	readonly width: number;
	/** Weighted mean of each number column, 0 for categories. */
	readonly means: Float64Array;
	readonly rows: number;

	constructor(
		readonly x: Matrix,
		weight: Float64Array | undefined,
	) {
		this.rows = x.rows;
		this.offsets = new Uint32Array(x.columns.length + 1);
		x.columns.forEach((c, j) => {
			this.offsets[j + 1] = this.offsets[j] + (c.kind === 'number' ? 1 : c.levels);
		});
		this.width = this.offsets[x.columns.length] + 1;
		this.means = Float64Array.from(x.columns, (c) => (c.kind === 'number' ? mean(c.data, this.rows, weight) : 0));
	}

	/** Raw scores of rows `from..to`: `out[k * BLOCK + i]` for output k, `coef[k * width + j]`. */
	scores(from: number, to: number, coef: Float64Array, outputs: number, out: Float64Array): void {
		const { columns } = this.x;
		for (let k = 0; k < outputs; k++) {
			const base = k * this.width;
			const at = k * BLOCK;
			out.fill(coef[base + this.width - 1], at, at + to - from);
			for (let j = 0; j < columns.length; j++) {
				const { data, kind } = columns[j];
				const first = base + this.offsets[j];
				if (kind === 'number') {
					const b = coef[first];
					const m = this.means[j];
					if (b !== 0) for (let i = from; i < to; i++) out[at + i - from] += b * (data[i] - m);
				} else {
					for (let i = from; i < to; i++) out[at + i - from] += coef[first + data[i]];
				}
			}
		}
	}

	/** Adds X' r of rows `from..to` to `gradient`. */
	addGradient(from: number, to: number, residual: Float64Array, outputs: number, gradient: Float64Array): void {
		const { columns } = this.x;
		for (let k = 0; k < outputs; k++) {
			const base = k * this.width;
			const at = k * BLOCK - from;
			for (let j = 0; j < columns.length; j++) {
				const { data, kind } = columns[j];
				const first = base + this.offsets[j];
				if (kind === 'number') {
					const m = this.means[j];
					let sum = 0;
					for (let i = from; i < to; i++) sum += residual[at + i] * (data[i] - m);
					gradient[first] += sum;
				} else {
					for (let i = from; i < to; i++) gradient[first + data[i]] += residual[at + i];
				}
			}
			let sum = 0;
			for (let i = from; i < to; i++) sum += residual[at + i];
			gradient[base + this.width - 1] += sum;
		}
	}

	/** Adds X' diag(h) X of rows `from..to` to the lower-or-upper triangle that `symmetric` completes. */
	addGram(from: number, to: number, h: Float64Array, gram: Float64Array): void {
		const { columns } = this.x;
		const w = this.width;
		const last = w - 1;
		for (let a = 0; a < columns.length; a++) {
			const ca = columns[a];
			const fa = this.offsets[a];
			const ma = this.means[a];
			for (let b = a; b < columns.length; b++) {
				const cb = columns[b];
				const fb = this.offsets[b];
				const mb = this.means[b];
				if (ca.kind === 'number' && cb.kind === 'number') {
					let sum = 0;
					for (let i = from; i < to; i++) sum += h[i - from] * (ca.data[i] - ma) * (cb.data[i] - mb);
					gram[fa * w + fb] += sum;
				} else if (ca.kind === 'number') {
					for (let i = from; i < to; i++) gram[fa * w + fb + cb.data[i]] += h[i - from] * (ca.data[i] - ma);
				} else if (cb.kind === 'number') {
					for (let i = from; i < to; i++) gram[(fa + ca.data[i]) * w + fb] += h[i - from] * (cb.data[i] - mb);
				} else {
					for (let i = from; i < to; i++) gram[(fa + ca.data[i]) * w + fb + cb.data[i]] += h[i - from];
				}
			}
			if (ca.kind === 'number') {
				let sum = 0;
				for (let i = from; i < to; i++) sum += h[i - from] * (ca.data[i] - ma);
				gram[fa * w + last] += sum;
			} else {
				for (let i = from; i < to; i++) gram[(fa + ca.data[i]) * w + last] += h[i - from];
			}
		}
		let sum = 0;
		for (let i = from; i < to; i++) sum += h[i - from];
		gram[last * w + last] += sum;
	}

	/** Mirrors what `addGram` summed above the diagonal. */
	symmetric(gram: Float64Array): Float64Array {
		const w = this.width;
		for (let i = 0; i < w; i++) for (let j = 0; j < i; j++) gram[i * w + j] = gram[j * w + i];
		return gram;
	}
}

function mean(data: ArrayLike<number>, rows: number, weight: Float64Array | undefined): number {
	let sum = 0;
	let total = 0;
	for (let i = 0; i < rows; i++) {
		const w = weight ? weight[i] : 1;
		sum += w * data[i];
		total += w;
	}
	return total > 0 ? sum / total : 0;
}
