import { childOf, type Compiled } from './compileTrees.js';

/**
 * Walks every path of a tree with many rows at once. On the way to a leaf all that counts of a row is which of the path's columns lead it
 * on towards that leaf, so rows that agree in this are one *class*, and what follows from it is calculated once a class instead of once a
 * row. A column that is asked twice on a path is one *place* of the path: it leads on if both questions do.
 */
export class PathWalk {
	/** Values of the rows, column after column, `capacity` apart. NaN is missing. */
	readonly values: Float64Array;
	/** Of the path to the leaf at hand: number of places, their columns, and the number of classes. */
	places = 0;
	readonly columnAt: Int32Array;
	classes = 0;
	/** Class of row r at the leaf at hand: `classOf[classesFrom + r]`. */
	readonly classOf: Int32Array;
	classesFrom = 0;
	/** Edges of the path to the leaf: its length, the node that each leads to, and its place. Edge 1 leaves the root. */
	level = 0;
	readonly nodeAt: Int32Array;
	readonly placeAt: Int32Array;

	/** By level and row: whether the row goes left at the node of that level. */
	private readonly left: Uint8Array;
	/** By level and class: the class one level up, and whether this level's place leads on. */
	private readonly parent: Int32Array;
	private readonly leads: Uint8Array;
	private readonly count: Int32Array;
	private readonly isNew: Uint8Array;
	private readonly placeOf: Int32Array;
	private readonly ids: Int32Array;

	constructor(
		private readonly c: Compiled,
		depth: number,
		readonly capacity: number,
	) {
		const width = c.model.columns.length;
		const levels = depth + 1;
		this.values = new Float64Array(width * capacity);
		this.columnAt = new Int32Array(Math.min(width, depth) + 1);
		this.classOf = new Int32Array(levels * capacity);
		this.nodeAt = new Int32Array(levels);
		this.placeAt = new Int32Array(levels);
		this.left = new Uint8Array(levels * capacity);
		this.parent = new Int32Array(levels * capacity);
		this.leads = new Uint8Array(levels * capacity);
		this.count = new Int32Array(levels);
		this.isNew = new Uint8Array(levels);
		this.placeOf = new Int32Array(width).fill(-1);
		this.ids = new Int32Array(2 * capacity);
	}

	/** Bytes that a walk takes for each row. */
	static bytesPerRow = (width: number, depth: number): number => 8 * width + 10 * (depth + 1) + 8;

	/** Visits every leaf below `root` that some training row can reach or not, left ones first. */
	leaves(root: number, rows: number, visit: (leaf: number) => void): void {
		const {
			c: { feature, left, right },
			count,
			classOf,
			nodeAt,
		} = this;
		// A node is waited for together with its level; levels below are free again by then.
		const waiting: number[] = [root];
		const levels: number[] = [0];
		this.level = 0;
		this.places = 0;
		classOf.fill(0, 0, rows);
		count[0] = 1;
		while (waiting.length) {
			const node = waiting.pop()!;
			const level = levels.pop()!;
			while (this.level >= Math.max(1, level)) this.leave();
			if (level > 0) this.enter(node, level, rows);
			else nodeAt[0] = node;
			if (feature[node] < 0) {
				this.classes = count[level];
				this.classesFrom = level * this.capacity;
				visit(node);
				continue;
			}
			this.ask(node, level, rows);
			waiting.push(right[node], left[node]);
			levels.push(level + 1, level + 1);
		}
		while (this.level > 0) this.leave();
	}

	/** Which places of the path lead the rows of a class on: 1 or 0 for each place, from `at` on. */
	placesOf(k: number, out: Uint8Array, at: number): void {
		const { parent, leads, placeAt, capacity } = this;
		out.fill(1, at, at + this.places);
		for (let l = this.level, from = l * capacity; l > 0; l--, from -= capacity) {
			if (!leads[from + k]) out[at + placeAt[l]] = 0;
			k = parent[from + k];
		}
	}

	/** Notes for all rows where the node sends them. */
	private ask(node: number, level: number, rows: number): void {
		const { c, left, values } = this;
		const f = c.feature[node];
		const from = f * this.capacity;
		const to = level * this.capacity;
		const kind = c.kind[node];
		if (kind < 2) {
			const threshold = c.threshold[node];
			if (kind) for (let r = 0; r < rows; r++) left[to + r] = values[from + r] > threshold ? 0 : 1;
			else for (let r = 0; r < rows; r++) left[to + r] = values[from + r] <= threshold ? 1 : 0;
		} else {
			const goes = c.left[node];
			for (let r = 0; r < rows; r++) left[to + r] = childOf(c, node, values[from + r]) === goes ? 1 : 0;
		}
	}

	private enter(node: number, level: number, rows: number): void {
		const { classOf, left, parent, leads, count, ids, capacity, c } = this;
		const above = (level - 1) * capacity;
		const here = level * capacity;
		const up = this.nodeAt[level - 1];
		const other = c.left[up] === node ? 0 : 1;
		const f = c.feature[up];
		const place = this.placeOf[f];
		const before = count[level - 1];
		this.nodeAt[level] = node;
		this.level = level;
		let classes = 0;
		if (place < 0) {
			this.isNew[level] = 1;
			this.placeAt[level] = this.placeOf[f] = this.places;
			this.columnAt[this.places++] = f;
			ids.fill(-1, 0, 2 * before);
		} else {
			this.isNew[level] = 0;
			this.placeAt[level] = place;
			// Where this place did not lead on before, it does not now, whatever the answer.
			for (let k = 0; k < before; k++) {
				const led = this.led(level - 1, k, place);
				ids[2 * k] = -1;
				ids[2 * k + 1] = led ? -1 : -2;
			}
		}
		for (let r = 0; r < rows; r++) {
			const k = classOf[above + r];
			let key = 2 * k + (left[above + r] ^ other);
			if (ids[key] === -2) key--;
			let id = ids[key];
			if (id < 0) {
				id = ids[key] = classes++;
				parent[here + id] = k;
				leads[here + id] = key & 1;
			}
			classOf[here + r] = id;
		}
		count[level] = classes;
	}

	/** Whether a place leads the rows of class k of a level on. */
	private led(level: number, k: number, place: number): boolean {
		for (let l = level; l > 0; l--) {
			const at = l * this.capacity + k;
			// The lowest edge of the place knows of those above.
			if (this.placeAt[l] === place) return this.leads[at] === 1;
			k = this.parent[at];
		}
		return true;
	}

	private leave(): void {
		if (this.isNew[this.level]) this.placeOf[this.columnAt[--this.places]] = -1;
		this.level--;
	}
}
