import { z } from 'zod/v4';
import type { ModelHandle } from '../../domain/model.js';
import type { ItemExported } from '../../domain/item.js';
import { exportChoices } from '../catalogue.js';
import { exportModelJob } from '../jobs/exportModelJob.js';
import { modelLabel } from '../modelReference.js';
import type { Session } from '../session.js';
import { checkedRequest } from './checkedRequest.js';
import type { Outcome } from './outcome.js';
import { modelFor, modelReference } from './references.js';

/** What MLOps Deploy asks to export a model, for scripts and the command line. */
export const exportRequest = z.object({
	model: modelReference,
	format: z
		.string()
		.default(exportChoices[0].id)
		.meta({ description: `Form for other programs: ${exportChoices.map(({ id }) => id).join(', ')}`, placeholder: 'ID' }),
});
export type ExportRequest = z.input<typeof exportRequest>;

/** A file that was made: what to call it, and where it lies in the store. */
export interface ExportedFile {
	name: string;
	path: string;
}

/**
 * Writes a model for other programs. @throws `learn.no_onnx` and the like where this kind of model has no such form, `store.not_found`,
 * `input.invalid`
 */
export async function exportModel(
	session: Session,
	asked: ExportRequest,
): Promise<Outcome<{ model: ModelHandle; exported: ItemExported }> & { files: ExportedFile[] }> {
	const { store, run, actor } = session;
	const { model: reference, format } = checkedRequest(exportRequest, asked, 'export');
	const { model } = await modelFor(store, reference);
	const { exported, former, attachments } = await run(exportModelJob, {
		store: store.ref,
		digest: model.digest,
		model: modelLabel(model),
		format,
		actor,
	});
	const files: ExportedFile[] = [];
	for (const { file, fileName } of attachments) files.push({ name: fileName, path: await store.artifacts.materialise(file) });
	return { fields: { model, exported, ...former }, notes: [], files };
}
