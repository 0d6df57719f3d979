import { meanLoss, weightedMean, type Loss } from './loss.js';

/** Squared error; the score is the value. */
export const squared: Loss = {
	id: 'regression',
	outputs: () => 1,
	initial: (y, weight, rows) => [weightedMean(y, weight, rows)],
	linear: true,
	kernel: 'gradientsSquared',
	gradients({ rows, score: [score], y, weight }, [g], [h]) {
		for (let i = 0; i < rows; i++) {
			const w = weight ? weight[i] : 1;
			g[i] = (score[i] - y[i]) * w;
			h[i] = w;
		}
	},
	link() {},
	metric: 'rmse',
	evaluate: (input) => Math.sqrt(meanLoss(input, (i) => (input.score[0][i] - input.y[i]) ** 2)),
};
