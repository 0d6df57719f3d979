import { MlopsError } from '../domain/errors.js';
import { readPackage } from '../formats/modelPackage.js';
import type { Exported, ExportFormat } from './contract.js';
import { mlflow } from './mlflow/mlflow.js';
import { onnx } from './onnx.js';

/**
 * All forms for other programs, in the order of the form; the first is what workflows mean that name none. A new one is one file and one
 * line here.
 */
export const EXPORTS: readonly ExportFormat[] = [onnx, mlflow];

/** @throws `input.invalid` naming what there is */
export function exportById(id: string): ExportFormat {
	const format = EXPORTS.find((f) => f.id === id);
	if (format) return format;
	throw new MlopsError('input.invalid', `There is no format "${id}" to write a model in.`, {
		expected: `one of: ${EXPORTS.map((f) => f.id).join(', ')}`,
		found: id,
		remedy: 'Pick a format from the list.',
	});
}

/**
 * Writes a model package in a format.
 * @throws why a model of this kind has no such form (`learn.no_onnx`), `learn.model_invalid`, and what the format's `write` throws
 */
export async function writeExport(format: ExportFormat, model: { name: string; digest: string; bytes: Uint8Array }): Promise<Exported> {
	const { manifest, state } = readPackage(model.bytes);
	const refusal = format.refusal(manifest);
	if (refusal) throw refusal;
	return await format.write({ ...model, manifest, state });
}
