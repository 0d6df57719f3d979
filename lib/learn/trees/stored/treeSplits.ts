import type { State } from '../../contract.js';
import type { ModelColumn } from '../ensemble.js';
import { SetTable, readSets, writeSets } from './categorySets.js';
import type { FlatTrees } from './flatTrees.js';
import { hasList, hasNumbers, listIn, narrowWhole, packBits, readBits, readNumbers, readWhole, writeNumbers } from './narrowNumbers.js';
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
export function writeSplits(arrays: State['arrays'], flat: Questions, splits: Uint32Array, columns: readonly ModelColumn[]): void {
	const { starts, feature, threshold, defaultLeft, special, codes } = flat;
	const column = Uint32Array.from(splits, (n) => feature[n]);
	arrays.column = narrowWhole(column);
	arrays.missing = packBits(Uint8Array.from(splits, (n) => defaultLeft[n]));
	const chosen = new Array<Uint32Array | undefined>(splits.length);
	const odd = new Uint8Array(splits.length);
	for (let t = 0, s = 0, trees = starts.length - 1; t < trees; t++) {
		const own = codes[t];
		for (; s < splits.length && splits[s] < starts[t + 1]; s++) {
			const set = own[splits[s] - starts[t]];
			chosen[s] = set;
			odd[s] = special[splits[s]] + (set && columns[column[s]].kind === 'number' ? 2 : 0);
		}
	}
	if (odd.some(Boolean)) writeNumbers(arrays, 'odd', Float64Array.from(odd));
	const cuts = columns.map(() => new Map<number, number>());
	const tables = columns.map(() => new SetTable());
	const all = new Float64Array(splits.length);
	let numbers = 0;
	for (let s = 0, n = splits.length; s < n; s++) {
		if (chosen[s]) continue;
		const cut = threshold[splits[s]];
		all[numbers++] = cut;
		cuts[column[s]].set(keyOf(cut), 0);
	}
	const table = cutTable(cuts, numbers);
	const places: number[] = [];
	for (let s = 0, n = splits.length; s < n; s++) {
		const set = chosen[s];
		if (set) places.push(tables[column[s]].place(set));
		else if (table) places.push(cuts[column[s]].get(keyOf(threshold[splits[s]]))!);
	}
	if (places.length) writeNumbers(arrays, 'split', Float64Array.from(places));
	if (numbers) {
		writeNumbers(arrays, 'cuts', table ?? all.slice(0, numbers));
		if (table) arrays.cutsBy = narrowWhole(cuts.map((map) => map.size));
	}
	if (tables.some(({ sets }) => sets.length)) {
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
	const odd = hasNumbers(state, 'odd') ? readWhole(state, 'odd', count, 4) : undefined;
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
	const questions = questionsIn(state, count - sets, columns);
	const tabled = questions.cutAt !== undefined;
	const place = tabled || sets > 0 ? readWhole(state, 'split', tabled ? count : sets, 2 ** 32) : undefined;
	const codes = Array.from({ length: starts.length - 1 }, (): Array<Uint32Array | undefined> => []);
	for (let s = 0, p = 0, c = 0, t = 0; s < count; s++) {
		const n = splits[s];
		const f = column[s];
		while (n >= starts[t + 1]) t++;
		if (coded[s]) codes[t][n - starts[t]] = questions.setOf(f, place![p++]);
		else threshold[n] = tabled ? questions.cut(f, place![p++]) : questions.cut(0, c++);
	}
	return { feature, threshold, defaultLeft, special, codes };
}

function questionsIn(state: State, numbers: number, columns: readonly ModelColumn[]) {
	const by = (name: string): Uint32Array | undefined => (hasList(state, name) ? startsOf(readWhole(state, name, columns.length, 2 ** 32)) : undefined);
	const cutAt = by('cutsBy');
	const cuts = numbers ? readNumbers(state, 'cuts', cutAt ? cutAt[columns.length] : numbers) : new Float64Array(0);
	for (let k = 0, n = cuts.length; k < n; k++) if (!Number.isFinite(cuts[k])) throw damaged('it has a threshold that is no number');
	const setAt = by('setsBy');
	const most: number[] = [];
	if (setAt) {
		const bytes = listIn(state, 'sets');
		if (setAt[columns.length] > bytes.length) throw damaged('its categories end too early');
		for (const [f, c] of columns.entries())
			for (let k = setAt[f]; k < setAt[f + 1]; k++) most.push(c.kind === 'category' ? c.levels - 1 : MOST_RAW);
	}
	const sets = setAt ? readSets(listIn(state, 'sets'), most) : [];
	const within = (at: Uint32Array | undefined, f: number, place: number): number => {
		if (!at || place >= at[f + 1] - at[f]) throw damaged(`column "${columns[f].name}" is asked a question that is not there`);
		return at[f] + place;
	};
	return {
		cutAt,
		cut: (f: number, place: number): number => cuts[cutAt ? within(cutAt, f, place) : place],
		setOf: (f: number, place: number): Uint32Array => sets[within(setAt, f, place)],
	};
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
