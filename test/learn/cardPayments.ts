import type { Frame } from '../../lib/data/frame.js';
import { mulberry32 } from '../../lib/domain/random.js';
import { frameOf } from '../data/frames.js';

/** Payments that are paid back where the card's kind and year are of one parity: neither column alone tells anything. */
export function cardPayments(rows = 1500): Frame {
	const random = mulberry32(4);
	const draw = (n: number) => Math.floor(random() * n);
	const kinds = Array.from({ length: rows }, () => [draw(6), draw(7)]);
	return frameOf(
		[
			{ name: 'card', type: 'category', role: 'feature' },
			{ name: 'year', type: 'category', role: 'feature' },
			{ name: 'amount', type: 'number', role: 'feature' },
			{ name: 'paid', type: 'category', role: 'target' },
		],
		{
			card: kinds.map(([k]) => `k${k}`),
			year: kinds.map(([, k]) => `y${k}`),
			amount: kinds.map(() => random()),
			paid: kinds.map(([a, b]) => (random() < (a % 2 === b % 2 ? 0.9 : 0.1) ? 'yes' : 'no')),
		},
	);
}
