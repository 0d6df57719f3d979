import type { dataset, datasetVersions } from '../../../server/console/routes/datasetRoutes.js';
import { Card } from '../../components/Card.js';
import { Failure } from '../../components/Failure.js';
import { Figure } from '../../components/Figure.js';
import { Lineage } from '../../components/lineage/Lineage.js';
import { Name } from '../../components/Name.js';
import { Skeleton } from '../../components/Skeleton.js';
import { Tabs } from '../../components/Tabs.js';
import { Term } from '../../components/Term.js';
import { Time } from '../../components/Time.js';
import { View } from '../../components/View.js';
import type { AnswerOf } from '../../data/api.js';
import { count, many, percent } from '../../data/inWords.js';
import { useLive } from '../../data/live.js';
import { pathTo } from '../../router/place.js';
import type { PageProps } from '../page.js';
import { Changes } from './Changes.js';
import { Checks } from './Checks.js';
import { Columns } from './Columns.js';
import { Quarantine } from './Quarantine.js';
import { DatasetVersions } from './DatasetVersions.js';

export type Known = AnswerOf<typeof dataset>;

/** One dataset: the version of the address, or the newest. */
export function Dataset({ params: { dataset: name, version: asked } }: PageProps) {
	const newest = useLive<AnswerOf<typeof datasetVersions>>(pathTo('/datasets/:name/versions', { name }, { limit: 1 }), 30_000);
	const version = asked ?? newest.data?.entries[0]?.version;
	const { data, error, again } = useLive<Known>(
		version === undefined ? undefined : pathTo('/datasets/:name/versions/:version', { name, version }),
	);
	const missing = newest.data?.entries.length === 0;
	const failure = newest.error ?? error;
	return (
		<View
			title={asked ? `${name}, version ${asked}` : name}
			heading={
				<>
					<Name>{name}</Name> {data && <span class="soft">version {data.version}</span>}
				</>
			}
			above={[['Datasets', '/datasets']]}
			lead={
				data && (
					<>
						<Name>{data.source.description}</Name>, read <Time at={data.createdAt} />
					</>
				)
			}
		>
			{failure && <Failure error={failure} again={again} />}
			{missing && !asked && <p>There is no dataset of this name in the store.</p>}
			{!data && !failure && !missing && <Skeleton label="Asking for the dataset" />}
			{data && <Shown known={data} newest={newest.data?.entries[0]?.version ?? data.version} />}
		</View>
	);
}

function Shown({ known, newest }: { known: Known; newest: number }) {
	const { rows, columns, target, task, quarantined, runs, profile, version } = known;
	return (
		<>
			<Card>
				<div class="figures">
					<Figure label="Rows" value={count(rows)} note={version < newest ? `Version ${newest} is the newest` : 'The newest version'} />
					<Figure label="Columns" value={count(columns)} />
					<Figure
						label="Target"
						value={target ? <Name>{target}</Name> : 'none'}
						note={task && <Term kind="tasks" id={task} />}
						help="The column that models learn to predict."
					/>
					<Figure
						label="To look at"
						value={profile ? many(profile.warnings.length, 'thing') : '–'}
						tone={profile?.warnings.length ? 'warn' : undefined}
						help="What the profile found that a person should look at before training: see Checks."
					/>
					<Figure
						label="Quarantined"
						value={count(quarantined)}
						unit="rows"
						tone={quarantined ? 'warn' : undefined}
						note={quarantined ? `${percent(quarantined / (rows + quarantined), 2)} of what came` : 'Every row could be read'}
						help="Rows that could not be read. They are kept apart with the reason, and no model learned from them."
					/>
					<Figure label="Trainings" value={count(runs)} help="How many trainings used this version." />
				</div>
			</Card>
			<Tabs
				label="About this dataset"
				tabs={[
					{ id: 'columns', label: 'Columns', content: () => <Columns known={known} /> },
					{ id: 'checks', label: 'Checks', content: () => <Checks known={known} /> },
					{ id: 'versions', label: 'Versions', content: () => <DatasetVersions known={known} /> },
					{ id: 'changes', label: 'What changed', content: () => <Changes known={known} newest={newest} /> },
					{ id: 'quarantine', label: 'Quarantine', content: () => <Quarantine known={known} /> },
					{
						id: 'lineage',
						label: 'Lineage',
						content: () => (
							<Card title="From source to answers" lead="Each box leads to its page.">
								<Lineage path={pathTo('/datasets/:name/versions/:version/lineage', { name: known.name, version })} here={known.id} />
							</Card>
						),
					},
				]}
			/>
		</>
	);
}
