// Who decides about a day: we over the days so far; Evidently 0.7.23 and NannyML 0.13 day by day, by their defaults.
import type { Finding } from '../../../lib/domain/monitor.js';
import type { ColumnData } from '../../../lib/monitor/columnData.js';
import { AlarmProcess, defaultVerdict, driftParams, evidentlyVerdict, findingOf, jensenShannonDistance } from './core.mts';
import { COLUMNS, isNumber, valuesOf } from './world.mts';

const params = driftParams.parse({});
/** Up to so many rows Evidently goes by p-values, beyond by distances. */
const SMALL_REFERENCE = 1000;
const KEYS = Array.from({ length: 100 }, (_, i) => String(i).padStart(2, '0'));
export const DETECTORS = ['ours', 'evidently dataset', 'evidently columns', 'nannyml'] as const;
export type Detector = (typeof DETECTORS)[number];

/** Whether each of them is in alarm after a day, and which began one. */
export type Says = Record<Detector, { alarm: boolean; columns: number }>;

function columnOf(k: number, counts: Uint32Array, rows: number): ColumnData {
	let distinct = 0;
	for (const c of counts) if (c > 0) distinct++;
	const kept = new Float64Array(distinct);
	const values = new Float64Array(distinct);
	for (let i = 0, at = 0; i < counts.length; i++)
		if (counts[i] > 0) {
			values[at] = i / 10;
			kept[at++] = counts[i];
		}
	const base = { name: `c${k}`, rows, missing: 0, error: { distance: 0, rank: 0 } };
	return isNumber(k)
		? { ...base, type: 'number', values: { kind: 'numbers', numbers: { values, counts: kept, n: rows } } }
		: {
				...base,
				type: 'category',
				values: { kind: 'levels', levels: { keys: KEYS.filter((_, i) => (counts[i] ?? 0) > 0), counts: kept, otherRows: 0 } },
			};
}

/** NannyML's Jensen-Shannon distance to a reference: Doane's bins over the reference, base 2, what lies outside in a bin of its own. */
class NannyColumn {
	private readonly binOf: Uint16Array;
	private readonly bins: number;
	private readonly reference: Float64Array;
	private readonly limit: number;

	constructor(k: number, days: readonly Uint32Array[]) {
		const all = new Float64Array(valuesOf(k));
		for (const day of days) for (let i = 0; i < day.length; i++) all[i] += day[i];
		this.binOf = isNumber(k) ? doane(all) : Uint16Array.from(all, (_, i) => i);
		this.bins = Math.max(...this.binOf) + 1;
		this.reference = this.shares(all);
		// The threshold: mean and three standard deviations of the reference's own chunks (StandardDeviationThreshold, numpy.nanstd).
		const own = days.map((day) => this.distance(day));
		const mean = own.reduce((a, b) => a + b) / own.length;
		this.limit = mean + 3 * Math.sqrt(own.reduce((sum, d) => sum + (d - mean) ** 2, 0) / own.length);
	}

	private shares(counts: ArrayLike<number>): Float64Array {
		const out = new Float64Array(this.bins);
		let rows = 0;
		for (let i = 0; i < counts.length; i++) {
			out[this.binOf[i]] += counts[i];
			rows += counts[i];
		}
		for (let i = 0; i < out.length; i++) out[i] /= rows;
		return out;
	}

	distance(day: Uint32Array): number {
		return jensenShannonDistance(this.reference, this.shares(day)) / Math.sqrt(Math.LN2);
	}

	alerts(day: Uint32Array): boolean {
		return this.distance(day) > this.limit;
	}
}

/** Bins of numpy.histogram_bin_edges(bins='doane') for values 0, 1, 2, ...; what lies outside of them gets the last number. */
function doane(counts: Float64Array): Uint16Array {
	let n = 0;
	let sum = 0;
	for (let i = 0; i < counts.length; i++) {
		n += counts[i];
		sum += counts[i] * i;
	}
	const mean = sum / n;
	let squares = 0;
	let cubes = 0;
	for (let i = 0; i < counts.length; i++) {
		squares += counts[i] * (i - mean) ** 2;
		cubes += counts[i] * (i - mean) ** 3;
	}
	const skew = cubes / n / (squares / n) ** 1.5;
	const first = counts.findIndex((c) => c > 0);
	const last = counts.findLastIndex((c) => c > 0);
	const spread = Math.sqrt((6 * (n - 2)) / ((n + 1) * (n + 3)));
	const bins = Math.ceil(1 + Math.log2(n) + Math.log2(1 + Math.abs(skew) / spread));
	const width = (last - first) / bins;
	return Uint16Array.from(counts, (_, i) => (i < first || i > last ? bins : Math.min(bins - 1, Math.floor((i - first) / width + 1e-9))));
}

/** Just below the limits of both, so that rounding cannot matter. */
const SMALL_DISTANCE = 0.0999;
const SMALL_KS = 0.1499;

/**
 * Tells days on which a column certainly shows nothing, by the distances alone: the score of ours is never above them (what sampling makes
 * is taken off, rare levels are joined), and a score below its limit is no evidence whatever the p-value. The others are left to the code
 * itself.
 */
class Screen {
	private readonly numeric: boolean;
	private readonly shares: Float64Array;
	private readonly below: Float64Array;
	private readonly std: number;

	constructor(k: number, counts: Uint32Array, rows: number) {
		this.numeric = isNumber(k);
		this.shares = Float64Array.from(counts, (c) => c / rows);
		let sum = 0;
		this.below = this.shares.map((share) => (sum += share));
		const mean = this.shares.reduce((m, share, i) => m + share * i, 0);
		this.std = Math.sqrt(this.shares.reduce((v, share, i) => v + share * (i - mean) ** 2, 0));
	}

	quiet(counts: Uint32Array, rows: number): boolean {
		if (!this.numeric) {
			const now = Float64Array.from(counts, (c) => c / rows);
			const fresh = now.reduce((sum, share, i) => sum + (this.shares[i] === 0 ? share : 0), 0);
			return fresh < params.minNew && jensenShannonDistance(this.shares, now) < SMALL_DISTANCE;
		}
		let seen = 0;
		let area = 0;
		let most = 0;
		for (let i = 0; i < counts.length; i++) {
			seen += counts[i];
			const apart = Math.abs(seen / rows - this.below[i]);
			area += apart;
			if (apart > most) most = apart;
		}
		return area / this.std < SMALL_DISTANCE && most < SMALL_KS;
	}
}

/** All of them over one reference: its days are chunks to NannyML, one sample to the others. */
export class Watchers {
	private readonly reference: ColumnData[];
	private readonly screens: Screen[];
	private readonly nanny: NannyColumn[];
	private readonly rows: number;
	private readonly process = new AlarmProcess({ falseAlarmsAYear: 1, windowsAYear: 365 });
	private day = 0;

	constructor(days: ReadonlyArray<readonly Uint32Array[]>, rowsADay: number) {
		this.rows = days.length * rowsADay;
		const all = Array.from({ length: COLUMNS }, (_, k) => {
			const counts = new Uint32Array(valuesOf(k));
			for (const day of days) for (let i = 0; i < counts.length; i++) counts[i] += day[k][i];
			return counts;
		});
		this.reference = all.map((counts, k) => columnOf(k, counts, this.rows));
		this.screens = all.map((counts, k) => new Screen(k, counts, this.rows));
		const chunks = (k: number): Uint32Array[] => days.map((day) => day[k]);
		this.nanny = all.map((_, k) => new NannyColumn(k, chunks(k)));
	}

	see(counts: readonly Uint32Array[], rowsADay: number): Says {
		const findings: Finding[] = [];
		let evidently = 0;
		let nanny = 0;
		for (let k = 0; k < COLUMNS; k++) {
			const quiet = this.screens[k].quiet(counts[k], rowsADay);
			const column = quiet && this.rows > SMALL_REFERENCE ? undefined : columnOf(k, counts[k], rowsADay);
			findings.push(quiet ? { about: `c${k}`, value: 0, pValue: 1, effect: 0 } : this.finding(k, column!, rowsADay));
			if (column && evidentlyVerdict(this.reference[k], column, isNumber(k) ? 'numeric' : 'categorical', params).drifted) evidently++;
			if (this.nanny[k].alerts(counts[k])) nanny++;
		}
		const at = (day: number): string => String(day).padStart(5, '0');
		const { alarm, causes } = this.process.see({ from: at(this.day), until: at(++this.day), findings });
		return {
			ours: { alarm, columns: causes.length },
			'evidently dataset': { alarm: evidently >= params.share * COLUMNS, columns: evidently },
			'evidently columns': { alarm: evidently > 0, columns: evidently },
			nannyml: { alarm: nanny > 0, columns: nanny },
		};
	}

	private finding(k: number, column: ColumnData, rowsADay: number): Finding {
		const { kind, test, score, threshold, pValue } = defaultVerdict(this.reference[k], column, params);
		const missing = { reference: 0, current: 0, drifted: false, pValue: 1 };
		const drift = { column: column.name, type: kind, test, score, threshold, pValue, missing, drifted: false, reason: '' };
		const rows = { reference: this.rows, current: rowsADay };
		return findingOf(drift, { rows, minMissing: params.minMissing, importance: 1, dead: false });
	}
}
