import { createHash } from 'node:crypto';
import type { Duck } from '../duck.js';
import type { StringVector } from '../frame.js';
import { isMissingWord } from '../grammar/missing.js';
import { chunksOf } from './lanes.js';
import { MOST_LABELS } from './leakage.js';

/** Bytes that are digested at a time. */
const BLOCK = 1 << 16;
let counter = 0;

/** A column of texts as it comes: its different texts, sorted, and for each row the number of its text. */
interface Coded {
	/** What stands after FROM, and the column in it. */
	scan: string;
	name: string;
	/** Its different texts in the order of the database. */
	dictionary: readonly string[];
	/** SELECT that gives them in this order. */
	levels: string;
	/** Rows to keep, rising; none if absent. */
	sampled?: Uint32Array;
}

/**
 * `vectorDigest` of a column of few different texts, and its values on the sampled rows, in one pass: the database says numbers, and their
 * texts are put side by side here.
 */
export async function readCoded(
	lane: Duck,
	{ scan, name, dictionary, levels, sampled }: Coded,
	check: () => void,
): Promise<{ digest: string; sample?: StringVector }> {
	const digest = new CodesDigest(dictionary);
	const picked = new Uint32Array(sampled?.length ?? 0);
	let next = 0;
	let at = 0;
	const add = (codes: Uint32Array): void => {
		digest.add(codes);
		for (; next < picked.length && sampled![next] < at + codes.length; next++) picked[next] = codes[sampled![next] - at];
		at += codes.length;
	};
	const type = `texts_${++counter}`;
	if (dictionary.length) await lane.run(`CREATE TYPE ${type} AS ENUM (${levels})`);
	try {
		const code = dictionary.length ? `coalesce(CAST(enum_code(CAST(${name} AS ${type})) AS UINTEGER) + 1, 0)::UINTEGER` : '0::UINTEGER';
		for await (const chunk of chunksOf(lane, `SELECT ${code} FROM ${scan}`)) {
			check();
			add((chunk.getColumnVector(0) as unknown as { items: Uint32Array }).items.subarray(0, chunk.rowCount));
		}
	} finally {
		if (dictionary.length) await lane.run(`DROP TYPE IF EXISTS ${type}`);
	}
	return { digest: digest.finish(), ...(sampled ? { sample: ofPicked(picked, dictionary) } : {}) };
}

/** The stream of `vectorDigest`, whose pieces are laid out once for each different text. */
class CodesDigest {
	private readonly hash = createHash('sha256');
	/** For code c the bytes from `ends[c]` to `ends[c + 1]`. */
	private readonly bytes: Uint8Array;
	private readonly ends: Float64Array;
	private readonly block = new Uint8Array(BLOCK);
	private filled = 0;

	constructor(dictionary: readonly string[]) {
		const marked = ['-', ...dictionary.map((text) => `${text.length}:${text}`)];
		this.bytes = Buffer.from(marked.join(''), 'utf8');
		this.ends = new Float64Array(marked.length + 1);
		for (let c = 0; c < marked.length; c++) this.ends[c + 1] = this.ends[c] + Buffer.byteLength(marked[c], 'utf8');
	}

	add(codes: Uint32Array): void {
		const { bytes, ends, block } = this;
		let { filled } = this;
		for (let i = 0, n = codes.length; i < n; i++) {
			let from = ends[codes[i]];
			const end = ends[codes[i] + 1];
			if (end - from > BLOCK - filled) {
				this.hash.update(block.subarray(0, filled));
				filled = 0;
				if (end - from > BLOCK) {
					this.hash.update(bytes.subarray(from, end));
					continue;
				}
			}
			while (from < end) block[filled++] = bytes[from++];
		}
		this.filled = filled;
	}

	finish(): string {
		return this.hash.update(this.block.subarray(0, this.filled)).digest('hex');
	}
}

/**
 * Values with a sorted dictionary of what occurs among them. Of many texts only those are there that may stand for none; for others there
 * is an empty one, so that long texts stay out of memory.
 */
function ofPicked(picked: Uint32Array, dictionary: readonly string[]): StringVector {
	const place = new Uint32Array(dictionary.length + 1);
	for (let i = 0, n = picked.length; i < n; i++) place[picked[i]] = 1;
	place[0] = 0;
	const used: string[] = [];
	for (let c = 1, n = place.length; c < n; c++) if (place[c]) place[c] = used.push(dictionary[c - 1]);
	const listed = used.length > MOST_LABELS ? used.map((text) => (isMissingWord(text.trim()) ? text : '')) : used;
	return { codes: picked.map((code) => place[code]), dictionary: listed };
}
