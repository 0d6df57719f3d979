import fs from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { root } from './paths.mts';

const manifest = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));

/** Packages that are found at run time: what npm installs beside us, what n8n brings, and what a person may add. */
const runtime = new Set([
	...Object.keys(manifest.dependencies ?? {}),
	...Object.keys(manifest.peerDependencies ?? {}),
	'n8n-workflow',
	'n8n-core',
]);

/** `@scope/name/sub/path` -> `@scope/name`. */
export const packageOf = (specifier: string) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

export const isRelative = (specifier: string) => /^\.{0,2}\//.test(specifier);

export const isBuiltin = (specifier: string) => specifier.startsWith('node:') || builtinModules.includes(specifier);

/** True for imports that stay as they are in the published files. */
export const isExternal = (specifier: string) => isBuiltin(specifier) || runtime.has(packageOf(specifier));

/** The file name in `dist/vendor` of a bundled import: `zod/v4` -> `zod_v4.js`. */
export const vendorFile = (specifier: string) => `${specifier.replace(/^@/, '').replace(/[^\w.-]+/g, '_')}.js`;
