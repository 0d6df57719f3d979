import { readFile } from 'node:fs/promises';
import type { ClientConfig } from 'pg';
import { MlopsError } from '../../../domain/errors.js';

/** As PostgreSQL's own programs name them; `no-verify` encrypts without looking at the certificate. */
const MODES = ['disable', 'require', 'verify-ca', 'verify-full', 'no-verify'] as const;

/**
 * What `sslmode` and `sslrootcert` of an address ask for. Without a mode nothing is encrypted on this machine itself, and everything else
 * is encrypted and verified.
 * @throws `input.invalid` for a mode that does not exist
 */
export async function sslOf(url: URL, ca: string | undefined): Promise<ClientConfig['ssl']> {
	const mode = url.searchParams.get('sslmode') ?? (isLocal(url.hostname) ? 'disable' : 'require');
	if (!(MODES as readonly string[]).includes(mode))
		throw new MlopsError('input.invalid', `"${mode}" is no sslmode that the MLOps store knows.`, { expected: MODES.join(', ') });
	if (mode === 'disable') return false;
	const file = url.searchParams.get('sslrootcert');
	const authority = ca ?? (file === null ? undefined : await readFile(file, 'utf8'));
	return {
		rejectUnauthorized: mode !== 'no-verify',
		...(authority === undefined ? {} : { ca: authority }),
		...(mode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
	};
}

const isLocal = (host: string): boolean => ['', 'localhost', '127.0.0.1', '[::1]'].includes(host);
