import { useEffect, useState } from 'preact/hooks';
import type { session } from '../../../server/console/routes/sessionRoutes.js';
import { Empty } from '../../components/Empty.js';
import { Form } from '../../components/Form.js';
import { api, type AnswerOf } from '../../data/api.js';
import { useLive } from '../../data/live.js';
import { BASE } from '../../router/place.js';
import { usePlace } from '../../router/router.js';
import { TextField } from './TextField.js';

/** Loads the console anew, so that nothing of whoever was here before is left. The path stays on this server whatever it holds. */
export const startAt = (path: string): void => location.replace(`${BASE}${path.startsWith('/') ? path : '/'}`);

/** Where whoever is not signed in ends up. */
export function SignIn() {
	const { query } = usePlace();
	const next = query.get('next') ?? '/';
	const known = useLive<AnswerOf<typeof session>>('/session');
	const [email, setEmail] = useState('');
	const [password, setPassword] = useState('');
	useEffect(() => {
		if (known.data?.who) startAt(next);
	}, [known.data]);
	if (known.data && !known.data.accounts && !known.data.who)
		return (
			<>
				<h1 class="hidden">Sign in</h1>
				<Empty
					title="Nobody has an account yet"
					steps={[
						<>
							On the server's machine, run <code>mlops person make you@example.com --role administrator</code>, with the address of this
							server behind <code>--url</code>.
						</>,
						'Open the link that it prints: it works once, and sets your name and password.',
						'Then give the others accounts under People and keys.',
					]}
				/>
			</>
		);
	return (
		<>
			<h1>Sign in</h1>
			<p class="soft lead">To see how the models do, and to decide.</p>
			<Form
				submit="Sign in"
				send={async () => {
					await api.post('/session', { email, password });
					startAt(next);
				}}
			>
				<TextField label="E-mail address" inputMode="email" autocomplete="username" autocapitalize="none" value={email} set={setEmail} />
				<TextField label="Password" secret autocomplete="current-password" value={password} set={setPassword} />
			</Form>
			<p class="soft lead">Lost the password? An administrator can make a one-time link for you.</p>
		</>
	);
}
