import { cutText } from '../../domain/text.js';

/** A name or a text of people's own, as it is: it may be long, run the other way, or look like markup. */
export const Name = ({ children }: { children: string }) => (
	<bdi class="name" title={children.length > 40 ? cutText(children, 2_000) : undefined}>
		{children.trim() === '' ? '(blank)' : children.length > 300 ? `${cutText(children, 300)}…` : children}
	</bdi>
);
