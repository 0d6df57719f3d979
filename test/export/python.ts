import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { pythonEnvironment } from '../pythonEnvironment.js';

const run = promisify(execFile);
/** MLflow without its server: `mlflow.pyfunc` is the same code. */
const environment = pythonEnvironment('mlflow-3.17.2', ['mlflow-skinny==3.17.2', 'pandas==3.1.1', 'numpy==2.4.6']);

/** Why there is no Python with MLflow here; undefined where there is one. */
export const withoutMlflow = environment.missing;

/** What a Python script writes to standard output, as JSON. */
export async function python<T>(script: string, args: string[], env: Record<string, string> = {}): Promise<T> {
	const { stdout } = await run(environment.python, [script, ...args], {
		maxBuffer: 1 << 26,
		env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', ...env },
	});
	return JSON.parse(stdout) as T;
}
