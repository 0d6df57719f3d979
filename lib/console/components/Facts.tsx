import type { ComponentChildren } from 'preact';

/** What is known of something, name by name. What is `undefined` is left out. */
export const Facts = ({ facts }: { facts: ReadonlyArray<readonly [name: string, value: ComponentChildren]> }) => (
	<dl class="facts">
		{facts
			.filter(([, value]) => value !== undefined)
			.map(([name, value]) => (
				<div key={name}>
					<dt>{name}</dt>
					<dd>{value}</dd>
				</div>
			))}
	</dl>
);
