import { useState } from 'preact/hooks';
import type { audit } from '../../../server/console/routes/auditRoutes.js';
import { Button } from '../../components/Button.js';
import { Card } from '../../components/Card.js';
import { Empty } from '../../components/Empty.js';
import { Failure } from '../../components/Failure.js';
import { Field } from '../../components/Field.js';
import { Skeleton } from '../../components/Skeleton.js';
import { Table } from '../../components/Table.js';
import { Time } from '../../components/Time.js';
import { toast, toastError } from '../../components/Toast.js';
import { View } from '../../components/View.js';
import type { EntryOf } from '../../data/api.js';
import { pagesOf, usePaged } from '../../data/live.js';
import { pathTo } from '../../router/place.js';
import { useQuery } from '../../router/router.js';
import { fetchAuditLog } from './fetchAuditLog.js';
import { Verification } from './Verification.js';
import { cutText } from '../../../domain/text.js';

type Event = EntryOf<typeof audit>;

/** What actions begin with, and what they are about. */
const KINDS = [
	['', 'Everything'],
	['alias.', 'Aliases: what went live'],
	['approval.', 'Approvals'],
	['rollout.', 'Rollouts'],
	['incident.', 'Incidents'],
	['monitor.', 'Monitors'],
	['person.', 'People'],
	['apiKey.', 'API keys'],
	['people.', "Models' people"],
	['policy.', 'Policies'],
	['model.', 'Models'],
	['run.', 'Trainings'],
	['dataset.', 'Datasets'],
	['store.', 'The store'],
] as const;

/** Behind the day that was chosen, in the reader's zone. */
const dayAfter = (day: string): string => {
	const at = new Date(`${day}T00:00`);
	at.setDate(at.getDate() + 1);
	return at.toISOString();
};

/** What happened, who did it, and when; whether the store still holds what was written. */
export function Audit() {
	const [actor, setActor] = useQuery('actor');
	const [action, setAction] = useQuery('action');
	const [subject, setSubject] = useQuery('subject');
	const [from, setFrom] = useQuery('from');
	const [until, setUntil] = useQuery('until');
	const filters = {
		actor,
		action,
		subject,
		from: from && new Date(`${from}T00:00`).toISOString(),
		until: until && dayAfter(until),
	};
	const keep = async (format: 'csv' | 'ndjson'): Promise<void> => {
		try {
			toast(`${await fetchAuditLog(filters, format)} events were exported.`);
		} catch (thrown) {
			toastError(thrown);
		}
	};
	return (
		<View
			title="Audit"
			lead={
				"What happened, who did it, and when. Each event's hash covers the one before, so that nothing can be taken out or put in " +
				'unseen.'
			}
			actions={
				<>
					<Button onClick={async () => await keep('csv')}>Export for a spreadsheet</Button>
					<Button onClick={async () => await keep('ndjson')}>Export with hashes</Button>
				</>
			}
		>
			<Verification />
			<div class="filters">
				<Filter label="Who" value={actor} set={setActor} />
				<Field label="What">
					{(props) => (
						<select {...props} value={action} onChange={(event) => setAction(event.currentTarget.value)}>
							{KINDS.map(([value, words]) => (
								<option key={value} value={value}>
									{words}
								</option>
							))}
						</select>
					)}
				</Field>
				<Filter label="About" value={subject} set={setSubject} />
				<Filter label="From" value={from} set={setFrom} type="date" />
				<Filter label="To" value={until} set={setUntil} type="date" />
			</div>
			<Events path={pathTo('/audit', {}, filters)} choose={(event) => setActor(event.actor)} />
		</View>
	);
}

/** Asked for when it is left or Enter is pressed, not at each letter. */
function Filter({
	label,
	value,
	set,
	type = 'text',
}: {
	label: string;
	value: string;
	set: (text: string) => void;
	type?: 'text' | 'date';
}) {
	return (
		<Field label={label}>
			{(props) =>
				type === 'date' ? (
					<input {...props} type="date" value={value} onChange={(event) => set(event.currentTarget.value)} />
				) : (
					<input {...props} value={value} onChange={(event) => set(event.currentTarget.value.trim())} />
				)
			}
		</Field>
	);
}

function Events({ path, choose }: { path: string; choose: (event: Event) => void }) {
	const list = usePaged<Event>(path, 15_000);
	const [open, setOpen] = useState<number>();
	if (list.error && !list.entries) return <Failure error={list.error} again={list.again} />;
	if (!list.entries) return <Skeleton label="Loading events" />;
	if (list.entries.length === 0)
		return (
			<Empty title="Nothing was found">
				<p>Nothing happened yet, or nothing that fits what is asked for above.</p>
			</Empty>
		);
	return (
		<Card flush>
			<Table<Event>
				label="Events"
				{...pagesOf(list)}
				keyOf={({ seq }) => seq}
				columns={[
					{ id: 'seq', head: 'No.', numeric: true, cell: ({ seq }) => seq },
					{ id: 'at', head: 'When', cell: ({ at }) => <Time at={at} seconds /> },
					{
						id: 'actor',
						head: 'Who',
						cell: (event) => (
							<Button small look="quiet" label={`Only what ${event.actor} did`} onClick={() => choose(event)}>
								<span class="name" dir="auto">
									{event.actor}
								</span>
							</Button>
						),
					},
					{
						id: 'what',
						head: 'What',
						wide: true,
						cell: ({ seq, action, subject, details }) => {
							const text = JSON.stringify(details, null, open === seq ? 2 : 0);
							const long = text.length > 120;
							return (
								<>
									<code>{action}</code>{' '}
									<span class="name" dir="auto">
										{subject}
									</span>
									<br />
									<span class={open === seq ? 'event-details whole' : 'event-details'} dir="auto">
										{long && open !== seq ? `${cutText(text, 120)}…` : text}
									</span>{' '}
									{(long || open === seq) && (
										<Button
											small
											look="quiet"
											label={open === seq ? `Less of event ${seq}` : `All of event ${seq}`}
											onClick={() => setOpen(open === seq ? undefined : seq)}
										>
											{open === seq ? 'Less' : 'All'}
										</Button>
									)}
								</>
							);
						},
					},
				]}
			/>
		</Card>
	);
}
