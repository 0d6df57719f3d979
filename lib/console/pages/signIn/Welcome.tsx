import { useEffect, useState } from 'preact/hooks';
import type { lookAtLink } from '../../../server/console/routes/sessionRoutes.js';
import { Failure } from '../../components/Failure.js';
import { Field } from '../../components/Field.js';
import { Form } from '../../components/Form.js';
import { Skeleton } from '../../components/Skeleton.js';
import { ApiError, api, type AnswerOf } from '../../data/api.js';
import { NewPassword, passwordReady } from './NewPassword.js';
import { startAt } from './SignIn.js';

/** What a one-time link leads to: name and password are set. Its proof stands behind "#" and leaves the address at once. */
export function Welcome() {
	const [token] = useState(() => location.hash.slice(1));
	const [person, setPerson] = useState<AnswerOf<typeof lookAtLink>>();
	const [error, setError] = useState<ApiError>();
	const [name, setName] = useState('');
	const [password, setPassword] = useState('');
	const [again, setAgain] = useState('');
	useEffect(() => {
		history.replaceState(null, '', location.pathname);
		api.post<AnswerOf<typeof lookAtLink>>('/links/look', { token }).then(
			(found) => {
				setPerson(found);
				setName(found.name);
			},
			(thrown: unknown) => setError(thrown instanceof ApiError ? thrown : new ApiError(String(thrown), 0, 'console.failed')),
		);
	}, []);
	if (error)
		return (
			<>
				<h1>This link does not work</h1>
				<Failure error={error} />
			</>
		);
	if (!person) return <Skeleton label="Looking at the link" />;
	return (
		<>
			<h1>Welcome</h1>
			<p class="soft lead">
				{person.email}, {person.role}. Set a password; this link works once.
			</p>
			<Form
				submit="Set password and sign in"
				disabled={!passwordReady(password, again)}
				send={async () => {
					await api.post('/links/use', { token, name, password });
					startAt('/');
				}}
			>
				<input type="text" hidden autocomplete="username" value={person.email} readOnly />
				<Field label="Your name" hint="As others see it">
					{(props) => <input {...props} autocomplete="name" value={name} onInput={(event) => setName(event.currentTarget.value)} />}
				</Field>
				<NewPassword password={password} again={again} setPassword={setPassword} setAgain={setAgain} />
			</Form>
		</>
	);
}
