import { useEffect, useState } from 'preact/hooks';
import type { runFacets, runs } from '../../../server/console/routes/runRoutes.js';
import { Button } from '../../components/Button.js';
import { Card } from '../../components/Card.js';
import { Empty } from '../../components/Empty.js';
import { Failure } from '../../components/Failure.js';
import { Field } from '../../components/Field.js';
import { Skeleton } from '../../components/Skeleton.js';
import { Table, type Column, type Sorting } from '../../components/Table.js';
import { Time } from '../../components/Time.js';
import type { AnswerOf, EntryOf } from '../../data/api.js';
import { count, duration, number } from '../../data/inWords.js';
import { pagesOf, useLive, usePaged } from '../../data/live.js';
import { own } from '../../data/own.js';
import { pathTo } from '../../router/place.js';
import { goTo, Link, useQuery } from '../../router/router.js';
import { ToTraining } from './Running.js';

type Run = EntryOf<typeof runs>;

/** How long to wait after a key before the server is asked. */
const TYPING_MS = 300;

/** All trainings that ended: filtered and sorted by the server, two of them compared. */
export function Finished() {
	const { data: facets } = useLive<AnswerOf<typeof runFacets>>('/runs/facets');
	const [text, setText] = useQuery('text');
	const [typed, type] = useState(text);
	const [model, setModel] = useQuery('model');
	const [learner, setLearner] = useQuery('learner');
	const [dataset, setDataset] = useQuery('dataset');
	const [metric, setMetric] = useQuery('metric');
	const [sort, setSort] = useQuery('sort', '-created');
	const [chosen, choose] = useState<string[]>([]);
	useEffect(() => {
		const timer = setTimeout(() => setText(typed), TYPING_MS);
		return () => clearTimeout(timer);
	}, [typed]);
	const sorting: Sorting = { column: sort.replace(/^-/, ''), descending: sort.startsWith('-') };
	const filters = { text, model, learner, dataset, metric };
	const path = pathTo('/runs', {}, { ...filters, sort: sorting.column, order: sorting.descending ? 'desc' : 'asc', limit: 50 });
	const list = usePaged<Run>(path, 15_000);
	const { entries, error, loading, again } = list;
	const filtered = Object.values(filters).some(Boolean);
	const pick = (id: string): void => choose((now) => (now.includes(id) ? now.filter((one) => one !== id) : [...now, id].slice(-2)));
	const compare = chosen.length === 2 ? false : 'Choose two trainings in the table';
	return (
		<Card
			title="Finished"
			flush
			actions={
				<Button onClick={() => goTo(pathTo('/trainings/:run/differences/:other', { run: chosen[0], other: chosen[1] }))} disabled={compare}>
					Compare the two chosen
				</Button>
			}
		>
			<div class="filters">
				<Field label="Search names">
					{(props) => <input {...props} type="search" value={typed} onInput={(event) => type(event.currentTarget.value)} />}
				</Field>
				<Choice label="Model" value={model} set={setModel} names={facets?.models} />
				<Choice label="Learner" value={learner} set={setLearner} names={facets?.learners} />
				<Choice label="Dataset" value={dataset} set={setDataset} names={facets?.datasets} />
				<Choice label="Has the metric" value={metric} set={setMetric} names={facets?.metrics} />
			</div>
			{loading && <Skeleton />}
			{error && !entries && <Failure error={error} again={again} />}
			{entries?.length === 0 && (filtered ? <NoHit /> : <Nothing />)}
			{entries && entries.length > 0 && (
				<Table
					label="Finished trainings"
					columns={columnsOf(metric, chosen, pick)}
					{...pagesOf(list)}
					keyOf={(run) => run.id}
					sorting={{ column: sorting.column.replace(/^metric:.*$/, 'quality'), descending: sorting.descending }}
					onSort={({ column, descending }) => {
						const name = column === 'quality' && metric ? `metric:${metric}` : column;
						setSort(`${descending ? '-' : ''}${name}`);
					}}
					marked={(run) => chosen.includes(run.id)}
				/>
			)}
		</Card>
	);
}

const NoHit = () => <p class="soft padded">No training fits these filters. Take one of them away to see more.</p>;

const Nothing = () => (
	<Empty
		title="No model was trained yet"
		steps={[
			'In n8n, put "MLOps Ingest" on the canvas and read your data.',
			'Connect "MLOps Train" behind it, and pick the column to predict.',
			'Run the workflow: the training appears above while it runs, and here once it has ended.',
		]}
	/>
);

function columnsOf(metric: string, chosen: readonly string[], pick: (id: string) => void): ReadonlyArray<Column<Run>> {
	return [
		{
			id: 'pick',
			head: 'Compare',
			cell: (run) => (
				<input
					type="checkbox"
					aria-label={`Compare ${run.name}, training ${run.version}`}
					checked={chosen.includes(run.id)}
					onChange={() => pick(run.id)}
				/>
			),
		},
		{ id: 'name', head: 'Model', by: (run) => run.name, cell: (run) => <ToTraining id={run.id}>{run.name}</ToTraining> },
		{ id: 'created', head: 'Ended', by: (run) => run.createdAt, cell: (run) => <Time at={run.createdAt} relative /> },
		{ id: 'learner', head: 'Learner', by: (run) => run.learner, cell: (run) => run.learner },
		{
			id: 'quality',
			head: metric || 'Quality',
			numeric: true,
			by: (run) => run.seconds,
			cell: (run) => {
				const name = metric || run.primary;
				const value = own(run.metrics, name);
				return metric ? number(value) : `${number(value)} ${name}`;
			},
			help:
				'On the validation rows: the metric that ranked the training, or the one that is chosen above. Metrics of different names cannot ' +
				'be compared.',
		},
		{
			id: 'rows',
			head: 'Rows',
			numeric: true,
			by: (run) => run.rows.train,
			cell: (run) => count(run.rows.train),
			help: 'Rows learned from.',
		},
		{ id: 'seconds', head: 'Took', numeric: true, by: (run) => run.seconds, cell: (run) => duration(run.seconds * 1_000) },
		{
			id: 'dataset',
			head: 'Dataset',
			cell: (run) =>
				run.dataset && (
					<Link to={pathTo('/datasets/:dataset', { dataset: run.dataset.name })}>
						<span class="name" dir="auto">
							{run.dataset.name}
						</span>{' '}
						version {run.dataset.version}
					</Link>
				),
		},
		{
			id: 'registered',
			head: 'Became',
			cell: (run) => run.registered.map(({ model, version }) => `${model} version ${version}`).join(', ') || '–',
		},
	];
}

/** A choice among names that there are, with how many trainings have each. */
function Choice({
	label,
	value,
	set,
	names = [],
}: {
	label: string;
	value: string;
	set: (value: string) => void;
	names?: ReadonlyArray<{ name: string; count: number }>;
}) {
	const known = value === '' || names.some(({ name }) => name === value) ? names : [{ name: value, count: 0 }, ...names];
	return (
		<Field label={label}>
			{(props) => (
				<select {...props} value={value} onChange={(event) => set(event.currentTarget.value)}>
					<option value="">All</option>
					{known.map(({ name, count: n }) => (
						<option key={name} value={name}>
							{name} ({count(n)})
						</option>
					))}
				</select>
			)}
		</Field>
	);
}
