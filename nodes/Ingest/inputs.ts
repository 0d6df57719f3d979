import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import type { IExecuteFunctions } from 'n8n-workflow';
import type { ColumnRole, ColumnType } from '../../lib/domain/column.js';
import { fileSource } from '../../lib/data/sources/file.js';
import { sourceOf } from '../../lib/data/ingest.js';
import type { Store } from '../../lib/store/contract.js';
import { readForm } from '../shared/form.js';
import { writeItemRows } from '../shared/itemRows.js';
import { parametersOf } from '../shared/parameters.js';
import type { Runtime } from '../shared/runtime.js';
import { isNewer } from '../shared/versions.js';
import { connectionOf } from './connection.js';
import { allowedFile, allowedFiles } from './allowedFiles.js';

/** Input of the ingest job without the store's place. */
export interface IngestInput {
	name: string;
	source: string;
	params: unknown;
	/** Name of a file that was written for this job alone. */
	handedOver?: string;
	target?: string;
	roles: Record<string, ColumnRole>;
	types: Record<string, ColumnType>;
	strayShare?: number;
	/** Names that differ only by case are told apart from version 2 on: the second of them has another name in workflows that were made before. */
	caselessNames?: boolean;
}

/** All incoming items as one table, written out line by line so that the compute process gets its name, never rows. */
export async function readItems(functions: IExecuteFunctions, store: Store): Promise<IngestInput> {
	const handedOver = await writeItemRows(functions, store);
	const { path: _path, items: _items, ...params } = values(functions, 0, 'items') as Record<string, unknown>;
	return { ...common(functions, 0), source: 'items', params, handedOver };
}

/**
 * Lends the name of a folder for temporary files and takes it away again, with the file that was handed over: a process that was ended, because
 * somebody stopped it or it needed too much memory, can no longer do so itself.
 */
export async function withFolder<T>(store: Store, handedOver: string | undefined, work: (folder: string) => Promise<T>): Promise<T> {
	const { artifacts } = store;
	const folder = await artifacts.handOver(await artifacts.temporary('ingest'));
	try {
		return await work(folder);
	} finally {
		for (const name of [folder, ...(handedOver ? [handedOver] : [])]) await artifacts.discard(name).catch(() => {});
	}
}

/** The job of one item for every other source. */
export async function readOther(functions: IExecuteFunctions, runtime: Runtime, index: number): Promise<IngestInput> {
	const source = functions.getNodeParameter('source', index) as string;
	const job = common(functions, index);
	if (source === 'binary') {
		return { ...job, source: 'file', ...(await binaryFile(functions, runtime.store, index)) };
	}
	const params = values(functions, index, source) as Record<string, unknown>;
	if (source === 'file') params.files = await allowedFiles(functions, runtime, String(params.path));
	if (source === 'sql') {
		if (params.database === 'sqlite') params.file = await allowedFile(functions, String(params.file));
		else {
			const database = params.database as 'postgres' | 'mysql';
			params.connection = connectionOf(database, await functions.getCredentials(database === 'postgres' ? 'postgres' : 'mySql', index));
		}
	}
	return { ...job, source, params };
}

function common(functions: IExecuteFunctions, index: number): Omit<IngestInput, 'source' | 'params'> {
	const text = (name: string) => (functions.getNodeParameter(name, index, '') as string).trim();
	const settings =
		(functions.getNodeParameter('columns', index, {}) as { column?: Array<{ name: string; role?: string; type?: string }> }).column ?? [];
	const { strayPercent } = functions.getNodeParameter('typing', index, {}) as { strayPercent?: number };
	const pick = (key: 'role' | 'type') => Object.fromEntries(settings.filter((c) => c.name && c[key]).map((c) => [c.name, c[key]!]));
	return {
		name: text('name'),
		...(text('target') ? { target: text('target') } : {}),
		roles: pick('role') as Record<string, ColumnRole>,
		types: pick('type') as Record<string, ColumnType>,
		...(strayPercent === undefined ? {} : { strayShare: strayPercent / 100 }),
		...(isNewer(functions) ? {} : { caselessNames: true }),
	};
}

const values = (functions: IExecuteFunctions, index: number, id: string): unknown =>
	readForm(sourceOf(id).params, parametersOf(functions, index));

/** Streams the binary to a file of the store's, so that a large upload never lies in memory. */
async function binaryFile(
	functions: IExecuteFunctions,
	store: Store,
	index: number,
): Promise<Pick<IngestInput, 'params'> & { handedOver: string }> {
	const binary = functions.helpers.assertBinaryData(index, functions.getNodeParameter('binaryProperty', index) as string);
	const extension = binary.fileExtension ?? binary.fileName?.split('.').pop() ?? 'bin';
	const path = await store.artifacts.temporary(extension.replace(/[^\w]/g, ''));
	const source = binary.id ? await functions.helpers.getBinaryStream(binary.id) : Readable.from([Buffer.from(binary.data, 'base64')]);
	await pipeline(source, createWriteStream(path));
	const { files: _files, path: _path, ...params } = readForm(fileSource.params, { ...parametersOf(functions, index), path });
	return { params: { ...params, fileName: binary.fileName || `file.${extension}` }, handedOver: await store.artifacts.handOver(path) };
}
