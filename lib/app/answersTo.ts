import type { ModelManifest } from '../domain/model.js';
import type { Answers, AnswerSummary, FileColumn } from '../task/contract.js';
import { taskById } from '../task/index.js';

/** The answers to many rows: `scores` row-major, as the model gives them. */
export function answersTo(rows: number, scores: Float64Array): Answers {
	const outputs = scores.length / Math.max(1, rows);
	const answered = new Uint8Array(rows).fill(1);
	for (let i = 0; i < rows; i++) for (let k = 0; k < outputs; k++) if (!Number.isFinite(scores[i * outputs + k])) answered[i] = 0;
	return { rows, scores, outputs, answered };
}

/**
 * Columns of a file of predictions: `label` (if known), then those of the task. Rows for which the model gave no number are left empty;
 * `failed` counts them.
 */
export function answerColumns(
	answers: Answers,
	manifest: ModelManifest,
	labels: Float64Array | undefined,
): { columns: FileColumn[]; failed: number } {
	const task = taskById(manifest.task);
	return {
		columns: [...(labels ? [task.truthColumn(labels, manifest)] : []), ...task.columns(answers, manifest)],
		failed: answers.answered.reduce((n, a) => n - a, answers.rows),
	};
}

/** How the answers are spread. */
export const answerSummary = (
	answers: Answers,
	manifest: Pick<ModelManifest, 'task' | 'target' | 'classes' | 'threshold'>,
): AnswerSummary => taskById(manifest.task).summary(answers, manifest);
