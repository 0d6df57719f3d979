import { MlopsError } from '../../domain/errors.js';
import type { Connection } from './contract.js';
import { wouldWrite } from './assertReads.js';

/** What the drivers put on their errors. */
interface DriverError {
	code?: string;
	errno?: number;
	message?: string;
	hint?: string;
	position?: string;
	errors?: Array<{ code?: string }>;
}

const UNREACHABLE = new RegExp(
	'ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ECONNRESET|EPIPE|PROTOCOL_CONNECTION_LOST|' +
		'timeout expired|terminated unexpectedly|Connection terminated',
);
/** Too many connections, shutting down, starting up. */
const BUSY = /^(53300|57P0[123]|ER_CON_COUNT_ERROR|ER_SERVER_SHUTDOWN)$/;
/** Ended by the server: too slow for a limit of its own, or somebody stopped it. */
const STOPPED = /^(57014|ER_STATEMENT_TIMEOUT|ER_QUERY_TIMEOUT|ER_QUERY_INTERRUPTED)$/;
/** MariaDB's numbers of the same, where the driver knows no name. */
const STOPPED_NUMBERS = new Set([1317, 1969, 3024]);
const NO_TLS = /does not support (SSL|secure) connection|HANDSHAKE_NO_SSL_SUPPORT/;
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME|certificate/;
const WANTS_TLS = /no encryption|SSL off|ER_SECURE_TRANSPORT_REQUIRED|insecure transport/i;
const SIGN_IN = /^28|^ER_(DB)?ACCESS_DENIED_ERROR$|^ER_ACCESS_DENIED|SASL|password must be a string|ER_NOT_SUPPORTED_AUTH_MODE|AUTH_SWITCH/;
const NO_DATABASE = /^3D000$|^ER_BAD_DB_ERROR$/;
const NO_RIGHT = /^42501$|^ER_(TABLE|COLUMN|PROC|DB)ACCESS_DENIED_ERROR$|^ER_SPECIFIC_ACCESS_DENIED_ERROR$/;
const WRITES = /^25006$|^ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION$/;
const WRITES_TEXT = /readonly database|data-modifying statement/;

/** The server does not speak TLS. */
export const lacksTls = (thrown: unknown): boolean => NO_TLS.test((thrown as DriverError).message ?? '');

/** A failure to connect: nobody there, no common encryption, not let in. Never holds the password. */
export function connectError(thrown: unknown, { host, port, user, database, tls }: Connection): MlopsError {
	const { code = '', message = '', errors } = thrown as DriverError;
	const all = [code, ...(errors ?? []).map((e) => e.code ?? ''), message].join(' ');
	const where = `The database at ${host}${port ? `:${port}` : ''}`;
	const refused = (text: string, remedy: string) => new MlopsError('data.source_refused', text, { cause: thrown, remedy });
	if (NO_TLS.test(all))
		return refused(
			`${where} does not offer encrypted connections.`,
			'Turn SSL off in the credential, or have SSL turned on at the database.',
		);
	if (WANTS_TLS.test(all))
		return refused(
			`${where} only takes encrypted connections${tls && tls.mode !== 'off' ? ', or does not expect this machine' : ''}.`,
			'Turn SSL on in the credential.',
		);
	if (NO_DATABASE.test(code))
		return refused(`${where} has no database "${database ?? ''}".`, 'Check the name of the database in the credential.');
	if (SIGN_IN.test(code) || /SASL|password must be a string/.test(message))
		return refused(`${where} did not let "${user ?? ''}" in.`, 'Check user, password and database in the credential.');
	if (CERTIFICATE.test(all)) {
		return refused(
			`${where} shows a certificate that is not trusted: ${message}.`,
			'Give the certificate of the authority that signed it (CA), or, in a network that you trust, turn on "Ignore SSL Issues" ' +
				'in the credential.',
		);
	}
	const reason = /ECONNREFUSED/.test(all)
		? ': nothing answers there'
		: /ENOTFOUND|EAI_AGAIN/.test(all)
			? ': there is no such host'
			: BUSY.test(code)
				? ': it takes no further connections now'
				: UNREACHABLE.test(all)
					? ''
					: `: ${message}`;
	return new MlopsError('data.source_unreachable', `${where} cannot be reached${reason}.`, {
		cause: thrown,
		remedy: 'Check host and port in the credential, and that the database runs and lets this machine in.',
	});
}

/** A failure of the query itself, in the database's words. `offset`: characters that stood before the person's query. */
export function queryError(thrown: unknown, { host, user }: Pick<Connection, 'host' | 'user'>, query: string, offset = 0): MlopsError {
	if (thrown instanceof MlopsError) return thrown;
	const { code = '', errno, message = '', hint, position } = thrown as DriverError;
	if (UNREACHABLE.test(`${code} ${message}`) || BUSY.test(code)) {
		return new MlopsError('data.source_unreachable', `The connection to the database at ${host} broke while reading.`, {
			cause: thrown,
			remedy: 'Try again; if it happens again, look into the log of the database.',
		});
	}
	if (STOPPED.test(code) || STOPPED_NUMBERS.has(errno ?? 0)) {
		return new MlopsError('data.source_unreachable', `The database at ${host} ended the query: ${message}.`, {
			cause: thrown,
			remedy:
				'It has a limit of its own for how long a query may take, or somebody stopped it. Ask for fewer rows, or have the limit raised.',
		});
	}
	if (WRITES.test(code) || WRITES_TEXT.test(message)) return wouldWrite(message, thrown);
	if (NO_RIGHT.test(code)) {
		return new MlopsError('data.source_refused', `The database at ${host} does not let "${user ?? ''}" read this: ${message}.`, {
			cause: thrown,
			remedy: 'Ask for the right to read it, or choose another credential.',
		});
	}
	const at = Number(position) - 1 - offset;
	const line = at >= 0 && query.includes('\n') ? ` (line ${query.slice(0, at).split('\n').length} of the query)` : '';
	const several = /multiple commands/.test(message);
	return new MlopsError(
		'input.invalid',
		`The database could not run the query: ${several ? 'it holds more than one statement' : message}${line}.`,
		{
			cause: thrown,
			remedy: hint
				? `${hint.replace(/\.?$/, '.')} Correct the query.`
				: several
					? 'Give a single SELECT.'
					: 'Correct the query; trying it in a database client first may help.',
		},
	);
}
