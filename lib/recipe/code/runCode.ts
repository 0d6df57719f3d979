import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { MlopsError } from '../../domain/errors.js';
import type { CodeRequest, CodeResponse } from './codeMessages.js';
import { cutText } from '../../domain/text.js';

/** The environment variable that allows people's own code. */
export const ALLOW_CODE = 'MLOPS_ALLOW_CUSTOM_CODE';

/** @throws `recipe.code_blocked` unless the owner of this installation allowed custom code */
export function requireAllowed(environment: NodeJS.ProcessEnv = process.env): void {
	if (environment[ALLOW_CODE] === 'true') return;
	throw new MlopsError('recipe.code_blocked', 'Custom code is switched off on this installation.', {
		remedy: `Ask whoever runs n8n to set the environment variable ${ALLOW_CODE}=true, or use the Expression step.`,
	});
}

/** danfojs as one script, made by build.mts. */
async function library(): Promise<string> {
	const file = path.join(__dirname, 'danfo.json');
	if (!existsSync(file))
		throw new MlopsError('internal', 'The data frame library for custom code was not built.', {
			remedy: 'Build the package again, or give the code plain columns.',
		});
	return (JSON.parse(await readFile(file, 'utf8')) as { script: string }).script;
}

/** Node's arguments for the child, before its program: the permission model with nothing allowed but reading that program. */
export const childArguments = (memoryBytes: number): string[] => [
	'--permission',
	...program().readable.map((p) => `--allow-fs-read=${p}`),
	'--no-warnings',
	`--max-old-space-size=${Math.ceil(memoryBytes / 2 ** 20) + 512}`,
];

/** The child's program, and what it must be able to read to start. In the source tree Node reads TypeScript as it is. */
function program(): { file: string; readable: string[] } {
	const compiled = path.join(__dirname, 'child.js');
	if (existsSync(compiled)) return { file: compiled, readable: [__dirname, path.join(__dirname, '../../../vendor')] };
	const root = path.join(__dirname, '../../..');
	return {
		file: path.join(__dirname, 'child.ts'),
		readable: [
			__dirname,
			path.join(root, 'package.json'),
			...['quickjs-emscripten', 'quickjs-emscripten-core', '@jitl'].map((name) => path.join(root, 'node_modules', name)),
		],
	};
}

const TEXT: Record<'code' | 'time' | 'memory' | 'result', [message: string, remedy: string]> = {
	code: ['The custom code failed', 'Correct the code.'],
	time: ['The custom code took too long', 'Make it faster, give it more seconds, or run it on plain columns.'],
	memory: ['The custom code needs more memory than it may use', 'Use fewer columns, or give it more memory.'],
	result: ['The custom code gave an answer that is no table', 'Return the data frame, or an object of columns of equal length.'],
};

/**
 * Runs people's code on columns in a sandbox: QuickJS without host objects, in a process of its own without access to files, processes,
 * threads and environment. @throws `recipe.code_blocked`, `recipe.code_failed`
 */
export async function runCode({
	dataFrame,
	...request
}: Omit<CodeRequest, 'library'> & { dataFrame: boolean }): Promise<CodeRequest['columns']> {
	requireAllowed();
	const message: CodeRequest = { ...request, library: dataFrame ? await library() : undefined };
	const child = spawn(process.execPath, [...childArguments(request.memoryBytes), program().file], {
		stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
		serialization: 'advanced',
		env: {},
		cwd: __dirname,
	});
	let complaint = '';
	child.stderr?.on('data', (chunk: Buffer) => {
		complaint = `${complaint}${chunk.toString()}`.slice(-2000);
	});
	// The engine stops itself; this only ends a process that cannot.
	const timer = setTimeout(() => child.kill('SIGKILL'), (request.seconds + 20) * 1000);
	try {
		const response = await new Promise<CodeResponse>((resolve, reject) => {
			child.once('message', (m) => resolve(m as CodeResponse));
			child.once('error', reject);
			child.once('exit', (code, signal) =>
				reject(
					new MlopsError('recipe.code_failed', `The process of the custom code ended early (${signal ?? `exit ${code}`}).`, {
						cause: complaint,
						remedy: 'Use fewer rows or columns, or give it more memory.',
					}),
				),
			);
			child.send(message, (error) => {
				if (error) reject(error);
			});
		});
		if ('columns' in response) return response.columns;
		const [what, remedy] = TEXT[response.kind];
		throw new MlopsError('recipe.code_failed', `${what}: ${cutText(response.error, 500)}`, { remedy });
	} finally {
		clearTimeout(timer);
		if (child.exitCode === null) child.kill('SIGKILL');
	}
}
