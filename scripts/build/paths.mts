import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** Where everything that is published is built. */
export const dist = path.join(root, 'dist');

/** What one build leaves for the next one; never published. */
export const cache = path.join(root, 'node_modules/.cache/n8n-nodes-mlops');

/** `path` relative to `base` with forward slashes, as imports need it. */
export const slashed = (base: string, file: string) => path.relative(base, file).split(path.sep).join('/');
