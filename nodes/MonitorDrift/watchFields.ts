import type { IExecuteFunctions, INodeProperties, INodeTypeDescription } from 'n8n-workflow';
import { watchChoices } from '../../lib/app/catalogue.js';
import { WATCHES, type WatchId } from '../../lib/domain/watches.js';
import { formFields } from '../shared/form.js';

/** What is looked at window by window. Data are compared as they always were, by the fields of their own. */
const windowed = watchChoices.filter(({ id }) => id !== 'data');
export const windowedIds = windowed.map(({ id }) => id);

/** What is watched; nodes that were made before there was a choice watch data. */
export const watchOf = (functions: IExecuteFunctions): WatchId => functions.getNodeParameter('watch', 0, 'data') as WatchId;

/**
 * What both outputs are called, by what is watched, in as many letters as n8n shows. It evaluates the expression where it draws the node.
 */
const LABELS: Record<WatchId, [drifted: string, stable: string]> = {
	data: ['Drifted', 'Stable'],
	answers: ['Answers off', 'Answers ok'],
	quality: ['Quality low', 'Quality ok'],
	estimate: ['Estimate low', 'Estimate ok'],
	service: ['Service bad', 'Service ok'],
};
export const WATCH_OUTPUTS: INodeTypeDescription['outputs'] = `={{ ((${JSON.stringify(LABELS)})[$parameter["watch"]] || ${JSON.stringify(
	LABELS.data,
)}).map((displayName) => ({ type: "main", displayName })) }}`;

export const WATCH_SUBTITLE =
	`={{ (${JSON.stringify(Object.fromEntries(windowed.map(({ id, label }) => [id, label])))})[$parameter["watch"]] || ` +
	'$parameter["current"] + " against " + $parameter["reference"] }}';

export const watchField: INodeProperties = {
	displayName: 'Watch',
	name: 'watch',
	type: 'options',
	noDataExpression: true,
	default: 'data',
	options: [
		{ name: WATCHES.data[0], value: 'data', description: WATCHES.data[1] },
		...windowed.map(({ id, label, description }) => ({ name: label, value: id, description })),
	],
	description: 'What is looked at',
};

/** The model whose answers are looked at, and the fields of each watch, made from its schema. */
export const watchFields: INodeProperties[] = [
	{
		displayName: 'Model Name or ID',
		name: 'watchedModel',
		type: 'options',
		typeOptions: { loadOptionsMethod: 'getModels' },
		default: '',
		allowArbitraryValues: true,
		displayOptions: { show: { watch: windowedIds } },
		description:
			'Registered model whose answers are looked at; empty: the model that the item carries. Choose from the list, or specify an ID ' +
			'using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
	},
	{
		displayName: 'Alias or Version',
		name: 'watchedAlias',
		type: 'string',
		default: 'champion',
		displayOptions: { show: { watch: windowedIds } },
		description: 'Answers through this alias, or of the version with this number. Empty: all answers of the model.',
	},
	...windowed.flatMap(({ id, params }) => formFields(params, { watch: [id] })),
];
