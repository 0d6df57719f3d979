import { quadrature } from './quadrature.js';

/**
 * The SHAP values of one leaf for one pattern of places that lead on to it.
 *
 * A leaf of value v is a game of its own: v times a product over the path's places, of 1 or 0 for a place that is played (does the row go
 * on?) and of the share z of training rows that go on for one that is not. The Shapley weight of s players before and d-1-s after is the
 * integral of t^s (1-t)^(d-1-s) over 0..1, so the value of place p is v (o_p - z_p) times the integral of the product over the other places
 * of o t + z (1-t): a polynomial below degree d, which half as many points integrate exactly (Yu et al. 2022, "Linear TreeShap", use the
 * same polynomial).
 */
export class LeafGame {
	private readonly product: Float64Array;
	/** For each place and point: how much playing the place changes its factor, as a part of the factor. */
	private readonly effect: Float64Array;

	/** `most`: places that a path may have. */
	constructor(most: number) {
		this.product = new Float64Array((most + 1) >> 1);
		this.effect = new Float64Array(most * ((most + 1) >> 1));
	}

	/** Values of the places, `apart` from each other in `out`; `z[zAt + p]` and `leadsOn[leadsAt + p]` belong to place p. */
	values(
		value: number,
		places: number,
		z: Float64Array,
		zAt: number,
		leadsOn: Uint8Array,
		leadsAt: number,
		out: Float64Array,
		at: number,
		apart: number,
	): void {
		const { product, effect } = this;
		const { point, weight } = quadrature((places + 1) >> 1);
		const points = point.length;
		for (let q = 0; q < points; q++) product[q] = weight[q] * value;
		let absent = 0;
		for (let p = 0, e = 0; p < places; p++) {
			const share = z[zAt + p];
			if (leadsOn[leadsAt + p]) {
				for (let q = 0; q < points; q++, e++) {
					const factor = point[q] + share * (1 - point[q]);
					product[q] *= factor;
					effect[e] = (1 - share) / factor;
				}
			} else {
				absent++;
				for (let q = 0; q < points; q++, e++) product[q] *= share * (1 - point[q]);
			}
		}
		// All places that lead elsewhere have the same value.
		let away = 0;
		if (absent) for (let q = 0; q < points; q++) away -= product[q] / (1 - point[q]);
		for (let p = 0, e = 0; p < places; p++, e += points) {
			let sum = away;
			if (leadsOn[leadsAt + p]) {
				sum = 0;
				for (let q = 0; q < points; q++) sum += product[q] * effect[e + q];
			}
			out[at + p * apart] = sum;
		}
	}
}
