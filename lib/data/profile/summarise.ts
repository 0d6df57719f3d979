import type { ColumnSchema } from '../../domain/column.js';
import type { ColumnProfile } from '../../domain/profile.js';
import { compareText } from '../sortDictionary.js';
import { isNumberVector, type StringVector, type Vector } from '../frame.js';
import { cutText } from '../../domain/text.js';
import { SortedSummary, TOP, type Summary } from './sortedSummary.js';

/** A frequent text as it is listed. */
export const listedText = (text: string): string => cutText(text, 200);

/** Statistics of one column in memory, exact: numbers are sorted once. */
export function summarise(column: ColumnSchema, vector: Vector): ColumnProfile {
	return profileOf(column, isNumberVector(vector) ? summariseNumbers(vector.data) : summariseStrings(vector));
}

export const profileOf = ({ name, type, role }: ColumnSchema, summary: Summary): ColumnProfile => ({
	name,
	type,
	role,
	warnings: [],
	...summary,
});

function summariseNumbers(data: Float64Array): Summary {
	// A typed array sorts NaN to the end, infinities to both ends.
	const sorted = Float64Array.from(data).sort();
	let end = sorted.length;
	while (end > 0 && Number.isNaN(sorted[end - 1])) end--;
	let from = 0;
	let to = end;
	while (from < to && sorted[from] === -Infinity) from++;
	while (to > from && sorted[to - 1] === Infinity) to--;
	const finite = sorted.subarray(from, to);
	const summary = new SortedSummary({
		missing: sorted.length - end,
		finite: finite.length,
		infinities: Number(from > 0) + Number(to < end),
		min: finite[0],
		max: finite[finite.length - 1],
	});
	summary.add(finite);
	summary.addSquares(finite);
	return summary.finish();
}

function summariseStrings({ codes, dictionary }: StringVector): Summary {
	const counts = new Uint32Array(dictionary.length + 1);
	for (let i = 0, n = codes.length; i < n; i++) counts[codes[i]]++;
	const used: number[] = [];
	for (let c = 1, n = counts.length; c < n; c++) if (counts[c] > 0) used.push(c);
	const top = used
		.sort((a, b) => counts[b] - counts[a] || compareText(dictionary[a - 1], dictionary[b - 1]))
		.slice(0, TOP)
		.map((c) => ({ value: listedText(dictionary[c - 1]), count: counts[c] }));
	return { missing: counts[0], distinct: used.length, top };
}
