import { combined, newcombeAuc } from '../statistics/smallSamples.js';
import { rankChance } from './chance.js';
import { defineMetric } from './contract.js';
import { mean } from './numbers.js';
import { binnedAreas, orderByScore, rocArea } from './ranks.js';
import type { Scored } from './scored.js';

/** Area of each class against the others. */
const areas = ({ y, p, classes, weight }: Scored): number[] =>
	Array.from({ length: classes }, (_, c) => {
		const own = Float64Array.from({ length: y.length }, (__, i) => p[i * classes + c]);
		return rocArea(y, own, weight, c, orderByScore(own));
	});

/** Areas of the same rows move together: NannyML's allowance for it. */
const TOGETHER = 1.2;

/** `roc_auc_score(multi_class='ovr')`; NaN unless every class occurs. */
export const aucOvr = defineMetric({
	id: 'auc_ovr',
	aliases: ['aucovr', 'macroauc'],
	label: 'AUC (one against rest)',
	description: 'AUC of each class against the others, averaged.',
	title: 'Ranking quality (AUC)',
	meaning: 'how well each class is told from all others; 0.5 is guessing, 1 is perfect',
	better: 'higher',
	range: [0, 1],
	outputs: ['probabilities'],
	eachClass: true,
	value: (scored) => mean(areas(scored)),
	replicates: { from: 'ranks', of: (bins) => mean(bins.map((b) => binnedAreas(b).roc)) },
	exact({ scored, support, total, present }) {
		if (present.length < scored.classes) return undefined;
		const own = areas(scored);
		return combined(
			mean(own),
			own.map((a, c) => newcombeAuc(a, support[c], total - support[c])),
			(i, x) => mean(own.with(i, x)),
		);
	},
	chance: ({ y, p, classes }) =>
		Array.from({ length: classes }, (_, c) => {
			const own = Float64Array.from({ length: y.length }, (__, i) => p[i * classes + c]);
			const { variance, share } = rankChance({ y, p: own, order: orderByScore(own) }, c);
			return { variance: variance * (TOGETHER / classes) ** 2, share };
		}),
});
