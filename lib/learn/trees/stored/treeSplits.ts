import type { State } from '../../contract.js';
import type { ModelColumn } from '../ensemble.js';
import { SetTable, readSets, writeSets } from './categorySets.js';
import type { FlatTrees, Indices, Stems } from './flatTrees.js';
import { hasList, listIn, narrowWhole, packBits, readBits, readNumbers, readWhole, writeNumbers } from './narrowNumbers.js';
import { damaged } from './treeDamage.js';

/** Raw category numbers of imported models end here: the table of bits has one for each. */
export const MOST_RAW = 1 << 24;

type Questions = Pick<FlatTrees, 'starts' | 'feature' | 'threshold' | 'defaultLeft' | 'special' | 'codes'>;

/**
 * Writes what nodes ask: `column` and `missing` (a bit: a missing value goes left) of each split, `odd` where some are special (1) or ask
 * for categories in a column of numbers (2). `split` is the place of a split's question among the different ones of its column:
 * thresholds, whose tables stand in `cuts` (`cutsBy`: how many of each column), and sets of categories (`sets`, `setsBy`). Thresholds that
 * hardly ever occur twice stand in `cuts` one a split, and `split` is of the others.
 */
export function writeSplits(
	arrays: State['arrays'],
	stems: Stems,
	feature: Indices,
	splits: Uint32Array,
	columns: readonly ModelColumn[],
): void {
	const { starts, codes } = stems;
	const threshold = stems.doubles('threshold');
	const special = stems.flags('special');
	const count = splits.length;
	const column = splits.map((n) => feature[n]);
	arrays.column = narrowWhole(column);
	arrays.missing = packBits(stems.flags('defaultLeft'), splits);
	const odd = new Uint8Array(count);
	// The place of its set among those of its column, and one more; 0 where a threshold decides.
	const chosen = new Uint32Array(count);
	const tables = columns.map(() => new SetTable());
	const cuts = columns.map(() => new Map<number, number>());
	let numbers = 0;
	for (let s = 0, t = 0; s < count; s++) {
		const n = splits[s];
		const f = column[s];
		while (n >= starts[t + 1]) t++;
		const set = codes[t][n - starts[t]];
		odd[s] = special[n] + (set && columns[f].kind === 'number' ? 2 : 0);
		if (set) chosen[s] = 1 + tables[f].place(set);
		else {
			numbers++;
			cuts[f].set(keyOf(threshold[n]), 0);
		}
	}
	if (odd.some(Boolean)) arrays.odd = odd;
	const table = cutTable(cuts, numbers);
	const places = new Uint32Array(table ? count : count - numbers);
	const all = table ?? new Float64Array(numbers);
	for (let s = 0, p = 0, c = 0; s < count; s++) {
		const cut = threshold[splits[s]];
		if (chosen[s]) places[p++] = chosen[s] - 1;
		else if (table) places[p++] = cuts[column[s]].get(keyOf(cut))!;
		else all[c++] = cut;
	}
	if (places.length) arrays.split = narrowWhole(places);
	if (numbers) writeNumbers(arrays, 'cuts', all);
	if (table) arrays.cutsBy = narrowWhole(cuts.map((map) => map.size));
	if (numbers < count) {
		arrays.sets = writeSets(tables.flatMap(({ sets }) => sets));
		arrays.setsBy = narrowWhole(tables.map(({ sets }) => sets.length));
	}
}

/** A key for -0, which a map takes for 0: no threshold is infinite. */
const keyOf = (cut: number): number => (cut === 0 && 1 / cut < 0 ? -Infinity : cut);

/** The different thresholds column after column in rising order, with their places in the maps; nothing where that saves nothing. */
function cutTable(cuts: ReadonlyArray<Map<number, number>>, numbers: number): Float64Array | undefined {
	const different = cuts.reduce((n, map) => n + map.size, 0);
	const most = cuts.reduce((n, map) => Math.max(n, map.size), 0);
	const index = most <= 256 ? 1 : most <= 65_536 ? 2 : 4;
	if (different * 8 + numbers * index >= numbers * 8) return undefined;
	const table = new Float64Array(different);
	let at = 0;
	for (const map of cuts) {
		const sorted = Float64Array.from(map.keys()).sort();
		for (let k = 0, n = sorted.length; k < n; k++) {
			map.set(sorted[k], k);
			table[at++] = sorted[k] === -Infinity ? -0 : sorted[k];
		}
	}
	return table;
}

/** What `writeSplits` wrote. @throws `learn.model_invalid` */
export function readSplits(
	state: State,
	starts: Uint32Array,
	splits: Uint32Array,
	columns: readonly ModelColumn[],
): Omit<Questions, 'starts'> {
	const nodes = starts[starts.length - 1];
	const count = splits.length;
	const column = readWhole(state, 'column', count, columns.length);
	const missing = readBits(state, 'missing', count);
	const odd = hasList(state, 'odd') ? readWhole(state, 'odd', count, 4) : undefined;
	const byCategory = Uint8Array.from(columns, (c) => +(c.kind === 'category'));
	const feature = (columns.length < 32_768 ? new Int16Array(nodes) : new Int32Array(nodes)).fill(-1);
	const threshold = new Float64Array(nodes);
	const defaultLeft = new Uint8Array(nodes);
	const special = new Uint8Array(nodes);
	const coded = new Uint8Array(count);
	let sets = 0;
	for (let s = 0; s < count; s++) {
		const n = splits[s];
		const f = column[s];
		feature[n] = f;
		defaultLeft[n] = missing[s];
		const kind = odd ? odd[s] : 0;
		special[n] = kind & 1;
		// Categories in a column of numbers are raw ones, and those of a column of categories never are.
		if (byCategory[f] ? kind !== 0 : kind === 2) throw damaged(`split ${s + 1} asks column "${columns[f].name}" the wrong way`);
		sets += coded[s] = byCategory[f] | (kind >>> 1);
	}
	const { cuts, cutAt } = cutsIn(state, count - sets, columns.length);
	const { table, setAt } = setsIn(state, columns);
	const place = cutAt || sets > 0 ? readWhole(state, 'split', cutAt ? count : sets, 2 ** 32) : undefined;
	const codes = Array.from({ length: starts.length - 1 }, (): Array<Uint32Array | undefined> => []);
	for (let s = 0, p = 0, c = 0, t = 0; s < count; s++) {
		const n = splits[s];
		const f = column[s];
		if (!coded[s] && !cutAt) {
			threshold[n] = cuts[c++];
			continue;
		}
		const at = coded[s] ? setAt : cutAt;
		const found = at ? at[f] + place![p++] : Infinity;
		if (!at || found >= at[f + 1]) throw damaged(`split ${s + 1} asks column "${columns[f].name}" what is not there`);
		if (!coded[s]) {
			threshold[n] = cuts[found];
			continue;
		}
		while (n >= starts[t + 1]) t++;
		codes[t][n - starts[t]] = table[found];
	}
	return { feature, threshold, defaultLeft, special, codes };
}

/** All thresholds, and where those of each column begin where splits tell their place among them. */
function cutsIn(state: State, numbers: number, columns: number): { cuts: ArrayLike<number>; cutAt?: Uint32Array } {
	const cutAt = hasList(state, 'cutsBy') ? startsOf(readWhole(state, 'cutsBy', columns, 2 ** 32)) : undefined;
	if (!numbers) return { cuts: [], cutAt };
	const cuts = readNumbers(state, 'cuts', cutAt ? cutAt[columns] : numbers);
	for (let k = 0, n = cuts.length; k < n; k++) if (!Number.isFinite(cuts[k])) throw damaged('it has a threshold that is no number');
	return { cuts, cutAt };
}

/** The sets of categories, and where those of each column begin. */
function setsIn(state: State, columns: readonly ModelColumn[]): { table: Uint32Array[]; setAt?: Uint32Array } {
	if (!hasList(state, 'setsBy')) return { table: [] };
	const setAt = startsOf(readWhole(state, 'setsBy', columns.length, 2 ** 32));
	const bytes = listIn(state, 'sets');
	if (setAt[columns.length] > bytes.length) throw damaged('its categories end too early');
	const most: number[] = [];
	for (const [f, c] of columns.entries())
		for (let k = setAt[f]; k < setAt[f + 1]; k++) most.push(c.kind === 'category' ? c.levels - 1 : MOST_RAW);
	return { table: readSets(bytes, most), setAt };
}

/** Where each begins, and the sum of all last. @throws `learn.model_invalid` where that is more than any array holds */
function startsOf(counts: ArrayLike<number>): Uint32Array {
	const starts = new Uint32Array(counts.length + 1);
	for (let i = 0, n = counts.length; i < n; i++) {
		if (starts[i] + counts[i] > 0x7fffffff) throw damaged('it has more questions than nodes');
		starts[i + 1] = starts[i] + counts[i];
	}
	return starts;
}
