import { Badge } from '../../components/Badge.js';
import { Card } from '../../components/Card.js';
import { Name } from '../../components/Name.js';
import { Table, type Column } from '../../components/Table.js';
import { Time } from '../../components/Time.js';
import { count, percent } from '../../data/inWords.js';
import { pathTo } from '../../router/place.js';
import { Link } from '../../router/router.js';
import { Quality } from '../models/Quality.js';
import type { Known } from './Overview.js';

type Champion = Known['champions'][number];

const COLUMNS: ReadonlyArray<Column<Champion>> = [
	{
		id: 'model',
		head: 'Model',
		cell: ({ model }) => (
			<Link to={pathTo('/models/:model', { model })}>
				<Name>{model}</Name>
			</Link>
		),
	},
	{
		id: 'version',
		head: 'Version',
		help: 'What callers get who name no version (the alias "champion").',
		cell: ({ model, version, since, newest }) => (
			<>
				<Link to={pathTo('/models/:model/:version', { model, version })}>Version {version}</Link>
				<div class="soft small">
					since <Time at={since} relative />
					{newest !== undefined && `; version ${newest} is newer`}
				</div>
			</>
		),
	},
	{
		id: 'quality',
		head: 'Quality',
		help: 'The main metric of its newest evaluation on rows that it had not seen, with its 95 % interval.',
		cell: ({ quality }) => <Quality quality={quality} />,
	},
	{
		id: 'answers',
		head: 'Answers, 24 h',
		numeric: true,
		by: ({ traffic }) => traffic.answers,
		help: 'Rows that it answered in the last 24 hours, as the log of answers has them.',
		cell: ({ traffic: { answers, last } }) => (
			<>
				{count(answers)}
				{last && (
					<div class="soft small">
						last <Time at={last} relative />
					</div>
				)}
			</>
		),
	},
	{
		id: 'errors',
		head: 'Errors',
		numeric: true,
		by: ({ traffic }) => traffic.errors,
		cell: ({ traffic: { answers, errors } }) => (errors ? percent(errors / (answers + errors), 2) : '0'),
	},
	{
		id: 'state',
		head: 'State',
		cell: ({ incidents, failed }) =>
			failed ? (
				<Badge tone="bad">cannot answer</Badge>
			) : incidents ? (
				<Badge tone="bad">{count(incidents)} open</Badge>
			) : (
				<Badge tone="good">well</Badge>
			),
	},
];

/** The versions that answer now, and how they do. */
export const Champions = ({ known: { champions, counts } }: { known: Known }) => (
	<Card
		flush
		title="Models that answer now"
		lead={
			counts.champions > champions.length
				? `The ${champions.length} most asked of ${count(counts.champions)}; all stand under Models.`
				: 'The most asked first.'
		}
	>
		<Table label="Models that answer now" entries={champions} keyOf={({ model }) => model} columns={COLUMNS} />
	</Card>
);
