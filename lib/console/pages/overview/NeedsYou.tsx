import type { ComponentChildren } from 'preact';
import { Badge } from '../../components/Badge.js';
import { Card } from '../../components/Card.js';
import { Name } from '../../components/Name.js';
import { Time } from '../../components/Time.js';
import { count, many } from '../../data/inWords.js';
import { useLive } from '../../data/live.js';
import { pathTo } from '../../router/place.js';
import { Link } from '../../router/router.js';
import type { Known } from './Overview.js';

/** A request for approval, as far as it is shown here. */
interface Waiting {
	id: string;
	title: string;
	model?: string;
	expiresAt: string;
}

interface Need {
	key: string;
	tone: 'bad' | 'warn' | 'accent' | 'neutral';
	/** Of what kind it is, in a word or two. */
	kind: string;
	text: ComponentChildren;
	note?: ComponentChildren;
}

/** Everything that waits for somebody, the most urgent first; or that nothing does. */
export function NeedsYou({ known }: { known: Known }) {
	const waiting = useLive<{ entries: Waiting[] }>(pathTo('/approvals', {}, { which: 'mine' }), 15_000);
	const needs = [...ofServer(known), ...ofIncidents(known), ...(waiting.data?.entries ?? []).map(ofApproval), ...ofRollouts(known)];
	const more = known.counts.incidents - known.incidents.length;
	const lead = `${many(needs.length, 'thing')}${more > 0 ? `, and ${many(more, 'incident')} more under Incidents` : ''}`;
	return (
		<Card title="What needs you" lead={needs.length ? lead : undefined}>
			{needs.length === 0 ? (
				<p>Nothing at the moment. No incident is open, no approval waits for you, and every champion can answer.</p>
			) : (
				<ul class="needs">
					{needs.map(({ key, tone, kind, text, note }) => (
						<li key={key}>
							<Badge tone={tone}>{kind}</Badge>
							<div>
								<p>{text}</p>
								{note && <p class="soft small">{note}</p>}
							</div>
						</li>
					))}
				</ul>
			)}
		</Card>
	);
}

const modelLink = (model: string) => (
	<Link to={pathTo('/models/:model', { model })}>
		<Name>{model}</Name>
	</Link>
);

function ofServer({ server, champions }: Known): Need[] {
	const away: Need[] = server.storeAway
		? [
				{
					key: 'store',
					tone: 'bad',
					kind: 'server',
					text: 'The store cannot be reached. Models in memory go on answering; nothing new is seen.',
				},
			]
		: [];
	const lost: Need[] = server.logLost
		? [
				{
					key: 'log',
					tone: 'warn',
					kind: 'server',
					text: `${count(server.logLost)} answers were given and not written down, so what is known of quality is not whole.`,
				},
			]
		: [];
	const failed = champions.flatMap(({ model, version, failed: why }): Need[] =>
		why
			? [
					{
						key: `failed ${model}`,
						tone: 'bad',
						kind: 'server',
						text: (
							<>
								{modelLink(model)} version {version} cannot be loaded.
							</>
						),
						note: why,
					},
				]
			: [],
	);
	return [...away, ...failed, ...lost];
}

const ofIncidents = ({ incidents }: Known): Need[] =>
	incidents.map(({ id, model, title, severity, state, openedAt, owner }) => ({
		key: `incident ${id}`,
		tone: severity === 'page' ? 'bad' : 'warn',
		kind: severity === 'page' ? 'incident' : 'to know',
		text: (
			<>
				<Link to={pathTo('/incidents/:id', { id })}>
					<Name>{title}</Name>
				</Link>{' '}
				({modelLink(model)})
			</>
		),
		note: (
			<>
				{state === 'open' ? 'Nobody has taken it yet' : state}
				{owner && (
					<>
						, with <Name>{owner}</Name>
					</>
				)}
				; opened <Time at={openedAt} relative />
			</>
		),
	}));

const ofApproval = ({ id, title, model, expiresAt }: Waiting): Need => ({
	key: `approval ${id}`,
	tone: 'accent',
	kind: 'approval',
	text: (
		<>
			<Link to={pathTo('/approvals/:id', { id })}>
				<Name>{title}</Name>
			</Link>{' '}
			waits for your decision{model && <> ({modelLink(model)})</>}.
		</>
	),
	note: (
		<>
			It expires <Time at={expiresAt} relative />
		</>
	),
});

const ofRollouts = ({ rollouts }: Known): Need[] =>
	rollouts.flatMap(({ id, model, ready }) =>
		ready
			? [
					{
						key: `rollout ${id}`,
						tone: 'accent' as const,
						kind: 'rollout',
						text: (
							<>
								Version {ready.version} of {modelLink(model)} <Link to={pathTo('/serving/:id', { id })}>may be promoted</Link>.
							</>
						),
						note: ready.reason,
					},
				]
			: [],
	);
