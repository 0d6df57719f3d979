import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';

/** A question in front of the page. Escape and `close` end it; the browser keeps the focus inside and gives it back. */
export function Dialog({ title, close, children }: { title: string; close: () => void; children: ComponentChildren }) {
	const self = useRef<HTMLDialogElement>(null);
	const id = useId();
	useLayoutEffect(() => {
		const dialog = self.current!;
		const before = document.activeElement as HTMLElement | null;
		dialog.showModal();
		return () => {
			dialog.close();
			before?.focus();
		};
	}, []);
	return (
		<dialog
			ref={self}
			class="dialog"
			aria-labelledby={id}
			onCancel={(event) => {
				event.preventDefault();
				close();
			}}
		>
			<h2 id={id}>{title}</h2>
			{children}
		</dialog>
	);
}
