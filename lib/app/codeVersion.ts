import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface Code {
	version: string;
	digest: string;
}

let known: Code | undefined;

/**
 * Version of this package, for people. A model's package holds it, so the same training gives the same bytes whichever build of a version
 * ran.
 */
export const packageVersion = (): string => code().version;

/** Version and digest of the code that ran, `0.1.0+1f2e3d4c5b6a`: kept with each run, to tell two builds of one version apart. */
export const codeVersion = (): string => `${code().version}+${code().digest.slice(0, 12)}`;

/** SHA-256 of the code that computes: part of what makes a stored run or evaluation reusable, since other code may answer otherwise. */
export const codeDigest = (): string => code().digest;

const code = (): Code => (known ??= readCode(__dirname));

/**
 * Looks upwards from a folder inside the package for its version, and for the digest that the build wrote; sources that were not built
 * are digested here.
 */
export function readCode(from: string): Code {
	let built: string | undefined;
	for (let at = from; dirname(at) !== at; at = dirname(at)) {
		built ??= jsonIn(at, 'build.json')?.code;
		const parsed = jsonIn(at, 'package.json');
		if (parsed?.name === 'n8n-nodes-mlops')
			return { version: parsed.version ?? 'unknown', digest: built ?? digestOfFiles(join(at, 'lib')) };
	}
	return { version: 'unknown', digest: built ?? 'unknown' };
}

function jsonIn(folder: string, name: string): Record<string, string | undefined> | undefined {
	const file = join(folder, name);
	return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>) : undefined;
}

function digestOfFiles(folder: string): string {
	const hash = createHash('sha256');
	const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
	const files = entries
		.filter((entry) => entry.isFile() && /\.(ts|wasm)$/.test(entry.name))
		.map((entry) => join(entry.parentPath, entry.name));
	for (const file of files.sort()) hash.update(`\0${file.slice(folder.length)}\0`).update(readFileSync(file));
	return hash.digest('hex');
}
