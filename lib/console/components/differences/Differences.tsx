import type { z } from 'zod/v4';
import type { differenceOf } from '../../../server/console/routes/differenceSchemas.js';
import { many, number } from '../../data/inWords.js';
import { pathTo } from '../../router/place.js';
import { Link } from '../../router/router.js';
import { Badge } from '../Badge.js';
import { Card } from '../Card.js';
import { Name } from '../Name.js';
import { Table } from '../Table.js';
import { Term } from '../Term.js';
import { Step, valueText } from './Step.js';

type Found = z.output<typeof differenceOf>;
const CHANGES = { same: 'neutral', changed: 'warn', added: 'good', removed: 'bad' } as const;

/** What differs between two trainings: metrics of the validation rows, settings, parameters, data, and the recipe step by step. */
export function Differences({ found, a, b }: { found: Found; a: string; b: string }) {
	const { metrics, settings, params, recipe, datasets } = found;
	const changed = recipe.filter(({ change }) => change !== 'same').length;
	return (
		<>
			{metrics.length > 0 && (
				<Card flush title="While training" lead="Metrics of the validation rows, by which the training itself was steered.">
					<Table
						label={`Validation metrics of ${a} and ${b}`}
						entries={metrics}
						keyOf={({ metric }) => metric}
						columns={[
							{ id: 'metric', head: 'Metric', cell: ({ metric }) => <Term kind="metrics" id={metric} help /> },
							{ id: 'a', head: a, numeric: true, cell: (one) => number(one.a) },
							{ id: 'b', head: b, numeric: true, cell: (one) => number(one.b) },
							{ id: 'difference', head: 'Difference', numeric: true, cell: ({ difference }) => number(difference) },
							{ id: 'better', head: 'Better', cell: ({ better }) => (better === 'a' ? a : better === 'b' ? b : better ? 'alike' : '–') },
						]}
					/>
				</Card>
			)}
			<Values title="Parameters" none="Both learned with the same parameters." found={[...settings, ...params]} a={a} b={b} />
			<Card title="Data" lead={datasets.columns.length ? undefined : 'Both were trained on the same columns.'}>
				<p>
					{a}: <DatasetLink dataset={datasets.a} />
				</p>
				<p>
					{b}: <DatasetLink dataset={datasets.b} />
				</p>
				<ColumnChanges columns={datasets.columns} />
			</Card>
			<Card
				title="Recipe"
				lead={
					recipe.length === 0
						? 'Neither prepares its rows in any way.'
						: changed
							? `${many(changed, 'step')} of ${recipe.length} ${changed === 1 ? 'is' : 'are'} not the same.`
							: 'Both prepare their rows alike.'
				}
			>
				<ol class="steps">
					{recipe.map(({ change, a: ours, b: theirs }, i) => (
						<li key={i}>
							<Badge tone={CHANGES[change]}>{change}</Badge>{' '}
							{change === 'changed' ? (
								<>
									<Step step={ours!} /> <span class="soft">became</span> <Step step={theirs!} />
								</>
							) : (
								<Step step={(ours ?? theirs)!} />
							)}
						</li>
					))}
				</ol>
			</Card>
		</>
	);
}

function DatasetLink({ dataset }: { dataset: Found['datasets']['a'] }) {
	if (!dataset) return <span class="soft">not known here</span>;
	const { name, version, rows } = dataset;
	return (
		<>
			<Link to={pathTo('/datasets/:name/:version', { name, version })}>
				<Name>{name}</Name> version {version}
			</Link>
			, {many(rows, 'row')}
		</>
	);
}

/** Columns that came, went, or are something else now. */
export const ColumnChanges = ({ columns }: { columns: Found['datasets']['columns'] }) =>
	columns.length ? (
		<ul class="plain-list">
			{columns.map(({ name, change, a, b }) => (
				<li key={name}>
					<Badge tone={CHANGES[change]}>{change}</Badge> <Name>{name}</Name>{' '}
					<span class="soft">{[a, b].flatMap((one) => (one ? [`${one.type}, ${one.role}`] : [])).join(' → ')}</span>
				</li>
			))}
		</ul>
	) : null;

function Values({ title, none, found, a, b }: { title: string; none: string; found: Found['params']; a: string; b: string }) {
	if (found.length === 0) return <Card title={title}>{none}</Card>;
	return (
		<Card flush title={title} lead="Only what differs.">
			<Table
				label={`${title} that differ`}
				entries={found}
				keyOf={({ name }) => name}
				columns={[
					{ id: 'name', head: 'Name', cell: ({ name }) => <Name>{name}</Name> },
					{ id: 'a', head: a, wide: true, cell: (one) => <Name>{valueText(one.a)}</Name> },
					{ id: 'b', head: b, wide: true, cell: (one) => <Name>{valueText(one.b)}</Name> },
				]}
			/>
		</Card>
	);
}
