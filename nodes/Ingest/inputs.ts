import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import type { IExecuteFunctions } from 'n8n-workflow';
import { sourceChoice, type SourceChoice } from '../../lib/app/catalogue.js';
import type { IngestRequest } from '../../lib/app/ingestData.js';
import type { ColumnRole, ColumnType } from '../../lib/domain/column.js';
import { dictionary, own } from '../../lib/domain/dictionary.js';
import { digestOf } from '../../lib/domain/json.js';
import { isMet } from '../../lib/domain/ui.js';
import { fileAccess } from '../shared/fileAccess.js';
import { readForm } from '../shared/form.js';
import { writeItemRows } from '../shared/itemRows.js';
import { parametersOf, textParameter } from '../shared/parameters.js';
import type { Runtime, Store } from '../shared/runtime.js';
import { isNewer } from '../shared/versions.js';
import { datasetName, lotToFinish, pagesMode, runOf } from './pageByPage.js';
import { chosenSource } from './sources.js';

/** The source that was chosen for an item. */
const sourceAt = (functions: IExecuteFunctions, index: number) => chosenSource(functions.getNodeParameter('source', index) as string);

/** Whether all incoming items together are one table. */
export const takesRows = (functions: IExecuteFunctions): boolean => sourceChoice(sourceAt(functions, 0).source).takesRows === true;

/** All incoming items as one table, written out line by line so that the compute process gets its name, never rows. */
export async function rowsRequest(functions: IExecuteFunctions, { store }: Runtime): Promise<IngestRequest> {
	const { source } = sourceAt(functions, 0);
	const params = asked(functions, 0, sourceChoice(source));
	const asking = { ...common(functions, 0), source, params };
	if (pagesMode(functions) === 'finish') return { ...asking, pagesOf: lotToFinish(functions, datasetName(functions)) };
	return { ...asking, handedOver: (await writeItemRows(functions, store)).handedOver };
}

/** What one item asks for, of every other source. */
export async function itemRequest(functions: IExecuteFunctions, runtime: Runtime, index: number): Promise<IngestRequest> {
	const chosen = sourceAt(functions, index);
	const source = sourceChoice(chosen.source);
	const request = { ...common(functions, index), source: chosen.source };
	if (chosen.handedOver) return { ...request, ...(await binaryFile(functions, runtime.store, index, source)) };
	const params = asked(functions, index, source);
	const { file } = source;
	if (file && isMet(file.when, params)) {
		const { allowedFile, allowedFiles } = await import('../../lib/app/allowedFiles.js');
		const isBlocked = fileAccess(functions);
		const path = String(own(params, file.param));
		const found = file.pattern ? await allowedFiles(runtime, path, isBlocked) : await allowedFile(path, isBlocked);
		Object.assign(params, { [file.into]: found });
	}
	const credential = source.credentials?.find(({ when }) => isMet(when, params));
	if (!credential) return { ...request, params };
	return { ...request, params: source.connect?.(params, await functions.getCredentials(credential.name, index)) };
}

function common(functions: IExecuteFunctions, index: number): Omit<IngestRequest, 'source' | 'params'> {
	const text = (name: string) => textParameter(functions, name, index);
	const settings =
		(functions.getNodeParameter('columns', index, {}) as { column?: Array<{ name: string; role?: string; type?: string }> }).column ?? [];
	const { strayPercent } = functions.getNodeParameter('typing', index, {}) as { strayPercent?: number };
	const pick = (key: 'role' | 'type') => Object.fromEntries(settings.filter((c) => c.name && c[key]).map((c) => [c.name, c[key]!]));
	const append = functions.getNodeParameter('append', index, false) as boolean;
	return {
		name: text('name'),
		...(append ? { append, appendKey: digestOf([...runOf(functions), index]) } : {}),
		...(text('target') ? { target: text('target') } : {}),
		roles: pick('role') as Record<string, ColumnRole>,
		types: pick('type') as Record<string, ColumnType>,
		...(strayPercent === undefined ? {} : { strayShare: strayPercent / 100 }),
		...(isNewer(functions) ? {} : { caselessNames: true }),
	};
}

/** The values of the fields that people see. */
function asked(functions: IExecuteFunctions, index: number, { params, filled = [] }: SourceChoice): Record<string, unknown> {
	const values = readForm(params, parametersOf(functions, index));
	return dictionary(Object.entries(values).filter(([name]) => !filled.includes(name)));
}

/** Streams the binary to a file of the store's, so that a large upload never lies in memory. */
async function binaryFile(
	functions: IExecuteFunctions,
	store: Store,
	index: number,
	source: SourceChoice,
): Promise<Pick<IngestRequest, 'params' | 'handedOver'>> {
	const binary = functions.helpers.assertBinaryData(index, functions.getNodeParameter('binaryProperty', index) as string);
	const extension = binary.fileExtension ?? binary.fileName?.split('.').pop() ?? 'bin';
	const path = await store.artifacts.temporary(extension.replace(/[^\w]/g, ''));
	const bytes = binary.id ? await functions.helpers.getBinaryStream(binary.id) : Readable.from([Buffer.from(binary.data, 'base64')]);
	await pipeline(bytes, createWriteStream(path));
	const { path: _path, ...params } = asked(functions, index, source);
	return { params: { ...params, fileName: binary.fileName || `file.${extension}` }, handedOver: await store.artifacts.handOver(path) };
}
