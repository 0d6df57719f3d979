import { TextField } from './TextField.js';

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
		<TextField
			label="New password"
			hint={`At least ${SHORTEST} characters. A sentence that only you know is good; so is what a password manager makes.`}
			{...(password && [...password].length < SHORTEST ? { error: `${[...password].length} of ${SHORTEST} characters` } : {})}
			secret
			autocomplete="new-password"
			value={password}
			set={setPassword}
		/>
		<TextField
			label="The same once more"
			{...(again && again !== password ? { error: 'This is another one.' } : {})}
			secret
			autocomplete="new-password"
			value={again}
			set={setAgain}
		/>
	</>
);
