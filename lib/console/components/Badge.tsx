import type { ComponentChildren } from 'preact';

/** A short word about a state. Colour is never all that tells it. */
export const Badge = ({
	tone = 'neutral',
	children,
}: {
	tone?: 'neutral' | 'accent' | 'good' | 'warn' | 'bad';
	children: ComponentChildren;
}) => <span class={`badge ${tone}`}>{children}</span>;
