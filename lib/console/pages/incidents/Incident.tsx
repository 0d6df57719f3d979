import type { incident } from '../../../server/console/routes/incidentRoutes.js';
import { Badge } from '../../components/Badge.js';
import { Card } from '../../components/Card.js';
import { Failure } from '../../components/Failure.js';
import { Figure } from '../../components/Figure.js';
import { Skeleton } from '../../components/Skeleton.js';
import { Time } from '../../components/Time.js';
import { View } from '../../components/View.js';
import type { AnswerOf } from '../../data/api.js';
import { duration } from '../../data/inWords.js';
import { useLive } from '../../data/live.js';
import { pathTo } from '../../router/place.js';
import { Link } from '../../router/router.js';
import type { PageProps } from '../page.js';
import { Actions } from './Actions.js';
import { Evidence } from './Evidence.js';
import { SEVERITY_WORDS, STATE_WORDS, STEP_WORDS, watchLabel } from './incidentWords.js';

export type Shown = AnswerOf<typeof incident>;

/** One incident: what is the matter, what shows it, what was done, and what can be. */
export function Incident({ params }: PageProps) {
	const id = params.incident;
	const asked = useLive<Shown>(pathTo('/incidents/:incident', { incident: id }), 10_000);
	const { data } = asked;
	return (
		<View
			title={id}
			heading={data?.record.title ?? id}
			above={[['Incidents', '/incidents']]}
			lead={id}
			actions={data && <Actions shown={data} again={asked.again} />}
		>
			{asked.error && <Failure error={asked.error} again={asked.again} />}
			{asked.loading && <Skeleton label="Asking for the incident" />}
			{data && <Standing shown={data} />}
			{data && <Evidence shown={data} />}
			{data && <History shown={data} />}
		</View>
	);
}

function Standing({ shown: { record, responsible } }: { shown: Shown }) {
	const { severity, state, model, version, openedAt, closedAt, snoozedUntil, owner, watches } = record;
	const [severe, tone] = SEVERITY_WORDS[severity];
	return (
		<Card>
			<div class="figures">
				<Figure
					label="Severity"
					value={<Badge tone={tone}>{severe}</Badge>}
					help="Lost quality and a server that does not answer are to be looked at now. Drift alone explains what happens, and can wait."
				/>
				<Figure
					label="State"
					value={<Badge tone={STATE_WORDS[state][1]}>{STATE_WORDS[state][0]}</Badge>}
					note={
						snoozedUntil ? (
							<>
								until <Time at={snoozedUntil} />
							</>
						) : (
							owner && (
								<span class="name" dir="auto">
									{owner}
								</span>
							)
						)
					}
				/>
				<Figure
					label="Model"
					value={
						<Link to={pathTo('/models/:model', { model })}>
							<span class="name" dir="auto">
								{model}
							</span>
						</Link>
					}
					note={version === null ? undefined : `version ${version} answered when it began`}
				/>
				<Figure
					label={closedAt ? 'Lasted' : 'Goes on for'}
					value={duration(Date.parse(closedAt ?? new Date().toISOString()) - Date.parse(openedAt))}
					note={
						<>
							began <Time at={openedAt} />
						</>
					}
				/>
				<Figure label="Shown by" value={watches.map(watchLabel).join(', ')} />
				<Figure
					label="Responsible"
					value={responsible.length ? responsible.join(', ') : 'nobody'}
					help={
						'Who looks after the model. They are told when an incident opens, gets worse and closes, by workflows that start on ' +
						'these events.'
					}
				/>
			</div>
		</Card>
	);
}

const History = ({ shown: { record } }: { shown: Shown }) => (
	<Card title="What happened" lead="The latest first.">
		<ol class="history">
			{record.history.toReversed().map(({ at, by, what, text }, i) => (
				<li key={record.history.length - i}>
					<Time at={at} />
					<div>
						<strong>{STEP_WORDS[what]}</strong>{' '}
						<span class="soft">
							by{' '}
							<span class="name" dir="auto">
								{by === 'system' ? 'the server itself' : by}
							</span>
						</span>
						{text && <p dir="auto">{text}</p>}
					</div>
				</li>
			))}
		</ol>
	</Card>
);
