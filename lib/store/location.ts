import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { MlopsError } from '../domain/errors.js';
import type { StoreRef } from '../domain/storeRef.js';

/** Environment variables that say where the store is. */
export type Environment = Record<string, string | undefined>;

/**
 * Where the store is, the same answer for nodes, pickers, command line and server: `MLOPS_HOME`, else the folder `mlops` in n8n's
 * user folder (`N8N_USER_FOLDER/.n8n`, by default `~/.n8n`).
 * @param n8nUserFolder n8n's own folder (the one called `.n8n`), if the caller knows it
 * @throws `store.queue_mode` where n8n spreads executions over several machines and the store would be on one of them
 */
export function resolveStore(env: Environment = process.env, n8nUserFolder?: string): StoreRef {
	if (env['EXECUTIONS_MODE'] === 'queue') {
		throw new MlopsError(
			'store.queue_mode',
			'n8n runs in queue mode (EXECUTIONS_MODE=queue), where main and workers may be different machines, but the MLOps store is a folder on one of them: a model trained on one would be unknown on the next.',
			{
				expected: 'EXECUTIONS_MODE=regular',
				found: 'EXECUTIONS_MODE=queue',
				remedy:
					'Set EXECUTIONS_MODE=regular for the n8n that runs MLOps workflows. A store shared by several machines is not part of this version.',
			},
		);
	}
	if (env['MLOPS_HOME']) return { kind: 'folder', home: resolve(env['MLOPS_HOME']) };
	const folder = n8nUserFolder ?? join(env['N8N_USER_FOLDER'] || homedir(), '.n8n');
	return { kind: 'folder', home: resolve(folder, 'mlops') };
}
