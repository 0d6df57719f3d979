import type { Frame } from '../../lib/data/frame.js';
import { frameOf } from '../data/frames.js';

/** Rows of three numbers and an answer, yes or no, that two of them and something unknown make. */
export function manyRows(rows: number): Frame {
	const of = (i: number, k: number): number => ((i * k) % 10_007) / 10_007;
	const all = Array.from({ length: rows }, (_, i) => i);
	return frameOf(
		['a', 'b', 'c', 'y'].map((name) => ({ name, type: name === 'y' ? 'category' : 'number', role: name === 'y' ? 'target' : 'feature' })),
		{
			...{ a: all.map((i) => of(i, 7919)), b: all.map((i) => of(i, 4801)), c: all.map((i) => of(i, 911)) },
			y: all.map((i) => (Math.sin(9 * of(i, 7919)) * of(i, 4801) + 0.4 * of(i, 5407) > 0.3 ? 'yes' : 'no')),
		},
	);
}
