import { delongTest, delongVariance } from '../statistics/delong.js';
import { newcombeAuc } from '../statistics/smallSamples.js';
import { rankChance } from './chance.js';
import { defineMetric } from './contract.js';
import { binnedAreas, rocArea } from './ranks.js';

export const auc = defineMetric({
	id: 'auc',
	aliases: ['rocauc', 'rocaucscore', 'aucroc'],
	label: 'AUC',
	description: 'Chance that a random positive row scores above a random negative one: 0.5 is guessing, 1 is perfect.',
	title: 'Ranking quality (AUC)',
	meaning: 'how often the model scores a positive row above a negative one; 0.5 is guessing, 1 is perfect',
	better: 'higher',
	range: [0, 1],
	outputs: ['probability', 'score'],
	value: ({ y, p, weight, order }) => rocArea(y, p, weight, 1, order),
	replicates: {
		from: 'ranks',
		of: ([bins]) => binnedAreas(bins).roc,
		variance(y, p, order) {
			const { auc: value, variance } = delongVariance(y, p, order);
			return { value, variance };
		},
	},
	exact: ({ value, support, z }) => newcombeAuc(value, support[1], support[0], z),
	chance: (known) => [rankChance(known, 1)],
	paired: { name: 'DeLong', test: delongTest },
});
