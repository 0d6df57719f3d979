import type { run } from '../../../server/console/routes/runRoutes.js';
import { Badge } from '../../components/Badge.js';
import { Card } from '../../components/Card.js';
import { Failure } from '../../components/Failure.js';
import { Figure } from '../../components/Figure.js';
import { Skeleton } from '../../components/Skeleton.js';
import { Table } from '../../components/Table.js';
import { Time } from '../../components/Time.js';
import { View } from '../../components/View.js';
import type { AnswerOf } from '../../data/api.js';
import { count, duration, number } from '../../data/inWords.js';
import { useLive } from '../../data/live.js';
import { own } from '../../data/own.js';
import { pathTo } from '../../router/place.js';
import { Link } from '../../router/router.js';
import type { PageProps } from '../page.js';
import { Curve } from './Curve.js';
import { Leaderboard } from './Leaderboard.js';

type Run = AnswerOf<typeof run>;
const ABOVE = [['Trainings', '/trainings']] as const;

/** A training that has ended. */
export function Training({ params }: PageProps) {
	const { data, error, loading, again } = useLive<Run>(pathTo('/runs/:run', { run: params.run }), 30_000);
	if (loading) return <View title="Training" above={ABOVE} children={<Skeleton />} />;
	if (!data) return <View title="Training" above={ABOVE} children={error && <Failure error={error} again={again} />} />;
	const { name, version, createdAt, learner, primary } = data;
	return (
		<View
			title={`${name}, training ${version}`}
			above={ABOVE}
			lead={
				<>
					{learner}, ended <Time at={createdAt} />
				</>
			}
		>
			<Card>
				<Figures data={data} />
				<Origin data={data} />
			</Card>
			{data.curve.length > 1 && (
				<Card title="Learning curve">
					<Curve metric={data.curveMetric ?? 'loss'} points={data.curve} />
				</Card>
			)}
			{data.leaderboard && (
				<Card>
					<Leaderboard rows={data.leaderboard} primary={data.rankedBy ?? primary} chosen={data.chosen} />
				</Card>
			)}
			<Notes notes={data.notes} />
			<Facts data={data} />
		</View>
	);
}

/** How good it is, how long it took and how much it learned from. */
const Figures = ({ data }: { data: Run }) => (
	<div class="figures">
		<Figure
			label={data.primary}
			value={number(own(data.metrics, data.primary))}
			note="on validation rows"
			help="The metric that ranked what was tried. How good the model is on rows it never saw says its evaluation."
		/>
		{data.quality && (
			<Figure
				label={`${data.quality.metric}, evaluated`}
				value={number(data.quality.value)}
				note={`95 % between ${number(data.quality.low)} and ${number(data.quality.high)}, on ${count(data.quality.rows)} test rows`}
				tone={data.quality.passed ? 'good' : 'bad'}
			/>
		)}
		<Figure label="Took" value={duration(data.seconds * 1_000)} />
		<Figure
			label="Learned from"
			value={count(data.split.rows.train)}
			unit="rows"
			note={`${count(data.split.rows.test)} kept for the test`}
		/>
	</div>
);

/** What it predicts, what it was made of, and what became of it. */
const Origin = ({ data }: { data: Run }) => (
	<p>
		Predicts{' '}
		<span class="name" dir="auto">
			{data.target}
		</span>{' '}
		({data.task}).{' '}
		{data.dataset && (
			<>
				Trained on{' '}
				<Link to={pathTo('/datasets/:dataset', { dataset: data.dataset.name })}>
					<span class="name" dir="auto">
						{data.dataset.name}
					</span>{' '}
					version {data.dataset.version}
				</Link>
				.{' '}
			</>
		)}
		{data.registered.map((became) => (
			<Badge key={`${became.model} ${became.version}`} tone="accent">
				became {became.model} version {became.version}
			</Badge>
		))}
		{data.reports.length > 0 && (
			<a href={`/api/v1${pathTo('/reports/:report/page', { report: data.reports[0] })}`} target="_blank" rel="noreferrer">
				Open its report
			</a>
		)}
	</p>
);

const Notes = ({ notes }: { notes: Run['notes'] }) => (
	<Card title="What to know about it">
		{notes.length === 0 ? (
			<p class="soft">Nothing stood out.</p>
		) : (
			<ul class="notes">
				{notes.map(({ code, text }) => (
					<li key={code + text} dir="auto">
						{text}
					</li>
				))}
			</ul>
		)}
	</Card>
);

interface Fact {
	name: string;
	value: string;
}
const shown = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));
const FACTS = [
	{ id: 'name', head: 'Name', by: (fact: Fact) => fact.name, cell: (fact: Fact) => fact.name },
	{ id: 'value', head: 'Value', wide: true, cell: (fact: Fact) => fact.value },
];

const Facts = ({ data: { params, metrics, stages, recipe } }: { data: Run }) => (
	<>
		<Card title="Parameters" flush>
			<Table
				label="Parameters of this training"
				columns={FACTS}
				keyOf={(fact) => fact.name}
				entries={Object.entries(params).map(([name, value]) => ({ name, value: shown(value) }))}
			/>
		</Card>
		<Card title="Metrics" lead="On the validation rows." flush>
			<Table
				label="Metrics of this training"
				columns={FACTS}
				keyOf={(fact) => fact.name}
				entries={Object.entries(metrics).map(([name, value]) => ({ name, value: number(value) }))}
			/>
		</Card>
		<Card title="Stages" lead="What it spent its time on." flush>
			<Table
				label="Stages of this training"
				columns={FACTS}
				keyOf={(fact) => fact.name}
				entries={stages.map(({ name, seconds }) => ({ name, value: duration(seconds * 1_000) }))}
			/>
		</Card>
		{recipe.steps.length > 0 && (
			<Card title="Recipe" lead="What was done to the data, in this order." flush>
				<Table
					label="Steps of the recipe"
					columns={FACTS}
					keyOf={(fact) => fact.name}
					entries={recipe.steps.map(({ step, params: of }, i) => ({ name: `${i + 1}. ${step}`, value: shown(of) }))}
				/>
			</Card>
		)}
	</>
);
