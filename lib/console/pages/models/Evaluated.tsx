import type { versionDifferences } from '../../../server/console/routes/versionRoutes.js';
import { Badge } from '../../components/Badge.js';
import { Card } from '../../components/Card.js';
import { Empty } from '../../components/Empty.js';
import { Name } from '../../components/Name.js';
import { Table } from '../../components/Table.js';
import { Term } from '../../components/Term.js';
import type { AnswerOf } from '../../data/api.js';
import { count, number } from '../../data/inWords.js';

type Found = AnswerOf<typeof versionDifferences>;
type Interval = Found['evaluated'][number]['a'];

const Estimate = ({ value }: { value: Interval }) =>
	value ? (
		<>
			{number(value.value)}
			<div class="soft small">
				{number(value.low)} to {number(value.high)}
			</div>
		</>
	) : (
		<span class="soft">–</span>
	);

/** Metrics of two versions' newest evaluations, with what a test on the same rows says where there was one. */
export function Evaluated({ found: { evaluated, sameRows, comparisons }, a, b }: { found: Found; a: string; b: string }) {
	if (evaluated.length === 0)
		return (
			<Card title="Metrics">
				<Empty title="Neither was evaluated">
					<p>Evaluate tells how good a model is on rows that it has not seen.</p>
				</Empty>
			</Card>
		);
	return (
		<Card
			flush
			title="Metrics"
			lead={
				sameRows
					? 'Of the newest evaluation of each, on the same rows.'
					: 'Of the newest evaluation of each, on different rows: part of a difference may come from those.'
			}
		>
			<Table
				label={`Metrics of ${a} and ${b}`}
				entries={evaluated}
				keyOf={({ metric }) => metric}
				columns={[
					{ id: 'metric', head: 'Metric', cell: ({ metric }) => <Term kind="metrics" id={metric} help /> },
					{ id: 'a', head: a, numeric: true, cell: ({ a: ours }) => <Estimate value={ours} /> },
					{ id: 'b', head: b, numeric: true, cell: ({ b: theirs }) => <Estimate value={theirs} /> },
					{ id: 'difference', head: 'Difference', numeric: true, help: `${b} minus ${a}.`, cell: ({ difference }) => number(difference) },
					{
						id: 'better',
						head: 'Better',
						cell: ({ better }) => (better === 'a' ? a : better === 'b' ? b : better === 'same' ? 'alike' : '–'),
					},
				]}
			/>
			{comparisons.map(({ against, metric, difference, pValue, rows, test, seenUnknown }) => (
				<p key={`${against} ${metric}`} class="card-note">
					<Badge tone={difference.low > 0 ? 'good' : difference.high < 0 ? 'bad' : 'neutral'}>
						{difference.low > 0 || difference.high < 0 ? 'not by chance' : 'may be chance'}
					</Badge>{' '}
					<Term kind="metrics" id={metric} /> against <Name>{against}</Name> on {count(rows)} rows: {number(difference.value)} (
					{number(difference.low)} to {number(difference.high)}; positive is better), p = {number(pValue, 2)} by {test}.
					{seenUnknown && ' Nobody can tell which of these rows the other one was trained on.'}
				</p>
			))}
		</Card>
	);
}
