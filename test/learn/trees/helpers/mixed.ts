import type { Column, Labels, Matrix } from '../../../../lib/learn/contract.js';
import { murmurPairs } from '../../../../lib/domain/random.js';

/** Columns of every kind: smooth, few values, gaps, constant, missing only, a small, a middle and a very wide category. */
function columnsOf(rows: number, random: () => number): Column[] {
	const fill = (f: () => number) => Float64Array.from({ length: rows }, f);
	return [
		{ name: 'smooth', kind: 'number', data: fill(() => random() * 100 - 50) },
		{ name: 'single', kind: 'number', data: Float32Array.from({ length: rows }, () => random()) },
		{ name: 'few', kind: 'number', data: fill(() => Math.floor(random() * 3)) },
		{ name: 'gaps', kind: 'number', data: fill(() => (random() < 0.3 ? NaN : random())) },
		{ name: 'constant', kind: 'number', data: fill(() => 7) },
		{ name: 'missing', kind: 'number', data: fill(() => NaN) },
		{ name: 'small', kind: 'category', data: Uint8Array.from({ length: rows }, () => Math.floor(random() * 5)), levels: 5 },
		{ name: 'middle', kind: 'category', data: Uint16Array.from({ length: rows }, () => 2 + Math.floor(random() * 60)), levels: 100 },
		{ name: 'wide', kind: 'category', data: Uint32Array.from({ length: rows }, () => Math.floor(random() ** 3 * 1000)), levels: 1000 },
	];
}

/** Training data of a task with columns of every kind. */
export function made(rows: number, task: string, weighted: boolean, seed: number): { train: Matrix; labels: Labels } {
	const random = murmurPairs(seed);
	const columns = columnsOf(rows, random);
	const z = (i: number) => columns[0].data[i] / 30 + (columns[3].data[i] > 0.5 ? 1 : 0) + (columns[7].data[i] % 3) - 1 + random();
	const y = Float64Array.from({ length: rows }, (_, i) =>
		task === 'regression' ? z(i) : task === 'binary' ? +(z(i) > 0.5) : Math.min(2, Math.max(0, Math.floor(z(i) + 1))),
	);
	return {
		train: { rows, columns },
		labels: {
			y,
			classes: { binary: 2, multiclass: 3 }[task] ?? 0,
			weight: weighted ? Float64Array.from({ length: rows }, () => random() * 3) : undefined,
		},
	};
}
