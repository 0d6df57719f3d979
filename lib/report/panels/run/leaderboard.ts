import type { RunRecord } from '../../../domain/run.js';
import { chosenRows } from '../../../learn/ensemble/chosenRows.js';
import { membersOf } from '../../../learn/ensemble/ensembleLearner.js';
import type { Chart } from '../../charts/chart.js';
import { count, duration, humanize, number, paramText, plain, visible } from '../../formatting.js';
import { learnerName } from '../../learnerName.js';
import { badge, bar, html, table, type Content } from '../../safeHtml.js';
import { COLOR } from '../../theme.js';
import { metricValue, metricWords } from '../../reportWords.js';
import { definePanel } from '../panel.js';

interface Candidates {
	leaderboard: NonNullable<RunRecord['leaderboard']>;
	primary: string;
	/** Those of them that the model was made of; of none it is told where a run of before has another text for its parameters. */
	chosen: ReadonlyArray<NonNullable<RunRecord['leaderboard']>[number]>;
	/** Whether the model is made of several. */
	several: boolean;
}

/** The table of candidates, best first, with bars. */
function candidateTable({ leaderboard, primary, chosen, several }: Candidates, settings: boolean): Content {
	const words = metricWords(primary);
	const sign = words.better === 'higher' ? -1 : 1;
	const score = (r: Candidates['leaderboard'][number]) => (r.failed ? NaN : (r.metrics[primary] ?? NaN));
	const rows = [...leaderboard].sort(
		(a, b) => (Number.isNaN(score(a)) ? 1 : 0) - (Number.isNaN(score(b)) ? 1 : 0) || sign * (score(a) - score(b)),
	);
	const finite = rows.map(score).filter(Number.isFinite);
	const [low, high] = [Math.min(...finite), Math.max(...finite)];
	// From the worst to the best candidate, in the metric's own direction: the best has the full bar.
	const share = (v: number) =>
		high === low ? 1 : 0.06 + 0.94 * (words.better === 'higher' ? (v - low) / (high - low) : (high - v) / (high - low));
	const shown = rows.slice(0, 30);
	const hidden = rows.length - shown.length;
	const made = chosen.length || several ? chosen : rows.slice(0, 1);
	const marks = (row: (typeof rows)[number]): Content =>
		html`${made.includes(row) ? html` ${badge(several ? 'in the model' : 'chosen', 'good')}` : ''}${
			several && row === rows[0] ? html` ${badge('best alone', 'plain')}` : ''
		}`;
	return html`${table(
		[{ head: 'Learner' }, { head: words.label }, { head: 'Seconds', number: true }, ...(settings ? [{ head: 'Settings' }] : [])],
		shown.map((r, i) => {
			const v = score(r);
			return [
				html`<b>${plain(learnerName(r.learner), 60)}</b>${Number.isFinite(v) ? marks(r) : ''}`,
				Number.isFinite(v)
					? html`${metricValue(primary, v)}
						${r.std ? html` <span class="q">± ${metricValue(primary, r.std)}</span>` : ''}
						${bar(share(v), i === 0 ? COLOR.accent : COLOR.accentMid)}`
					: html`<span class="q">${r.failed ?? 'not ranked'}</span>`,
				html`${number(r.seconds, 2)}${r.cutShort ? html` <span class="q">cut short</span>` : ''}`,
				...(settings ? [html`<div class="q long">${paramText(r.params)}</div>`] : []),
			];
		}),
	)}${hidden > 0 ? html`<p class="hint">${count(hidden, 'more candidate')} not shown.</p>` : ''}${cutText(rows)}`;
}

/** How many were ended by their share of the time. */
function cutText(rows: Candidates['leaderboard']): Content {
	const cut = rows.filter((row) => row.cutShort).length;
	if (cut === 0) return '';
	const those = `${count(cut, 'candidate')} ${cut === 1 ? 'was' : 'were'} cut short`;
	return html`<p class="hint">${those}: ${cut === 1 ? 'its' : 'their'} share of the time was over before all was learned. With more time ${
		cut === 1 ? 'it' : 'they'
	} might rank higher.</p>`;
}

/** The candidates that were tried, best first; the best 12, failures left out. */
function candidateChart({ leaderboard, primary }: Candidates): Chart {
	const words = metricWords(primary);
	const sign = words.better === 'higher' ? -1 : 1;
	const ranked = leaderboard
		.filter((r) => !r.failed && Number.isFinite(r.metrics[primary]))
		.sort((a, b) => sign * (a.metrics[primary] - b.metrics[primary]));
	const rows = ranked.slice(0, 12);
	const values = rows.map((r) => r.metrics[primary]);
	const low = Math.min(...values, Infinity);
	const high = Math.max(...values, -Infinity);
	// Bars of a score near its best all look alike from zero, so the axis starts a little below the worst.
	const start =
		words.better === 'higher' && low > 0 && (high - low) / high < 0.5
			? Math.max(0, low - (high - low) * 0.6 - 0.01 * high)
			: Math.min(0, low);
	const figures = rows.map((r, i) => [metricValue(primary, values[i]), duration(r.seconds)]);
	return {
		name: 'leaderboard',
		right: 110,
		title: rows[0] ? `${visible(humanize(rows[0].learner))} did best of ${ranked.length} candidates` : 'No candidate could be ranked',
		subtitle: `${words.label}: ${words.better} is better.${start > 0 ? ' The axis does not start at zero.' : ''}`,
		x: { kind: 'number', title: words.label, from: Number(start.toPrecision(2)) },
		y: { kind: 'names', names: rows.map((r, i) => `${i + 1}. ${learnerName(r.learner)}`), letters: 26, row: 30 },
		marks: [
			{
				mark: 'bars',
				series: [{ values, color: rows.map((_, i) => (i === 0 ? 'accent' : 'accentSoft')) }],
				labels: figures.map(([value, time]) => `${value} · ${time}`),
				tips: rows.map((r, i) => `${learnerName(r.learner)}: ${figures[i].join(', ')}`),
			},
		],
	};
}

/** What was tried. Settings are for people who open the long version. */
export const leaderboard = definePanel<RunRecord, Candidates>({
	id: 'leaderboard',
	data: ({ leaderboard: tried, primary, rankedBy = primary, learner, params }) => {
		if (!tried?.length) return undefined;
		const chosen = chosenRows({ leaderboard: tried, learner, params }).map((place) => tried[place]);
		const members = membersOf(params) ?? [];
		return { leaderboard: tried, primary: rankedBy, chosen, several: members.length > 1 };
	},
	draw: (candidates) => ({
		title: 'What was tried',
		safe: candidateTable(candidates, false),
		full: candidateTable(candidates, true),
		charts: candidates.leaderboard.some((r) => !r.failed) ? [candidateChart(candidates)] : [],
	}),
});
