import { join, resolve } from 'node:path';
import { homeFolder } from '../compute/homeFolder.js';
import { MlopsError } from '../domain/errors.js';
import { storeRef, type SharedRef, type StoreRef } from '../domain/storeRef.js';
import { settingOf, type Environment } from './storeSecrets.js';

const SCHEMA = 'mlops';

/**
 * Where the store is, the same answer for nodes, pickers, command line and server: in a database that several machines share where
 * `MLOPS_STORE_URL` is set (with `MLOPS_STORE_ARTIFACTS`, `MLOPS_STORE_SECRET` and, if it is not `mlops`, `MLOPS_STORE_SCHEMA`; each may
 * end in `_FILE` and name a file); else in the folder `MLOPS_HOME`; else in the folder `mlops` in n8n's user folder
 * (`N8N_USER_FOLDER/.n8n`, by default `~/.n8n`).
 * @param n8nUserFolder n8n's own folder (the one called `.n8n`), if the caller knows it
 * @throws `store.queue_mode` where n8n spreads executions over several machines and the store would be on one of them; `input.invalid`
 */
export function resolveStore(env: Environment = process.env, n8nUserFolder?: string): StoreRef {
	const url = settingOf(env, 'MLOPS_STORE_URL');
	if (url !== undefined)
		return sharedRef({ url, schema: settingOf(env, 'MLOPS_STORE_SCHEMA'), artifacts: settingOf(env, 'MLOPS_STORE_ARTIFACTS') });
	if (env['EXECUTIONS_MODE'] === 'queue') {
		throw new MlopsError(
			'store.queue_mode',
			'n8n runs in queue mode (EXECUTIONS_MODE=queue), where main and workers may be different machines, but the MLOps store is ' +
				'a folder on one of them: a model trained on one would be unknown on the next.',
			{
				expected: 'a store that all of them share (MLOPS_STORE_URL), or EXECUTIONS_MODE=regular',
				found: 'EXECUTIONS_MODE=queue',
				remedy:
					'Set MLOPS_STORE_URL, MLOPS_STORE_ARTIFACTS and MLOPS_STORE_SECRET on main and workers, or set EXECUTIONS_MODE=regular ' +
					'for the n8n that runs MLOps workflows.',
			},
		);
	}
	if (env['MLOPS_HOME']) return { kind: 'folder', home: resolve(env['MLOPS_HOME']) };
	const folder = n8nUserFolder ?? join(env['N8N_USER_FOLDER'] || homeFolder(), '.n8n');
	return { kind: 'folder', home: resolve(folder, 'mlops') };
}

/** A reference to a shared store from what a person entered; the password stays behind. @throws `input.invalid` */
export function sharedRef(given: { url: string; schema?: string; artifacts?: string; ca?: string }): SharedRef {
	const invalid = (what: string, expected: string): MlopsError =>
		new MlopsError('input.invalid', what, { expected, remedy: 'Correct it in the settings (MLOPS_STORE_...) or in the credential.' });
	if (!URL.canParse(given.url))
		throw invalid(
			'The address of the MLOps store is none.',
			'postgres://user:password@host:5432/database; in user and password, @ : / ? # and % are written %40 %3A %2F %3F %23 and %25',
		);
	if (!given.artifacts)
		throw invalid('A shared MLOps store needs a folder for its artifacts.', 'MLOPS_STORE_ARTIFACTS: a folder that all machines see');
	const url = new URL(given.url);
	url.password = '';
	url.searchParams.delete('password');
	const ref = storeRef.safeParse({
		kind: 'shared',
		url: url.href,
		schema: given.schema || SCHEMA,
		artifacts: resolve(given.artifacts),
		...(given.ca ? { ca: given.ca } : {}),
	});
	if (ref.success) return ref.data as SharedRef;
	throw invalid('The schema of the MLOps store has a name that is not taken.', 'small letters, digits and underscores, at most 63');
}
