import type { ModelManifest, SeenColumn } from '../../domain/model.js';
import { dictionary } from '../../domain/dictionary.js';
import { murmurMix, mulberry32 } from '../../domain/random.js';
import type { Row, Value } from '../../data/frame.js';
import { shuffled } from '../../task/statistics/sampling.js';

/** Share of the rows that the least value stands for, and the greatest. */
const END = 1 / 64;

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
		const values = evenly(column, count, type === 'boolean');
		shuffled(count, mulberry32(murmurMix(j, count))).forEach((from, i) => {
			rows[i][name] = values[from];
		});
	}
	return rows;
}

/** Values at `count` even steps of what a column held, gaps first. */
function evenly({ missing, levels, quantiles }: SeenColumn, count: number, flags: boolean): Value[] {
	const at = levels ? levelAt(levels) : quantiles ? quantileAt(quantiles, flags) : () => null;
	return Array.from({ length: count }, (_, i) => {
		const u = (i + 0.5) / count;
		return u < missing ? null : at((u - missing) / (1 - missing));
	});
}

/**
 * The nearest of the quantiles. The least and the greatest are single rows, and may be far from all others: they stand for a 64th each (of
 * 2,000 incomes the greatest would stand for 60 otherwise, and the mean of the answers be a third of a standard deviation off). Of yes and
 * no they are values like any other.
 */
function quantileAt(quantiles: readonly number[], flags: boolean): (u: number) => Value {
	const last = quantiles.length - 1;
	const inner = !flags && last > 1 ? 1 : 0;
	return (u) => {
		const end = u < END || u > 1 - END;
		return quantiles[Math.min(last - (end ? 0 : inner), Math.max(end ? 0 : inner, Math.round(u * last)))];
	};
}

function levelAt({ values, rows }: NonNullable<SeenColumn['levels']>): (u: number) => Value {
	const total = rows.reduce((a, b) => a + b, 0);
	return (u) => {
		let left = u * total;
		for (const [k, n] of rows.entries()) if ((left -= n) < 0) return values[k];
		return values.at(-1) ?? null;
	};
}
