import { MlopsError } from '../../domain/errors.js';
import type { Connection } from './contract.js';

/** Credentials of n8n's own nodes, as far as they say how to reach a database. Fields that the form hides are absent. */
type Credential = Record<string, unknown>;

const text = (value: unknown): string | undefined => (typeof value === 'string' && value.trim() !== '' ? value : undefined);

/**
 * What the database drivers need from n8n's own credential `postgres` or `mySql`.
 * @throws `input.invalid` for an SSH tunnel
 */
export function connectionOf(database: 'postgres' | 'mysql', credential: Credential): Connection {
	const { host, port, user, password, database: name, sshTunnel, connectTimeout } = credential;
	if (sshTunnel === true) {
		throw new MlopsError('input.invalid', 'This credential goes through an SSH tunnel, which Ingest cannot open.', {
			remedy:
				'Use a credential that reaches the database directly, or read the rows with the Postgres or MySQL node and choose the ' +
				'source "Incoming items".',
		});
	}
	const tls = database === 'postgres' ? postgresTls(credential) : mysqlTls(credential);
	return {
		host: text(host)?.trim() ?? 'localhost',
		...(Number(port) > 0 ? { port: Number(port) } : {}),
		user: text(user),
		password: typeof password === 'string' ? password : '',
		database: text(name),
		...(tls ? { tls } : {}),
		...(Number(connectTimeout) > 0 ? { connectTimeoutSeconds: Number(connectTimeout) / 1000 } : {}),
	};
}

/** "Ignore SSL Issues" hides the choice of SSL and means: encrypted, whatever the certificate. */
function postgresTls({ ssl, allowUnauthorizedCerts }: Credential): Connection['tls'] {
	if (allowUnauthorizedCerts === true) return { mode: 'require', verify: false };
	if (ssl === 'allow') return { mode: 'prefer', verify: true };
	return text(ssl) && ssl !== 'disable' ? { mode: 'require', verify: true } : undefined;
}

function mysqlTls({ ssl, caCertificate, clientCertificate, clientPrivateKey }: Credential): Connection['tls'] {
	if (ssl !== true) return undefined;
	const ca = pem(caCertificate);
	const cert = pem(clientCertificate);
	const key = pem(clientPrivateKey);
	return { mode: 'require', verify: true, ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) };
}

/** n8n's one-line fields turn the line ends of a PEM text into blanks, or into "\n" written out; the drivers need lines. */
function pem(value: unknown): string | undefined {
	const given = text(value)?.trim();
	if (!given || given.includes('\n')) return given;
	return given.replaceAll('\\n', '\n').replace(
		/(-----BEGIN [^-]+-----)([\s\S]*?)(-----END [^-]+-----)/g,
		(_, begin: string, body: string, end: string) =>
			`${begin}\n${body
				.trim()
				.split(/\s+/)
				.flatMap((part) => part.match(/.{1,64}/g) ?? [])
				.join('\n')}\n${end}\n`,
	);
}
