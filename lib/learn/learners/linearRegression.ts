import { z } from 'zod/v4';
import { checkInput } from '../check.js';
import { defineLearner } from '../contract.js';
import { fitLinear, linearBytes } from '../linear/fitLinear.js';
import { maxCategories } from '../linear/levels.js';
import { linearPredictor, validateLinear } from '../linear/model.js';
import { linearToOnnx } from '../linear/linearToOnnx.js';

const params = z.object({
	alpha: z.number().min(0).max(1e12).default(0.001).meta({
		title: 'Alpha',
		description: 'Strength of the penalty: larger values pull all coefficients towards zero, 0 is ordinary least squares.',
	}),
	l1_ratio: z.number().min(0).max(1).default(0).meta({
		title: 'L1 ratio',
		description: '0 shrinks all coefficients (ridge), 1 sets the useless ones to zero (lasso), in between does both.',
	}),
	max_iter: z
		.number()
		.int()
		.min(1)
		.max(100_000)
		.default(500)
		.meta({ title: 'Maximum iterations', description: 'Most steps of the solver.', advanced: true }),
	tol: z.number().positive().max(1).default(1e-8).meta({
		title: 'Tolerance',
		description: "The solver stops when no slope is larger than this share of the target's standard deviation.",
		advanced: true,
	}),
	max_categories: maxCategories,
});
type Params = z.infer<typeof params>;

/**
 * Linear regression with elastic net: minimises, as scikit-learn's `ElasticNet` does,
 * 1/(2n) sum_i w_i (y_i - b0 - x_i b)^2 + alpha l1_ratio |b|_1 + alpha (1 - l1_ratio)/2 |b|_2^2 (weights scaled to mean 1).
 */
export const linearRegression = defineLearner<Params>({
	id: 'linearRegression',
	label: 'Linear regression',
	description: 'A weighted sum of the columns: fast, steady, easy to explain; misses curves and effects of combinations.',
	outputs: ['value'],
	params,
	searchSpace: { alpha: [0.001, 0.01, 0.1, 1], l1_ratio: [0, 0.5, 1] },
	needs: () => ({ categories: 'codes', missing: 'imputed', scaled: true }),
	estimate: (rows, columns) => ({ bytes: linearBytes(rows, columns, 1) }),
	async fit(input, p, context) {
		checkInput(input, { missing: false });
		return fitLinear(
			input,
			{
				loss: 'squared',
				l1: p.alpha * p.l1_ratio,
				l2: p.alpha * (1 - p.l1_ratio),
				maxIter: p.max_iter,
				tol: p.tol * deviation(input.labels.y),
				maxLevels: p.max_categories,
				stage: 'Fitting linear regression',
			},
			context,
		);
	},
	validate: validateLinear,
	predictor: linearPredictor,
	onnx: linearToOnnx,
	rowMicroseconds: ({ arrays: { center } }) => 0.003 * center.length,
});

/** Standard deviation, 1 for a constant: the slopes have the unit of the target. */
function deviation(y: Float64Array): number {
	let mean = 0;
	for (let i = 0, n = y.length; i < n; i++) mean += y[i];
	mean /= y.length;
	let sum = 0;
	for (let i = 0, n = y.length; i < n; i++) sum += (y[i] - mean) ** 2;
	return Math.sqrt(sum / y.length) || 1;
}
