import type { ComponentChildren } from 'preact';
import { Field } from '../../components/Field.js';

/** A text that must be given, or a secret one. */
export const TextField = ({
	label,
	hint,
	error,
	secret = false,
	value,
	set,
	...asked
}: {
	label: string;
	hint?: ComponentChildren;
	error?: string;
	secret?: boolean;
	value: string;
	set: (text: string) => void;
	autocomplete: string;
	autocapitalize?: 'none';
	inputMode?: 'email';
}) => (
	<Field label={label} hint={hint} {...(error ? { error } : {})}>
		{(props) => {
			const all = { ...props, ...asked, required: true, value };
			const take = (event: { currentTarget: HTMLInputElement }): void => set(event.currentTarget.value);
			return secret ? <input {...all} type="password" onInput={take} /> : <input {...all} type="text" onInput={take} />;
		}}
	</Field>
);
