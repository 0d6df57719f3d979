import { pathTo } from '../../router/place.js';
import { Link } from '../../router/router.js';

/** Leads to the form that watches a model. */
export const WatchLink = ({ model }: { model?: string }) => (
	<Link to={pathTo('/watch', {}, { model })} class="button primary">
		Watch a model
	</Link>
);
