import { weightAt, type Numbers } from './numbers.js';

/** Below this many rows a comparison sort beats the radix sort's fixed cost. */
const RADIX_FROM = 4096;

/** Row indices by falling score; rows of equal score stay in row order. Linear time, so that 3 M rows take a fraction of a second. */
export function orderByScore(scores: Numbers): Uint32Array<ArrayBuffer> {
	const n = scores.length;
	if (n < RADIX_FROM) {
		return new Uint32Array(Array.from({ length: n }, (_, i) => i).sort((a, b) => scores[b] - scores[a] || a - b));
	}
	const keys = new Float64Array(n);
	for (let i = 0; i < n; i++) keys[i] = scores[i] + 0; // + 0 turns -0 into 0, which is equal to it
	const bits = new Uint32Array(keys.buffer);
	for (let i = 0; i < n; i++) {
		// Of two doubles the greater has the greater bit pattern once negatives are inverted; all is inverted again to fall, not rise.
		const negative = bits[2 * i + 1] >>> 31;
		if (!negative) {
			bits[2 * i] = ~bits[2 * i];
			bits[2 * i + 1] = ~(bits[2 * i + 1] | 0x80000000);
		}
	}
	let from = new Uint32Array(n);
	let to = new Uint32Array(n);
	for (let i = 0; i < n; i++) from[i] = i;
	const counts = new Uint32Array(65536);
	for (let pass = 0; pass < 4; pass++) {
		const word = pass >> 1;
		const shift = (pass & 1) * 16;
		counts.fill(0);
		for (let i = 0; i < n; i++) counts[(bits[2 * i + word] >>> shift) & 0xffff]++;
		if (counts[(bits[word] >>> shift) & 0xffff] === n) continue; // all equal in this digit
		for (let b = 0, sum = 0; b < 65536; b++) {
			const c = counts[b];
			counts[b] = sum;
			sum += c;
		}
		for (let i = 0; i < n; i++) {
			const row = from[i];
			to[counts[(bits[2 * row + word] >>> shift) & 0xffff]++] = row;
		}
		[from, to] = [to, from];
	}
	return from;
}

/**
 * Area under the ROC curve; ties count half (`roc_auc_score`). `positive` is the class code taken as positive.
 * `order`: from `orderByScore`, when the caller has it already.
 */
export function rocArea(y: Numbers, p: Numbers, weight?: Numbers, positive = 1, order: Uint32Array = orderByScore(p)): number {
	let above = 0;
	let below = 0;
	let area = 0;
	for (let i = 0, n = order.length; i < n; ) {
		const score = p[order[i]];
		let pos = 0;
		let neg = 0;
		for (; i < order.length && p[order[i]] === score; i++) {
			const w = weightAt(weight, order[i]);
			if (y[order[i]] === positive) pos += w;
			else neg += w;
		}
		area += neg * (above + pos / 2);
		above += pos;
		below += neg;
	}
	return above > 0 && below > 0 ? area / (above * below) : NaN;
}

/** Step-wise area under the precision-recall curve (`average_precision_score`). */
export function precisionRecallArea(y: Numbers, p: Numbers, weight?: Numbers, positive = 1, order: Uint32Array = orderByScore(p)): number {
	let total = 0;
	for (let i = 0; i < y.length; i++) if (y[i] === positive) total += weightAt(weight, i);
	if (!(total > 0)) return NaN;
	let tp = 0;
	let all = 0;
	let sum = 0;
	for (let i = 0, n = order.length; i < n; ) {
		const score = p[order[i]];
		let pos = 0;
		for (; i < order.length && p[order[i]] === score; i++) {
			const w = weightAt(weight, order[i]);
			all += w;
			if (y[order[i]] === positive) pos += w;
		}
		tp += pos;
		if (pos > 0) sum += pos * (tp / all);
	}
	return sum / total;
}

/** Areas under both curves from bins of scores, `[negative, positive]` weights in rising order; rows of one bin count as ties. */
export function binnedAreas(bins: Float64Array): { roc: number; precisionRecall: number } {
	let above = 0;
	let below = 0;
	let area = 0;
	let precision = 0;
	for (let b = bins.length / 2 - 1; b >= 0; b--) {
		const negative = bins[2 * b];
		const positive = bins[2 * b + 1];
		area += negative * (above + positive / 2);
		above += positive;
		below += negative;
		if (positive > 0) precision += (positive * above) / (above + below);
	}
	return { roc: above > 0 && below > 0 ? area / (above * below) : NaN, precisionRecall: above > 0 ? precision / above : NaN };
}
