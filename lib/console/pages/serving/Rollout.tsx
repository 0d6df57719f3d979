import { useMemo } from 'preact/hooks';
import type { rollout } from '../../../server/console/routes/rolloutRoutes.js';
import { Badge } from '../../components/Badge.js';
import { Card } from '../../components/Card.js';
import { Chart } from '../../components/Chart.js';
import { lines } from '../../components/charts/chartOptions.js';
import { Failure } from '../../components/Failure.js';
import { Figure } from '../../components/Figure.js';
import { Skeleton } from '../../components/Skeleton.js';
import { Table, type Column } from '../../components/Table.js';
import { momentText, Time } from '../../components/Time.js';
import { View } from '../../components/View.js';
import type { AnswerOf } from '../../data/api.js';
import { count, number, percent } from '../../data/inWords.js';
import { useLive } from '../../data/live.js';
import { own } from '../../data/own.js';
import { pathTo } from '../../router/place.js';
import { Link } from '../../router/router.js';
import type { PageProps } from '../page.js';
import { Decide } from './Decide.js';
import { KINDS, shareOf, TONES } from './Rollouts.js';

type Found = AnswerOf<typeof rollout>;
const ABOVE = [['Serving', '/serving']] as const;

/** A rollout: how it stands, how sure that is over time, and what can be done. */
export function RolloutPage({ params }: PageProps) {
	const { data, error, loading, again } = useLive<Found>(pathTo('/rollouts/:rollout', { rollout: params.rollout }), 5_000);
	if (loading) return <View title="Rollout" above={ABOVE} children={<Skeleton />} />;
	if (!data) return <View title="Rollout" above={ABOVE} children={error && <Failure error={error} again={again} />} />;
	const { record, status } = data;
	const title = `${KINDS[record.kind]} of ${record.model}`;
	return (
		<View
			title={title}
			above={ABOVE}
			lead={
				<>
					Started <Time at={record.startedAt} relative /> by{' '}
					<span class="name" dir="auto">
						{record.startedBy}
					</span>
				</>
			}
			actions={record.state === 'running' && <Decide found={data} again={again} />}
		>
			<Card>
				<p>
					<Badge tone={TONES[record.state]}>{record.state}</Badge> <span dir="auto">{status.text}</span>
				</p>
				{status.waits && <p class="soft">{status.waits}</p>}
				<div class="figures">
					<Figure label="Stable" value={record.stable} note="version that all others get" />
					<Figure label="New" value={record.candidates.map(({ version }) => version).join(', ')} note="version that is let in" />
					<Figure label="Share" value={shareOf(record.candidates)} note={`step ${record.step + 1} of ${record.steps.length}`} />
				</div>
				<p>
					<Link to={pathTo('/models/:model', { model: record.model })}>
						Open the model{' '}
						<span class="name" dir="auto">
							{record.model}
						</span>
					</Link>
				</p>
			</Card>
			<Card title="What each was asked" flush>
				<Table label="Arms of the rollout" columns={ARMS} entries={data.arms} keyOf={({ arm }) => arm} />
			</Card>
			<Findings found={data} />
			<Confidence found={data} />
			<Card title="What happened" flush>
				<Table label="Events of the rollout" columns={EVENTS} entries={data.events} keyOf={({ at, action }) => at + action} />
			</Card>
		</View>
	);
}

const ARMS: ReadonlyArray<Column<Found['arms'][number]>> = [
	{ id: 'arm', head: 'Arm', by: (arm) => arm.arm, cell: (arm) => arm.arm },
	{ id: 'requests', head: 'Requests', numeric: true, by: (arm) => arm.requests, cell: (arm) => count(arm.requests) },
	{ id: 'rows', head: 'Rows', numeric: true, by: (arm) => arm.rows, cell: (arm) => count(arm.rows) },
	{ id: 'failed', head: 'Failed', numeric: true, by: (arm) => arm.failed, cell: (arm) => count(arm.failed) },
	{
		id: 'agreeing',
		head: 'Agree',
		numeric: true,
		cell: (arm) => percent(arm.pairs ? arm.agreeing / arm.pairs : undefined),
		help: 'Of a shadow: the share of its answers that were those of the stable version.',
	},
];

const detail = (details: Readonly<Record<string, unknown>>, name: string): string => String(own(details, name) ?? '');
const EVENTS: ReadonlyArray<Column<Found['events'][number]>> = [
	{ id: 'at', head: 'When', by: (event) => event.at, cell: (event) => <Time at={event.at} seconds /> },
	{ id: 'action', head: 'What', cell: (event) => event.action.replace('rollout.', '') },
	{ id: 'actor', head: 'Who', cell: (event) => <span dir="auto">{event.actor === 'system' ? 'the server' : event.actor}</span> },
	{ id: 'reason', head: 'Why', wide: true, cell: (event) => <span dir="auto">{detail(event.details, 'reason')}</span> },
];

const Findings = ({ found: { status } }: { found: Found }) => (
	<Card title="What its guards and the truth say">
		{!status.findings?.length && !status.results?.length ? (
			<p class="soft">There is too little to judge by yet, or no guard is set.</p>
		) : (
			<ul class="notes">
				{status.findings?.map(({ guard, version, broken, text }) => (
					<li key={`${guard} ${version}`}>
						<Badge tone={broken ? 'bad' : 'good'}>{broken ? 'Broken' : 'Holds'}</Badge> {text}
					</li>
				))}
				{status.results?.map(({ version, text }) => (
					<li key={version}>{text}</li>
				))}
			</ul>
		)}
	</Card>
);

const GUARDS: Readonly<Record<string, string>> = {
	errorRate: 'Failures more than the stable version (share of requests)',
	latency: 'Requests that are too slow (share)',
	answers: 'Distance of the answers',
	agreement: 'Agreement with the stable version (share)',
	quality: 'How much worse by the main metric',
};

/** How sure each guard, and the truth, was as time went on. */
function Confidence({ found: { history, ways } }: { found: Found }) {
	const names = history.flatMap((point) => point.guards.map(({ guard, version }) => `${guard} ${version}`));
	// One moment is no course of time.
	const guards = [...new Set(names)].filter((id) => names.indexOf(id) !== names.lastIndexOf(id));
	const known = ways.filter(({ looks }) => looks.length > 1);
	return (
		<Card
			title="How sure that is, over time"
			lead={
				'Between which values the true figure lies. These intervals hold at all moments at once, so looking often does not make an alarm ' +
				'likelier.'
			}
		>
			{guards.length === 0 && known.length === 0 && <p class="soft">There are no points yet; they come while answers are given.</p>}
			<div class="charts">
				{guards.map((id) => (
					<GuardChart key={id} id={id} history={history} />
				))}
				{known.map((way) => (
					<WayChart key={way.version} way={way} />
				))}
			</div>
		</Card>
	);
}

function GuardChart({ id, history }: { id: string; history: Found['history'] }) {
	const [guard, version] = id.split(' ');
	const points = useMemo(
		() =>
			history.flatMap(({ at, guards }) => {
				const found = guards.find((one) => one.guard === guard && String(one.version) === version);
				return found ? [{ at: Date.parse(at), ...found }] : [];
			}),
		[history, id],
	);
	const limit = points.at(-1)?.limit;
	const option = useMemo(
		() =>
			lines({
				x: 'time',
				lines: [
					{ name: 'At least', points: points.map((p) => [p.at, p.low] as const) },
					{ name: 'At most', points: points.map((p) => [p.at, p.high] as const), tone: 'neutral' },
				],
				// The limit of the latency is a factor, and the chart shows shares.
				levels: limit === undefined || guard === 'latency' ? [] : [{ name: 'Limit', value: limit, tone: 'bad' }],
			}),
		[points, limit],
	);
	const title = `${own(GUARDS, guard) ?? guard}, version ${version}`;
	return (
		<section>
			<h3>{title}</h3>
			<Chart
				label={title}
				option={option}
				height={200}
				table={() => ({
					head: ['Time', 'At least', 'At most'],
					rows: points.map((p) => [momentText(new Date(p.at), true), number(p.low), number(p.high)]),
				})}
			/>
		</section>
	);
}

function WayChart({ way: { version, metric, looks } }: { way: Found['ways'][number] }) {
	const title = `${metric}: version ${version} less the stable version`;
	const option = useMemo(
		() =>
			lines({
				x: 'value',
				xName: 'Answers with a known truth',
				lines: [
					{
						name: 'Difference',
						points: looks.map(({ n, value }) => [n, value] as const),
						band: looks.map(({ n, low, high }) => [n, low, high] as const),
					},
				],
				levels: [{ name: 'No difference', value: 0, tone: 'neutral' }],
			}),
		[looks],
	);
	return (
		<section>
			<h3>{title}</h3>
			<Chart
				label={title}
				option={option}
				height={200}
				table={() => ({
					head: ['Answers', 'Difference', 'At least', 'At most'],
					rows: looks.map(({ n, value, low, high }) => [count(n), number(value), number(low), number(high)]),
				})}
			/>
		</section>
	);
}
