import { stat } from 'node:fs/promises';
import { MlopsError } from '../domain/errors.js';
import type { ModelHandle } from '../domain/model.js';
import type { Store, StoredRecord } from '../store/contract.js';

/** A registered version: by number (`3`), or by alias (`champion`). */
export type VersionReference = { name: string; version?: number; alias?: string };

/** What a model without a name is called in logs. */
export const UNREGISTERED = 'unregistered model';

/** A model in logs and results: `name@3`, or its name alone where it has no version. */
export const modelLabel = ({ name = UNREGISTERED, version }: { name?: string; version?: number }): string =>
	version ? `${name}@${version}` : name;

/** Reads `name`, `name@champion` or `name@3`; without a part behind the @ the alias `champion` is meant. */
export function parseReference(text: string): VersionReference {
	const at = text.lastIndexOf('@');
	if (at < 0) return { name: text.trim(), alias: 'champion' };
	const name = text.slice(0, at).trim();
	const which = text.slice(at + 1).trim();
	return /^\d+$/.test(which) ? { name, version: Number(which) } : { name, alias: which };
}

/** The registered version that a reference means. @throws `store.not_found` saying which names, aliases or versions there are */
export async function resolveVersion(store: Store, reference: VersionReference): Promise<StoredRecord<'modelVersion'>> {
	const { name, alias } = reference;
	if (!name) throw new MlopsError('input.invalid', 'No model is chosen.', { remedy: 'Pick a registered model by its name.' });
	const version = reference.version ?? (alias ? await store.alias(name, alias) : undefined);
	const record = version === null || version === undefined ? undefined : await store.find('modelVersion', name, version);
	if (record) return record;
	const names = await store.names('modelVersion');
	if (!names.includes(name)) {
		throw new MlopsError('store.not_found', `There is no registered model named "${name}".`, {
			expected: names.length ? `one of: ${names.slice(0, 10).join(', ')}` : 'a model that MLOps Deploy registered',
			remedy: 'Deploy a model under this name first, or pick another.',
		});
	}
	const aliases = Object.entries(await store.aliases(name)).map(([a, v]) => `${a} (version ${v})`);
	throw new MlopsError(
		'store.not_found',
		alias ? `The model "${name}" has no alias "${alias}".` : `The model "${name}" has no version ${version}.`,
		{
			expected: aliases.length ? `one of: ${aliases.join(', ')}` : 'an alias',
			remedy: 'Let MLOps Deploy move this alias to a version, or choose another.',
		},
	);
}

/** The handle that travels for a registered version. */
export async function handleOfVersion(store: Store, { id, name, version, body }: StoredRecord<'modelVersion'>): Promise<ModelHandle> {
	const { size } = await stat(await store.artifacts.materialise(body.digest));
	return { kind: 'mlops.model', v: 1, storeId: store.id, id, name, version, digest: body.digest, runId: body.runId, size };
}
