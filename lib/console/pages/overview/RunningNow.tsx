import type { trainings } from '../../../server/console/routes/trainingRoutes.js';
import { Badge } from '../../components/Badge.js';
import { Card } from '../../components/Card.js';
import { Name } from '../../components/Name.js';
import { Time } from '../../components/Time.js';
import type { AnswerOf, EntryOf } from '../../data/api.js';
import { count, duration, percent } from '../../data/inWords.js';
import { useLive } from '../../data/live.js';
import { pathTo } from '../../router/place.js';
import { Link } from '../../router/router.js';
import type { Known } from './Overview.js';

type Job = EntryOf<typeof trainings>;

/** What goes on by itself at the moment: nothing is shown where nothing does. */
export function RunningNow({ known: { rollouts, counts } }: { known: Known }) {
	const jobs = useLive<AnswerOf<typeof trainings>>('/trainings', 5_000).data?.entries ?? [];
	if (rollouts.length + jobs.length === 0) return null;
	return (
		<Card
			title="What runs now"
			lead={
				counts.rollouts > rollouts.length ? `${rollouts.length} of ${count(counts.rollouts)} rollouts; all stand under Serving.` : undefined
			}
		>
			<ul class="needs">
				{jobs.map((job) => (
					<li key={job.id}>
						<Badge tone={job.state === 'lost' ? 'warn' : 'accent'}>{job.job}</Badge>
						<JobText job={job} />
					</li>
				))}
				{rollouts.map((rollout) => (
					<li key={rollout.id}>
						<Badge tone="accent">{rollout.kind}</Badge>
						<RolloutText rollout={rollout} />
					</li>
				))}
			</ul>
		</Card>
	);
}

function JobText({ job: { about, state, stage, share, secondsLeft, by, startedAt } }: { job: Job }) {
	const how = [
		stage,
		share === undefined ? undefined : `${percent(share, 0)} done`,
		secondsLeft && `about ${duration(secondsLeft * 1_000)} left`,
	];
	return (
		<div>
			<p>
				<Link to="/trainings">
					<Name>{about.model ?? about.dataset?.name ?? about.learner ?? 'Work'}</Name>
				</Link>
				{state === 'lost'
					? ': nothing was heard of it for a while; its process may be gone'
					: `: ${how.filter(Boolean).join(', ') || 'begins'}`}
			</p>
			<p class="soft small">
				Began <Time at={startedAt} relative />, by <Name>{by}</Name>
			</p>
		</div>
	);
}

const RolloutText = ({
	rollout: { id, model, alias, candidates, stable, startedAt, step, steps },
}: {
	rollout: Known['rollouts'][number];
}) => (
	<div>
		<p>
			<Link to={pathTo('/serving/:id', { id })}>
				<Name>{model}</Name>
			</Link>
			: {candidates.map(({ version, share }) => `version ${version} gets ${percent(share)}`).join(', ')} of the callers of "{alias}", the
			rest version {stable}.
		</p>
		<p class="soft small">
			Step {step + 1} of {Math.max(steps, step + 1)}; began <Time at={startedAt} relative />
		</p>
	</div>
);
