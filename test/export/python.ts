import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** MLflow without its server: `mlflow.pyfunc` is the same code. */
const PACKAGES = ['mlflow-skinny==3.17.2', 'pandas==3.1.1', 'numpy==2.4.6'];
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'n8n-nodes-mlops');
const place = join(cache, 'mlflow-3.17.2');
const executable = join(place, 'bin', 'python');

/** Why there is no Python with MLflow here; undefined where there is one. */
export async function withoutMlflow(): Promise<string | undefined> {
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
		await run(join(fresh, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...PACKAGES]);
		writeFileSync(join(fresh, 'complete'), PACKAGES.join('\n'));
		// Scripts of the environment name its first place, the interpreter finds itself.
		if (!existsSync(place)) renameSync(fresh, place);
		return undefined;
	} catch (error) {
		return `MLflow could not be installed (${String((error as Error).message).slice(0, 200)})`;
	} finally {
		rmSync(fresh, { recursive: true, force: true });
	}
}

/** What a Python script writes to standard output, as JSON. */
export async function python<T>(script: string, args: string[], env: Record<string, string> = {}): Promise<T> {
	const { stdout } = await run(executable, [script, ...args], {
		maxBuffer: 1 << 26,
		env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', ...env },
	});
	return JSON.parse(stdout) as T;
}
