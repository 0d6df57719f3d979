import type { INodeCredentialDescription, INodeProperties } from 'n8n-workflow';
import { own } from '../../lib/domain/dictionary.js';
import { SOURCES } from '../../lib/data/sources/index.js';
import { formFields } from '../shared/form.js';

/** Parameters that the node fills in by itself: paths of handed-over files, items, and what a credential holds. */
const FILLED: Record<string, string[]> = { items: ['path', 'items'], file: ['files'], sql: ['connection'] };

export const credentials: INodeCredentialDescription[] = [
	{ name: 'postgres', required: true, displayOptions: { show: { source: ['sql'], database: ['postgres'] } } },
	{ name: 'mySql', required: true, displayOptions: { show: { source: ['sql'], database: ['mysql'] } } },
];

const byId = (id: string) => SOURCES.find((s) => s.id === id)!;

export const sourceFields: INodeProperties[] = [
	{
		displayName: 'Source',
		name: 'source',
		type: 'options',
		noDataExpression: true,
		default: 'example',
		options: [
			...SOURCES.map((s) => ({ name: s.label, value: s.id, description: s.description })),
			{
				name: 'File From the Previous Node',
				value: 'binary',
				description: 'A file that an earlier node downloaded or received: CSV, TSV, JSON, Parquet or Excel',
			},
		].sort((a, b) => a.name.localeCompare(b.name)),
		description: 'Where the data are read from',
	},
	{
		displayName: 'Input Binary Field',
		name: 'binaryProperty',
		type: 'string',
		default: 'data',
		required: true,
		displayOptions: { show: { source: ['binary'] } },
		description: 'Name of the field that holds the file',
	},
	...formFields(byId('file').params, { source: ['binary'] }, ['path', 'fileName', 'files']),
	...SOURCES.flatMap((s) => formFields(s.params, { source: [s.id] }, own(FILLED, s.id))),
];
