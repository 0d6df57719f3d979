import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MlopsError } from '../../domain/errors.js';
import type { EngineType } from './contract.js';
import type { LimitOptions } from './limits.js';
import { createPosted } from './posted.js';
import { startProcess } from './startProcess.js';

export interface CommandOptions extends LimitOptions {
	/** What Node runs, to which `job run ID --store REFERENCE` is added. */
	program?: string;
}

/**
 * Runs each job by the command `mlops job run ID`, in a process of this machine that gets nothing but the store's reference, just as one on
 * another machine would.
 */
export const createCommand = ({ program = builtProgram(), ...limits }: CommandOptions = {}): Pick<EngineType, 'on' | 'close'> =>
	createPosted({
		...limits,
		start(id, ref) {
			if (!existsSync(program))
				throw new MlopsError('internal', 'There is no program "mlops" to run: the package was not built.', {
					remedy: 'Run "npm run build" in the package\'s folder.',
				});
			return startProcess(process.execPath, [program, 'job', 'run', id, '--store', JSON.stringify(ref), '--quiet']);
		},
	});

let shared: ReturnType<typeof createCommand> | undefined;

/** All stores share the number of jobs at once. */
export const command: EngineType = {
	id: 'command',
	does: 'Each in a process of its own, by the command "mlops job run", which gets nothing but where the store is.',
	on: (store) => (shared ??= createCommand()).on(store),
	close: async () => await shared?.close(),
};

/** `<root>/dist/lib/cli/mlops.js`, whether this file runs from `lib/` (tests) or from `dist/lib/`. */
function builtProgram(): string {
	const beside = join(__dirname, '..', '..', 'cli', 'mlops.js');
	return existsSync(beside) ? beside : join(__dirname, '..', '..', '..', 'dist', 'lib', 'cli', 'mlops.js');
}
