import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Icon } from './Icon.js';

/** "What is that?": a button that shows a sentence or two below it, until it is pressed again, Escape, or something else is. */
export function Help({ about, children }: { about: string; children: ComponentChildren }) {
	const [open, setOpen] = useState(false);
	const id = useId();
	const self = useRef<HTMLSpanElement>(null);
	// At once, not after the next painting: who sees the words and presses Escape is heard.
	useLayoutEffect(() => {
		if (!open) return;
		const key = (event: KeyboardEvent): void => void (event.key === 'Escape' && setOpen(false));
		const press = (event: Event): void => void (!self.current?.contains(event.target as Node) && setOpen(false));
		addEventListener('keydown', key);
		addEventListener('pointerdown', press);
		return () => {
			removeEventListener('keydown', key);
			removeEventListener('pointerdown', press);
		};
	}, [open]);
	useLayoutEffect(() => {
		const tip = document.getElementById(id);
		if (!open || !tip) return;
		// Never beyond the window's edge.
		tip.style.setProperty('--shift', '0px');
		const { left, right } = tip.getBoundingClientRect();
		const width = document.documentElement.clientWidth;
		tip.style.setProperty('--shift', `${right > width - 8 ? width - 8 - right : left < 8 ? 8 - left : 0}px`);
	}, [open]);
	return (
		<span class="help" ref={self}>
			<button
				type="button"
				class="help-button"
				aria-label={`What is ${about}?`}
				aria-expanded={open}
				aria-controls={id}
				onClick={() => setOpen(!open)}
			>
				<Icon name="help" />
			</button>
			<span id={id} class="help-text" role="status" hidden={!open}>
				{open ? children : ''}
			</span>
		</span>
	);
}
