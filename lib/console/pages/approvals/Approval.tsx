import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { approvalOf } from '../../../server/console/routes/approvalRoutes.js';
import { Card } from '../../components/Card.js';
import { Failure } from '../../components/Failure.js';
import { Field } from '../../components/Field.js';
import { Form } from '../../components/Form.js';
import { Skeleton } from '../../components/Skeleton.js';
import { Time } from '../../components/Time.js';
import { toast } from '../../components/Toast.js';
import { View } from '../../components/View.js';
import { api, type AnswerOf } from '../../data/api.js';
import { useLive } from '../../data/live.js';
import { isDark, onLook } from '../../data/look.js';
import { pathTo } from '../../router/place.js';
import type { PageProps } from '../page.js';
import { Status } from './Approvals.js';

type Detail = AnswerOf<typeof approvalOf>;

/** One request: the decision, and the page that approvers see behind their links. */
export function Approval({ params }: PageProps) {
	const path = pathTo('/approvals/:id', { id: params.id });
	const known = useLive<Detail>(path, 3_000);
	if (!known.data) return known.error ? <Failure error={known.error} again={known.again} /> : <Skeleton label="Loading the request" />;
	const { title } = known.data;
	return (
		<View
			title={title}
			heading={<span class="name">{title}</span>}
			above={[['Approvals', '/approvals']]}
			lead={known.data.model ? `About the model ${known.data.model}` : undefined}
		>
			<Decision approval={known.data} path={path} decided={known.again} />
			<Facts path={path} />
		</View>
	);
}

function Decision({ approval, path, decided }: { approval: Detail; path: string; decided: () => void }) {
	const [comment, setComment] = useState('');
	const decide = async (decision: 'approved' | 'rejected'): Promise<void> => {
		try {
			await api.post(`${path}/decision`, { decision, comment });
			toast(decision === 'approved' ? 'Approved.' : 'Rejected.');
		} finally {
			// Somebody else may have been first.
			decided();
		}
	};
	const open = approval.status === 'pending';
	return (
		<Card title="The decision" actions={<Status status={approval.status} />}>
			<dl class="facts">
				<dt>Asked</dt>
				<dd>
					<Time at={approval.createdAt} />
				</dd>
				<dt>Who may decide</dt>
				<dd>{approval.approvers.join(', ')}, and administrators</dd>
				{open && (
					<>
						<dt>Open until</dt>
						<dd>
							<Time at={approval.expiresAt} />
						</dd>
					</>
				)}
				{approval.decidedAt && (
					<>
						<dt>Decided</dt>
						<dd>
							{approval.decidedBy ?? 'nobody'}, <Time at={approval.decidedAt} seconds />
						</dd>
					</>
				)}
				{approval.comment && (
					<>
						<dt>Comment</dt>
						<dd class="name" dir="auto">
							{approval.comment}
						</dd>
					</>
				)}
				{approval.decidedAt && approval.status !== 'expired' && (
					<>
						<dt>The workflow</dt>
						<dd>
							<span role="status">{workflowText(approval)}</span>
						</dd>
					</>
				)}
			</dl>
			{open && !approval.mayDecide && <p class="soft">It was sent to others; one of them decides, or an administrator.</p>}
			{open && approval.mayDecide && (
				<div class="form">
					<Field label="Comment (optional)" hint="Kept with the decision, under your name">
						{(props) => (
							<textarea {...props} rows={3} maxLength={2000} value={comment} onInput={(event) => setComment(event.currentTarget.value)} />
						)}
					</Field>
					<div class="actions">
						<Form submit="Approve" send={async () => await decide('approved')} />
						<Form submit="Reject" look="danger" send={async () => await decide('rejected')} />
					</div>
					{!approval.reachable && (
						<p class="soft">
							An earlier version asked for this: the decision counts, but the workflow goes on only when somebody then opens an approver's
							link.
						</p>
					)}
				</div>
			)}
		</Card>
	);
}

function workflowText({ goesOn, reachable }: Detail): string {
	if (!goesOn) return reachable ? 'Went on by the link at which it was decided.' : 'Goes on when an approver opens the link once more.';
	if (goesOn.state === 'went_on') return 'n8n went on with it.';
	if (goesOn.state === 'given_up') return `It did not go on: ${goesOn.said ?? 'n8n was not reached.'}`;
	return goesOn.tries === 0 ? 'n8n is being told.' : `Not yet: ${goesOn.said ?? ''} It is tried again (${goesOn.tries} so far).`;
}

/** The page of the link, without its form. Nothing in it can run; it is as high as what it holds. */
function Facts({ path }: { path: string }) {
	const frame = useRef<HTMLIFrameElement>(null);
	const [dark, setDark] = useState(isDark());
	useLayoutEffect(() => onLook(() => setDark(isDark())), []);
	const fit = (): void => {
		const page = frame.current?.contentDocument?.documentElement;
		if (page) frame.current!.style.height = `${page.scrollHeight}px`;
	};
	useEffect(() => {
		const shrink = (): void => {
			frame.current!.style.height = '0';
			fit();
		};
		addEventListener('resize', shrink);
		return () => removeEventListener('resize', shrink);
	}, []);
	return (
		<iframe
			ref={frame}
			class="facts-page"
			title="What the decision is about: new model against the one in use, rules, charts"
			sandbox="allow-same-origin"
			src={`/api/v1${path}/page?look=${dark ? 'dark' : 'light'}`}
			onLoad={fit}
		/>
	);
}
