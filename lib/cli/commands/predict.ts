import { copyFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod/v4';
import { answerFields, answerInFront } from '../../app/answerItem.js';
import { ingest } from '../../app/calls/ingestCall.js';
import { predict as answerRows, predictDataset, predictDatasetRequest } from '../../app/calls/predictCall.js';
import { modelFor } from '../../app/calls/references.js';
import { datasetNameOf } from '../../app/datasetNameOf.js';
import { changesAsked } from '../../domain/changes.js';
import { dictionaryOf } from '../../domain/dictionary.js';
import { MlopsError } from '../../domain/errors.js';
import { defineCommand, type Answer, type Desk } from '../contract.js';
import { handOn, itemOption, readItem, withCarried } from '../item.js';
import { needed, UsageError } from '../options.js';
import { textTable } from '../textTable.js';

/** Reasons that one row's answer names. */
const ROW_REASONS = 3;

const { model, dataset, rows, log, forSpreadsheets } = predictDatasetRequest.shape;
const options = z.object({
	model: model.optional(),
	file: z.string().optional().meta({ description: 'A file of rows to answer; it becomes a dataset, NAME-to-predict', placeholder: 'FILE' }),
	dataset: dataset.optional().meta({ description: 'A dataset to answer', placeholder: 'NAME' }),
	row: z
		.union([dictionaryOf(z.unknown()), z.array(dictionaryOf(z.unknown()))])
		.optional()
		.meta({ description: 'One row to answer, or a list of rows: {"tenure":3,"plan":"basic"}', placeholder: 'JSON' }),
	output: z.string().optional().meta({ description: 'Where to write the answers of a file or dataset as CSV', placeholder: 'FILE' }),
	rows: rows.meta({ description: 'Of a dataset: all rows, or those that Train kept apart' }),
	reasons: z
		.number()
		.int()
		.min(0)
		.max(20)
		.optional()
		.meta({ description: `How many columns to name that moved an answer most; without it ${ROW_REASONS} for rows, none for files` }),
	changes: changesAsked.optional().meta({
		description: 'Of a row: what would change its answer, by columns that may change: {"columns":["plan"],"wish":"no"}',
		placeholder: 'JSON',
	}),
	log,
	forSpreadsheets,
	...itemOption,
});
type Asked = z.output<typeof options>;

/** MLOps Predict. */
export const predict = defineCommand({
	name: 'predict',
	does: 'Asks a model: single rows, or a whole file or dataset, whose answers become a CSV file.',
	args: ['model', 'file'],
	options,
	examples: [
		`mlops predict churn@champion --row '{"tenure":3,"plan":"basic"}'`,
		`mlops predict churn --row '{"tenure":3,"plan":"basic"}' --changes '{"columns":["plan"]}'`,
		'mlops predict churn march.csv --output answers.csv',
		'mlops predict churn --dataset customers --rows test --reasons 3',
	],
	async run(given, desk) {
		const item = readItem(given.item);
		const asked = withCarried(given, item, ['model']);
		const ways = (['file', 'dataset', 'row'] as const).filter((key) => asked[key] !== undefined);
		if (ways.length > 1) throw new UsageError('input.invalid', `Only one of ${ways.join(' and ')} can be answered at a time.`);
		if (asked.row !== undefined) return await answersToRows(asked, desk);
		if (asked.changes) throw new UsageError('input.invalid', 'What would change an answer is told of single rows.', { expected: '--row' });
		return await answersToTable(withCarried(asked, item, ['dataset']), item, desk);
	},
});

/** The items that the node gives: the answer first, then the row that was asked. A list of rows gives a list. */
async function answersToRows({ model: reference, row, reasons = ROW_REASONS, log: keep, changes }: Asked, desk: Desk): Promise<Answer> {
	const rowsAsked = Array.isArray(row) ? row : [row!];
	const answered = await answerRows(await desk.session(), {
		model: needed(reference, 'MODEL', 'predict'),
		rows: rowsAsked,
		reasons,
		log: keep,
		...(changes ? { changes } : {}),
	});
	for (const { code, text } of answered.notes) desk.context.note(code, text);
	const [only] = answered.results;
	if (!Array.isArray(row) && 'error' in only) throw MlopsError.fromJSON(only.error);
	const items = answered.results.map((result, i) => {
		if (!('error' in result)) return answerInFront(answerFields(result, answered.model, reasons, rowsAsked[i]), rowsAsked[i]);
		const { code, message, details } = result.error;
		return answerInFront({ error: { code, message, ...details } }, rowsAsked[i]);
	});
	const text = items.map((item) => {
		const { prediction, probability, reasons: why, warnings, changes: ways, error } = item as Record<string, unknown>;
		if (error !== undefined) return `No answer: ${(error as { message: string }).message}`;
		return [
			`${String(prediction)}${typeof probability === 'number' ? ` (${(100 * probability).toFixed(1)} %)` : ''}`,
			...((why as string[] | undefined) ?? []).map((reason) => `  ${reason}`),
			...((ways as Array<{ text: string }> | undefined) ?? []).map((way) => `  Change: ${way.text}`),
			...((warnings as string[] | undefined) ?? []).map((warning) => `  Note: ${warning}`),
		].join('\n');
	});
	return { json: Array.isArray(row) ? items : items[0], text: text.join('\n') };
}

async function answersToTable(asked: Asked, carried: Record<string, unknown>, desk: Desk): Promise<Answer> {
	const session = await desk.session();
	const { file, output, reasons = 0, rows: which, log: keep, forSpreadsheets: safe } = asked;
	const model = needed(asked.model, 'MODEL', 'predict');
	// A slip in its name must not come after minutes of reading.
	await modelFor(session.store, model);
	let item = carried;
	let table = asked.dataset;
	if (file !== undefined) {
		// Not under the file's own name: rows to answer are no new version of the rows that were learned from.
		const read = await ingest(session, { file, name: `${datasetNameOf({ source: 'file', params: { path: file } })}-to-predict` });
		item = handOn(carried, read, desk.context);
		table = read.fields.dataset;
	}
	if (table === undefined) throw new UsageError('input.invalid', 'There is nothing to answer.', { expected: 'a file, --dataset or --row' });
	const answered = await predictDataset(session, {
		model,
		dataset: table,
		rows: which,
		reasons,
		log: keep,
		forSpreadsheets: safe,
	});
	if (output !== undefined) await copyFile(answered.path, resolve(output));
	const { predictions } = answered.fields;
	return {
		json: handOn(item, answered, desk.context),
		text: [
			textTable(['Model', 'Rows', 'Without an answer'], [[predictions.model, predictions.rows, predictions.failed]]),
			'',
			`The answers: ${output === undefined ? answered.path : resolve(output)}`,
		].join('\n'),
	};
}
