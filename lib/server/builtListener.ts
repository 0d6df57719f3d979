import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** `<root>/dist/lib/server/listener.js`, the entry of the listeners, whether this file runs from `lib/` (tests) or from `dist/lib/`. */
export function builtListener(): string {
	const beside = join(__dirname, 'listener.js');
	return existsSync(beside) ? beside : join(__dirname, '..', '..', 'dist', 'lib', 'server', 'listener.js');
}
