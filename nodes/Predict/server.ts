import { setImmediate as nextTurn } from 'node:timers/promises';
import type {
	IExecuteFunctions,
	ILoadOptionsFunctions,
	INodeExecutionData,
	INodePropertyOptions,
	ResourceMapperFields,
	ResourceMapperValue,
} from 'n8n-workflow';
import { modelIn } from '../../lib/app/itemHandles.js';
import { parseReference, type VersionReference } from '../../lib/app/modelReference.js';
import { predictAtServer, type ServerResult } from '../../lib/app/predictAtServer.js';
import { modelServer, type ModelServer } from '../../lib/app/serverAccess.js';
import { servedModel, servedNames } from '../../lib/app/servedModels.js';
import { MlopsError } from '../../lib/domain/errors.js';
import { lineText } from '../../lib/domain/text.js';
import { isTool, nodeError } from '../shared/execute.js';
import { orNotYet } from '../shared/notYet.js';
import { methods, parameterNow } from '../shared/pickers.js';
import { rowsOf } from '../shared/rowParameter.js';
import { SERVER_CREDENTIAL } from '../shared/serverCredential.js';
import { isNewer } from '../shared/versions.js';
import { reasonsAndKey, ROW, type Asked } from './asked.js';
import { giveAnswers, type Answered } from './give.js';
import { getRowFields, rowFields, rowOfForm } from './rowForm.js';

/** The longest that items are read in one go. */
const TURN_MS = 20;
/** Calls on their way at once: items with keys of their own take one each. */
const CALLS = 4;

/** One item's question, and which model it is for. */
interface Question extends Asked {
	index: number;
	model: VersionReference;
}

/** All items are answered first by a model server, those alike in one call; a bad row is its own item's failure. */
export async function predictItemsAtServer(functions: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const server = await openServer(functions).catch((thrown: unknown) => {
		throw nodeError(functions.getNode(), thrown);
	});
	const answers: Array<() => Answered> = [];
	const fail = (index: number, thrown: unknown): void => {
		answers[index] = () => {
			throw thrown;
		};
	};
	// Those that wait their turn share an iterator, and a server that is gone is gone for all of them.
	const groups = (await questions(functions, fail)).values();
	let gone: MlopsError | undefined;
	const work = async (): Promise<void> => {
		for (const group of groups) {
			try {
				if (gone) throw gone;
				const [{ model, reasons, changes, key }] = group;
				const results = await predictAtServer(server, { model, reasons, changes, key, rows: group.flatMap((q) => q.rows) });
				share(group, results, answers);
			} catch (thrown) {
				const error = MlopsError.from(thrown);
				if (error.code === 'serve.unreachable' || error.code === 'compute.cancelled') gone = error;
				for (const { index } of group) fail(index, error);
			}
		}
	};
	await Promise.all(Array.from({ length: CALLS }, work));
	return await giveAnswers(functions, answers);
}

function share(group: readonly Question[], results: readonly ServerResult[], answers: Array<() => Answered>): void {
	let at = 0;
	for (const { index, ...question } of group) {
		const own = results.slice(at, (at += question.rows.length));
		answers[index] = () => ({ ...question, results: own });
	}
}

async function openServer(functions: IExecuteFunctions): Promise<ModelServer> {
	return modelServer(await functions.getCredentials(SERVER_CREDENTIAL), {
		context: {
			progress: () => {},
			note: (code, text) => functions.logger.info(lineText(`[mlops] ${functions.getNode().name}: ${text} (${code})`)),
			signal: functions.getExecutionCancelSignal() ?? new AbortController().signal,
		},
	});
}

/** What all items ask, those that one call can hold together. */
async function questions(functions: IExecuteFunctions, fail: (index: number, thrown: unknown) => void): Promise<Map<string, Question[]>> {
	const groups = new Map<string, Question[]>();
	let resumed = performance.now();
	for (const [index, item] of functions.getInputData().entries()) {
		try {
			const question = await questionOf(functions, index, item);
			const alike = JSON.stringify([question.model, question.reasons, question.changes, question.key]);
			const group = groups.get(alike);
			if (group) group.push(question);
			else groups.set(alike, [question]);
		} catch (thrown) {
			fail(index, thrown);
		}
		if (performance.now() - resumed < TURN_MS) continue;
		await nextTurn();
		resumed = performance.now();
	}
	return groups;
}

async function questionOf(functions: IExecuteFunctions, index: number, item: INodeExecutionData): Promise<Question> {
	const model = await orNotYet(functions, async () => modelOf(functions, index, item));
	const asked = { index, model, ...reasonsAndKey(functions, index) };
	if (!isNewer(functions) || functions.getNodeParameter('rowAs', index, 'form') === 'json')
		return { ...rowsOf(functions, index, ROW), ...asked };
	const form = functions.getNodeParameter('rowForm', index, null) as unknown as ResourceMapperValue | null;
	// The form knows the model's columns since it was opened; one that never was takes the item as it is.
	const signature = (form?.schema ?? []).map(({ id }) => ({ name: id }));
	const mayShow = signature.length > 0 && functions.getMode() === 'manual' && !isTool(functions);
	const { row, said } = rowOfForm(form, item, { signature }, mayShow);
	return { rows: [row], list: false, ...(said ? { said } : {}), ...asked };
}

/** @throws `input.no_handle`, `input.invalid` */
function modelOf(functions: IExecuteFunctions, index: number, item: INodeExecutionData): VersionReference {
	const name = String(functions.getNodeParameter('model', index, '')).trim();
	const carried = modelIn(item.json);
	if (functions.getNodeParameter('modelSource', index) === 'registry' && (name || !carried)) {
		if (!name) throw new MlopsError('input.invalid', 'No model is chosen.', { remedy: 'Enter the name under which it was deployed.' });
		return parseReference(`${name}@${functions.getNodeParameter('alias', index) as string}`);
	}
	if (carried?.name && carried.version) return { name: carried.name, version: carried.version };
	throw new MlopsError(
		'input.no_handle',
		carried ? 'The model that the item carries is not deployed, so no server knows it.' : 'The item that came in carries no model.',
		{ expected: 'an item from MLOps Deploy', remedy: 'Connect this node behind MLOps Deploy, or choose the model by its name.' },
	);
}

const asksServer = (functions: ILoadOptionsFunctions): boolean =>
	parameterNow(functions, 'input') !== 'dataset' && parameterNow(functions, 'answeredBy') === 'server';

/** Asks once: who looks at a form does not want to wait. */
const serverNow = async (functions: ILoadOptionsFunctions): Promise<ModelServer> =>
	modelServer(await functions.getCredentials(SERVER_CREDENTIAL), { attempts: 1 });

const sentence = (thrown: unknown): string => {
	const { message, details } = MlopsError.from(thrown);
	return [message, details.remedy].filter(Boolean).join(' ');
};

/** The models of the server that is asked, or of the store. */
export async function getModelsOfEither(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
	if (!asksServer(this)) return await methods.loadOptions.getModels.call(this);
	try {
		return (await servedNames(await serverNow(this))).map((name) => ({ name, value: name }));
	} catch (thrown) {
		return [{ name: 'Not Known: Type the Name as an Expression', value: '', description: sentence(thrown) }];
	}
}

/** One field for each column of the model, as the server that is asked says, or the store. */
export async function getRowFieldsOfEither(this: ILoadOptionsFunctions): Promise<ResourceMapperFields> {
	if (!asksServer(this)) return await getRowFields.call(this);
	const carried = modelIn({ model: parameterNow(this, 'modelRef') });
	const chosen = parameterNow(this, 'modelSource') === 'registry' ? String(parameterNow(this, 'model') ?? '').trim() : '';
	const name = chosen || carried?.name;
	if (!name) return { fields: [], emptyFieldsNotice: 'Choose the model above. Until then each item is asked as it is.' };
	try {
		return { fields: rowFields(await servedModel(await serverNow(this), name)) };
	} catch (thrown) {
		return { fields: [], emptyFieldsNotice: `${sentence(thrown)} Until then each item is asked as it is.` };
	}
}
