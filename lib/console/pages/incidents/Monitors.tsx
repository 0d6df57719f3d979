import type { monitors } from '../../../server/console/routes/monitorRoutes.js';
import { Badge } from '../../components/Badge.js';
import { Button } from '../../components/Button.js';
import { Card } from '../../components/Card.js';
import { Empty } from '../../components/Empty.js';
import { Failure } from '../../components/Failure.js';
import { Skeleton } from '../../components/Skeleton.js';
import { Table, type Column } from '../../components/Table.js';
import { Time } from '../../components/Time.js';
import { toast, toastError } from '../../components/Toast.js';
import { api, type EntryOf } from '../../data/api.js';
import { number } from '../../data/inWords.js';
import { usePaged } from '../../data/live.js';
import { useMay } from '../../data/myself.js';
import { pathTo } from '../../router/place.js';
import { VERDICT_WORDS, watchLabel } from './incidentWords.js';

type Entry = EntryOf<typeof monitors>;

const LOOKS: ReadonlyArray<Column<Entry>> = [
	{
		id: 'model',
		head: 'Model',
		by: ({ model }) => model,
		cell: ({ model, alias }) => (
			<>
				<span class="name" dir="auto">
					{model}
				</span>
				<div class="soft">{alias}</div>
			</>
		),
	},
	{ id: 'watch', head: 'Watches', by: ({ watch }) => watchLabel(watch), cell: ({ watch }) => watchLabel(watch) },
	{
		id: 'last',
		head: 'Found last',
		wide: true,
		cell: ({ last, state }) =>
			last ? (
				<>
					<Badge tone={VERDICT_WORDS[last.verdict][1]}>{VERDICT_WORDS[last.verdict][0]}</Badge>{' '}
					<span class="name" dir="auto">
						{last.summary}
					</span>
					<div class="soft">
						until <Time at={last.until} />
					</div>
				</>
			) : (
				<span class="soft">{state === 'active' ? 'Its first window has not closed yet.' : 'Nothing.'}</span>
			),
	},
	{
		id: 'window',
		head: 'Window',
		help: 'Answers are looked at in windows of time or of so many rows, each once, after it has closed. Days begin at midnight, UTC.',
		cell: ({ window }) => (window.by === 'time' ? `${number(window.hours)} h` : `${number(window.rows)} rows`),
	},
	{
		id: 'falseAlarms',
		head: 'False alarms',
		numeric: true,
		help: 'How many a year may be had while nothing is the matter, over all columns and looks of this monitor together.',
		cell: ({ falseAlarmsAYear }) => `${number(falseAlarmsAYear)} a year`,
	},
];

/** What is watched, and how that can be stopped for a while or for good. */
export function Monitors() {
	const list = usePaged<Entry>('/monitors', 15_000);
	const may = useMay('operator');
	const turn = async ({ id, version }: Entry, state: Entry['state'], words: string): Promise<void> => {
		try {
			await api.post(pathTo('/monitors/:monitor', { monitor: id }), { state, version });
			toast(`${id} ${words}.`);
		} catch (error) {
			toastError(error);
		}
		list.again();
	};
	const off = may ? false : 'This takes the role operator';
	const columns: ReadonlyArray<Column<Entry>> = [
		...LOOKS,
		{
			id: 'acts',
			head: 'Change',
			cell: (entry) => (
				<span class="row">
					{entry.state === 'active' ? (
						<Button small disabled={off} label={`Pause ${entry.id}`} onClick={async () => await turn(entry, 'paused', 'is paused')}>
							Pause
						</Button>
					) : (
						<Button small disabled={off} label={`Resume ${entry.id}`} onClick={async () => await turn(entry, 'active', 'looks again')}>
							Resume
						</Button>
					)}
					<Button
						small
						look="danger"
						disabled={off}
						label={`End ${entry.id}`}
						onClick={async () => await turn(entry, 'ended', 'has ended')}
					>
						End
					</Button>
				</span>
			),
		},
	];
	return (
		<>
			{list.error && <Failure error={list.error} again={list.again} />}
			{list.loading && <Skeleton label="Asking for monitors" />}
			{list.entries?.length === 0 && (
				<Empty
					title="Nothing is watched yet"
					steps={[
						<>
							Type <code>mlops watch on MODEL</code>, or use <strong>MLOps Deploy</strong> with the operation <em>Watch Model</em>.
						</>,
					]}
				/>
			)}
			{list.entries && list.entries.length > 0 && (
				<Card flush>
					<Table
						label="Monitors"
						columns={columns}
						entries={list.entries}
						keyOf={({ id }) => id}
						more={list.more}
						loadingMore={list.loadingMore}
						total={list.total}
					/>
				</Card>
			)}
		</>
	);
}
