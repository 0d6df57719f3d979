import { createHash, type Hash } from 'node:crypto';
import type { ColumnSchema } from '../domain/column.js';
import { canonicalJson, sha256 } from '../domain/json.js';
import { isNumberVector, type Vector } from './frame.js';

const BLOCK = 1 << 16;

/** SHA-256 over one column's values in order: 8 bytes a number (little-endian, one NaN for missing), length and UTF-8 text a string. */
export function vectorDigest(vector: Vector): string {
	const hash = createHash('sha256');
	if (isNumberVector(vector)) hash.update(new Uint8Array(vector.data.buffer, vector.data.byteOffset, vector.data.byteLength));
	else hashStrings(hash, vector.codes, vector.dictionary);
	return hash.digest('hex');
}

function hashStrings(hash: Hash, codes: Uint32Array, dictionary: readonly string[]): void {
	// Each value is told from its neighbours by its length, so the stream has one reading only.
	const marked = dictionary.map((text) => `${text.length}:${text}`);
	const parts: string[] = [];
	for (let start = 0, n = codes.length; start < n; start += BLOCK) {
		const end = Math.min(codes.length, start + BLOCK);
		parts.length = 0;
		for (let i = start; i < end; i++) parts.push(codes[i] === 0 ? '-' : marked[codes[i] - 1]);
		hash.update(parts.join(''), 'utf8');
	}
}

/**
 * Identity of a dataset: names, types and ordered values, whatever file they came from, and the texts kept beside values. Roles and formats
 * are no part of it.
 * @param texts digests of the texts by column name; without any the identity is that of version 1, so that stored versions keep theirs
 */
export function contentDigest(
	schema: readonly ColumnSchema[],
	rows: number,
	columnDigests: readonly string[],
	texts: ReadonlyMap<string, string> = new Map(),
): string {
	const columns = schema.map(({ name, type }, i) => ({
		name,
		type,
		values: columnDigests[i],
		...(texts.has(name) ? { texts: texts.get(name)! } : {}),
	}));
	return sha256(canonicalJson({ v: texts.size ? 2 : 1, rows, columns }));
}
