import { useState } from 'preact/hooks';
import type { Scope } from '../../../domain/apiKey.js';
import type { keys, makeKeyRoute } from '../../../server/console/routes/keyRoutes.js';
import { Badge } from '../../components/Badge.js';
import { Button } from '../../components/Button.js';
import { Card } from '../../components/Card.js';
import { Dialog } from '../../components/Dialog.js';
import { Empty } from '../../components/Empty.js';
import { Failure } from '../../components/Failure.js';
import { Field } from '../../components/Field.js';
import { Form } from '../../components/Form.js';
import { Skeleton } from '../../components/Skeleton.js';
import { Table, type Column } from '../../components/Table.js';
import { Time } from '../../components/Time.js';
import { toast } from '../../components/Toast.js';
import { api, type AnswerOf, type EntryOf } from '../../data/api.js';
import { useLive } from '../../data/live.js';
import { pathTo } from '../../router/place.js';

type Key = EntryOf<typeof keys>;
type Made = AnswerOf<typeof makeKeyRoute>;

const MEANS: Record<Scope, string> = {
	predict: 'asks models',
	feedback: 'says what turned out to be true',
	read: 'sees models, traffic and metrics',
	deploy: 'moves aliases and rollouts',
};
const SCOPES = Object.keys(MEANS) as Scope[];
const STATE = { good: ['Good', 'good'], expired: ['Expired', 'neutral'], withdrawn: ['Withdrawn', 'neutral'] } as const;

const COLUMNS: ReadonlyArray<Column<Key>> = [
	{
		id: 'label',
		head: 'For',
		by: ({ label }) => label,
		wide: true,
		cell: ({ label, id }) => (
			<>
				<span class="name" dir="auto">
					{label}
				</span>
				<div class="soft">{id}</div>
			</>
		),
	},
	{ id: 'scopes', head: 'Opens', cell: ({ scopes }) => scopes.join(', ') },
	{ id: 'models', head: 'Models', wide: true, cell: ({ models }) => <span class="name">{models?.join(', ') ?? 'all'}</span> },
	{ id: 'state', head: 'State', cell: ({ state }) => <Badge tone={STATE[state][1]}>{STATE[state][0]}</Badge> },
	{
		id: 'ends',
		head: 'Ends',
		by: ({ expiresAt }) => expiresAt ?? '',
		cell: ({ expiresAt }) => (expiresAt ? <Time at={expiresAt} /> : 'never'),
	},
	{ id: 'by', head: 'Made by', cell: ({ madeBy }) => <span class="name">{madeBy}</span> },
];
const withdrawal = (withdraw: (key: Key) => void): Column<Key> => ({
	id: 'act',
	head: 'Change',
	cell: (key) =>
		key.state === 'good' ? (
			<Button small look="danger" label={`Withdraw ${key.label}`} onClick={() => withdraw(key)}>
				Withdraw
			</Button>
		) : (
			'–'
		),
});

export function Keys() {
	const known = useLive<AnswerOf<typeof keys>>('/keys', 30_000);
	const [adding, setAdding] = useState(false);
	const [made, setMade] = useState<Made>();
	const [ending, setEnding] = useState<Key>();
	if (!known.data) return known.error ? <Failure error={known.error} again={known.again} /> : <Skeleton label="Loading keys" />;
	return (
		<Card
			flush
			title="API keys"
			lead="With which programs ask the model server. A key is shown once, when it is made."
			actions={
				<Button look="primary" onClick={() => setAdding(true)}>
					Make a key
				</Button>
			}
		>
			{known.data.entries.length === 0 ? (
				<Empty title="There are no keys yet" steps={['Make one for each program, so that each can be withdrawn by itself.']} />
			) : (
				<Table<Key> label="Each key" entries={known.data.entries} keyOf={({ id }) => id} columns={[...COLUMNS, withdrawal(setEnding)]} />
			)}
			{adding && (
				<Adding
					close={() => setAdding(false)}
					made={(answer) => {
						setAdding(false);
						setMade(answer);
						known.again();
					}}
				/>
			)}
			{made && (
				<Dialog title={`Key for ${made.made.label}`} close={() => setMade(undefined)}>
					<p>Copy it now: it is not shown again. Programs send it as "Authorization: Bearer", or as "X-API-Key".</p>
					<code class="secret">{made.key}</code>
					<div class="actions">
						<Button look="primary" onClick={() => setMade(undefined)}>
							Done
						</Button>
					</div>
				</Dialog>
			)}
			{ending && <Withdrawing key={ending.id} of={ending} close={() => setEnding(undefined)} done={known.again} />}
		</Card>
	);
}

function Withdrawing({ of, close, done }: { of: Key; close: () => void; done: () => void }) {
	const [reason, setReason] = useState('');
	return (
		<Dialog title={`Withdraw the key for ${of.label}?`} close={close}>
			<Form
				submit="Withdraw"
				look="danger"
				beside={<Button onClick={close}>Keep</Button>}
				send={async () => {
					await api.post(pathTo('/keys/:id/withdraw', { id: of.id }), reason ? { reason } : {});
					toast('The key opens nothing any more.');
					close();
					done();
				}}
			>
				<p>Within seconds it opens nothing any more. It cannot be taken back.</p>
				<Field label="Why (optional)" hint="For the audit log">
					{(props) => <input {...props} value={reason} maxLength={2000} onInput={(event) => setReason(event.currentTarget.value)} />}
				</Field>
			</Form>
		</Dialog>
	);
}

const ENDS = [
	['30', '30 days'],
	['90', '90 days'],
	['365', 'A year'],
	['never', 'Never'],
] as const;

function Adding({ close, made }: { close: () => void; made: (answer: Made) => void }) {
	const [label, setLabel] = useState('');
	const [scopes, setScopes] = useState<readonly Scope[]>(['predict']);
	const [models, setModels] = useState('');
	const [ends, setEnds] = useState<string>('90');
	const wish = () => ({
		label,
		scopes,
		models: models
			.split(',')
			.map((name) => name.trim())
			.filter(Boolean),
		expiresAt: ends === 'never' ? ends : new Date(Date.now() + Number(ends) * 86_400_000).toISOString(),
	});
	return (
		<Dialog title="Make a key" close={close}>
			<Form
				submit="Make key"
				disabled={!label || scopes.length === 0}
				send={async () => made(await api.post<Made>('/keys', wish()))}
				beside={<Button onClick={close}>Cancel</Button>}
			>
				<Field label="What it is for" hint="Such as: shop, production">
					{(props) => <input {...props} value={label} maxLength={200} onInput={(event) => setLabel(event.currentTarget.value)} />}
				</Field>
				<fieldset class="choices">
					<legend>What it opens</legend>
					{SCOPES.map((scope) => (
						<label key={scope}>
							<input
								type="checkbox"
								checked={scopes.includes(scope)}
								onChange={(event) => setScopes(event.currentTarget.checked ? [...scopes, scope] : scopes.filter((one) => one !== scope))}
							/>{' '}
							<strong>{scope}</strong> {MEANS[scope]}
						</label>
					))}
				</fieldset>
				<Field label="Models (optional)" hint="Names, separated by commas; none: all">
					{(props) => <input {...props} value={models} onInput={(event) => setModels(event.currentTarget.value)} />}
				</Field>
				<Field label="Ends after">
					{(props) => (
						<select {...props} value={ends} onChange={(event) => setEnds(event.currentTarget.value)}>
							{ENDS.map(([value, words]) => (
								<option key={value} value={value}>
									{words}
								</option>
							))}
						</select>
					)}
				</Field>
			</Form>
		</Dialog>
	);
}
