// Writes dist/nodes/<Node>/__schema__: what each node's items look like, so that the editor can map fields before a first run.
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const require = createRequire(import.meta.url);
const { toJSONSchema } = require('zod/v4') as typeof import('zod/v4');
const { itemFields } = require(join(root, 'dist/lib/domain/item.js')) as typeof import('../../lib/domain/item.js');
const { OUTPUTS } = require(join(root, 'dist/nodes/shared/outputs.js')) as typeof import('../../nodes/shared/outputs.js');

for (const { folder, keys, operations, second } of Object.values(OUTPUTS)) {
	const base = join(root, 'dist/nodes', folder, '__schema__');
	await writeSchemas(base, 'v1.0.0', keys, operations);
	if (second) await writeSchemas(base, 'v2.0.0', [...second, ...keys], operations);
}

/** n8n looks for `<version>/<operation>.json`, or without operations for `<version>.json` and `<version>/output.json`. */
async function writeSchemas(base: string, version: string, keys: readonly string[], operations?: readonly string[]): Promise<void> {
	const { properties } = toJSONSchema(itemFields, { io: 'output', unrepresentable: 'any' });
	const schema = { type: 'object', properties: Object.fromEntries(keys.map((k) => [k, properties?.[k]])), version: 1 };
	const files = operations ? operations.map((o) => `${version}/${o}.json`) : [`${version}.json`, `${version}/output.json`];
	await mkdir(join(base, version), { recursive: true });
	for (const file of files) await writeFile(join(base, file), `${JSON.stringify(schema, null, '\t')}\n`);
}
