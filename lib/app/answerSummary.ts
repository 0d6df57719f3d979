import type { ModelManifest } from '../domain/model.js';
import { classOf, isAnswer } from '../serve/predictor.js';

export interface AnswerSummary {
	counts?: Array<{ value: string; count: number }>;
	numbers?: { edges: number[]; counts: number[]; min: number; median: number; max: number };
	threshold?: { value: number; positive: string };
}

const BINS = 20;

/** How the answers to many rows are spread: how often each class (the most frequent first), or a histogram of the numbers. `scores` are row-major. */
export function answerSummary(
	{ task, classes, threshold }: Pick<ModelManifest, 'task' | 'classes' | 'threshold'>,
	scores: Float64Array,
	rows: number,
): AnswerSummary {
	const outputs = scores.length / Math.max(1, rows);
	const answers: number[] = [];
	for (let i = 0; i < rows; i++) {
		const score = scores.subarray(i * outputs, (i + 1) * outputs);
		if (isAnswer(score)) answers.push(task === 'regression' ? score[0] : classOf({ task, threshold }, score));
	}
	if (task !== 'regression') {
		const counts = classes.map((c) => ({ value: String(c), count: 0 }));
		for (const k of answers) counts[k].count++;
		return {
			counts: counts.sort((a, b) => b.count - a.count),
			...(task === 'binary' ? { threshold: { value: threshold, positive: String(classes[1]) } } : {}),
		};
	}
	if (!answers.length) return {};
	const sorted = Float64Array.from(answers).sort();
	const [min, median, max] = [sorted[0], sorted[sorted.length >> 1], sorted[sorted.length - 1]];
	const width = (max - min) / BINS || 1;
	const counts = Array.from({ length: BINS }, () => 0);
	for (const v of sorted) counts[Math.min(BINS - 1, Math.floor((v - min) / width))]++;
	return { numbers: { edges: Array.from({ length: BINS + 1 }, (_, i) => min + i * width), counts, min, median, max } };
}
