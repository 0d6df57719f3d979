import { useEffect } from 'preact/hooks';
import type { versionDifferences, versions } from '../../../server/console/routes/versionRoutes.js';
import { Card } from '../../components/Card.js';
import { Empty } from '../../components/Empty.js';
import { Failure } from '../../components/Failure.js';
import { Field } from '../../components/Field.js';
import { Skeleton } from '../../components/Skeleton.js';
import type { AnswerOf, EntryOf } from '../../data/api.js';
import { useLive, usePaged } from '../../data/live.js';
import { pathTo } from '../../router/place.js';
import { useQuery } from '../../router/router.js';
import { Differences } from '../../components/differences/Differences.js';
import { Evaluated } from './Evaluated.js';
import type { Known } from './Model.js';

/** Any two versions side by side; both stand in the address. */
export function Compare({ known: { name, champion, newest, versions: count } }: { known: Known }) {
	const list = usePaged<EntryOf<typeof versions>>(pathTo('/models/:name/versions', { name }, { limit: 200 }));
	const first = champion && champion.version !== newest.version ? champion.version : Math.max(newest.version - 1, 1);
	const [a, setA] = useQuery('a', String(first));
	const [b, setB] = useQuery('b', String(newest.version));
	const both = useLive<AnswerOf<typeof versionDifferences>>(
		a !== b ? pathTo('/models/:name/versions/:a/differences/:b', { name, a, b }) : undefined,
	);
	useEffect(() => {
		if (list.entries && list.more && !list.loadingMore) list.more();
	}, [list.entries?.length]);
	if (count < 2)
		return (
			<Empty title="There is one version alone">
				<p>Once Deploy has registered another, the two can be compared here: metrics, parameters, data and recipe.</p>
			</Empty>
		);
	const choice = (label: string, value: string, choose: (value: string) => void) => (
		<Field label={label}>
			{(props) => (
				<select {...props} value={value} onChange={({ currentTarget }) => choose(currentTarget.value)}>
					{(list.entries ?? []).map(({ version, aliases }) => (
						<option key={version} value={String(version)} selected={String(version) === value}>
							{`Version ${version}${aliases.length ? ` (${aliases.join(', ')})` : ''}`}
						</option>
					))}
				</select>
			)}
		</Field>
	);
	return (
		<>
			<Card>
				<div class="filters">
					{choice('First', a, setA)}
					{choice('Second', b, setB)}
				</div>
			</Card>
			{a === b && <Empty title="Choose two different versions" />}
			{both.error && <Failure error={both.error} again={both.again} />}
			{a !== b && both.loading && <Skeleton label="Comparing" />}
			{both.data && (
				<>
					<Evaluated found={both.data} a={`Version ${a}`} b={`Version ${b}`} />
					<Differences found={both.data} a={`Version ${a}`} b={`Version ${b}`} />
				</>
			)}
		</>
	);
}
