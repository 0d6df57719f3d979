import type { Me } from '../data/session.js';

/** Who is signed in, in the frame's corner. */
export const Person = ({ me }: { me: Me }) => (
	<p class="person" title={me.email ?? me.name}>
		<span class="person-name">{me.kind === 'local' ? 'This machine' : me.name}</span>
		<span class="person-role">{me.role}</span>
	</p>
);
