import { defineMetric, type RowTerm } from './contract.js';
import { EPSILON, meanOf } from './numbers.js';
import type { Scored } from './scored.js';

const clip = (p: number): number => Math.min(1 - EPSILON, Math.max(EPSILON, p));

const surprise = ({ y, p, outputs }: Scored): RowTerm =>
	outputs === 1 ? (i) => -Math.log(y[i] === 1 ? clip(p[i]) : 1 - clip(p[i])) : (i) => -Math.log(clip(p[i * outputs + y[i]]));

/** Mean negative log-likelihood (`log_loss`). */
export const logLoss = defineMetric({
	id: 'logLoss',
	aliases: ['logloss', 'crossentropy'],
	label: 'Log loss',
	description: 'How surprised the probabilities are by the truth; 0 is perfect.',
	title: 'Log loss',
	meaning: 'penalty for confident mistakes; lower is better',
	better: 'lower',
	range: [0, Infinity],
	outputs: ['probability', 'probabilities'],
	value: (scored) => meanOf(scored.y.length, scored.weight, surprise(scored)),
	replicates: { from: 'sums', terms: (scored) => [surprise(scored)], of: ([mean]) => mean },
});
