import { valueAt, type Frame } from '../data/frame.js';
import type { LoadedModel, RowScore } from '../learn/score.js';
import type { Row } from '../recipe/contract.js';

/** What a model says of single rows of a frame, with the reasons. Undefined where it cannot tell any. */
export function explainRows(frame: Frame, model: LoadedModel): ((row: number) => RowScore) | undefined {
	if (!model.rowFunction || model.reasons === 'none') return undefined;
	const explain = model.rowFunction();
	const inputs = model.manifest.recipe.input.map((c) => c.name);
	const vectors = inputs.map((name) => frame.vectors[frame.schema.findIndex((c) => c.name === name)]);
	return (i) => {
		const row: Row = Object.create(null) as Row;
		inputs.forEach((name, j) => {
			row[name] = vectors[j] ? valueAt(vectors[j], i) : null;
		});
		return explain(row);
	};
}
