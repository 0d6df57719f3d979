import type { Node } from './plainScan.js';

/** Nodes whose split is known and waits: the largest gain comes first, of equal ones the oldest node. */
export class Waiting {
	private readonly nodes: Node[] = [];

	offer(node: Node): void {
		const { nodes } = this;
		let i = nodes.push(node) - 1;
		for (; i > 0 && before(node, nodes[(i - 1) >> 1]); i = (i - 1) >> 1) nodes[i] = nodes[(i - 1) >> 1];
		nodes[i] = node;
	}

	pop(): Node | undefined {
		const { nodes } = this;
		const top = nodes[0];
		const last = nodes.pop();
		if (!last || nodes.length === 0) return top;
		let i = 0;
		for (let child = 1; child < nodes.length; child = 2 * i + 1) {
			if (child + 1 < nodes.length && before(nodes[child + 1], nodes[child])) child++;
			if (before(last, nodes[child])) break;
			nodes[i] = nodes[child];
			i = child;
		}
		nodes[i] = last;
		return top;
	}
}

const gainOf = (node: Node): number => node.split?.gain ?? 0;
const before = (a: Node, b: Node): boolean => gainOf(a) > gainOf(b) || (gainOf(a) === gainOf(b) && a.node < b.node);
