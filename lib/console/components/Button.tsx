import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

/**
 * `primary`: what most come for, one a view; `danger`: takes something away. While what it does takes time (it gives a promise), it cannot
 * be pressed again. `disabled` with words says why in its tip, and to screen readers.
 */
export function Button({
	onClick,
	children,
	look = 'plain',
	type = 'button',
	disabled = false,
	small = false,
	label,
}: {
	onClick?: () => unknown;
	children: ComponentChildren;
	look?: 'plain' | 'primary' | 'danger' | 'quiet';
	type?: 'button' | 'submit';
	disabled?: boolean | string;
	small?: boolean;
	label?: string;
}) {
	const [busy, setBusy] = useState(false);
	const off = Boolean(disabled) || busy;
	const press = async (event: Event): Promise<void> => {
		if (off) return event.preventDefault();
		const doing = onClick?.();
		if (!(doing instanceof Promise)) return;
		setBusy(true);
		try {
			await doing;
		} finally {
			setBusy(false);
		}
	};
	return (
		<button
			type={type}
			class={`button ${look}${small ? ' small' : ''}`}
			aria-disabled={off || undefined}
			aria-busy={busy || undefined}
			aria-label={label}
			title={typeof disabled === 'string' ? disabled : undefined}
			onClick={press}
		>
			{children}
		</button>
	);
}
