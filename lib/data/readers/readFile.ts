import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { MlopsError } from '../../domain/errors.js';
import type { RawTable, SourceContext } from '../sources/contract.js';
import { readCsv } from './csv.js';
import { emptyFile } from './emptyFile.js';
import { readHead } from './head.js';
import { readJson } from './json.js';
import { readParquet } from './parquet.js';
import { toUtf8 } from './encoding.js';
import { unpackAll } from './unpack.js';
import { assertGoodWorkbook } from './zipParts.js';
import { assertMayBeTable } from '../web/mayBeTable.js';

export type FileFormat = 'csv' | 'tsv' | 'json' | 'ndjson' | 'parquet' | 'excel';

export interface FileOptions {
	format?: 'auto' | FileFormat;
	delimiter?: string;
	header?: 'auto' | 'yes' | 'no';
	sheet?: string;
	encoding?: string;
	decimal?: 'auto' | '.' | ',';
	nulls?: readonly string[];
	/** What may come out of packed files; 0: as `unpackAll` says. */
	maxUnpackedMegabytes?: number;
	/** Rows that may be kept apart, in percent. */
	maxBadPercent?: number;
	/** Name to show for a single path instead of its own. */
	fileName?: string;
	/** Names to show instead of the paths' own. */
	names?: readonly string[];
}

/** The format of a file by its first bytes, else by its name. */
export async function fileFormat(path: string, name: string): Promise<FileFormat> {
	const head = await readHead(path, 4096);
	if (head.length >= 4 && head.subarray(0, 4).toString('latin1') === 'PAR1') return 'parquet';
	if (head[0] === 0x50 && head[1] === 0x4b) return 'excel';
	const extension = name.toLowerCase().replace(/\.gz$/, '').split('.').at(-1) ?? '';
	if (extension === 'parquet') return 'parquet';
	if (extension === 'ndjson' || extension === 'jsonl') return 'ndjson';
	if (extension === 'tsv' || extension === 'tab') return 'tsv';
	const text = head
		.toString('utf8')
		.replace(/^\ufeff/, '')
		.trimStart();
	if (text.startsWith('[') && /^\[\s*[\]{[]/.test(text)) return 'json';
	if (text.startsWith('{')) return /\}[ \t]*\r?\n[ \t]*\{/.test(text) || extension !== 'json' ? 'ndjson' : 'json';
	if (extension === 'json') return 'json';
	return 'csv';
}

/** Reads local files of one kind into one table. @throws MlopsError `data.*` */
export async function readFiles(paths: readonly string[], options: FileOptions, context: SourceContext): Promise<RawTable> {
	const files = options.names ?? (options.fileName && paths.length === 1 ? [options.fileName] : paths.map((p) => basename(p)));
	const label = paths.length === 1 ? `"${files[0]}"` : `${paths.length} files`;
	const sizes = await Promise.all(paths.map(async (p) => (await stat(p)).size));
	if (sizes.every((size) => size === 0)) throw emptyFile(label);
	for (const [i, path] of paths.entries()) await assertNoOldExcel(path, files[i]);
	const isEncoded = options.encoding !== undefined && options.encoding !== '' && options.encoding !== 'auto';
	const unpacked = await unpackAll(paths, options.maxUnpackedMegabytes ?? 0, context);
	for (const [i, path] of unpacked.entries()) assertMayBeTable(await readHead(path, 4096), files[i], isEncoded);
	const texts = await Promise.all(unpacked.map((p, i) => toUtf8(p, options.encoding, context, paths.length > 1 ? `"${files[i]}"` : '')));
	const plain = texts.map((t) => t.path);
	const format =
		options.format && options.format !== 'auto'
			? options.format
			: await commonFormat(
					plain.filter((_, i) => sizes[i] > 0),
					files.filter((_, i) => sizes[i] > 0),
				);
	const text = {
		nulls: options.nulls?.length ? options.nulls : undefined,
		decimal: options.decimal === 'auto' ? undefined : options.decimal,
	};
	const read = async (): Promise<RawTable> => {
		switch (format) {
			case 'parquet':
				return readParquet(plain, label, context);
			case 'json':
				return readJson(plain, false, text, label, context);
			case 'ndjson':
				return readJson(plain, true, text, label, context);
			case 'excel': {
				const { excelToCsv } = await import('./excel.js');
				const sheets: string[] = [];
				for (const [i, path] of plain.entries())
					await assertGoodWorkbook(path, `"${files[i]}"`, options.maxUnpackedMegabytes ?? 0, context.check);
				for (const [i, path] of plain.entries())
					sheets.push(await excelToCsv(path, options.sheet, options.header ?? 'auto', `"${files[i]}"`, context));
				const table = await readCsv(
					sheets.map((path) => ({ path })),
					{ ...text, ours: 'named' },
					label,
					context,
					files,
				);
				return { ...table, delimiter: undefined, plainNumbers: true };
			}
			case 'csv':
			case 'tsv':
				return readCsv(
					texts,
					{ ...text, delimiter: options.delimiter || (format === 'tsv' ? '\t' : undefined), header: options.header },
					label,
					context,
					files,
				);
		}
	};
	return { ...(await read()), maxBadPercent: options.maxBadPercent };
}

/** The format that all files have. @throws `data.schema_mismatch` naming the first that is of another kind */
async function commonFormat(paths: readonly string[], files: readonly string[]): Promise<FileFormat> {
	const formats = await Promise.all(paths.map(async (path, i) => await fileFormat(path, files[i])));
	const other = formats.findIndex((f) => f !== formats[0]);
	if (other < 0) return formats[0];
	throw new MlopsError(
		'data.schema_mismatch',
		`"${files[other]}" is of another kind than "${files[0]}" (${formats[other]} and ${formats[0]}), so the two do not make one table.`,
		{
			expected: formats[0],
			found: formats[other],
			remedy: 'Name files of one kind, for example with *.csv, or choose the format under "Options".',
		},
	);
}

/** The mark of the container that Excel used until 2003, and still uses for workbooks with a password. */
const OLD_EXCEL = 'd0cf11e0a1b11ae1';

async function assertNoOldExcel(path: string, file: string): Promise<void> {
	if ((await readHead(path, 8)).toString('hex') !== OLD_EXCEL) return;
	throw new MlopsError(
		'data.unreadable',
		`"${file}" is a workbook of an old Excel (.xls), or one with a password, which cannot be read here.`,
		{ remedy: 'Open it in Excel or LibreOffice and save it as .xlsx without a password, or as CSV.' },
	);
}
