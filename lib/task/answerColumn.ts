import type { Answers, FileColumn } from './contract.js';

export const numberColumn = (name: string, data: Float64Array): FileColumn => ({
	schema: { name, type: 'number', role: 'feature' },
	vector: { data },
});

export const textColumn = (name: string, codes: Uint32Array, dictionary: readonly string[]): FileColumn => ({
	schema: { name, type: 'category', role: 'feature' },
	vector: { codes, dictionary },
});

/** One of the model's outputs, empty for rows without an answer. */
export function outputColumn(name: string, { rows, scores, outputs, answered }: Answers, output: number): FileColumn {
	const out = new Float64Array(rows);
	for (let i = 0; i < rows; i++) out[i] = answered[i] ? scores[i * outputs + output] : NaN;
	return numberColumn(name, out);
}

/** False where a row's numbers are so far out that the model gives none itself (an overflow). */
export function isAnswer(score: ArrayLike<number>): boolean {
	for (let k = 0; k < score.length; k++) if (!Number.isFinite(score[k])) return false;
	return true;
}
