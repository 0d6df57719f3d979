import type { datasets } from '../../../server/console/routes/datasetRoutes.js';
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
import { count } from '../../data/inWords.js';
import { pagesOf, usePaged } from '../../data/live.js';
import { pathTo } from '../../router/place.js';
import { Link, useQuery } from '../../router/router.js';

type Entry = EntryOf<typeof datasets>;

const COLUMNS: ReadonlyArray<Column<Entry>> = [
	{
		id: 'name',
		head: 'Dataset',
		by: ({ name }) => name,
		cell: ({ name, source }) => (
			<>
				<Link to={pathTo('/datasets/:name', { name })}>
					<Name>{name}</Name>
				</Link>
				<div class="soft small">
					<Name>{source.description}</Name>
				</div>
			</>
		),
	},
	{ id: 'rows', head: 'Rows', numeric: true, by: ({ rows }) => rows, cell: ({ rows }) => count(rows) },
	{ id: 'columns', head: 'Columns', numeric: true, cell: ({ columns }) => count(columns) },
	{
		id: 'target',
		head: 'Target',
		help: 'The column that models learn to predict, and what kind of question that is.',
		cell: ({ target, task }) =>
			target ? (
				<>
					<Name>{target}</Name>
					{task && (
						<div class="soft small">
							<Term kind="tasks" id={task} />
						</div>
					)}
				</>
			) : (
				<span class="soft">none</span>
			),
	},
	{
		id: 'quarantined',
		head: 'Quarantined',
		help: 'Rows of the source that could not be read. They are kept apart, each with the reason, and no model learned from them.',
		cell: ({ quarantined }) => (quarantined ? <Badge tone="warn">{count(quarantined)} rows</Badge> : <span class="soft">none</span>),
	},
	{ id: 'versions', head: 'Versions', numeric: true, cell: ({ versions }) => count(versions) },
	{ id: 'newest', head: 'Newest', by: ({ createdAt }) => createdAt, cell: ({ createdAt }) => <Time at={createdAt} relative /> },
];

/** The datasets that were read in. */
export function Datasets() {
	const [text] = useQuery('text');
	const [sort, setSort] = useQuery('sort', 'name');
	const [order, setOrder] = useQuery('order', 'asc');
	const list = usePaged<Entry>(pathTo('/datasets', {}, { text, sort, order }), 15_000);
	const nothing = list.entries?.length === 0;
	return (
		<View
			title="Datasets"
			lead="What Ingest read in: each a table that never changes, with its newest version."
			actions={<Search label="Find a dataset" />}
		>
			{list.error && <Failure error={list.error} again={list.again} />}
			{list.loading && <Skeleton label="Asking for the datasets" />}
			{nothing && text && <Empty title="No dataset's name holds this text" />}
			{nothing && !text && (
				<Empty
					title="No dataset was read in yet"
					steps={[
						<>
							In n8n, add <strong>MLOps Ingest</strong> to a workflow, and choose where the rows come from: a file, an address, a database,
							or the items of the node before.
						</>,
						<>Execute it. The dataset stands here with its profile: what each column holds, and what to look at before training.</>,
					]}
				>
					<p>A dataset is a table with types and a profile, kept as it was read.</p>
				</Empty>
			)}
			{list.entries && !nothing && (
				<Card flush>
					<Table
						label="Datasets"
						columns={COLUMNS}
						{...pagesOf(list)}
						keyOf={({ id }) => id}
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
