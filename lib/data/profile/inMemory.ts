import type { ColumnSchema } from '../../domain/column.js';
import { vectorDigest } from '../content.js';
import type { Duck, StoredFiles } from '../duck.js';
import { isNumberVector, type Vector } from '../frame.js';
import { loadFrameIn } from '../loadFrame.js';
import { signsOf } from '../signs.js';
import type { Collected, Pass } from './collected.js';
import { RowHashes } from './duplicates.js';
import { sampleRows } from './sample.js';
import { summarise } from './summarise.js';

/** Reads as many columns at a time as memory allows: for tables of few rows, and for wide ones, where queries cost more than values. */
export async function collectInMemory(
	duck: Duck,
	path: StoredFiles,
	{ schema, rows, memoryBytes }: { schema: ColumnSchema[]; rows: number; memoryBytes: number },
	pass: Pass,
): Promise<Collected> {
	const perBatch = Math.max(1, Math.min(2_000, Math.floor(memoryBytes / 4 / Math.max(1, rows * 8))));
	const hashes = new RowHashes(rows);
	const picked = sampleRows(rows);
	const found: Omit<Collected, 'duplicates' | 'sample'> = { profiles: [], digests: [], signs: [] };
	const samples: Vector[] = [];
	for (let from = 0; from < schema.length; from += perBatch) {
		const columns = schema.slice(from, from + perBatch).map((c) => c.name);
		const frame = await loadFrameIn(duck, path, { schema, columns });
		for (const [j, vector] of frame.vectors.entries()) {
			pass.check();
			found.digests.push(vectorDigest(vector));
			hashes.add(vector);
			found.profiles.push(summarise(schema[from + j], vector));
			found.signs.push(signsOf(vector));
			pass.progress((from + j + 1) / schema.length);
		}
		for (const vector of frame.vectors) samples.push(valuesAt(vector, picked));
	}
	return { ...found, duplicates: hashes.duplicates(), sample: async (index) => samples[index] };
}

/** The values of some rows, on their own: nothing holds the whole column any more. */
const valuesAt = (vector: Vector, rows: Uint32Array): Vector => {
	if (!isNumberVector(vector)) return { codes: rows.map((i) => vector.codes[i]), dictionary: vector.dictionary };
	return { data: Float64Array.from(rows, (i) => vector.data[i]) };
};
