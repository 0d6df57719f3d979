import { z } from 'zod/v4';
import type { State } from '../../contract.js';
import type { FlatTrees } from './flatTrees.js';
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
type Flat = Pick<FlatTrees, 'starts' | 'left' | 'right' | 'cover' | 'count' | 'gain' | 'values' | 'units'>;

/** Writes rows, gains and values of all nodes. @returns how, which belongs into the state's meta */
export function writeFigures(arrays: State['arrays'], flat: Flat, parts: Parts): FiguresForm {
	const { units, starts } = flat;
	const inUnits = units && wholeUnits(flat.cover, units, starts);
	if (inUnits) writeNumbers(arrays, 'unit', units);
	const cover = writeSums(arrays, 'cover', inUnits ?? flat.cover, parts);
	const count = same(flat.count, flat.cover) ? 'cover' : writeSums(arrays, 'count', flat.count, parts);
	const rows = !inUnits && cover === 'sums' ? sharesOf(flat.values, flat.cover, parts) : undefined;
	const { leaves, splits } = parts;
	if (rows) {
		// What is left of all rows belongs to the last class.
		const lists = rows.complete ? rows.shares.slice(0, -1) : rows.shares;
		writeNumbers(arrays, 'value', joined(lists, leaves));
		const gain = same(flat.gain, gainsOf(rows.shares, flat.cover, parts)) ? 'shares' : writeGains(arrays, flat.gain, parts);
		return { cover, count, gain, value: rows.both ? 'both' : 'shares' };
	}
	writeNumbers(arrays, 'value', joined(flat.values, leaves));
	writeNumbers(arrays, 'inside', joined(flat.values, splits));
	return { cover, count, gain: writeGains(arrays, flat.gain, parts), value: 'all' };
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

function writeSums(arrays: State['arrays'], name: string, values: Numbers, parts: Parts): 'sums' | 'all' {
	const { leaves } = parts;
	const leafValues = Float64Array.from(leaves, (n) => values[n]);
	const form = same(values, summed(leafValues, parts)) ? 'sums' : 'all';
	writeNumbers(arrays, name, form === 'sums' ? leafValues : Float64Array.from(values));
	return form;
}

function writeGains(arrays: State['arrays'], gain: Numbers, { splits, leaves }: Parts): 'splits' | 'all' {
	const form = leaves.every((n) => Object.is(gain[n], 0)) ? 'splits' : 'all';
	writeNumbers(arrays, 'gain', form === 'splits' ? Float64Array.from(splits, (n) => gain[n]) : Float64Array.from(gain));
	return form;
}

/** To the bit. */
function same(a: Numbers, b: Numbers): boolean {
	for (let i = 0, n = a.length; i < n; i++) if (!Object.is(a[i], b[i])) return false;
	return true;
}

const joined = (lists: readonly Numbers[], nodes: Uint32Array): Float64Array => {
	const out = new Float64Array(lists.length * nodes.length);
	for (const [k, list] of lists.entries()) for (let i = 0, n = nodes.length, at = k * n; i < n; i++) out[at + i] = list[nodes[i]];
	return out;
};

/** The numbers of all nodes from those of the leaves: children come after their parents. */
function summed(leafValues: Numbers, { starts, left, right, splits, leaves }: Parts): Float64Array {
	const out = new Float64Array(left.length);
	for (let i = 0, n = leaves.length; i < n; i++) out[leaves[i]] = leafValues[i];
	for (let s = splits.length - 1, t = starts.length - 2; s >= 0; s--) {
		const at = splits[s];
		while (starts[t] > at) t--;
		out[at] = out[starts[t] + left[at]] + out[starts[t] + right[at]];
	}
	return out;
}

interface Shares {
	/** Rows of each class at each node. */
	shares: Float64Array[];
	/** Whether they are all rows. */
	complete: boolean;
	both: boolean;
}

/** Values as rows of a class over all rows, to the bit; nothing where they are something else. */
function sharesOf(values: readonly Numbers[], cover: Numbers, parts: Parts): Shares | undefined {
	const both = values.length === 2 && same(values[0], restOf(values[1]));
	const shares: Float64Array[] = [];
	for (const value of both ? [values[1]] : values) {
		const rows = Float64Array.from(parts.leaves, (n) => Math.round(value[n] * cover[n]));
		const all = summed(rows, parts);
		if (!all.every((k) => k >= 0 && k < 2 ** 32) || !same(value, sharesIn(all, cover))) return undefined;
		shares.push(all);
	}
	const { leaves } = parts;
	const complete = shares.length > 1 && leaves.every((n) => shares.reduce((sum, list) => sum + list[n], 0) === cover[n]);
	// Who reads takes lists of several classes for complete.
	return shares.length === 1 || complete ? { shares, complete, both } : undefined;
}

const restOf = (shares: Numbers): Float64Array => Float64Array.from(shares, (share) => 1 - share);

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
	return summed(readNumbers(state, name, parts.leaves.length), parts);
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
	for (let n = 0, all = values.length; n < all; n++) if (!Number.isFinite(values[n])) throw damaged(`node ${n + 1} holds an impossible number`);
	return values;
}

function notNegative(values: Numbers): void {
	for (let n = 0, all = values.length; n < all; n++) if (!(values[n] >= 0)) throw damaged(`node ${n + 1} stands for an impossible number of rows`);
}
