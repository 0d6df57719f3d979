import { setImmediate as nextTurn } from 'node:timers/promises';
import type { IDataObject, IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { modelLabel } from '../../lib/app/modelReference.js';
import { predictRows, type ChosenModel, type RowResult } from '../../lib/app/predictRows.js';
import { MlopsError } from '../../lib/domain/errors.js';
import type { Store } from '../../lib/store/contract.js';
import { attachFile } from '../shared/attachFile.js';
import { forEachItem, isTool } from '../shared/execute.js';
import { datasetOf, datasetSource } from '../shared/handles.js';
import { chosenModel, modelSource } from '../shared/modelSource.js';
import { nodeBase } from '../shared/nodeBase.js';
import { methods } from '../shared/pickers.js';
import { runtimeOf, type Runtime } from '../shared/runtime.js';

const items = { input: ['items'] };
const dataset = { input: ['dataset'] };

export class MlopsPredict implements INodeType {
	description: INodeTypeDescription = {
		...nodeBase('predict'),
		displayName: 'MLOps Predict',
		name: 'mlopsPredict',
		subtitle: '={{ $parameter["modelSource"] === "registry" ? $parameter["model"] + "@" + $parameter["alias"] : "model of the item" }}',
		description: 'Ask a deployed model: prediction, probability and the top reasons for each row, written to the prediction log',
		defaults: { name: 'MLOps Predict' },
		usableAsTool: true,
		properties: [
			...modelSource,
			{
				displayName: 'Predict', name: 'input', type: 'options', noDataExpression: true, default: 'items',
				options: [
					{ name: 'A Whole Dataset', value: 'dataset', description: 'Writes a CSV file with one prediction a row' },
					{ name: 'Each Incoming Item', value: 'items', description: 'Answers row by row, within milliseconds' },
				],
				description: 'What is predicted',
			},
			{ displayName: 'Row', name: 'row', type: 'json', default: '={{ $json }}', displayOptions: { show: items }, description: 'The values of one row by column name (for a webhook: the expression $json.body). A list of rows gives a list of answers.' },
			{ displayName: 'Output Field', name: 'outputField', type: 'string', default: 'prediction', required: true, displayOptions: { show: items }, description: 'Field that the answer is written to' },
			{ displayName: 'Reasons', name: 'reasons', type: 'number', typeOptions: { minValue: 0, maxValue: 20 }, default: 3, displayOptions: { show: items }, description: 'How many columns to name that moved the answer most; trees and linear models can tell, neural networks cannot' },
			{ displayName: 'Write to the Prediction Log', name: 'log', type: 'boolean', default: true, displayOptions: { show: items }, description: 'Whether to keep inputs and answers, so that drift can be watched and every answer can be traced' },
			...datasetSource.map((p) => ({ ...p, displayOptions: { show: { ...p.displayOptions?.show, ...(p.name === 'datasetRef' ? {} : dataset) } } })),
			{
				displayName: 'Rows', name: 'rows', type: 'options', default: 'all', displayOptions: { show: dataset },
				options: [
					{ name: 'All', value: 'all' },
					{ name: 'Only the Test Rows', value: 'test', description: 'Rows of this dataset that were kept apart when the model was trained' },
				],
				description: 'Which rows of the dataset',
			},
			{ displayName: 'Reasons', name: 'reasonColumns', type: 'number', typeOptions: { minValue: 0, maxValue: 20 }, default: 0, displayOptions: { show: dataset }, description: 'How many columns to name in each row of the file that moved its answer most. Trees and linear models can tell; it takes longer than the predictions themselves.' },
			{ displayName: 'Write to the Prediction Log', name: 'logDataset', type: 'boolean', default: true, displayOptions: { show: { ...dataset, rows: ['all'] } }, description: 'Whether to also keep inputs and answers in the prediction log, so that drift can be watched there: of more than 10,000 rows an even sample. The file, which stays in the store, always has all answers.' },
		],
	};

	methods = methods;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const runtime = await runtimeOf(this);
		return this.getNodeParameter('input', 0) === 'dataset' ? await predictDataset(this, runtime) : await predictItems(this, runtime);
	}
}

async function predictDataset(functions: IExecuteFunctions, runtime: Runtime): Promise<INodeExecutionData[][]> {
	const { predictTask } = await import('../../lib/app/tasks/predict.js');
	return await forEachItem(functions, 1, async (index, item) => {
		const model = await chosenModel(functions, runtime.store, index, item);
		const { dataset } = await datasetOf(functions, runtime.store, index, item);
		const rows = functions.getNodeParameter('rows', index) as 'all' | 'test';
		const { notes, ...predictions } = await runtime.run(predictTask, {
			home: runtime.store.home, datasetId: dataset.id, model, rows, reasons: functions.getNodeParameter('reasonColumns', index, 0) as number,
			log: rows === 'all' && functions.getNodeParameter('logDataset', index, true) as boolean,
		});
		for (const { text } of notes) functions.addExecutionHints({ message: text, location: 'outputPane' });
		if (isTool(functions)) return { item: { json: { predictions } } };
		const { binary, path } = await attachFile(functions, runtime.store, { ...predictions, key: 'predictions', fileName: 'predictions.csv', type: 'text/csv', what: 'The file of predictions' });
		return { item: { json: { ...item.json, dataset, predictions: { ...predictions, ...(path ? { path } : {}) } }, binary: { ...item.binary, ...binary } } };
	});
}

/** All items are answered first, those of one model together; a bad row is its own item's failure. */
async function predictItems(functions: IExecuteFunctions, { store }: Runtime): Promise<INodeExecutionData[][]> {
	const field = functions.getNodeParameter('outputField', 0) as string;
	const answers = await answerTogether(functions, store);
	const tool = isTool(functions);
	return await forEachItem(functions, 1, async (index, item) => {
		const value = answers[index]();
		return { item: tool ? { json: { [field]: value } } : { json: { ...item.json, [field]: value }, binary: item.binary } };
	});
}

/** The longest that items are read in one go. */
const TURN_MS = 20;
/** Classes that an agent is told, of many. */
const MOST_CLASSES = 10;

/** One item's question: its rows, and where they go. */
interface Question { model: ChosenModel; rows: Array<Record<string, unknown>>; list: boolean; reasons: number; log: boolean }
type Value = IDataObject | IDataObject[];

/** For each item a function that gives its answer or throws its error; rows for the same model go to it in one call, with one write to the log. */
async function answerTogether(functions: IExecuteFunctions, store: Store): Promise<Array<() => Value>> {
	const answers: Array<() => Value> = [];
	const fail = (index: number, thrown: unknown) => { answers[index] = () => { throw thrown; }; };
	const tool = isTool(functions);
	const modelFor = rememberModels(functions, store);
	const groups = new Map<string, Array<Question & { index: number }>>();
	let resumed = performance.now();
	for (const [index, item] of functions.getInputData().entries()) {
		try {
			const question = await questionOf(functions, modelFor, index, item);
			const { model, reasons, log } = question;
			const key = JSON.stringify([model.digest, model.name, model.version, model.alias, reasons, log]);
			const group = groups.get(key);
			if (group) group.push({ ...question, index });
			else groups.set(key, [{ ...question, index }]);
		} catch (thrown) {
			fail(index, thrown);
		}
		if (performance.now() - resumed < TURN_MS) continue;
		// Reading the parameters of many items takes n8n's own thread: its pages must go on answering.
		await nextTurn();
		resumed = performance.now();
	}
	for (const group of groups.values()) {
		const [{ model, reasons, log }] = group;
		try {
			const results = await predictRows(store, model, group.flatMap((q) => q.rows), { reasons, log });
			let at = 0;
			for (const { index, rows, list } of group) {
				const own = results.slice(at, at += rows.length);
				answers[index] = () => (list ? own.map((r) => answerOf(r, model, tool)) : onlyAnswer(own[0], model, tool));
			}
		} catch (thrown) {
			for (const { index } of group) fail(index, thrown);
		}
	}
	return answers;
}

type ModelFor = (index: number, item: INodeExecutionData) => Promise<ChosenModel>;

/** One look-up for each name and alias in a call, so that all its items are answered by the same version even while an alias moves. */
function rememberModels(functions: IExecuteFunctions, store: Store): ModelFor {
	const known = new Map<string, Promise<ChosenModel>>();
	return async (index, item) => {
		if (functions.getNodeParameter('modelSource', index) !== 'registry') return await chosenModel(functions, store, index, item);
		const key = JSON.stringify([functions.getNodeParameter('model', index), functions.getNodeParameter('alias', index)]);
		let model = known.get(key);
		if (!model) known.set(key, model = chosenModel(functions, store, index, item));
		return await model;
	};
}

async function questionOf(functions: IExecuteFunctions, modelFor: ModelFor, index: number, item: INodeExecutionData): Promise<Question> {
	return {
		...rowsOf(functions.getNodeParameter('row', index)),
		model: await modelFor(index, item),
		reasons: functions.getNodeParameter('reasons', index) as number, log: functions.getNodeParameter('log', index) as boolean,
	};
}

/** A single bad row is its item's failure; in a list the others' answers matter more. */
function onlyAnswer(result: RowResult, model: ChosenModel, tool: boolean): IDataObject {
	if ('error' in result) throw MlopsError.fromJSON(result.error);
	return answerOf(result, model, tool);
}

/** Accepts an object, a list of objects, or either as JSON text (agents and Set nodes send text). */
function rowsOf(value: unknown): { rows: Array<Record<string, unknown>>; list: boolean } {
	const parsed = typeof value === 'string' ? parseJson(value) : value;
	const list = Array.isArray(parsed);
	const rows = (list ? parsed : [parsed]) as Array<Record<string, unknown>>;
	if (rows.length === 0 || rows.some((r) => typeof r !== 'object' || r === null || Array.isArray(r))) {
		throw new MlopsError('predict.input_invalid', 'The row to predict is not an object with column names and values.', { expected: '{ "column": value, ... } or a list of these', remedy: 'Correct the field "Row".' });
	}
	return { rows, list };
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (cause) {
		throw new MlopsError('predict.input_invalid', 'The row to predict is not valid JSON.', { found: text.slice(0, 80), remedy: 'Correct the field "Row".', cause });
	}
}

function answerOf(result: RowResult, model: ChosenModel, tool: boolean): IDataObject {
	if ('error' in result) return { error: { ...result.error } as unknown as IDataObject };
	const { score: _raw, reasons, probabilities, warnings, ...answer } = result.answer;
	const shown = probabilities && (tool ? mostProbable(probabilities) : probabilities);
	return { ...answer, ...(shown ? { probabilities: shown } : {}), ...(reasons ? { reasons: reasons as unknown as IDataObject[] } : {}), ...(warnings ? { warnings: warnings as unknown as IDataObject[] } : {}), model: modelLabel(model) };
}

const mostProbable = (probabilities: Record<string, number>): Record<string, number> =>
	Object.fromEntries(Object.entries(probabilities).sort(([, a], [, b]) => b - a).slice(0, MOST_CLASSES));
