import type { ModelManifest } from '../domain/model.js';

/**
 * Columns that callers send and whose values may drift. Dates move on by themselves; the target and what the model does not use are not
 * asked for.
 */
export const watchedColumns = (manifest: ModelManifest): string[] =>
	manifest.signature.filter((c) => c.role === 'feature' && c.type !== 'datetime').map((c) => c.name);
