import { z } from 'zod/v4';
import type { State } from '../../contract.js';
import type { FlatTrees, Stems } from './flatTrees.js';
import { hasNumbers, readNumbers, readWhole, writeNumbers } from './narrowNumbers.js';
import { damaged } from './treeDamage.js';

type Parts = Pick<FlatTrees, 'starts' | 'left' | 'right'> & { splits: Uint32Array; leaves: Uint32Array };
type Numbers = ArrayLike<number>;
/** An inner node's number that is the sum of its children's needs no place. */
const sums = z.enum(['sums', 'all']);

/** How figures are stored, in the state's meta. */
export const figuresForm = z.object({
	cover: sums,
	/** `cover`: the same numbers. */
	count: z.enum(['sums', 'all', 'cover']),
	/** `shares`: worked out from rows and shares. `splits`: leaves have none. */
	gain: z.enum(['shares', 'splits', 'all']),
	/** `shares`: rows of each class over all rows; `both`: the share of the second class, and what is left of 1. */
	value: z.enum(['shares', 'both', 'all']),
});
export type FiguresForm = z.infer<typeof figuresForm>;

/** Writes rows, gains and values of all nodes. @returns how, which belongs into the state's meta */
export function writeFigures(arrays: State['arrays'], stems: Stems, parts: Parts): FiguresForm {
	const rows = stems.doubles('cover');
	const { units } = stems;
	const inUnits = units && wholeUnits(rows, units, parts.starts);
	if (inUnits) writeNumbers(arrays, 'unit', units);
	const cover = writeSums(arrays, 'cover', inUnits ?? rows, parts);
	const counted = stems.doubles('count');
	const count = same(counted, rows) ? 'cover' : writeSums(arrays, 'count', counted, parts);
	const found = !inUnits && cover === 'sums' ? sharesOf(stems, rows, parts) : undefined;
	if (!found) {
		writeNumbers(arrays, 'value', joined(stems, parts.leaves));
		writeNumbers(arrays, 'inside', joined(stems, parts.splits));
		return { cover, count, gain: writeGains(arrays, stems.doubles('gain'), parts), value: 'all' };
	}
	const { leaves } = parts;
	// What is left of all rows belongs to the last class.
	const lists = found.shares.length > 1 ? found.shares.slice(0, -1) : found.shares;
	const values = new Float64Array(lists.length * leaves.length);
	for (const [k, list] of lists.entries()) values.set(picked(list, leaves), k * leaves.length);
	writeNumbers(arrays, 'value', values);
	const gains = stems.doubles('gain');
	const gain = same(gains, gainsOf(found.shares, rows, parts)) ? 'shares' : writeGains(arrays, gains, parts);
	return { cover, count, gain, value: found.both ? 'both' : 'shares' };
}

/** The covers as whole numbers of their tree's unit; nothing where one is not such a multiple, to the bit. */
function wholeUnits(cover: Numbers, units: Float64Array, starts: Uint32Array): Float64Array | undefined {
	const out = new Float64Array(cover.length);
	for (let t = 0, trees = units.length; t < trees; t++) {
		const unit = units[t];
		if (!(unit > 0)) return undefined;
		for (let n = starts[t], end = starts[t + 1]; n < end; n++) {
			const k = Math.round(cover[n] / unit);
			if (k * unit !== cover[n]) return undefined;
			out[n] = k;
		}
	}
	return out;
}

function writeSums(arrays: State['arrays'], name: string, values: Float64Array, parts: Parts): 'sums' | 'all' {
	const { leaves } = parts;
	const leafValues = picked(values, leaves);
	const form = same(values, summed(leafValues, parts)) ? 'sums' : 'all';
	writeNumbers(arrays, name, form === 'sums' ? leafValues : values);
	return form;
}

function writeGains(arrays: State['arrays'], gain: Float64Array, { splits, leaves }: Parts): 'splits' | 'all' {
	const form = leaves.every((n) => Object.is(gain[n], 0)) ? 'splits' : 'all';
	writeNumbers(arrays, 'gain', form === 'splits' ? picked(gain, splits) : gain);
	return form;
}

/** To the bit. */
function same(a: Numbers, b: Numbers): boolean {
	for (let i = 0, n = a.length; i < n; i++) if (!Object.is(a[i], b[i])) return false;
	return true;
}

function picked(list: Float64Array, nodes: Uint32Array): Float64Array {
	const out = new Float64Array(nodes.length);
	for (let i = 0, n = nodes.length; i < n; i++) out[i] = list[nodes[i]];
	return out;
}

/** The values of some nodes, list after list. */
function joined(stems: Stems, nodes: Uint32Array): Float64Array {
	const out = new Float64Array(stems.lists * nodes.length);
	for (let k = 0; k < stems.lists; k++) out.set(picked(stems.values(k), nodes), k * nodes.length);
	return out;
}

/** The numbers of all nodes from those of the leaves: children come after their parents. */
function summed<T extends Float64Array | Uint32Array = Float64Array>(
	leafValues: Numbers,
	{ starts, left, right, splits, leaves }: Parts,
	out = new Float64Array(left.length) as T,
): T {
	for (let i = 0, n = leaves.length; i < n; i++) out[leaves[i]] = leafValues[i];
	for (let s = splits.length - 1, t = starts.length - 2; s >= 0; s--) {
		const at = splits[s];
		while (starts[t] > at) t--;
		out[at] = out[starts[t] + left[at]] + out[starts[t] + right[at]];
	}
	return out;
}

interface Shares {
	/** Rows of each class at each node; of several classes they are all rows. */
	shares: Float64Array[];
	both: boolean;
}

/** Values as rows of a class over all rows, to the bit; nothing where they are something else. */
function sharesOf(stems: Stems, cover: Float64Array, parts: Parts): Shares | undefined {
	const { lists } = stems;
	const both = lists === 2 && stems.nodes > 0 && same(stems.values(0), restOf(stems.values(1)));
	const shares: Float64Array[] = [];
	for (let k = both ? 1 : 0; k < lists; k++) {
		const value = stems.values(k);
		const rows = rowsOf(value, cover, parts.leaves);
		if (!rows) return undefined;
		const all = summed(rows, parts);
		if (!same(value, sharesIn(all, cover))) return undefined;
		shares.push(all);
	}
	if (shares.length > 1 && !parts.leaves.every((n) => shares.reduce((sum, list) => sum + list[n], 0) === cover[n])) return undefined;
	return { shares, both };
}

/** Rows of a class at each leaf; nothing where a value is no share of whole rows, which most other values tell at the first leaf. */
function rowsOf(value: Float64Array, cover: Float64Array, leaves: Uint32Array): Float64Array | undefined {
	const rows = new Float64Array(leaves.length);
	for (let i = 0, n = leaves.length; i < n; i++) {
		const [v, all] = [value[leaves[i]], cover[leaves[i]]];
		rows[i] = Math.round(v * all);
		if (!(rows[i] >= 0 && rows[i] < 2 ** 32) || v !== (all > 0 ? rows[i] / all : 0)) return undefined;
	}
	return rows;
}

function restOf(shares: Numbers): Float64Array {
	const out = new Float64Array(shares.length);
	for (let n = 0, all = out.length; n < all; n++) out[n] = 1 - shares[n];
	return out;
}

function sharesIn(rows: Numbers, cover: Numbers): Float64Array {
	const out = new Float64Array(rows.length);
	for (let n = 0, all = out.length; n < all; n++) out[n] = cover[n] > 0 ? rows[n] / cover[n] : 0;
	return out;
}

/** What each split lowers the squared error of the class indicators by, as growing a forest works it out. */
function gainsOf(shares: readonly Float64Array[], cover: Numbers, { starts, left, right, splits }: Parts): Float64Array {
	const out = new Float64Array(cover.length);
	for (let s = 0, t = 0, n = splits.length; s < n; s++) {
		const at = splits[s];
		while (starts[t + 1] <= at) t++;
		const l = starts[t] + left[at];
		const r = starts[t] + right[at];
		let own = 0;
		let ofLeft = 0;
		let ofRight = 0;
		for (const rows of shares) {
			own += rows[at] * rows[at];
			ofLeft += rows[l] * rows[l];
			ofRight += rows[r] * rows[r];
		}
		out[at] = ofLeft / cover[l] + ofRight / cover[r] - own / cover[at];
	}
	return out;
}

/** What `writeFigures` wrote, with `lists` lists of values. @throws `learn.model_invalid` */
export function readFigures(
	state: State,
	form: FiguresForm,
	lists: number,
	parts: Parts,
): Pick<FlatTrees, 'cover' | 'count' | 'gain' | 'values' | 'units'> {
	const { starts, leaves, splits } = parts;
	const units = hasNumbers(state, 'unit') ? Float64Array.from(readNumbers(state, 'unit', starts.length - 1)) : undefined;
	const stored = readSums(state, 'cover', form.cover, parts);
	const cover = units ? inUnits(stored, units, starts) : stored;
	const count = form.count === 'cover' ? cover : readSums(state, 'count', form.count, parts);
	notNegative(cover);
	if (count !== cover) notNegative(count);
	if (form.value === 'all') {
		if (form.gain === 'shares') throw damaged('its gains are of shares that it has not');
		const gain = finite(readGains(state, form.gain, parts));
		const [outside, inside] = [readNumbers(state, 'value', lists * leaves.length), readNumbers(state, 'inside', lists * splits.length)];
		const values = Array.from({ length: lists }, (_, k) => {
			const out = new Float64Array(cover.length);
			spread(out, outside, k * leaves.length, leaves);
			spread(out, inside, k * splits.length, splits);
			return finite(out);
		});
		return { cover, count, gain, values, ...(units ? { units } : {}) };
	}
	const shares = readShares(state, form, lists, cover, parts);
	const gain = finite(form.gain === 'shares' ? gainsOf(shares, cover, parts) : readGains(state, form.gain, parts));
	const values = shares.map((rows) => finite(sharesIn(rows, cover)));
	if (form.value === 'both') values.unshift(restOf(values[0]));
	return { cover, count, gain, values, ...(units ? { units } : {}) };
}

function readShares(state: State, form: FiguresForm, lists: number, cover: Numbers, parts: Parts): Float64Array[] {
	const { leaves } = parts;
	if (form.value === 'both' && lists !== 2) throw damaged('it has other outputs than two classes');
	const given = form.value === 'both' || lists === 1 ? 1 : lists - 1;
	const rows = readWhole(state, 'value', given * leaves.length, 2 ** 32);
	const shares = Array.from({ length: given }, (_, k) => summed(rows.subarray(k * leaves.length, (k + 1) * leaves.length), parts));
	if (lists > 1 && form.value === 'shares') {
		const rest = Float64Array.from(leaves, (n) => shares.reduce((left, list) => left - list[n], cover[n]));
		shares.push(summed(rest, parts));
	}
	return shares;
}

function readSums(state: State, name: string, form: 'sums' | 'all', parts: Parts): FlatTrees['cover'] {
	if (form === 'all') return readNumbers(state, name, parts.left.length) as FlatTrees['cover'];
	const list = readNumbers(state, name, parts.leaves.length);
	const whole = list.constructor !== Float32Array && list.constructor !== Float64Array;
	let all = 0;
	for (let i = 0, n = list.length; i < n; i++) all += list[i];
	// Half the memory.
	return whole && all < 2 ** 32 ? summed(list, parts, new Uint32Array(parts.left.length)) : summed(list, parts);
}

function readGains(state: State, form: 'splits' | 'all', { left, splits }: Parts): Float64Array {
	if (form === 'all') return Float64Array.from(readNumbers(state, 'gain', left.length));
	const out = new Float64Array(left.length);
	spread(out, readNumbers(state, 'gain', splits.length), 0, splits);
	return out;
}

function inUnits(stored: Numbers, units: Float64Array, starts: Uint32Array): Float64Array {
	const out = new Float64Array(stored.length);
	for (let t = 0, trees = units.length; t < trees; t++)
		for (let n = starts[t], end = starts[t + 1]; n < end; n++) out[n] = stored[n] * units[t];
	return out;
}

function spread(out: Float64Array, list: Numbers, from: number, nodes: Uint32Array): void {
	for (let i = 0, n = nodes.length; i < n; i++) out[nodes[i]] = list[from + i];
}

function finite(values: Float64Array): Float64Array {
	for (let n = 0, all = values.length; n < all; n++)
		if (!Number.isFinite(values[n])) throw damaged(`node ${n + 1} holds an impossible number`);
	return values;
}

function notNegative(values: Numbers): void {
	for (let n = 0, all = values.length; n < all; n++)
		if (!(values[n] >= 0)) throw damaged(`node ${n + 1} stands for an impossible number of rows`);
}
