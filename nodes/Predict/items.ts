import { setImmediate as nextTurn } from 'node:timers/promises';
import type { IDataObject, IExecuteFunctions, INodeExecutionData, ResourceMapperValue } from 'n8n-workflow';
import { manifestOf, predictRows, unloggedText, type ChosenModel, type RowResult, type Unlogged } from '../../lib/app/predictRows.js';
import { MlopsError } from '../../lib/domain/errors.js';
import { lineText } from '../../lib/domain/text.js';
import { forEachItem, isTool, withoutReports } from '../shared/execute.js';
import { chosenModel } from '../shared/modelSource.js';
import { orNotYet } from '../shared/notYet.js';
import { rowsOf } from '../shared/rowParameter.js';
import type { Runtime, Store } from '../shared/runtime.js';
import { isNewer } from '../shared/versions.js';
import { answerFields, answerInFront, answerObject, inFront } from '../../lib/app/answerItem.js';
import { rowOfForm } from './rowForm.js';

const ROW = { what: 'The row to predict', code: 'predict.input_invalid' } as const;

type OutItem = Pick<INodeExecutionData, 'json' | 'binary'>;

/** All items are answered first, those of one model together; a bad row is its own item's failure. */
export async function predictItems(functions: IExecuteFunctions, { store }: Runtime): Promise<INodeExecutionData[][]> {
	const answers = await answerTogether(functions, store);
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
function asObject({ results, rows: _rows, list, model }: Answered, item: INodeExecutionData, { field, tool, newer }: Giving): OutItem[] {
	const value = list ? (results.map((r) => answerObject(r, model, tool)) as IDataObject[]) : onlyAnswer(results[0], model, tool);
	if (tool) return [{ json: { [field]: value } }];
	if (!newer) return [{ json: { ...item.json, [field]: value }, binary: item.binary }];
	return [withoutReports(inFront({ [field]: value }, [item.json]) as IDataObject, item.binary)];
}

/** The answer as the first fields of the item, then the row that was asked, then the rest; of a list one item a row. */
function asFields({ results, rows, list, reasons, model }: Answered, item: INodeExecutionData, { tool }: Giving): OutItem[] {
	return results.map((result, i) => {
		if (list && 'error' in result) {
			const { code, message, details } = result.error;
			return { json: answerInFront({ error: { code, message, ...details } }, rows[i]) as IDataObject };
		}
		const fields = answerFields(result, model, reasons, rows[i]);
		if (tool) return { json: fields as IDataObject };
		const { json, binary } = withoutReports(item.json, item.binary);
		// A list that came in one item would come back in each of its rows.
		if (list) return { json: answerInFront(fields, rows[i]) as IDataObject };
		const asked = withoutReports(rows[i] as IDataObject, undefined).json;
		return { json: answerInFront(fields, asked, json) as IDataObject, ...(binary ? { binary } : {}) };
	});
}

/** In the output panel, and in n8n's log for runs that nobody looks at. */
function sayUnlogged(functions: IExecuteFunctions, gap: Unlogged): void {
	const message = unloggedText(gap);
	functions.logger.warn(lineText(`[mlops] ${functions.getNode().name}: ${message}`));
	functions.addExecutionHints({ message, location: 'outputPane' });
}

/** The longest that items are read in one go. */
const TURN_MS = 20;
/** One item's question: its rows, and where they go. */
interface Question {
	model: ChosenModel;
	rows: Array<Record<string, unknown>>;
	list: boolean;
	reasons: number;
	log: boolean;
	key?: string;
	/** What a person should know about the choice of the row. */
	said?: string;
}
interface Answered extends Question {
	results: RowResult[];
}

/**
 * For each item a function that gives its answers or throws its error; rows for the same model go to it in one call, with one write to the
 * log.
 */
async function answerTogether(functions: IExecuteFunctions, store: Store): Promise<Array<() => Answered>> {
	const answers: Array<() => Answered> = [];
	const fail = (index: number, thrown: unknown) => {
		answers[index] = () => {
			throw thrown;
		};
	};
	const modelFor = rememberModels(functions, store);
	const groups = new Map<string, Array<Question & { index: number }>>();
	let resumed = performance.now();
	for (const [index, item] of functions.getInputData().entries()) {
		try {
			const question = await questionOf(functions, store, modelFor, index, item);
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
			const results = await predictRows(
				store,
				model,
				group.flatMap((q) => q.rows),
				{ reasons, log, keys: group.flatMap((q) => q.rows.map(() => q.key)), onUnlogged: (gap) => sayUnlogged(functions, gap) },
			);
			let at = 0;
			for (const { index, ...question } of group) {
				const own = results.slice(at, (at += question.rows.length));
				answers[index] = () => ({ ...question, results: own });
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
		const find = async () => await orNotYet(functions, async () => await chosenModel(functions, store, index, item));
		if (functions.getNodeParameter('modelSource', index) !== 'registry' || !String(functions.getNodeParameter('model', index, '')).trim())
			return await find();
		const key = JSON.stringify([functions.getNodeParameter('model', index), functions.getNodeParameter('alias', index)]);
		let model = known.get(key);
		if (!model) known.set(key, (model = find()));
		return await model;
	};
}

async function questionOf(
	functions: IExecuteFunctions,
	store: Store,
	modelFor: ModelFor,
	index: number,
	item: INodeExecutionData,
): Promise<Question> {
	// An expression may give a number.
	const key = String(functions.getNodeParameter('key', index, '') ?? '');
	const asked = {
		reasons: functions.getNodeParameter('reasons', index) as number,
		log: functions.getNodeParameter('log', index) as boolean,
		...(key === '' ? {} : { key }),
	};
	if (!isNewer(functions) || functions.getNodeParameter('rowAs', index, 'form') === 'json') {
		return { ...rowsOf(functions, index, ROW), model: await modelFor(index, item), ...asked };
	}
	const model = await modelFor(index, item);
	const manifest = await manifestOf(store, model.digest);
	// The example is for a person who looks: in a real run it would be the same answer to everybody.
	const mayShow = functions.getMode() === 'manual' && !isTool(functions);
	const { row, said, example } = rowOfForm(
		functions.getNodeParameter('rowForm', index, null) as unknown as ResourceMapperValue | null,
		item,
		manifest,
		mayShow,
	);
	return { rows: [row], list: false, ...(said ? { said } : {}), model, ...asked, log: asked.log && !example };
}

/** A single bad row is its item's failure; in a list the others' answers matter more. */
function onlyAnswer(result: RowResult, model: ChosenModel, tool: boolean): IDataObject {
	if ('error' in result) throw MlopsError.fromJSON(result.error);
	return answerObject(result, model, tool) as IDataObject;
}
