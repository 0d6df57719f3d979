import type { datasetVersions } from '../../../server/console/routes/datasetRoutes.js';
import { Card } from '../../components/Card.js';
import { Failure } from '../../components/Failure.js';
import { Name } from '../../components/Name.js';
import { Skeleton } from '../../components/Skeleton.js';
import { Table } from '../../components/Table.js';
import { Time } from '../../components/Time.js';
import type { EntryOf } from '../../data/api.js';
import { count } from '../../data/inWords.js';
import { pagesOf, usePaged } from '../../data/live.js';
import { pathTo } from '../../router/place.js';
import { Link } from '../../router/router.js';
import type { Known } from './Dataset.js';

export function DatasetVersions({ known: { name, version: here } }: { known: Known }) {
	const list = usePaged<EntryOf<typeof datasetVersions>>(pathTo('/datasets/:name/versions', { name }), 30_000);
	if (list.error && !list.entries) return <Failure error={list.error} again={list.again} />;
	if (!list.entries) return <Skeleton label="Asking for the versions" />;
	return (
		<Card flush title="Versions" lead="Each reading that gave other rows is one.">
			<Table
				label="Versions"
				{...pagesOf(list)}
				keyOf={({ id }) => id}
				marked={({ version }) => version === here}
				columns={[
					{
						id: 'version',
						head: 'Version',
						cell: ({ version }) => <Link to={pathTo('/datasets/:name/:version', { name, version })}>Version {version}</Link>,
					},
					{ id: 'at', head: 'Read', cell: ({ createdAt }) => <Time at={createdAt} /> },
					{ id: 'rows', head: 'Rows', numeric: true, cell: ({ rows }) => count(rows) },
					{ id: 'columns', head: 'Columns', numeric: true, cell: ({ columns }) => count(columns) },
					{ id: 'quarantined', head: 'Quarantined', numeric: true, cell: ({ quarantined }) => count(quarantined) },
					{ id: 'source', head: 'From', wide: true, cell: ({ source }) => <Name>{source.description}</Name> },
				]}
			/>
		</Card>
	);
}
