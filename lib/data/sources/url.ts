import { stat } from 'node:fs/promises';
import { z } from 'zod/v4';
import { MlopsError } from '../../domain/errors.js';
import { readHead } from '../readers/head.js';
import { readFiles } from '../readers/readFile.js';
import { freeMegabytes } from '../readers/unpack.js';
import { webAddress } from '../../http/address.js';
import { unescaped } from '../unescaped.js';
import { errorIn, notATable } from '../web/mayBeTable.js';
import { download, refused } from '../web/download.js';
import { defineSource } from './contract.js';
import { nameOfFile } from './nameOfFile.js';
import { fileOptions } from './file.js';

const MEGABYTE = 1 << 20;
const HEAD_BYTES = 1 << 16;

export const urlSource = defineSource({
	id: 'url',
	label: 'URL',
	description: 'A file on the web: CSV, TSV, JSON, Parquet or Excel.',
	params: z.object({
		url: z.string().min(1).meta({
			title: 'URL',
			description: 'Address of the file, starting with http:// or https://.',
			placeholder: 'https://example.com/customers.csv',
		}),
		timeoutSeconds: z
			.number()
			.min(1)
			.max(3600)
			.default(60)
			.meta({ title: 'Timeout (seconds)', description: 'How long to wait for the server to go on.', advanced: true }),
		totalSeconds: z
			.number()
			.min(1)
			.max(86_400)
			.default(3600)
			.meta({ title: 'Longest download (seconds)', description: 'How long one download may take in all.', advanced: true }),
		maxMegabytes: z
			.number()
			.min(1)
			.default(4096)
			.meta({ title: 'Largest size (MB)', description: 'A larger download is stopped.', advanced: true }),
		retries: z
			.number()
			.int()
			.min(0)
			.max(10)
			.default(3)
			.meta({ title: 'Retries', description: 'How often to try again when the server does not answer or is busy.', advanced: true }),
		...fileOptions,
	}),
	nameOf: ({ url }) => nameOfFile(unescaped(URL.parse(String(url ?? ''))?.pathname ?? '')),
	async read({ url, timeoutSeconds, totalSeconds, maxMegabytes, retries, ...options }, context) {
		const address = addressOf(url);
		const path = await context.temporary('download');
		await download(
			address,
			path,
			{ timeout: timeoutSeconds * 1000, total: totalSeconds * 1000, maxBytes: maxMegabytes * MEGABYTE, retries },
			context,
		);
		await assertTable(path, address);
		const fileName = unescaped(address.pathname.split('/').at(-1) ?? '') || address.hostname;
		const maxUnpackedMegabytes = Math.min(maxMegabytes, options.maxUnpackedMegabytes || freeMegabytes((await stat(path)).size));
		const table = await readFiles([path], { ...options, fileName, maxUnpackedMegabytes }, context);
		// The query of an address may hold a token: it is not shown.
		return { ...table, description: `${address.origin}${address.pathname}` };
	},
});

/** A page to sign in at, or an object that says what went wrong, often comes with a status that says all is well. */
async function assertTable(path: string, address: URL): Promise<void> {
	const head = await readHead(path, HEAD_BYTES);
	const kind = notATable(head);
	if (kind && !kind.startsWith('packed'))
		throw refused(
			address,
			`it gave ${kind} instead of a table`,
			'HTTP 200',
			'Check the address in a browser that is not signed in; where a sign-in is needed, download the file with an HTTP Request ' +
				'node that has the credential.',
		);
	const error = errorIn(head, (await stat(path)).size <= HEAD_BYTES);
	if (error) throw refused(address, `it answered with an error, "${error}"`, 'HTTP 200', 'Check the address and what it asks for.');
}

function addressOf(url: string): URL {
	const address = webAddress(url);
	if (address) return address;
	throw new MlopsError('input.invalid', 'The address does not start with http:// or https://.', {
		expected: 'for example https://example.com/data.csv',
		remedy: 'Correct the URL.',
	});
}
