import { dictionary } from '../../domain/dictionary.js';
import { isNumberVector, type Frame } from '../../data/frame.js';

/**
 * A row as a caller might send it: the most typical value of each column by itself (median or most frequent), so that no person's record
 * travels with the model.
 */
export function exampleOf(frame: Frame, rows: Uint32Array, columns: ReadonlySet<string>, target: string): Record<string, unknown> {
	const example = dictionary<unknown>();
	frame.schema.forEach((column, j) => {
		if (!columns.has(column.name) || column.name === target) return;
		const v = frame.vectors[j];
		if (!isNumberVector(v)) {
			const counts = new Uint32Array(v.dictionary.length + 1);
			for (const i of rows) counts[v.codes[i]]++;
			let best = 0;
			for (let k = 1, n = counts.length; k < n; k++) if (counts[k] > 0 && (best === 0 || counts[k] > counts[best])) best = k;
			example[column.name] = best === 0 ? null : v.dictionary[best - 1];
			return;
		}
		const middle = medianOf(v.data, rows);
		if (middle === undefined) example[column.name] = null;
		else if (column.type === 'boolean') example[column.name] = middle >= 0.5;
		else if (column.type === 'datetime') example[column.name] = new Date(middle).toISOString();
		else example[column.name] = middle;
	});
	return example;
}

/** A value that occurs, near the middle; of many rows an even sample is enough for an example. */
function medianOf(data: Float64Array, rows: Uint32Array): number | undefined {
	const step = Math.ceil(rows.length / 10_000);
	const sample: number[] = [];
	for (let i = 0, n = rows.length; i < n; i += step) if (!Number.isNaN(data[rows[i]])) sample.push(data[rows[i]]);
	sample.sort((a, b) => a - b);
	return sample[Math.floor((sample.length - 1) / 2)];
}
