import { Badge } from '../../components/Badge.js';
import { Card } from '../../components/Card.js';
import { Empty } from '../../components/Empty.js';
import { Failure } from '../../components/Failure.js';
import { Figure } from '../../components/Figure.js';
import { Skeleton } from '../../components/Skeleton.js';
import { Table } from '../../components/Table.js';
import { Time } from '../../components/Time.js';
import { View } from '../../components/View.js';
import type { AnswerOf, EntryOf } from '../../data/api.js';
import { count, many, number, percent } from '../../data/inWords.js';
import { useLive, usePaged } from '../../data/live.js';
import { pathTo } from '../../router/place.js';
import { Link } from '../../router/router.js';
import type { watchedColumns, watchedMonitor, watchedWindows } from '../../../server/console/routes/watchedRoutes.js';
import type { PageProps } from '../page.js';
import { ColumnsByDays } from './ColumnsByDays.js';
import { OverTime } from './OverTime.js';
import { VerdictBadge } from './VerdictBadge.js';

type Watched = AnswerOf<typeof watchedMonitor>;
export type SeenWindow = EntryOf<typeof watchedWindows>;

/** Windows of a page; charts show as many. */
const WINDOWS = 60;

/** How one thing that is watched of a model went, window by window. */
export function Monitor({ params: { monitor } }: PageProps) {
	const at = (behind: string): string => pathTo(`/watched/:monitor${behind}`, { monitor });
	const { data, error, loading, again } = useLive<Watched>(at(''), 30_000);
	const windows = usePaged<SeenWindow>(`${at('/windows')}?limit=${WINDOWS}`, 30_000);
	const ofColumns = data?.watch === 'data' || data?.watch === 'answers';
	const columns = useLive<AnswerOf<typeof watchedColumns>>(ofColumns ? `${at('/columns')}?windows=${WINDOWS}` : undefined, 60_000);
	const pair = data && other(data);
	const theirs = usePaged<SeenWindow>(pair && `${pathTo('/watched/:monitor/windows', { monitor: pair.id })}?limit=${WINDOWS}`, 60_000);
	const title = data ? `${data.label} of ${data.model}` : 'Quality and drift';
	return (
		<View title={title} heading={<span class="name">{title}</span>} above={[['Quality and drift', '/quality']]} lead={data?.asks}>
			{error && <Failure error={error} again={again} />}
			{loading && <Skeleton label="Loading what was found" />}
			{data && <Now watched={data} />}
			{data && <Beside watched={data} monitor={monitor} />}
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

function Now({ watched: { newest, incidents, falseAlarmsAYear, window, alias } }: { watched: Watched }) {
	const here = incidents.filter((incident) => incident.here);
	return (
		<Card>
			<p>
				<VerdictBadge verdict={newest?.verdict} /> {newest?.summary ?? 'Nothing has been looked at yet.'}
			</p>
			<div class="figures">
				<Figure label="Answers in the last window" value={count(newest?.rows)} note={<Time at={newest?.until} relative />} />
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
					label="Alias"
					value={<span class="name">{alias}</span>}
					help="Answers through this alias are looked at, whichever version it points to."
				/>
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
				entries={list.entries!}
				keyOf={({ from }) => from}
				more={list.more}
				loadingMore={list.loadingMore}
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
