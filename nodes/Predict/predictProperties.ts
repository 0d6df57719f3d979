import type { INodeProperties } from 'n8n-workflow';
import { datasetSource } from '../shared/datasetSource.js';
import { modelSourceFields } from '../shared/modelSource.js';
import { FIRST, NEWER } from '../shared/versions.js';

const items = { input: ['items'] };
const dataset = { input: ['dataset'] };

const FOR_SPREADSHEETS =
	'Whether texts in the file that Excel and its like would run as formulas (they begin with =, +, - or @) get an apostrophe. ' +
	'Numbers stay numbers.';
const WRITTEN = 'Field that the answer is written to';

/** The row of an item: JSON since the first version, a form with one field a column since the second. */
const row: INodeProperties[] = [
	{
		displayName: 'Row',
		name: 'row',
		type: 'json',
		default: '={{ $json }}',
		displayOptions: { show: { ...items, ...FIRST } },
		description: 'The values of one row by column name (for a webhook: the expression $json.body). A list of rows gives a list of answers.',
	},
	{
		displayName: 'Output Field',
		name: 'outputField',
		type: 'string',
		default: 'prediction',
		required: true,
		displayOptions: { show: { ...items, ...FIRST } },
		description: WRITTEN,
	},
	{
		displayName: 'Row Is Given As',
		name: 'rowAs',
		type: 'options',
		noDataExpression: true,
		default: 'form',
		displayOptions: { show: { ...items, ...NEWER } },
		options: [
			{ name: 'Form', value: 'form', description: "One field a column, filled with an example; or each item's own fields" },
			{ name: 'JSON', value: 'json', description: 'An expression such as $json.body, or a list of rows' },
		],
		description: 'How the values to predict are given',
	},
	{
		displayName: 'Row',
		name: 'rowForm',
		type: 'resourceMapper',
		noDataExpression: true,
		default: { mappingMode: 'defineBelow', value: null },
		displayOptions: { show: { ...items, rowAs: ['form'], ...NEWER } },
		typeOptions: {
			loadOptionsDependsOn: ['answeredBy', 'modelSource', 'model', 'alias', 'modelKnown'],
			resourceMapper: {
				resourceMapperMethod: 'getRowFields',
				mode: 'add',
				valuesLabel: 'Row',
				fieldWords: { singular: 'column', plural: 'columns' },
				addAllFields: true,
				supportAutoMap: true,
				refreshStaleSchemaOnOpen: true,
				noFieldsError: 'The model is not known yet: run the nodes before this one once, or choose a deployed model above.',
			},
		},
		description:
			"One value a column of the model, at first an example. Items that bring the model's columns along are asked with their " +
			'own values as long as the example was not changed.',
	},
	{
		displayName: 'Row',
		name: 'row',
		type: 'json',
		default: '={{ $json }}',
		displayOptions: { show: { ...items, rowAs: ['json'], ...NEWER } },
		description: 'The values of one row by column name (for a webhook: the expression $json.body). A list of rows gives one item a row.',
	},
	{
		displayName: 'Output Field',
		name: 'outputField',
		type: 'string',
		default: '',
		placeholder: 'None: the answer comes first in the item',
		displayOptions: { show: { ...items, ...NEWER } },
		description:
			`${WRITTEN}. Empty: prediction, probability, reasons and warnings are fields of the item itself, before those that came ` +
			'in; a column that is called so goes on as input_prediction and so on.',
	},
];

export const properties: INodeProperties[] = [
	// What the editor looks at to load the form's fields anew; the digest is left out, since another training must not wipe what was typed.
	{ displayName: 'Model Reference', name: 'modelRef', type: 'hidden', default: '={{ $json.model }}', displayOptions: { show: NEWER } },
	// It must be there before any node ran, too, or the editor shows an error in place of the form.
	{
		displayName: 'Model Known',
		name: 'modelKnown',
		type: 'hidden',
		displayOptions: { show: NEWER },
		default: '={{ (() => { try { return $json.model ? "model " + ($json.model.name ?? "") : "" } catch (e) { return "" } })() }}',
	},
	...modelSourceFields({ source: 'registry', show: FIRST }),
	...modelSourceFields({ source: 'previous', show: NEWER, nameless: true }),
	{
		displayName: 'Predict',
		name: 'input',
		type: 'options',
		noDataExpression: true,
		default: 'items',
		options: [
			{ name: 'A Whole Dataset', value: 'dataset', description: 'Writes a CSV file with one prediction a row' },
			{ name: 'Each Incoming Item', value: 'items', description: 'Answers row by row, within milliseconds' },
		],
		description: 'What is predicted',
	},
	{
		displayName: 'Answered By',
		name: 'answeredBy',
		type: 'options',
		noDataExpression: true,
		default: 'here',
		displayOptions: { show: items },
		options: [
			{ name: 'A Model Server', value: 'server', description: 'The server that "mlops serve" or MLOps Server started, by its API' },
			{ name: 'This n8n', value: 'here', description: 'The model is read from the store and asked here' },
		],
		description: 'Who answers. A server keeps its own prediction log.',
	},
	...row,
	{
		displayName: 'Reasons',
		name: 'reasons',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 20 },
		default: 3,
		displayOptions: { show: items },
		description:
			'How many columns to name that moved the answer most; a neural network is asked thousands of times for it, some 50 ms a row',
	},
	{
		displayName: 'Key',
		name: 'key',
		type: 'string',
		default: '',
		placeholder: '{{ $json.customer }}',
		displayOptions: { show: items },
		description:
			'What you call the thing that is asked about, such as a customer number: it goes to the prediction log, and MLOps Feedback can ' +
			'tell by it (and the time) what turned out to be true. In a rollout of a model server, the same key always gets the same version.',
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		displayOptions: { show: items },
		options: [
			{
				displayName: 'Changeable Columns',
				name: 'changeableColumns',
				type: 'string',
				default: '',
				placeholder: 'contract, monthly_charges',
				description:
					'Columns that somebody could change, separated by commas: the answer then says under "changes" with which of their values ' +
					'it would be another one, with few changes and near ones, and only values that the training saw. It says what the model ' +
					'would answer, not what such a change would do in the world.',
			},
			{
				displayName: 'Wished Answer',
				name: 'wish',
				type: 'string',
				default: '',
				placeholder: 'no',
				description: 'What the changes shall lead to: a class (empty: any other one), or for numbers a limit such as ">= 250" or "<= 12.5"',
			},
		],
	},
	{
		displayName: 'Write to the Prediction Log',
		name: 'log',
		type: 'boolean',
		default: true,
		displayOptions: { show: items, hide: { answeredBy: ['server'] } },
		description: 'Whether to keep inputs and answers, so that drift can be watched and every answer can be traced',
	},
	...datasetSource.map((p) => ({
		...p,
		displayOptions: { show: { ...p.displayOptions?.show, ...(p.name === 'datasetRef' ? {} : dataset) } },
	})),
	{
		displayName: 'Rows',
		name: 'rows',
		type: 'options',
		default: 'all',
		displayOptions: { show: dataset },
		options: [
			{ name: 'All', value: 'all' },
			{ name: 'Only the Test Rows', value: 'test', description: 'Rows of this dataset that were kept apart when the model was trained' },
		],
		description: 'Which rows of the dataset',
	},
	{
		displayName: 'Reasons',
		name: 'reasonColumns',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 20 },
		default: 0,
		displayOptions: { show: dataset },
		description:
			'How many columns to name in each row of the file that moved its answer most. It takes longer than the predictions themselves; ' +
			'a neural network tells them for the first 2,000 rows.',
	},
	{
		displayName: 'Write to the Prediction Log',
		name: 'logDataset',
		type: 'boolean',
		default: true,
		displayOptions: { show: { ...dataset, rows: ['all'] } },
		description:
			'Whether to also keep inputs and answers in the prediction log, so that drift can be watched there: of more than 10,000 ' +
			'rows an even sample. The file, which stays in the store, always has all answers.',
	},
	{
		displayName: 'Safe for Spreadsheets',
		name: 'forSpreadsheets',
		type: 'boolean',
		default: false,
		displayOptions: { show: { ...dataset, ...FIRST } },
		description: FOR_SPREADSHEETS,
	},
	{
		displayName: 'Safe for Spreadsheets',
		name: 'forSpreadsheets',
		type: 'boolean',
		default: true,
		displayOptions: { show: { ...dataset, ...NEWER } },
		description: FOR_SPREADSHEETS,
	},
];
