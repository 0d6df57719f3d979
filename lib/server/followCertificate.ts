import { setTimeout as sleep } from 'node:timers/promises';
import { MlopsError } from '../domain/errors.js';
import type { ServeOptions } from '../domain/serveOptions.js';
import { readCertificate, type Certificate } from './certificate.js';

/** How often the two files are looked at: they are renewed every few weeks, and each look reads them. */
const LOOK_MS = 1_000;

/** The certificate that is used, as its files are renewed while the server runs. */
export interface CertificateFollower {
	/** Undefined where the server speaks http. */
	now(): Certificate | undefined;
	stop(): Promise<void>;
}

/**
 * Reads certificate and key, and follows them: a pair that was renewed is used for the connections that come then, without a restart. The
 * files are renewed one after the other, so a pair that does not fit is looked at once more before anybody is told; the one before is used
 * until there is a good one. Also told is a certificate whose time is over.
 * @param tell gives the listeners another one
 * @param say tells whoever runs the server
 * @throws `input.invalid` where the first pair cannot be used
 */
export async function followCertificate(
	options: Pick<ServeOptions, 'tlsCert' | 'tlsKey'>,
	tell: (certificate: Certificate) => void,
	say: (sentence: string) => void,
): Promise<CertificateFollower> {
	let current = await readCertificate(options);
	if (!current) return { now: () => undefined, stop: async () => {} };
	const stopping = new AbortController();
	/** What is wrong with the newest files, at the first and at the second look. */
	let wrong: string | undefined;
	let told: string | undefined;
	let toldTime: Certificate | undefined;

	function sayTime(of: Certificate): void {
		const now = Date.now();
		if (toldTime === of || (now >= of.from && now < of.until)) return;
		toldTime = of;
		const [words, at] = now < of.from ? ['is not valid before', of.from] : ['was valid until', of.until];
		say(`The certificate for TLS ${words} ${new Date(at).toISOString()}: callers that look at it refuse the connection.`);
	}

	async function look(was: Certificate): Promise<void> {
		try {
			const found = (await readCertificate(options))!;
			wrong = told = undefined;
			if (found.cert === was.cert && found.key === was.key) return;
			// Before they are told: a listener that is started meanwhile gets this one.
			current = found;
			tell(found);
			say(`The certificate for TLS was renewed; it is valid until ${new Date(found.until).toISOString()}.`);
		} catch (thrown) {
			const { message, details } = MlopsError.from(thrown);
			if (message === wrong && message !== told) {
				told = message;
				say(`The new files for TLS cannot be used, the certificate before still is. ${message} ${details.remedy ?? ''}`.trim());
			}
			wrong = message;
		}
	}

	async function follow(): Promise<void> {
		while (!stopping.signal.aborted) {
			sayTime(current!);
			await sleep(LOOK_MS, undefined, { ref: false, signal: stopping.signal }).catch(() => {});
			if (!stopping.signal.aborted) await look(current!);
		}
	}
	const following = follow();
	return {
		now: () => current,
		async stop() {
			stopping.abort();
			await following;
		},
	};
}
