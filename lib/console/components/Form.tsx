import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { ApiError } from '../data/api.js';
import { Button } from './Button.js';
import { Failure } from './Failure.js';

/** A form that is sent once at a time; what was refused is said below it, and it can be sent again. */
export function Form({
	send,
	submit,
	disabled = false,
	look = 'primary',
	children,
	beside,
}: {
	send: () => Promise<void>;
	/** Words on its button. */
	submit: string;
	disabled?: boolean | string;
	look?: 'primary' | 'danger';
	children?: ComponentChildren;
	/** More buttons. */
	beside?: ComponentChildren;
}) {
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<ApiError>();
	const onSubmit = async (event: Event): Promise<void> => {
		event.preventDefault();
		if (busy || disabled) return;
		setBusy(true);
		setError(undefined);
		try {
			await send();
		} catch (thrown) {
			setError(thrown instanceof ApiError ? thrown : new ApiError(String(thrown), 0, 'console.failed'));
		} finally {
			setBusy(false);
		}
	};
	return (
		<form class="form" onSubmit={onSubmit}>
			{children}
			{error && <Failure error={error} />}
			<div class="actions">
				<Button type="submit" look={look} disabled={busy ? true : disabled}>
					{submit}
				</Button>
				{beside}
			</div>
		</form>
	);
}
