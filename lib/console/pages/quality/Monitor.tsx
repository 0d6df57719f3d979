import { Badge } from '../../components/Badge.js';
import { Card } from '../../components/Card.js';
import { Empty } from '../../components/Empty.js';
import { Failure } from '../../components/Failure.js';
import { Figure } from '../../components/Figure.js';
import { Name } from '../../components/Name.js';
import { Skeleton } from '../../components/Skeleton.js';
import { Table } from '../../components/Table.js';
import { Time } from '../../components/Time.js';
import { View } from '../../components/View.js';
import type { AnswerOf, EntryOf } from '../../data/api.js';
import { count, many, number, percent } from '../../data/inWords.js';
import { useLive, pagesOf, usePaged } from '../../data/live.js';
import { pathTo } from '../../router/place.js';
import { Link } from '../../router/router.js';
import type { monitor, monitorColumns, verdicts } from '../../../server/console/routes/monitorRoutes.js';
import { MonitorActions } from '../monitors/MonitorActions.js';
import type { PageProps } from '../page.js';
import { ColumnsByDays } from './ColumnsByDays.js';
import { OverTime } from './OverTime.js';
import { VerdictBadge } from './VerdictBadge.js';

type Watched = AnswerOf<typeof monitor>;
export type SeenWindow = EntryOf<typeof verdicts>;

/** Windows of a page; charts show as many. */
const WINDOWS = 60;

/** How one thing that is watched of a model went, window by window. */
export function Monitor({ params: { monitor: id } }: PageProps) {
	const at = (behind: string): string => pathTo(`/monitors/:monitor${behind}`, { monitor: id });
	const { data, error, loading, again } = useLive<Watched>(at(''), 30_000);
	const windows = usePaged<SeenWindow>(`${at('/verdicts')}?limit=${WINDOWS}`, 30_000);
	const ofColumns = data?.watch === 'data' || data?.watch === 'answers';
	const columns = useLive<AnswerOf<typeof monitorColumns>>(ofColumns ? `${at('/columns')}?windows=${WINDOWS}` : undefined, 60_000);
	const pair = data && other(data);
	const theirs = usePaged<SeenWindow>(pair && `${pathTo('/monitors/:monitor/verdicts', { monitor: pair.id })}?limit=${WINDOWS}`, 60_000);
	const title = data ? `${data.label} of ${data.model}` : 'Quality and drift';
	return (
		<View
			title={title}
			heading={<span class="name">{title}</span>}
			above={[['Quality and drift', '/quality']]}
			lead={data && `${data.asks}.`}
			actions={data && <MonitorActions monitor={data} again={again} />}
		>
			{error && <Failure error={error} again={again} />}
			{loading && <Skeleton label="Loading what was found" />}
			{data && <Now watched={data} />}
			{data && <Beside watched={data} monitor={id} />}
			{windows.error && <Failure error={windows.error} again={windows.again} />}
			{windows.entries?.length === 0 && (
				<Empty title="No window has closed yet">
					<p>The first one is looked at when it is over. A server that runs does it by itself.</p>
				</Empty>
			)}
			{columns.data && columns.data.columns.length > 0 && <ColumnsByDays table={columns.data} />}
			{windows.entries && windows.entries.length > 0 && data && !ofColumns && (
				<OverTime
					windows={windows.entries.slice(0, WINDOWS)}
					name={data.watch === 'estimate' ? 'estimated' : data.watch === 'quality' ? 'by what came true' : data.label}
					beside={pair && theirs.entries ? { name: pair.name, windows: theirs.entries.slice(0, WINDOWS) } : undefined}
				/>
			)}
			{windows.entries && windows.entries.length > 0 && <Windows list={windows} />}
		</View>
	);
}

/** Quality has its estimate beside it, and the estimate what came true. */
function other({ watch, alias, beside }: Watched): { id: string; name: string } | undefined {
	const wanted = watch === 'quality' ? 'estimate' : watch === 'estimate' ? 'quality' : undefined;
	const found = beside.find((b) => b.watch === wanted && b.alias === alias);
	return found && { id: found.id, name: wanted === 'estimate' ? 'estimated' : 'by what came true' };
}

function Now({ watched: { last, state, incidents, falseAlarmsAYear, tell, window, alias } }: { watched: Watched }) {
	const here = incidents.filter((incident) => incident.here);
	return (
		<Card>
			<p>
				{state !== 'active' && <Badge>{state}</Badge>} <VerdictBadge verdict={last?.verdict} />{' '}
				{last?.summary ?? 'Nothing has been looked at yet.'}
			</p>
			<div class="figures">
				<Figure label="Answers in the last window" value={count(last?.rows)} note={<Time at={last?.until} relative />} />
				<Figure
					label="Window"
					value={window.by === 'time' ? number(window.hours) : count(window.rows)}
					unit={window.by === 'time' ? 'hours' : 'answers'}
				/>
				<Figure
					label="False alarms"
					value={number(falseAlarmsAYear)}
					unit="a year at most"
					help="How often it may cry wolf: looks that repeat, and columns that are many, are accounted for."
				/>
				<Figure
					label="Whose answers"
					value={<Name>{alias}</Name>}
					help="Those through this alias, whichever version it points to; or those of one version, by whichever alias it is asked."
				/>
				{tell && tell.length > 0 && <Figure label="Told besides the model's people" value={tell.join(', ')} />}
			</div>
			{here.length > 0 && (
				<ul>
					{here.map(({ id, title, state, openedAt }) => (
						<li key={id}>
							<Badge tone="bad">{state}</Badge> <Link to={pathTo('/incidents/:incident', { incident: id })}>{title}</Link>{' '}
							<span class="soft">
								<Time at={openedAt} relative />
							</span>
						</li>
					))}
				</ul>
			)}
		</Card>
	);
}

const Beside = ({ watched: { beside }, monitor }: { watched: Watched; monitor: string }) =>
	beside.length > 1 ? (
		<nav aria-label="What else is watched of this model" class="actions">
			{beside.map(({ id, label, alias }) => (
				<Link key={id} to={pathTo('/quality/:monitor', { monitor: id })} {...(id === monitor ? { 'aria-current': 'page' } : {})}>
					{label}
					{beside.some((b) => b.alias !== alias) ? ` (${alias})` : ''}
				</Link>
			))}
		</nav>
	) : null;

function Windows({ list }: { list: ReturnType<typeof usePaged<SeenWindow>> }) {
	const withTruth = list.entries!.some(({ known }) => known !== undefined);
	return (
		<Card title="Window by window" flush>
			<Table
				label="What was found, window by window"
				{...pagesOf(list)}
				keyOf={({ from }) => from}
				marked={({ verdict }) => verdict === 'alarm'}
				columns={[
					{ id: 'from', head: 'From', by: ({ from }) => from, cell: ({ from }) => <Time at={from} /> },
					{ id: 'verdict', head: 'How it was', by: ({ verdict }) => verdict, cell: ({ verdict }) => <VerdictBadge verdict={verdict} /> },
					{ id: 'rows', head: 'Answers', numeric: true, by: ({ rows }) => rows, cell: ({ rows }) => count(rows) },
					...(withTruth
						? [
								{
									id: 'known',
									head: 'Truth known',
									numeric: true,
									cell: ({ known, rows }: SeenWindow) => (known === undefined || rows === 0 ? '–' : percent(known / rows)),
								},
							]
						: []),
					{
						id: 'summary',
						head: 'What was found',
						wide: true,
						cell: ({ summary, notes }) => (
							<>
								{summary}
								{notes.length > 0 && (
									<details>
										<summary class="soft">{many(notes.length, 'note')}</summary>
										{notes.map(({ text }, i) => (
											<p key={i} class="soft">
												{text}
											</p>
										))}
									</details>
								)}
							</>
						),
					},
				]}
			/>
		</Card>
	);
}
