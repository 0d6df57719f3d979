import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import type { IngestRequest } from '../../lib/app/ingestData.js';
import { columnRole, columnType } from '../../lib/domain/column.js';
import { forEachItem, withReport } from '../shared/execute.js';
import { humanise } from '../shared/form.js';
import { nodeBase } from '../shared/nodeBase.js';
import { storeCredential, storeField } from '../shared/storeCredential.js';
import { methods } from '../shared/pickers.js';
import { runtimeOf } from '../shared/runtime.js';
import { twoVersions } from '../shared/versions.js';
import { getIngestColumns } from './ingestColumns.js';
import { credentials, sourceFields } from './sources.js';
import { itemRequest, rowsRequest, takesRows } from './inputs.js';
import { keptPage, pagesFields, pagesMode } from './pageByPage.js';

const CHOOSE = 'Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.';
/** Columns are known once the node has run; before, a name can be given as an expression. */
const picker = {
	typeOptions: { loadOptionsMethod: 'getIngestColumns', loadOptionsDependsOn: ['source', 'name', 'path', 'url', 'example'] },
	allowArbitraryValues: true,
};

export class MlopsIngest implements INodeType {
	description: INodeTypeDescription = {
		...nodeBase('ingest'),
		...twoVersions,
		displayName: 'MLOps Ingest',
		name: 'mlopsIngest',
		subtitle: '={{ $parameter["source"] === "example" ? "example: " + $parameter["example"] : $parameter["source"] }}',
		description: 'Read data from items, a file, a URL, a database or the examples; find types and problems; keep it as a versioned dataset',
		defaults: { name: 'MLOps Ingest' },
		usableAsTool: undefined,
		credentials: [...credentials, storeCredential],
		properties: [
			...sourceFields,
			...pagesFields,
			{
				displayName: 'Dataset Name',
				name: 'name',
				type: 'string',
				default: '',
				placeholder: 'Made from the source',
				description:
					'Name in the registry; reading again under the same name makes the next version, or finds the same one when nothing changed',
			},
			{
				displayName: 'Add to the Newest Version',
				name: 'append',
				type: 'boolean',
				default: false,
				description:
					'Whether the rows are added to the version that was read last, instead of being the whole dataset. The new version shares the ' +
					'files of that one, and rows are read by its types as long as these fit.',
			},
			{
				displayName: 'Target Column Name or ID',
				name: 'target',
				type: 'options',
				default: '',
				...picker,
				description: `The column to predict, if you know it already; Train asks again. ${CHOOSE}`,
			},
			{
				displayName: 'Column Settings',
				name: 'columns',
				type: 'fixedCollection',
				default: {},
				placeholder: 'Set a column',
				typeOptions: { multipleValues: true },
				description:
					'Types and roles are found from the values; set here what was found wrong, or what no value tells (which column is the ' +
					'time, the group, an ID)',
				options: [
					{
						displayName: 'Column',
						name: 'column',
						values: [
							{
								displayName: 'Column Name or ID',
								name: 'name',
								type: 'options',
								default: '',
								...picker,
								description: `The column that this is about. ${CHOOSE}`,
							},
							{
								displayName: 'Role',
								name: 'role',
								type: 'options',
								default: '',
								options: [{ name: 'As Found', value: '' }, ...columnRole.options.map((value) => ({ name: humanise(value), value }))],
								description: 'What the column is for',
							},
							{
								displayName: 'Type',
								name: 'type',
								type: 'options',
								default: '',
								options: [{ name: 'As Found', value: '' }, ...columnType.options.map((value) => ({ name: humanise(value), value }))],
								description: 'What the column holds',
							},
						],
					},
				],
			},
			{
				displayName: 'Reading Options',
				name: 'typing',
				type: 'collection',
				default: {},
				placeholder: 'Add option',
				options: [
					{
						displayName: 'Unreadable Cells, at Most (%)',
						name: 'strayPercent',
						type: 'number',
						typeOptions: { minValue: 0, maxValue: 100 },
						default: 5,
						description:
							'A column of numbers, dates or yes/no may hold so many cells that are something else; they become empty and are ' +
							'listed. With more of them the column stays text. Without this option 5 %, and 1 % of codes; among yes/no a word ' +
							'found often counts as a class.',
					},
				],
			},
			{
				displayName: 'Output Rows as Items',
				name: 'rowsAsItems',
				type: 'boolean',
				default: false,
				description:
					'Whether to also give the first rows as items, for nodes that need them. Data normally stay in the store: thousands of ' +
					'items slow n8n down.',
			},
			{
				displayName: 'Limit',
				name: 'limit',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: 50,
				displayOptions: { show: { rowsAsItems: [true] } },
				description: 'Max number of results to return',
			},
			storeField,
		],
	};

	methods = { loadOptions: { ...methods.loadOptions, getIngestColumns } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const runtime = await runtimeOf(this);
		const { ingestData } = await import('../../lib/app/ingestData.js');
		const run = async (request: IngestRequest, json: INodeExecutionData['json']) => {
			const rowLimit = this.getNodeParameter('rowsAsItems', 0) ? (this.getNodeParameter('limit', 0) as number) : 0;
			const result = await ingestData(runtime, { ...request, rowLimit });
			for (const note of result.notes) this.addExecutionHints({ message: note.text, location: 'outputPane' });
			if (result.rows) return result.rows.map((row) => ({ item: { json: row } as INodeExecutionData }));
			return [{ item: await withReport(this, runtime, { ...json, ...result.fields }, result.report) }];
		};
		if (takesRows(this)) {
			// All items together are one dataset, or one page of it, so each output item comes from all of them.
			const whole = async () =>
				pagesMode(this) === 'page' ? [await keptPage(this, runtime)] : await run(await rowsRequest(this, runtime), {});
			const [out] = await forEachItem(this, 1, async (index) => (index === 0 ? await whole() : []));
			const pairedItem = this.getInputData().length < 1_000 ? this.getInputData().map((_, item) => ({ item })) : { item: 0 };
			return [out.map((item) => ({ ...item, pairedItem }))];
		}
		return await forEachItem(
			this,
			1,
			async (index, item) => await run(await itemRequest(this, runtime, index), item.json.dataset ? {} : item.json),
		);
	}
}
