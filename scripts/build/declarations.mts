// dist/lib/index.d.ts: the types of the library's entry in one file that needs no other. Functions and interfaces are taken from
// lib/index.ts as they are; types that schemas describe are written out from the schemas, with the descriptions as comments.
import fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import ts from 'typescript';
import type { ZodType } from 'zod/v4';
import { dist, root } from './paths.mts';

const require = createRequire(import.meta.url);

/** What our schemas are made of. */
interface JsonSchema {
	const?: unknown;
	enum?: unknown[];
	anyOf?: JsonSchema[];
	oneOf?: JsonSchema[];
	type?: string;
	description?: string;
	items?: JsonSchema;
	properties?: Record<string, JsonSchema>;
	required?: string[];
	additionalProperties?: JsonSchema | false;
}
/** Types that have a name, by the text of their schema. */
type Names = ReadonlyMap<string, string>;

/** Where they lie inside `dist`. */
export const DECLARATIONS = 'lib/index.d.ts';

/** Writes the declarations from the sources and from what was built of them. */
export async function writeDeclarations(): Promise<void> {
	const source = path.join(root, 'lib/index.ts');
	const { outputText, diagnostics } = ts.transpileDeclaration(await fs.readFile(source, 'utf8'), {
		fileName: source,
		reportDiagnostics: true,
		compilerOptions: { declaration: true, target: ts.ScriptTarget.ES2023 },
	});
	if (diagnostics?.length) throw new Error(ts.flattenDiagnosticMessageText(diagnostics[0].messageText, '\n'));
	const imports = /^import (?:type )?\{([^}]*)\} from '\.\/([^']+)\.js';\n/gm;
	const schemas = new Map<string, JsonSchema>();
	for (const [, names, file] of outputText.matchAll(imports)) {
		for (const name of names.split(',').map((n) => n.replace(/^\s*type /, '').trim())) {
			if (name) schemas.set(name, await schemaOf(name, file));
		}
	}
	const own = outputText.replaceAll(imports, '').replace("export { MlopsError } from './domain/errors.js';", ERROR.trim());
	const left = /from '\.[^']*'/.exec(own);
	if (left) throw new Error(`lib/index.ts gives something of which dist/lib/index.d.ts would need another file: ${left[0]}`);
	const names = new Map([...schemas].map(([name, schema]) => [JSON.stringify(schema), name]));
	const described = [...schemas].map(([name, schema]) => `export type ${name} = ${objectText(schema, names, '\t')};`);
	await fs.writeFile(path.join(dist, DECLARATIONS), `${own.trim()}\n\n${described.join('\n\n')}\n`);
}

const ERROR = `
/** The one kind of error that the library throws: its message says what happened, the details where, and what to do. */
export declare class MlopsError extends Error {
	/** For programs; a code never changes its meaning. */
	readonly code: string;
	readonly details: { column?: string; row?: number; expected?: string; found?: string; remedy?: string };
}
`;

/** The JSON schema of a type that a source file makes of a zod schema. */
async function schemaOf(name: string, file: string): Promise<JsonSchema> {
	const text = await fs.readFile(path.join(root, `lib/${file}.ts`), 'utf8');
	const [, side, schema] = new RegExp(`export type ${name} = z\\.(infer|input|output)<typeof (\\w+)>`).exec(text) ?? [];
	if (!schema) throw new Error(`lib/index.ts uses the type ${name} of ${file}, which no schema describes: declare it in lib/index.ts.`);
	// The copy of zod that the built code has: descriptions lie in a registry of its own.
	const { toJSONSchema } = require(path.join(dist, 'vendor/zod_v4.js')) as typeof import('zod/v4');
	const built = require(path.join(dist, `lib/${file}.js`)) as Record<string, ZodType>;
	return toJSONSchema(built[schema], {
		io: side === 'input' ? 'input' : 'output',
		unrepresentable: 'any',
		reused: 'inline',
		override: ({ jsonSchema }) => plain(jsonSchema as JsonSchema),
	}) as JsonSchema;
}

/** Inputs and outputs of one schema look alike, so that types within types are known again. */
function plain(schema: JsonSchema): void {
	if (schema.additionalProperties === false) delete schema.additionalProperties;
}

/** A JSON schema as a type. `names` are the types that have one. */
function typeText(schema: JsonSchema, names: Names, indent: string): string {
	if (schema.const !== undefined) return JSON.stringify(schema.const);
	if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
	const choices = schema.anyOf ?? schema.oneOf;
	if (choices) return [...new Set(choices.map((one) => typeText(one, names, indent)))].join(' | ');
	switch (schema.type) {
		case 'string':
		case 'boolean':
		case 'null':
			return schema.type;
		case 'number':
		case 'integer':
			return 'number';
		case 'array':
			return `Array<${typeText(schema.items ?? {}, names, indent)}>`;
		case 'object': {
			const { description: _said, title: _shown, placeholder: _sample, ...bare } = schema as JsonSchema & Record<string, unknown>;
			const name = [...names].find(([text]) => text.endsWith(JSON.stringify(bare).slice(1)))?.[1];
			if (name) return name;
			return schema.properties
				? objectText(schema, names, `${indent}\t`)
				: `Record<string, ${typeText(schema.additionalProperties || {}, names, indent)}>`;
		}
		default:
			return 'unknown';
	}
}

function objectText({ properties = {}, required = [] }: JsonSchema, names: Names, indent: string): string {
	const fields = Object.entries(properties).map(([key, field]) => {
		const name = /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
		const comment = field.description ? `${indent}/** ${field.description.replaceAll('*/', '* /')} */\n` : '';
		return `${comment}${indent}${name}${required.includes(key) ? '' : '?'}: ${typeText(field, names, indent)};`;
	});
	return fields.length ? `{\n${fields.join('\n')}\n${indent.slice(1)}}` : '{}';
}
