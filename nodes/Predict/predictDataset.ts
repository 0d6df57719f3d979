import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { attachFile } from '../shared/attachFile.js';
import { forEachItem, isTool, withoutReports, withReport } from '../shared/execute.js';
import { datasetOf } from '../shared/datasetSource.js';
import { chosenModel } from '../shared/modelSource.js';
import { orNotYet } from '../shared/notYet.js';
import type { Runtime } from '../shared/runtime.js';
import { isNewer } from '../shared/versions.js';

/**
 * One file with the answers to all rows of a dataset. Version 2 also draws a report of them, and the item goes on without those of nodes
 * before.
 */
export async function predictDataset(functions: IExecuteFunctions, runtime: Runtime): Promise<INodeExecutionData[][]> {
	const { predictOn } = await import('../../lib/app/predictOn.js');
	return await forEachItem(functions, 1, async (index, item) => {
		const model = await orNotYet(functions, async () => await chosenModel(functions, runtime.store, index, item));
		const { dataset } = await orNotYet(functions, async () => await datasetOf(functions, runtime.store, index, item));
		const rows = functions.getNodeParameter('rows', index) as 'all' | 'test';
		const newer = isNewer(functions);
		const { predictions, notes, report } = await predictOn(runtime, {
			datasetId: dataset.id,
			model,
			rows,
			reasons: functions.getNodeParameter('reasonColumns', index, 0) as number,
			log: functions.getNodeParameter('logDataset', index, true) as boolean,
			report: newer && !isTool(functions),
			forSpreadsheets: functions.getNodeParameter('forSpreadsheets', index, newer) as boolean,
		});
		for (const { text } of notes) functions.addExecutionHints({ message: text, location: 'outputPane' });
		if (isTool(functions)) return { item: { json: { predictions } } };
		const { binary, path } = await attachFile(functions, runtime.store, {
			...predictions,
			key: 'predictions',
			fileName: 'predictions.csv',
			type: 'text/csv',
			what: 'The file of predictions',
		});
		const answer = { ...predictions, ...(path ? { path } : {}) };
		if (!newer || !report) return { item: { json: { ...item.json, dataset, predictions: answer }, binary: { ...item.binary, ...binary } } };
		const { json, binary: files } = withoutReports({ ...item.json, dataset, predictions: answer }, item.binary, 'predictions');
		const drawn = await withReport(functions, runtime, json, report);
		return { item: { ...drawn, binary: { ...files, ...drawn.binary, ...binary } } };
	});
}
