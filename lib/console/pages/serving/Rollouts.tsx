import type { rollouts } from '../../../server/console/routes/rolloutRoutes.js';
import { Badge } from '../../components/Badge.js';
import { Card } from '../../components/Card.js';
import { Failure } from '../../components/Failure.js';
import { Skeleton } from '../../components/Skeleton.js';
import { Table, type Column } from '../../components/Table.js';
import { Time } from '../../components/Time.js';
import type { EntryOf } from '../../data/api.js';
import { percent } from '../../data/inWords.js';
import { pagesOf, usePaged } from '../../data/live.js';
import { pathTo } from '../../router/place.js';
import { Link } from '../../router/router.js';

type Rollout = EntryOf<typeof rollouts>;

export const KINDS = { canary: 'Canary', shadow: 'Shadow', ab: 'A/B test' } as const;
export const TONES = { running: 'accent', promoted: 'good', aborted: 'bad' } as const;
export const shareOf = (candidates: Rollout['candidates']): string => percent(candidates.reduce((sum, { share }) => sum + share, 0));

const COLUMNS: ReadonlyArray<Column<Rollout>> = [
	{
		id: 'model',
		head: 'Rollout',
		by: (r) => r.model,
		cell: (r) => (
			<Link to={pathTo('/serving/:rollout', { rollout: r.id })}>
				<span class="name" dir="auto">
					{r.model}
				</span>
				{`: ${KINDS[r.kind]} of version ${r.candidates.map(({ version }) => version).join(', ')}`}
			</Link>
		),
	},
	{ id: 'state', head: 'State', by: (r) => r.state, cell: (r) => <Badge tone={TONES[r.state]}>{r.state}</Badge> },
	{
		id: 'share',
		head: 'Share',
		numeric: true,
		cell: (r) => shareOf(r.candidates),
		help: 'Of the callers who get the new version; of a shadow, of the requests that it answers unseen.',
	},
	{ id: 'step', head: 'Step', cell: (r) => `${r.step + 1} of ${r.steps.length}` },
	{ id: 'started', head: 'Started', by: (r) => r.startedAt, cell: (r) => <Time at={r.startedAt} relative /> },
	{
		id: 'by',
		head: 'By',
		by: (r) => r.startedBy,
		cell: (r) => (
			<span class="name" dir="auto">
				{r.startedBy}
			</span>
		),
	},
];

/** All rollouts, the latest first. */
export function Rollouts() {
	const list = usePaged<Rollout>('/rollouts?limit=20', 10_000);
	const { entries, error, loading, again } = list;
	return (
		<Card title="Rollouts" lead="New versions that are, or were, let in step by step." flush={Boolean(entries?.length)}>
			{loading && <Skeleton />}
			{error && !entries && <Failure error={error} again={again} />}
			{entries?.length === 0 && (
				<p class="soft">
					None yet. "MLOps Deploy" starts one: a canary gives a new version some of the callers, a shadow lets it answer unseen.
				</p>
			)}
			{entries && entries.length > 0 && <Table label="All rollouts" columns={COLUMNS} {...pagesOf(list)} keyOf={(r) => r.id} />}
		</Card>
	);
}
