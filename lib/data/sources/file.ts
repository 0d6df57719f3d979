import { z } from 'zod/v4';
import { claim } from '../files/claim.js';
import { findFiles } from '../files/findFiles.js';
import { MAX_BAD_PERCENT } from '../quarantine.js';
import { readFiles } from '../readers/readFile.js';
import { defineSource } from './contract.js';
import { nameOfFile } from './nameOfFile.js';

/** How many rows may be kept apart; the same for all sources. */
export const maxBadPercent = z.number().min(0).max(100).default(MAX_BAD_PERCENT).meta({
	title: 'Rows to keep apart at most (%)',
	description: 'Rows that cannot be read are kept apart. With more of them than this, reading fails and says why they cannot be read.',
	advanced: true,
});

/** Options for reading text, Excel and Parquet, the same for files and URLs. */
export const fileOptions = {
	format: z
		.enum(['auto', 'csv', 'tsv', 'json', 'ndjson', 'parquet', 'excel'])
		.default('auto')
		.meta({
			title: 'Format',
			description: 'How the file is written; found from its content by default.',
			advanced: true,
			labels: {
				auto: 'Automatic',
				csv: 'CSV',
				tsv: 'Tab-separated',
				json: 'JSON',
				ndjson: 'JSON lines',
				parquet: 'Parquet',
				excel: 'Excel',
			},
		}),
	delimiter: z.string().max(1).default('').meta({
		title: 'Delimiter',
		description: 'Character between values in a CSV; found by itself when empty.',
		advanced: true,
		placeholder: ',',
	}),
	header: z
		.enum(['auto', 'yes', 'no'])
		.default('auto')
		.meta({
			title: 'Header',
			description: 'Whether the first line holds the column names.',
			advanced: true,
			labels: { auto: 'Automatic', yes: 'Yes', no: 'No' },
		}),
	sheet: z.string().default('').meta({ title: 'Sheet', description: 'Name of the Excel sheet; the first one when empty.', advanced: true }),
	encoding: z.string().default('auto').meta({
		title: 'Encoding',
		description: 'How letters are stored, for example utf-8 or windows-1252; found by itself by default.',
		advanced: true,
	}),
	decimal: z
		.enum(['auto', '.', ','])
		.default('auto')
		.meta({
			title: 'Decimal mark',
			description: 'The sign before decimals in text, where the data leave it open.',
			advanced: true,
			labels: { auto: 'Automatic', '.': 'Point', ',': 'Comma' },
		}),
	maxUnpackedMegabytes: z.number().min(0).default(0).meta({
		title: 'Largest size when unpacked (MB)',
		description: 'How much may come out of a packed file; 0 allows 1,024 MB, or a hundred times its packed size where that is more.',
		advanced: true,
	}),
	maxBadPercent,
	nulls: z.array(z.string()).default([]).meta({
		title: 'Words for "missing"',
		description: 'Texts that mean there is no value; the usual ones (empty, NA, NaN, null) when none is given.',
		advanced: true,
	}),
};

export const fileSource = defineSource({
	id: 'file',
	label: 'File',
	description: 'A file on the machine that runs n8n, or one that an earlier node loaded: CSV, TSV, JSON, Parquet or Excel.',
	params: z.object({
		path: z.string().min(1).meta({
			title: 'Path',
			description: 'Path of the file; several files of one shape with * or ?.',
			placeholder: '/data/customers-*.csv',
		}),
		fileName: z
			.string()
			.default('')
			.meta({ title: 'File name', description: 'Name to show for it, where the path is a temporary one.', advanced: true }),
		files: z
			.array(z.object({ path: z.string(), name: z.string() }))
			.min(1)
			.optional()
			.describe('What the path stands for, where it was looked up and checked before: real paths, free of links'),
		...fileOptions,
	}),
	filled: ['files'],
	file: { param: 'path', into: 'files', pattern: true },
	nameOf: ({ fileName, path }) => nameOfFile(String(fileName || path || '')),
	async read({ path, fileName, files, ...options }, context) {
		const found = files ?? (await findFiles(path, context.check));
		const names = fileName && found.length === 1 ? [fileName] : found.map(({ name }) => name);
		return readFiles(await claim(found, files !== undefined, context), { ...options, names }, context);
	},
});
