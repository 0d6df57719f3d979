import { useState } from 'preact/hooks';
import type { stopTraining, trainings } from '../../../server/console/routes/trainingRoutes.js';
import { Badge } from '../../components/Badge.js';
import { Button } from '../../components/Button.js';
import { Card } from '../../components/Card.js';
import { Dialog } from '../../components/Dialog.js';
import { Failure } from '../../components/Failure.js';
import { Field } from '../../components/Field.js';
import { Figure } from '../../components/Figure.js';
import { Skeleton } from '../../components/Skeleton.js';
import { Time } from '../../components/Time.js';
import { toast, toastError } from '../../components/Toast.js';
import { api, type AnswerOf, type EntryOf } from '../../data/api.js';
import { duration, number, percent } from '../../data/inWords.js';
import { useLive } from '../../data/live.js';
import { useMay } from '../../data/myself.js';
import { own } from '../../data/own.js';
import { pathTo } from '../../router/place.js';
import { Link } from '../../router/router.js';
import { Curve } from './Curve.js';
import { Leaderboard } from './Leaderboard.js';

type Job = EntryOf<typeof trainings>;

/** What the work is called. */
const JOBS: Readonly<Record<string, string>> = {
	train: 'Training',
	evaluate: 'Evaluating',
	ingest: 'Reading data',
	prepare: 'Trying steps',
	predict: 'Predicting',
	monitor: 'Looking for drift',
	lookOver: 'Looking over a model',
	importModel: 'Importing a model',
	exportModel: 'Exporting a model',
	verify: 'Verifying the store',
};
const wordsOf = (job: string): string => own(JOBS, job) ?? job;

/** What runs now, looked at every two seconds. */
export function Running() {
	const { data, error, loading, again } = useLive<AnswerOf<typeof trainings>>('/trainings', 2_000);
	return (
		<Card title="Running now" lead="Whoever started it: n8n, the command line, or a server of this store.">
			{loading && <Skeleton />}
			{error && !data && <Failure error={error} again={again} />}
			{data?.entries.length === 0 && <p class="soft">Nothing runs at the moment. What starts appears here within seconds.</p>}
			{data?.entries.map((job) => (
				<Running1 key={job.id} job={job} again={again} />
			))}
		</Card>
	);
}

function Running1({ job, again }: { job: Job; again: () => void }) {
	const { about, share, secondsLeft, stage, metric, curve, leaderboard, state, wish } = job;
	const name = about.model ?? about.dataset?.name;
	const title = `${wordsOf(job.job)}${name ? ` ${name}` : ''}`;
	return (
		<article class="running" aria-label={title}>
			<div class="card-head">
				<div>
					<h3>
						{wordsOf(job.job)}{' '}
						{name && (
							<span class="name" dir="auto">
								{name}
							</span>
						)}{' '}
						{state === 'lost' && <Badge tone="bad">Lost</Badge>}
						{wish && <Badge tone="warn">{wish.how === 'stop' ? 'Is told to stop' : 'Is told to end with the best'}</Badge>}
					</h3>
					<About job={job} />
				</div>
				<Stop job={job} title={title} again={again} />
			</div>
			{state === 'lost' && (
				<p>
					Nothing was heard of its process since <Time at={job.at} />. It ended, or cannot reach the store. Start it again where it was
					started.
				</p>
			)}
			<progress max={1} value={share} aria-label={`Share of "${title}" that is done`}>
				{percent(share)}
			</progress>
			<div class="figures">
				<Figure label="Stage" value={stage ?? 'Waiting to begin'} />
				<Figure label="Done" value={percent(share, 0)} help="By the work that is known so far; early stopping may end it sooner." />
				<Figure
					label="Time left"
					value={secondsLeft === undefined ? '–' : duration(secondsLeft * 1_000)}
					help="At the pace of the present stage."
				/>
				{metric && <Figure label={metric.name} value={number(metric.value)} note="so far, on validation rows" />}
			</div>
			{curve && curve.points.length > 1 && <Curve metric={curve.metric} points={curve.points} />}
			{leaderboard && leaderboard.length > 0 && <Leaderboard rows={leaderboard} primary={metric?.name} />}
		</article>
	);
}

const About = ({ job: { about, by, origin, startedAt } }: { job: Job }) => (
	<p class="soft">
		{about.dataset?.name && (
			<>
				on{' '}
				<span class="name" dir="auto">
					{about.dataset.name}
				</span>
				{about.dataset.version === undefined ? '' : ` version ${about.dataset.version}`},{' '}
			</>
		)}
		{about.learner && `${about.learner}, `}
		started <Time at={startedAt} relative /> by{' '}
		<span class="name" dir="auto">
			{by}
		</span>
		{origin?.url && (
			<>
				{', '}
				<a href={/^https?:/.test(origin.url) ? origin.url : undefined} target="_blank" rel="noreferrer">
					open its execution in n8n
				</a>
			</>
		)}
	</p>
);

function Stop({ job, title, again }: { job: Job; title: string; again: () => void }) {
	const may = useMay('operator');
	const [asked, ask] = useState<'stop' | 'keepBest'>();
	const [reason, setReason] = useState('');
	const off = !may
		? 'This takes the role operator'
		: job.state === 'lost'
			? 'Its process is gone'
			: job.wish
				? 'It was told already'
				: false;
	const send = async (): Promise<void> => {
		try {
			await api.post<AnswerOf<typeof stopTraining>>(pathTo('/trainings/:job/stop', { job: job.id }), {
				how: asked,
				...(reason.trim() ? { reason: reason.trim() } : {}),
			});
			toast(asked === 'stop' ? 'It was told to stop.' : 'It was told to end with the best that it has.');
			again();
		} catch (error) {
			toastError(error);
		}
		ask(undefined);
	};
	return (
		<div class="actions">
			{job.keepsBest && (
				<Button onClick={() => ask('keepBest')} disabled={off} label={`Stop and keep the best: ${title}`}>
					Stop and keep the best
				</Button>
			)}
			<Button look="danger" onClick={() => ask('stop')} disabled={off} label={`Stop: ${title}`}>
				Stop
			</Button>
			{asked && (
				<Dialog title={asked === 'stop' ? `Stop "${title}"?` : `End "${title}" with the best so far?`} close={() => ask(undefined)}>
					<p>
						{asked === 'stop'
							? 'What it has done so far is lost. Whoever waits for it is told that it was stopped.'
							: 'The best model that it has by now is kept within a moment, and the workflow goes on with it.'}
					</p>
					<Field label="Reason, for the audit log (not needed)">
						{(props) => <input {...props} value={reason} maxLength={2000} onInput={(event) => setReason(event.currentTarget.value)} />}
					</Field>
					<div class="actions">
						<Button look={asked === 'stop' ? 'danger' : 'primary'} onClick={send}>
							{asked === 'stop' ? 'Stop it' : 'End it with the best'}
						</Button>
						<Button onClick={() => ask(undefined)}>Let it run</Button>
					</div>
				</Dialog>
			)}
		</div>
	);
}

export const ToTraining = ({ id, children }: { id: string; children: string }) => (
	<Link to={pathTo('/trainings/:run', { run: id })}>
		<span class="name" dir="auto">
			{children}
		</span>
	</Link>
);
