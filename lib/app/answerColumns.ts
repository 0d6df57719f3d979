import type { Frame, Vector } from '../data/frame.js';
import type { ColumnSchema } from '../domain/column.js';
import type { ModelManifest } from '../domain/model.js';
import { classOf, isAnswer } from '../serve/predictor.js';

/** A column of a file of predictions. */
export interface FileColumn {
	schema: ColumnSchema;
	vector: Vector;
}

export const numberColumn = (name: string, data: Float64Array): FileColumn => ({
	schema: { name, type: 'number', role: 'feature' },
	vector: { data },
});
export const textColumn = (name: string, codes: Uint32Array, dictionary: readonly string[]): FileColumn => ({
	schema: { name, type: 'category', role: 'feature' },
	vector: { codes, dictionary },
});

/**
 * Columns of a file of predictions: `label` (if known), `prediction`, then `probability` of the positive class (binary), one `probability <class>`
 * each, or nothing more (regression). Rows for which the model gave no number are left empty; `failed` counts them.
 *
 * @param scores row-major, one or one a class for each row of `frame`
 */
export function answerColumns(
	{ rows }: Pick<Frame, 'rows'>,
	manifest: ModelManifest,
	scores: Float64Array,
	labels: Float64Array | undefined,
): { columns: FileColumn[]; failed: number } {
	const regression = manifest.task === 'regression';
	const classes = manifest.classes.map(String);
	const outputs = scores.length / Math.max(1, rows);
	const codes = new Uint32Array(rows);
	const answered = new Uint8Array(rows);
	let failed = 0;
	for (let i = 0; i < rows; i++) {
		const score = scores.subarray(i * outputs, (i + 1) * outputs);
		if (!isAnswer(score)) failed++;
		else {
			answered[i] = 1;
			if (!regression) codes[i] = classOf(manifest, score) + 1;
		}
	}
	const output = (k: number): Float64Array => {
		const out = new Float64Array(rows);
		for (let i = 0; i < rows; i++) out[i] = answered[i] ? scores[i * outputs + k] : NaN;
		return out;
	};
	const label =
		labels &&
		(regression
			? numberColumn('label', labels)
			: textColumn(
					'label',
					Uint32Array.from(labels, (y) => (Number.isNaN(y) ? 0 : y + 1)),
					classes,
				));
	const prediction = regression
		? [numberColumn('prediction', output(0))]
		: [
				textColumn('prediction', codes, classes),
				...(outputs === 1 ? [numberColumn('probability', output(0))] : classes.map((c, k) => numberColumn(`probability ${c}`, output(k)))),
			];
	return { columns: [...(label ? [label] : []), ...prediction], failed };
}
