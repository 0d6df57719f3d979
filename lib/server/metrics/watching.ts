import { listIncidents } from '../../app/incidents.js';
import { listMonitors, type Monitor } from '../../app/monitors.js';
import { verdictsOf, type Verdict } from '../../app/verdicts.js';
import { INCIDENT_STATES, SEVERITIES } from '../../domain/incident.js';
import { VERDICTS, type Finding } from '../../domain/monitor.js';
import type { WatchId } from '../../domain/watches.js';
import type { Store } from '../../store/contract.js';
import { metricText } from './text.js';

/** Monitors that are shown one by one: each costs Prometheus some dozen series. */
const MOST_MONITORS = 200;
/** Findings of a monitor that have a series of their own, those that matter most. */
const MOST_FINDINGS = 20;
/** Records of a monitor among which its latest window is looked for: windows that wait are looked at again. */
const MOST_RECORDS = 100;
/** Watches whose findings are columns. */
const OF_COLUMNS: ReadonlySet<WatchId> = new Set(['data', 'answers']);
const OPEN_STATES = INCIDENT_STATES.filter((state) => state !== 'closed');

interface Watched {
	monitor: Monitor;
	/** Id of the newest record, by which it is told whether there is news. */
	newest?: string;
	/** Of the latest window that was looked at. */
	verdict?: Verdict;
}

/** What monitors and incidents say at the moment. */
export interface WatchingFacts {
	watched: Watched[];
	leftOut: number;
	paused: number;
	/** Incidents that are not closed, by model, severity and state. */
	incidents: Array<{ labels: Record<string, string>; value: number }>;
}

/** @param before what was known last: of a monitor without news nothing is read again */
export async function watchingFacts(store: Store, models: readonly string[], before?: WatchingFacts): Promise<WatchingFacts> {
	const all = await listMonitors(store);
	const active = all.filter(({ body }) => body.state === 'active').sort((a, b) => (a.name < b.name ? -1 : 1));
	const last = new Map(before?.watched.map((known) => [known.monitor.name, known]));
	const watched: Watched[] = [];
	for (const monitor of active.slice(0, MOST_MONITORS)) {
		const newest = (await store.find('verdict', monitor.name))?.id;
		const known = last.get(monitor.name);
		const same = known?.newest === newest;
		watched.push({ monitor, newest, verdict: same ? known?.verdict : (await verdictsOf(store, monitor.name, MOST_RECORDS))[0] });
	}
	const open = (await listIncidents(store)).map(({ body }) => body);
	// Also what is not: a series that vanishes cannot be alarmed on.
	const concerned = [...new Set([...models, ...active.map(({ body }) => body.model), ...open.map(({ model }) => model)])];
	const incidents = concerned.flatMap((model) =>
		SEVERITIES.flatMap((severity) =>
			OPEN_STATES.map((state) => ({
				labels: { model, severity, state },
				value: open.filter((i) => i.model === model && i.severity === severity && i.state === state).length,
			})),
		),
	);
	return { watched, leftOut: active.length - watched.length, paused: all.length - active.length, incidents };
}

/** Findings over all answers, those that matter most first. */
const shown = (findings: readonly Finding[]): Array<Finding & { value: number }> =>
	findings
		.flatMap((f) => (f.segment === undefined && f.value !== null ? [{ ...f, value: f.value }] : []))
		.sort((a, b) => (b.weight ?? 1) - (a.weight ?? 1))
		.slice(0, MOST_FINDINGS);

const seconds = (iso: string): number => Date.parse(iso) / 1000;

/** The part of `/metrics` about how models do. */
export function watchingText({ watched, leftOut, paused, incidents }: WatchingFacts): string {
	const judged = watched.flatMap(({ monitor: { name, body }, verdict }) => {
		const { model, alias, watch } = body;
		return verdict ? [{ labels: { monitor: name, model, alias, watch }, at: verdict.createdAt, verdict: verdict.body }] : [];
	});
	const gauge = (name: string, help: string, of: (one: (typeof judged)[number]) => Array<{ value: number; more?: object }>): string =>
		metricText(
			name,
			'gauge',
			help,
			judged.flatMap((one) => of(one).map(({ value, more }) => ({ labels: { ...one.labels, ...more }, value }))),
		);
	const findings = (pick: (found: Finding & { value: number }) => number | null | undefined) => (one: (typeof judged)[number]) =>
		shown(one.verdict.findings).flatMap((found) => {
			const value = pick(found);
			const { about, unit = '', version } = found;
			return typeof value === 'number' ? [{ value, more: { about, unit, version: version === undefined ? '' : String(version) } }] : [];
		});
	const outOfOrder = ({ findings: all }: (typeof judged)[number]['verdict']): number =>
		all.filter(({ why, segment }) => why !== undefined && segment === undefined).length;
	return [
		metricText('mlops_monitors', 'gauge', 'Monitors that have not ended.', [
			{ labels: { state: 'active' }, value: watched.length + leftOut },
			{ labels: { state: 'paused' }, value: paused },
		]),
		metricText('mlops_monitors_left_out', 'gauge', 'Active monitors that have no series here, since there are too many.', [
			{ labels: {}, value: leftOut },
		]),
		gauge('mlops_monitor_verdict', '1 for what the latest window of a monitor came to, 0 for all else.', ({ verdict: { verdict } }) =>
			VERDICTS.map((one) => ({ value: one === verdict ? 1 : 0, more: { verdict: one } })),
		),
		gauge('mlops_monitor_window_end_seconds', 'End of that window (Unix time).', ({ verdict }) => [{ value: seconds(verdict.until) }]),
		gauge('mlops_monitor_looked_seconds', 'When it was looked at (Unix time).', ({ at }) => [{ value: seconds(at) }]),
		gauge('mlops_monitor_rows', 'Answers in that window.', ({ verdict }) => [{ value: verdict.rows }]),
		gauge('mlops_monitor_truth_known_ratio', 'Share of these whose truth is known.', ({ verdict: { known, rows } }) =>
			known === undefined || rows === 0 ? [] : [{ value: known / rows }],
		),
		gauge('mlops_monitor_out_of_order', 'Findings of that window that are out of order, without those of segments.', ({ verdict }) => [
			{ value: outOfOrder(verdict) },
		]),
		gauge('mlops_monitor_drifted_columns', 'Of a watch of columns: those that drifted.', ({ labels, verdict }) =>
			OF_COLUMNS.has(labels.watch) ? [{ value: outOfOrder(verdict) }] : [],
		),
		gauge(
			'mlops_monitor_value',
			'What was found: a metric, a rate, a distance; those that matter most.',
			findings((f) => f.value),
		),
		gauge(
			'mlops_monitor_value_low',
			'Lower end of the 95 % interval of it.',
			findings(({ interval }) => interval?.[0]),
		),
		gauge(
			'mlops_monitor_value_high',
			'Upper end of the 95 % interval of it.',
			findings(({ interval }) => interval?.[1]),
		),
		gauge(
			'mlops_monitor_reference_value',
			'What is usual, or was so in the reference.',
			findings(({ reference }) => reference),
		),
		metricText('mlops_incidents', 'gauge', 'Incidents that are not closed.', incidents),
	].join('');
}
