import type { model } from '../../../server/console/routes/modelRoutes.js';
import { Card } from '../../components/Card.js';
import { Failure } from '../../components/Failure.js';
import { Figure } from '../../components/Figure.js';
import { Name } from '../../components/Name.js';
import { Skeleton } from '../../components/Skeleton.js';
import { Tabs } from '../../components/Tabs.js';
import { Term } from '../../components/Term.js';
import { Time } from '../../components/Time.js';
import { View } from '../../components/View.js';
import type { AnswerOf } from '../../data/api.js';
import { count, number, percent } from '../../data/inWords.js';
import { useLive } from '../../data/live.js';
import { useWords } from '../../data/useWords.js';
import { pathTo } from '../../router/place.js';
import { Link } from '../../router/router.js';
import type { PageProps } from '../page.js';
import { Aliases } from './Aliases.js';
import { Compare } from './Compare.js';
import { ModelLineage } from './ModelLineage.js';
import { ModelPeople } from './ModelPeople.js';
import { QualityByVersion } from './QualityByVersion.js';
import { Versions } from './Versions.js';

export type Known = AnswerOf<typeof model>;

/** One model: what answers, its versions, how they compare, where the aliases pointed, what it came from. */
export function Model({ params: { model: name } }: PageProps) {
	const { data, error, again } = useLive<Known>(pathTo('/models/:name', { name }), 15_000);
	return (
		<View
			title={name}
			heading={<Name>{name}</Name>}
			above={[['Models', '/models']]}
			lead={data?.target && data.task && <Lead target={data.target} task={data.task} />}
			actions={
				<>
					<Link to={pathTo('/watch', {}, { model: name })}>Watch it</Link>
					<a href={`/#${encodeURIComponent(name.toWellFormed())}`}>Try it</a>
				</>
			}
		>
			{error && <Failure error={error} again={again} />}
			{!data && !error && <Skeleton label="Asking for the model" />}
			{data && (
				<>
					<Now known={data} />
					<Tabs
						label="About this model"
						tabs={[
							{ id: 'versions', label: 'Versions', content: () => <Versions known={data} /> },
							{ id: 'compare', label: 'Compare', content: () => <Compare known={data} /> },
							{ id: 'aliases', label: 'Aliases', content: () => <Aliases known={data} /> },
							{ id: 'lineage', label: 'Lineage', content: () => <ModelLineage known={data} /> },
							{ id: 'people', label: 'People and policy', content: () => <ModelPeople known={data} /> },
						]}
					/>
				</>
			)}
		</View>
	);
}

const Lead = ({ target, task }: { target: string; task: string }) => (
	<>
		Predicts <Name>{target}</Name>: <Term kind="tasks" id={task} help />
	</>
);

function Evaluated({ quality }: Pick<Known, 'quality'>) {
	const words = useWords();
	if (!quality) return null;
	return (
		<Figure
			label="Quality"
			value={number(quality.value)}
			unit={words('metrics', quality.metric).label}
			tone={quality.passed ? undefined : 'warn'}
			note={`95 % interval ${number(quality.low)} to ${number(quality.high)}, ${count(quality.rows)} rows`}
			help={
				'The main metric of its newest evaluation, on rows that it had not seen. ' + 'The interval says how far chance alone could move it.'
			}
		/>
	);
}

/** The first of the rollouts that run. */
function RolloutNow({ running: [first] }: Pick<Known, 'running'>) {
	if (!first) return null;
	return (
		<Figure
			label="Rollout"
			value={<Link to={pathTo('/serving/:id', { id: first.id })}>{first.kind}</Link>}
			note={
				<>
					{first.candidates.map(({ version, share: part }) => `version ${version} at ${percent(part)}`).join(', ')}, since{' '}
					<Time at={first.startedAt} relative />
				</>
			}
			help="A new version is let in step by step: part of the callers get it, and the two are compared."
		/>
	);
}

/** What can be said at a glance. */
function Now({ known }: { known: Known }) {
	const { name, champion, quality, traffic, incidents, running, newest } = known;
	const share = traffic.answers + traffic.errors > 0 ? traffic.errors / (traffic.answers + traffic.errors) : undefined;
	return (
		<Card>
			<div class="figures">
				<Figure
					label="Answers now"
					value={
						champion ? (
							<Link to={pathTo('/models/:name/:version', { name, version: champion.version })}>version {champion.version}</Link>
						) : (
							'none'
						)
					}
					note={
						champion ? (
							<>
								since <Time at={champion.since} relative />
								{newest.version > champion.version && `; the newest is ${newest.version}`}
							</>
						) : (
							'No alias "champion": callers must name a version'
						)
					}
					help='The version behind the alias "champion": what callers get who name no other.'
				/>
				<Evaluated quality={quality} />
				<Figure
					label="Answers, 24 h"
					value={count(traffic.answers)}
					unit="rows"
					note={
						traffic.last ? (
							<>
								last <Time at={traffic.last} relative />
							</>
						) : (
							'No answer in the log of that time'
						)
					}
					help="Rows that it answered through model servers on this store, as their log has them."
				/>
				<Figure
					label="Errors, 24 h"
					value={share === undefined ? '–' : percent(share, 2)}
					tone={share ? 'warn' : undefined}
					note={`${count(traffic.errors)} of ${count(traffic.answers + traffic.errors)}`}
					help="The share of what was asked of it that got no answer."
				/>
				<Figure
					label="Incidents"
					value={incidents ? <Link to={pathTo('/incidents', {}, { model: name })}>{count(incidents)} open</Link> : 'none open'}
					tone={incidents ? 'bad' : undefined}
				/>
				<RolloutNow running={running} />
			</div>
			<QualityByVersion name={name} champion={champion?.version} />
		</Card>
	);
}
