import { createReadStream } from 'node:fs';
import type { IBinaryKeyData, IExecuteFunctions } from 'n8n-workflow';
import type { Store } from './runtime.js';

/** The largest file that goes along with an item; n8n copies it for each execution. */
const MOST_ATTACHED_MB = 64;

export interface Attached {
	/** Digest in the store, and size. */
	file: string;
	bytes: number;
	/** Key of the binary, what the file is called, and what a person would call it. */
	key: string;
	fileName: string;
	type: string;
	what: string;
}

/** A file of the store as a binary of an item, or where it lies if it is too large to go along. */
export async function attachFile(
	functions: IExecuteFunctions,
	store: Store,
	{ file, bytes, key, fileName, type, what }: Attached,
): Promise<{ binary?: IBinaryKeyData; path?: string }> {
	const path = await store.artifacts.materialise(file);
	if (bytes <= MOST_ATTACHED_MB * 2 ** 20)
		return { binary: { [key]: await functions.helpers.prepareBinaryData(createReadStream(path), fileName, type) } };
	functions.addExecutionHints({
		message:
			`${what} has ${Math.round(bytes / 2 ** 20)} MB, more than the ${MOST_ATTACHED_MB} MB that go along with an item. It ` +
			`lies in the store: ${path}`,
		location: 'outputPane',
	});
	return { path };
}
