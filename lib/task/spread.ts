import type { AnswerSummary, Answers } from './contract.js';

const BINS = 20;

/** A histogram of answers of one number; nothing without an answer. */
export function spreadOf({ rows, scores, answered }: Answers): Pick<AnswerSummary, 'numbers'> {
	const sorted = scores
		.subarray(0, rows)
		.filter((_, i) => answered[i])
		.sort();
	if (!sorted.length) return {};
	const [min, median, max] = [sorted[0], sorted[sorted.length >> 1], sorted[sorted.length - 1]];
	const width = (max - min) / BINS || 1;
	const counts = Array.from({ length: BINS }, () => 0);
	for (const v of sorted) counts[Math.min(BINS - 1, Math.floor((v - min) / width))]++;
	return { numbers: { edges: Array.from({ length: BINS + 1 }, (_, i) => min + i * width), counts, min, median, max } };
}
