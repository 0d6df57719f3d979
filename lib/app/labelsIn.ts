import { isNumberVector, vectorOf, type Frame, type Vector } from '../data/frame.js';
import { joined } from '../data/joined.js';
import { rowsBetween } from '../data/takeRows.js';
import type { ModelManifest } from '../domain/model.js';
import { MlopsError } from '../domain/errors.js';
import { ROWS_SCORED_TOGETHER } from '../learn/score.js';
import { noRowForms, transformRecipe } from '../recipe/fit.js';
import { taskById } from '../task/index.js';

/**
 * True answers of rows that have them: class codes (order of `manifest.classes`) or values, NaN where missing or of a class the model
 * does not know. Undefined when the rows lack the columns that the target is made of.
 */
export async function labelsIn(frame: Frame, manifest: ModelManifest): Promise<Float64Array | undefined> {
	const target = await targetIn(frame, manifest);
	return target && taskById(manifest.task).truth(target, manifest.classes);
}

/** The target of rows that have one, as the recipe leaves it; many rows go through it in parts, unless a step looks at all of them. */
export async function targetIn(frame: Frame, manifest: ModelManifest): Promise<Vector | undefined> {
	if (frame.rows <= ROWS_SCORED_TOGETHER || noRowForms(manifest.recipe).length) return await targetAtOnce(frame, manifest);
	const parts: Vector[] = [];
	for (let from = 0; from < frame.rows; from += ROWS_SCORED_TOGETHER) {
		const part = rowsBetween(frame, from, Math.min(frame.rows, from + ROWS_SCORED_TOGETHER));
		const target = await targetAtOnce(part, manifest);
		if (!target) return undefined;
		parts.push(isNumberVector(target) ? { data: target.data.slice() } : { codes: target.codes, dictionary: target.dictionary });
	}
	return joined(parts, frame.rows);
}

async function targetAtOnce(frame: Frame, manifest: ModelManifest): Promise<Vector | undefined> {
	const known = manifest.recipe.input.every((c) => frame.schema.some((f) => f.name === c.name));
	if (!known) return undefined;
	let labelled: Frame;
	try {
		labelled = await transformRecipe(frame, manifest.recipe, { labelled: true });
	} catch (thrown) {
		if (MlopsError.from(thrown).code === 'data.column_unknown') return undefined;
		throw thrown;
	}
	return labelled.schema.some((c) => c.name === manifest.target) ? vectorOf(labelled, manifest.target) : undefined;
}
