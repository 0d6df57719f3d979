/** Steps along the way from the expected to the own raw scores, for several classes. */
const STEPS = 32;
const SAME = 1e-9;
/** Share of a probability by which it is moved to see what that does; answers so near to each other tell no slope. */
const APART = 1e-6;
const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

/**
 * Contributions to a raw score as contributions to the answer itself, so that those of models with different raw scores can be added up:
 * they and the expected answer, the last number, make the answer. The link is followed along the straight way from the expected raw scores
 * to those of the row (Aumann and Shapley 1974; Sundararajan, Taly and Yan 2017), which for two classes scales all contributions alike.
 * @param phi for each class (one where there is one output) the contributions of the columns, then the expected raw score
 * @param answer the model's answer for the class that is asked for, `phi[asked]`
 */
export function inAnswers(phi: readonly Float64Array[], asked: number, answer: number): Float64Array {
	const own = phi[asked];
	const last = own.length - 1;
	// Forests and numbers: the raw score is the answer, as near as numbers of the size of the contributions add up.
	const size = own.reduce((a, b) => a + Math.abs(b), 1);
	if (Math.abs(total(own) - answer) <= SAME * size) return own.slice();
	if (phi.length > 1) return throughSoftmax(phi, asked);
	const [from, to] = [own[last], total(own)];
	const slope = Math.abs(to - from) < 1e-12 ? sigmoid(to) * (1 - sigmoid(to)) : (sigmoid(to) - sigmoid(from)) / (to - from);
	const out = own.map((v) => v * slope);
	out[last] = sigmoid(from);
	return out;
}

const total = (phi: Float64Array): number => phi.reduce((a, b) => a + b, 0);

function throughSoftmax(phi: readonly Float64Array[], asked: number): Float64Array {
	const last = phi[asked].length - 1;
	const start = phi.map((p) => p[last]);
	const move = phi.map((p) => total(p) - p[last]);
	const slope = new Float64Array(phi.length);
	for (let step = 0; step < STEPS; step++) {
		const p = softmax(start.map((v, c) => v + (move[c] * (step + 0.5)) / STEPS));
		for (let c = 0; c < phi.length; c++) slope[c] += (p[asked] * ((c === asked ? 1 : 0) - p[c])) / STEPS;
	}
	const out = new Float64Array(last + 1);
	for (let j = 0; j < last; j++) for (let c = 0; c < phi.length; c++) out[j] += slope[c] * phi[c][j];
	return rounded(out, softmax(start)[asked], softmax(start.map((v, c) => v + move[c]))[asked]);
}

/**
 * Contributions to the mean of the members as contributions to the answer that a calibration makes of it, along the straight way from the
 * expected answers to those of the row, as above: they and the expected answer make the answer.
 * @param phi for each class (one where there is one output) the contributions of the columns, then the expected answer
 * @param put the calibration, in place
 */
export function throughCalibration(phi: readonly Float64Array[], asked: number, put: (p: Float64Array) => void): Float64Array {
	const last = phi[asked].length - 1;
	const from = Float64Array.from(phi, (p) => p[last]);
	const to = Float64Array.from(phi, total);
	const at = (p: Float64Array): number => {
		const own = p.slice();
		put(own);
		return own[asked];
	};
	/** By how much more the answer grows between two points than an output by itself. */
	const slopeOf = (low: Float64Array, high: Float64Array, c: number): number => (at(high) - at(low)) / (high[c] - low[c]);
	const slope = new Float64Array(phi.length);
	if (phi.length === 1 && Math.abs(to[0] - from[0]) > APART) slope[0] = slopeOf(from, to, 0);
	else
		for (let step = 0; step < STEPS; step++) {
			const p = from.map((v, c) => v + ((to[c] - v) * (step + 0.5)) / STEPS);
			for (let c = 0; c < phi.length; c++) {
				const aside = (by: number): Float64Array => p.map((v, k) => (k === c ? v * (1 + by) : v));
				if (p[c] > 0) slope[c] += slopeOf(aside(-APART), aside(APART), c) / STEPS;
			}
		}
	const out = new Float64Array(last + 1);
	for (let j = 0; j < last; j++) for (let c = 0; c < phi.length; c++) out[j] += slope[c] * phi[c][j];
	return rounded(out, at(from), at(to));
}

/** What the steps leave over goes to the columns by what they have; the expected answer comes last. */
function rounded(out: Float64Array, expected: number, answer: number): Float64Array {
	const last = out.length - 1;
	out[last] = 0;
	const size = out.reduce((a, b) => a + Math.abs(b), 0);
	const rest = answer - expected - total(out);
	if (size > 0) for (let j = 0; j < last; j++) out[j] += (rest * Math.abs(out[j])) / size;
	out[last] = expected;
	return out;
}

function softmax(z: readonly number[]): number[] {
	const top = Math.max(...z);
	const e = z.map((v) => Math.exp(v - top));
	const sum = e.reduce((a, b) => a + b, 0);
	return e.map((v) => v / sum);
}
