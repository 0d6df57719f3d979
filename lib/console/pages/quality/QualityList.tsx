import { Badge } from '../../components/Badge.js';
import { Card } from '../../components/Card.js';
import { Empty } from '../../components/Empty.js';
import { Failure } from '../../components/Failure.js';
import { Skeleton } from '../../components/Skeleton.js';
import { Table } from '../../components/Table.js';
import { Time } from '../../components/Time.js';
import { View } from '../../components/View.js';
import type { EntryOf } from '../../data/api.js';
import { usePaged } from '../../data/live.js';
import { pathTo } from '../../router/place.js';
import { Link } from '../../router/router.js';
import type { watchedModels } from '../../../server/console/routes/watchedRoutes.js';
import { VerdictBadge } from './VerdictBadge.js';

/** What is watched of which model, and how it is. */
export function QualityList() {
	const { entries, error, loading, more, loadingMore, total, again } = usePaged<EntryOf<typeof watchedModels>>('/watched', 30_000);
	return (
		<View title="Quality and drift" lead="How every model does: what is watched, and what was found last.">
			{error && <Failure error={error} again={again} />}
			{loading && <Skeleton label="Loading what is watched" />}
			{entries?.length === 0 && (
				<Empty
					title="Nothing is watched yet"
					steps={[
						'Deploy a model, and let it answer through the server or with "Write to the Prediction Log" of MLOps Predict.',
						<>
							Make a monitor: <code>mlops watch on MODEL data</code>, or <code>quality</code> once you tell what turned out to be true.
						</>,
						'Each window that closes is looked at by itself; what is found stands here.',
					]}
				/>
			)}
			{entries && entries.length > 0 && (
				<Card flush>
					<Table
						label="What is watched"
						entries={entries}
						keyOf={({ id }) => id}
						total={total}
						more={more}
						loadingMore={loadingMore}
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
								by: ({ newest }) => newest?.verdict ?? '',
								cell: ({ newest, state }) => (
									<>
										<VerdictBadge verdict={newest?.verdict} /> {state === 'paused' && <Badge>paused</Badge>}
									</>
								),
							},
							{ id: 'summary', head: 'What was found', wide: true, cell: ({ newest }) => newest?.summary ?? 'No window has closed yet.' },
							{
								id: 'until',
								head: 'Looked at until',
								by: ({ newest }) => newest?.until ?? '',
								cell: ({ newest }) => <Time at={newest?.until} relative />,
							},
						]}
					/>
				</Card>
			)}
		</View>
	);
}
