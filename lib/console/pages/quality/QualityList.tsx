import { Badge } from '../../components/Badge.js';
import { Card } from '../../components/Card.js';
import { Empty } from '../../components/Empty.js';
import { Failure } from '../../components/Failure.js';
import { Skeleton } from '../../components/Skeleton.js';
import { Table } from '../../components/Table.js';
import { Time } from '../../components/Time.js';
import { View } from '../../components/View.js';
import type { EntryOf } from '../../data/api.js';
import { pagesOf, usePaged } from '../../data/live.js';
import { pathTo } from '../../router/place.js';
import { Link } from '../../router/router.js';
import type { monitors } from '../../../server/console/routes/monitorRoutes.js';
import { WatchLink } from '../monitors/WatchLink.js';
import { VerdictBadge } from './VerdictBadge.js';

/** What is watched of which model, and how it is. */
export function QualityList() {
	const list = usePaged<EntryOf<typeof monitors>>('/monitors', 30_000);
	const { entries, error, loading, again } = list;
	return (
		<View title="Quality and drift" lead="How every model does: what is watched, and what was found last." actions={<WatchLink />}>
			{error && <Failure error={error} again={again} />}
			{loading && <Skeleton label="Loading what is watched" />}
			{entries?.length === 0 && (
				<Empty
					title="Nothing is watched yet"
					steps={[
						'Deploy a model, and let it answer through the server or with "Write to the Prediction Log" of MLOps Predict.',
						<>
							<Link to="/watch">Watch a model</Link>: one press is enough, and everything else is filled in.
						</>,
						'Each window that closes is looked at by itself; what is found stands here.',
					]}
				/>
			)}
			{entries && entries.length > 0 && (
				<Card flush>
					<Table
						label="What is watched"
						{...pagesOf(list)}
						keyOf={({ id }) => id}
						columns={[
							{
								id: 'model',
								head: 'Model',
								by: ({ model }) => model,
								cell: ({ model, alias }) => (
									<span class="name" dir="auto">
										{model} <span class="soft">{alias}</span>
									</span>
								),
							},
							{
								id: 'watch',
								head: 'What is watched',
								by: ({ label }) => label,
								cell: ({ id, label }) => <Link to={pathTo('/quality/:monitor', { monitor: id })}>{label}</Link>,
							},
							{
								id: 'verdict',
								head: 'How it is',
								by: ({ last }) => last?.verdict ?? '',
								cell: ({ last, state }) => (
									<>
										<VerdictBadge verdict={last?.verdict} /> {state === 'paused' && <Badge>paused</Badge>}
									</>
								),
							},
							{ id: 'summary', head: 'What was found', wide: true, cell: ({ last }) => last?.summary ?? 'No window has closed yet.' },
							{
								id: 'until',
								head: 'Looked at until',
								by: ({ last }) => last?.until ?? '',
								cell: ({ last }) => <Time at={last?.until} relative />,
							},
						]}
					/>
				</Card>
			)}
		</View>
	);
}
