import { z } from 'zod/v4';
import { columnsParam } from '../../domain/ui.js';
import { spellingKey } from '../../data/spellings.js';
import { columnStep } from '../columnStep.js';

const params = z.object({
	columns: columnsParam({
		title: 'Columns',
		description: 'Where spellings are unified. Leave empty for the target.',
		accepts: ['category', 'text'],
	}),
	spellings: z
		.array(z.string())
		.default([])
		.meta({
			title: 'Spellings to keep',
			description:
				'The values as they shall be written. What differs from one of them in case, blanks or the form of its letters only becomes it; ' +
				'codes (values with a digit, single letters) stay as they are.',
		}),
	yes_no: z
		.enum(['separate', 'words', 'digits'])
		.default('separate')
		.meta({
			title: 'Words for yes and no',
			description: 'Whether yes, Y, true and ja count as the same, and no, N, false and nein.',
			labels: { separate: 'Are different values', words: 'Mean the same', digits: 'Mean the same, as do 1 and 0' },
		}),
});
type Params = z.infer<typeof params>;

/** One spelling for each value; meant for the target, where each spelling would be a class of its own. */
export const unifySpelling = columnStep<Params>({
	id: 'unify_spelling',
	version: 1,
	label: 'Unify spellings',
	group: 'clean',
	stage: 'dataset',
	params,
	description: 'Makes one value of spellings such as "yes", "Yes" and "Y ", also of ones that come later; codes are never merged.',
	columns: (p) => p.columns,
	accepts: ['category', 'text'],
	roles: ['target'],
	make(column, p) {
		const kept = new Map(p.spellings.map((text) => [spellingKey(text, p.yes_no), text]));
		const unified = (s: string | null): string | null => (s === null ? null : (kept.get(spellingKey(s, p.yes_no)) ?? s));
		return { made: [{ schema: column, derive: { from: 'text', to: 'text', map: unified } }] };
	},
	explain(p) {
		const kept = p.spellings.map((text) => `"${text}"`).join(', ') || 'nothing';
		return `Writes ${kept} in one way in ${p.columns.join(', ') || 'the target'}.`;
	},
});
