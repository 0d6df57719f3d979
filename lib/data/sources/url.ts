import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod/v4';
import { MlopsError } from '../../domain/errors.js';
import { readFiles } from '../readers/readFile.js';
import { defineSource, type SourceContext } from './contract.js';
import { fileOptions } from './file.js';

const MEGABYTE = 1 << 20;
const BACKOFF_MS = 500;

export const urlSource = defineSource({
	id: 'url',
	label: 'URL',
	description: 'A file on the web: CSV, TSV, JSON, Parquet or Excel.',
	params: z.object({
		url: z.string().min(1).meta({ title: 'URL', description: 'Address of the file, starting with http:// or https://.', placeholder: 'https://example.com/customers.csv' }),
		timeoutSeconds: z.number().min(1).max(3600).default(60).meta({ title: 'Timeout (seconds)', description: 'How long to wait for the server to go on.', advanced: true }),
		maxMegabytes: z.number().min(1).default(4096).meta({ title: 'Largest size (MB)', description: 'A larger download is stopped.', advanced: true }),
		retries: z.number().int().min(0).max(10).default(3).meta({ title: 'Retries', description: 'How often to try again when the server does not answer or is busy.', advanced: true }),
		...fileOptions,
	}),
	async read({ url, timeoutSeconds, maxMegabytes, retries, ...options }, context) {
		const address = addressOf(url);
		const path = await context.temporary('download');
		await download(address, path, { timeout: timeoutSeconds * 1000, maxBytes: maxMegabytes * MEGABYTE, retries }, context);
		const fileName = decodeURIComponent(address.pathname.split('/').at(-1) ?? '') || address.hostname;
		const table = await readFiles([path], { ...options, fileName }, context);
		// The query of an address may hold a token: it is not shown.
		return { ...table, description: `${address.origin}${address.pathname}` };
	},
});

function addressOf(url: string): URL {
	try {
		const address = new URL(url);
		if (address.protocol === 'http:' || address.protocol === 'https:') return address;
	} catch { /* said below */ }
	throw new MlopsError('input.invalid', 'The address does not start with http:// or https://.', { expected: 'for example https://example.com/data.csv', remedy: 'Correct the URL.' });
}

interface Limits { timeout: number; maxBytes: number; retries: number }

/** Downloads to a file; tries again after network failures, 429 and 5xx, waiting longer each time. */
async function download(address: URL, path: string, { timeout, maxBytes, retries }: Limits, context: SourceContext): Promise<void> {
	const { default: axios } = await import('axios');
	for (let attempt = 0; ; attempt++) {
		context.check();
		const abort = new AbortController();
		let watch: NodeJS.Timeout | undefined;
		const alive = () => {
			clearTimeout(watch);
			watch = setTimeout(() => abort.abort(new Error('timeout')), timeout);
		};
		try {
			alive();
			const response = await axios.get<Readable>(address.href, { responseType: 'stream', signal: abort.signal, validateStatus: () => true, maxRedirects: 5, headers: { 'User-Agent': 'n8n-nodes-mlops' } });
			if (response.status >= 400) {
				response.data.destroy();
				if (attempt < retries && (response.status === 429 || response.status >= 500)) {
					await pause(attempt);
					continue;
				}
				throw refused(address, response.status);
			}
			const total = Number(response.headers['content-length']) || undefined;
			if (total && total > maxBytes) {
				response.data.destroy();
				throw tooLarge(address, maxBytes);
			}
			let bytes = 0;
			await pipeline(response.data, async function* (source: AsyncIterable<Buffer>) {
				for await (const chunk of source) {
					alive();
					context.check();
					bytes += chunk.length;
					if (bytes > maxBytes) throw tooLarge(address, maxBytes);
					if (total) context.report({ stage: 'Downloading', share: (bytes / total) * 0.3 });
					yield chunk;
				}
			}, createWriteStream(path), { signal: abort.signal });
			return;
		} catch (thrown) {
			if (thrown instanceof MlopsError) throw thrown;
			if (attempt >= retries) throw unreachable(address, thrown, abort.signal.aborted, timeout);
			await pause(attempt);
		} finally {
			clearTimeout(watch);
		}
	}
}

const pause = (attempt: number): Promise<void> => delay(BACKOFF_MS * 2 ** attempt);

const tooLarge = (address: URL, maxBytes: number): MlopsError =>
	new MlopsError('data.too_large', `The file at ${address.host} is larger than ${Math.round(maxBytes / MEGABYTE)} MB.`, { remedy: 'Raise "Largest size (MB)", or bring in a smaller extract.' });

function refused(address: URL, status: number): MlopsError {
	const reason = status === 404 ? 'there is no such file' : status === 401 || status === 403 ? 'it wants a sign-in' : `it answered ${status}`;
	return new MlopsError('data.source_refused', `${address.host} did not give the file: ${reason} (HTTP ${status}).`, {
		found: `HTTP ${status}`, remedy: status === 401 || status === 403 ? 'Download it with an HTTP Request node that has the credential, and hand the file over.' : 'Check the address in a browser.',
	});
}

function unreachable(address: URL, thrown: unknown, timedOut: boolean, timeout: number): MlopsError {
	const code = (thrown as { code?: string }).code;
	const reason = timedOut ? `it was silent for ${timeout / 1000} seconds` : code === 'ENOTFOUND' || code === 'EAI_AGAIN' ? 'there is no such host' : code === 'ECONNREFUSED' ? 'it refuses connections' : `the connection failed${code ? ` (${code})` : ''}`;
	return new MlopsError('data.source_unreachable', `${address.host} cannot be reached: ${reason}.`, { cause: thrown, remedy: 'Check the address and whether this machine may reach the network.' });
}
