import type { verified } from '../../../server/console/routes/auditRoutes.js';
import { Badge } from '../../components/Badge.js';
import { Button } from '../../components/Button.js';
import { Card } from '../../components/Card.js';
import { Failure } from '../../components/Failure.js';
import { Time } from '../../components/Time.js';
import { toastError } from '../../components/Toast.js';
import { api, type AnswerOf } from '../../data/api.js';
import { count, percent } from '../../data/inWords.js';
import { useLive } from '../../data/live.js';
import { useMay } from '../../data/myself.js';

type Last = NonNullable<AnswerOf<typeof verified>['last']>;

const STATE = {
	running: ['Running', 'accent'],
	whole: ['Whole', 'good'],
	broken: ['Not as it was written', 'bad'],
	lost: ['Ended before it was done', 'warn'],
} as const;

/** Whether the store holds what was written to it, and how the check is getting along. */
export function Verification() {
	const known = useLive<AnswerOf<typeof verified>>('/audit/verification', 2_000);
	const may = useMay('operator');
	const last = known.data?.last;
	const begin = async (): Promise<void> => {
		try {
			await api.post('/audit/verification');
		} catch (thrown) {
			toastError(thrown);
		}
		known.again();
	};
	return (
		<Card
			title={<>Verification {last && <Badge tone={STATE[last.state][1]}>{STATE[last.state][0]}</Badge>}</>}
			lead="The chain of events one by one, each record, each file: whether all is as it was written."
			actions={
				<Button onClick={begin} disabled={may ? last?.state === 'running' : 'This takes the role operator'}>
					Verify now
				</Button>
			}
		>
			{known.error && !known.data && <Failure error={known.error} />}
			<div role="status">{known.data && (last ? <Said last={last} /> : <p class="soft">Nobody has verified this store here yet.</p>)}</div>
		</Card>
	);
}

function Said({ last }: { last: Last }) {
	const { state, by, startedAt, endedAt, stage, share, found, error } = last;
	if (state === 'running')
		return (
			<p>
				<progress aria-label="Share of the verification that is done" max={1} {...(share === undefined ? {} : { value: share })} />{' '}
				{stage ?? 'It begins.'} {share === undefined ? '' : percent(share, 0)}
			</p>
		);
	return (
		<>
			<p>
				<Time at={endedAt ?? startedAt} seconds />, for <span class="name">{by}</span>
				{found ? `: ${count(found.events)} events and ${count(found.records)} records are as they were written.` : ''}
			</p>
			{error && (
				<p>
					<strong>{error.message}</strong> <code>{error.code}</code>
				</p>
			)}
			{found?.exceptions?.map(({ about, text }) => (
				<p key={about} class="soft">
					{about}: {text}
				</p>
			))}
		</>
	);
}
