import { z } from 'zod/v4';
import { columnsParam } from '../../domain/ui.js';
import { columnStep } from '../columnStep.js';

/** Words people write where a value is missing, in lower case. */
export const MISSING_WORDS: readonly string[] = ['n/a', 'na', 'n.a.', '#n/a', 'nan', 'null', 'none', 'nil', 'missing', '-', '--', '?', '.'];

const params = z.object({
	columns: columnsParam({
		title: 'Columns',
		description: 'Text to tidy. Leave empty for all text and categories but ids.',
		accepts: ['category', 'text'],
	}),
	trim: z.boolean().default(true).meta({ title: 'Trim', description: 'Whether to take spaces off both ends.' }),
	collapse_spaces: z.boolean().default(true).meta({ title: 'Collapse spaces', description: 'Whether to make one space of several.' }),
	case: z
		.enum(['keep', 'lower', 'upper', 'title'])
		.default('keep')
		.meta({
			title: 'Letters',
			description: 'Brings different spellings of a word together.',
			labels: { keep: 'As they are', lower: 'lower case', upper: 'UPPER CASE', title: 'Title Case' },
		}),
	missing_words: z
		.array(z.string())
		.default([...MISSING_WORDS])
		.meta({
			title: 'Words for missing',
			description: 'Values that become missing, whatever their case. Empty text is always missing.',
			advanced: true,
		}),
});
type Params = z.infer<typeof params>;

/** One spelling for each value, and one way of being missing. */
export const trimText = columnStep<Params>({
	id: 'trim_text',
	version: 1,
	label: 'Tidy text',
	group: 'clean',
	stage: 'dataset',
	params,
	description: 'Trims and unifies text, and makes words such as "N/A" missing.',
	columns: (p) => p.columns,
	accepts: ['category', 'text'],
	roles: ['feature', 'target', 'group'],
	make(column, p) {
		const tidy = tidier(p);
		return { made: [{ schema: column, derive: { from: 'text', to: 'text', map: (s) => (s === null ? null : tidy(s)) } }] };
	},
	explain: (p) => `Tidies ${p.columns.join(', ') || 'all text'}${p.case === 'keep' ? '' : ` and writes it in ${p.case} case`}.`,
});

function tidier(p: Params): (s: string) => string | null {
	const words = new Set(p.missing_words.map((w) => w.trim().toLowerCase()));
	return (raw) => {
		let s = raw;
		if (p.collapse_spaces) s = s.replace(/\s+/g, ' ');
		if (p.trim) s = s.trim();
		if (p.case === 'lower') s = s.toLowerCase();
		else if (p.case === 'upper') s = s.toUpperCase();
		else if (p.case === 'title') s = s.toLowerCase().replace(/(?<![\p{L}\p{N}'’])\p{L}/gu, (c) => c.toUpperCase());
		const bare = s.trim();
		return bare === '' || words.has(bare.toLowerCase()) ? null : s;
	};
}
