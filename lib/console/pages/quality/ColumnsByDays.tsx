import { Card } from '../../components/Card.js';
import { Chart } from '../../components/Chart.js';
import { cells } from '../../components/charts/chartOptions.js';
import { momentText } from '../../components/Time.js';
import type { AnswerOf } from '../../data/api.js';
import { many, number, UNKNOWN } from '../../data/inWords.js';
import type { monitorColumns } from '../../../server/console/routes/monitorRoutes.js';

/** From this multiple of what matters on, a change is as dark as can be. */
const DARKEST = 3;
const ROW = 24;

/** Which columns drifted when: a row for each, a place for each window. */
export function ColumnsByDays({ table: { windows, columns, leftOut } }: { table: AnswerOf<typeof monitorColumns> }) {
	const names = columns.map(({ about, segment }) => (segment === undefined ? about : `${about} (${segment})`));
	const days = windows.map(({ from }) => new Date(from).toLocaleDateString(undefined, { month: 'short', day: 'numeric' }));
	const now = columns.filter(({ changes }) => (changes.at(-1) ?? 0) >= 1).length;
	const label =
		now === 0
			? 'Columns by windows: in the last one, none is off'
			: `Columns by windows: in the last one, ${many(now, 'column')} of ${columns.length} off`;
	const text = (row: number, at: number): string => {
		const change = columns[row].changes[at];
		const what = change === null ? 'was not looked at' : `${number(change, 2)} times what matters`;
		return `${names[row]}, ${momentText(new Date(windows[at].from))}: ${what}`;
	};
	return (
		<Card
			title="Which columns, and when"
			lead={
				`The darker, the greater the change; the palest are too small to matter. In the order of importance times drift.` +
				(leftOut ? ` ${many(leftOut, 'column')} that matter less are not shown.` : '')
			}
		>
			<Chart
				label={label}
				height={ROW * columns.length + 70}
				option={cells({
					columns: days,
					rows: names,
					values: columns.flatMap(({ changes }, row) => changes.map((change, at): [number, number, number | null] => [at, row, change])),
					most: DARKEST,
					tip: (at, row) => text(row, at),
				})}
				table={() => ({
					head: ['Column', ...days],
					rows: columns.map(({ changes }, i) => [names[i], ...changes.map((c) => (c === null ? UNKNOWN : number(c, 2)))]),
				})}
			/>
		</Card>
	);
}
