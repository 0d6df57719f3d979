import type { overview } from '../../../server/console/routes/overviewRoutes.js';
import { Card } from '../../components/Card.js';
import { Failure } from '../../components/Failure.js';
import { Figure } from '../../components/Figure.js';
import { Skeleton } from '../../components/Skeleton.js';
import { Time } from '../../components/Time.js';
import { View } from '../../components/View.js';
import type { AnswerOf } from '../../data/api.js';
import { bytes, count } from '../../data/inWords.js';
import { useLive } from '../../data/live.js';
import { Champions } from './Champions.js';
import { FirstSteps } from './FirstSteps.js';
import { NeedsYou } from './NeedsYou.js';
import { RunningNow } from './RunningNow.js';

export type Known = AnswerOf<typeof overview>;

/** What needs whoever looks, in plain words; then how the champions do, what runs, and the server. */
export function Overview() {
	const { data, error, again } = useLive<Known>('/overview', 10_000);
	return (
		<View title="Overview" lead="What needs you, how the models do that answer now, and what runs.">
			{error && <Failure error={error} again={again} />}
			{!data && !error && <Skeleton label="Asking how things are" />}
			{data && (
				<>
					{data.counts.champions === 0 ? <FirstSteps known={data} /> : <NeedsYou known={data} />}
					<RunningNow known={data} />
					{data.champions.length > 0 && <Champions known={data} />}
					<Health known={data} />
				</>
			)}
		</View>
	);
}

function Health({ known: { server, counts } }: { known: Known }) {
	const { version, startedAt, storeAway, listeners, restarts, memory, logLost } = server;
	return (
		<Card title="This server">
			<div class="figures">
				<Figure
					label="Store"
					value={storeAway ? 'away' : 'there'}
					tone={storeAway ? 'bad' : undefined}
					note={
						storeAway
							? 'Models in memory go on answering'
							: `${count(counts.datasets)} datasets, ${count(counts.runs)} trainings, ${count(counts.models)} models`
					}
					help="Where everything is kept. While it is away, what is in memory answers; nothing new is seen."
				/>
				<Figure
					label="Answers' log"
					value={logLost === undefined ? 'off' : logLost ? `${count(logLost)} lost` : 'whole'}
					tone={logLost ? 'warn' : undefined}
					note={logLost === undefined ? 'Nothing is written down, so nothing can be watched' : 'since the start'}
					help="Each answer is written down, so that quality and drift can be told later. Lines are lost when the disk cannot keep up."
				/>
				<Figure
					label="Listeners"
					value={count(listeners)}
					unit="threads"
					tone={restarts ? 'warn' : undefined}
					note={restarts ? `${count(restarts)} were started again` : 'none had to be started again'}
					help="Threads that answer requests. One that fails is started again by itself."
				/>
				<Figure label="Memory" value={bytes(memory)} help="What the server's process holds, all models in memory included." />
				<Figure label="Up since" value={<Time at={startedAt} relative />} note={`n8n-nodes-mlops ${version}`} />
			</div>
		</Card>
	);
}
