import type { version } from '../../../server/console/routes/versionRoutes.js';
import { Badge } from '../../components/Badge.js';
import { Card } from '../../components/Card.js';
import { Step, valueText } from '../../components/differences/Step.js';
import { Empty } from '../../components/Empty.js';
import { Facts } from '../../components/Facts.js';
import { Failure } from '../../components/Failure.js';
import { Lineage } from '../../components/lineage/Lineage.js';
import { Name } from '../../components/Name.js';
import { Skeleton } from '../../components/Skeleton.js';
import { Table } from '../../components/Table.js';
import { Term } from '../../components/Term.js';
import { Time } from '../../components/Time.js';
import { View } from '../../components/View.js';
import type { AnswerOf } from '../../data/api.js';
import { count, duration, number } from '../../data/inWords.js';
import { useLive } from '../../data/live.js';
import { pathTo } from '../../router/place.js';
import { Link } from '../../router/router.js';
import type { PageProps } from '../page.js';

type Known = AnswerOf<typeof version>;

/** One version: how good it was, what its gate said, what it was made of. */
export function Version({ params: { model: name, version: asked } }: PageProps) {
	const { data, error, again } = useLive<Known>(pathTo('/models/:name/versions/:asked', { name, asked }), 60_000);
	return (
		<View
			title={`${name}, version ${asked}`}
			heading={
				<>
					<Name>{name}</Name> <span class="soft">version {asked}</span>
				</>
			}
			above={[
				['Models', '/models'],
				[name, pathTo('/models/:name', { name })],
			]}
			lead={data && <Lead known={data} />}
			actions={
				data && <Link to={pathTo('/models/:name', { name }, { tab: 'compare', b: data.version })}>Compare with another version</Link>
			}
		>
			{error && <Failure error={error} again={again} />}
			{!data && !error && <Skeleton label="Asking for the version" />}
			{data && (
				<>
					<Evaluation known={data} />
					<Made known={data} />
					<Card title="From source to answers" lead="What it was made of, and what was made of it. Each box leads to its page.">
						<Lineage path={pathTo('/models/:name/versions/:asked/lineage', { name, asked })} here={data.id} />
					</Card>
				</>
			)}
		</View>
	);
}

const Lead = ({ known: { aliases, archived, createdAt, description } }: { known: Known }) => (
	<span class="row">
		{aliases.map((alias) => (
			<Badge key={alias} tone={alias === 'champion' ? 'accent' : 'neutral'}>
				{alias}
			</Badge>
		))}
		{archived && <Badge tone="warn">archived</Badge>}
		<span>
			Registered <Time at={createdAt} />
		</span>
		{description && <Name>{description}</Name>}
	</span>
);

function Evaluation({ known: { evaluation } }: { known: Known }) {
	if (!evaluation)
		return (
			<Card title="How good it is">
				<Empty
					title="It was not evaluated"
					steps={[
						<>
							In n8n, connect <strong>MLOps Evaluate</strong> behind Train and execute the workflow: it judges the model by rows that it has
							not seen.
						</>,
					]}
				/>
			</Card>
		);
	const { metrics, baseline, primary, gate, rows, at, threshold } = evaluation;
	const dummy = new Map(Object.entries(baseline));
	const shown = Object.entries(metrics).sort(([a], [b]) => Number(b === primary) - Number(a === primary));
	return (
		<Card
			flush
			title="How good it is"
			lead={
				<>
					On {count(rows)} rows that it had not seen, judged <Time at={at} />
					{threshold !== undefined && `, with ${number(threshold)} as the threshold between the classes`}
				</>
			}
		>
			<ul class="gate">
				<li>
					<Badge tone={gate.passed ? 'good' : 'warn'}>{gate.passed ? 'gate passed' : 'gate not passed'}</Badge>
				</li>
				{gate.reasons.map(({ passed, text }) => (
					<li key={text}>
						<span class={passed ? 'good-text' : 'warn-text'}>{passed ? 'Yes' : 'No'}</span>: {text}
					</li>
				))}
			</ul>
			<Table
				label="Metrics"
				entries={shown}
				keyOf={([metric]) => metric}
				marked={([metric]) => metric === primary}
				columns={[
					{ id: 'metric', head: 'Metric', cell: ([metric]) => <Term kind="metrics" id={metric} help /> },
					{ id: 'value', head: 'Value', numeric: true, cell: ([, { value }]) => number(value) },
					{
						id: 'interval',
						head: '95 % interval',
						numeric: true,
						help: 'With other rows of the same kind the value would lie in here nineteen times out of twenty.',
						cell: ([, { low, high }]) => `${number(low)} to ${number(high)}`,
					},
					{
						id: 'baseline',
						head: 'Without a model',
						numeric: true,
						help: 'What always answering the most frequent class, or the mean, would get on these rows.',
						cell: ([metric]) => number(dummy.get(metric)),
					},
				]}
			/>
		</Card>
	);
}

function Made({ known: { run, runId, digest, tags } }: { known: Known }) {
	const labels = Object.entries(tags);
	const params = Object.entries(run?.params ?? {});
	return (
		<div class="columns">
			<Card title="How it was trained">
				<Facts
					facts={[
						['Learner', run ? <Term kind="learners" id={run.learner} help /> : 'Trained elsewhere'],
						['Task', run && <Term kind="tasks" id={run.task} help />],
						['Predicts', run && <Name>{run.target}</Name>],
						['Took', run && duration(run.seconds * 1_000)],
						[
							'Data',
							run?.dataset && (
								<Link to={pathTo('/datasets/:name/:version', { name: run.dataset.name, version: run.dataset.version })}>
									<Name>{run.dataset.name}</Name> version {run.dataset.version}
								</Link>
							),
						],
						['Training', run && <Link to={pathTo('/trainings/:runId', { runId })}>Stages, learning curve, leaderboard</Link>],
						['Package', <code key="digest">{digest.slice(0, 16)}…</code>],
						...labels.map(([name, value]) => [name, <Name key={name}>{value}</Name>] as const),
					]}
				/>
			</Card>
			{params.length > 0 && (
				<Card title="Parameters">
					<Facts facts={params.map(([name, value]) => [name, <Name key={name}>{valueText(value)}</Name>] as const)} />
				</Card>
			)}
			{run && (
				<Card
					title="Recipe"
					lead={run.recipe.length ? 'Done to each row, in this order, before the model sees it.' : 'Rows go to the model as they are.'}
				>
					<ol class="steps">
						{run.recipe.map((step, i) => (
							<li key={i}>
								<Step step={step} />
							</li>
						))}
					</ol>
				</Card>
			)}
		</div>
	);
}
