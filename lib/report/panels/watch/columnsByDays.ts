import type { WatchId } from '../../../domain/watches.js';
import { columnsByDays, type ColumnsByDays, type DriftedWindow } from '../../columnsByDays.js';
import type { Chart } from '../../charts/chart.js';
import { date, list, number, plain, shorten } from '../../formatting.js';
import { definePanel } from '../panel.js';

/** Windows that a drawing has room for: the newest. */
const MOST_WINDOWS = 60;
/** From this multiple of what matters on, a change is as dark as can be. */
const DARKEST = 3;

/** Which columns drifted when, what matters most on top. */
export const columnsByDaysPanel = definePanel<{ watch: WatchId; windows: readonly DriftedWindow[] }, ColumnsByDays>({
	id: 'columns_by_days',
	data({ watch, windows }) {
		if (watch !== 'data' && watch !== 'answers') return undefined;
		const table = columnsByDays(windows.slice(-MOST_WINDOWS));
		return table.windows.length > 1 && table.columns.length > 0 ? table : undefined;
	},
	draw: (table) => ({
		title: 'Which columns, and when',
		hint:
			'The darker, the greater the change; the palest third is too small to matter. Columns are in the order of importance times drift.' +
			(table.leftOut > 0 ? ` ${number(table.leftOut)} more matter less and are not drawn.` : ''),
		charts: [chartOf(table)],
	}),
});

function chartOf({ windows, columns }: ColumnsByDays): Chart {
	const names = columns.map(({ about, segment }) => plain(segment === undefined ? about : `${about} (${segment})`, 60));
	const moved = columns.flatMap(({ changes }, i) => ((changes.at(-1) ?? 0) >= 1 ? [names[i]] : []));
	const days = windows.every(({ from }) => from.slice(11, 16) === '00:00');
	return {
		name: 'columns_by_days',
		title:
			moved.length === 0
				? 'In the last window no column is off'
				: `In the last window, ${list(moved, 3)} ${moved.length > 1 ? 'are' : 'is'} off`,
		x: { kind: 'names', names: windows.map(({ from }) => date(from, !days)), letters: 18, slanted: true, title: 'window from' },
		y: { kind: 'names', names, letters: 26, row: 24 },
		marks: [
			{
				mark: 'cells',
				scale: 'share',
				values: columns.map(({ changes }) => changes.map((change) => Math.min(1, (change ?? 0) / DARKEST))),
				tips: columns.map(({ changes, why }, i) =>
					changes.map((change, at) =>
						change === null
							? null
							: `${names[i]}, ${date(windows[at].from, !days)}: ${number(change, 2)} times what matters` +
								(why[at] ? `. ${shorten(why[at], 160)}` : ''),
					),
				),
			},
		],
	};
}
