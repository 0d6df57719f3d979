import { readFileSync } from 'node:fs';

/**
 * A setting of n8n's as n8n reads it: the environment variable, else the file that `<name>_FILE` names. Undefined where there is neither.
 */
export function n8nSetting(name: string, environment: NodeJS.ProcessEnv = process.env): string | undefined {
	const value = environment[name];
	if (value !== undefined) return value.trim().replace(/^(['"])(.*)\1$/, '$2');
	const file = environment[`${name}_FILE`];
	if (!file) return undefined;
	try {
		return readFileSync(file, 'utf8').trim();
	} catch {
		return undefined;
	}
}
