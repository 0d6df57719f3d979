import { type Dictionary } from '../domain/dictionary.js';
import { valueAt, withoutColumns, type Frame } from '../data/frame.js';
import { takeRows } from '../data/takeRows.js';
import { frameRows } from '../data/preview.js';
import { findingAt, warningOf, type ColumnFindings, type ReadingWarning } from '../data/reading/index.js';
import { MlopsError } from '../domain/errors.js';
import type { ModelManifest } from '../domain/model.js';
import { isAnswer } from '../task/answerColumn.js';
import { taskById } from '../task/index.js';
import type { Store } from '../store/contract.js';
import { logEntry, type ChosenModel } from './predictRows.js';

/** Rows of one dataset that the prediction log takes: enough to watch drift, and written within a second. */
const MOST_LOGGED = 10_000;

/**
 * Writes the rows of a predicted dataset to the prediction log as a caller would have sent them; of many an even sample. Returns how many
 * rows it offered, and why the log took none.
 */
export async function logDataset(
	store: Store,
	model: ChosenModel,
	manifest: ModelManifest,
	frame: Frame,
	scores: Float64Array,
	findings: readonly ColumnFindings[] = [],
): Promise<{ rows: number; refused?: MlopsError }> {
	const rows = Math.min(MOST_LOGGED, frame.rows);
	const picked = Uint32Array.from({ length: rows }, (_, i) => Math.floor((i * frame.rows) / rows));
	const columns = manifest.signature.map((c) => c.name);
	const kept = new Set(columns);
	const inputs = frameRows(
		takeRows(
			withoutColumns(
				frame,
				frame.schema.map((c) => c.name).filter((name) => !kept.has(name)),
			),
			picked,
		),
	);
	const task = taskById(manifest.task);
	const outputs = scores.length / Math.max(1, frame.rows);
	const noteworthy = findings.filter((f) => kept.has(f.column.name));
	const entries = inputs.flatMap((input, i) => {
		const warnings = warningsAt(noteworthy, picked[i], frame, input);
		const score = scores.subarray(picked[i] * outputs, (picked[i] + 1) * outputs);
		return isAnswer(score)
			? [
					logEntry(
						model,
						input,
						{ answer: { ...task.answer(score, manifest), score: Array.from(score), ...(warnings.length ? { warnings } : {}) } },
						columns,
					),
				]
			: [];
	});
	// The answers are in the file: a log that takes nothing (a full disk) is no reason to lose them.
	const refused = await store.logPredictions(entries).then(
		() => undefined,
		(thrown: unknown) => MlopsError.from(thrown),
	);
	return { rows: entries.length, ...(refused ? { refused } : {}) };
}

/** What reading found in a row's cells. A cell that could not be read is logged as it came. */
function warningsAt(findings: readonly ColumnFindings[], row: number, frame: Frame, input: Dictionary<unknown>): ReadingWarning[] {
	return findings.flatMap((found) => {
		const finding = findingAt(found, row);
		if (!finding) return [];
		const { column, cellAt } = found;
		if (finding === 'unread') {
			input[column.name] = cellAt(row);
			return [];
		}
		const read = valueAt(frame.vectors[frame.schema.findIndex((c) => c.name === column.name)], row);
		return [warningOf(finding, column, found.seen, cellAt(row), read)];
	});
}
