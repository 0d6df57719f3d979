import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'n8n-nodes-mlops');

/** A Python environment with packages of PyPI, made once and kept in the user's cache. */
export interface PythonEnvironment {
	/** Its interpreter. Programs of packages are called by it (`-m`), since their own scripts name the place where they were installed. */
	python: string;
	/** Why it cannot be had here; undefined where it is there. Makes it where it is not. */
	missing(): Promise<string | undefined>;
}

/**
 * @param name of its folder in the cache; another set of packages needs another name
 * @param packages with their versions
 */
export function pythonEnvironment(name: string, packages: readonly string[]): PythonEnvironment {
	const place = join(cache, name);
	return {
		python: join(place, 'bin', 'python'),
		async missing() {
			if (existsSync(join(place, 'complete'))) return undefined;
			try {
				execFileSync('python3', ['-c', 'import sys, venv; assert sys.version_info >= (3, 11)'], { stdio: 'ignore' });
			} catch {
				return 'there is no Python 3.11 or newer';
			}
			const fresh = `${place}.${process.pid}`;
			try {
				mkdirSync(dirname(fresh), { recursive: true });
				await run('python3', ['-m', 'venv', fresh]);
				await run(join(fresh, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages]);
				writeFileSync(join(fresh, 'complete'), packages.join('\n'));
				// Scripts of the environment name its first place, the interpreter finds itself.
				if (!existsSync(place)) renameSync(fresh, place);
				return undefined;
			} catch (error) {
				return `${packages[0]} could not be installed (${String((error as Error).message).slice(0, 200)})`;
			} finally {
				rmSync(fresh, { recursive: true, force: true });
			}
		},
	};
}
