import { MlopsError } from '../../../domain/errors.js';
import { exp } from '../exp.js';
import { meanLoss, weightedMean, type Loss, type LossRows } from './loss.js';

/** Losses of values that are never negative: the score is the logarithm of the expected value. */
function logLinked(
	id: string,
	name: string,
	zeroAllowed: boolean,
	derivatives: (score: number, y: number) => [g: number, h: number],
	deviance: (score: number, y: number) => number,
): Loss {
	return {
		id,
		outputs: () => 1,
		initial: (y, weight, rows) => [Math.log(Math.max(1e-300, weightedMean(y, weight, rows)))],
		linear: true,
		gradients({ rows, score: [score], y, weight }, [g], [h]) {
			for (let i = 0; i < rows; i++) {
				const w = weight ? weight[i] : 1;
				const [a, b] = derivatives(score[i], y[i]);
				g[i] = a * w;
				h[i] = b * w;
			}
		},
		link(out, at) {
			out[at] = exp(out[at]);
		},
		metric: id,
		evaluate: (input: LossRows) => meanLoss(input, (i) => deviance(input.score[0][i], input.y[i])),
		check(y, rows) {
			let any = false;
			for (let i = 0; i < rows; i++) {
				if (y[i] < 0 || (!zeroAllowed && y[i] === 0)) {
					throw new MlopsError('learn.target_invalid', `The target is ${y[i]} in row ${i + 1}, which the ${name} loss cannot take.`, {
						row: i + 1,
						expected: zeroAllowed ? 'values of at least 0' : 'values above 0',
						found: String(y[i]),
						remedy: 'Choose squared error, or another target.',
					});
				}
				if (y[i] > 0) any = true;
			}
			if (!any)
				throw new MlopsError('learn.target_invalid', `All target values are 0, which the ${name} loss cannot learn from.`, {
					expected: 'at least one value above 0',
				});
		},
	};
}

/** Counts. The hessian is LightGBM's, enlarged by e^0.7 (`poisson_max_delta_step`), which keeps early steps small. */
export const poisson = logLinked(
	'poisson',
	'Poisson',
	true,
	(s, y) => {
		const mean = exp(s);
		return [mean - y, mean * Math.exp(0.7)];
	},
	(s, y) => exp(s) - y * s,
);

/** Positive amounts whose spread grows with their size. */
export const gamma = logLinked(
	'gamma',
	'Gamma',
	false,
	(s, y) => {
		const ratio = y * exp(-s);
		return [1 - ratio, ratio];
	},
	(s, y) => y * exp(-s) + s,
);

/** Amounts that are often exactly zero; `power` between 1 (Poisson) and 2 (Gamma). */
export const tweedie = (power: number): Loss =>
	logLinked(
		'tweedie',
		'Tweedie',
		true,
		(s, y) => {
			const a = y * exp((1 - power) * s);
			const b = exp((2 - power) * s);
			return [b - a, (2 - power) * b - (1 - power) * a];
		},
		(s, y) => (-y * exp((1 - power) * s)) / (1 - power) + exp((2 - power) * s) / (2 - power),
	);
