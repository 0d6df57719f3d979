import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

/** What a control is given, so that its label, hint and error belong to it. */
export interface ControlProps {
	id: string;
	'aria-describedby'?: string;
	'aria-invalid'?: true;
}

/** A control of a form under its label: `<Field label="Name">{(props) => <input {...props} />}</Field>`. */
export function Field({
	label,
	hint,
	error,
	children,
}: {
	label: string;
	hint?: ComponentChildren;
	/** What is wrong with what it holds. */
	error?: string;
	children: (props: ControlProps) => ComponentChildren;
}) {
	const id = useId();
	const described = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ');
	return (
		<div class="field">
			<label for={id}>{label}</label>
			{children({ id, ...(described ? { 'aria-describedby': described } : {}), ...(error ? { 'aria-invalid': true } : {}) })}
			{hint && (
				<p id={`${id}-hint`} class="soft">
					{hint}
				</p>
			)}
			{error && (
				<p id={`${id}-error`} class="field-error">
					{error}
				</p>
			)}
		</div>
	);
}
