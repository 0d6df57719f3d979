import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { answerFields, answerInFront, answerObject, inFront } from '../../lib/app/answerItem.js';
import type { ServerFacts } from '../../lib/app/predictAtServer.js';
import type { RowResult } from '../../lib/app/predictRows.js';
import { MlopsError } from '../../lib/domain/errors.js';
import { forEachItem, isTool, withoutReports } from '../shared/execute.js';
import { isNewer } from '../shared/versions.js';
import type { Asked } from './asked.js';

/** A row's answer or error, the model that gave it, and what a model server says besides, where one answered. */
interface Given {
	result: RowResult;
	model: { name: string; version?: number };
	server?: ServerFacts;
}

export interface Answered extends Asked {
	/** One a row. */
	results: Given[];
}

type OutItem = Pick<INodeExecutionData, 'json' | 'binary'>;

/** @param answers for each item a function that gives its answers or throws its error */
export async function giveAnswers(functions: IExecuteFunctions, answers: ReadonlyArray<() => Answered>): Promise<INodeExecutionData[][]> {
	const field = (functions.getNodeParameter('outputField', 0) as string).trim();
	const said = new Set<string>();
	const give = isNewer(functions) && !field ? asFields : asObject;
	const out = await forEachItem(functions, 1, async (index, item) => {
		const answer = answers[index]();
		if (answer.said) said.add(answer.said);
		return give(answer, item, { field, tool: isTool(functions), newer: isNewer(functions) }).map((own) => ({ item: own }));
	});
	for (const message of said) functions.addExecutionHints({ message, location: 'outputPane' });
	return out;
}

interface Giving {
	field: string;
	tool: boolean;
	newer: boolean;
}

/** The answer as one object in a field of the item; those to a list of rows as a list. */
function asObject({ results, list }: Answered, item: INodeExecutionData, { field, tool, newer }: Giving): OutItem[] {
	const value = list ? results.map((given) => objectOf(given, tool)) : onlyAnswer(results[0], tool);
	if (tool) return [{ json: { [field]: value } }];
	if (!newer) return [{ json: { ...item.json, [field]: value }, binary: item.binary }];
	return [withoutReports(inFront({ [field]: value }, [item.json]) as IDataObject, item.binary)];
}

const objectOf = ({ result, model, server }: Given, tool: boolean): IDataObject =>
	({ ...answerObject(result, model, tool), ...(server ? { server } : {}) }) as IDataObject;

/** The answer as the first fields of the item, then the row that was asked, then the rest; of a list one item a row. */
function asFields({ results, rows, list, reasons }: Answered, item: INodeExecutionData, { tool }: Giving): OutItem[] {
	return results.map(({ result, model, server }, i) => {
		const more = server ? { server } : {};
		if (list && 'error' in result) {
			const { code, message, details } = result.error;
			return { json: answerInFront({ error: { code, message, ...details }, ...more }, rows[i]) as IDataObject };
		}
		const fields = { ...answerFields(result, model, reasons, rows[i]), ...more };
		if (tool) return { json: fields as IDataObject };
		const { json, binary } = withoutReports(item.json, item.binary);
		// A list that came in one item would come back in each of its rows.
		if (list) return { json: answerInFront(fields, rows[i]) as IDataObject };
		const asked = withoutReports(rows[i] as IDataObject, undefined).json;
		return { json: answerInFront(fields, asked, json) as IDataObject, ...(binary ? { binary } : {}) };
	});
}

/** A single bad row is its item's failure; in a list the others' answers matter more. */
function onlyAnswer(given: Given, tool: boolean): IDataObject {
	if ('error' in given.result) throw MlopsError.fromJSON(given.result.error);
	return objectOf(given, tool);
}
