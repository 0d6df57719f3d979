import type { Column, FitContext, Labels, Matrix } from '../../../../lib/learn/contract.js';
import { murmurPairs } from '../../../../lib/domain/random.js';

export const context = (over: Partial<FitContext> = {}): FitContext => ({
	seed: 7,
	threads: 1,
	memoryBytes: 2e9,
	cancelled: new Int32Array(new SharedArrayBuffer(4)),
	progress: () => {},
	note: () => {},
	...over,
});

export interface Made {
	x: Matrix;
	y: Float64Array;
}

/** Two numbers with gaps, one small category, one noise column; the target depends on all but the last. */
export function makeData(rows: number, task: 'binary' | 'multiclass' | 'regression', seed = 1): Made {
	const random = murmurPairs(seed);
	const a = new Float64Array(rows);
	const b = new Float64Array(rows);
	const c = new Uint8Array(rows);
	const noise = new Float64Array(rows);
	const y = new Float64Array(rows);
	for (let i = 0; i < rows; i++) {
		const va = random() * 4 - 2;
		const vb = random() * 10;
		const level = Math.floor(random() * 6);
		a[i] = random() < 0.1 ? NaN : va;
		b[i] = vb;
		c[i] = 2 + level;
		noise[i] = random();
		const z = Math.sin(2 * va) + 0.3 * vb + (level % 2 ? 1.5 : -1) + (random() - 0.5) - 1.7;
		y[i] = task === 'regression' ? z : task === 'binary' ? +(z > 0) : z < -0.7 ? 0 : z < 0.7 ? 1 : 2;
	}
	const columns: Column[] = [
		{ name: 'a', kind: 'number', data: a },
		{ name: 'b', kind: 'number', data: b },
		{ name: 'c', kind: 'category', data: c, levels: 9 },
		{ name: 'noise', kind: 'number', data: noise },
	];
	return { x: { rows, columns }, y };
}

export const labelsOf = (made: Made, task: string, weight?: Float64Array): Labels => ({
	y: made.y,
	classes: task === 'binary' ? 2 : task === 'multiclass' ? 3 : 0,
	weight,
});

/** Row i of a matrix as predictors take it. */
export const rowOf = (x: Matrix, i: number): Float64Array => Float64Array.from(x.columns, (c) => c.data[i]);
