/** What is laid out: a node, and the ids of those that it was made of. */
export interface LaidNode {
	id: string;
	from: readonly string[];
}

export interface Placed<N> {
	node: N;
	/** Column (0: what all came from) and place within it, from the top. */
	column: number;
	row: number;
}

/**
 * Columns from left to right: a node stands one behind the last of those that it was made of. Within a column, nodes stand near the middle
 * of those that they came from, which keeps lines from crossing. A circle, which records cannot have, is cut where it closes.
 */
export function layOut<N extends LaidNode>(nodes: readonly N[]): Array<Placed<N>> {
	const byId = new Map(nodes.map((node) => [node.id, node]));
	const columns = new Map<string, number>();
	const depth = (id: string, above: ReadonlySet<string>): number => {
		const known = columns.get(id);
		if (known !== undefined) return known;
		const before = byId.get(id)!.from.filter((one) => byId.has(one) && !above.has(one));
		const column = before.length ? 1 + Math.max(...before.map((one) => depth(one, new Set([...above, id])))) : 0;
		columns.set(id, column);
		return column;
	};
	for (const { id } of nodes) depth(id, new Set([id]));
	const placed: Array<Placed<N>> = [];
	const rows = new Map<string, number>();
	const last = Math.max(0, ...columns.values());
	for (let column = 0; column <= last; column++) {
		const here = nodes.filter(({ id }) => columns.get(id) === column);
		const middle = ({ from }: N): number => {
			const at = from.flatMap((one) => rows.get(one) ?? []);
			return at.length ? at.reduce((a, b) => a + b, 0) / at.length : Number.POSITIVE_INFINITY;
		};
		const sorted = here.map((node) => ({ node, at: middle(node) })).sort((a, b) => (a.at === b.at ? 0 : a.at - b.at));
		for (const [row, { node }] of sorted.entries()) {
			rows.set(node.id, row);
			placed.push({ node, column, row });
		}
	}
	return placed;
}
