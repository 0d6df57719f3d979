import type { models } from '../../../server/console/routes/modelRoutes.js';
import { Badge } from '../../components/Badge.js';
import { Card } from '../../components/Card.js';
import { Empty } from '../../components/Empty.js';
import { Failure } from '../../components/Failure.js';
import { Name } from '../../components/Name.js';
import { Search } from '../../components/Search.js';
import { Skeleton } from '../../components/Skeleton.js';
import { Table, type Column } from '../../components/Table.js';
import { Term } from '../../components/Term.js';
import { Time } from '../../components/Time.js';
import { View } from '../../components/View.js';
import type { EntryOf } from '../../data/api.js';
import { count, many } from '../../data/inWords.js';
import { pagesOf, usePaged } from '../../data/live.js';
import { pathTo } from '../../router/place.js';
import { Link, useQuery } from '../../router/router.js';
import { Quality } from './Quality.js';

type Entry = EntryOf<typeof models>;

const COLUMNS: ReadonlyArray<Column<Entry>> = [
	{
		id: 'name',
		head: 'Model',
		by: ({ name }) => name,
		cell: ({ name, target, task }) => (
			<>
				<Link to={pathTo('/models/:name', { name })}>
					<Name>{name}</Name>
				</Link>
				{target && task && (
					<div class="soft small">
						predicts <Name>{target}</Name>
					</div>
				)}
			</>
		),
	},
	{
		id: 'champion',
		head: 'Answers now',
		help: 'The version behind the alias "champion": what callers get who name no other. It was made so by Deploy, a rollout, or a person.',
		cell: ({ champion }) =>
			champion ? (
				<>
					<Badge tone="accent">version {champion.version}</Badge>
					<div class="soft small">
						since <Time at={champion.since} relative />
					</div>
				</>
			) : (
				<Badge>no champion</Badge>
			),
	},
	{
		id: 'quality',
		head: 'Quality',
		help: 'The main metric of the newest evaluation on rows that the model had not seen, with its 95 % interval.',
		cell: ({ quality }) => <Quality quality={quality} />,
	},
	{
		id: 'answers',
		head: 'Answers, 24 h',
		numeric: true,
		help: 'How many rows it answered through the model server in the last 24 hours, and how many of the requests failed.',
		cell: ({ traffic: { answers, errors } }) => (
			<>
				{count(answers)}
				{errors > 0 && <div class="bad-text small">{many(errors, 'error')}</div>}
			</>
		),
	},
	{
		id: 'incidents',
		head: 'Incidents',
		cell: ({ incidents }) => (incidents ? <Badge tone="bad">{count(incidents)} open</Badge> : <span class="soft">none</span>),
	},
	{ id: 'versions', head: 'Versions', numeric: true, by: ({ versions }) => versions, cell: ({ versions }) => count(versions) },
	{
		id: 'newest',
		head: 'Newest',
		by: ({ newest }) => newest.at,
		cell: ({ newest: { version, at }, task }) => (
			<>
				version {version}, <Time at={at} relative />
				{task && (
					<div class="soft small">
						<Term kind="tasks" id={task} />
					</div>
				)}
			</>
		),
	},
];

/** The registered models. */
export function Models() {
	const [text] = useQuery('text');
	const [sort, setSort] = useQuery('sort', 'name');
	const [order, setOrder] = useQuery('order', 'asc');
	const list = usePaged<Entry>(pathTo('/models', {}, { text, sort, order }), 15_000);
	const nothing = list.entries?.length === 0;
	return (
		<View
			title="Models"
			lead="Each name that Deploy registered, with the version that answers now."
			actions={<Search label="Find a model" />}
		>
			{list.error && <Failure error={list.error} again={list.again} />}
			{list.loading && <Skeleton label="Asking for the models" />}
			{nothing && text && <Empty title="No model's name holds this text" />}
			{nothing && !text && <NoModels />}
			{list.entries && !nothing && (
				<Card flush>
					<Table
						label="Models"
						columns={COLUMNS}
						{...pagesOf(list)}
						keyOf={({ name }) => name}
						sorting={{ column: sort, descending: order === 'desc' }}
						onSort={({ column, descending }) => {
							setSort(column);
							setOrder(descending ? 'desc' : 'asc');
						}}
					/>
				</Card>
			)}
		</View>
	);
}

const NoModels = () => (
	<Empty
		title="No model is registered yet"
		steps={[
			<>
				In n8n, add <strong>MLOps Ingest</strong>: it reads a file, a database or an example into a dataset.
			</>,
			<>
				Connect <strong>MLOps Train</strong> behind it, then <strong>MLOps Evaluate</strong>; execute the workflow.
			</>,
			<>
				Behind the output <em>Passed</em> add <strong>MLOps Deploy</strong> and give the model a name. It appears here, and this server
				answers by it.
			</>,
		]}
	>
		<p>A model appears here when Deploy gives a trained one a name.</p>
	</Empty>
);
