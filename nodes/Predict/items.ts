import { setImmediate as nextTurn } from 'node:timers/promises';
import type { IExecuteFunctions, INodeExecutionData, ResourceMapperValue } from 'n8n-workflow';
import { manifestOf, predictRows, unloggedText, type ChosenModel, type Unlogged } from '../../lib/app/predictRows.js';
import { lineText } from '../../lib/domain/text.js';
import { isTool } from '../shared/execute.js';
import { chosenModel } from '../shared/modelSource.js';
import { orNotYet } from '../shared/notYet.js';
import { rowsOf } from '../shared/rowParameter.js';
import type { Runtime, Store } from '../shared/runtime.js';
import { isNewer } from '../shared/versions.js';
import { reasonsAndKey, ROW, type Asked } from './asked.js';
import { giveAnswers, type Answered } from './give.js';
import { rowOfForm } from './rowForm.js';

/** All items are answered first, those of one model together; a bad row is its own item's failure. */
export const predictItems = async (functions: IExecuteFunctions, { store }: Runtime): Promise<INodeExecutionData[][]> =>
	await giveAnswers(functions, await answerTogether(functions, store));

/** In the output panel, and in n8n's log for runs that nobody looks at. */
function sayUnlogged(functions: IExecuteFunctions, gap: Unlogged): void {
	const message = unloggedText(gap);
	functions.logger.warn(lineText(`[mlops] ${functions.getNode().name}: ${message}`));
	functions.addExecutionHints({ message, location: 'outputPane' });
}

/** The longest that items are read in one go. */
const TURN_MS = 20;
/** One item's question, and which model it is for. */
interface Question extends Asked {
	model: ChosenModel;
	log: boolean;
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
			const { model, reasons, changes, log } = question;
			const key = JSON.stringify([model.digest, model.name, model.version, model.alias, reasons, changes, log]);
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
		const [{ model, reasons, changes, log }] = group;
		try {
			const results = await predictRows(
				store,
				model,
				group.flatMap((q) => q.rows),
				{
					reasons,
					...(changes ? { changes } : {}),
					log,
					keys: group.flatMap((q) => q.rows.map(() => q.key)),
					onUnlogged: (gap) => sayUnlogged(functions, gap),
				},
			);
			let at = 0;
			for (const { index, ...question } of group) {
				const own = results.slice(at, (at += question.rows.length)).map((result) => ({ result, model }));
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
	const asked = { ...reasonsAndKey(functions, index), log: functions.getNodeParameter('log', index) as boolean };
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
