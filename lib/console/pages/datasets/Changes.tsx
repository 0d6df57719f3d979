import type { datasetDifference, datasetVersions } from '../../../server/console/routes/datasetRoutes.js';
import { Card } from '../../components/Card.js';
import { ColumnChanges } from '../../components/differences/Differences.js';
import { Empty } from '../../components/Empty.js';
import { Failure } from '../../components/Failure.js';
import { Field } from '../../components/Field.js';
import { Figure } from '../../components/Figure.js';
import { Name } from '../../components/Name.js';
import { Skeleton } from '../../components/Skeleton.js';
import { Table } from '../../components/Table.js';
import type { AnswerOf, EntryOf } from '../../data/api.js';
import { count, number, percent } from '../../data/inWords.js';
import { useLive, usePaged } from '../../data/live.js';
import { pathTo } from '../../router/place.js';
import { useQuery } from '../../router/router.js';
import type { Known } from './Dataset.js';
import { shortValue, valueOf } from './shownValues.js';

type Found = AnswerOf<typeof datasetDifference>;

/** What this version has that another one had not: rows, columns, and how values are distributed. */
export function Changes({ known: { name, version }, newest }: { known: Known; newest: number }) {
	const list = usePaged<EntryOf<typeof datasetVersions>>(pathTo('/datasets/:name/versions', { name }, { limit: 200 }));
	const [other, choose] = useQuery('than', String(version > 1 ? version - 1 : newest));
	const asked = other !== String(version) && newest > 1;
	const { data, error, again } = useLive<Found>(
		asked ? pathTo('/datasets/:name/versions/:other/differences/:version', { name, other, version }) : undefined,
	);
	if (newest < 2)
		return (
			<Empty title="There is one version alone">
				<p>When the same source is read again and has other rows, that is another version, and what changed is shown here.</p>
			</Empty>
		);
	return (
		<>
			<Card>
				<div class="filters">
					<Field label={`Version ${version} beside`}>
						{(props) => (
							<select {...props} onChange={({ currentTarget: { value } }) => choose(value)}>
								{(list.entries ?? [])
									.filter((one) => one.version !== version)
									.map((one) => (
										<option key={one.version} value={String(one.version)} selected={String(one.version) === other}>
											{`Version ${one.version}`}
										</option>
									))}
							</select>
						)}
					</Field>
				</div>
			</Card>
			{error && <Failure error={error} again={again} />}
			{asked && !data && !error && <Skeleton label="Comparing" />}
			{data && <Compared found={data} />}
		</>
	);
}

function Compared({ found: { a, b, columns, distributions, profiles } }: { found: Found }) {
	const rows = b.rows - a.rows;
	return (
		<>
			<Card>
				<div class="figures">
					<Figure label="Rows" value={`${rows > 0 ? '+' : ''}${count(rows)}`} note={`${count(a.rows)} before, ${count(b.rows)} now`} />
					<Figure
						label="Columns"
						value={columns.length ? `${count(columns.length)} changed` : 'the same'}
						note={`${a.columns} before, ${b.columns} now`}
					/>
					<Figure label="Quarantined" value={count(b.quarantined)} unit="rows" note={`${count(a.quarantined)} before`} />
				</div>
				<ColumnChanges columns={columns} />
			</Card>
			{!profiles && <Empty title="One of them was made without a profile, so values cannot be compared" />}
			{distributions.length > 0 && (
				<Card
					flush
					title="Values"
					lead={
						'Columns that both have, those that differ most first. It compares what the profiles keep; whether a change is more than ' +
						'chance, Monitor Drift tells.'
					}
				>
					<Table
						label="How values changed"
						entries={distributions}
						keyOf={({ name }) => name}
						columns={[
							{ id: 'name', head: 'Column', by: ({ name }) => name, cell: ({ name }) => <Name>{name}</Name> },
							{
								id: 'moved',
								head: 'Moved by',
								numeric: true,
								by: ({ shift, variation }) => Math.abs(shift ?? variation ?? 0),
								help:
									'Numbers and dates: how far the mean moved, in standard deviations of the version before. Others: the share of rows ' +
									'that hold another of the most frequent values.',
								cell: ({ shift, variation }) =>
									shift !== undefined ? `${number(shift, 2)} sd` : variation !== undefined ? percent(variation) : '–',
							},
							{ id: 'before', head: 'Before', numeric: true, cell: ({ type, a: side }) => <Middle type={type} side={side} /> },
							{ id: 'now', head: 'Now', numeric: true, cell: ({ type, b: side }) => <Middle type={type} side={side} /> },
							{
								id: 'missing',
								head: 'Missing',
								numeric: true,
								by: ({ missing }) => Math.abs(missing),
								cell: ({ a: before, b: now }) =>
									`${percent(before.rows ? before.missing / before.rows : 0)} → ${percent(now.rows ? now.missing / now.rows : 0)}`,
							},
							{
								id: 'distinct',
								head: 'Different values',
								numeric: true,
								cell: ({ a: before, b: now }) => `${count(before.distinct)} → ${count(now.distinct)}`,
							},
						]}
					/>
				</Card>
			)}
		</>
	);
}

type Side = Found['distributions'][number]['a'];

/** The mean of numbers and dates, of others the most frequent value with its share. */
function Middle({ type, side: { mean, top, rows } }: { type: string; side: Side }) {
	if (mean !== undefined) return <>{valueOf(type as Known['schema'][number]['type'], mean)}</>;
	if (!top?.length) return <>–</>;
	return (
		<>
			<Name>{shortValue(top[0].value)}</Name> {percent(rows ? top[0].count / rows : 0)}
		</>
	);
}
