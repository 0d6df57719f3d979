import { sum, type CategoricalPair } from './table.js';

/** Rows a cell must expect for the chi-squared limit to hold (Cochran 1954). */
const LEAST_EXPECTED = 5;

/**
 * Levels too rare for chi-squared joined, neighbours in the order of keys, until each group expects five rows in both samples; a last group
 * that falls short joins the one before. What is joined depends on both samples together, never on how they differ, so the test stays
 * honest.
 */
export function poolRare({ keys, reference, current }: CategoricalPair): CategoricalPair {
	const n = sum(reference);
	const m = sum(current);
	const least = (LEAST_EXPECTED * (n + m)) / Math.min(n, m);
	const groups: Array<{ key: string; reference: number; current: number }> = [];
	const rare: Array<{ key: string; reference: number; current: number }> = [];
	let open: { key: string; reference: number; current: number } | undefined;
	for (let i = 0; i < keys.length; i++) {
		const both = reference[i] + current[i];
		if (both === 0) continue;
		if (both >= least) {
			groups.push({ key: keys[i], reference: reference[i], current: current[i] });
			continue;
		}
		open ??= { key: keys[i], reference: 0, current: 0 };
		open.reference += reference[i];
		open.current += current[i];
		if (open.reference + open.current >= least) {
			rare.push(open);
			open = undefined;
		}
	}
	if (open) {
		// The leftover joins another pool, else the rarest level that stands by itself.
		const host =
			rare.at(-1) ?? (groups.length ? groups.reduce((a, b) => (b.reference + b.current < a.reference + a.current ? b : a)) : undefined);
		if (host) {
			host.reference += open.reference;
			host.current += open.current;
		} else rare.push(open);
	}
	const all = [...groups, ...rare];
	return {
		kind: 'categorical',
		keys: all.map((g) => g.key),
		reference: Float64Array.from(all, (g) => g.reference),
		current: Float64Array.from(all, (g) => g.current),
	};
}
