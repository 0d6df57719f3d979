import type { quarantine } from '../../../server/console/routes/datasetRoutes.js';
import { Card } from '../../components/Card.js';
import { valueText } from '../../components/differences/Step.js';
import { Empty } from '../../components/Empty.js';
import { Failure } from '../../components/Failure.js';
import { Name } from '../../components/Name.js';
import { Skeleton } from '../../components/Skeleton.js';
import { Table } from '../../components/Table.js';
import type { EntryOf } from '../../data/api.js';
import { usePaged } from '../../data/live.js';
import { pathTo } from '../../router/place.js';
import type { Known } from './Dataset.js';

type Entry = EntryOf<typeof quarantine>;

/** Rows that could not be read, as they came, each with the reason. */
export function Quarantine({ known: { name, version, quarantined } }: { known: Known }) {
	const list = usePaged<Entry>(quarantined ? pathTo('/datasets/:name/versions/:version/quarantine', { name, version }) : undefined);
	if (!quarantined) return <Empty title="Every row of the source could be read" />;
	if (list.error) return <Failure error={list.error} again={list.again} />;
	if (!list.entries) return <Skeleton label="Asking for the rows" />;
	const fields = [...new Set(list.entries.flatMap((entry) => Object.keys(entry)))];
	const cell = (entry: Entry, field: string): string => {
		const value = new Map(Object.entries(entry)).get(field);
		return value === undefined ? '' : valueText(value);
	};
	return (
		<Card flush title="Quarantine" lead="As they came, each with the reason. No model learned from them.">
			<Table<{ entry: Entry; i: number }>
				label="Rows that could not be read"
				entries={list.entries.map((entry, i) => ({ entry, i }))}
				keyOf={({ i }) => i}
				more={list.more}
				loadingMore={list.loadingMore}
				total={list.total}
				columns={fields.map((field) => ({ id: field, head: field, wide: true, cell: ({ entry }) => <Name>{cell(entry, field)}</Name> }))}
			/>
		</Card>
	);
}
