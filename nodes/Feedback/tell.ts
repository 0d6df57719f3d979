import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { TellingAbout, ToldRows } from '../../lib/app/tellFrom.js';
import { MlopsError } from '../../lib/domain/errors.js';
import type { ItemFeedback } from '../../lib/domain/item.js';
import { datasetOf } from '../shared/datasetSource.js';
import { forEachItem } from '../shared/execute.js';
import { orNotYet } from '../shared/notYet.js';
import { rowsOf } from '../shared/rowParameter.js';
import type { Runtime } from '../shared/runtime.js';
import { textParameter } from '../shared/parameters.js';

const ROW = { what: 'The truth', code: 'truth.invalid' } as const;

function tellingOf(functions: IExecuteFunctions, { actor }: Runtime, index: number): TellingAbout {
	const text = (name: string) => textParameter(functions, name, index);
	const model = text('model');
	return {
		fields: {
			...(text('findBy') === 'key' ? { key: text('keyField'), time: text('timeField') } : { id: text('idField') }),
			truth: text('truthField'),
		},
		...(model ? { model } : {}),
		by: actor,
		gaps: text('empty') !== 'takeBack',
	};
}

const say = (functions: IExecuteFunctions, { notes = [] }: ItemFeedback): void => {
	for (const { text } of notes) functions.addExecutionHints({ message: text, location: 'outputPane' });
};

/** Each item's dataset is one telling. */
export async function tellDataset(functions: IExecuteFunctions, runtime: Runtime): Promise<INodeExecutionData[][]> {
	const { tellFrom } = await import('../../lib/app/tellFrom.js');
	return await forEachItem(functions, 1, async (index, item) => {
		const { dataset } = await orNotYet(functions, async () => await datasetOf(functions, runtime.store, index, item));
		const { feedback } = await tellFrom(runtime, { datasetId: dataset.id }, tellingOf(functions, runtime, index));
		say(functions, feedback);
		return { item: { ...item, json: { ...item.json, feedback: feedback as unknown as IDataObject } } };
	});
}

/**
 * All items together are one telling; a truth that is refused is its own item's failure, in a list of several it is counted with its
 * reason.
 */
export async function tellItems(functions: IExecuteFunctions, runtime: Runtime): Promise<INodeExecutionData[][]> {
	const parts = functions.getInputData().map((_, index) => partOf(functions, index));
	const rows = parts.flatMap((part) => ('rows' in part ? part.rows : []));
	const told = rows.length > 0 ? await tellTogether(functions, runtime, rows) : undefined;
	if (told) say(functions, told.feedback);
	let at = 0;
	const starts = parts.map((part) => {
		const from = at;
		at += 'rows' in part ? part.rows.length : 0;
		return from;
	});
	return await forEachItem(functions, 1, async (index, item) => {
		const part = parts[index];
		if ('thrown' in part) throw part.thrown;
		const feedback = ofItem(told!, starts[index], part.rows.length);
		const [refusal] = feedback.refusals ?? [];
		if (refusal && !part.list) {
			const { code: _code, message, row: _row, ...details } = refusal;
			throw new MlopsError('truth.invalid', message, details);
		}
		return { item: { ...item, json: { ...item.json, feedback: feedback as unknown as IDataObject } } };
	});
}

type Part = { rows: Array<Record<string, unknown>>; list: boolean } | { thrown: unknown };

/** The rows of an item; those that name no model get the one that the field names for this item. */
function partOf(functions: IExecuteFunctions, index: number): Part {
	try {
		const { rows, list } = rowsOf(functions, index, ROW);
		const model = String(functions.getNodeParameter('model', index, '')).trim();
		return { rows: model ? rows.map((row) => (row.model === undefined ? { ...row, model } : row)) : rows, list };
	} catch (thrown) {
		return { thrown };
	}
}

async function tellTogether(functions: IExecuteFunctions, runtime: Runtime, rows: Array<Record<string, unknown>>): Promise<ToldRows> {
	const { tellRows } = await import('../../lib/app/tellFrom.js');
	const { model: _each, ...telling } = tellingOf(functions, runtime, 0);
	return await tellRows(runtime, rows, telling);
}

/** The part of a telling that is one item's: its rows are counted from 1. */
function ofItem({ feedback, outcomes, refusals }: ToldRows, from: number, count: number): ItemFeedback {
	const own = outcomes.slice(from, from + count);
	const of = (outcome: string): number => own.filter((o) => o === outcome).length;
	const refused = refusals
		.filter(({ row }) => row > from && row <= from + count)
		.map(({ row, error: { code, message, details } }) => ({ ...details, row: row - from, code, message }));
	return {
		batch: feedback.batch,
		rows: count,
		taken: of('taken'),
		same: of('same'),
		corrected: of('corrected'),
		unknown: of('unknown'),
		empty: of('empty'),
		refused: of('refused'),
		...(refused.length ? { refusals: refused } : {}),
	};
}
