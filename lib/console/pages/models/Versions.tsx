import type { versions } from '../../../server/console/routes/versionRoutes.js';
import { Badge } from '../../components/Badge.js';
import { Button } from '../../components/Button.js';
import { Card } from '../../components/Card.js';
import { Failure } from '../../components/Failure.js';
import { Name } from '../../components/Name.js';
import { Skeleton } from '../../components/Skeleton.js';
import { Table, type Column } from '../../components/Table.js';
import { Term } from '../../components/Term.js';
import { Time } from '../../components/Time.js';
import type { EntryOf } from '../../data/api.js';
import { pagesOf, usePaged } from '../../data/live.js';
import { pathTo } from '../../router/place.js';
import { goTo, Link } from '../../router/router.js';
import type { Known } from './Model.js';
import { Quality } from './Quality.js';

type Entry = EntryOf<typeof versions>;

export function Versions({ known: { name, champion } }: { known: Known }) {
	const list = usePaged<Entry>(pathTo('/models/:name/versions', { name }), 30_000);
	const columns: ReadonlyArray<Column<Entry>> = [
		{
			id: 'version',
			head: 'Version',
			cell: ({ version, aliases, archived, description }) => (
				<>
					<span class="row">
						<Link to={pathTo('/models/:name/:version', { name, version })}>Version {version}</Link>
						{aliases.map((alias) => (
							<Badge key={alias} tone={alias === 'champion' ? 'accent' : 'neutral'}>
								{alias}
							</Badge>
						))}
						{archived && <Badge>archived</Badge>}
					</span>
					{description && (
						<div class="soft small">
							<Name>{description}</Name>
						</div>
					)}
				</>
			),
		},
		{
			id: 'learner',
			head: 'Learner',
			cell: ({ learner }) => (learner ? <Term kind="learners" id={learner} /> : <span class="soft">from elsewhere</span>),
		},
		{
			id: 'quality',
			head: 'Quality',
			help: 'The main metric of its newest evaluation on rows that it had not seen, with its 95 % interval.',
			cell: ({ quality }) => <Quality quality={quality} />,
		},
		{ id: 'at', head: 'Registered', cell: ({ createdAt }) => <Time at={createdAt} /> },
		{
			id: 'compare',
			head: 'Compare',
			cell: ({ version }) =>
				champion && version !== champion.version ? (
					<Button
						small
						look="quiet"
						label={`Compare with champion: version ${version}`}
						onClick={() => goTo(pathTo('/models/:name', { name }, { tab: 'compare', a: champion.version, b: version }))}
					>
						Compare with champion
					</Button>
				) : (
					''
				),
		},
	];
	if (list.error && !list.entries) return <Failure error={list.error} again={list.again} />;
	if (!list.entries) return <Skeleton label="Asking for the versions" />;
	return (
		<Card flush title="Versions" lead="Each is kept as it was made, and never changes.">
			<Table label="Versions" columns={columns} {...pagesOf(list)} keyOf={({ id }) => id} />
		</Card>
	);
}
