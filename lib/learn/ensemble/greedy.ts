/** What a model answers for the judged rows, and what it costs to ask it. */
export interface Answered {
	/** Row-major. */
	scores: Float64Array;
	/** Microseconds a row, about. */
	cost: number;
	/** Of memory once it answers, about. */
	bytes: number;
}

export interface Limits {
	members: number;
	microseconds: number;
	bytes: number;
}

/** Draws, with replacement: weights come in steps of a 25th. */
const ROUNDS = 25;
/** Draws in a row that improve nothing before it ends. */
const PATIENCE = 6;

/**
 * Greedy weights of models by their answers to rows that they did not learn from (Caruana, Niculescu-Mizil, Crew and Ksikes 2004): starting
 * with the best one, each draw adds the model, again or anew, whose answers make the mean better than any other would; the best mean on the
 * way wins. `goodness` of an average, larger is better; the first model is taken where several are equal.
 * @returns a weight for each model, adding up to 1; all 0 without models
 */
export function greedyWeights(models: readonly Answered[], goodness: (scores: Float64Array) => number, limits: Limits): Float64Array {
	const counts = new Float64Array(models.length);
	if (!models.length) return counts;
	const sum = new Float64Array(models[0].scores.length);
	const trial = new Float64Array(sum.length);
	let best = { value: -Infinity, counts: counts.slice() };
	let since = 0;
	for (let drawn = 0; drawn < ROUNDS && since < PATIENCE; drawn++) {
		let chosen = -1;
		let value = -Infinity;
		for (const [m, { scores }] of models.entries()) {
			if (!allowed(models, counts, m, limits)) continue;
			for (let i = 0, end = sum.length; i < end; i++) trial[i] = (sum[i] + scores[i]) / (drawn + 1);
			const reached = goodness(trial);
			if (chosen < 0 || reached > value) [chosen, value] = [m, reached];
		}
		if (chosen < 0) break;
		counts[chosen]++;
		for (let i = 0, end = sum.length; i < end; i++) sum[i] += models[chosen].scores[i];
		since++;
		if (value > best.value || drawn === 0) {
			best = { value, counts: counts.slice() };
			since = 0;
		}
	}
	const total = best.counts.reduce((a, b) => a + b, 0);
	return total ? best.counts.map((n) => n / total) : best.counts;
}

/** Whether one more draw of a model keeps the limits; the first model may cost what it will. */
function allowed(models: readonly Answered[], counts: Float64Array, m: number, limits: Limits): boolean {
	if (counts[m] > 0) return true;
	let chosen = 0;
	let { cost, bytes } = models[m];
	for (const [k, n] of counts.entries()) {
		if (n === 0) continue;
		chosen++;
		cost += models[k].cost;
		bytes += models[k].bytes;
	}
	return chosen === 0 || (chosen < limits.members && cost <= limits.microseconds && bytes <= limits.bytes);
}
