import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { MlopsError } from '../domain/errors.js';
import type { ServeOptions } from '../domain/serveOptions.js';

/** What a server that speaks https shows its callers; both in PEM. */
export interface Certificate {
	cert: string;
	key: string;
	/** From when to when it is valid (ms). */
	from: number;
	until: number;
}

const PAIR = 'Give both, --tls-cert and --tls-key, as PEM files that this user may read.';
const WHAT = { cert: 'certificate', key: 'key' } as const;
const CERTIFICATES = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[^-]+-----END (?:X509 |TRUSTED )?CERTIFICATE-----/g;
const IN_PEM = {
	cert: 'Write it in PEM: "openssl x509 -inform der -in FILE -out cert.pem".',
	key: 'Write it in PEM: "openssl pkey -inform der -in FILE -out key.pem".',
};

const unfit = (message: string, details: ConstructorParameters<typeof MlopsError>[2]): MlopsError =>
	new MlopsError('input.invalid', message, details);

/**
 * Reads certificate and key, and looks whether they fit together: what OpenSSL would refuse is refused with words of what to do. Text
 * around them, line ends of Windows and both in one file are no matter. One whose time is over, or has not begun, is taken: whom it
 * concerns is told (`followCertificate.ts`), and some callers do not look.
 * @returns undefined where the server speaks http
 * @throws `input.invalid`
 */
export async function readCertificate({ tlsCert, tlsKey }: Pick<ServeOptions, 'tlsCert' | 'tlsKey'>): Promise<Certificate | undefined> {
	if (tlsCert === undefined && tlsKey === undefined) return undefined;
	const [cert, key] = [await textOf(tlsCert, 'cert'), await textOf(tlsKey, 'key')];
	const chain = chainIn(cert, tlsCert!);
	const secret = keyIn(key, tlsKey!);
	if (!chain[0].checkPrivateKey(secret)) throw otherKey(chain, secret, tlsCert!, tlsKey!);
	try {
		createSecureContext({ cert, key });
	} catch (cause) {
		throw unfit(`Certificate and key for TLS cannot be used: ${wordsOf(cause)}.`, {
			found: `${tlsCert}, ${tlsKey}`,
			cause,
			remedy: 'Let a new pair be made, of RSA with 2048 bits at least or of an elliptic curve.',
		});
	}
	return { cert, key, from: Date.parse(chain[0].validFrom), until: Date.parse(chain[0].validTo) };
}

async function textOf(file: string | undefined, which: keyof typeof WHAT): Promise<string> {
	try {
		return await readFile(file ?? '', 'utf8');
	} catch (cause) {
		throw unfit(`The ${WHAT[which]} for TLS cannot be read.`, { found: file || 'none', cause, remedy: PAIR });
	}
}

/** The server's own certificate, then those that vouch for it. */
function chainIn(text: string, file: string): X509Certificate[] {
	const blocks = text.match(CERTIFICATES) ?? [];
	if (blocks.length === 0)
		throw unfit('The certificate for TLS is none in PEM.', {
			found: `${file}, ${inside(text)}`,
			expected: '-----BEGIN CERTIFICATE-----',
			remedy: text.includes('PRIVATE KEY') ? 'Look whether --tls-cert and --tls-key are the wrong way round.' : IN_PEM.cert,
		});
	return blocks.map((block, i) => {
		try {
			return new X509Certificate(block);
		} catch (cause) {
			throw unfit(`Certificate ${i + 1} of those for TLS cannot be read: ${wordsOf(cause)}.`, {
				found: file,
				cause,
				remedy: 'Look whether the file was copied whole.',
			});
		}
	});
}

function keyIn(text: string, file: string): KeyObject {
	try {
		return createPrivateKey(text);
	} catch (cause) {
		// Node says so of such a key, whatever it is encrypted with.
		if ((cause as { code?: unknown }).code === 'ERR_MISSING_PASSPHRASE' || text.includes('ENCRYPTED'))
			throw unfit('The key for TLS is encrypted with a passphrase, for which the server cannot ask.', {
				found: file,
				cause,
				remedy: 'Write it without one, readable by this user alone: "openssl pkey -in FILE -out key.pem".',
			});
		const there = text.includes('PRIVATE KEY-----');
		throw unfit(there ? `The key for TLS cannot be read: ${wordsOf(cause)}.` : 'The key for TLS is none in PEM.', {
			found: `${file}, ${inside(text)}`,
			expected: '-----BEGIN PRIVATE KEY-----',
			cause,
			remedy: there
				? 'Look whether the file was copied whole.'
				: text.includes('CERTIFICATE')
					? 'Look whether --tls-cert and --tls-key are the wrong way round.'
					: IN_PEM.key,
		});
	}
}

function otherKey(chain: readonly X509Certificate[], key: KeyObject, certFile: string, keyFile: string): MlopsError {
	const place = chain.findIndex((one) => one.checkPrivateKey(key));
	const found = `${certFile}, ${keyFile}`;
	return place > 0
		? unfit(`The key for TLS belongs to certificate ${place + 1} of the file, not to the first one.`, {
				found,
				expected: "the server's own certificate first, then the one that vouches for it, and so on",
				remedy: 'Put them into this order: "cat own.pem intermediate.pem > chain.pem".',
			})
		: unfit('The key for TLS is not the one of the certificate.', {
				found,
				remedy: 'Look whether both files were renewed; "openssl x509 -pubkey" and "openssl pkey -pubout" must print the same.',
			});
}

const inside = (text: string): string =>
	text.trim() === '' ? 'which is empty' : text.includes('-----BEGIN ') ? 'which holds something else' : 'which is no PEM';

/** What OpenSSL says, without its numbers. */
const wordsOf = (cause: unknown): string => {
	const { reason, message } = cause as { reason?: string; message?: string };
	return reason ?? message ?? String(cause);
};
