import { writeFile } from 'node:fs/promises';
import { z } from 'zod/v4';
import { dictionaryOf } from '../../domain/dictionary.js';
import { MlopsError } from '../../domain/errors.js';
import { LeftOut } from '../../domain/leftOut.js';
import { readJson } from '../readers/json.js';
import { defineSource } from './contract.js';
import { maxBadPercent } from './file.js';

export const itemsSource = defineSource({
	id: 'items',
	label: 'Incoming items',
	description: 'The rows that the previous node gives, one item a row: all at once, or page by page.',
	params: z.object({
		path: z.string().optional().describe('NDJSON file with one object a line, for many items'),
		items: z.array(dictionaryOf(z.unknown())).optional().describe('The objects themselves, for few items'),
		nulls: z.array(z.string()).default([]).meta({
			title: 'Words for "missing"',
			description: 'Texts that mean there is no value; the usual ones (empty, NA, NaN, null) when none is given.',
			advanced: true,
		}),
		maxBadPercent,
	}),
	filled: ['path', 'items'],
	takesRows: true,
	async read({ path, items, nulls, maxBadPercent: limit }, context) {
		const label = items ? `${items.length} item${items.length === 1 ? '' : 's'}` : 'The incoming items';
		let at = path;
		if (items) {
			if (items.length === 0)
				throw new MlopsError('data.empty', 'No items came in.', { expected: 'one item a row', remedy: 'Check the node before this one.' });
			at = await context.temporary('ndjson');
			const left = new LeftOut();
			await writeFile(at, items.map((item, i) => left.line(item, `row ${i + 1}`)).join('\n'));
			for (const said of left.notes()) context.note(...said);
		}
		if (!at)
			throw new MlopsError('input.invalid', 'Neither items nor a file with items was given.', {
				remedy: 'Connect a node that gives items.',
			});
		return {
			...(await readJson([at], true, { nulls: nulls.length ? nulls : undefined, items: true }, label, context)),
			maxBadPercent: limit,
		};
	},
});
