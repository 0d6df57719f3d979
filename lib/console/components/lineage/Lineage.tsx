import type { lineage } from '../../../server/console/routes/lineageRoutes.js';
import type { AnswerOf } from '../../data/api.js';
import { useLive } from '../../data/live.js';
import { pathTo } from '../../router/place.js';
import { Link } from '../../router/router.js';
import { Failure } from '../Failure.js';
import { Name } from '../Name.js';
import { Skeleton } from '../Skeleton.js';
import { layOut, type Placed } from './layOut.js';

type Graph = AnswerOf<typeof lineage>;
type Node = Graph['nodes'][number] & { from: string[] };

const WORDS = new Map([
	['source', 'Source'],
	['dataset', 'Dataset'],
	['run', 'Training'],
	['evaluation', 'Evaluation'],
	['modelVersion', 'Model'],
	['report', 'Report'],
	['drift', 'Drift'],
	['alias', 'Alias'],
	['answers', 'Answers'],
]);

/** Where a node's own page is; sources, evaluations and reports have none. */
function pageOf({ kind, name, version, id }: Node): string | undefined {
	if (name === undefined) return undefined;
	if (kind === 'dataset') return pathTo('/datasets/:name/:version', { name, version: version! });
	if (kind === 'modelVersion') return pathTo('/models/:name/:version', { name, version: version! });
	if (kind === 'run') return pathTo('/trainings/:id', { id });
	return undefined;
}

const [WIDTH, HEIGHT, ACROSS, DOWN] = [150, 50, 28, 14];
const left = ({ column }: Placed<Node>): number => column * (WIDTH + ACROSS);
const top = ({ row }: Placed<Node>): number => row * (HEIGHT + DOWN);

/**
 * From source to answers: what a record was made of and what was made of it, as a graph whose boxes lead to their pages. `path` asks for
 * it; `here` is the record that it is about.
 */
export function Lineage({ path, here }: { path: string; here: string }) {
	const { data, error, again } = useLive<Graph>(path);
	if (error && !data) return <Failure error={error} again={again} />;
	if (!data) return <Skeleton label="Looking for what it was made of" />;
	const placed = layOut(
		data.nodes.map((node): Node => ({ ...node, from: data.edges.flatMap(({ from, to }) => (to === node.id ? [from] : [])) })),
	);
	const at = new Map(placed.map((one) => [one.node.id, one]));
	const width = Math.max(...placed.map((one) => left(one))) + WIDTH;
	const height = Math.max(...placed.map((one) => top(one))) + HEIGHT;
	return (
		<>
			<div class="lineage" role="group" aria-label="Lineage, from source to answers" tabIndex={0}>
				<div class="lineage-ground" style={{ width: `${width}px`, height: `${height}px` }}>
					<svg width={width} height={height} aria-hidden="true" focusable="false">
						{placed.flatMap((to) =>
							to.node.from.flatMap((one) => {
								const from = at.get(one);
								return from ? [<path key={`${one} ${to.node.id}`} d={curve(from, to)} />] : [];
							}),
						)}
					</svg>
					<ol>
						{placed.map((one) => (
							<li
								key={one.node.id}
								class={one.node.id === here ? 'lineage-node here' : 'lineage-node'}
								style={{ left: `${left(one)}px`, top: `${top(one)}px`, width: `${WIDTH}px`, height: `${HEIGHT}px` }}
							>
								<Box node={one.node} here={one.node.id === here} />
							</li>
						))}
					</ol>
				</div>
			</div>
			{data.more && <p class="soft">There is more than is shown here: the nearest hundred of each side stand above.</p>}
		</>
	);
}

function Box({ node, here }: { node: Node; here: boolean }) {
	const page = here ? undefined : pageOf(node);
	return (
		<>
			<span class="lineage-kind">{WORDS.get(node.kind) ?? node.kind}</span>
			{page ? (
				<Link to={page}>
					<Name>{node.label}</Name>
				</Link>
			) : (
				<Name>{node.label}</Name>
			)}
		</>
	);
}

function curve(from: Placed<Node>, to: Placed<Node>): string {
	const [x1, y1, x2, y2] = [left(from) + WIDTH, top(from) + HEIGHT / 2, left(to), top(to) + HEIGHT / 2];
	const bend = ACROSS / 2;
	return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}
