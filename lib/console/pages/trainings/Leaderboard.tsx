import { Table, type Column } from '../../components/Table.js';
import { duration, number } from '../../data/inWords.js';
import { own } from '../../data/own.js';

interface Row {
	learner: string;
	params: Readonly<Record<string, unknown>>;
	metrics: Readonly<Record<string, number>>;
	std?: number;
	seconds: number;
	failed?: string;
}

const valueOf = ({ metrics }: Row, metric: string): number | undefined => own(metrics, metric);

/** What Automatic tried, the best first. */
export function Leaderboard({ rows, primary }: { rows: readonly Row[]; primary: string | undefined }) {
	const metric = primary ?? Object.keys(rows[0]?.metrics ?? {})[0] ?? 'metric';
	const ranked = rows.map((row, i) => ({ ...row, rank: i + 1 }));
	const columns: ReadonlyArray<Column<Row & { rank: number }>> = [
		{ id: 'rank', head: 'Rank', numeric: true, by: (row) => row.rank, cell: (row) => row.rank },
		{ id: 'learner', head: 'Learner', by: (row) => row.learner, cell: (row) => row.learner },
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
		{ id: 'seconds', head: 'Took', numeric: true, by: (row) => row.seconds, cell: (row) => duration(row.seconds * 1_000) },
		{ id: 'params', head: 'Parameters', wide: true, cell: (row) => row.failed ?? wordsOf(row.params) },
	];
	return (
		<>
			<h3>Leaderboard</h3>
			<Table label="What was tried" columns={columns} entries={ranked} keyOf={(row) => row.rank} marked={(row) => row.rank === 1} />
		</>
	);
}

/** Parameters in one line. */
export const wordsOf = (params: Readonly<Record<string, unknown>>): string =>
	Object.entries(params)
		.map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
		.join(', ') || 'its defaults';
