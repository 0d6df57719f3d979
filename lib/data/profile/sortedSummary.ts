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
	add(values: ArrayLike<number>, counts?: ArrayLike<number>): void {
		const { places, found } = this;
		let { at, last, sum, distinct } = this;
		let place = places[found.length] ?? Infinity;
		let edge = this.nextEdge();
		for (let i = 0; i < values.length; i++) {
			const value = values[i] + 0;
			if (value !== last) {
				last = value;
				if (++distinct <= TOP_NUMBERS) this.runs.push({ value, from: at });
				if (value >= edge) edge = this.passEdges(value, at);
			}
			if (counts === undefined) {
				sum += value;
				at++;
			} else {
				// One by one, so that the sum is the same whether equal numbers come counted or not.
				for (let k = 0; k < counts[i]; k++) sum += value;
				at += counts[i];
			}
			while (place < at) {
				found.push(value);
				place = places[found.length] ?? Infinity;
			}
		}
		Object.assign(this, { at, last, sum, distinct });
		if (at === this.facts.finite) this.mean = sum / at;
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

	addSquares(values: ArrayLike<number>, counts?: ArrayLike<number>): void {
		const { mean } = this;
		let { squares } = this;
		for (let i = 0; i < values.length; i++) {
			const away = values[i] - mean;
			const square = away * away;
			const count = counts ? counts[i] : 1;
			for (let k = 0; k < count; k++) squares += square;
		}
		this.squares = squares;
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
