import { MlopsError } from '../../../domain/errors.js';

const unreachable = (cause: unknown, found: string): MlopsError =>
	new MlopsError('store.unreachable', 'The database of the MLOps store does not answer.', {
		cause,
		found,
		remedy: 'Look whether PostgreSQL runs and can be reached from here; what was not confirmed was not written, or run again to see.',
	});
const refused = (cause: unknown, found: string): MlopsError =>
	new MlopsError('store.unwritable', 'The database of the MLOps store refuses this user.', {
		cause,
		found,
		remedy:
			"Check user, password, database and SSL in MLOPS_STORE_URL or the credential; the user must own the store's schema, or be " +
			'allowed to make it.',
	});
const untrusted = (cause: unknown, found: string): MlopsError =>
	new MlopsError('store.unreachable', 'No encrypted connection that can be trusted is made to the database of the MLOps store.', {
		cause,
		found,
		remedy: "Give the certificate of the authority that signed the server's, or choose another SSL mode.",
	});
const busy = (cause: unknown): MlopsError =>
	new MlopsError('store.busy', 'The MLOps store was in use by other processes for too long.', {
		cause,
		remedy: 'Run again. If it happens often, look for a process that hangs while it writes to the store.',
	});
const full = (cause: unknown): MlopsError =>
	new MlopsError('store.full', "The disk of the MLOps store's database is full.", {
		cause,
		remedy: 'Free some space there and run again; nothing was half written.',
	});

/** What a message of PostgreSQL says without quoting values. */
const wordsOf = (error: unknown): string => String((error as { message?: unknown } | undefined)?.message ?? error);

/** Lock not available, deadlock, serialization, a statement that was cancelled: whoever runs again finds it free. */
const BUSY = new Set(['55P03', '40P01', '40001', '57014']);
/** Operating system's words for a server that is not there. */
const AWAY = /^(ECONN|ENOTFOUND|EAI_AGAIN|EHOST|ENET|ETIMEDOUT|EPIPE)/;

/** PostgreSQL's failures in our words, by its five-letter codes; anything else passes through. */
export function postgresFailure(error: unknown): unknown {
	if (error instanceof MlopsError) return error;
	const code = (error as { code?: unknown } | undefined)?.code;
	const words = wordsOf(error);
	if (typeof code === 'string') {
		if (BUSY.has(code)) return busy(error);
		if (code === '53100') return full(error);
		// Not authenticated, not allowed, no such database, read-only.
		if (/^28|^42501$|^3D000$|^25006$/.test(code)) return refused(error, words);
		if (/^(08|57P|53)/.test(code) || AWAY.test(code)) return unreachable(error, words);
		if (/^XX00[12]$/.test(code))
			return new MlopsError('store.corrupt', 'The database of the MLOps store is damaged.', {
				cause: error,
				found: words,
				remedy: "Restore the store's schema from a backup.",
			});
		if (/SSL|TLS|CERT|SIGN/.test(code)) return untrusted(error, words);
	}
	if (/SSL/.test(words)) return untrusted(error, words);
	if (/client password must be/.test(words)) return refused(error, words);
	return /timeout exceeded when trying to connect|Connection terminated|not queryable/.test(words) ? unreachable(error, words) : error;
}
