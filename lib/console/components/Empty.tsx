import type { ComponentChildren } from 'preact';

/** Where there is nothing yet: what it would be, and what to do first, step by step. */
export const Empty = ({
	title,
	steps,
	children,
}: {
	title: string;
	steps?: readonly ComponentChildren[];
	children?: ComponentChildren;
}) => (
	<div class="empty">
		<h2>{title}</h2>
		{children}
		{steps && (
			<ol>
				{steps.map((step, i) => (
					<li key={i}>{step}</li>
				))}
			</ol>
		)}
	</div>
);
