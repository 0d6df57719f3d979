import { Badge } from '../../components/Badge.js';
import { Table, type Column } from '../../components/Table.js';
import { duration, number } from '../../data/inWords.js';
import { own } from '../../data/own.js';

interface Row {
	learner: string;
	params: Readonly<Record<string, unknown>>;
	metrics: Readonly<Record<string, number>>;
	std?: number;
	seconds: number;
	cutShort?: number;
	failed?: string;
}

const valueOf = ({ metrics }: Row, metric: string): number | undefined => own(metrics, metric);

interface Tried {
	rows: readonly Row[];
	primary: string | undefined;
	/** Places of those that the model was made of; while candidates are still being tried, the best is marked. */
	chosen?: readonly number[];
}

const CUT_SHORT = 'Cut short: its share of the time was over before it had learned all it would; with more time it might rank higher.';

/** What Automatic tried, the best first. */
export function Leaderboard({ rows, primary, chosen = [] }: Tried) {
	const metric = primary ?? Object.keys(rows[0]?.metrics ?? {})[0] ?? 'metric';
	const ranked = rows.map((row, i) => ({ ...row, rank: i + 1 }));
	const isMarked = ({ rank }: { rank: number }): boolean => (chosen.length ? chosen.includes(rank - 1) : rank === 1);
	const columns: ReadonlyArray<Column<Row & { rank: number }>> = [
		{ id: 'rank', head: 'Rank', numeric: true, by: (row) => row.rank, cell: (row) => row.rank },
		{
			id: 'learner',
			head: 'Learner',
			by: (row) => row.learner,
			cell: (row) => (
				<>
					{row.learner} {chosen.includes(row.rank - 1) && <Badge tone="good">{chosen.length > 1 ? 'in the model' : 'chosen'}</Badge>}
				</>
			),
		},
		{
			id: 'metric',
			head: metric,
			numeric: true,
			by: (row) => valueOf(row, metric),
			cell: (row) => number(valueOf(row, metric)),
			help: 'On rows that were kept apart for comparing (validation), never on the test rows.',
		},
		{
			id: 'std',
			head: 'Spread',
			numeric: true,
			by: (row) => row.std,
			cell: (row) => number(row.std),
			help: 'Standard deviation over the folds.',
		},
		{
			id: 'seconds',
			head: 'Took',
			numeric: true,
			by: (row) => row.seconds,
			cell: (row) => `${duration(row.seconds * 1_000)}${row.cutShort ? ', cut short' : ''}`,
			...(rows.some((row) => row.cutShort) ? { help: CUT_SHORT } : {}),
		},
		{ id: 'params', head: 'Parameters', wide: true, cell: (row) => row.failed ?? wordsOf(row.params) },
	];
	return (
		<>
			<h3>Leaderboard</h3>
			<Table label="What was tried" columns={columns} entries={ranked} keyOf={(row) => row.rank} marked={isMarked} />
		</>
	);
}

/** Parameters in one line. */
export const wordsOf = (params: Readonly<Record<string, unknown>>): string =>
	Object.entries(params)
		.map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
		.join(', ') || 'its defaults';
