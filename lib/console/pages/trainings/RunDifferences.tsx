import type { runDifference } from '../../../server/console/routes/runRoutes.js';
import { Badge } from '../../components/Badge.js';
import { Card } from '../../components/Card.js';
import { Failure } from '../../components/Failure.js';
import { Skeleton } from '../../components/Skeleton.js';
import { Table, type Column } from '../../components/Table.js';
import { View } from '../../components/View.js';
import type { AnswerOf } from '../../data/api.js';
import { count, number, UNKNOWN } from '../../data/inWords.js';
import { useLive } from '../../data/live.js';
import { pathTo } from '../../router/place.js';
import type { PageProps } from '../page.js';
import { ToTraining } from './Running.js';

type Found = AnswerOf<typeof runDifference>;
const ABOVE = [['Trainings', '/trainings']] as const;

/** Two trainings, side by side. */
export function RunDifferences({ params: { run, other } }: PageProps) {
	const { data, error, loading, again } = useLive<Found>(pathTo('/runs/:run/differences/:other', { run, other }));
	return (
		<View title="Two trainings compared" above={ABOVE}>
			{loading && <Skeleton />}
			{error && <Failure error={error} again={again} />}
			{data && (
				<>
					<Card title="The two">
						<p>
							First: <ToTraining id={run}>{run}</ToTraining>
							{data.datasets.a && `, on ${data.datasets.a.name} version ${data.datasets.a.version} (${count(data.datasets.a.rows)} rows)`}
						</p>
						<p>
							Second: <ToTraining id={other}>{other}</ToTraining>
							{data.datasets.b && `, on ${data.datasets.b.name} version ${data.datasets.b.version} (${count(data.datasets.b.rows)} rows)`}
						</p>
					</Card>
					<Card title="Metrics" lead="On the validation rows of each; where data or split differ, they are not the same rows." flush>
						<Table label="Metrics of both" columns={METRICS} entries={data.metrics} keyOf={({ metric }) => metric} />
					</Card>
					<Values title="Settings" entries={data.settings} />
					<Values title="Parameters" entries={data.params} />
					<Recipe steps={data.recipe} />
					<Columns entries={data.datasets.columns} />
				</>
			)}
		</View>
	);
}

const METRICS: ReadonlyArray<Column<Found['metrics'][number]>> = [
	{ id: 'metric', head: 'Metric', by: (m) => m.metric, cell: (m) => m.metric },
	{ id: 'a', head: 'First', numeric: true, cell: (m) => number(m.a) },
	{ id: 'b', head: 'Second', numeric: true, cell: (m) => number(m.b) },
	{ id: 'difference', head: 'Difference', numeric: true, cell: (m) => number(m.difference), help: 'The second less the first.' },
	{
		id: 'better',
		head: 'Better',
		cell: (m) => (m.better ? { a: 'First', b: 'Second', same: 'The same' }[m.better] : UNKNOWN),
	},
];

const shown = (value: unknown): string =>
	value === undefined ? UNKNOWN : typeof value === 'object' ? JSON.stringify(value) : String(value);

const VALUES: ReadonlyArray<Column<Found['params'][number]>> = [
	{ id: 'name', head: 'Name', by: (v) => v.name, cell: (v) => v.name },
	{ id: 'a', head: 'First', wide: true, cell: (v) => shown(v.a) },
	{ id: 'b', head: 'Second', wide: true, cell: (v) => shown(v.b) },
];

const Values = ({ title, entries }: { title: string; entries: Found['params'] }) => (
	<Card title={title} flush={entries.length > 0}>
		{entries.length === 0 ? (
			<p class="soft">No difference.</p>
		) : (
			<Table label={`${title} that differ`} columns={VALUES} entries={entries} keyOf={(v) => v.name} />
		)}
	</Card>
);

const CHANGES = { same: 'neutral', changed: 'warn', added: 'good', removed: 'bad' } as const;

const Recipe = ({ steps }: { steps: Found['recipe'] }) => (
	<Card title="Recipe">
		{steps.every(({ change }) => change === 'same') ? (
			<p class="soft">No difference.</p>
		) : (
			<ol class="notes">
				{steps.map(({ change, a, b }, i) => (
					<li key={i}>
						<Badge tone={CHANGES[change]}>{change}</Badge> {(b ?? a)!.step}
						{change === 'changed' && <span class="soft"> {`${shown(a?.params)} → ${shown(b?.params)}`}</span>}
					</li>
				))}
			</ol>
		)}
	</Card>
);

const Columns = ({ entries }: { entries: Found['datasets']['columns'] }) => (
	<Card title="Columns of the data">
		{entries.length === 0 ? (
			<p class="soft">Both have the same columns, of the same types and roles.</p>
		) : (
			<ul class="notes">
				{entries.map(({ name, change, a, b }) => (
					<li key={name}>
						<Badge tone={CHANGES[change]}>{change}</Badge>{' '}
						<span class="name" dir="auto">
							{name}
						</span>
						{change === 'changed' && <span class="soft">{` ${a?.type}, ${a?.role} → ${b?.type}, ${b?.role}`}</span>}
					</li>
				))}
			</ul>
		)}
	</Card>
);
