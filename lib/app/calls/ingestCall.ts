import { resolve } from 'node:path';
import { z } from 'zod/v4';
import { columnRole, columnType } from '../../domain/column.js';
import type { DatasetHandle } from '../../domain/dataset.js';
import { dictionaryOf } from '../../domain/dictionary.js';
import { MlopsError } from '../../domain/errors.js';
import type { ItemRecipe } from '../../domain/item.js';
import type { ItemProfile } from '../../domain/itemProfile.js';
import { sourceChoice } from '../catalogue.js';
import { ingestData } from '../ingestData.js';
import type { Session } from '../session.js';
import { checkedRequest, refuseUnknown } from './checkedRequest.js';
import type { Outcome } from './outcome.js';

/** What MLOps Ingest asks, for scripts and the command line. */
export const ingestRequest = z.object({
	file: z.string().optional().meta({
		description: 'Path of a CSV, TSV, JSON, Parquet or Excel file; several of one shape with * or ?',
		placeholder: 'FILE',
	}),
	source: z
		.string()
		.default('file')
		.meta({ description: 'Where the data are read from: file, url, sql, example, items', placeholder: 'ID' }),
	params: dictionaryOf(z.unknown())
		.default({})
		.meta({ description: "The source's parameters, as the node reference names them", placeholder: 'JSON' }),
	name: z.string().default('').meta({ description: 'Name of the dataset; else made from the source', placeholder: 'NAME' }),
	target: z.string().optional().meta({ description: 'The column to predict, if you know it already', placeholder: 'COLUMN' }),
	roles: dictionaryOf(columnRole).default({}).meta({ description: 'Roles of columns: {"customer":"id","day":"time"}' }),
	types: dictionaryOf(columnType).default({}).meta({ description: 'Types of columns: {"zip":"category"}' }),
	append: z.boolean().default(false).meta({ description: 'Add the rows to the version that was read last' }),
	strayPercent: z
		.number()
		.min(0)
		.max(100)
		.optional()
		.meta({ description: 'Unreadable cells that a column of numbers, dates or yes/no may hold, in percent' }),
});
export type IngestRequest = z.input<typeof ingestRequest>;

/**
 * Reads a source, finds types and problems, and keeps the table as a version of a dataset. @throws `data.*`, `input.invalid`, `compute.*`
 */
export async function ingest(
	session: Session,
	asked: IngestRequest,
): Promise<Outcome<{ dataset: DatasetHandle; recipe: ItemRecipe; profile: ItemProfile; reused: boolean }>> {
	const { file, source, params, name, target, roles, types, append, strayPercent } = checkedRequest(ingestRequest, asked, 'ingest');
	const choice = sourceChoice(source);
	refuseUnknown(choice.params, params, choice.label);
	const { file: named } = choice;
	if (file !== undefined && !named)
		throw new MlopsError('input.invalid', `The source "${source}" reads no file.`, { remedy: 'Leave out the file, or the source.' });
	const given = file !== undefined && named ? { ...params, [named.param]: resolve(file) } : params;
	return await ingestData(session, {
		name,
		source,
		params: given,
		roles,
		types,
		...(append ? { append } : {}),
		...(target ? { target } : {}),
		...(strayPercent === undefined ? {} : { strayShare: strayPercent / 100 }),
	});
}
