import type { Column, FitContext, Matrix } from '../../lib/learn/contract.js';

/** A context for tests that keeps what learners say. */
export function quietContext(
	extra: Partial<FitContext> = {},
): FitContext & { notes: string[]; curve: Array<{ step: number; train?: number; validation?: number }> } {
	const notes: string[] = [];
	const curve: Array<{ step: number; train?: number; validation?: number }> = [];
	return {
		seed: 0,
		threads: 1,
		memoryBytes: 2 ** 30,
		cancelled: new Int32Array(new SharedArrayBuffer(4)),
		notes,
		curve,
		progress: (p) => {
			if (p.curve) curve.push(p.curve);
		},
		note: (code) => {
			notes.push(code);
		},
		...extra,
	};
}

/** A matrix from rows of numbers and, after them, categories as codes. */
export function matrixOf(rows: number[][], categories: Array<{ codes: number[]; levels: number }> = []): Matrix {
	const columns: Column[] = (rows[0] ?? []).map((_, j) => ({ name: `x${j}`, kind: 'number', data: Float64Array.from(rows, (r) => r[j]) }));
	categories.forEach((c, j) => columns.push({ name: `c${j}`, kind: 'category', data: Uint16Array.from(c.codes), levels: c.levels }));
	return { rows: rows.length, columns };
}
