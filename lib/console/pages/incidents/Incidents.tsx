import type { incidents } from '../../../server/console/routes/incidentRoutes.js';
import { Badge } from '../../components/Badge.js';
import { Card } from '../../components/Card.js';
import { Empty } from '../../components/Empty.js';
import { Failure } from '../../components/Failure.js';
import { Skeleton } from '../../components/Skeleton.js';
import { Table, type Column } from '../../components/Table.js';
import { Tabs } from '../../components/Tabs.js';
import { Time } from '../../components/Time.js';
import { View } from '../../components/View.js';
import type { EntryOf } from '../../data/api.js';
import { pagesOf, usePaged } from '../../data/live.js';
import { pathTo } from '../../router/place.js';
import { Link, useQuery } from '../../router/router.js';
import { WatchLink } from '../monitors/WatchLink.js';
import { Monitors } from './Monitors.js';
import { SEVERITY_WORDS, STATE_WORDS, watchLabel } from './incidentWords.js';

type Entry = EntryOf<typeof incidents>;

const COLUMNS: ReadonlyArray<Column<Entry>> = [
	{
		id: 'severity',
		head: 'Severity',
		help: 'Lost quality and a server that does not answer are to be looked at now. Drift alone explains what happens, and can wait.',
		cell: ({ severity }) => <Badge tone={SEVERITY_WORDS[severity][1]}>{SEVERITY_WORDS[severity][0]}</Badge>,
	},
	{
		id: 'title',
		head: 'What is the matter',
		wide: true,
		cell: ({ id, title, watches }) => (
			<>
				<Link to={pathTo('/incidents/:incident', { incident: id })}>
					<span class="name" dir="auto">
						{title}
					</span>
				</Link>
				<div class="soft">
					{id}: {watches.map(watchLabel).join(', ')}
				</div>
			</>
		),
	},
	{
		id: 'model',
		head: 'Model',
		cell: ({ model, version }) => (
			<>
				<Link to={pathTo('/models/:model', { model })}>
					<span class="name" dir="auto">
						{model}
					</span>
				</Link>
				{version !== null && <div class="soft">version {version}</div>}
			</>
		),
	},
	{
		id: 'state',
		head: 'State',
		cell: ({ state, owner, snoozedUntil }) => (
			<>
				<Badge tone={STATE_WORDS[state][1]}>{STATE_WORDS[state][0]}</Badge>
				{owner && (
					<div class="soft">
						<span class="name" dir="auto">
							{owner}
						</span>
					</div>
				)}
				{snoozedUntil && (
					<div class="soft">
						until <Time at={snoozedUntil} />
					</div>
				)}
			</>
		),
	},
	{ id: 'opened', head: 'Began', cell: ({ openedAt }) => <Time at={openedAt} relative /> },
	{ id: 'last', head: 'Last step', cell: ({ last }) => <Time at={last.at} relative /> },
];

/** What the monitors found to be the matter, and the monitors themselves. */
export function Incidents() {
	return (
		<View
			title="Incidents"
			lead="One for each cause, however many columns and days show it. It closes by itself when all is as usual again."
			actions={<WatchLink />}
		>
			<Tabs
				label="Incidents and monitors"
				tabs={[
					{ id: 'incidents', label: 'Incidents', content: () => <IncidentList /> },
					{ id: 'monitors', label: 'Monitors', content: () => <Monitors /> },
				]}
			/>
		</View>
	);
}

function IncidentList() {
	const [state, setState] = useQuery('state', 'active');
	const [model] = useQuery('model');
	const list = usePaged<Entry>(pathTo('/incidents', {}, { state, model }), 10_000);
	return (
		<>
			<p class="filters">
				<label>
					Show{' '}
					<select value={state} onChange={(event) => setState(event.currentTarget.value)}>
						<option value="active">what is not closed</option>
						<option value="open">what nobody looks after</option>
						<option value="snoozed">what is snoozed</option>
						<option value="closed">what is closed</option>
						<option value="all">all</option>
					</select>
				</label>
			</p>
			{list.error && <Failure error={list.error} again={list.again} />}
			{list.loading && <Skeleton label="Asking for incidents" />}
			{list.entries?.length === 0 && (state === 'active' ? <Calm /> : <Empty title="There is none in this state" />)}
			{list.entries && list.entries.length > 0 && (
				<Card flush>
					<Table label="Incidents" columns={COLUMNS} {...pagesOf(list)} keyOf={({ id }) => id} />
				</Card>
			)}
		</>
	);
}

const Calm = () => (
	<Empty
		title="No incident is open"
		steps={[
			<>
				<Link to="/watch">Watch a model</Link>: one press is enough. In n8n, <strong>MLOps Deploy</strong> does it with the operation{' '}
				<em>Watch Model</em>, and on the command line <code>mlops watch on MODEL</code>.
			</>,
			<>This server then looks at each window of answers by itself. What it found stands under Monitors.</>,
			<>
				To be told, start a workflow by <strong>MLOps Server</strong> with the event <em>Incident Opened</em>, and let{' '}
				<strong>MLOps Notify</strong> write to the responsible people.
			</>,
		]}
	>
		<p>Either all is well, or nothing is watched yet.</p>
	</Empty>
);
