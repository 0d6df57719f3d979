import type { ComponentChildren } from 'preact';
import { Badge } from '../../components/Badge.js';
import { Card } from '../../components/Card.js';
import { Name } from '../../components/Name.js';
import { pathTo } from '../../router/place.js';
import { Link } from '../../router/router.js';
import type { Known } from './Overview.js';

/** From nothing to a model that answers: what was done already is ticked off, and the next step stands out. */
export function FirstSteps({ known: { newest, counts } }: { known: Known }) {
	const { dataset, run, model } = newest;
	const steps: ReadonlyArray<readonly [done: boolean, title: string, text: ComponentChildren]> = [
		[
			Boolean(dataset),
			'Read data in',
			dataset ? (
				<>
					Done:{' '}
					<Link to={pathTo('/datasets/:name', { name: dataset.name })}>
						<Name>{dataset.name}</Name>
					</Link>
				</>
			) : (
				<>
					In n8n, start a workflow with <strong>MLOps Ingest</strong> and choose a source; the example "penguins" works without data of your
					own.
				</>
			),
		],
		[
			Boolean(run),
			'Train a model',
			run ? (
				<>
					Done:{' '}
					<Link to={pathTo('/trainings/:id', { id: run.id })}>
						<Name>{run.name}</Name>
					</Link>
				</>
			) : (
				<>
					Connect <strong>MLOps Train</strong> behind it and say which column to predict. While it learns, Trainings shows how far it is.
				</>
			),
		],
		[
			counts.models > 0,
			'Judge it and give it a name',
			model ? (
				<>
					Done:{' '}
					<Link to={pathTo('/models/:name', { name: model.name })}>
						<Name>{model.name}</Name>
					</Link>
				</>
			) : (
				<>
					<strong>MLOps Evaluate</strong> judges it by rows that it has not seen; behind its output <em>Passed</em>,{' '}
					<strong>MLOps Deploy</strong> gives it a name.
				</>
			),
		],
		[
			false,
			'Let it answer',
			<>
				Deploy makes it the champion, and this server answers by it. <a href="/">Try it</a>; from then on this page says how it does and
				what needs you.
			</>,
		],
	];
	const next = steps.findIndex(([done]) => !done);
	return (
		<Card title={dataset ? 'Next steps' : 'What to do first'} lead="No model answers yet. Four steps lead there, the first three in n8n.">
			<ol class="first-steps">
				{steps.map(([done, title, text], i) => (
					<li key={title} class={i === next ? 'next' : undefined}>
						<p>
							<strong>{title}</strong> {done ? <Badge tone="good">done</Badge> : i === next && <Badge tone="accent">next</Badge>}
						</p>
						<p class="soft">{text}</p>
					</li>
				))}
			</ol>
		</Card>
	);
}
