// Writes dist/nodes/<Node>/__schema__: what each node's items look like, so that the editor can map fields before a first run.
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const require = createRequire(import.meta.url);
const { toJSONSchema } = require('zod/v4');
const { itemJson } = require(join(root, 'dist/lib/domain/item.js'));
const { OUTPUTS } = require(join(root, 'dist/nodes/shared/outputs.js'));

for (const { folder, keys, operations } of Object.values(OUTPUTS)) {
	const { properties } = toJSONSchema(itemJson, { io: 'output', unrepresentable: 'any' });
	const schema = { type: 'object', properties: Object.fromEntries(keys.map((k) => [k, properties[k]])), version: 1 };
	const base = join(root, 'dist/nodes', folder, '__schema__');
	// n8n looks for v1.0.0/<operation>.json, or without operations for v1.0.0.json and v1.0.0/output.json.
	const files = operations ? operations.map((o) => `v1.0.0/${o}.json`) : ['v1.0.0.json', 'v1.0.0/output.json'];
	await mkdir(join(base, 'v1.0.0'), { recursive: true });
	for (const file of files) await writeFile(join(base, file), `${JSON.stringify(schema, null, '\t')}\n`);
}
