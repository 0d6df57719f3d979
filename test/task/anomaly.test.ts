import { taskById, TASKS } from '../../lib/task/index.js';
import { metricsFor, metricsOf } from '../../lib/task/measure.js';
import { rankCorrelation, ranksOf } from '../../lib/task/statistics/ranks.js';

const anomaly = taskById('anomaly');
const model = { target: '', classes: [], threshold: 0.6 };
const texts = (words: Array<string | null>) => {
	const dictionary = [...new Set(words.filter((w) => w !== null))];
	return { codes: Uint32Array.from(words, (w) => (w === null ? 0 : dictionary.indexOf(w) + 1)), dictionary };
};

describe('anomalies', () => {
	it('are the only question without labels; what is odd scores above the threshold, not at it', () => {
		expect(TASKS.filter((t) => t.labels === 'none').map((t) => t.id)).toEqual(['anomaly']);
		expect(anomaly.answer([0.7], model)).toEqual({ prediction: 'anomaly', own: { anomaly: true, anomaly_score: 0.7 } });
		expect(anomaly.answer([0.6], model)).toEqual({ prediction: 'normal', own: { anomaly: false, anomaly_score: 0.6 } });
		expect(anomaly.answer([0.6 + 1e-15], model)).toMatchObject({ prediction: 'normal' });
	});

	it('of many rows are two columns, and counted', () => {
		const answers = { rows: 4, scores: Float64Array.of(0.2, 0.9, NaN, 0.61), outputs: 1, answered: Uint8Array.of(1, 1, 0, 1) };
		const [score, odd] = anomaly.columns(answers, model);
		expect(score).toMatchObject({ schema: { name: 'anomaly_score' }, vector: { data: Float64Array.of(0.2, 0.9, NaN, 0.61) } });
		expect(odd).toMatchObject({ schema: { name: 'anomaly' }, vector: { codes: Uint32Array.of(1, 2, 0, 2), dictionary: ['no', 'yes'] } });
		const summary = anomaly.summary(answers, model);
		expect(summary.counts).toEqual([
			{ value: 'anomaly', count: 2 },
			{ value: 'normal', count: 1 },
		]);
		expect(summary.numbers).toMatchObject({ min: 0.2, max: 0.9 });
	});

	it.each<[string, Array<string | null>, number[] | undefined]>([
		['yes and no', ['no', ' Yes', null, 'NO'], [0, 1, NaN, 0]],
		['a word for the odd ones alone', ['weekday', 'fraud', 'weekday'], [0, 1, 0]],
		['a word for the usual ones alone', ['intrusion', 'normal', 'intrusion'], [1, 0, 1]],
		['one kind only', ['no', 'no'], [0, 0]],
		['two other words: the rarer one', ['a', 'b', 'a'], [0, 1, 0]],
		['more than two words', ['a', 'b', 'c'], undefined],
		['one other word', ['a', 'a'], undefined],
		['nothing', [null, null], undefined],
	])('know the truth from %s', (_, words, expected) => {
		expect(anomaly.truth(texts(words), [])).toEqual(expected && Float64Array.from(expected));
	});

	it('know the truth from numbers: 0 and 1, else the rarer one', () => {
		expect(anomaly.truth({ data: Float64Array.of(0, 1, NaN, 0) }, [])).toEqual(Float64Array.of(0, 1, NaN, 0));
		expect(anomaly.truth({ data: Float64Array.of(1, 1, -1) }, [])).toEqual(Float64Array.of(0, 0, 1));
		expect(anomaly.truth({ data: Float64Array.of(1, 2, 3) }, [])).toBeUndefined();
	});

	it('are measured without truth by two metrics, with it by those of ranks and classes too', () => {
		expect(metricsOf('anomaly', false).map((m) => m.id)).toEqual(['flagged', 'agreement']);
		const scores = [0.2, 0.9, 0.5, 0.61];
		const halves = [
			[1, 4, 2, 3],
			[1, 4, 3, 2],
		] as const;
		expect(metricsFor('anomaly', [], scores, 0, { threshold: 0.6, known: false, halves })).toEqual({ flagged: 0.5, agreement: 0.8 });
		expect(metricsFor('anomaly', [0, 1, 0, 0], scores, 2, { threshold: 0.6 })).toMatchObject({
			auc: 1,
			average_precision: 1,
			precision: 0.5,
		});
	});
});

// scipy 1.17.1: rankdata, spearmanr, numpy.cov with aweights.
describe('rank correlation', () => {
	const [a, b] = [
		[3, 1, 4, 1, 5, 9, 2, 6, 5, 3],
		[2, 7, 1, 8, 2, 8, 1, 8, 2, 8],
	];
	it('is that of scipy, with ties and with weights', () => {
		expect([...ranksOf(a)]).toEqual([3.5, 0.5, 5, 0.5, 6.5, 9, 2, 8, 6.5, 3.5]);
		expect(rankCorrelation(ranksOf(a), ranksOf(b))).toBeCloseTo(0.13471506281091267, 12);
		expect(rankCorrelation(ranksOf(a), ranksOf(b), [1, 2, 1, 0, 3, 1, 1, 2, 1, 1])).toBeCloseTo(0.3016709119891184, 12);
		expect(rankCorrelation(ranksOf(a), ranksOf([1, 1, 1, 1, 1, 1, 1, 1, 1, 1]))).toBeNaN();
	});
});
