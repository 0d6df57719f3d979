import type { Me } from '../data/myself.js';
import { Link } from '../router/router.js';

/** Who is signed in, in the frame's corner; leads to the own account. */
export function Person({ me }: { me: Me }) {
	const called = me.kind === 'local' ? 'This machine' : (me.called ?? me.name);
	return (
		<p class="person" title={me.email ?? me.name}>
			<Link to="/account" class="person-name" label={`Your account: ${called}`}>
				{called}
			</Link>
			<span class="person-role">{me.role}</span>
		</p>
	);
}
