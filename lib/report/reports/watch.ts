import { WATCHES } from '../../domain/watches.js';
import type { WatchedOver } from '../../domain/watched.js';
import { date, number, percent, plain } from '../formatting.js';
import { notesPanel } from '../panels/notes.js';
import type { Panel } from '../panels/panel.js';
import { columnsByDaysPanel } from '../panels/watch/columnsByDays.js';
import { known } from '../panels/watch/known.js';
import { everyWindow, lastWindow } from '../panels/watch/outOfOrder.js';
import { overTime } from '../panels/watch/overTime.js';
import { makeReport, type Report } from '../makeReport.js';
import { facts } from '../safeHtml.js';

const WATCH_PANELS: ReadonlyArray<Panel<WatchedOver>> = [
	columnsByDaysPanel,
	overTime,
	known,
	lastWindow,
	everyWindow,
	notesPanel(({ windows }) => [...new Set(windows.flatMap(({ notes }) => notes.map(({ text }) => text)))]),
];

/** What a look over a model's answers found, window by window. */
export function watchReport(over: WatchedOver): Promise<Report> {
	const { watch, model, alias, windows, verdict, drifted, since } = over;
	const [label, asks] = WATCHES[watch];
	const rows = windows.reduce((n, w) => n + w.rows, 0);
	const told = windows.reduce((n, w) => n + (w.known ?? 0), 0);
	const waiting = windows.filter((w) => w.verdict === 'waiting' || w.verdict === 'unknown').length;
	return makeReport(
		{
			title: `${label} of ${plain(model, 60)}`,
			eyebrow: `${label} · ${plain(model, 60)}${alias === undefined ? '' : ` · ${plain(alias, 40)}`}`,
			sentence: over.summary,
			lead: `${asks}.${since === undefined ? '' : ` It has been so since ${date(since, true)}.`}`,
			verdict: drifted
				? { text: 'drifted', tone: 'bad' }
				: verdict === 'waiting'
					? { text: 'waits', tone: 'plain' }
					: { text: 'stable', tone: 'good' },
			facts: facts([
				{ label: 'answers', value: number(rows) },
				windows.some((w) => w.known !== undefined) && { label: 'truth known', value: rows ? percent(told / rows) : '–' },
				{ label: 'windows', value: number(windows.length) },
				waiting > 0 && { label: 'not judged', value: number(waiting) },
			]),
		},
		WATCH_PANELS,
		over,
	);
}
