import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** `<root>/dist/lib/app/worker.js`, the entry of the compute processes, whether this file runs from `lib/` (tests) or from `dist/lib/`. */
export function builtWorker(): string {
	const beside = join(__dirname, '..', 'app', 'worker.js');
	return existsSync(beside) ? beside : join(__dirname, '..', '..', 'dist', 'lib', 'app', 'worker.js');
}
