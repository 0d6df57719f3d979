import type { Design, DesignColumn } from './design.js';

/** Rows handled at a time, so that scores and residuals stay in the first cache. */
export const BLOCK = 1024;

/** What a pass finds besides the loss: its gradient, and with it the diagonal of its Hessian or (for one output) the whole. */
export const FIND = { value: 0, gradient: 1, diagonal: 2, gram: 3 } as const;

/** Sums over a strip of rows. `second`: of `FIND.diagonal` as long as the gradient, of `FIND.gram` its square. */
export interface Sums {
	value: number;
	gradient: Float64Array;
	second: Float64Array;
}

/** Memory of one thread for the rows at hand, a block for each output. */
export interface Scratch {
	scores: Float64Array;
	hessian: Float64Array;
}
export const scratchOf = ({ outputs }: Design): Scratch => ({
	scores: new Float64Array(outputs * BLOCK),
	hessian: new Float64Array(outputs * BLOCK),
});

/**
 * Sums loss, gradient and curvature over rows `from..to`, always in the same order, so that whoever does it gets the same bits. `goOn` is
 * asked now and then; after a no the sums are of no use.
 */
export function sumStrip(
	design: Design,
	from: number,
	to: number,
	find: number,
	coef: Float64Array,
	sums: Sums,
	scratch: Scratch,
	goOn: () => boolean,
): void {
	const { outputs, width } = design;
	const cut = (whole: Float64Array): Float64Array[] =>
		Array.from({ length: outputs }, (_, k) => whole.subarray(k * width, (k + 1) * width));
	const coefs = cut(coef);
	const gradients = find >= FIND.gradient ? cut(sums.gradient) : [];
	const diagonals = find === FIND.diagonal ? cut(sums.second) : [];
	sums.value = 0;
	if (find >= FIND.gradient) sums.gradient.fill(0);
	if (find >= FIND.diagonal) sums.second.fill(0);
	for (let at = from, block = 0; at < to; at += BLOCK, block++) {
		const n = Math.min(BLOCK, to - at);
		for (let k = 0; k < outputs; k++) addScores(design, at, n, coefs[k], scratch.scores.subarray(k * BLOCK, k * BLOCK + n));
		sums.value += residuals(design, at, n, scratch, find >= FIND.diagonal);
		gradients.forEach((gradient, k) => {
			addGradient(design, at, n, scratch.scores.subarray(k * BLOCK, k * BLOCK + n), gradient);
		});
		diagonals.forEach((diagonal, k) => {
			addDiagonal(design, at, n, scratch.hessian.subarray(k * BLOCK, k * BLOCK + n), diagonal);
		});
		if (find === FIND.gram) addGram(design, at, n, scratch.hessian, sums.second);
		if (block % 16 === 15 && !goOn()) return;
	}
}

/** The data of up to four neighbours of one kind from column j on; loops over several at once read and write scores less often. */
function group<K extends DesignColumn['kind']>(columns: readonly DesignColumn[], j: number, kind: K): 1 | 4 {
	for (let k = j; k < j + 4; k++) if (columns[k]?.kind !== kind) return 1;
	return 4;
}
const numbersAt = (columns: readonly DesignColumn[], j: number) => columns[j].data as Float64Array;
const codesAt = (columns: readonly DesignColumn[], j: number) => columns[j].data as Uint32Array;

/** Raw scores of `n` rows from `at` on into `out`, column after column. */
function addScores({ columns, offsets, width }: Design, at: number, n: number, coef: Float64Array, out: Float64Array): void {
	out.fill(coef[width - 1]);
	for (let j = 0; j < columns.length; ) {
		const { kind } = columns[j];
		const many = group(columns, j, kind);
		if (kind === 'number') {
			const b = offsets[j];
			const x = numbersAt(columns, j);
			if (many === 1) scoreOne(x, at, n, coef[b], out);
			else scoreFour(x, numbersAt(columns, j + 1), numbersAt(columns, j + 2), numbersAt(columns, j + 3), at, n, coef, b, out);
		} else {
			const x = codesAt(columns, j);
			if (many === 1) gatherOne(x, at, n, coef, out);
			else gatherFour(x, codesAt(columns, j + 1), codesAt(columns, j + 2), codesAt(columns, j + 3), at, n, coef, out);
		}
		j += many;
	}
}

function scoreOne(x: Float64Array, at: number, n: number, b: number, out: Float64Array): void {
	for (let i = 0; i < n; i++) out[i] += b * x[at + i];
}

function scoreFour(
	p: Float64Array,
	q: Float64Array,
	r: Float64Array,
	s: Float64Array,
	at: number,
	n: number,
	coef: Float64Array,
	first: number,
	out: Float64Array,
): void {
	const a = coef[first];
	const b = coef[first + 1];
	const c = coef[first + 2];
	const d = coef[first + 3];
	for (let i = 0; i < n; i++) out[i] = out[i] + a * p[at + i] + b * q[at + i] + c * r[at + i] + d * s[at + i];
}

function gatherOne(x: Uint32Array, at: number, n: number, coef: Float64Array, out: Float64Array): void {
	for (let i = 0; i < n; i++) out[i] += coef[x[at + i]];
}

function gatherFour(
	p: Uint32Array,
	q: Uint32Array,
	r: Uint32Array,
	s: Uint32Array,
	at: number,
	n: number,
	coef: Float64Array,
	out: Float64Array,
): void {
	for (let i = 0; i < n; i++) out[i] = out[i] + coef[p[at + i]] + coef[q[at + i]] + coef[r[at + i]] + coef[s[at + i]];
}

/** Adds X' r of `n` rows from `at` on. */
function addGradient({ columns, offsets, width }: Design, at: number, n: number, residual: Float64Array, gradient: Float64Array): void {
	for (let j = 0; j < columns.length; ) {
		const { kind } = columns[j];
		const many = group(columns, j, kind);
		if (kind === 'number') {
			const b = offsets[j];
			const x = numbersAt(columns, j);
			if (many === 1) gradient[b] += dotOne(x, at, n, residual);
			else dotFour(x, numbersAt(columns, j + 1), numbersAt(columns, j + 2), numbersAt(columns, j + 3), at, n, residual, gradient, b);
		} else {
			const x = codesAt(columns, j);
			if (many === 1) scatterOne(x, at, n, residual, gradient);
			else scatterFour(x, codesAt(columns, j + 1), codesAt(columns, j + 2), codesAt(columns, j + 3), at, n, residual, gradient);
		}
		j += many;
	}
	gradient[width - 1] += sum(residual, n);
}

function sum(values: Float64Array, n: number): number {
	let total = 0;
	for (let i = 0; i < n; i++) total += values[i];
	return total;
}

function dotOne(x: Float64Array, at: number, n: number, residual: Float64Array): number {
	let total = 0;
	for (let i = 0; i < n; i++) total += residual[i] * x[at + i];
	return total;
}

function dotFour(
	p: Float64Array,
	q: Float64Array,
	r: Float64Array,
	s: Float64Array,
	at: number,
	n: number,
	residual: Float64Array,
	gradient: Float64Array,
	first: number,
): void {
	let a = 0;
	let b = 0;
	let c = 0;
	let d = 0;
	for (let i = 0; i < n; i++) {
		const e = residual[i];
		a += e * p[at + i];
		b += e * q[at + i];
		c += e * r[at + i];
		d += e * s[at + i];
	}
	gradient[first] += a;
	gradient[first + 1] += b;
	gradient[first + 2] += c;
	gradient[first + 3] += d;
}

function scatterOne(x: Uint32Array, at: number, n: number, residual: Float64Array, gradient: Float64Array): void {
	for (let i = 0; i < n; i++) gradient[x[at + i]] += residual[i];
}

function scatterFour(
	p: Uint32Array,
	q: Uint32Array,
	r: Uint32Array,
	s: Uint32Array,
	at: number,
	n: number,
	residual: Float64Array,
	gradient: Float64Array,
): void {
	for (let i = 0; i < n; i++) {
		const e = residual[i];
		gradient[p[at + i]] += e;
		gradient[q[at + i]] += e;
		gradient[r[at + i]] += e;
		gradient[s[at + i]] += e;
	}
}

/** Adds the diagonal of X' diag(h) X of `n` rows from `at` on. */
function addDiagonal({ columns, offsets, width }: Design, at: number, n: number, h: Float64Array, diagonal: Float64Array): void {
	columns.forEach((column, j) => {
		if (column.kind === 'category') scatterOne(column.data, at, n, h, diagonal);
		else diagonal[offsets[j]] += squares(column.data, at, n, h);
	});
	diagonal[width - 1] += sum(h, n);
}

function squares(x: Float64Array, at: number, n: number, h: Float64Array): number {
	let total = 0;
	for (let i = 0; i < n; i++) total += h[i] * x[at + i] * x[at + i];
	return total;
}

/** Adds X' diag(h) X of `n` rows from `at` on, the part above the diagonal (`symmetric` completes it). */
function addGram({ columns, offsets, width: w }: Design, at: number, n: number, h: Float64Array, gram: Float64Array): void {
	const last = w - 1;
	for (let a = 0; a < columns.length; a++) {
		const ca = columns[a];
		const fa = offsets[a];
		for (let b = a; b < columns.length; b++) {
			const cb = columns[b];
			const fb = offsets[b];
			if (ca.kind === 'number' && cb.kind === 'number') gram[fa * w + fb] += product(ca.data, cb.data, at, n, h);
			else if (ca.kind === 'number') scatterNumber(ca.data, cb.data as Uint32Array, at, n, h, gram, fa * w, 1);
			else if (cb.kind === 'number') scatterNumber(cb.data, ca.data, at, n, h, gram, fb, w);
			else scatterPair(ca.data, cb.data, at, n, h, gram, w);
		}
		if (ca.kind === 'number') gram[fa * w + last] += dotOne(ca.data, at, n, h);
		else scatterStride(ca.data, at, n, h, gram, last, w);
	}
	gram[last * w + last] += sum(h, n);
}

function product(x: Float64Array, y: Float64Array, at: number, n: number, h: Float64Array): number {
	let total = 0;
	for (let i = 0; i < n; i++) total += h[i] * x[at + i] * y[at + i];
	return total;
}

function scatterNumber(
	x: Float64Array,
	codes: Uint32Array,
	at: number,
	n: number,
	h: Float64Array,
	gram: Float64Array,
	first: number,
	stride: number,
): void {
	for (let i = 0; i < n; i++) gram[first + codes[at + i] * stride] += h[i] * x[at + i];
}

function scatterPair(x: Uint32Array, y: Uint32Array, at: number, n: number, h: Float64Array, gram: Float64Array, w: number): void {
	for (let i = 0; i < n; i++) gram[x[at + i] * w + y[at + i]] += h[i];
}

function scatterStride(x: Uint32Array, at: number, n: number, h: Float64Array, gram: Float64Array, first: number, stride: number): void {
	for (let i = 0; i < n; i++) gram[first + x[at + i] * stride] += h[i];
}

/** Replaces scores by weighted residuals (d loss / d score), with `curved` fills the second derivatives, and returns the summed loss. */
function residuals(design: Design, at: number, n: number, { scores, hessian }: Scratch, curved: boolean): number {
	switch (design.loss) {
		case 'squared':
			return squared(design, at, n, scores, hessian);
		case 'logistic':
			return logistic(design, at, n, scores, hessian);
		case 'softmax':
			return softmax(design, at, n, scores, curved ? hessian : undefined);
	}
}

function squared({ y, weight, offset }: Design, at: number, n: number, scores: Float64Array, hessian: Float64Array): number {
	let value = 0;
	for (let i = 0; i < n; i++) {
		const w = weight ? weight[at + i] : 1;
		const d = scores[i] + (offset ? offset[at + i] : 0) - y[at + i];
		value += 0.5 * w * d * d;
		scores[i] = w * d;
		hessian[i] = w;
	}
	return value;
}

function logistic({ y, weight, offset }: Design, at: number, n: number, scores: Float64Array, hessian: Float64Array): number {
	let value = 0;
	for (let i = 0; i < n; i++) {
		const w = weight ? weight[at + i] : 1;
		const s = scores[i] + (offset ? offset[at + i] : 0);
		const e = Math.exp(-Math.abs(s));
		const p = s >= 0 ? 1 / (1 + e) : e / (1 + e);
		value += w * (Math.log1p(e) + (s >= 0 ? (1 - y[at + i]) * s : -y[at + i] * s));
		scores[i] = w * (p - y[at + i]);
		hessian[i] = w * p * (1 - p);
	}
	return value;
}

function softmax({ y, weight, outputs }: Design, at: number, n: number, scores: Float64Array, hessian: Float64Array | undefined): number {
	let value = 0;
	for (let i = 0; i < n; i++) {
		const w = weight ? weight[at + i] : 1;
		let top = -Infinity;
		for (let k = 0; k < outputs; k++) top = Math.max(top, scores[k * BLOCK + i]);
		let total = 0;
		for (let k = 0; k < outputs; k++) total += Math.exp(scores[k * BLOCK + i] - top);
		const norm = top + Math.log(total);
		value += w * (norm - scores[y[at + i] * BLOCK + i]);
		for (let k = 0; k < outputs; k++) {
			const p = Math.exp(scores[k * BLOCK + i] - norm);
			scores[k * BLOCK + i] = w * (p - (y[at + i] === k ? 1 : 0));
			if (hessian) hessian[k * BLOCK + i] = w * p * (1 - p);
		}
	}
	return value;
}
