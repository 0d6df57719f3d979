import type { INodeProperties } from 'n8n-workflow';
import { COLUMNS_DEPEND_ON } from '../shared/columnsDependOn.js';
import { datasetSource } from '../shared/datasetSource.js';
import { storeField } from '../shared/storeCredential.js';

type Show = Record<string, string[]>;
const CHOOSE =
	'Choose from the list (after a run: ⋮, Refresh List), or specify an ID using an <a ' +
	'href="https://docs.n8n.io/code/expressions/">expression</a>.';

/** A field of items that is typed, and the column of a dataset that is picked. */
const named = (what: string, name: string, value: string, description: string, show: Show = {}, required = true): INodeProperties[] => [
	{
		displayName: `${what} Field`,
		name,
		type: 'string',
		noDataExpression: true,
		default: value,
		...(required ? { required } : {}),
		displayOptions: { show: { input: ['items'], ...show } },
		description: `Field of the row that holds ${description}`,
	},
	{
		displayName: `${what} Column Name or ID`,
		name,
		type: 'options',
		typeOptions: { loadOptionsMethod: 'getColumns', loadOptionsDependsOn: COLUMNS_DEPEND_ON },
		allowArbitraryValues: true,
		default: '',
		...(required ? { required } : {}),
		displayOptions: { show: { input: ['dataset'], ...show } },
		description: `Column that holds ${description}. ${CHOOSE}`,
	},
];

export const properties: INodeProperties[] = [
	{
		displayName: 'Truth Is In',
		name: 'input',
		type: 'options',
		noDataExpression: true,
		default: 'items',
		options: [
			{ name: 'A Whole Dataset', value: 'dataset', description: 'One truth a row of a dataset that Ingest has read' },
			{ name: 'Each Incoming Item', value: 'items', description: 'One truth an item, or a list of them, as a webhook receives it' },
		],
		description: 'Where what turned out to be true comes from',
	},
	...datasetSource.map((p) => ({
		...p,
		displayOptions: { show: { ...p.displayOptions?.show, ...(p.name === 'datasetRef' ? {} : { input: ['dataset'] }) } },
	})),
	{
		displayName: 'Row',
		name: 'row',
		type: 'json',
		default: '={{ $json }}',
		displayOptions: { show: { input: ['items'] } },
		description: 'What was told (for a webhook: the expression $json.body): an object with the fields below, or a list of these',
	},
	{
		displayName: 'Find the Answer By',
		name: 'findBy',
		type: 'options',
		noDataExpression: true,
		default: 'id',
		options: [
			{
				name: 'Answer ID',
				value: 'id',
				description:
					'The ID that came with the answer: answerId of MLOps Predict, what the model server gave, or the ID of your own that you sent ' +
					'with the request',
			},
			{
				name: 'Key and Time',
				value: 'key',
				description: 'What the caller calls what it asked about, such as a customer: the last answer about it at or before the time',
			},
		],
		description: 'How the answer is found that this is the truth of',
	},
	...named('Answer ID', 'idField', 'answerId', 'the ID of the answer', { findBy: ['id'] }),
	...named('Key', 'keyField', 'key', 'the key that the answer was asked with', { findBy: ['key'] }),
	...named(
		'Time',
		'timeField',
		'',
		'the moment of what was asked about (without a zone: UTC). Empty: the newest answer about the key is meant',
		{ findBy: ['key'] },
		false,
	),
	...named('Truth', 'truthField', 'truth', 'what turned out to be true'),
	{
		displayName: 'Model Name or ID',
		name: 'model',
		type: 'options',
		typeOptions: { loadOptionsMethod: 'getModels' },
		allowArbitraryValues: true,
		default: '',
		description:
			'Model whose answers these are, needed where several models answer about the same keys. Choose from the list, or specify an ID ' +
			'using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
	},
	{
		displayName: 'A Row Without a Truth',
		name: 'empty',
		type: 'options',
		default: 'leave',
		options: [
			{ name: 'Is Left Out', value: 'leave', description: 'It is not known yet' },
			{ name: 'Takes Back', value: 'takeBack', description: 'What was said before of this answer was wrong, and nothing is known' },
		],
		description: 'What null, or an empty cell, means',
	},
	storeField,
];
