import { Field } from '../../components/Field.js';

const SHORTEST = 12;

/** Whether it can be sent; whether it is good enough says the server. */
export const passwordReady = (password: string, again: string): boolean => [...password].length >= SHORTEST && password === again;

/** A new password, twice. */
export const NewPassword = ({
	password,
	again,
	setPassword,
	setAgain,
}: {
	password: string;
	again: string;
	setPassword: (text: string) => void;
	setAgain: (text: string) => void;
}) => (
	<>
		<Field
			label="New password"
			hint={`At least ${SHORTEST} characters. A sentence that only you know is good; so is what a password manager makes.`}
			{...(password && [...password].length < SHORTEST ? { error: `${[...password].length} of ${SHORTEST} characters` } : {})}
		>
			{(props) => (
				<input
					{...props}
					type="password"
					autocomplete="new-password"
					required
					value={password}
					onInput={(event) => setPassword(event.currentTarget.value)}
				/>
			)}
		</Field>
		<Field label="The same once more" {...(again && again !== password ? { error: 'This is another one.' } : {})}>
			{(props) => (
				<input
					{...props}
					type="password"
					autocomplete="new-password"
					required
					value={again}
					onInput={(event) => setAgain(event.currentTarget.value)}
				/>
			)}
		</Field>
	</>
);
