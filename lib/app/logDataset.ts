import { type Dictionary } from '../domain/dictionary.js';
import { valueAt, withoutColumns, type Frame } from '../data/frame.js';
import { takeRows } from '../data/takeRows.js';
import { frameRows } from '../data/preview.js';
import { findingAt, warningOf, type ColumnFindings, type ReadingWarning } from '../data/reading/index.js';
import { MlopsError } from '../domain/errors.js';
import type { ModelManifest } from '../domain/model.js';
import { isAnswer } from '../task/answerColumn.js';
import { taskById } from '../task/index.js';
import type { PredictionLogEntry, Store } from '../store/contract.js';
import { logEntry, type ChosenModel } from './predictRows.js';

/** Rows of one dataset that the prediction log takes: enough to watch drift, and written within a second. */
const MOST_LOGGED = 10_000;

/** The sample of a predicted dataset's rows that goes to the prediction log, gathered part by part. */
export class DatasetLog {
	readonly #entries: PredictionLogEntry[] = [];
	/** Rows of the dataset, ascending. */
	readonly #picked: Uint32Array;
	#before = 0;
	#next = 0;

	/** @param rows of all parts */
	constructor(
		private readonly model: ChosenModel,
		private readonly manifest: ModelManifest,
		rows: number,
	) {
		const logged = Math.min(MOST_LOGGED, rows);
		this.#picked = Uint32Array.from({ length: logged }, (_, i) => Math.floor((i * rows) / logged));
	}

	/** Rows as the model read them, in their order, with its scores, as a caller would have sent them. */
	add(frame: Frame, scores: Float64Array, findings: readonly ColumnFindings[]): void {
		const { manifest, model } = this;
		const from = this.#next;
		while (this.#picked[this.#next] < this.#before + frame.rows) this.#next++;
		const picked = this.#picked.slice(from, this.#next).map((row) => row - this.#before);
		this.#before += frame.rows;
		const columns = manifest.signature.map((c) => c.name);
		const kept = new Set(columns);
		const others = frame.schema.map((c) => c.name).filter((name) => !kept.has(name));
		const inputs = frameRows(takeRows(withoutColumns(frame, others), picked));
		const task = taskById(manifest.task);
		const outputs = scores.length / Math.max(1, frame.rows);
		const noteworthy = findings.filter((f) => kept.has(f.column.name));
		for (const [i, input] of inputs.entries()) {
			const warnings = warningsAt(noteworthy, picked[i], frame, input);
			const score = scores.subarray(picked[i] * outputs, (picked[i] + 1) * outputs);
			if (!isAnswer(score)) continue;
			const answer = { ...task.answer(score, manifest), score: Array.from(score), ...(warnings.length ? { warnings } : {}) };
			this.#entries.push(logEntry(model, input, { answer }, columns));
		}
	}

	/** Writes them. @returns how many rows were offered, and why the log took none */
	async write(store: Store): Promise<{ rows: number; refused?: MlopsError }> {
		// The answers are in the file: a log that takes nothing (a full disk) is no reason to lose them.
		const refused = await store.logPredictions(this.#entries).then(
			() => undefined,
			(thrown: unknown) => MlopsError.from(thrown),
		);
		return { rows: this.#entries.length, ...(refused ? { refused } : {}) };
	}
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
