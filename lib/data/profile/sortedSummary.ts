import { QUANTILES, type ColumnProfile } from '../../domain/profile.js';

const BINS = 20;
/** Most frequent values that are listed. */
export const TOP = 10;
/** Numeric columns with this many different values at most also list their most frequent ones. */
const TOP_NUMBERS = 50;

export type Summary = Omit<ColumnProfile, 'name' | 'type' | 'role' | 'warnings'>;

/** What is known of a column of numbers before its values are sorted. */
export interface NumberFacts {
	/** NaN. */
	missing: number;
	/** Numbers that are no infinity. */
	finite: number;
	/** Different infinities: 0 to 2. */
	infinities: number;
	/** The least and the greatest finite number. */
	min: number;
	max: number;
}

/** Numbers that a loop takes at a time: as in `correlate.ts`. */
const STRIP = 1024;

/** What the loops over all numbers carry on. */
interface Rest {
	last: number;
	distinct: number;
	sum: number;
}

function countDifferent(rest: Rest, values: Float64Array, from: number, to: number): void {
	let { last, distinct } = rest;
	for (let i = from; i < to; i++) {
		const value = values[i];
		distinct = (distinct + Number(value !== last)) | 0;
		last = value;
	}
	rest.last = last;
	rest.distinct = distinct;
}

function addUp(rest: Rest, values: Float64Array, from: number, to: number): void {
	let { sum } = rest;
	for (let i = from; i < to; i++) sum += values[i];
	rest.sum = sum;
}

function addUpSquares(squares: number, values: Float64Array, from: number, to: number, mean: number): number {
	for (let i = from; i < to; i++) {
		const away = values[i] - mean;
		squares += away * away;
	}
	return squares;
}

/** One by one, so that the sum is the same whether equal numbers come counted or not. */
function addTimes(sum: number, value: number, times: number): number {
	for (let k = 0; k < times; k++) sum += value;
	return sum;
}

/** The place of the first of rising numbers that is at least `edge`; one is. */
function firstFrom(values: Float64Array, edge: number): number {
	let low = 0;
	let high = values.length - 1;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (values[middle] >= edge) high = middle;
		else low = middle + 1;
	}
	return low;
}

/**
 * Exact statistics of a column from its finite numbers in ascending order, stretch by stretch, however they are cut into stretches: first
 * `add` them all, then (the mean is known only now) `addSquares` them all once more.
 */
export class SortedSummary {
	private at = 0;
	private last = NaN;
	private distinct = 0;
	private sum = 0;
	private squares = 0;
	/** The places of the order that quantiles lie between, rising, and the values there. */
	private readonly places: number[];
	private readonly found: number[] = [];
	private readonly edges: number[] | undefined;
	/** How many numbers lie below each edge. */
	private readonly below: number[] = [0];
	/** The first different values, and how many numbers are less than each. */
	private readonly runs: Array<{ value: number; from: number }> = [];
	private mean = NaN;

	constructor(private readonly facts: NumberFacts) {
		const { finite, min, max } = facts;
		const between = QUANTILES.flatMap((q) => neighbours(q, finite));
		this.places = [...new Set([...between, finite >> 1])].sort((a, b) => a - b);
		const width = (max - min) / BINS;
		if (min < max && Number.isFinite(width) && width !== 0)
			this.edges = Array.from({ length: BINS + 1 }, (_, i) => (i === BINS ? max : min + i * width));
	}

	/** @param counts how often each value occurs; once where absent */
	add(values: Float64Array, counts?: ArrayLike<number>): void {
		if (counts) this.addCounted(values, counts);
		else this.addSingle(values);
		if (this.at === this.facts.finite) this.mean = this.sum / this.at;
	}

	/** What is looked for in numbers that rise is found where it is, so that the loop over all of them only adds and compares. */
	private addSingle(values: Float64Array): void {
		const { places, found, at } = this;
		const size = values.length;
		for (let next = found.length; next < places.length && places[next] < at + size; next++) found.push(values[places[next] - at] + 0);
		for (let edge = this.nextEdge(); size > 0 && edge <= values[size - 1]; edge = this.nextEdge())
			this.below.push(at + firstFrom(values, edge));
		const runs = this.addRuns(values);
		const rest: Rest = { last: this.last, distinct: this.distinct, sum: this.sum };
		for (let from = runs; from < size; from += STRIP) countDifferent(rest, values, from, Math.min(size, from + STRIP));
		for (let from = 0; from < size; from += STRIP) addUp(rest, values, from, Math.min(size, from + STRIP));
		this.last = rest.last;
		this.distinct = rest.distinct;
		this.sum = rest.sum;
		this.at += size;
	}

	/** As long as different values are so few that each is kept: how many of these numbers were looked at. */
	private addRuns(values: Float64Array): number {
		let i = 0;
		for (const size = values.length; i < size && this.distinct < TOP_NUMBERS; i++) {
			const value = values[i] + 0;
			if (value === this.last) continue;
			this.last = value;
			this.distinct++;
			this.runs.push({ value, from: this.at + i });
		}
		return i;
	}

	private addCounted(values: Float64Array, counts: ArrayLike<number>): void {
		const { places, found } = this;
		let { at, last, sum, distinct } = this;
		let place = places[found.length] ?? Infinity;
		let edge = this.nextEdge();
		for (let i = 0, n = values.length; i < n; i++) {
			const value = values[i] + 0;
			if (value !== last) {
				last = value;
				if (++distinct <= TOP_NUMBERS) this.runs.push({ value, from: at });
				if (value >= edge) edge = this.passEdges(value, at);
			}
			const count = counts[i];
			sum = addTimes(sum, value, count);
			at += count;
			while (place < at) {
				found.push(value);
				place = places[found.length] ?? Infinity;
			}
		}
		Object.assign(this, { at, last, sum, distinct });
	}

	/** The edge that is not reached yet; the last one is where the numbers end. */
	private nextEdge(): number {
		const { edges, below } = this;
		return edges && below.length < BINS ? edges[below.length] : Infinity;
	}

	/** So many numbers lie below the edges that this value is the first to reach. */
	private passEdges(value: number, at: number): number {
		while (value >= this.nextEdge()) this.below.push(at);
		return this.nextEdge();
	}

	addSquares(values: Float64Array, counts?: ArrayLike<number>): void {
		const { mean } = this;
		const size = values.length;
		if (counts) for (let i = 0; i < size; i++) this.squares = addTimes(this.squares, (values[i] - mean) * (values[i] - mean), counts[i]);
		else
			for (let from = 0; from < size; from += STRIP)
				this.squares = addUpSquares(this.squares, values, from, Math.min(size, from + STRIP), mean);
	}

	finish(): Summary {
		const { missing, finite, infinities, min, max } = this.facts;
		const base = { missing, distinct: this.distinct + infinities };
		if (finite === 0) return base;
		if (this.at !== finite) throw new Error(`${finite} numbers were counted, and ${this.at} came in order`);
		return {
			...base,
			min: min + 0,
			max: max + 0,
			...this.moments(),
			quantiles: QUANTILES.map((q) => this.quantile(q)),
			histogram: this.histogram(),
			...(base.distinct <= TOP_NUMBERS ? { top: topOf(this.runs, finite) } : {}),
		};
	}

	private moments(): { mean: number; std?: number } {
		const { finite } = this.facts;
		if (!Number.isFinite(this.mean)) return { mean: this.valueAt(finite >> 1) };
		const std = finite > 1 ? Math.sqrt(this.squares / (finite - 1)) : undefined;
		return std !== undefined && Number.isFinite(std) ? { mean: this.mean, std } : { mean: this.mean };
	}

	private valueAt(place: number): number {
		return this.found[this.places.indexOf(place)];
	}

	/** Linear between neighbours (Hyndman and Fan's type 7). */
	private quantile(q: number): number {
		const [low, high] = neighbours(q, this.facts.finite);
		const at = q * (this.facts.finite - 1);
		return this.valueAt(low) + (this.valueAt(high) - this.valueAt(low)) * (at - low);
	}

	private histogram(): { edges: number[]; counts: number[] } | undefined {
		const { finite, min, max } = this.facts;
		if (min === max) return { edges: [min + 0, max + 0], counts: [finite] };
		if (!this.edges) return undefined;
		const below = Array.from({ length: BINS + 1 }, (_, b) => (b === BINS ? finite : (this.below[b] ?? finite)));
		return { edges: this.edges, counts: below.slice(1).map((at, b) => at - below[b]) };
	}
}

/** The two places of the order (the same one at its end) that a quantile lies between. */
function neighbours(q: number, length: number): [number, number] {
	const low = Math.floor(q * (length - 1));
	return [low, Math.min(low + 1, length - 1)];
}

const topOf = (runs: ReadonlyArray<{ value: number; from: number }>, end: number): Array<{ value: number; count: number }> =>
	runs
		.map(({ value, from }, i) => ({ value, count: (runs[i + 1]?.from ?? end) - from }))
		.sort((a, b) => b.count - a.count || a.value - b.value)
		.slice(0, TOP);
