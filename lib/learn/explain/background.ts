import type { ModelManifest, SeenColumn } from '../../domain/model.js';
import { dictionary } from '../../domain/dictionary.js';
import { murmurMix, mulberry32 } from '../../domain/random.js';
import type { Row, Value } from '../../data/frame.js';
import { shuffled } from '../../task/statistics/sampling.js';

/**
 * Rows that an answer is compared with, drawn from what the package keeps of the training rows (`seen`): each column by itself has the
 * values, the shares and the gaps of the training, in an order of its own. So no person's record travels with a model, and columns count as
 * independent of one another (Štrumbelj and Kononenko 2014). Free text, of which no value is kept, is a gap. The same package gives the
 * same rows. Undefined for packages of before, which do not keep enough.
 */
export function backgroundRows({ signature, seen }: Pick<ModelManifest, 'signature' | 'seen'>, count: number): Row[] | undefined {
	const known = new Map(seen?.map((column) => [column.name, column]));
	const rows = Array.from({ length: count }, (): Row => dictionary());
	for (const [j, { name, type }] of signature.entries()) {
		const column = known.get(name);
		const text = type === 'category' || type === 'text';
		if (!column || (!text && !column.quantiles && column.missing < 1)) return undefined;
		const values = evenly(column, count);
		shuffled(count, mulberry32(murmurMix(j, count))).forEach((from, i) => {
			rows[i][name] = values[from];
		});
	}
	return rows;
}

/** Values at `count` even steps of what a column held, gaps first. */
function evenly({ missing, levels, quantiles }: SeenColumn, count: number): Value[] {
	const at = levels ? levelAt(levels) : quantiles ? (u: number) => quantiles[Math.round(u * (quantiles.length - 1))] : () => null;
	return Array.from({ length: count }, (_, i) => {
		const u = (i + 0.5) / count;
		return u < missing ? null : at((u - missing) / (1 - missing));
	});
}

function levelAt({ values, rows }: NonNullable<SeenColumn['levels']>): (u: number) => Value {
	const total = rows.reduce((a, b) => a + b, 0);
	return (u) => {
		let left = u * total;
		for (const [k, n] of rows.entries()) if ((left -= n) < 0) return values[k];
		return values.at(-1) ?? null;
	};
}
