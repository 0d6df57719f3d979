import { quoteName, type Duck } from '../duck.js';
import { isNumberVector, type Vector } from '../frame.js';
import type { StoredColumn } from '../loadFrame.js';

const bits = new Float64Array(1);
const words = new Uint32Array(bits.buffer);

/**
 * Rows of a stored table that are equal to an earlier one, counted in the database (which may spill) by a hash of 64 bits: among a hundred
 * million rows a false match has a chance of one in four thousand.
 */
export async function countDuplicates(lane: Duck, scan: string, columns: readonly StoredColumn[], rows: number): Promise<number> {
	if (columns.length === 0) return Math.max(0, rows - 1);
	const cells = columns.map(({ schema, stored }) => {
		const name = quoteName(stored);
		// A number that is none is a gap.
		return schema.type === 'number' ? `CASE WHEN isnan(${name}) THEN NULL ELSE ${name} END` : name;
	});
	const [{ different }] = await lane.rows<{ different: number }>(
		`SELECT count(DISTINCT hash(${cells.join(', ')})) AS different FROM ${scan}`,
	);
	return rows - different;
}

/**
 * Hashes of whole rows in memory, fed column by column; 53 bits, so among ten million rows a false match has a chance of one in a hundred.
 */
export class RowHashes {
	private readonly low: Uint32Array;
	private readonly high: Uint32Array;

	constructor(private readonly rows: number) {
		this.low = new Uint32Array(rows).fill(0x9e3779b9);
		this.high = new Uint32Array(rows).fill(0x7f4a7c15);
	}

	add(vector: Vector): void {
		const { low, high, rows } = this;
		if (isNumberVector(vector)) {
			const { data } = vector;
			for (let i = 0; i < rows; i++) {
				const x = data[i];
				// Minus zero is zero, and there is one NaN: rows are the same here where *Drop duplicates* takes them for the same.
				bits[0] = x !== x ? NaN : x + 0;
				low[i] = mix(low[i] ^ words[0], words[1]);
				high[i] = mix(high[i] ^ words[1], words[0] + 1);
			}
		} else {
			const { codes } = vector;
			for (let i = 0; i < rows; i++) {
				low[i] = mix(low[i] ^ codes[i], 0x85ebca6b);
				high[i] = mix(high[i] ^ codes[i], 0xc2b2ae35);
			}
		}
	}

	/** Rows equal to an earlier one. */
	duplicates(): number {
		const keys = new Float64Array(this.rows);
		for (let i = 0; i < this.rows; i++) keys[i] = (this.high[i] & 0x1fffff) * 4294967296 + this.low[i];
		keys.sort();
		let count = 0;
		for (let i = 1, n = keys.length; i < n; i++) if (keys[i] === keys[i - 1]) count++;
		return count;
	}
}

/** Multiply and fold, twice: every input bit reaches every output bit. */
function mix(a: number, b: number): number {
	let h = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b, 0x27d4eb2f);
	h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
	return (h ^ (h >>> 16)) >>> 0;
}
