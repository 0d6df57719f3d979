import type { ComponentChildren } from 'preact';
import { Link } from '../router/router.js';
import { useTitle } from '../shell/title.js';

/** A page's head (where it belongs, its title, what can be done) and what is below it. */
export function View({
	title,
	heading = title,
	above = [],
	lead,
	actions,
	children,
}: {
	/** In the window's title, and as the heading where that is not given. */
	title: string;
	heading?: ComponentChildren;
	/** The pages above it, from the top: words and path. */
	above?: ReadonlyArray<readonly [words: string, path: string]>;
	lead?: ComponentChildren;
	actions?: ComponentChildren;
	children: ComponentChildren;
}) {
	useTitle(title);
	return (
		<div class="view">
			<div class="view-head">
				<div>
					{above.length > 0 && (
						<nav aria-label="Above this page" class="above">
							{above.map(([words, path]) => (
								<Link key={path} to={path}>
									{words}
								</Link>
							))}
						</nav>
					)}
					<h1 dir="auto">{heading}</h1>
					{lead && <p class="soft">{lead}</p>}
				</div>
				{actions && <div class="actions">{actions}</div>}
			</div>
			{children}
		</div>
	);
}
