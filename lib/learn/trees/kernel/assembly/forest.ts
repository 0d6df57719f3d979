// One deep tree of a forest, by one thread, in small pieces that can be interrupted: `forestGrow` works for about `budget` row visits and
// says whether the tree is done. `../../forest/plainGrower.ts` is the same in plain TypeScript, addition by addition;
// `../../forest/kernelGrower.ts` lays out the memory.
import { offer, pop, take } from './forestHeap';
import { clearCells, collect, fillCells, mix, scan, sortCategories, uniform } from './forestScan';
import { Entry, Feature, Grower, Plan } from './forestState';

/** Rows worked at before the budget is looked at. */
const CHUNK: u32 = 1 << 20;
const enum Stage { draw, list, next, feature, choose, rebuild, partition, left, right, done }

/** Starts tree number `seed` stands for. */
export function forestBegin(at: usize, mine: usize, seed: u32): void {
	const plan = changetype<Plan>(at);
	const g = changetype<Grower>(mine);
	g.seed = seed;
	g.count = 0;
	g.nodes = 0;
	g.leaves = 1;
	g.todo = 0;
	g.heap = 0;
	g.setCount = 0;
	g.setBase = 0;
	g.at = 0;
	for (let f: u32 = 0; f < plan.features; f++) store<u32>(g.order + (<usize>f << 2), f);
	// The times each row is drawn lie in the spare index until the index is made.
	if (plan.bootstrap) memory.fill(g.spare, 0, <usize>plan.rows << 2);
	g.stage = plan.bootstrap ? Stage.draw : Stage.list;
}

/** Goes on with the tree. 0: not done yet; 1: done; 2: the room for categories must be emptied first. */
export function forestGrow(at: usize, mine: usize, budget: i32): i32 {
	const plan = changetype<Plan>(at);
	const g = changetype<Grower>(mine);
	while (budget > 0) {
		switch (g.stage) {
			case Stage.draw: budget -= draw(plan, g); break;
			case Stage.list: budget -= list(plan, g); break;
			case Stage.next: budget -= next(plan, g); break;
			case Stage.feature: budget -= feature(plan, g); break;
			case Stage.choose: budget -= choose(plan, g); break;
			case Stage.rebuild:
				if (g.at == g.end && g.setCount + g.touched > plan.setRoom) return 2;
				budget -= rebuild(plan, g);
				break;
			case Stage.partition: budget -= partition(plan, g); break;
			case Stage.left: budget -= total(plan, g, g.begin, g.middle, g.nodes); break;
			case Stage.right: budget -= total(plan, g, g.middle, g.end, g.nodes + 1); break;
			default:
				finish(plan, g);
				return 1;
		}
	}
	return 0;
}

function draw(plan: Plan, g: Grower): i32 {
	const rows = plan.rows;
	const from = g.at;
	const to = min<u32>(rows, from + CHUNK);
	for (let i = from; i < to; i++) {
		const at = g.spare + (<usize>uniform(g.seed, i, rows) << 2);
		store<u32>(at, load<u32>(at) + 1);
	}
	g.at = to;
	if (to == rows) {
		g.at = 0;
		g.stage = Stage.list;
	}
	return <i32>(to - from);
}

/** The rows drawn, in order, with weight and weighted target (for several classes: the class). */
function list(plan: Plan, g: Grower): i32 {
	const from = g.at;
	const to = min<u32>(plan.rows, from + CHUNK);
	const several = plan.outputs > 1;
	let count = g.count;
	for (let i = from; i < to; i++) {
		let w: f64 = plan.bootstrap ? <f64>load<u32>(g.spare + (<usize>i << 2)) : 1;
		if (plan.weight) w *= load<f64>(plan.weight + (<usize>i << 3));
		if (!(w > 0)) continue;
		const y = load<f64>(plan.label + (<usize>i << 3));
		store<u32>(g.index + (<usize>count << 2), i);
		const value = g.values + (<usize>count << 4);
		store<f64>(value, w);
		store<f64>(value, several ? y : w * y, 8);
		count++;
	}
	g.count = count;
	g.at = to;
	if (to == plan.rows) {
		// The root is totalled like a right child whose node is number 0.
		g.begin = 0;
		g.end = count;
		g.middle = 0;
		g.at = 0;
		addNode(plan, g, 0, 0);
		sumRows(plan, g, 0, count, 0);
		g.nodes = 1;
		push(g, 0, count, 0, 0, 1, 0);
		g.stage = Stage.next;
	}
	return <i32>(to - from);
}

function addNode(plan: Plan, g: Grower, node: u32, count: u32): void {
	const word = <usize>node << 2;
	const double = <usize>node << 3;
	store<i32>(g.nodeFeature + word, -1);
	store<u32>(g.nodeBin + word, 0);
	store<u32>(g.nodeLeft + word, 0);
	store<u32>(g.nodeRows + word, count);
	store<u32>(g.nodeSet + word, 0);
	store<f64>(g.nodeWeight + double, 0);
	store<f64>(g.nodeGain + double, 0);
	memory.fill(g.nodeValue + double * plan.outputs, 0, <usize>plan.outputs << 3);
}

/** Adds rows from..to to the sums of a node. */
function sumRows(plan: Plan, g: Grower, from: u32, to: u32, node: u32): void {
	const weightAt = g.nodeWeight + (<usize>node << 3);
	const valueAt = g.nodeValue + ((<usize>node * plan.outputs) << 3);
	const stop = g.values + (<usize>to << 4);
	store<u32>(g.nodeRows + (<usize>node << 2), load<u32>(g.nodeRows + (<usize>node << 2)) + (to - from));
	if (plan.outputs == 1) {
		let sum = f64x2.replace_lane(f64x2.splat(load<f64>(weightAt)), 1, load<f64>(valueAt));
		for (let v = g.values + (<usize>from << 4); v < stop; v += 16) sum = f64x2.add(sum, v128.load(v));
		store<f64>(weightAt, f64x2.extract_lane(sum, 0));
		store<f64>(valueAt, f64x2.extract_lane(sum, 1));
		return;
	}
	let weight = load<f64>(weightAt);
	for (let v = g.values + (<usize>from << 4); v < stop; v += 16) {
		const w = load<f64>(v);
		weight += w;
		const at = valueAt + (<usize>load<f64>(v, 8) << 3);
		store<f64>(at, load<f64>(at) + w);
	}
	store<f64>(weightAt, weight);
}

function push(g: Grower, begin: u32, end: u32, node: u32, depth: u32, path: u32, known: u32): void {
	const entry = changetype<Entry>(g.stack + <usize>(g.todo++) * offsetof<Entry>());
	entry.begin = begin;
	entry.end = end;
	entry.node = node;
	entry.depth = depth;
	entry.path = path;
	entry.known = known;
}

/** Takes up the next node: one whose split is not known yet, or the most promising of those whose split is. */
function next(plan: Plan, g: Grower): i32 {
	if (g.todo == 0) {
		if (g.heap == 0 || g.leaves >= plan.maxLeaves) {
			g.stage = Stage.done;
			return 1;
		}
		pop(g);
		g.at = g.begin;
		apply(plan, g);
		return 16;
	}
	const entry = changetype<Entry>(g.stack + <usize>(--g.todo) * offsetof<Entry>());
	take(g, entry);
	const count = g.end - g.begin;
	if (count < plan.minSplit || count < 2 * plan.minLeaf || (plan.maxDepth > 0 && g.depth >= plan.maxDepth)) return 8;
	// Sums of the node; the score is what all splits are compared with.
	const weight = load<f64>(g.nodeWeight + (<usize>g.node << 3));
	const values = g.nodeValue + ((<usize>g.node * plan.outputs) << 3);
	let squares: f64 = 0;
	for (let k: u32 = 0; k < plan.outputs; k++) {
		const sum = load<f64>(values + (<usize>k << 3));
		squares += sum * sum;
		// One class only.
		if (plan.classes && (sum == weight || (plan.outputs == 1 && sum == 0))) return 8;
	}
	g.own = weight > 0 ? squares / weight : 0;
	g.best = g.own * (1 + 1e-12) + plan.speck;
	g.feature = -1;
	g.low = g.known;
	g.high = plan.features;
	g.tried = 0;
	g.drawn = 0;
	g.draws = mix(g.seed, 0x9e3779b9 ^ g.path);
	g.stage = Stage.choose;
	return 8;
}

/** Draws a column not yet tried in this node, or settles on the best split. */
function choose(plan: Plan, g: Grower): i32 {
	if (g.tried >= plan.tries || g.low >= g.high) {
		settle(plan, g);
		return 4;
	}
	g.pick = g.low + uniform(g.draws, g.drawn, g.high - g.low);
	g.current = load<u32>(g.order + (<usize>g.pick << 2));
	g.at = g.begin;
	g.touched = 0;
	g.stage = Stage.feature;
	return 4;
}

function settle(plan: Plan, g: Grower): void {
	g.stage = Stage.next;
	if (g.feature < 0 || g.best - g.own < plan.minGain * load<f64>(g.nodeWeight)) return;
	if (plan.bestFirst) offer(g);
	else {
		g.at = g.begin;
		apply(plan, g);
	}
}

/** Histogram of the drawn column, then its best split. */
function feature(plan: Plan, g: Grower): i32 {
	const f = changetype<Feature>(plan.table + <usize>g.current * offsetof<Feature>());
	const from = g.at;
	const to = min<u32>(g.end, from + CHUNK);
	fillCells(plan, g, f, from, to);
	g.at = to;
	if (to < g.end) return <i32>(to - from);
	collect(g, f);
	const cost = <i32>(to - from + g.touched) + 24;
	const order = g.order;
	const here = order + (<usize>g.pick << 2);
	// Columns constant in this node stay out of all nodes below; those tried go to the other end, so that they are not drawn again.
	let there: usize;
	if (g.touched < 2) there = order + (<usize>(g.low++) << 2);
	else {
		there = order + (<usize>(--g.high) << 2);
		g.tried++;
		scan(plan, g, f, g.draws, g.drawn ^ 0x55555555);
	}
	const other = load<u32>(there);
	store<u32>(there, g.current);
	store<u32>(here, other);
	clearCells(plan, g);
	g.drawn++;
	g.stage = Stage.choose;
	return cost;
}

function apply(plan: Plan, g: Grower): void {
	const f = changetype<Feature>(plan.table + <usize>g.feature * offsetof<Feature>());
	g.current = g.feature;
	g.left = g.begin;
	g.right = 0;
	if (f.category) {
		g.touched = 0;
		g.stage = Stage.rebuild;
		return;
	}
	memory.fill(g.sides, 0, f.bins + 1);
	store<u8>(g.sides, <u8>g.missingLeft);
	memory.fill(g.sides + 1, 1, g.bin);
	g.stage = Stage.partition;
}

/** The categories that go left are found again from their number: the first `bin` in the order of their means. */
function rebuild(plan: Plan, g: Grower): i32 {
	const f = changetype<Feature>(plan.table + <usize>g.current * offsetof<Feature>());
	if (g.at < g.end) {
		const from = g.at;
		const to = min<u32>(g.end, from + CHUNK);
		fillCells(plan, g, f, from, to);
		g.at = to;
		if (to == g.end) collect(g, f);
		return <i32>(to - from);
	}
	sortCategories(plan, g);
	memory.fill(g.sides, 0, f.bins + 1);
	store<u32>(g.nodeSet + (<usize>g.node << 2), g.setBase + g.setCount);
	for (let i: u32 = 0; i < g.bin; i++) {
		const code = load<u32>(g.present + (<usize>i << 2));
		store<u8>(g.sides + code, 1);
		store<u32>(g.sets + (<usize>(g.setCount++) << 2), code);
	}
	clearCells(plan, g);
	g.at = g.begin;
	g.stage = Stage.partition;
	return 16;
}

/** Stable: rows that go left keep to the front, the others wait in the spare arrays. */
function partition(plan: Plan, g: Grower): i32 {
	const f = changetype<Feature>(plan.table + <usize>g.current * offsetof<Feature>());
	const from = g.at;
	const to = min<u32>(g.end, from + CHUNK);
	const base = f.base;
	const step = f.step;
	const sides = g.sides;
	let left = g.left;
	let right = g.right;
	for (let i = from; i < to; i++) {
		const r = load<u32>(g.index + (<usize>i << 2));
		const value = v128.load(g.values + (<usize>i << 4));
		const at = base + <usize>r * step;
		const code = f.codeBytes == 1 ? <usize>load<u8>(at) : f.codeBytes == 2 ? <usize>load<u16>(at) : <usize>load<u32>(at);
		const goes = <u32>load<u8>(sides + code);
		store<u32>(g.index + (<usize>left << 2), r);
		v128.store(g.values + (<usize>left << 4), value);
		store<u32>(g.spare + (<usize>right << 2), r);
		v128.store(g.spareValues + (<usize>right << 4), value);
		left += goes;
		right += 1 - goes;
	}
	g.left = left;
	g.right = right;
	g.at = to;
	if (to == g.end) {
		memory.copy(g.index + (<usize>left << 2), g.spare, <usize>right << 2);
		memory.copy(g.values + (<usize>left << 4), g.spareValues, <usize>right << 4);
		g.middle = left;
		g.at = g.begin;
		g.stage = Stage.left;
	}
	return <i32>(to - from);
}

/** Sums of a new child; after the right one the split is complete. */
function total(plan: Plan, g: Grower, begin: u32, end: u32, node: u32): i32 {
	const from = g.at;
	const to = min<u32>(end, from + CHUNK);
	if (from == begin) addNode(plan, g, node, 0);
	sumRows(plan, g, from, to, node);
	g.at = to;
	if (to < end) return <i32>(to - from);
	if (g.stage == Stage.left) g.stage = Stage.right;
	else {
		branch(plan, g);
		g.stage = Stage.next;
	}
	return <i32>((to - from) >> 2);
}

/** Writes the split into its node and puts the children on the list, the smaller to be done first: so the list stays short. */
function branch(plan: Plan, g: Grower): void {
	const word = <usize>g.node << 2;
	const child = g.nodes;
	const f = changetype<Feature>(plan.table + <usize>g.feature * offsetof<Feature>());
	store<i32>(g.nodeFeature + word, f.column);
	store<u32>(g.nodeBin + word, (g.bin << 1) | g.missingLeft);
	store<u32>(g.nodeLeft + word, child);
	store<f64>(g.nodeGain + (<usize>g.node << 3), g.best - g.own);
	g.nodes += 2;
	g.leaves++;
	const known = plan.bestFirst ? 0 : g.low;
	const depth = g.depth + 1;
	const smallLeft = g.middle - g.begin <= g.end - g.middle;
	if (!smallLeft) push(g, g.begin, g.middle, child, depth, mix(g.path, 1), known);
	push(g, g.middle, g.end, child + 1, depth, mix(g.path, 2), known);
	if (smallLeft) push(g, g.begin, g.middle, child, depth, mix(g.path, 1), known);
}

/** Sums become means. */
function finish(plan: Plan, g: Grower): void {
	for (let n: u32 = 0; n < g.nodes; n++) {
		const weight = load<f64>(g.nodeWeight + (<usize>n << 3));
		for (let k: u32 = 0; k < plan.outputs; k++) {
			const at = g.nodeValue + ((<usize>n * plan.outputs + k) << 3);
			store<f64>(at, weight > 0 ? load<f64>(at) / weight : 0);
		}
	}
}
