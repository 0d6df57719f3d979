import type { approvals } from '../../../server/console/routes/approvalRoutes.js';
import { Badge } from '../../components/Badge.js';
import { Empty } from '../../components/Empty.js';
import { Failure } from '../../components/Failure.js';
import { Skeleton } from '../../components/Skeleton.js';
import { Table } from '../../components/Table.js';
import { Tabs } from '../../components/Tabs.js';
import { Time } from '../../components/Time.js';
import { View } from '../../components/View.js';
import type { EntryOf } from '../../data/api.js';
import { pagesOf, usePaged } from '../../data/live.js';
import { pathTo } from '../../router/place.js';
import { Link } from '../../router/router.js';

type Entry = EntryOf<typeof approvals>;

const STATUS = {
	pending: ['Open', 'accent'],
	approved: ['Approved', 'good'],
	rejected: ['Rejected', 'bad'],
	expired: ['Ran out', 'neutral'],
	closed: ['Closed', 'neutral'],
} as const;

/** How a request stands, in a word. */
export function Status({ status }: { status: Entry['status'] }) {
	const [words, tone] = STATUS[status];
	return <Badge tone={tone}>{words}</Badge>;
}

const KINDS = [
	{ id: 'mine', label: 'Waiting for me', none: 'Nothing waits for you' },
	{ id: 'open', label: 'Open', none: 'Nothing is open' },
	{ id: 'decided', label: 'Decided', none: 'Nothing was decided yet' },
	{ id: 'all', label: 'All', none: 'Nobody has asked for an approval yet' },
] as const;

/** Requests for approval, and which of them wait for whoever looks. */
export const Approvals = () => (
	<View title="Approvals" lead="Models that may go live only when somebody says so. The first decision counts.">
		<Tabs
			label="Which requests"
			name="which"
			tabs={KINDS.map(({ id, label, none }) => ({ id, label, content: () => <List which={id} none={none} /> }))}
		/>
	</View>
);

function List({ which, none }: { which: string; none: string }) {
	const list = usePaged<Entry>(`/approvals?which=${which}`, 10_000);
	if (list.error && !list.entries) return <Failure error={list.error} again={list.again} />;
	if (!list.entries) return <Skeleton label="Loading requests" />;
	if (list.entries.length === 0)
		return (
			<Empty
				title={none}
				steps={[
					'In n8n, set MLOps Notify to "Ask for Approval", between Evaluate and Deploy.',
					'Name approvers by the e-mail addresses with which they sign in here, or choose "Ask the Accountable People".',
					'In Deploy, let an approval be required. What is asked then waits here, and at the link that each approver gets.',
				]}
			/>
		);
	return (
		<Table<Entry>
			label="Requests for approval"
			{...pagesOf(list)}
			keyOf={({ id }) => id}
			columns={[
				{
					id: 'title',
					head: 'Request',
					wide: true,
					cell: ({ id, title }) => (
						<Link to={pathTo('/approvals/:id', { id })}>
							<span class="name" dir="auto">
								{title}
							</span>
						</Link>
					),
				},
				{ id: 'model', head: 'Model', cell: ({ model }) => (model ? <span class="name">{model}</span> : '–') },
				{ id: 'status', head: 'Status', cell: ({ status }) => <Status status={status} /> },
				{ id: 'asked', head: 'Asked', cell: ({ createdAt }) => <Time at={createdAt} relative /> },
				{ id: 'until', head: 'Until', cell: ({ status, expiresAt }) => (status === 'pending' ? <Time at={expiresAt} relative /> : '–') },
				{ id: 'by', head: 'Decided by', cell: ({ decidedBy }) => (decidedBy ? <span class="name">{decidedBy}</span> : '–') },
			]}
		/>
	);
}
