import { createWriteStream } from 'node:fs';
import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import { MlopsError } from '../../domain/errors.js';
import { webAddress } from '../../http/address.js';
import { outboundGuard, refusalIn, type Guard } from '../../http/outboundGuard.js';
import { pause, waitFor } from '../../http/retry.js';
import type { SourceContext } from '../sources/contract.js';

const MEGABYTE = 1 << 20;
const MAX_REDIRECTS = 5;
/** Less than this in the time that a server may be silent is as good as silence. */
const LEAST_BYTES = 1024;

export interface DownloadLimits {
	/** Milliseconds a server may be silent. */
	timeout: number;
	/** Milliseconds that one try may take in all. */
	total: number;
	/** Bytes that may come out, also of an answer that is packed on its way. */
	maxBytes: number;
	retries: number;
}

interface Answer {
	status: number;
	headers: Record<string, unknown>;
	data: Readable;
}

/**
 * Downloads to a file; tries again after network failures, answers that broke off, 429 and 5xx, waiting as long as the server asks, else
 * longer each time. Redirects are followed, each checked against n8n's guard for requests.
 * @throws `data.source_refused`, `data.source_unreachable`, `data.too_large`, `input.invalid`
 */
export async function download(address: URL, path: string, limits: DownloadLimits, context: SourceContext): Promise<void> {
	const guard = outboundGuard();
	for (let attempt = 0; ; attempt++) {
		context.check();
		const watch = watchOver(limits, context);
		let after: unknown;
		try {
			const answer = await ask(address, guard, watch);
			try {
				after = answer.headers['retry-after'];
				if (attempt < limits.retries && (answer.status === 429 || answer.status >= 500)) throw new Error('busy');
				assertWhole(address, answer);
				await store(address, answer, path, limits, watch, context);
			} finally {
				answer.data.destroy();
			}
			return;
		} catch (thrown) {
			const why = watch.why();
			if (why instanceof MlopsError) throw why;
			if (thrown instanceof MlopsError) throw thrown;
			const inner = refusalIn(thrown);
			if (inner) throw inner;
			if (attempt >= limits.retries) throw unreachable(address, thrown, why, limits);
		} finally {
			watch.end();
		}
		await pause(waitFor(attempt + 1, after), context.check);
	}
}

type Slow = 'silent' | 'slow';
interface Watch {
	signal: AbortSignal;
	got(bytes: number): void;
	why(): Slow | MlopsError | undefined;
	end(): void;
}

/** Ends a request that is silent, drips, takes too long, or that nobody wants any more. */
function watchOver({ timeout, total }: DownloadLimits, context: SourceContext): Watch {
	const abort = new AbortController();
	let why: Slow | MlopsError | undefined;
	let since = performance.now();
	const due = since + total;
	let bytes = 0;
	const timer = setInterval(
		() => {
			const now = performance.now();
			try {
				context.check();
			} catch (thrown) {
				why = MlopsError.from(thrown);
			}
			if (now > due) why ??= 'slow';
			if (now - since > timeout) {
				if (bytes < LEAST_BYTES) why ??= bytes === 0 ? 'silent' : 'slow';
				[since, bytes] = [now, 0];
			}
			if (why) abort.abort(new Error('stopped'));
		},
		Math.min(200, timeout / 4),
	);
	return {
		signal: abort.signal,
		got: (n) => {
			bytes += n;
		},
		why: () => why,
		end: () => clearInterval(timer),
	};
}

/** Asks, and follows redirects. */
async function ask(first: URL, guard: Guard | undefined, watch: Watch): Promise<Answer> {
	const { default: axios } = await import('axios');
	let address = first;
	for (let redirects = 0; ; redirects++) {
		await guard?.check(address);
		const { status, headers, data } = await axios.get<Readable>(address.href, {
			responseType: 'stream',
			signal: watch.signal,
			validateStatus: () => true,
			maxRedirects: 0,
			decompress: false,
			headers: { 'User-Agent': 'n8n-nodes-mlops', Accept: '*/*', 'Accept-Encoding': 'gzip, deflate, br' },
			...guard?.agents(address),
		});
		const location = headers.location as unknown;
		if (status < 300 || status >= 400 || status === 304 || typeof location !== 'string')
			return { status, headers: headers as Record<string, unknown>, data };
		data.destroy();
		const next = webAddress(URL.parse(location, address.href)?.href ?? '');
		if (!next) throw refused(address, 'it sends us on to something that is no web address', `HTTP ${status}`);
		if (redirects >= MAX_REDIRECTS) throw refused(address, `it sends us on more than ${MAX_REDIRECTS} times`, `HTTP ${status}`);
		address = next;
	}
}

/** @throws `data.source_refused` for an answer that is not the whole file */
function assertWhole(address: URL, { status, headers }: Answer): void {
	if (status === 206) {
		const [, from, to, all] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(String(headers['content-range'] ?? '')) ?? [];
		if (from === '0' && all !== '*' && Number(to) + 1 === Number(all)) return;
		throw refused(address, 'it gave a part of the file only', 'HTTP 206', 'Try again, or download the file in a browser and hand it over.');
	}
	if (status === 200 || status === 203) return;
	if (status === 202)
		throw refused(
			address,
			'it has not made the file yet',
			'HTTP 202',
			'Try again later, for example with "Retry On Fail" in the settings of the node.',
		);
	if (status === 401 || status === 403)
		throw refused(
			address,
			'it wants a sign-in',
			`HTTP ${status}`,
			'Download it with an HTTP Request node that has the credential, and hand the file over.',
		);
	throw refused(
		address,
		status === 404 ? 'there is no such file' : status < 300 ? 'its answer holds no file' : `it answered ${status}`,
		`HTTP ${status}`,
	);
}

async function store(
	address: URL,
	{ headers, data }: Answer,
	path: string,
	{ maxBytes }: DownloadLimits,
	watch: Watch,
	context: SourceContext,
): Promise<void> {
	const total = Number(headers['content-length']) || undefined;
	if (total && total > maxBytes) throw tooLarge(address, maxBytes);
	let wire = 0;
	let out = 0;
	const counted = async function* (source: AsyncIterable<Buffer>) {
		for await (const chunk of source) {
			wire += chunk.length;
			watch.got(chunk.length);
			if (total) context.progress({ stage: 'Downloading', share: Math.min(1, wire / total) * 0.3 });
			yield chunk;
		}
		if (total !== undefined && wire < total) throw new Error(`only ${wire} of ${total} bytes came`);
	};
	const limited = async function* (source: AsyncIterable<Buffer>) {
		for await (const chunk of source) {
			out += chunk.length;
			if (out > maxBytes) throw tooLarge(address, maxBytes);
			yield chunk;
		}
	};
	const decoders = String(headers['content-encoding'] ?? '')
		.toLowerCase()
		.split(',')
		.map((e) => e.trim())
		.filter((e) => e !== '' && e !== 'identity')
		.reverse()
		.map((e) => decoderOf(e, address));
	// Its types know no list of streams.
	await pipeline(data, counted, ...(decoders as unknown as [Transform]), limited, createWriteStream(path), { signal: watch.signal });
}

/** Strict: an answer that breaks off is an error here. */
function decoderOf(encoding: string, address: URL): Transform {
	if (encoding === 'gzip' || encoding === 'x-gzip') return zlib.createGunzip();
	if (encoding === 'deflate') return zlib.createInflate();
	if (encoding === 'br') return zlib.createBrotliDecompress();
	throw refused(address, `it packs its answer in a way that is not known here ("${encoding.slice(0, 20)}")`, 'HTTP 200');
}

const tooLarge = (address: URL, maxBytes: number): MlopsError =>
	new MlopsError('data.too_large', `The file at ${address.host} is larger than ${Math.round(maxBytes / MEGABYTE)} MB.`, {
		remedy: 'Raise "Largest size (MB)", or bring in a smaller extract.',
	});

export const refused = (address: URL, reason: string, found: string, remedy = 'Check the address in a browser.'): MlopsError =>
	new MlopsError('data.source_refused', `${address.host} did not give the file: ${reason} (${found}).`, { found, remedy });

function unreachable(address: URL, thrown: unknown, why: Slow | undefined, { timeout, total }: DownloadLimits): MlopsError {
	const { code, message } = thrown as { code?: string; message?: string };
	const reason =
		why === 'silent'
			? `it was silent for ${timeout / 1000} seconds`
			: why === 'slow'
				? `it sends too slowly (less than ${LEAST_BYTES} bytes in ${timeout / 1000} seconds, or not all within ${total / 1000} seconds)`
				: code === 'ENOTFOUND' || code === 'EAI_AGAIN'
					? 'there is no such host'
					: code === 'ECONNREFUSED'
						? 'it refuses connections'
						: /^only \d/.test(message ?? '') || /^Z_|aborted|PREMATURE/i.test(`${code} ${message}`)
							? 'the answer broke off before its end'
							: `the connection failed${code ? ` (${code})` : ''}`;
	return new MlopsError('data.source_unreachable', `${address.host} cannot be reached: ${reason}.`, {
		cause: thrown,
		remedy: 'Check the address and whether this machine may reach the network.',
	});
}
