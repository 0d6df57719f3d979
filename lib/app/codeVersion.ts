import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

let known: string | undefined;

/** Version of this package: kept with each run, and part of what makes a stored run reusable. */
export function codeVersion(): string {
	for (let at = __dirname; !known; at = dirname(at)) {
		const file = join(at, 'package.json');
		const parsed = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string }) : {};
		if (parsed.name === 'n8n-nodes-mlops') known = parsed.version;
		else if (dirname(at) === at) known = 'unknown';
	}
	return known!;
}
