import { createHash, type Hash } from 'node:crypto';
import type { DuckDBDataChunk } from '@duckdb/node-api';
import { ROW_ID } from '../../domain/dataset.js';
import { quoteName, type Duck } from '../duck.js';
import type { NumberVector } from '../frame.js';
import { numberSql, type StoredColumn } from '../loadFrame.js';
import { LOOKED_AT, signsOfNumbers, type Signs } from '../signs.js';
import { countSteps, sortFinite } from '../sortFinite.js';
import { chunksOf } from './lanes.js';
import { evenRows, isEvenSql, SAMPLE_ROWS } from './sample.js';
import { SortedSummary, type NumberFacts, type Summary } from './sortedSummary.js';

/** With fewer different values among those that `signs.ts` looks at, numbers are counted in the database rather than sorted. */
const FEW = 500;

/** Numbers as they come, in the order of the rows: what needs no sorting. */
export class NumbersInOrder {
	private readonly hash: Hash = createHash('sha256');
	private missing = 0;
	private negative = false;
	private positive = false;
	private min = Infinity;
	private max = -Infinity;
	private at = 0;
	private readonly picks: Pick[];
	/** The numbers of the sampled rows, if asked for. */
	readonly sample?: Float64Array;
	private readonly looked: Float64Array;
	private finite = 0;

	/**
	 * @param sampled rows to keep, rising
	 * @param held room for all finite numbers, if they may be kept
	 */
	constructor(
		rows: number,
		sampled?: Uint32Array,
		readonly held?: Float64Array,
	) {
		const looked = evenRows(rows, LOOKED_AT);
		this.looked = new Float64Array(looked.length);
		this.picks = [{ rows: looked, into: this.looked, next: 0 }];
		if (sampled) {
			this.sample = new Float64Array(sampled.length);
			this.picks.push({ rows: sampled, into: this.sample, next: 0 });
		}
	}

	/** @param values NaN where missing */
	add(values: Float64Array): void {
		this.hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
		const { held } = this;
		let { finite, missing, min, max } = this;
		for (let i = 0, n = values.length; i < n; i++) {
			const x = values[i];
			if (x - x === 0) {
				if (x < min) min = x;
				if (x > max) max = x;
				if (held) held[finite] = x + 0;
				finite++;
			} else if (x !== x) missing++;
			else if (x < 0) this.negative = true;
			else this.positive = true;
		}
		this.finite = finite;
		this.missing = missing;
		this.min = min;
		this.max = max;
		for (const pick of this.picks) {
			const { rows, into } = pick;
			const end = this.at + values.length;
			let { next } = pick;
			while (next < rows.length && rows[next] < end) {
				into[next] = values[rows[next] - this.at];
				next++;
			}
			pick.next = next;
		}
		this.at += values.length;
	}

	/** As `vectorDigest`. */
	digest(): string {
		return this.hash.digest('hex');
	}

	get facts(): NumberFacts {
		const { missing, finite, min, max } = this;
		return { missing, finite, infinities: Number(this.negative) + Number(this.positive), min, max };
	}

	get signs(): Signs {
		return signsOfNumbers(this.looked);
	}

	/** Statistics from the numbers that were held. @param scratch as long as there are rows */
	summary(scratch: Float64Array): Summary {
		const summary = new SortedSummary(this.facts);
		const numbers = this.held!.subarray(0, this.finite);
		const steps = countSteps(numbers, this.min, this.max);
		const sorted = steps?.values ?? sortFinite(numbers, scratch.subarray(0, this.finite));
		summary.add(sorted, steps?.counts);
		summary.addSquares(sorted, steps?.counts);
		return summary.finish();
	}

	/** Whether there seem to be so few different numbers that each is better counted. */
	seemFew(): boolean {
		return new Set(this.looked).size <= FEW;
	}
}

interface Pick {
	rows: Uint32Array;
	into: Float64Array;
	next: number;
}

/** Reads columns of numbers once, in the order of the rows. */
export async function readNumbers(
	lane: Duck,
	scan: string,
	columns: readonly StoredColumn[],
	into: readonly NumbersInOrder[],
	check: () => void,
): Promise<void> {
	const select = columns.map((c) => `coalesce(${numberSql(c)}, 'nan'::DOUBLE)`).join(', ');
	for await (const chunk of chunksOf(lane, `SELECT ${select} FROM ${scan}`)) {
		check();
		for (let j = 0; j < into.length; j++) into[j].add(numbersOf(chunk, j));
	}
}

/** Statistics of a column whose numbers were not held: they come sorted by the database, which may spill. */
export async function sortNumbers(
	lane: Duck,
	scan: string,
	column: StoredColumn,
	read: NumbersInOrder,
	check: () => void,
): Promise<Summary> {
	const few = read.seemFew();
	const finite = `FROM (SELECT ${numberSql(column)} AS v FROM ${scan}) WHERE isfinite(v)`;
	await lane.run(
		`CREATE OR REPLACE TEMP TABLE sorted AS ` +
			(few ? `SELECT v, count(*)::DOUBLE AS c ${finite} GROUP BY v ORDER BY v` : `SELECT v ${finite} ORDER BY v`),
	);
	const summary = new SortedSummary(read.facts);
	for (const add of ['add', 'addSquares'] as const) {
		for await (const chunk of chunksOf(lane, 'FROM sorted')) {
			check();
			summary[add](numbersOf(chunk, 0), few ? numbersOf(chunk, 1) : undefined);
		}
	}
	await lane.run('DROP TABLE sorted');
	return summary.finish();
}

/** A column of numbers on the sampled rows. */
export async function sampleNumbers(lane: Duck, scan: string, column: StoredColumn, rows: number): Promise<NumberVector> {
	const data = new Float64Array(Math.min(rows, SAMPLE_ROWS));
	let at = 0;
	const sampled = isEvenSql(quoteName(ROW_ID), rows, SAMPLE_ROWS);
	for await (const chunk of chunksOf(lane, `SELECT coalesce(${numberSql(column)}, 'nan'::DOUBLE) FROM ${scan} WHERE ${sampled}`)) {
		data.set(numbersOf(chunk, 0), at);
		at += chunk.rowCount;
	}
	return { data };
}

const numbersOf = (chunk: DuckDBDataChunk, j: number): Float64Array =>
	(chunk.getColumnVector(j) as unknown as { items: Float64Array }).items.subarray(0, chunk.rowCount);
