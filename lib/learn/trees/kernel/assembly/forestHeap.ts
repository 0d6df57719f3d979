// Splits that wait in a tree with a limit of leaves: the largest gain comes first.
import { Entry, Grower } from './forestState';

/** Makes an entry the node in hand. */
export function take(g: Grower, entry: Entry): void {
	g.begin = entry.begin;
	g.end = entry.end;
	g.node = entry.node;
	g.depth = entry.depth;
	g.path = entry.path;
	g.known = entry.known;
}

@inline
function heapAt(g: Grower, i: u32): Entry { return changetype<Entry>(g.waiting + <usize>i * offsetof<Entry>()); }

@inline
function before(a: Entry, b: Entry): bool { return a.gain > b.gain || (a.gain == b.gain && a.node < b.node); }

/** Puts the node and its split on the heap of splits that wait. */
export function offer(g: Grower): void {
	let i = g.heap++;
	const own = changetype<Entry>(g.moved);
	own.begin = g.begin;
	own.end = g.end;
	own.node = g.node;
	own.depth = g.depth;
	own.path = g.path;
	own.known = 0;
	own.feature = g.feature;
	own.bin = g.bin;
	own.missingLeft = g.missingLeft;
	own.gain = g.best - g.own;
	own.own = g.own;
	own.best = g.best;
	while (i > 0 && before(own, heapAt(g, (i - 1) >> 1))) {
		memory.copy(changetype<usize>(heapAt(g, i)), changetype<usize>(heapAt(g, (i - 1) >> 1)), offsetof<Entry>());
		i = (i - 1) >> 1;
	}
	memory.copy(changetype<usize>(heapAt(g, i)), changetype<usize>(own), offsetof<Entry>());
}

/** Takes the split with the largest gain, of equal ones the oldest node. */
export function pop(g: Grower): void {
	const top = heapAt(g, 0);
	take(g, top);
	g.feature = top.feature;
	g.bin = top.bin;
	g.missingLeft = top.missingLeft;
	g.own = top.own;
	g.best = top.best;
	const last = heapAt(g, --g.heap);
	let i: u32 = 0;
	for (;;) {
		let child: u32 = 2 * i + 1;
		if (child >= g.heap) break;
		if (child + 1 < g.heap && before(heapAt(g, child + 1), heapAt(g, child))) child++;
		if (before(last, heapAt(g, child))) break;
		memory.copy(changetype<usize>(heapAt(g, i)), changetype<usize>(heapAt(g, child)), offsetof<Entry>());
		i = child;
	}
	if (i < g.heap) memory.copy(changetype<usize>(heapAt(g, i)), changetype<usize>(last), offsetof<Entry>());
}
