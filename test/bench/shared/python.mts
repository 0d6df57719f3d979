import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';

/**
 * The interpreter of a Python environment of its own in an ignored folder, made once, and anew where its packages change.
 * @throws Error where there is no Python or the packages cannot be fetched
 */
export function pythonWith(home: string, packages: readonly string[], say: (text: string) => void): string {
	const binary = path.join(home, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
	const done = path.join(home, 'installed');
	const wanted = packages.join('\n');
	if (fs.existsSync(done) && fs.readFileSync(done, 'utf8') === wanted) return binary;
	fs.rmSync(home, { recursive: true, force: true });
	fs.mkdirSync(path.dirname(home), { recursive: true });
	say(`Installing ${packages.join(', ')} for the benchmark (once) ...`);
	run(process.env.PYTHON ?? 'python3', ['-m', 'venv', home]);
	run(binary, ['-m', 'pip', 'install', '-q', ...packages]);
	fs.writeFileSync(done, wanted);
	return binary;
}

function run(command: string, args: readonly string[]): void {
	const { status, stderr, error } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
	if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${error?.message ?? stderr.trim().slice(-500)}`);
}
