import { useEffect, useMemo, useState } from 'preact/hooks';
import type { models } from '../../../server/console/routes/modelRoutes.js';
import type { traffic } from '../../../server/console/routes/trafficRoutes.js';
import { Card } from '../../components/Card.js';
import { Chart } from '../../components/Chart.js';
import { lines, type Line } from '../../components/charts/chartOptions.js';
import { Empty } from '../../components/Empty.js';
import { Failure } from '../../components/Failure.js';
import { Field } from '../../components/Field.js';
import { Figure } from '../../components/Figure.js';
import { Skeleton } from '../../components/Skeleton.js';
import { momentText } from '../../components/Time.js';
import { View } from '../../components/View.js';
import type { AnswerOf } from '../../data/api.js';
import { count, duration, number, percent } from '../../data/inWords.js';
import { useLive } from '../../data/live.js';
import { pathTo } from '../../router/place.js';
import { useQuery } from '../../router/router.js';
import { Rollouts } from './Rollouts.js';

type Traffic = AnswerOf<typeof traffic>;
type Group = Traffic['groups'][number];

/** What is shown, in minutes: how long, and how much is put together. */
const SPANS = {
	hour: { label: 'Last hour', minutes: 60, step: 1 },
	day: { label: 'Last 24 hours', minutes: 1_440, step: 15 },
	week: { label: 'Last 7 days', minutes: 10_080, step: 60 },
	month: { label: 'Last 30 days', minutes: 43_200, step: 180 },
	quarter: { label: 'Last 90 days', minutes: 129_600, step: 720 },
} as const;
const BY = { version: 'Version', arm: 'Arm of a rollout', door: 'Protocol', all: 'All together' } as const;
const RENEW_MS = 15_000;

/** What the models answer: how much, how fast, how often they fail; and the rollouts. */
export function Serving() {
	const list = useLive<AnswerOf<typeof models>>('/models?limit=200');
	const [asked, choose] = useQuery('model');
	const names = list.data?.entries.map(({ name }) => name) ?? [];
	const busiest = [...(list.data?.entries ?? [])].sort((a, b) => b.traffic.answers - a.traffic.answers)[0]?.name;
	const model = asked || busiest;
	return (
		<View title="Serving" lead="What models answer, how fast, how often they fail, and how new versions are let in.">
			{list.loading && <Skeleton />}
			{list.error && !list.data && <Failure error={list.error} again={list.again} />}
			{list.data && !model && <Nothing />}
			{model && <TrafficOf model={model} names={names} choose={choose} />}
			{model && <Rollouts />}
		</View>
	);
}

const Nothing = () => (
	<Empty
		title="No model is served yet"
		steps={[
			'Train a model, and evaluate it ("MLOps Train", "MLOps Evaluate").',
			'Register it with "MLOps Deploy": it then answers as the champion of its name.',
			'Ask it: with "MLOps Predict" in n8n, or over HTTP. Its answers appear here within seconds.',
		]}
	/>
);

function TrafficOf({ model, names, choose }: { model: string; names: readonly string[]; choose: (model: string) => void }) {
	const [span, setSpan] = useQuery('span', 'day');
	const [by, setBy] = useQuery('by', 'version');
	const [now, setNow] = useState(Date.now());
	useEffect(() => {
		const timer = setInterval(() => setNow(Date.now()), RENEW_MS);
		return () => clearInterval(timer);
	}, []);
	const { minutes, step } = Object.hasOwn(SPANS, span) ? SPANS[span as keyof typeof SPANS] : SPANS.day;
	const until = useMemo(() => new Date(Math.ceil(now / 60_000) * 60_000).toISOString(), [Math.ceil(now / 60_000), span]);
	const since = new Date(Date.parse(until) - minutes * 60_000).toISOString();
	const path = pathTo('/models/:model/traffic', { model }, { since, until, step, by: Object.hasOwn(BY, by) ? by : 'version' });
	const { data: newest, error, again } = useLive<Traffic>(path, RENEW_MS);
	// While the next minute is asked for, the one before stays.
	const [shown, show] = useState<{ model: string; data: Traffic }>();
	useEffect(() => {
		if (newest) show({ model, data: newest });
	}, [newest]);
	const data = newest ?? (shown?.model === model ? shown.data : undefined);
	return (
		<Card title="Traffic">
			<div class="filters">
				<Field label="Model">
					{(props) => (
						<select {...props} value={model} onChange={(event) => choose(event.currentTarget.value)}>
							{(names.includes(model) ? names : [model, ...names]).map((name) => (
								<option key={name} value={name}>
									{name}
								</option>
							))}
						</select>
					)}
				</Field>
				<Pick label="Time" value={span} set={setSpan} options={Object.entries(SPANS).map(([id, { label }]) => [id, label])} />
				<Pick label="Apart by" value={by} set={setBy} options={Object.entries(BY)} />
			</div>
			{!data && !error && <Skeleton />}
			{error && !data && <Failure error={error} again={again} />}
			{data && <Figures data={data} />}
			{data && data.total.answers === 0 && <p class="soft">Nobody asked this model in that time.</p>}
			{data && data.total.answers > 0 && <Charts data={data} by={by} />}
		</Card>
	);
}

const Pick = ({
	label,
	value,
	set,
	options,
}: {
	label: string;
	value: string;
	set: (value: string) => void;
	options: ReadonlyArray<readonly [string, string]>;
}) => (
	<Field label={label}>
		{(props) => (
			<select {...props} value={value} onChange={(event) => set(event.currentTarget.value)}>
				{options.map(([id, words]) => (
					<option key={id} value={id}>
						{words}
					</option>
				))}
			</select>
		)}
	</Field>
);

function Figures({ data: { total } }: { data: Traffic }) {
	const rate = total.answers > 0 ? total.errors / total.answers : undefined;
	return (
		<div class="figures">
			<Figure label="Answers" value={count(total.answers)} help="Rows that were asked about, those that had no answer among them." />
			<Figure
				label="Errors"
				value={percent(rate, 2)}
				note={`${count(total.errors)} of ${count(total.answers)}`}
				help="Share of the rows that had no answer: a column was missing, a value could not be read, or the model failed."
				tone={rate !== undefined && rate > 0.05 ? 'bad' : undefined}
			/>
			<Figure
				label="Median time"
				value={duration(total.ms?.p50)}
				note={`99 % within ${duration(total.ms?.p99)}`}
				help="From a request to its answer, within the server. Counted in steps of 19 %, so a figure is within 9 % of the true one."
			/>
			<Figure
				label="With a warning"
				value={count(total.warnings)}
				help="Answers about values that the model has not seen in training: unknown categories, numbers far outside."
			/>
			{total.unlogged > 0 && (
				<Figure
					label="Not logged"
					value={count(total.unlogged)}
					tone="warn"
					help="Answers that were given but could not be written down."
				/>
			)}
		</div>
	);
}

const called = ({ name }: Group, by: string): string =>
	name === null ? (by === 'all' ? 'All' : 'Not said') : by === 'version' ? `Version ${name}` : name;

function Charts({ data, by }: { data: Traffic; by: string }) {
	const times = useMemo(() => timesOf(data), [data]);
	const drawn = (value: (step: Group['steps'][number]) => number | null, nothing: number | null): Line[] =>
		data.groups.map((group) => {
			const at = new Map(group.steps.map((step) => [Date.parse(step.at), step]));
			return { name: called(group, by), points: times.map((t) => [t, at.has(t) ? value(at.get(t)!) : nothing] as const) };
		});
	const answers = useMemo(() => drawn((step) => step.answers, 0), [data, by]);
	const errors = useMemo(() => drawn((step) => (step.answers ? step.errors / step.answers : null), null), [data, by]);
	const p99 = useMemo(() => drawn((step) => step.ms?.p99 ?? null, null), [data, by]);
	const every =
		data.step === 1 ? 'minute' : data.step < 60 ? `${data.step} minutes` : data.step === 60 ? 'hour' : `${data.step / 60} hours`;
	return (
		<div class="charts">
			<Series title="Answers" label={`Answers of each ${every}`} unit={`answers / ${every}`} drawn={answers} format={count} />
			<Series
				title="Errors"
				label={`Share of answers that failed, of each ${every}`}
				drawn={errors}
				format={(share) => percent(share, 2)}
			/>
			<Series
				title="Time to answer (99 % within)"
				label={`Time within which 99 % were answered, of each ${every}`}
				drawn={p99}
				format={duration}
			/>
		</div>
	);
}

/** All steps from the first to the last, those without an answer too, so that silence is seen. */
function timesOf({ since, until, step }: Traffic): number[] {
	const size = step * 60_000;
	const times: number[] = [];
	for (let t = Math.floor(Date.parse(since) / size) * size; t < Date.parse(until); t += size) times.push(t);
	return times;
}

function Series({
	title,
	label,
	unit,
	drawn,
	format,
}: {
	title: string;
	label: string;
	unit?: string;
	drawn: Line[];
	format: (value: number) => string;
}) {
	const option = useMemo(() => lines({ x: 'time', unit, lines: drawn, fromZero: true, format }), [drawn, unit]);
	return (
		<section>
			<h3>{title}</h3>
			<Chart
				label={label}
				option={option}
				height={220}
				table={() => ({
					head: ['Time', ...drawn.map(({ name }) => name)],
					rows: drawn[0].points.map(([at], i) => [
						momentText(new Date(at)),
						...drawn.map(({ points }) => (points[i][1] === null ? number(undefined) : format(points[i][1]))),
					]),
				})}
			/>
		</section>
	);
}
