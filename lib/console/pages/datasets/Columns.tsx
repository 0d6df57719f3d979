import { useMemo } from 'preact/hooks';
import type { ColumnProfile } from '../../../domain/profile.js';
import { Badge } from '../../components/Badge.js';
import { Button } from '../../components/Button.js';
import { Card } from '../../components/Card.js';
import { Chart } from '../../components/Chart.js';
import { bars } from '../../components/charts/chartOptions.js';
import { Empty } from '../../components/Empty.js';
import { Facts } from '../../components/Facts.js';
import { Name } from '../../components/Name.js';
import { Search } from '../../components/Search.js';
import { AT_ONCE, Table, type Column } from '../../components/Table.js';
import { count, number, percent } from '../../data/inWords.js';
import { useQuery } from '../../router/router.js';
import type { Known } from './Dataset.js';
import { Spark } from './Spark.js';
import { binNames, shortValue, valueOf } from './shownValues.js';

/** What each column holds; one that is chosen is shown large. */
export function Columns({ known: { profile, schema, rows } }: { known: Known }) {
	const [chosen, choose] = useQuery('column');
	const [text] = useQuery('text');
	if (!profile)
		return (
			<Card title="Columns" lead="This version was made without a profile.">
				<Facts facts={schema.map(({ name, type, role }) => [name, `${type}, ${role}`] as const)} />
			</Card>
		);
	const many = profile.columns.length > AT_ONCE;
	const listed = many && text ? profile.columns.filter(({ name }) => name.toLowerCase().includes(text.toLowerCase())) : profile.columns;
	const column = profile.columns.find(({ name }) => name === chosen);
	const columns: ReadonlyArray<Column<ColumnProfile>> = [
		{
			id: 'name',
			head: 'Column',
			by: ({ name }) => name,
			cell: ({ name, role, warnings }) => (
				<span class="row">
					<Button small look="quiet" onClick={() => choose(name)}>
						<Name>{name}</Name>
					</Button>
					{role !== 'feature' && <Badge tone={role === 'target' ? 'accent' : 'neutral'}>{role}</Badge>}
					{warnings.length > 0 && <Badge tone="warn">look at it</Badge>}
				</span>
			),
		},
		{ id: 'type', head: 'Type', by: ({ type }) => type, cell: ({ type }) => type },
		{ id: 'shape', head: 'Distribution', cell: (one) => <Spark column={one} /> },
		{
			id: 'missing',
			head: 'Missing',
			numeric: true,
			by: ({ missing }) => missing,
			help: 'The share of rows without a value.',
			cell: ({ missing }) => percent(rows ? missing / rows : 0),
		},
		{
			id: 'distinct',
			head: 'Different values',
			numeric: true,
			by: ({ distinct }) => distinct,
			cell: ({ distinct }) => count(distinct),
		},
		{
			id: 'middle',
			head: 'Middle',
			numeric: true,
			help: 'Of numbers and dates the median: half of the values lie below. Of others the most frequent value.',
			cell: ({ type, quantiles, top }) =>
				quantiles ? valueOf(type, quantiles[4]) : top?.[0] ? <Name>{shortValue(top[0].value)}</Name> : '–',
		},
		{ id: 'min', head: 'Least', numeric: true, cell: ({ type, min }) => valueOf(type, min) },
		{ id: 'max', head: 'Greatest', numeric: true, cell: ({ type, max }) => valueOf(type, max) },
	];
	if (rows === 0) return <Empty title="It has no rows" />;
	return (
		<>
			{column && <One column={column} rows={rows} close={() => choose('')} />}
			<Card
				flush
				title="Columns"
				lead="What each holds, for people's eyes: models learn from the rows themselves. Times are UTC."
				actions={many ? <Search label="Find a column" /> : undefined}
			>
				{listed.length === 0 && <Empty title="No column's name holds this text" />}
				<Table label="Columns" columns={columns} entries={listed} keyOf={({ name }) => name} marked={({ name }) => name === chosen} />
			</Card>
		</>
	);
}

function One({ column, rows, close }: { column: ColumnProfile; rows: number; close: () => void }) {
	const { name, type, role, missing, distinct, mean, std, histogram, top, strays, warnings } = column;
	const names = histogram ? binNames(type, histogram.edges) : (top ?? []).map(({ value }) => shortValue(value));
	const values = histogram ? histogram.counts : (top ?? []).map(({ count: times }) => times);
	const option = useMemo(
		() => bars({ names, groups: [{ name: 'Rows', values }], unit: 'rows', histogram: Boolean(histogram), lying: !histogram }),
		[column],
	);
	return (
		<Card
			title={<Name>{name}</Name>}
			lead={`${type}, ${role}`}
			actions={
				<Button small onClick={close}>
					Close
				</Button>
			}
		>
			{names.length > 0 && (
				<Chart
					label={histogram ? `How the values of ${name} are distributed` : `The most frequent values of ${name}`}
					option={option}
					height={histogram ? 220 : Math.max(120, 26 * names.length + 60)}
					table={() => ({ head: [histogram ? 'From, to' : 'Value', 'Rows'], rows: names.map((one, i) => [one, values[i]]) })}
				/>
			)}
			<Facts
				facts={[
					['Missing', `${count(missing)} rows (${percent(rows ? missing / rows : 0)})`],
					['Different values', count(distinct)],
					['Mean', mean === undefined ? undefined : valueOf(type, mean)],
					['Standard deviation', std === undefined || type === 'datetime' ? undefined : number(std)],
					[
						'Not of this type',
						strays && (
							<>
								{count(strays.count)} cells, taken for gaps:{' '}
								<Name>{strays.cells.map(({ value, row }) => `${value} (row ${row})`).join(', ')}</Name>
							</>
						),
					],
					...warnings.map((text) => ['Look at', text] as const),
				]}
			/>
		</Card>
	);
}
