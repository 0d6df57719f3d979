import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

/** A part of a page under a heading of its own. */
export function Card({
	title,
	lead,
	actions,
	flush = false,
	children,
}: {
	title?: ComponentChildren;
	/** One sentence that says what is seen here. */
	lead?: ComponentChildren;
	actions?: ComponentChildren;
	/** What is inside goes up to the edges: tables. */
	flush?: boolean;
	children: ComponentChildren;
}) {
	const id = useId();
	return (
		<section class={flush ? 'card flush' : 'card'} aria-labelledby={title ? id : undefined}>
			{(title || actions) && (
				<div class="card-head">
					<div>
						{title && <h2 id={id}>{title}</h2>}
						{lead && <p class="soft">{lead}</p>}
					</div>
					{actions && <div class="actions">{actions}</div>}
				</div>
			)}
			<div class="card-body">{children}</div>
		</section>
	);
}
