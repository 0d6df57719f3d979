import { useState } from 'preact/hooks';
import { Card } from '../../components/Card.js';
import { Field } from '../../components/Field.js';
import { Form } from '../../components/Form.js';
import { toast } from '../../components/Toast.js';
import { View } from '../../components/View.js';
import { api } from '../../data/api.js';
import { useMe } from '../../data/myself.js';
import { NewPassword, passwordReady } from '../signIn/NewPassword.js';
import { startAt } from '../signIn/SignIn.js';

/** The own account of whoever looks. */
export function Account() {
	const me = useMe();
	const [current, setCurrent] = useState('');
	const [password, setPassword] = useState('');
	const [again, setAgain] = useState('');
	if (me.kind !== 'person')
		return (
			<View title="Your account" lead="You are at the server's machine, where nobody has an account yet: all is allowed here.">
				<Card title="Let people sign in">
					<p>
						As soon as somebody has an account, everybody signs in. Make the first one with{' '}
						<code>mlops person make you@example.com --role administrator</code>, and open the link that it prints.
					</p>
				</Card>
			</View>
		);
	return (
		<View title="Your account" heading={me.called ?? me.name} lead={`${me.email}, ${me.role}`}>
			<Card title="Change your password" lead="All other places where you are signed in are signed out.">
				<Form
					submit="Change password"
					disabled={!current || !passwordReady(password, again)}
					send={async () => {
						await api.post('/session/password', { current, password });
						startAt('/account');
					}}
				>
					<input type="text" hidden autocomplete="username" value={me.email} readOnly />
					<Field label="Password until now">
						{(props) => (
							<input
								{...props}
								type="password"
								autocomplete="current-password"
								value={current}
								onInput={(event) => setCurrent(event.currentTarget.value)}
							/>
						)}
					</Field>
					<NewPassword password={password} again={again} setPassword={setPassword} setAgain={setAgain} />
				</Form>
			</Card>
			<Card title="Sign out" lead="Where you signed in on another device and forgot to sign out, end it here.">
				<Form
					submit="Sign out"
					send={async () => {
						await api.delete('/session');
						startAt('/sign-in');
					}}
				/>
				<Form
					submit="Sign out everywhere else"
					look="danger"
					send={async () => {
						await api.post('/session/elsewhere');
						toast('Signed out everywhere else.');
						startAt('/account');
					}}
				/>
			</Card>
		</View>
	);
}
