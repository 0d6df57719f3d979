import { z } from 'zod/v4';
import { columnsParam } from '../../domain/ui.js';
import { isNumberVector } from '../../data/frame.js';
import { columnStep, type Made } from '../columnStep.js';
import { levelsOf } from '../stats.js';

const params = z.object({
	columns: columnsParam({
		title: 'Columns',
		description: 'Categories to turn into yes/no columns. Leave empty for all categories that are features.',
		accepts: ['category', 'text'],
	}),
	max_categories: z.number().int().min(2).default(20).meta({
		title: 'At most this many columns each',
		description: 'The most frequent values get a column of their own, the rest share the column "other".',
	}),
	min_frequency: z.number().min(0).default(0).meta({
		title: 'Rarer values share a column',
		description: 'Values with fewer rows go into "other": a share if below 1, else a number of rows. 0 turns this off.',
		advanced: true,
	}),
	handle_unknown: z
		.enum(['infrequent_if_exist', 'ignore'])
		.default('infrequent_if_exist')
		.meta({
			title: 'Values never seen in training',
			description: 'What happens to values that did not occur in the training rows.',
			advanced: true,
			labels: { infrequent_if_exist: 'Count as "other" if there is that column', ignore: 'All columns say no' },
		}),
});
type Params = z.infer<typeof params>;
/** `levels` have their own columns; null stands for missing. */
interface Known {
	levels: Array<string | null>;
	infrequent: string[];
	infrequentMissing: boolean;
}

/**
 * One-hot encoding as scikit-learn's OneHotEncoder, including its choice of infrequent categories; missing is a category if it occurred in
 * training.
 */
export const oneHot = columnStep<Params, Known>({
	id: 'one_hot',
	version: 1,
	label: 'One-hot encoding',
	group: 'feature',
	stage: 'fold',
	params,
	description: 'Gives each value of a category a yes/no column of its own.',
	columns: (p) => p.columns,
	accepts: ['category', 'text'],
	byDefault: ['category'],
	fit({ vector }, p) {
		if (isNumberVector(vector)) return undefined;
		const { levels, missing, rows } = levelsOf(vector);
		const all: Array<{ level: string | null; count: number }> = missing ? [...levels, { level: null, count: missing }] : levels;
		const rare = infrequentOf(all, rows, p);
		return {
			levels: all.filter((l) => !rare.has(l.level)).map((l) => l.level),
			infrequent: levels.filter((l) => rare.has(l.level)).map((l) => l.level),
			infrequentMissing: rare.has(null),
		};
	},
	make(column, p, known) {
		if (!known) return { made: [] };
		const own = new Set(known.levels);
		const other = (s: string | null): boolean =>
			!own.has(s) && (s === null ? known.infrequentMissing : p.handle_unknown === 'infrequent_if_exist' || known.infrequent.includes(s));
		const made = known.levels.map(
			(level): Made => ({
				schema: { name: `${column.name}_${level ?? 'missing'}`, type: 'boolean', role: 'feature' },
				derive: { from: 'text', to: 'number', map: (s) => (s === level ? 1 : 0) },
			}),
		);
		if (known.infrequent.length || known.infrequentMissing)
			made.push({
				schema: { name: `${column.name}_other`, type: 'boolean', role: 'feature' },
				derive: { from: 'text', to: 'number', map: (s) => (other(s) ? 1 : 0) },
			});
		return { made };
	},
	explain: (_, state) =>
		state
			? `One yes/no column for each value of ${state.columns.map((c) => `${c.name} (${c.state.levels.length})`).join(', ') || 'nothing'}.`
			: 'One yes/no column for each value of the categories.',
});

function infrequentOf(all: Array<{ level: string | null; count: number }>, rows: number, p: Params): Set<string | null> {
	const threshold = p.min_frequency < 1 ? p.min_frequency * rows : p.min_frequency;
	const rare = new Set(all.filter((l) => l.count < threshold).map((l) => l.level));
	const frequent = all.length - rare.size + (rare.size ? 1 : 0);
	if (p.max_categories < frequent) {
		// Stable ascending sort: among equally frequent values the later ones in order keep a column, as in scikit-learn.
		const ascending = all.slice().sort((a, b) => a.count - b.count);
		for (const l of ascending.slice(0, all.length - (p.max_categories - 1))) rare.add(l.level);
	}
	return rare;
}
