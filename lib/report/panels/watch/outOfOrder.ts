import type { Finding } from '../../../domain/monitor.js';
import type { WatchedOver, WatchedWindow } from '../../../domain/watched.js';
import { date, number, percent, plain } from '../../formatting.js';
import { badge, table, type Content, type Tone } from '../../safeHtml.js';
import { metricValue, metricWords } from '../../reportWords.js';
import { definePanel } from '../panel.js';

const MOST = 60;

const figure = ({ about, unit }: Finding, value: number | null | undefined): string =>
	value === null || value === undefined ? '–' : unit === 'share' ? percent(value, 1) : metricValue(about, value);

/** What was found in the last window that could be judged, what is out of order first. */
export const lastWindow = definePanel<WatchedOver, WatchedWindow>({
	id: 'watch_last',
	data({ windows }) {
		const last = [...windows].reverse().find(({ verdict, findings }) => (verdict === 'ok' || verdict === 'alarm') && findings.length > 0);
		return last ?? windows.filter(({ findings }) => findings.length > 0).at(-1);
	},
	draw({ from, until, verdict, findings }) {
		const sorted = [...findings].sort(
			(a, b) => Number(b.why !== undefined) - Number(a.why !== undefined) || (b.weight ?? 1) - (a.weight ?? 1),
		);
		const compared = sorted.some(({ before }) => before !== undefined);
		return {
			title: `From ${date(from, true)} until ${date(until, true)}`,
			hint:
				verdict === 'waiting' || verdict === 'unknown'
					? 'What is known so far; it is too little to judge.'
					: 'What was found in the last window that could be judged.',
			body: table(
				[
					{ head: 'What' },
					{ head: 'Of which answers' },
					{ head: 'Found', number: true },
					{ head: '95 % certain', number: true },
					{ head: 'To be expected', number: true },
					...(compared ? [{ head: 'Version before', number: true }] : []),
					{ head: '' },
				],
				sorted
					.slice(0, MOST)
					.map((f): Content[] => [
						metricWords(f.about).label,
						plain(f.segment ?? 'all', 60),
						figure(f, f.value),
						f.interval ? `${figure(f, f.interval[0])} to ${figure(f, f.interval[1])}` : '–',
						figure(f, f.reference),
						...(compared ? [f.before ? `${figure(f, f.before.value)} (version ${f.before.version})` : '–'] : []),
						f.why === undefined ? '' : badge('out of order', 'bad'),
					]),
				{ kind: 'sortable' },
			),
		};
	},
});

const VERDICT: Record<WatchedWindow['verdict'], [string, Tone]> = {
	ok: ['as usual', 'good'],
	alarm: ['alarm', 'bad'],
	waiting: ['waits', 'plain'],
	unknown: ['not known', 'plain'],
};

/** Each window in one line, the newest first. */
export const everyWindow = definePanel<WatchedOver, WatchedWindow[]>({
	id: 'watch_windows',
	data: ({ windows }) => (windows.length > 1 ? [...windows].reverse() : undefined),
	draw: (windows) => ({
		title: 'Window by window',
		body: table(
			[
				{ head: 'From' },
				{ head: 'Answers', number: true },
				{ head: 'Truth known', number: true },
				{ head: '' },
				{ head: 'What was found' },
			],
			windows
				.slice(0, MOST)
				.map((w): Content[] => [
					date(w.from, true),
					number(w.rows),
					w.known === undefined || !w.rows ? '–' : percent(w.known / w.rows),
					badge(...VERDICT[w.verdict]),
					plain(w.summary, 200),
				]),
		),
	}),
});
