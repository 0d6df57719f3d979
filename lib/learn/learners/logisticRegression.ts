import { z } from 'zod/v4';
import { taskById } from '../../task/index.js';
import { checkInput } from '../check.js';
import { defineLearner, type FitInput, type Labels } from '../contract.js';
import { fitLinear, linearBytes } from '../linear/fitLinear.js';
import { maxCategories } from '../linear/levels.js';
import { linearPredictor, validateLinear } from '../linear/model.js';
import { linearToOnnx } from '../linear/linearToOnnx.js';

const params = z.object({
	C: z
		.number()
		.positive()
		.max(1e12)
		.default(1)
		.meta({ title: 'C', description: 'How far the model may trust the data: smaller values pull all coefficients towards zero.' }),
	l1_ratio: z.number().min(0).max(1).default(0).meta({
		title: 'L1 ratio',
		description: '0 shrinks all coefficients (ridge), 1 sets the useless ones to zero (lasso), in between does both.',
	}),
	class_weight: z
		.enum(['none', 'balanced'])
		.default('none')
		.meta({
			title: 'Class weight',
			description: '"Balanced" lets rare classes count as much as common ones.',
			labels: { none: 'None', balanced: 'Balanced' },
		}),
	max_iter: z
		.number()
		.int()
		.min(1)
		.max(100_000)
		.default(500)
		.meta({ title: 'Maximum iterations', description: 'Most steps of the solver.', advanced: true }),
	tol: z
		.number()
		.positive()
		.max(1)
		.default(1e-5)
		.meta({ title: 'Tolerance', description: 'The solver stops when no slope is larger than this.', advanced: true }),
	max_categories: maxCategories,
});
type Params = z.infer<typeof params>;

/**
 * Logistic regression with elastic net: minimises, as scikit-learn's `LogisticRegression` does,
 * C sum_i w_i logloss_i + l1_ratio |b|_1 + (1 - l1_ratio)/2 |b|_2^2, one coefficient vector for two classes, one a class (softmax) for
 * more. Divided by C sum_i w_i, so that `tol` means the same for any number of rows.
 */
export const logisticRegression = defineLearner<Params>({
	id: 'logisticRegression',
	label: 'Logistic regression',
	description: 'Adds up evidence column by column: fast, steady, easy to explain; misses effects that only combinations of columns have.',
	outputs: ['probability', 'probabilities'],
	params,
	searchSpace: { C: [1, 0.1, 10, 0.01, 100], l1_ratio: [0, 0.5, 1] },
	needs: () => ({ categories: 'codes', missing: 'imputed', scaled: true }),
	estimate: (rows, columns) => ({ bytes: linearBytes(rows, columns, 8) }),
	async fit(input, p, context) {
		checkInput(input, { missing: false });
		const labels = p.class_weight === 'balanced' ? balanced(input.labels) : input.labels;
		const strength = 1 / (p.C * totalOf(labels));
		return fitLinear(
			{ ...input, labels } satisfies FitInput,
			{
				loss: taskById(input.task).output === 'probability' ? 'logistic' : 'softmax',
				l1: strength * p.l1_ratio,
				l2: strength * (1 - p.l1_ratio),
				maxIter: p.max_iter,
				tol: p.tol,
				maxLevels: p.max_categories,
				stage: 'Fitting logistic regression',
			},
			context,
		);
	},
	validate: validateLinear,
	predictor: linearPredictor,
	onnx: linearToOnnx,
	rowMicroseconds: ({ arrays: { center } }) => 0.003 * center.length,
});

function totalOf({ y, weight }: Labels): number {
	if (!weight) return y.length;
	let sum = 0;
	for (let i = 0, n = weight.length; i < n; i++) sum += weight[i];
	return sum;
}

/** Weights total / (classes * total of the row's class), times any given ones: scikit-learn's `class_weight='balanced'`. */
export function balanced(labels: Labels): Labels {
	const { y, classes, weight } = labels;
	const totals = new Float64Array(classes);
	for (let i = 0, n = y.length; i < n; i++) totals[y[i]] += weight ? weight[i] : 1;
	const all = totals.reduce((a, b) => a + b, 0);
	const present = totals.filter((t) => t > 0).length;
	return {
		...labels,
		weight: Float64Array.from(y, (c, i) => (totals[c] > 0 ? all / (present * totals[c]) : 0) * (weight ? weight[i] : 1)),
	};
}
