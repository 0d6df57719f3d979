import { useState } from 'preact/hooks';
import { ROLES, type Role } from '../../../domain/role.js';
import type { makePersonRoute, people } from '../../../server/console/routes/peopleRoutes.js';
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
import { toast, toastError } from '../../components/Toast.js';
import { api, type AnswerOf, type EntryOf } from '../../data/api.js';
import { useLive } from '../../data/live.js';
import { useMe } from '../../data/myself.js';
import { BASE, pathTo } from '../../router/place.js';

type Person = EntryOf<typeof people>;
type WithLink = AnswerOf<typeof makePersonRoute>;

const MEANS: Record<Role, string> = {
	viewer: 'looks at everything',
	operator: 'runs and stops',
	approver: 'decides',
	administrator: 'looks after people, keys and the store',
};
const STATE = { active: ['Active', 'good'], invited: ['Invited', 'accent'], disabled: ['Disabled', 'neutral'] } as const;

/** What can be done with somebody. */
interface Acts {
	/** Waits for a change, says what was done or why not, and shows the list anew. */
	act: (work: Promise<unknown>, done: string) => Promise<void>;
	/** Shows a one-time link. */
	made: (answer: WithLink) => void;
	disable: (person: Person) => void;
}

const RoleOf = ({ person: { id, email, role }, act }: { person: Person } & Pick<Acts, 'act'>) => (
	<select
		aria-label={`Role of ${email}`}
		value={role}
		onChange={(event) =>
			void act(
				api.put(pathTo('/people/:id/role', { id }), { role: event.currentTarget.value }),
				`${email} is ${event.currentTarget.value}.`,
			)
		}
	>
		<Roles />
	</select>
);

const Roles = () => (
	<>
		{ROLES.map((one) => (
			<option key={one} value={one}>
				{one}
			</option>
		))}
	</>
);

function Change({ person, act, made, disable }: { person: Person } & Acts) {
	const me = useMe();
	const link = async (): Promise<void> => {
		try {
			made(await api.post<WithLink>(pathTo('/people/:id/link', { id: person.id })));
		} catch (thrown) {
			toastError(thrown);
		}
	};
	const enable = async (): Promise<void> =>
		await act(api.put(pathTo('/people/:id/disabled', { id: person.id }), { disabled: false }), `${person.email} may sign in again.`);
	return (
		<div class="actions">
			{person.state === 'disabled' ? (
				<Button small label={`Enable ${person.email}`} onClick={enable}>
					Enable
				</Button>
			) : (
				<>
					<Button small label={`One-time link for ${person.email}`} onClick={link}>
						One-time link
					</Button>
					<Button
						small
						look="danger"
						label={`Disable ${person.email}`}
						disabled={person.id === me.id ? 'This is you' : false}
						onClick={() => disable(person)}
					>
						Disable
					</Button>
				</>
			)}
		</div>
	);
}

const columnsOf = (acts: Acts): ReadonlyArray<Column<Person>> => [
	{
		id: 'who',
		head: 'Who',
		by: ({ email }) => email,
		cell: ({ email, name }) => (
			<>
				<span class="name" dir="auto">
					{name || email}
				</span>
				{name && <div class="soft name">{email}</div>}
			</>
		),
	},
	{ id: 'role', head: 'Role', cell: (person) => <RoleOf person={person} act={acts.act} /> },
	{
		id: 'state',
		head: 'State',
		cell: ({ state, linkExpiresAt }) => (
			<>
				<Badge tone={STATE[state][1]}>{STATE[state][0]}</Badge>
				{linkExpiresAt && (
					<div class="soft">
						link good until <Time at={linkExpiresAt} />
					</div>
				)}
			</>
		),
	},
	{ id: 'made', head: 'Since', by: ({ madeAt }) => madeAt, cell: ({ madeAt }) => <Time at={madeAt} relative /> },
	{ id: 'act', head: 'Change', cell: (person) => <Change person={person} {...acts} /> },
];

const Nobody = () => (
	<Empty
		title="Nobody has an account yet"
		steps={[
			'Add yourself first, as administrator: you get a one-time link that sets your password.',
			'From then on everybody signs in, you too. Add the others, each with the least role that does.',
		]}
	/>
);

export function Accounts() {
	const known = useLive<AnswerOf<typeof people>>('/people', 30_000);
	const [adding, setAdding] = useState(false);
	const [link, setLink] = useState<WithLink>();
	const [ending, setEnding] = useState<Person>();
	const act = async (work: Promise<unknown>, done: string): Promise<void> => {
		try {
			await work;
			toast(done);
		} catch (thrown) {
			toastError(thrown);
		}
		known.again();
	};
	const made = (answer: WithLink): void => {
		setAdding(false);
		setLink(answer);
		known.again();
	};
	if (!known.data) return known.error ? <Failure error={known.error} again={known.again} /> : <Skeleton label="Loading people" />;
	const { entries } = known.data;
	return (
		<Card
			flush
			title="People"
			lead={ROLES.map((role) => `${role} ${MEANS[role]}`).join('; ')}
			actions={
				<Button look="primary" onClick={() => setAdding(true)}>
					Add somebody
				</Button>
			}
		>
			{entries.length === 0 ? (
				<Nobody />
			) : (
				<Table<Person>
					label="Everybody who has an account"
					entries={entries}
					keyOf={({ id }) => id}
					columns={columnsOf({ act, made, disable: setEnding })}
				/>
			)}
			{adding && <Adding close={() => setAdding(false)} made={made} first={entries.length === 0} />}
			{link && <Link link={link} close={() => setLink(undefined)} />}
			{ending && <Disabling of={ending} act={act} close={() => setEnding(undefined)} />}
		</Card>
	);
}

const Disabling = ({ of: { id, email }, act, close }: { of: Person; close: () => void } & Pick<Acts, 'act'>) => (
	<Dialog title={`Disable ${email}?`} close={close}>
		<p>All their sessions end at once, and none begins. What they did stays under their name. This can be taken back.</p>
		<div class="actions">
			<Button onClick={close}>Keep</Button>
			<Button
				look="danger"
				onClick={async () => {
					await act(api.put(pathTo('/people/:id/disabled', { id }), { disabled: true }), `${email} cannot sign in any more.`);
					close();
				}}
			>
				Disable
			</Button>
		</div>
	</Dialog>
);

function Adding({ close, made, first }: { close: () => void; made: (answer: WithLink) => void; first: boolean }) {
	const [email, setEmail] = useState('');
	const [role, setRole] = useState<Role>(first ? 'administrator' : 'viewer');
	return (
		<Dialog title="Add somebody" close={close}>
			<Form
				submit="Make account"
				disabled={!email}
				send={async () => made(await api.post<WithLink>('/people', { email, role }))}
				beside={<Button onClick={close}>Cancel</Button>}
			>
				<Field label="E-mail address" hint="With which they sign in. Nothing is sent: you hand them the link.">
					{(props) => <input {...props} inputMode="email" value={email} onInput={(event) => setEmail(event.currentTarget.value)} />}
				</Field>
				<Field label="Role" hint={`A ${role} ${MEANS[role]}.`}>
					{(props) => (
						<select {...props} value={role} onChange={(event) => setRole(event.currentTarget.value as Role)}>
							<Roles />
						</select>
					)}
				</Field>
			</Form>
		</Dialog>
	);
}

const Link = ({ link: { person, token }, close }: { link: WithLink; close: () => void }) => (
	<Dialog title={`Link for ${person.email}`} close={close}>
		<p>Hand it to them by a way that only they read. It sets their password, works once, and is not shown again.</p>
		<code class="secret">{`${location.origin}${BASE}/welcome#${token}`}</code>
		<div class="actions">
			<Button look="primary" onClick={close}>
				Done
			</Button>
		</div>
	</Dialog>
);
