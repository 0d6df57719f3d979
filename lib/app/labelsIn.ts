import { isNumberVector, vectorOf, type Frame } from '../data/frame.js';
import type { ModelManifest } from '../domain/model.js';
import { MlopsError } from '../domain/errors.js';
import { transformRecipe } from '../recipe/fit.js';

/**
 * True answers of rows that have them: class codes (order of `manifest.classes`) or values, NaN where missing or of a class the model
 * does not know. Undefined when the rows lack the columns that the target is made of.
 */
export async function labelsIn(frame: Frame, manifest: ModelManifest): Promise<Float64Array | undefined> {
	const known = manifest.recipe.input.every((c) => frame.schema.some((f) => f.name === c.name));
	if (!known) return undefined;
	let labelled: Frame;
	try {
		labelled = await transformRecipe(frame, manifest.recipe, { labelled: true });
	} catch (thrown) {
		if (MlopsError.from(thrown).code === 'data.column_unknown') return undefined;
		throw thrown;
	}
	if (!labelled.schema.some((c) => c.name === manifest.target)) return undefined;
	const v = vectorOf(labelled, manifest.target);
	if (manifest.task === 'regression') return isNumberVector(v) ? v.data : undefined;
	return isNumberVector(v) ? codesOfNumbers(v.data, manifest.classes) : codesOfStrings(v.codes, v.dictionary, manifest.classes);
}

function codesOfNumbers(data: Float64Array, classes: ModelManifest['classes']): Float64Array {
	// Booleans lie in frames as 0 and 1.
	const index = new Map(classes.map((c, i) => [Number(c), i]));
	return Float64Array.from(data, (v) => index.get(v) ?? NaN);
}

function codesOfStrings(codes: Uint32Array, dictionary: readonly string[], classes: ModelManifest['classes']): Float64Array {
	const index = new Map(classes.map((c, i) => [String(c), i]));
	const map = [NaN, ...dictionary.map((d) => index.get(d) ?? NaN)];
	return Float64Array.from(codes, (c) => map[c]);
}
