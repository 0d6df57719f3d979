import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';
import { datasetNameOf } from '../../lib/app/datasetNameOf.js';
import { MlopsError } from '../../lib/domain/errors.js';
import { itemPages, type ItemPages } from '../../lib/domain/item.js';
import { digestOf } from '../../lib/domain/json.js';
import { writeItemRows } from '../shared/itemRows.js';
import { textParameter } from '../shared/parameters.js';
import type { Runtime } from '../shared/runtime.js';
import { chosenSource } from './sources.js';

type PagesMode = 'all' | 'page' | 'finish';

const ITEMS = ['items'];

export const pagesFields: INodeProperties[] = [
	{
		displayName: 'How They Come',
		name: 'pages',
		type: 'options',
		default: 'all',
		displayOptions: { show: { source: ITEMS } },
		options: [
			{ name: 'All at Once', value: 'all', description: 'The items of this run are the whole dataset' },
			{
				name: 'Page by Page: Keep This Page',
				value: 'page',
				description: 'In a loop: the items of this run are kept in the store, until a second MLOps Ingest makes the dataset',
			},
			{
				name: 'Page by Page: Make the Dataset',
				value: 'finish',
				description:
					'After the loop, once: the pages that were kept under the same dataset name become a dataset; types are found over all of them',
			},
		],
		description:
			'Whether all rows come in one run or in many: then one MLOps Ingest in the loop keeps each page, and one after it finishes',
	},
	{
		displayName: 'Pages Belong To',
		name: 'pagesOf',
		type: 'string',
		default: '',
		placeholder: 'This execution',
		displayOptions: { show: { source: ITEMS, pages: ['page', 'finish'] } },
		description:
			'Pages that belong to the same thing become one dataset. Empty: to this execution. Where a sub-workflow keeps pages, hand the ID ' +
			'of the execution that calls it over, and name it in both nodes.',
	},
	{
		displayName: 'Page',
		name: 'page',
		type: 'string',
		default: '',
		placeholder: 'Made from the execution and the run',
		displayOptions: { show: { source: ITEMS, pages: ['page'] } },
		description: 'What tells the page from the others, such as its number: the same page again takes the place of the one before',
	},
];

export const pagesMode = (functions: IExecuteFunctions): PagesMode => functions.getNodeParameter('pages', 0, 'all') as PagesMode;

/** The name that pages are kept under: the one that their dataset will have. */
export const datasetName = (functions: IExecuteFunctions): string =>
	textParameter(functions, 'name', 0) || datasetNameOf(chosenSource(functions.getNodeParameter('source', 0) as string));

const receiptIn = ({ json }: INodeExecutionData): ItemPages | undefined => itemPages.safeParse(json.pages).data;

/** What tells this run of the node from every other one; n8n's own retry of it is the same run. */
export const runOf = (functions: IExecuteFunctions): Array<string | number> => [
	functions.getExecutionId(),
	functions.getNode().name,
	functions.getWorkflowDataProxy(0).$runIndex as number,
];

/** Keeps the incoming items as a page, and gives one small item that says so. */
export async function keptPage(functions: IExecuteFunctions, { store }: Runtime): Promise<{ item: INodeExecutionData }> {
	const { keepPage } = await import('../../lib/app/keepPage.js');
	const name = datasetName(functions);
	const { $runIndex: run } = functions.getWorkflowDataProxy(0);
	const key = textParameter(functions, 'page', 0) || digestOf(runOf(functions));
	const items = functions.getInputData();
	// What n8n makes of no items where a node shall always give some.
	const empty = items.length === 1 && Object.keys(items[0].json).length === 0;
	const rows = empty ? 0 : items.length;
	const id = textParameter(functions, 'pagesOf', 0) || retriedLot(functions, name, run as number) || functions.getExecutionId();
	const { pages, notes } = await keepPage({ store }, { name, id, key, rows, ...(await writeItemRows(functions, store)) });
	for (const message of notes) functions.addExecutionHints({ message, location: 'outputPane' });
	return { item: { json: { pages } } };
}

/** A retried execution has another id, and the pages that are there already belong to the one that failed: it goes on with them. */
function retriedLot(functions: IExecuteFunctions, name: string, run: number): string | undefined {
	if (functions.getMode() !== 'retry') return undefined;
	const { $: node } = functions.getWorkflowDataProxy(0) as unknown as {
		$: (name: string) => { all: (output: number, run: number) => INodeExecutionData[] };
	};
	for (let before = run - 1; before >= 0; before--) {
		const receipt = node(functions.getNode().name)
			.all(0, before)
			.map(receiptIn)
			.find((found) => found?.name === name);
		if (receipt) return receipt.id;
	}
	return undefined;
}

/** What the pages belong to that are to be finished: as the node says, as the items say that came from the loop, else this execution. */
export function lotToFinish(functions: IExecuteFunctions, name: string): string {
	const said = textParameter(functions, 'pagesOf', 0);
	if (said) return said;
	const items = functions.getInputData();
	const failed = items.filter(({ json }) => json.error !== undefined && !receiptIn({ json })).length;
	if (failed > 0)
		functions.addExecutionHints({
			message: `${failed} of the items that came in carry an error instead of a page: what they stood for is not in the dataset.`,
			type: 'warning',
			location: 'outputPane',
		});
	const receipts = items.flatMap((item) => receiptIn(item) ?? []);
	const ids = new Set(receipts.filter((r) => r.name === name).map(({ id }) => id));
	if (ids.size > 1)
		throw new MlopsError('input.invalid', `The pages that came in belong to ${ids.size} different executions.`, {
			found: [...ids].slice(0, 5).join(', '),
			remedy: 'Say under "Pages Belong To" which are meant.',
		});
	if (ids.size === 0 && receipts.length > 0)
		throw new MlopsError('input.invalid', `The pages that came in were kept for "${receipts[0].name}", not for "${name}".`, {
			expected: name,
			found: receipts[0].name,
			remedy: 'Give both MLOps Ingest nodes the same dataset name.',
		});
	return [...ids][0] ?? functions.getExecutionId();
}
