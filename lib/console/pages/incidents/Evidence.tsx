import { Badge } from '../../components/Badge.js';
import { Card } from '../../components/Card.js';
import { Empty } from '../../components/Empty.js';
import { Table, type Column } from '../../components/Table.js';
import { Time } from '../../components/Time.js';
import { count } from '../../data/inWords.js';
import type { Shown } from './Incident.js';
import { aboutText, valueText, VERDICT_WORDS, watchLabel } from './incidentWords.js';

type Window = Shown['evidence'][number];

const COLUMNS: ReadonlyArray<Column<Window>> = [
	{
		id: 'window',
		head: 'Window',
		cell: ({ from, until }) => (
			<>
				<Time at={from} />
				<div class="soft">
					until <Time at={until} />
				</div>
			</>
		),
	},
	{ id: 'watch', head: 'Watch', cell: ({ watch }) => watchLabel(watch) },
	{
		id: 'verdict',
		head: 'Verdict',
		help: 'Whether that is an alarm is decided over all windows so far, so that many columns and many looks raise no false ones.',
		cell: ({ verdict }) => <Badge tone={VERDICT_WORDS[verdict][1]}>{VERDICT_WORDS[verdict][0]}</Badge>,
	},
	{ id: 'rows', head: 'Answers', numeric: true, cell: ({ rows }) => count(rows) },
	{
		id: 'summary',
		head: 'What was found',
		wide: true,
		cell: ({ summary, findings, watch }) => (
			<>
				<span class="name" dir="auto">
					{summary}
				</span>
				{findings.slice(0, 5).map(({ about, segment, value, reference, unit }) => (
					<div class="soft" key={`${about} ${segment ?? ''}`}>
						<span class="name" dir="auto">
							{aboutText(about, watch)}
							{segment === undefined ? '' : ` (${segment})`}
						</span>
						: {valueText(value, unit)}
						{reference === undefined || reference === null ? '' : `, usually ${valueText(reference, unit)}`}
					</div>
				))}
			</>
		),
	},
];

/** The windows that show an incident, and those since then that do not. */
export const Evidence = ({ shown: { evidence } }: { shown: Shown }) => (
	<Card title="What shows it" lead="Windows since it began, the latest first." flush={evidence.length > 0}>
		{evidence.length > 0 ? (
			<Table label="Windows" columns={COLUMNS} entries={evidence} keyOf={({ monitor, from }) => `${monitor} ${from}`} />
		) : (
			<Empty title="Its windows are not kept any more" />
		)}
	</Card>
);
