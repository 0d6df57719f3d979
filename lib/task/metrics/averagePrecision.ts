import { logitInterval } from '../statistics/smallSamples.js';
import { drawnChance } from './chance.js';
import { defineMetric } from './contract.js';
import { binnedAreas, precisionRecallArea } from './ranks.js';

/** `average_precision_score`. */
export const averagePrecision = defineMetric({
	id: 'average_precision',
	aliases: ['averageprecision', 'prauc', 'auprc', 'ap'],
	label: 'Average precision',
	description: 'Area under the precision-recall curve; tells more than AUC when positives are rare.',
	title: 'Average precision',
	meaning: 'precision averaged over all thresholds; guessing gives the share of positives',
	better: 'higher',
	range: [0, 1],
	outputs: ['probability', 'score'],
	value: ({ y, p, weight, order }) => precisionRecallArea(y, p, weight, 1, order),
	replicates: { from: 'ranks', of: ([bins]) => binnedAreas(bins).precisionRecall },
	exact: ({ value, support }) => logitInterval(value, support[1]),
	chance: (known) => drawnChance(known, ({ y, p, weight, order }) => precisionRecallArea(y, p, weight, 1, order)),
});
