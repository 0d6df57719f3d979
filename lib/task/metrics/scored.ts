import { ranksOf } from '../statistics/ranks.js';
import { confusion, decide } from './counts.js';
import type { Numbers } from './numbers.js';
import { orderByScore } from './ranks.js';

export interface ScoredRows {
	/** Class codes or values. */
	y: Numbers;
	/** Row-major, `outputs` a row. */
	p: Numbers;
	outputs: number;
	/** 0 where answers are no classes. */
	classes: number;
	/** Of the score of single outputs, from which on a row is called positive. */
	threshold: number;
	weight?: Numbers;
	/** Scores of the same rows by two halves of the model that learned apart from each other. */
	halves?: readonly [Numbers, Numbers];
}

/** Rows with their truth and a model's scores. What several metrics need is made once, when it is asked for. */
export class Scored implements ScoredRows {
	readonly y: Numbers;
	readonly p: Numbers;
	readonly outputs: number;
	readonly classes: number;
	readonly threshold: number;
	readonly weight: Numbers | undefined;
	/** What does not depend on weights. */
	readonly #shared: { order?: Uint32Array; decided?: Uint32Array; halfRanks?: readonly [Float64Array, Float64Array] };
	readonly #halves: ScoredRows['halves'];
	#matrix: Float64Array | undefined;

	constructor(rows: ScoredRows, shared = {}) {
		this.y = rows.y;
		this.p = rows.p;
		this.outputs = rows.outputs;
		this.classes = rows.classes;
		this.threshold = rows.threshold;
		this.weight = rows.weight;
		this.#halves = rows.halves;
		this.#shared = shared;
	}

	get rows(): number {
		return this.p.length / this.outputs;
	}

	/** Rows by falling score, of single outputs. */
	get order(): Uint32Array {
		return (this.#shared.order ??= orderByScore(this.p));
	}

	/** Ranks of the rows by either half of the model. */
	get halfRanks(): readonly [Float64Array, Float64Array] | undefined {
		const halves = this.#halves;
		return halves && (this.#shared.halfRanks ??= [ranksOf(halves[0]), ranksOf(halves[1])]);
	}

	/** Class that the model says. */
	get decided(): Uint32Array {
		return (this.#shared.decided ??= decide(this.p, this.outputs, this.threshold));
	}

	/** Weighted counts, true class by class said. */
	get matrix(): Float64Array {
		return (this.#matrix ??= confusion(this.y, this.decided, this.classes, this.weight));
	}

	/** The same rows with other weights. */
	weighted(weight: Numbers): Scored {
		const { y, p, outputs, classes, threshold } = this;
		return new Scored({ y, p, outputs, classes, threshold, weight, halves: this.#halves }, this.#shared);
	}
}
