import type { aliasMoves, answeredAt } from '../../../server/console/routes/modelRoutes.js';
import { Badge } from '../../components/Badge.js';
import { Card } from '../../components/Card.js';
import { Empty } from '../../components/Empty.js';
import { Failure } from '../../components/Failure.js';
import { Field } from '../../components/Field.js';
import { Name } from '../../components/Name.js';
import { Skeleton } from '../../components/Skeleton.js';
import { Table } from '../../components/Table.js';
import { Time } from '../../components/Time.js';
import type { AnswerOf, EntryOf } from '../../data/api.js';
import { percent } from '../../data/inWords.js';
import { useLive, pagesOf, usePaged } from '../../data/live.js';
import { localInput, momentOf } from '../../data/moments.js';
import { pathTo } from '../../router/place.js';
import { Link, useQuery } from '../../router/router.js';
import type { Known } from './Model.js';

type Move = EntryOf<typeof aliasMoves>;

/** Where the aliases point, what answered at a moment, and every move with who made it and why. */
export function Aliases({ known: { name, aliases } }: { known: Known }) {
	const list = usePaged<Move>(pathTo('/models/:name/aliases', { name }), 30_000);
	const version = (at: number | null) =>
		at === null ? <span class="soft">nothing</span> : <Link to={pathTo('/models/:name/:at', { name, at })}>version {at}</Link>;
	return (
		<>
			<AnsweredAt name={name} aliases={[...new Set(['champion', ...Object.keys(aliases)])]} />
			<Card flush title="Every move" lead="The latest first. It is kept in the audit log and cannot be changed.">
				{list.error && <Failure error={list.error} again={list.again} />}
				{list.loading && <Skeleton />}
				{list.entries?.length === 0 && (
					<Empty title="No alias was ever set">
						<p>Deploy makes a version the champion, with or without a rollout; then callers get it without naming a version.</p>
					</Empty>
				)}
				{list.entries && list.entries.length > 0 && (
					<Table
						label="Moves of aliases"
						{...pagesOf(list)}
						keyOf={({ at, alias, to }) => `${at} ${alias} ${to}`}
						columns={[
							{ id: 'at', head: 'When', cell: ({ at }) => <Time at={at} seconds /> },
							{
								id: 'alias',
								head: 'Alias',
								cell: ({ alias }) => <Badge tone={alias === 'champion' ? 'accent' : 'neutral'}>{alias}</Badge>,
							},
							{ id: 'from', head: 'From', cell: ({ from }) => version(from) },
							{ id: 'to', head: 'To', cell: ({ to }) => version(to) },
							{ id: 'actor', head: 'By', cell: ({ actor }) => <Name>{actor}</Name> },
							{
								id: 'reason',
								head: 'Why',
								wide: true,
								cell: ({ reason, kind }) => <Name>{[kind, reason].filter(Boolean).join(': ') || '–'}</Name>,
							},
						]}
					/>
				)}
			</Card>
		</>
	);
}

/** "What answered at 14:03 last Tuesday?" */
function AnsweredAt({ name, aliases }: { name: string; aliases: readonly string[] }) {
	const [at, setAt] = useQuery('at');
	const [alias, setAlias] = useQuery('alias', 'champion');
	const moment = momentOf(at);
	const { data, error, again } = useLive<AnswerOf<typeof answeredAt>>(
		moment && pathTo('/models/:name/answered', { name }, { at: moment, alias }),
	);
	return (
		<Card title="What answered at…" lead="A moment of your own zone; the address keeps it, so that it can be sent to somebody.">
			<div class="filters">
				<Field label="Moment">
					{(props) => (
						<input
							{...props}
							type="datetime-local"
							value={moment ? localInput(moment) : ''}
							onChange={({ currentTarget: { value } }) => setAt(momentOf(value) ?? '')}
						/>
					)}
				</Field>
				<Field label="Alias">
					{(props) => (
						<select {...props} onChange={({ currentTarget }) => setAlias(currentTarget.value)}>
							{aliases.map((one) => (
								<option key={one} value={one} selected={one === alias}>
									{one}
								</option>
							))}
						</select>
					)}
				</Field>
			</div>
			<div class="answered" role="status">
				{error && <Failure error={error} again={again} />}
				{data && <Answered name={name} found={data} />}
			</div>
		</Card>
	);
}

function Answered({ name, found: { alias, at, version, move, until, rollouts } }: { name: string; found: AnswerOf<typeof answeredAt> }) {
	return (
		<>
			<p>
				At <Time at={at} />,{' '}
				{version === null ? (
					<>nothing answered by the alias "{alias}".</>
				) : (
					<>
						<strong>
							<Link to={pathTo('/models/:name/:version', { name, version })}>version {version}</Link>
						</strong>{' '}
						answered by the alias "{alias}".
					</>
				)}
			</p>
			{move && (
				<p class="soft">
					It was so since <Time at={move.at} seconds />, by <Name>{move.actor}</Name>
					{move.reason && (
						<>
							: <Name>{move.reason}</Name>
						</>
					)}
					{until ? (
						<>
							, until <Time at={until} seconds />.
						</>
					) : (
						', and is so now.'
					)}
				</p>
			)}
			{rollouts.map(({ id, kind, candidates }) => (
				<p key={id}>
					A rollout ({kind}) ran then: {candidates.map(({ version: one, share }) => `version ${one} got ${percent(share)}`).join(', ')} of
					the callers.
				</p>
			))}
		</>
	);
}
