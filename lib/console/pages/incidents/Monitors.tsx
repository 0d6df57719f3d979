import type { monitors } from '../../../server/console/routes/monitorRoutes.js';
import { Badge } from '../../components/Badge.js';
import { Card } from '../../components/Card.js';
import { Empty } from '../../components/Empty.js';
import { Failure } from '../../components/Failure.js';
import { Skeleton } from '../../components/Skeleton.js';
import { Table, type Column } from '../../components/Table.js';
import { Time } from '../../components/Time.js';
import type { EntryOf } from '../../data/api.js';
import { number } from '../../data/inWords.js';
import { pagesOf, usePaged } from '../../data/live.js';
import { pathTo } from '../../router/place.js';
import { Link } from '../../router/router.js';
import { MonitorActions } from '../monitors/MonitorActions.js';
import { VERDICT_WORDS } from './incidentWords.js';

type Entry = EntryOf<typeof monitors>;

const LOOKS: ReadonlyArray<Column<Entry>> = [
	{
		id: 'model',
		head: 'Model',
		by: ({ model }) => model,
		cell: ({ model, alias }) => (
			<>
				<span class="name" dir="auto">
					{model}
				</span>
				<div class="soft">{alias}</div>
			</>
		),
	},
	{
		id: 'watch',
		head: 'Watches',
		by: ({ label }) => label,
		cell: ({ id, label }) => <Link to={pathTo('/quality/:monitor', { monitor: id })}>{label}</Link>,
	},
	{
		id: 'last',
		head: 'Found last',
		wide: true,
		cell: ({ last, state }) =>
			last ? (
				<>
					<Badge tone={VERDICT_WORDS[last.verdict][1]}>{VERDICT_WORDS[last.verdict][0]}</Badge>{' '}
					<span class="name" dir="auto">
						{last.summary}
					</span>
					<div class="soft">
						until <Time at={last.until} />
					</div>
				</>
			) : (
				<span class="soft">{state === 'active' ? 'Its first window has not closed yet.' : 'Nothing.'}</span>
			),
	},
	{
		id: 'window',
		head: 'Window',
		help: 'Answers are looked at in windows of time or of so many rows, each once, after it has closed. Days begin at midnight, UTC.',
		cell: ({ window }) => (window.by === 'time' ? `${number(window.hours)} h` : `${number(window.rows)} rows`),
	},
	{
		id: 'falseAlarms',
		head: 'False alarms',
		numeric: true,
		help: 'How many a year may be had while nothing is the matter, over all columns and looks of this monitor together.',
		cell: ({ falseAlarmsAYear }) => `${number(falseAlarmsAYear)} a year`,
	},
];

/** What is watched, and how that can be stopped for a while or for good. */
export function Monitors() {
	const list = usePaged<Entry>('/monitors', 15_000);
	const columns: ReadonlyArray<Column<Entry>> = [
		...LOOKS,
		{
			id: 'acts',
			head: 'Change',
			cell: (entry) => (
				<span class="row together">
					<MonitorActions small monitor={entry} again={list.again} />
				</span>
			),
		},
	];
	return (
		<>
			{list.error && <Failure error={list.error} again={list.again} />}
			{list.loading && <Skeleton label="Asking for monitors" />}
			{list.entries?.length === 0 && (
				<Empty
					title="Nothing is watched yet"
					steps={[
						<>
							<Link to="/watch">Watch a model</Link>: one press is enough, and everything else is filled in.
						</>,
						<>
							Or type <code>mlops watch on MODEL</code>, or use <strong>MLOps Deploy</strong> with the operation <em>Watch Model</em>.
						</>,
					]}
				/>
			)}
			{list.entries && list.entries.length > 0 && (
				<Card flush>
					<Table label="Monitors" columns={columns} {...pagesOf(list)} keyOf={({ id }) => id} />
				</Card>
			)}
		</>
	);
}
