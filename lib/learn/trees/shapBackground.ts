import type { Compiled } from './compileTrees.js';
import { PathWalk } from './pathWalk.js';

/**
 * Exact interventional SHAP values (Lundberg et al. 2020, "independent" trees): a column that is not played takes its value from a
 * background row, and the answer is the mean over the background. For one row, one background row and one leaf only the columns count that
 * lead on from just one of the two: n from the row and m from the background row, each with a weight that n and m alone decide. A leaf to
 * which some place leads from neither row adds nothing. Rows of both kinds are walked together, so all is done once for each pair of
 * classes.
 */
export class BackgroundShap {
	readonly walk: PathWalk;
	readonly phi: Float64Array;
	private readonly capacity: number;
	private readonly background: number;
	/** Weights by n and m: of a column that leads on from the row, and of one from the background row. */
	private readonly own: Float64Array;
	private readonly other: Float64Array;
	private readonly size: number;
	private readonly byClass: Float64Array;
	private readonly leadsOn: Uint8Array;
	private readonly words: Int32Array;
	private readonly times: Float64Array;
	private readonly asked: Uint8Array;
	private readonly behind: Int32Array;

	/** The background's rows are the first in `walk.values`, so that its classes do not depend on the rows explained. */
	constructor(
		private readonly c: Compiled,
		depth: number,
		capacity: number,
		background: number,
	) {
		const width = c.model.columns.length;
		const most = Math.min(width, depth);
		this.walk = new PathWalk(c, depth, capacity);
		this.capacity = capacity;
		this.background = background;
		this.phi = new Float64Array(width * capacity);
		this.size = most + 1;
		this.own = new Float64Array(this.size * this.size);
		this.other = new Float64Array(this.size * this.size);
		for (let n = 0; n <= most; n++) {
			// One over (n + m) choose n.
			let choose = 1;
			for (let m = 0; n + m <= most; m++) {
				if (m > 0) choose *= m / (n + m);
				if (n > 0) this.own[n * this.size + m] = choose / n;
				if (m > 0) this.other[n * this.size + m] = -choose / m;
			}
		}
		this.byClass = new Float64Array(most * capacity);
		this.leadsOn = new Uint8Array(most);
		this.words = new Int32Array(Math.ceil(most / 32) * capacity);
		this.times = new Float64Array(capacity);
		this.asked = new Uint8Array(capacity);
		this.behind = new Int32Array(capacity);
	}

	/** Values of the rows behind the background in `walk.values`, `rows` with it, for one output, into `phi`. */
	rows(rows: number, output: number): void {
		const { roots, outputs } = this.c;
		this.phi.fill(0);
		for (let t = output, n = roots.length; t < n; t += outputs) this.walk.leaves(roots[t], rows, (leaf) => this.leaf(leaf, rows));
	}

	private leaf(leaf: number, rows: number): void {
		const { walk, byClass, capacity, times, asked, behind, own, other, size, background, phi } = this;
		const { places, classes, classOf, classesFrom } = walk;
		const value = this.c.value[leaf] / background;
		if (places === 0 || value === 0) return;
		const count = this.packClasses();
		const { words } = this;
		times.fill(0, 0, classes);
		asked.fill(0, 0, classes);
		for (let r = 0; r < background; r++) times[classOf[classesFrom + r]]++;
		for (let r = background; r < rows; r++) asked[classOf[classesFrom + r]] = 1;
		let known = 0;
		for (let k = 0; k < classes; k++) if (times[k]) behind[known++] = k;
		for (let k = 0; k < classes; k++) {
			if (!asked[k]) continue;
			for (let p = 0; p < places; p++) byClass[p * capacity + k] = 0;
			for (let b = 0; b < known; b++) {
				const j = behind[b];
				let missed = 0;
				let n = 0;
				let m = 0;
				for (let w = 0; w < count; w++) {
					const x = words[k * count + w];
					const y = words[j * count + w];
					// Bits are of places that do not lead on.
					missed |= x & y;
					n += ones(y & ~x);
					m += ones(x & ~y);
				}
				if (missed || n + m === 0) continue;
				const plus = own[n * size + m] * value * times[j];
				const minus = other[n * size + m] * value * times[j];
				for (let p = 0; p < places; p++) {
					const x = words[k * count + (p >>> 5)] >>> (p & 31);
					const y = words[j * count + (p >>> 5)] >>> (p & 31);
					if (x & 1) byClass[p * capacity + k] += minus;
					else if (y & 1) byClass[p * capacity + k] += plus;
				}
			}
		}
		for (let p = 0; p < places; p++) {
			const to = walk.columnAt[p] * capacity;
			const from = p * capacity;
			for (let r = background; r < rows; r++) phi[to + r] += byClass[from + classOf[classesFrom + r]];
		}
	}

	/** Places that do not lead a class on, as bits; answers how many words a class takes. */
	private packClasses(): number {
		const { walk, leadsOn, words } = this;
		const { places, classes } = walk;
		const count = (places + 31) >>> 5;
		for (let k = 0; k < classes; k++) {
			walk.placesOf(k, leadsOn, 0);
			for (let w = 0; w < count; w++) words[k * count + w] = 0;
			for (let p = 0; p < places; p++) if (!leadsOn[p]) words[k * count + (p >>> 5)] |= 1 << (p & 31);
		}
		return count;
	}
}

/** Number of bits that are set. */
function ones(x: number): number {
	x -= (x >>> 1) & 0x55555555;
	x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
	return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
