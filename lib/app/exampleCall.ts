import { readPackage } from '../formats/modelPackage.js';
import type { ServeOptions } from '../domain/serveOptions.js';
import type { Store } from '../store/contract.js';
import { resolveVersion } from './modelReference.js';

/**
 * A command that asks a server for an answer to the example row of one of its models, for people to paste. Undefined while nothing is
 * deployed.
 */
export async function exampleCall(store: Store, url: string, { models, keys, tlsCert }: ServeOptions): Promise<string | undefined> {
	for (const name of models.length ? models : await store.names('modelVersion')) {
		if ((await store.alias(name, 'champion')) === null) continue;
		const { body } = await resolveVersion(store, { name, alias: 'champion' });
		const { manifest } = readPackage(await store.artifacts.get(body.digest));
		const row = manifest.example ?? Object.fromEntries(manifest.signature.map((column) => [column.name, null]));
		return [
			`curl ${tlsCert === undefined ? '' : '--insecure '}${url}/v1/models/${encodeURIComponent(name)}/predict`,
			"-H 'content-type: application/json'",
			...(keys ? ['-H "authorization: Bearer $MLOPS_KEY"'] : []),
			`-d ${quoted(JSON.stringify({ row }))}`,
		].join(' ');
	}
	return undefined;
}

/** Text as one word of a shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
