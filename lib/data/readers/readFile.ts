import { glob, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { MlopsError } from '../../domain/errors.js';
import type { RawTable, SourceContext } from '../sources/contract.js';
import { emptyFile, readCsv } from './csv.js';
import { readHead } from './head.js';
import { readJson } from './json.js';
import { readParquet } from './parquet.js';
import { toUtf8 } from './encoding.js';

export type FileFormat = 'csv' | 'tsv' | 'json' | 'ndjson' | 'parquet' | 'excel';

export interface FileOptions {
	format?: 'auto' | FileFormat;
	delimiter?: string;
	header?: 'auto' | 'yes' | 'no';
	sheet?: string;
	encoding?: string;
	decimal?: 'auto' | '.' | ',';
	nulls?: readonly string[];
	/** Name to show instead of the path's own. */
	fileName?: string;
}

/** Local files that a path or a pattern with `*`, `?` or `[` names, sorted. @throws `data.source_unreachable` */
export async function findFiles(path: string): Promise<string[]> {
	try {
		if ((await stat(path)).isFile()) return [path];
	} catch { /* not a plain path: perhaps a pattern */ }
	const found: string[] = [];
	if (/[*?[{]/.test(path)) for await (const match of glob(path)) if ((await stat(match)).isFile()) found.push(match);
	if (found.length === 0) throw new MlopsError('data.source_unreachable', `There is no file "${basename(path)}".`, { found: path, remedy: 'Check the path as the machine that runs n8n sees it.' });
	return found.sort();
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
	const text = head.toString('utf8').replace(/^\ufeff/, '').trimStart();
	if (text.startsWith('[') && /^\[\s*[\]{[]/.test(text)) return 'json';
	if (text.startsWith('{')) return /\}[ \t]*\r?\n[ \t]*\{/.test(text) || extension !== 'json' ? 'ndjson' : 'json';
	if (extension === 'json') return 'json';
	return 'csv';
}

/** Reads local files of one kind. @throws MlopsError `data.*` */
export async function readFiles(paths: readonly string[], options: FileOptions, context: SourceContext): Promise<RawTable> {
	const label = options.fileName ? `"${options.fileName}"` : paths.length === 1 ? `"${basename(paths[0])}"` : `${paths.length} files`;
	if ((await stat(paths[0])).size === 0) throw emptyFile(label);
	const plain = await Promise.all(paths.map((p) => toUtf8(p, options.encoding, context)));
	const format = options.format && options.format !== 'auto' ? options.format : await fileFormat(plain[0], options.fileName ?? paths[0]);
	const text = { nulls: options.nulls?.length ? options.nulls : undefined, decimal: options.decimal === 'auto' ? undefined : options.decimal };
	switch (format) {
		case 'parquet': return readParquet(plain, label, context);
		case 'json': return readJson(plain, false, text, label, context);
		case 'ndjson': return readJson(plain, true, text, label, context);
		case 'excel': {
			const { excelToCsv } = await import('./excel.js');
			const csv = await excelToCsv(plain[0], options.sheet, label, context);
			return readCsv([csv], { ...text, delimiter: ',', header: options.header }, label, context);
		}
		case 'csv':
		case 'tsv': return readCsv(plain, { ...text, delimiter: options.delimiter || (format === 'tsv' ? '\t' : undefined), header: options.header }, label, context);
	}
}
