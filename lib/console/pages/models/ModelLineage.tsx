import { Card } from '../../components/Card.js';
import { Lineage } from '../../components/lineage/Lineage.js';
import { pathTo } from '../../router/place.js';
import type { Known } from './Model.js';

/** What the champion, or the newest version, was made of. */
export function ModelLineage({ known: { name, champion, newest } }: { known: Known }) {
	const shown = champion?.version ?? newest.version;
	return (
		<Card
			title={`From source to answers: version ${shown}`}
			lead="Each box leads to its page. Other versions have theirs on their own pages."
		>
			<Lineage path={pathTo('/models/:name/versions/:shown/lineage', { name, shown })} here="" />
		</Card>
	);
}
