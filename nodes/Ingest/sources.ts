import type { INodeCredentialDescription, INodeProperties } from 'n8n-workflow';
import { sourceChoices } from '../../lib/app/catalogue.js';
import { formFields } from '../shared/form.js';

/** A file that an earlier node loaded is read by the source of files, which then is not asked where it lies. */
const HANDED_OVER = 'binary';
const FILE = 'file';
const ASKED_NOT = ['path', 'fileName', 'files'];

/** The source behind what a person chose, and whether its file comes along with the item. */
export const chosenSource = (chosen: string): { source: string; handedOver: boolean } =>
	chosen === HANDED_OVER ? { source: FILE, handedOver: true } : { source: chosen, handedOver: false };

export const credentials: INodeCredentialDescription[] = sourceChoices.flatMap(({ id, credentials: own = [] }) =>
	own.map(({ name, when }) => ({ name, required: true, displayOptions: { show: { source: [id], ...when } } })),
) as INodeCredentialDescription[];

export const sourceFields: INodeProperties[] = [
	{
		displayName: 'Source',
		name: 'source',
		type: 'options',
		noDataExpression: true,
		default: 'example',
		options: [
			...sourceChoices.map((s) => ({ name: s.label, value: s.id, description: s.description })),
			{
				name: 'File From the Previous Node',
				value: HANDED_OVER,
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
		displayOptions: { show: { source: [HANDED_OVER] } },
		description: 'Name of the field that holds the file',
	},
	...sourceChoices.filter((s) => s.id === FILE).flatMap((s) => formFields(s.params, { source: [HANDED_OVER] }, ASKED_NOT)),
	...sourceChoices.flatMap((s) => formFields(s.params, { source: [s.id] }, s.filled)),
];
